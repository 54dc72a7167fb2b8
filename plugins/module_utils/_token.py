# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Access tokens: the client credentials grant (RFC 6749 section 4.4), or a token that the user brings along."""

from __future__ import annotations

import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote_plus, urlsplit

from ansible_collections.community.pingone.plugins.module_utils._assertion import ASSERTION_TYPE, Assertions
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    InvalidClient,
    TokenRefused,
    UnexpectedAnswer,
)
from ansible_collections.community.pingone.plugins.module_utils._http import Answer, Http
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._settings import (
    PRIVATE_KEY_JWT,
    ClientCredentials,
    Settings,
)

if TYPE_CHECKING:
    from requests import PreparedRequest
    from typing_extensions import TypeGuard

#: Seconds before its expiry in which a token is not used any more; at most a tenth of its life.
EXPIRY_SKEW = 60

#: RFC 6750 section 2.1.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_CORRELATION_ID = re.compile(r"\s*\(?Correlation ID:\s*([0-9A-Za-z-]+)\)?", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """An access token.

    :ivar best_before: when it is no longer used, in seconds since the epoch; infinite if that is not known.
    """

    value: str = field(repr=False)
    best_before: float


class TokenStore(Protocol):
    """Keeps the token of one client for other processes."""

    def load(self) -> Token | None:
        """Return what was saved last, None if there is nothing that can be used."""

    def save(self, token: Token) -> None:
        """Keep a token in place of the last one, if that is possible."""

    def drop(self, refused: str) -> None:
        """Forget the token that the API refused, if it is the one that was saved last."""

    def exclusive(self) -> AbstractContextManager[object]:
        """Return a context in which no other process asks for a token, unless one takes very long."""


class TokenSource(Protocol):
    """Where the client gets its access token."""

    def get(self) -> str:
        """Return a token that has not expired, as far as one can know."""

    def renew(self, refused: str) -> bool:
        """Forget a token that the API refused. Return whether another one can be had."""


def token_source(settings: Settings, http: Http, secrets: Secrets, store: TokenStore | None = None) -> TokenSource:
    """Return the source that the settings ask for."""
    if settings.credentials:
        return ClientCredentialsGrant(settings.credentials, http, secrets, store)
    return GivenToken(settings.access_token or "")


class GivenToken:
    """A token that was obtained elsewhere, used as it is."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get(self) -> str:
        return self._token

    def renew(self, refused: str) -> bool:
        return False


