# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Turns options and environment variables into one validated value. All rules of precedence live here.

A task's option (or its ``module_defaults``) goes before the environment variable, which goes before the default.
An empty string counts as not set.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError, shown

#: Region codes and the root domains of their services
#: (https://developer.pingidentity.com/pingone-api/foundations/pingone-api-domains.html).
ROOT_DOMAINS = {
    "NA": "pingone.com",
    "CA": "pingone.ca",
    "EU": "pingone.eu",
    "AP": "pingone.asia",
    "AU": "pingone.com.au",
    "SG": "pingone.sg",
}
PRIVATE_KEY_JWT = "private_key_jwt"
CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", PRIVATE_KEY_JWT)
DEFAULT_TIMEOUT = 30
DEFAULT_RETRIES = 5
DEFAULT_CONCURRENCY = 4
#: Characters. PingOne takes request headers of 6 KB in all; no option that is sent can be longer.
LENGTH_LIMIT = 6 * 1024
#: Characters of a private key; one for RSA with 16,384 bits has less than 13,000.
KEY_LIMIT = 16 * 1024

#: The environment variable behind each option that has one.
ENVIRONMENT_VARIABLES = {
    "client_id": "PINGONE_CLIENT_ID",
    "client_secret": "PINGONE_CLIENT_SECRET",
    "auth_environment_id": "PINGONE_ENVIRONMENT_ID",
    "access_token": "PINGONE_API_ACCESS_TOKEN",
    "client_auth_method": "PINGONE_CLIENT_AUTH_METHOD",
    "private_key": "PINGONE_PRIVATE_KEY",
    "private_key_path": "PINGONE_PRIVATE_KEY_PATH",
    "private_key_id": "PINGONE_PRIVATE_KEY_ID",
    "region": "PINGONE_REGION_CODE",
    "root_domain": "PINGONE_ROOT_DOMAIN",
    "custom_domain": "PINGONE_CUSTOM_DOMAIN",
    "auth_url": "PINGONE_AUTH_URL",
    "api_url": "PINGONE_API_URL",
    "ca_path": "PINGONE_CA_PATH",
    "timeout": "PINGONE_TIMEOUT",
    "retries": "PINGONE_RETRIES",
    "concurrency": "PINGONE_CONCURRENCY",
    "token_cache": "PINGONE_TOKEN_CACHE",
}

#: The shared part of every module's argument spec. There are no defaults in it: a default would hide from
#: Settings.from_options() whether a task set the option, and so whether the environment variable counts.
SHARED_ARGUMENTS: dict[str, dict[str, Any]] = {
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "auth_environment_id": {"type": "str"},
    "access_token": {"type": "str", "no_log": True},
    "client_auth_method": {"type": "str", "choices": list(CLIENT_AUTH_METHODS)},
    "private_key": {"type": "str", "no_log": True},
    "private_key_path": {"type": "path"},
    "private_key_id": {"type": "str", "no_log": False},
    "region": {"type": "str", "choices": list(ROOT_DOMAINS)},
    "root_domain": {"type": "str"},
    "custom_domain": {"type": "str"},
    "auth_url": {"type": "str"},
    "api_url": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int"},
    "retries": {"type": "int"},
    "concurrency": {"type": "int"},
    "token_cache": {"type": "bool", "no_log": False},
}

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*(:[0-9]{{1,5}})?", re.IGNORECASE)


