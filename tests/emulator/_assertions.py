# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signed assertions in place of a client secret: Authlib's check of them, with PingOne's rules.

https://developer.pingidentity.com/pingone-api/auth/auth-config-options/create-a-private-key-jwt.html

In one thing this is stricter than PingOne, which does not look at C(jti): an assertion is taken once (RFC 7523
section 3), so that a client which repeats one is found out.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import flask
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

METHOD = "private_key_jwt"

# Seconds until an assertion may expire.
_LONGEST = 3600


class ClientAssertion(JWTBearerClientAssertion):
    """The authentication method, to be registered with an authorization server."""

    CLIENT_AUTH_METHOD = METHOD

    def __init__(self) -> None:
        super().__init__(leeway=0)
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, query_client: Any, request: Any) -> Any:
        """The client, None if the assertion does not prove it: PingOne does not tell why."""
        try:
            client = super().__call__(query_client, request)
        except (OAuth2Error, JoseError, ValueError):
            return None
        named = request.payload.data.get("client_id")
        # RFC 7521 section 4.2: it is not needed, and must not be another one.
        return client if client and named in (None, client.get_client_id()) else None

    def get_audiences(self) -> list[str]:
        """The token endpoint and the issuer, at the address that the client used."""
        return [flask.request.base_url, flask.request.base_url.removesuffix("/token")]

    def resolve_client_public_key(self, client: Any) -> KeySet:
        """The application's JWKS."""
        key = client.application.key_pair
        return KeySet.import_key_set({"keys": [key.as_dict(private=False)] if key else []})

    def verify_claims(self, claims: Any) -> None:
        """Refuse what lives for too long, before its id is used up."""
        if isinstance(claims.get("exp"), (int, float)) and claims["exp"] > time.time() + _LONGEST:
            raise ValueError("exp is too far away")
        super().verify_claims(claims)

    def validate_jti(self, claims: Any, jti: str) -> bool:
        """Whether this is the first time."""
        with self._lock:
            is_new = jti not in self._seen
            self._seen.add(jti)
        return is_new
