# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint and the check of access tokens: Authlib's authorization server and resource protector.

Rules: RFC 6749 (sections 2.3.1, 4.4, 5.2), RFC 6750, and what PingOne adds: one authentication method for each
application, the claims of its access tokens, the wording of its refusals.
"""

from __future__ import annotations

import base64
import collections
import threading
import uuid
from typing import Any, ClassVar
from urllib.parse import unquote_plus

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    ClientMixin,
    InvalidRequestError,
    MissingAuthorizationError,
    OAuth2Payload,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator, JWTBearerTokenValidator
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from . import _assertions, _errors
from ._organization import Organization, WorkerApplication

# The audience does not follow the region or the host: PingOne puts this into every worker token.
_AUDIENCE = "https://api.pingone.com"

_REASONS = {
    # Ping CLI's tests show this text for a wrong secret too: PingOne does not tell which part was wrong.
    "invalid_client": "Unsupported authentication method",
    "unsupported_grant_type": "Unsupported grant type",
}


class TokenService:
    """Issues access tokens to worker applications and recognizes them again."""

    def __init__(self, app: flask.Flask, organization: Organization, lifetime: int, uses: int | None) -> None:
        self._organization = organization
        keys = KeySet([RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)])
        self._server = _AuthorizationServer(app, self._find_client, lambda token, request: None)
        self._server.register_token_generator("default", _Generator(organization, keys, lifetime))
        self._server.register_client_auth_method("client_secret_basic", _authenticate_basic)
        self._server.register_client_auth_method("client_secret_post", _authenticate_post)
        self._server.register_client_auth_method(_assertions.METHOD, _assertions.ClientAssertion())
        self._server.register_grant(_ClientCredentials)
        self._protector = ResourceProtector()
        self._protector.register_token_validator(_Validator(organization, keys, uses))
        self.blueprint = self._blueprint(keys)

    def authenticate(self) -> WorkerApplication:
        """The application whose token the current request carries."""
        try:
            token = self._protector.acquire_token()
        except MissingAuthorizationError:
            raise _errors.unauthorized('Bearer realm="PingOne"') from None
        except OAuth2Error:
            raise _errors.unauthorized('Bearer realm="PingOne", error="invalid_token"') from None
        return self._organization.applications[token["client_id"]]

    def _find_client(self, client_id: str) -> _Client | None:
        application = self._organization.applications.get(client_id)
        # On a custom domain the path has no environment: it follows from the client id.
        environment_id = (flask.request.view_args or {}).get("environment_id")
        if application is None or not application.enabled:
            return None
        if environment_id is not None and application.environment_id != str(environment_id):
            return None
        return _Client(application)

    def _blueprint(self, keys: KeySet) -> flask.Blueprint:
        blueprint = flask.Blueprint("oauth", __name__)

        @blueprint.before_request
        def _environment_exists() -> None:
            environment_id = (flask.request.view_args or {}).get("environment_id")
            if environment_id is not None and str(environment_id) not in self._organization.environments:
                raise _errors.not_found()

        @blueprint.post("/as/token")
        @blueprint.post("/<uuid:environment_id>/as/token")
        def token(environment_id: uuid.UUID | None = None) -> flask.Response:
            return self._server.create_token_response()

        @blueprint.get("/<uuid:environment_id>/as/jwks")
        def jwks(environment_id: uuid.UUID) -> dict[str, Any]:
            return dict(keys.as_dict(private=False))

        @blueprint.get("/<uuid:environment_id>/as/.well-known/openid-configuration")
        def configuration(environment_id: uuid.UUID) -> dict[str, Any]:
            issuer = _issuer(str(environment_id))
            return {
                "issuer": issuer,
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "grant_types_supported": [_ClientCredentials.GRANT_TYPE],
                "token_endpoint_auth_methods_supported": _ClientCredentials.TOKEN_ENDPOINT_AUTH_METHODS,
            }

        return blueprint


def _issuer(environment_id: str) -> str:
    return f"{flask.request.host_url}{environment_id}/as"


class _Client(ClientMixin):
    """A worker application as Authlib wants to see a client."""

    def __init__(self, application: WorkerApplication) -> None:
        self.application = application

    def get_client_id(self) -> str:
        return self.application.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        # Any scope may be asked for and none is granted: a worker's rights come from its roles.
        return ""

    def check_client_secret(self, client_secret: str) -> bool:
        return self.application.has_secret(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.application.token_endpoint_auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == _ClientCredentials.GRANT_TYPE


class _ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = ["client_secret_basic", "client_secret_post", _assertions.METHOD]


class _FormPayload(OAuth2Payload):
    """Only the body counts: parameters must not be in the address (RFC 6749 section 2.3.1)."""

    def __init__(self) -> None:
        self._form = flask.request.form

    @property
    def data(self) -> Any:
        return self._form

    @property
    def datalist(self) -> collections.defaultdict[str, list[str]]:
        return collections.defaultdict(list, self._form.lists())


class _AuthorizationServer(AuthorizationServer):
    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        wrapped = super().create_oauth2_request(request)
        wrapped.payload = _FormPayload()
        return wrapped

    def create_token_response(self, request: Any = None) -> flask.Response:
        payload = _FormPayload()
        if not payload.grant_type:
            error = InvalidRequestError("Missing grant_type")
        elif any(len(values) > 1 for values in payload.datalist.values()):
            error = InvalidRequestError("Repeated parameter")  # RFC 6749 section 3.2
        elif ("Authorization" in flask.request.headers) + len(
            {"client_secret", "client_assertion"} & set(payload.data)
        ) > 1:
            error = InvalidRequestError("Several authentication methods")  # RFC 6749 section 2.3
        else:
            return super().create_token_response(request)
        return self.handle_error_response(request, error)

    def handle_error_response(self, request: Any, error: OAuth2Error) -> flask.Response:
        status, body, headers = error()
        reason = _REASONS.get(error.error, error.description)
        body["error_description"] = f"Request denied: {reason} (Correlation ID: {flask.g.correlation_id})"
        # Authlib's challenge has no realm (RFC 7617 section 2) and names its own methods.
        headers = [(name, value) for name, value in headers if name != "WWW-Authenticate"]
        if status == 401:
            headers.append(("WWW-Authenticate", 'Basic realm="PingOne"'))
        return self.handle_response(status, body, headers)


def _authenticate_basic(query_client: Any, request: OAuth2Request) -> _Client | None:
    """Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).

    Authlib's own method leaves a ``+`` as it is, and would thus accept a secret that was sent unencoded.
    """
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, client_secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
        client_id, client_secret = (unquote_plus(part, errors="strict") for part in (client_id, client_secret))
    except ValueError:
        return None
    client = query_client(client_id)
    return client if client and colon and client.check_client_secret(client_secret) else None


def _authenticate_post(query_client: Any, request: OAuth2Request) -> _Client | None:
    client = query_client(request.payload.data.get("client_id", ""))
    return client if client and client.check_client_secret(request.payload.data.get("client_secret", "")) else None


class _Generator(JWTBearerTokenGenerator):
    """Access tokens with PingOne's claims."""

    def __init__(self, organization: Organization, keys: KeySet, lifetime: int) -> None:
        super().__init__(issuer="", expires_generator=lambda client, grant_type: lifetime)
        self._organization = organization
        self._keys = keys

    def get_jwks(self) -> KeySet:
        return self._keys

    def get_audiences(self, client: _Client, user: Any, scope: str) -> list[str]:
        return [_AUDIENCE]

    def get_jti(self, client: _Client, grant_type: str, user: Any, scope: str) -> str:
        return str(uuid.uuid4())

    def get_extra_claims(self, client: _Client, grant_type: str, user: Any, scope: str) -> dict[str, Any]:
        environment_id = client.application.environment_id
        return {"iss": _issuer(environment_id), "env": environment_id, "org": self._organization.id}


