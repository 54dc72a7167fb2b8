# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Signed assertions, with which a worker application proves itself instead of a shared secret (RFC 7523).

https://developer.pingidentity.com/pingone-api/auth/auth-config-options/create-a-private-key-jwt.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError, PingOneError
from ansible_collections.community.pingone.plugins.module_utils._settings import ClientCredentials

#: The client_assertion_type of a JWT (RFC 7523 section 2.2).
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#: Seconds for which an assertion is good. PingOne refuses those that expire more than an hour from now.
LIFETIME = 300
#: Bits that a key for RS256 has at least (RFC 7518 section 3.3).
RSA_BITS = 2048


class Assertions:
    """Makes the assertions of one worker application.

    :arg clock: seconds since the epoch.
    :raises PingOneError: if a Python package is missing.
    :raises OptionError: if the private key cannot be used.
    """

    def __init__(self, credentials: ClientCredentials, clock: Callable[[], float]) -> None:
        try:
            # Imported here, and so is what _load() needs, because most tasks do without.
            from jwt import encode  # noqa: PLC0415

            self._key, self._algorithm = _load(credentials.secret)
        except ImportError as error:
            raise PingOneError(missing_required_lib("PyJWT[crypto]", url="https://pypi.org/project/PyJWT/")) from error
        self._encode = encode
        self._headers = {"kid": credentials.key_id} if credentials.key_id else None
        self._client_id = credentials.client_id
        self._audience = credentials.token_url
        self._clock = clock

    def new(self) -> str:
        """Return an assertion like no other, with the claims of RFC 7523 section 3."""
        now = int(self._clock())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._audience,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": str(uuid4()),
        }
        return self._encode(claims, self._key, self._algorithm, self._headers)


def _load(pem: str) -> tuple[Any, str]:
    """Return a private key and the algorithm that goes with it (RFC 7518 section 3.1)."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:
        raise _unusable("it is encrypted with a passphrase") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        # The text of the error is not shown: it may quote the key.
        raise _unusable("it is no private key in PEM form") from error
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < RSA_BITS:
            raise _unusable(f"it has {key.key_size} bits, and RS256 takes {RSA_BITS} or more")
        return key, "RS256"
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key, "ES256"
    raise _unusable("it is neither an RSA key nor an EC key on the curve P-256")


def _unusable(why: str) -> OptionError:
    return OptionError(
        "The private key (private_key or private_key_path) cannot be used",
        why,
        "Give a private key for RSA or EC P-256 in PEM form and without a passphrase. Ansible Vault can encrypt what"
        " private_key gets.",
    )