@dataclass(frozen=True)
class ClientCredentials:
    """A worker application's credentials and where it gets tokens for them.

    :ivar secret: the client secret, or with PRIVATE_KEY_JWT the private key as PEM text.
    :ivar method: how it proves itself, one of CLIENT_AUTH_METHODS (RFC 6749 section 2.3.1, RFC 7523 section 2.2).
    :ivar token_url: the token endpoint.
    :ivar environment_id: the environment that holds the application; None if a custom domain stands for it.
    :ivar key_id: which of the application's keys the private key belongs to; None if it is the only one.
    """

    client_id: str
    secret: str = field(repr=False)
    method: str
    token_url: str
    environment_id: str | None
    key_id: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The client secret, or the lines of the private key without those that begin and end it.

        Line by line, a key is found again where somebody repeats it with other line breaks.
        """
        if self.method != PRIVATE_KEY_JWT:
            return (self.secret,)
        return tuple(line for line in map(str.strip, self.secret.splitlines()) if not line.startswith("-----"))


@dataclass(frozen=True)
class Settings:
    """Everything that a client needs to know, validated.

    :ivar api_url: base of the API, with its version, without a slash at the end.
    :ivar access_token: a token to be used as it is; None if there are credentials.
    :ivar credentials: None if there is an access token.
    :ivar verify: what Requests takes as C(verify): True, False or the path of a CA bundle.
    :ivar timeout: seconds for one request, from the connection to the last byte of the answer.
    :ivar retries: how often a request is sent again.
    :ivar concurrency: how many single resources are read at a time.
    :ivar token_cache: whether a token may be kept for later tasks, where the host of the module can do that.
    """

    api_url: str
    access_token: str | None = field(repr=False)
    credentials: ClientCredentials | None
    verify: bool | str
    timeout: int
    retries: int
    concurrency: int
    token_cache: bool

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know."""
        if self.verify is not False:
            return ()
        return (
            "validate_certs is false: anyone on the way to PingOne can read and change what is sent, credentials"
            " included. Give ca_path instead to trust a certain CA.",
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those of the credentials, or the access token."""
        if self.credentials:
            return self.credentials.secrets
        return (self.access_token,) if self.access_token else ()

    @classmethod
    def from_options(cls, options: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
        """Validate a module's options, filled up from environment variables.

        :raises OptionError: if something is missing, malformed or contradicts something else.
        """
        given = {name: options[name] for name in SHARED_ARGUMENTS if options.get(name) not in (None, "")}
        variables = {name: environ[key] for name, key in ENVIRONMENT_VARIABLES.items() if environ.get(key)}

        # Options that say the same thing in two ways count as one: the task's goes before the environment's.
        for rivals in ({"region", "root_domain"}, {"custom_domain", "auth_url"}, {"private_key", "private_key_path"}):
            if rivals & given.keys():
                variables = {name: value for name, value in variables.items() if name not in rivals}
        # Nor is a token of the environment preferred to credentials of the task.
        if {"client_id", "client_secret", "private_key", "private_key_path"} & given.keys():
            variables.pop("access_token", None)
        merged = {**variables, **given}

        access_token = _clean(merged, "access_token")
        root_domain = _root_domain(merged)
        return cls(
            api_url=_base_url(merged, "api_url") or f"https://api.{root_domain}/v1",
            access_token=access_token,
            credentials=None if access_token else _credentials(merged, root_domain),
            verify=_verify(merged),
            timeout=_number(merged, "timeout", DEFAULT_TIMEOUT, 1, 3600, "seconds"),
            retries=_number(merged, "retries", DEFAULT_RETRIES, 0, 100, "retries"),
            concurrency=_number(merged, "concurrency", DEFAULT_CONCURRENCY, 1, 10, "requests"),
            token_cache=_flag(merged, "token_cache"),
        )


def is_uuid(value: str) -> bool:
    """Return whether this is a UUID as PingOne writes it; in a path anything else could lead elsewhere."""
    return bool(_UUID.fullmatch(value))


def check_uuid(value: str, option: str) -> str:
    """Return the value if it is a UUID.

    :raises OptionError: if not.
    """
    if not is_uuid(value):
        raise OptionError(
            f"{option}: {shown(value)} is not a UUID",
            next_step="Copy the environment ID from Settings > Environment Properties in the PingOne console.",
        )
    return value


def check_text(value: str, option: str) -> str:
    """Return a text that goes into a query.

    :raises OptionError: if it is too long for an address, or no Unicode text.
    """
    if len(value) > LENGTH_LIMIT:
        raise OptionError(f"{option} is longer than {LENGTH_LIMIT} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise OptionError(f"{option}: {shown(value)} is no Unicode text") from error
    return value


def _named(option: str) -> str:
    variable = ENVIRONMENT_VARIABLES.get(option)
    return f"{option} (or {variable})" if variable else option


def _clean(merged: Mapping[str, Any], option: str) -> str | None:
    """Return an option that goes into a header or an address; such values have no white space or control characters."""
    value = merged.get(option)
    if value is None:
        return None
    if len(value) > LENGTH_LIMIT:
        raise OptionError(f"{_named(option)} is longer than {LENGTH_LIMIT} characters")
    if any(character.isspace() or not character.isprintable() for character in value):
        # The value is not shown: it may be a secret.
        raise OptionError(
            f"{_named(option)} contains white space or a control character",
            next_step="Often a line break or a space was pasted with it: remove it.",
        )
    if option == "access_token" and not value.isascii():
        raise OptionError(f"{_named(option)} is not a token", "it has characters that no HTTP header can carry")
    return str(value)


def _credentials(merged: Mapping[str, Any], root_domain: str) -> ClientCredentials:
    method = merged.get("client_auth_method", CLIENT_AUTH_METHODS[0])
    if method not in CLIENT_AUTH_METHODS:
        raise OptionError(
            f"{_named('client_auth_method')}: {shown(method)} is none of {', '.join(CLIENT_AUTH_METHODS)}"
        )
    needed = ["client_id"]
    if method != PRIVATE_KEY_JWT:
        needed.append("client_secret")
    elif "private_key_path" not in merged:
        needed.append("private_key")
    if "custom_domain" not in merged:
        needed.append("auth_environment_id")
    missing = [_named(option) for option in needed if option not in merged]
    if missing:
        raise OptionError(
            "Credentials for PingOne are missing",
            ", ".join(missing),
            "Give client_id, client_secret and auth_environment_id of a worker application, or an access_token,"
            " as options, in module_defaults or as environment variables. With client_auth_method private_key_jwt,"
            " private_key or private_key_path takes the place of client_secret.",
        )
    secret = _private_key(merged) if method == PRIVATE_KEY_JWT else _clean(merged, "client_secret")
    key_id = _clean(merged, "private_key_id") if method == PRIVATE_KEY_JWT else None
    environment_id, token_url = _token_endpoint(merged, root_domain)
    return ClientCredentials(_clean(merged, "client_id") or "", secret or "", method, token_url, environment_id, key_id)


def _private_key(merged: Mapping[str, Any]) -> str:
    """Return what should be a private key as PEM text; where it is used, it is looked at.

    Who else can read the file is not asked: what container platforms mount as a secret is often open to all.
    """
    text, path = str(merged.get("private_key", "")), merged.get("private_key_path")
    if text and path:
        raise OptionError(
            "private_key and private_key_path both give the private key",
            next_step=f"Give one of {_named('private_key')} and {_named('private_key_path')}.",
        )
    if path:
        try:
            with open(os.path.expanduser(path), "rb") as file:
                text = file.read(KEY_LIMIT + 1).decode("ascii", "ignore")
        except (OSError, ValueError) as error:
            # The value is not shown: a key may have been pasted in place of a path.
            raise OptionError(
                f"{_named('private_key_path')} cannot be read",
                (isinstance(error, OSError) and error.strerror) or "it is no path",
                "Give a file with a private key in PEM form that is there, and readable, where the task runs.",
            ) from error
    if len(text) > KEY_LIMIT:
        raise OptionError(
            f"{_named('private_key_path' if path else 'private_key')} is longer than {KEY_LIMIT} characters"
        )
    # PEM is ASCII without backslashes: "\\n" is what some stores of secrets make of a line break.
    return text.encode("ascii", "ignore").decode().replace("\\n", "\n")


def _root_domain(merged: Mapping[str, Any]) -> str:
    region, root_domain = merged.get("region"), _host(merged, "root_domain")
    if region is None:
        return root_domain or ROOT_DOMAINS["NA"]
    if region not in ROOT_DOMAINS:
        raise OptionError(f"{_named('region')}: {shown(region)} is none of {', '.join(ROOT_DOMAINS)}")
    if root_domain and root_domain != ROOT_DOMAINS[region]:
        raise OptionError(
            f"region {region} has the root domain {ROOT_DOMAINS[region]}, but root_domain is {root_domain}",
            next_step="Give one of them; PingOne's console shows the right one in its address.",
        )
    return ROOT_DOMAINS[region]


def _token_endpoint(merged: Mapping[str, Any], root_domain: str) -> tuple[str | None, str]:
    """Return the worker application's environment and the token endpoint's address.

    https://developer.pingidentity.com/pingone-api/auth/openid-connect-oauth-2.html
    """
    environment_id = _clean(merged, "auth_environment_id")
    if environment_id:
        check_uuid(environment_id, _named("auth_environment_id"))
    custom_domain, auth_url = _host(merged, "custom_domain"), _base_url(merged, "auth_url")
    if custom_domain and auth_url:
        raise OptionError(
            "custom_domain and auth_url both say where tokens come from",
            next_step=f"Give one of {_named('custom_domain')} and {_named('auth_url')}.",
        )
    if custom_domain:
        return environment_id, f"https://{custom_domain}/as/token"
    return environment_id, f"{auth_url or f'https://auth.{root_domain}'}/{environment_id}/as/token"


def _host(merged: Mapping[str, Any], option: str) -> str | None:
    """Return a host name, maybe with a port, in lower case; a leading dot is accepted as Ping's own tools do."""
    value = merged.get(option)
    if value is None:
        return None
    host = str(value).lower()
    if host.startswith("."):
        host = host[1:]
    port = host.partition(":")[2]
    if len(host) > 253 or not _HOST.fullmatch(host) or (port and not 0 < int(port) <= 65535):
        raise OptionError(
            f"{_named(option)}: {shown(value)} is not a host name",
            next_step=f"Give the bare name, without https:// and without a path, such as {ROOT_DOMAINS['EU']}.",
        )
    return host


def _base_url(merged: Mapping[str, Any], option: str) -> str | None:
    """Return a base address without the slash at its end."""
    value = _clean(merged, option)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise OptionError(f"{_named(option)} is not an address", str(error)) from error
    if parts.scheme not in ("https", "http") or port == 0 or not (_HOST.fullmatch(host) or _is_address(host)):
        raise OptionError(f"{_named(option)} does not start with https:// and a host name")
    if "@" in parts.netloc or "?" in value or "#" in value or ".." in parts.path.split("/"):
        # The value is not shown: it may hold a password.
        raise OptionError(f"{_named(option)} is more than a base address", "it has a user, '..', a query or a fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise OptionError(
            f"{_named(option)}: {shown(value)} would send credentials unencrypted",
            next_step="Use https://. Plain http:// is for loopback addresses only.",
        )
    return value.rstrip("/")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return ip_address(host).is_loopback if _is_address(host) else host == "localhost"


def _verify(merged: Mapping[str, Any]) -> bool | str:
    if merged.get("validate_certs") is False:
        return False
    if "ca_path" not in merged:
        return True
    path: str = os.path.expanduser(merged["ca_path"])
    try:
        _load_bundle(path, os.stat(path).st_mtime)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        if isinstance(error, ssl.SSLError):  # an OSError too, but its text is OpenSSL's
            why = "it holds no certificate"
        raise OptionError(
            f"{_named('ca_path')}: {shown(path)} cannot be used",
            why or "it is no path",
            "Give a readable file with CA certificates in PEM form.",
        ) from error
    return path


@lru_cache(maxsize=4)
def _load_bundle(path: str, dummy: float) -> None:
    """Learn before the first connection whether this is a CA bundle: once, because it takes longer than a request.

    :arg dummy: when it was changed last.
    """
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
        **{"capath" if os.path.isdir(path) else "cafile": path}
    )


def _number(merged: Mapping[str, Any], option: str, default: int, lowest: int, highest: int, unit: str) -> int:
    value = merged.get(option, default)
    try:
        number = int(value)
    except ValueError:
        number = -1
    if not lowest <= number <= highest:
        raise OptionError(f"{_named(option)}: {shown(str(value))} is not a number of {unit} from {lowest} to {highest}")
    return number


def _flag(merged: Mapping[str, Any], option: str) -> bool:
    try:
        return bool(boolean(merged.get(option, True)))
    except TypeError as error:
        raise OptionError(f"{_named(option)}: {shown(str(merged[option]))} is neither true nor false") from error
