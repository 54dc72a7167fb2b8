# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""One HTTP exchange with PingOne: connection, TLS, time limits, JSON. Knows nothing of tokens or resources."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ConnectionFailed,
    PingOneError,
    UnexpectedAnswer,
)
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings

try:
    import requests
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

#: The version is that of galaxy.yml; a unit test holds them together.
USER_AGENT = "ansible-collection-community.pingone/0.1.0"

#: Seconds to wait for a connection, if the time limit of the request is not shorter.
CONNECT_TIMEOUT = 10


@dataclass(frozen=True)
class Answer:
    """What PingOne answered.

    :ivar document: the decoded JSON object, None if the body is not one.
    """

    status: int
    headers: Mapping[str, str]
    document: dict[str, Any] | None


class Http:
    """A session: one connection to a host is used again and again.

    :raises PingOneError: if the Python package requests is missing.
    """

    def __init__(self, settings: Settings) -> None:
        if not HAS_REQUESTS:
            raise PingOneError(missing_required_lib("requests", url="https://pypi.org/project/requests/"))
        self._verify = settings.verify
        self._timeout = (min(CONNECT_TIMEOUT, settings.timeout), settings.timeout)
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/hal+json, application/json"})

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        authorize: Callable[[requests.PreparedRequest], requests.PreparedRequest],
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        :arg authorize: puts the credentials into the request. It is there for every request, even if it does
            nothing: without it, Requests would take credentials from ``~/.netrc``.
        :raises ConnectionFailed: if there was no answer.
        :raises UnexpectedAnswer: for a redirect; credentials go to the configured hosts only.
        """
        try:
            response = self._session.request(
                method,
                url,
                params=params,
                data=form,
                auth=authorize,
                allow_redirects=False,
                timeout=self._timeout,
                # Said with each request, because REQUESTS_CA_BUNDLE would override the session's.
                verify=self._verify,
            )
        except requests.RequestException as error:
            raise _connection_failed(url, error) from error
        if response.is_redirect:
            raise UnexpectedAnswer(
                f"{_origin(url)} answered with a redirect",
                f"it leads to {_origin(response.headers.get('Location', ''))}",
                "PingOne never redirects these requests: check region, root_domain, auth_url, api_url and proxies.",
                status=response.status_code,
            )
        try:
            document = response.json()
        except ValueError:
            document = None
        return Answer(response.status_code, response.headers, document if isinstance(document, dict) else None)


def _origin(url: str) -> str:
    """Return the part of an address that names the server and has no secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else "the same host"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error of Requests to what urllib3, ssl and the socket said."""
    seen: set[int] = set()
    queue: list[Any] = [error]
    while queue:
        current = queue.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        queue += [getattr(current, "reason", None), *current.args, current.__cause__, current.__context__]


_CHECK_NETWORK = "Check the firewall between this machine and PingOne, and the proxy settings (HTTPS_PROXY, NO_PROXY)."

#: OpenSSL's codes of X509_verify_cert_error_string(3).
_CERTIFICATE_FAULTS = {
    10: ("its certificate has expired", "Check the clock of this machine and who answers in PingOne's place."),
    62: (
        "its certificate is for another host name",
        "Check region, root_domain and the address; a proxy or gateway may answer in PingOne's place.",
    ),
}
_UNKNOWN_CA = (
    "its certificate is not signed by a CA that this machine trusts",
    "If a proxy or gateway inspects TLS, give its CA certificate as ca_path (or PINGONE_CA_PATH).",
)


def _connection_failed(url: str, error: requests.RequestException) -> ConnectionFailed:
    cause, next_step = _diagnosis(error)
    return ConnectionFailed(f"Cannot connect to {_origin(url)}", cause, next_step)


def _diagnosis(error: requests.RequestException) -> tuple[str, str]:
    """Return the cause in a few words and what to do about it.

    Exceptions are told apart by type, not by text. Their texts are not shown: they can hold an address with a
    password, such as that of a proxy.
    """
    causes = list(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATE_FAULTS.get(cause.verify_code, _UNKNOWN_CA)
    if isinstance(error, requests.exceptions.ProxyError):
        return (
            "the proxy did not connect",
            "Check the address and the credentials in HTTPS_PROXY, and that the proxy allows PingOne's hosts.",
        )
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "the TLS handshake failed",
            "Check that the address is right and speaks TLS, and whether a proxy or firewall breaks the connection.",
        )
    if names & {"NameResolutionError", "gaierror", "LocationParseError"}:
        return (
            "the host name cannot be resolved",
            "Check the region or the root domain that belongs to it, and DNS on this machine.",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no connection within the time limit", _CHECK_NETWORK
    if isinstance(error, requests.exceptions.ReadTimeout):
        return "no answer within the time limit", f"Give a longer timeout (or PINGONE_TIMEOUT). {_CHECK_NETWORK}"
    if "ConnectionRefusedError" in names:
        return "the connection was refused", f"Check the address and its port. {_CHECK_NETWORK}"
    return "the connection broke", _CHECK_NETWORK