class ClientCredentialsGrant:
    """Asks for a token when there is none or when it is about to expire. Threads can share it.

    This grant has no refresh token (RFC 6749 section 4.4.3): a new token is always asked for with the credentials.

    :arg store: where tokens of other processes may be; None if there is no such place.
    :arg clock: seconds since the epoch.
    """

    def __init__(
        self,
        credentials: ClientCredentials,
        http: Http,
        secrets: Secrets,
        store: TokenStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._url = credentials.token_url
        self._http = http
        self._secrets = secrets
        self._store = store
        self._clock = clock
        self._assertions = Assertions(credentials, clock) if credentials.method == PRIVATE_KEY_JWT else None
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._refused_token: str | None = None

    def get(self) -> str:
        """Return a token.

        :raises InvalidClient: if the worker application's credentials are not accepted.
        :raises TokenRefused: if the token endpoint gives another error.
        :raises UnexpectedAnswer: if something else than a token comes back.
        :raises ConnectionFailed: if there is no answer.
        """
        with self._lock:
            if not self._is_good(self._token):
                self._token = self._obtain()
                self._secrets.add(self._token.value)
            return self._token.value

    def renew(self, refused: str) -> bool:
        with self._lock:
            self._refused_token = refused
            if self._store:
                self._store.drop(refused)
        return True

    def _is_good(self, token: Token | None) -> TypeGuard[Token]:
        return token is not None and token.value != self._refused_token and self._clock() < token.best_before

    def _obtain(self) -> Token:
        """Return a token of another process, or a new one that other processes can use."""
        if self._store is None:
            return self._request()
        token = self._store.load()
        if self._is_good(token):
            return token
        with self._store.exclusive():
            # Another process may have been faster.
            token = self._store.load()
            if not self._is_good(token):
                token = self._request()
                self._store.save(token)
            return token

    def _request(self) -> Token:
        """Return a new token."""
        authorize = _no_authorization
        if self._credentials.method == "client_secret_basic":
            # RFC 6749 section 2.3.1: form-url-encoded first, then joined, then base64.
            pair = f"{quote_plus(self._credentials.client_id)}:{quote_plus(self._credentials.secret)}"
            basic = b64encode(pair.encode()).decode()
            self._secrets.add(basic)
            authorize = _Authorization(f"Basic {basic}")
        answer = self._http.send("POST", self._url, authorize, form=self._form, repeatable=True)
        if answer.status != 200:
            raise self._refused(answer)
        document = answer.document or {}
        token, token_type = document.get("access_token"), document.get("token_type", "Bearer")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(token_type).lower() != "bearer":
            raise UnexpectedAnswer(
                f"{self._url} gave no bearer token",
                next_step="Check region, root_domain, auth_url and proxies: something else than PingOne may answer.",
                status=answer.status,
            )
        lifetime = _lifetime(document.get("expires_in"))
        return Token(token, self._clock() + lifetime - min(EXPIRY_SKEW, lifetime / 10))

    def _form(self) -> dict[str, str]:
        """Return the body of one attempt: a server may take an assertion only once (RFC 7523 section 3)."""
        form = {"grant_type": "client_credentials"}
        if self._credentials.method == "client_secret_post":
            form.update(client_id=self._credentials.client_id, client_secret=self._credentials.secret)
        elif self._assertions:
            assertion = self._assertions.new()
            self._secrets.add(assertion)
            form.update(
                client_id=self._credentials.client_id,
                client_assertion_type=ASSERTION_TYPE,
                client_assertion=assertion,
            )
        return form

    def _refused(self, answer: Answer) -> TokenRefused | UnexpectedAnswer:
        """Return the error that an answer of the token endpoint stands for."""
        document = answer.document or {}
        code = document.get("error", document.get("code"))
        if not isinstance(code, str):
            return UnexpectedAnswer(
                f"{self._url} gave no token",
                "the answer is not PingOne's",
                "Check region, root_domain, auth_url and proxies: something else than PingOne may answer.",
                status=answer.status,
            )
        said = str(document.get("error_description") or document.get("message") or "")
        match = _CORRELATION_ID.search(said)
        from_body = document.get("id") if isinstance(document.get("id"), str) else None
        correlation_id = match.group(1) if match else from_body or answer.headers.get("Correlation-Id")
        facts: dict[str, Any] = {"status": answer.status, "code": code, "correlation_id": correlation_id}
        said = _CORRELATION_ID.sub("", said).rstrip(".") + answer.effort
        if answer.is_passing:
            return TokenRefused("PingOne gave no token", said, answer.remedy, **facts)
        home_id = self._credentials.environment_id
        home = f"environment {home_id}" if home_id else "the custom domain's environment"
        if code == "invalid_client":
            proof = "client_id and client_secret belong together and are current"
            if self._assertions:
                proof = (
                    "the public key of private_key or private_key_path is in the JWKS of the application with this"
                    " client_id, under private_key_id if that is set; that the clock of this machine is right"
                )
            return InvalidClient(
                "PingOne does not accept the worker application's credentials",
                said,
                f"Check that {proof}; that the application is in {home} (auth_environment_id is the environment that"
                " holds it, not the one to read); that it is enabled; and that its token endpoint authentication method"
                f" in PingOne is the same as client_auth_method, {self._credentials.method}.",
                **facts,
            )
        if answer.status == 404:
            return TokenRefused(
                f"{urlsplit(self._url).hostname} does not know {home}",
                said,
                "Check auth_environment_id, and that region or root_domain is the one of this environment.",
                **facts,
            )
        return TokenRefused(
            "PingOne gave no token",
            said,
            "Check that the application is a worker application with the client credentials grant enabled.",
            **facts,
        )


class _Authorization:
    """Sets the Authorization header as Requests' authentication does, and so keeps ``~/.netrc`` out."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


def _no_authorization(request: PreparedRequest) -> PreparedRequest:
    return request


def bearer(token: str) -> Callable[[PreparedRequest], PreparedRequest]:
    """Return what puts the token into a request (RFC 6750 section 2.1)."""
    return _Authorization(f"Bearer {token}")


def _lifetime(expires_in: Any) -> float:
    """Return seconds; without a usable C(expires_in) (RFC 6749 section 5.1) a token is good until it is refused."""
    try:
        return max(0.0, float(expires_in))
    except (TypeError, ValueError, OverflowError):
        return float("inf")