class _Validator(JWTBearerTokenValidator):
    """Accepts the tokens of this process, as often as ``--token-uses`` says."""

    def __init__(self, organization: Organization, keys: KeySet, uses: int | None) -> None:
        super().__init__(issuer="", resource_server=_AUDIENCE)
        self._organization = organization
        self._keys = keys
        self._uses = uses
        self._used: collections.Counter[str] = collections.Counter()
        self._lock = threading.Lock()

    def get_jwks(self) -> KeySet:
        return self._keys

    def validate_iss(self, claims: Any, iss: str) -> bool:
        # A token from one name of this server is good at its other names.
        return isinstance(iss, str) and iss.endswith(f"/{claims.get('env')}/as")

    def authenticate_token(self, token_string: str) -> Any:
        try:
            token = super().authenticate_token(token_string)
        except (JoseError, ValueError):  # Authlib lets some malformed tokens through to here
            raise InvalidTokenError() from None
        if not token.get("scope"):
            token.pop("scope", None)  # no scope is no blank claim, which Authlib would refuse
        return token

    def validate_token(self, token: Any, scopes: Any, request: Any, **kwargs: Any) -> None:
        super().validate_token(token, scopes, request, **kwargs)
        application = self._organization.applications.get(token["client_id"])
        if application is None or not application.enabled:
            raise InvalidTokenError()
        if self._uses is not None:
            with self._lock:
                self._used[token["jti"]] += 1
                if self._used[token["jti"]] > self._uses:
                    raise InvalidTokenError()
