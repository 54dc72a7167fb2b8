# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""One HTTP exchange with PingOne: connection, TLS, time limits, JSON. Knows nothing of tokens or resources."""

from __future__ import annotations

import json
import math
import re
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ConnectionFailed,
    PingOneError,
    UnexpectedAnswer,
)
from ansible_collections.community.pingone.plugins.module_utils._retry import (
    BACKOFF_BASE,
    CROWD_BASE,
    PASSING_STATUSES,
    WAIT_LIMIT,
    Patience,
    seconds_asked_for,
)
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings

try:
    import requests
    from urllib3 import encode_multipart_formdata
    from urllib3.exceptions import HTTPError, HTTPWarning
    from urllib3.util import parse_url
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

#: The version is that of galaxy.yml; a unit test holds them together.
USER_AGENT = "ansible-collection-community.pingone/0.2.0"

#: Seconds to wait for a connection, if the time limit of the request is not shorter.
CONNECT_TIMEOUT = 10
#: Seconds after which a task sends nothing more.
TASK_LIMIT = 3600
#: Bytes of an answer; a page of 5,000 environments has about 16 million.
BODY_LIMIT = 64 * 1024 * 1024
#: Levels of objects and arrays in an answer.
DEPTH_LIMIT = 50


@dataclass(frozen=True)
class Answer:
    """What PingOne answered.

    :ivar document: the decoded JSON object, None if the body is not one.
    :ivar is_empty: whether it has no body.
    :ivar attempts: how often the request was sent.
    """

    status: int
    headers: Mapping[str, str]
    document: dict[str, Any] | None
    is_empty: bool
    attempts: int

    @property
    def is_passing(self) -> bool:
        return self.status in PASSING_STATUSES

    @property
    def effort(self) -> str:
        """What was tried, as the end of a sentence; empty for a single attempt."""
        asked = seconds_asked_for(self.headers.get("Retry-After"))
        return "".join(
            [
                f"; it asks to wait {asked:.0f} seconds" if asked > WAIT_LIMIT else "",
                f", in {self.attempts} attempts" if self.attempts > 1 else "",
            ]
        )

    @property
    def remedy(self) -> str:
        """What to do about an error that may pass."""
        if self.status == 429:
            return "The license's rate limit is used up: lower forks or loops, raise retries, or run at another time."
        return "Try again later; https://status.pingidentity.com shows outages."


class Content(NamedTuple):
    """The body of a request.

    :ivar media_type: what C(Content-Type) says.
    """

    media_type: str
    data: bytes

    @classmethod
    def of(cls, document: Mapping[str, Any], media_type: str) -> Content:
        """Encode a document: as JSON, or for C(multipart/form-data) (RFC 7578) as a form whose C(file) is a file."""
        if media_type == "multipart/form-data":
            fields = {
                name: ("file", str(value), "application/octet-stream") if name == "file" else str(value)
                for name, value in document.items()
            }
            data, media_type = encode_multipart_formdata(fields)
            return cls(media_type, data)
        return cls(media_type, json.dumps(document).encode())


