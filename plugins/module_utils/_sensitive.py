# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Which properties of a resource hold secrets, told by their names.

From the properties that are secret in the OpenAPI description of Ping's SDK for Go and in the models of PingOne's
documentation. What merely sounds like them, such as C(passwordPolicy), C(keyId) or C(tokenEndpointAuthMethod), is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

HIDDEN = "********"

#: The ends of names, in lower case and without separators: C(clientSecret), C(BASIC_AUTH_PASSWORD), C(privateKey).
#: C(file) is what is uploaded, for example a private key.
_NAMES = re.compile(
    r"(password|passphrase|secret|(access|auth|bearer|refresh)token|authorization|(otp|recovery|verification)code"
    r"|(api|decryption|private|secret|secretsigning|verification)key|serviceaccountcredentials|^credential|^file)$"
)


def is_secret(name: str, value: Any) -> bool:
    """Return whether a property holds a secret: a text, or an object or list of which nothing is shown."""
    return isinstance(value, (str, dict, list)) and bool(_NAMES.search(re.sub(r"[^a-z]", "", name.lower())))


def name_of(path: str, resource_id: str | None) -> str:
    """Return the name that tells whether a resource is a secret as a whole, as C(password) of C(users/ID/password)."""
    last = path.rstrip("/").rpartition("/")[2]
    return resource_id if resource_id and is_secret(resource_id, "") else last


def without_secrets(value: Any) -> Any:
    """Return a document without the properties that hold secrets, at any depth."""
    if isinstance(value, dict):
        return {name: without_secrets(item) for name, item in value.items() if not is_secret(name, item)}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value


def hidden(value: Any) -> Any:
    """Return a document for people: secrets are there, but not to be read."""
    if isinstance(value, dict):
        return {name: HIDDEN if is_secret(name, item) else hidden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [hidden(item) for item in value]
    return value


def hidden_as(document: Any, pattern: Any) -> Any:
    """Return a document without the secrets that another one has at the same places, such as those that were sent."""
    if isinstance(document, dict) and isinstance(pattern, dict):
        return {
            name: HIDDEN if name in pattern and is_secret(name, item) else hidden_as(item, pattern.get(name))
            for name, item in document.items()
        }
    return document


def secrets_in(value: Any, inside: bool = False) -> Iterator[str]:
    """Yield the secret texts of a document.

    :arg inside: whether all texts are secret.
    """
    if isinstance(value, dict):
        for name, item in value.items():
            yield from secrets_in(item, inside or is_secret(name, item))
    elif isinstance(value, list):
        for item in value:
            yield from secrets_in(item, inside)
    elif isinstance(value, str) and inside:
        yield value
