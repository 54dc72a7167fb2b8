# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Requests to the management API: tokens, errors and pages. Knows no resource."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    ConnectionFailed,
    InsufficientPrivileges,
    InvalidToken,
    NotFound,
    PingOneError,
    UnexpectedAnswer,
)
from ansible_collections.community.pingone.plugins.module_utils._http import Answer, Content, Http, server_of
from ansible_collections.community.pingone.plugins.module_utils._retry import PASSING_STATUSES, Pace
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings
from ansible_collections.community.pingone.plugins.module_utils._token import TokenStore, bearer, token_source

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: More pages than any organization has.
PAGES_LIMIT = 1_000

JSON = "application/json"


class Client:
    """A client of the management API. It sends nothing before the first call of a method.

    The methods raise

    * :class:`ApiError` or one of its subclasses for an error of the API,
    * the errors of :class:`ClientCredentialsGrant` if there is no token to be had,
    * :class:`ConnectionFailed` if there is no answer,
    * :class:`UnexpectedAnswer` if the answer is not what PingOne's contract promises.

    :arg secrets: gets the secrets that join those of the settings, such as tokens.
    :arg report: gets a line about each wait.
    :arg store: keeps tokens for other processes.
    """

    def __init__(
        self, settings: Settings, secrets: Secrets, report: Callable[[str], None], store: TokenStore | None = None
    ) -> None:
        self._base = settings.api_url
        self._concurrency = settings.concurrency
        self._http = Http(settings, report)
        self._tokens = token_source(settings, self._http, secrets, store)
        self._pace = Pace(report)
        self._report = report

    def begin(self, report: Callable[[str], None]) -> None:
        """Begin the next task: its limits of waits, time and rate are its own; token and connections stay."""
        self._http.begin(report)
        self._pace = Pace(report)
        self._report = report

    def token(self) -> str:
        """Return an access token that has not expired, as far as one can know."""
        return self._tokens.get()

    def each(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """Call a function for each item, several at a time, and return the results in the order of the items.

        The function may use this client. An error ends it; of several, that of the first item is raised.
        """
        todo = list(enumerate(items))
        if min(len(todo), self._concurrency) <= 1:
            return [function(item) for dummy, item in todo]
        results: dict[int, _Result] = {}
        errors: dict[int, BaseException] = {}
        is_over = threading.Event()
        queue = iter(todo)

        def work() -> None:
            for number, item in queue:
                try:
                    results[number] = function(item)
                except BaseException as error:  # noqa: BLE001 - raised again below
                    errors[number] = error
                if errors or is_over.is_set():
                    return

        # This thread only waits: Ansible interrupts it at the task's time limit. Then the others end with the process.
        workers = [threading.Thread(target=work, daemon=True) for dummy in todo[: self._concurrency]]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        finally:
            is_over.set()
        if errors:
            raise errors[min(errors)]
        return [results[number] for number in range(len(todo))]

    def pause(self, attempt: int, why: str) -> bool:
        """Wait before doing again what failed; return False if it was tried often enough.

        :arg attempt: the number of the attempt that failed, from 1.
        """
        return self._http.wait(attempt, why)

    def report(self, line: str) -> None:
        """Show the user how far a long task is."""
        self._report(line)

    def get(self, *path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read one resource, no sooner than PingOne's rate for one address allows.

        :arg path: segments of the path below the API's base.
        """
        self._pace.wait()
        return self._request("GET", self._url(path), params)

    def items(
        self, *path: str, params: Mapping[str, str] | None = None, first: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a collection, page after page.

        The address of a page is never made up: it is the C(_links.next.href) of the page before
        (https://developer.pingidentity.com/pingone-api/foundations/conventions/paging-ordering-and-filtering-collections.html).

        :arg first: the first page, if it has been read.
        """
        url: str | None = self._url(path)
        seen: set[str] = set()
        while url:
            seen.add(url)
            if len(seen) > PAGES_LIMIT:
                raise _broken("GET", url, f"there is no end after {PAGES_LIMIT} pages")
            page = self._request("GET", url, params) if first is None else first
            yield from _embedded(page, url)
            first = params = None
            url = self._next(page, url)
            if url in seen:
                raise _broken("GET", url, "its pages go in a circle")

    def change(
        self, method: str, *path: str, body: Mapping[str, Any] | None = None, media_type: str = JSON
    ) -> dict[str, Any]:
        """Send POST, PUT, PATCH or DELETE, no sooner than PingOne's rate for one address allows.

        Return the answer's document, which is empty if it has none. A POST is not sent again where PingOne may have
        carried it out (RFC 9110 section 9.2.2); then the error is C(unclear).

        :arg path: segments of the path below the API's base.
        """
        self._pace.wait()
        content = None if body is None else Content.of(body, media_type)
        try:
            return self._request(method, self._url(path), content=content)
        except ConnectionFailed as error:
            error.unclear = error.sent and method == "POST"
            raise
        except ApiError as error:
            error.unclear = error.status in PASSING_STATUSES - {429} and method == "POST"
            raise

    def _url(self, path: tuple[str, ...]) -> str:
        return "/".join((self._base, *(quote(segment, safe=":") for segment in path)))

    def _next(self, page: dict[str, Any], url: str) -> str | None:
        links = page.get("_links") or {}
        link = links.get("next") if isinstance(links, dict) else None
        if link is None:
            return None
        href = link.get("href") if isinstance(link, dict) else None
        if not isinstance(href, str):
            raise _broken("GET", url, "its link to the next page has no address")
        try:
            following = urljoin(url, href)
            is_ours = server_of(following) == server_of(self._base)
        except ValueError:
            is_ours = False
        if not is_ours:
            why = "its link to the next page leads to another server, which would get the access token"
            raise _broken("GET", url, why)
        return following

    def _request(
        self, method: str, url: str, params: Mapping[str, str] | None = None, content: Content | None = None
    ) -> dict[str, Any]:
        token = self._tokens.get()
        answer = self._send(method, url, token, params, content)
        is_renewed = answer.status == 401 and self._tokens.renew(token)
        if is_renewed:
            answer = self._send(method, url, self._tokens.get(), params, content)
        if answer.status >= 400:
            raise _api_error(answer, method, url, is_renewed)
        if method != "GET" and answer.is_empty:
            return {}
        if answer.document is None or (answer.status != 200 and method == "GET"):
            raise _broken(method, url, "its body is not a JSON object")
        return answer.document

    def _send(
        self, method: str, url: str, token: str, params: Mapping[str, str] | None, content: Content | None
    ) -> Answer:
        return self._http.send(method, url, bearer(token), params=params, content=content, repeatable=method != "POST")


def is_collection(document: Mapping[str, Any]) -> bool:
    """Return whether a document is a page of a collection, in PingOne's HAL: it embeds or counts, and is nobody itself.

    https://developer.pingidentity.com/pingone-api/foundations/conventions/pingone-api-responses.html
    """
    return "id" not in document and ("_embedded" in document or isinstance(document.get("size"), int))


def _broken(method: str, url: str, why: str, status: int = 200) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"The answer to {method} {urlsplit(url).path} is not PingOne's",
        why,
        "Check api_url, which ends with /v1, and proxies: something else than PingOne may answer.",
        status=status,
    )


def _embedded(page: dict[str, Any], url: str) -> list[dict[str, Any]]:
    """Return the items of a page, whatever PingOne calls them there.

    A page without C(_embedded) is an empty one: the contract requires no property.
    """
    embedded = page.get("_embedded", {})
    if not isinstance(embedded, dict):
        raise _broken("GET", url, "its _embedded is not an object")
    items = []
    for name, value in embedded.items():
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise _broken("GET", url, f"its _embedded.{name} is not a list of objects")
        items += value
    return items


def _api_error(answer: Answer, method: str, url: str, is_renewed: bool) -> PingOneError:
    """Return the error for an answer (https://developer.pingidentity.com/pingone-api/foundations/errors.html).

    :arg is_renewed: whether the token was a new one.
    """
    document = answer.document or {}
    code, message, correlation_id = (_text(document.get(key)) for key in ("code", "message", "id"))
    raw = document.get("details")
    details = [detail for detail in raw if isinstance(detail, dict)] if isinstance(raw, list) else []
    detail_codes = {_text(detail.get("code")) for detail in details}
    said = " ".join(dict.fromkeys(text for text in (message, *map(_detail_text, details)) if text))
    facts: dict[str, Any] = {
        "status": answer.status,
        "code": code,
        "details": details,
        "correlation_id": correlation_id or answer.headers.get("Correlation-Id"),
    }
    what = f"{method} {urlsplit(url).path} failed"
    why = f"{(said or 'the answer has no reason').rstrip('.')}{answer.effort}"
    if answer.is_passing:
        return ApiError(what, why, answer.remedy, **facts)
    if answer.status == 401 and "INSUFFICIENT_PERMISSIONS" not in detail_codes:
        next_step = (
            "It was issued just now: check that the addresses of the token endpoint and of the API (region,"
            " root_domain, auth_url, api_url) belong to the same PingOne."
            if is_renewed
            else "It expired, was revoked, or belongs to another region. Get a new one, or give client_id,"
            " client_secret and auth_environment_id instead of access_token; check region or root_domain."
        )
        return InvalidToken("PingOne does not accept the access token", why, next_step, **facts)
    if code is None:
        return _broken(method, url, f"an error without PingOne's code, HTTP {answer.status}", answer.status)
    if "LICENSE_EXCEEDED" in detail_codes:
        return ApiError(what, why, "The license does not cover it: see License in the PingOne console.", **facts)
    if answer.status in (401, 403):
        return InsufficientPrivileges(
            what, why, "Grant the worker application a role that allows it: Applications > its name > Roles.", **facts
        )
    if answer.status == 404:
        return NotFound(what, why, "Check the ids, and that the worker application has a role there.", **facts)
    if existing := _existing_id(details):
        return ApiError(what, why, f"What must be unique has the one with the id {existing} already.", **facts)
    return ApiError(what, why, "Correct what PingOne names.", **facts)


def _existing_id(details: list[dict[str, Any]]) -> str | None:
    """Return the id of the resource that another one cannot be equal to."""
    for detail in details:
        inner = detail.get("innerError")
        if isinstance(inner, dict) and detail.get("code") == "UNIQUENESS_VIOLATION":
            return _text(inner.get("existingId"))
    return None


def _detail_text(detail: dict[str, Any]) -> str:
    """Return a detail's message with what it is about, and what PingOne says would have been right."""
    inner = detail.get("innerError")
    lists = inner.items() if isinstance(inner, dict) else ()
    right = [f"{name}: {', '.join(map(str, values))}" for name, values in lists if isinstance(values, list) and values]
    message, target = _text(detail.get("message")) or "", _text(detail.get("target")) or ""
    if target and target.lower() not in message.lower():
        message = f"{target}: {message}"
    return f"{message} ({'; '.join(right)})" if right else message


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