class Http:
    """A session: one connection to a host is used again and again.

    :arg report: gets a line about each wait before a retry.
    :raises PingOneError: if the Python package requests is missing.
    """

    def __init__(self, settings: Settings, report: Callable[[str], None]) -> None:
        if not HAS_REQUESTS:
            raise PingOneError(missing_required_lib("requests", url="https://pypi.org/project/requests/"))
        # In forks of ansible-core 2.18, all threads but the first wait for ever when they write to stderr. What urllib3
        # would write there, that certificates are not checked, is a warning of the module anyway.
        warnings.simplefilter("ignore", HTTPWarning)
        self._verify = settings.verify
        self._timeout = settings.timeout
        self._retries = settings.retries
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/hal+json, application/json"})
        self.begin(report)

    def begin(self, report: Callable[[str], None]) -> None:
        """Begin the next task: its limits of waits and time are its own."""
        self._patience = Patience(self._retries, report)
        self._end = time.monotonic() + TASK_LIMIT

    def wait(self, attempt: int, why: str, retry_after: str | None = None, base: float = BACKOFF_BASE) -> bool:
        """Wait before the next attempt; return False where there is none (see :meth:`Patience.wait`)."""
        return self._patience.wait(attempt, why, retry_after, base)

    def send(
        self,
        method: str,
        url: str,
        authorize: Callable[[requests.PreparedRequest], requests.PreparedRequest],
        *,
        repeatable: bool,
        params: Mapping[str, str] | None = None,
        form: Callable[[], Mapping[str, str]] | None = None,
        content: Content | None = None,
    ) -> Answer:
        """Send a request, again where that may help and does no harm, and return the answer, whatever its status.

        :arg authorize: puts the credentials into the request. It is there for every request, even if it does
            nothing: without it, Requests would take credentials from ``~/.netrc``.
        :arg form: makes the body of each attempt, for what must not be sent twice.
        :arg content: the body of all attempts.
        :arg repeatable: whether the server may get the request twice. If not, it is sent again only where the server
            surely did not act on it: after 429, and where there was no connection.
        :raises ConnectionFailed: if there was no answer.
        :raises UnexpectedAnswer: for a redirect or a body that is far too large.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                response, body = self._exchange(method, url, authorize, params, form() if form else content)
            except ConnectionFailed as error:
                if not error.passing or (error.sent and not repeatable):
                    raise
                if not self.wait(attempt, str(error).split(". ", 1)[0]):
                    error.why += f" in {attempt} attempts" if attempt > 1 else ""
                    raise
                continue
            status = response.status_code
            if status in PASSING_STATUSES and (repeatable or status == 429):
                why = f"{method} {urlsplit(url).path} was answered with HTTP {status}"
                base = CROWD_BASE if status == 429 else BACKOFF_BASE
                if self.wait(attempt, why, response.headers.get("Retry-After"), base):
                    continue
            return Answer(status, response.headers, _json_object(body), not body, attempt)

    def _exchange(
        self,
        method: str,
        url: str,
        authorize: Callable[[requests.PreparedRequest], requests.PreparedRequest],
        params: Mapping[str, str] | None,
        body: Content | Mapping[str, str] | None,
    ) -> tuple[requests.Response, bytes]:
        """Send a request once and return the answer with its body, within the time limit.

        The limits of Requests are for each operation of the socket: an answer that drips would last for ever, and so
        would name resolution. So a thread does the work, and this one waits for it and can be interrupted.
        """
        result: list[tuple[requests.Response, bytes] | BaseException] = []
        headers = {"Content-Type": body.media_type} if isinstance(body, Content) else None

        def work() -> None:
            try:
                response = self._session.request(
                    method,
                    url,
                    params=params,
                    data=body.data if isinstance(body, Content) else body,
                    headers=headers,
                    auth=authorize,
                    allow_redirects=False,
                    timeout=(min(CONNECT_TIMEOUT, self._timeout), self._timeout),
                    # Said with each request, because REQUESTS_CA_BUNDLE would override the session's.
                    verify=self._verify,
                    stream=True,
                    # Plain HTTP goes to this machine only, and so to no proxy.
                    proxies={"http": ""},
                )
                result.append((response, _read(response, url)))
            except BaseException as error:  # noqa: BLE001 - raised again below
                result.append(error)

        if time.monotonic() > self._end:
            raise _failed(url, TASK_TOO_LONG)
        # A daemon, so that an answer that never ends does not keep the process from ending.
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        worker.join(self._timeout)
        if not result:
            raise _failed(url, TOO_SLOW)
        (outcome,) = result
        # Requests lets some errors of urllib3, the socket and the codecs through as they are.
        if isinstance(outcome, (OSError, ValueError, HTTPError)):
            raise _failed(url, _diagnosis(outcome)) from outcome
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def _read(response: requests.Response, url: str) -> bytes:
    """Return the body of an answer.

    :raises UnexpectedAnswer: for a redirect, because credentials go to the configured hosts only, and for a body over
        BODY_LIMIT.
    """
    with response:
        if 300 <= response.status_code < 400:
            raise UnexpectedAnswer(
                f"{_origin(url)} answered with a redirect",
                f"it leads to {_origin(response.headers.get('Location', ''))}",
                "PingOne never redirects these requests: check region, root_domain, auth_url, api_url and proxies.",
                status=response.status_code,
            )
        if "," in response.headers.get("Content-Encoding", ""):
            # Nobody compresses twice but to blow up the reader's memory.
            raise requests.exceptions.ContentDecodingError
        body = bytearray()
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > BODY_LIMIT:
                raise UnexpectedAnswer(
                    f"{_origin(url)} answered with more than {BODY_LIMIT // 1024**2} MiB",
                    next_step="Check region, root_domain, auth_url, api_url and proxies: PingOne's are smaller.",
                    status=response.status_code,
                )
        return bytes(body)


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body, parse_constant=_no_constant, parse_float=_finite)
        _check_depth(document)
        if rb"\ud" in body or rb"\uD" in body:
            # Half of a surrogate pair is valid JSON (RFC 8259 section 8.2), but no text that Ansible takes.
            text = json.dumps(document, ensure_ascii=False)
            document = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON (RFC 8259 section 6)")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large")
    return number


def _check_depth(document: Any) -> None:
    """Raise a ValueError if Ansible, which walks through results by recursion, could not stand the document."""
    level = [document] if isinstance(document, (dict, list)) else []
    depth = 0
    while level:
        depth += 1
        if depth > DEPTH_LIMIT:
            raise ValueError("too deep")
        inner = (item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer))
        level = [item for item in inner if isinstance(item, (dict, list))]


def server_of(url: str) -> tuple[str | None, str | None, int | None]:
    """Return scheme, host and port of an address as Requests will understand it, which is not as urllib.parse does.

    :raises ValueError: for an address that could be understood in more than one way.
    """
    if re.search(r"[\\\s\x00-\x1f]", url) or "@" in urlsplit(url).netloc:
        raise ValueError("ambiguous address")
    parts = parse_url(url)
    return parts.scheme, parts.host, parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")


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


class Cause(NamedTuple):
    """Why there was no answer.

    :ivar why: for the message.
    :ivar next_step: for the message.
    :ivar sent: whether the server may have got the request.
    :ivar passing: whether the next attempt may succeed.
    """

    why: str
    next_step: str
    sent: bool = False
    passing: bool = True


EXPIRED = Cause(
    "its certificate has expired",
    "Check the clock of this machine and who answers in PingOne's place.",
    passing=False,
)
NOT_YET_VALID = Cause(
    "its certificate is not valid yet",
    "Check the clock of this machine.",
    passing=False,
)
OTHER_HOST = Cause(
    "its certificate is for another host name",
    "Check region, root_domain and the address; a proxy or gateway may answer in PingOne's place.",
    passing=False,
)
UNKNOWN_CA = Cause(
    "its certificate is not signed by a CA that this machine trusts",
    "If a proxy or gateway inspects TLS, give its CA certificate as ca_path (or PINGONE_CA_PATH).",
    passing=False,
)
NO_BUNDLE = Cause(
    "there is no CA bundle at the path in REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE",
    "Correct or unset that environment variable, or give ca_path (or PINGONE_CA_PATH).",
    passing=False,
)
NO_TLS = Cause(
    "the TLS handshake failed",
    "Check that the address is right and speaks TLS, and whether a proxy or firewall breaks the connection.",
)
PROXY = Cause(
    "the proxy did not connect",
    "Check the address and the credentials in HTTPS_PROXY, and that the proxy allows PingOne's hosts.",
)
UNKNOWN_HOST = Cause(
    "the host name cannot be resolved",
    "Check the region or the root domain that belongs to it, and DNS on this machine.",
    passing=False,
)
NO_CONNECTION = Cause("no connection within the time limit", _CHECK_NETWORK)
REFUSED = Cause("the connection was refused", f"Check the address and its port. {_CHECK_NETWORK}")
TOO_SLOW = Cause(
    "no complete answer within the time limit",
    f"Give a longer timeout (or PINGONE_TIMEOUT). {_CHECK_NETWORK}",
    sent=True,
)
BROKEN = Cause("the connection broke", _CHECK_NETWORK, sent=True)
DAMAGED = Cause(
    "the answer is compressed in a way that cannot be read",
    "Check proxies and gateways: one of them may damage the answers.",
    sent=True,
    passing=False,
)
TASK_TOO_LONG = Cause("the task has lasted longer than an hour", "Read less in one task.", passing=False)

#: OpenSSL's codes of X509_verify_cert_error_string(3); any other one is about the chain of CAs.
_CERTIFICATE_CAUSES = {9: NOT_YET_VALID, 10: EXPIRED, 62: OTHER_HOST, 64: OTHER_HOST}


def _failed(url: str, cause: Cause) -> ConnectionFailed:
    error = ConnectionFailed(f"Cannot connect to {_origin(url)}", cause.why, cause.next_step)
    error.sent, error.passing = cause.sent, cause.passing
    return error


def _diagnosis(error: Exception) -> Cause:
    """Return the cause of an error.

    Exceptions are told apart by type, not by text. Their texts are not shown: they can hold an address with a
    password, such as that of a proxy.
    """
    causes = list(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATE_CAUSES.get(cause.verify_code, UNKNOWN_CA)
        if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN:
            # The name server cannot be asked; it may answer later.
            return UNKNOWN_HOST._replace(passing=True)
    if isinstance(
        error,
        (requests.exceptions.InvalidProxyURL, requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL),
    ):
        # Our own addresses were checked before.
        return PROXY._replace(passing=False)
    for kind, known in (
        (requests.exceptions.ProxyError, PROXY),
        (requests.exceptions.SSLError, NO_TLS),
        (requests.exceptions.ConnectTimeout, NO_CONNECTION),
        (requests.exceptions.ReadTimeout, TOO_SLOW),
        (requests.exceptions.ContentDecodingError, DAMAGED),
    ):
        if isinstance(error, kind):
            return known
    if names & {"NameResolutionError", "gaierror", "LocationParseError"}:
        return UNKNOWN_HOST
    if not isinstance(error, requests.RequestException) and "CA certificate bundle" in str(error):
        return NO_BUNDLE
    return REFUSED if "ConnectionRefusedError" in names else BROKEN
