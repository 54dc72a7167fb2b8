# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each kind of fault does: answer in the API's place, change its answer, or lose it on the way."""

from __future__ import annotations

import base64
import datetime
import html
import io
import itertools
import json
import math
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

import flask
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler

from . import _errors, _hal
from ._faults import CONTROL_PREFIX, Fault, Faults, Met

#: In the WSGI environment: a list to which a fault adds what shall happen to the answer on its way.
DELIVERY = "emulator.delivery"

#: Called with the connection's handler before an answer is written to ``handler.wfile``; whether it is to be written.
Delivery = Callable[[WSGIRequestHandler], bool]


class Breaker:
    """Breaks the answers of an application as the faults say."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def answer(self) -> flask.Response | None:
        """What the current request gets in place of the API's answer, if anything; may raise ApiError."""
        flask.g.met = None
        if flask.request.path.startswith(CONTROL_PREFIX):
            return None
        flask.g.met = met = self._faults.meet(flask.request.method, flask.request.path)
        time.sleep(met.latency)
        instead = _INSTEAD.get(met.fault.kind) if met.fault else None
        return instead(met) if instead else None

    def change(self, response: flask.Response) -> None:
        """Break the current request's answer."""
        fault = flask.g.met.fault if flask.g.met else None
        if fault is None:
            return
        if fault.kind in _CHANGES and not _CHANGES[fault.kind](fault, response):
            self._faults.give_back(fault)
        if fault.kind in _DELIVERIES:
            flask.request.environ[DELIVERY].append(_DELIVERIES[fault.kind](fault))
            # for the record
            flask.g.unanswered = fault.kind != "drip"


# In the API's place


def _error(met: Met) -> flask.Response:
    assert met.fault
    status, text = met.fault.value, met.fault.options.get("retry_after")
    headers, seconds = {}, None
    if text is not None and text.startswith("date:"):
        seconds = float(text.removeprefix("date:"))
        headers["Retry-After"] = http_date(time.time() + seconds)
    elif text is not None:
        headers["Retry-After"] = text
        seconds = float(text) if text.isdigit() else None
    body = met.fault.options.get("body", "json")
    if body == "html":
        return _page(status, headers)
    if body == "empty":
        return flask.Response(b"", status, headers)
    if flask.request.path.endswith("/as/token") and status in (400, 401):
        return _token_error(status, headers)
    error = _api_error(status, seconds)
    error.headers |= headers
    raise error


def _api_error(status: int, retry_after: float | None) -> _errors.ApiError:
    if status == 401:
        return _errors.unauthorized('Bearer realm="PingOne", error="invalid_token"')
    if status == 403:
        return _errors.forbidden()
    if status == 404:
        return _errors.not_found()
    if status == 408:
        # The contract has no such answer.
        return _errors.ApiError(408, "REQUEST_FAILED", "The request took too long.")
    if status == 429:
        return _limited(None, retry_after)
    if status < 500:
        return _errors.ApiError(status, "INVALID_REQUEST", "The request could not be understood.")
    return _errors.ApiError(status, "UNEXPECTED_ERROR", "An unexpected error occurred.")


def _token_error(status: int, headers: Mapping[str, str]) -> flask.Response:
    error = "invalid_client" if status == 401 else "invalid_request"
    description = f"Request denied: rehearsed (Correlation ID: {flask.g.correlation_id})"
    response = flask.jsonify(error=error, error_description=description)
    response.status_code = status
    response.headers.update(headers)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="PingOne"'
    return response


def _rate_limited(met: Met) -> flask.Response:
    assert met.fault
    error = _limited(met.fault.value, met.retry_after)
    error.headers["Retry-After"] = str(max(1, math.ceil(met.retry_after)))
    raise error


def _limited(limit: int | None, retry_after: float | None) -> _errors.ApiError:
    inner: dict[str, Any] = {} if limit is None else {"quotaLimit": limit}
    if retry_after is not None:
        with suppress(OverflowError):
            moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=retry_after)
            text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            inner |= {"quotaResetTime": text, "retryAfter": text}
    entry = _errors.detail("LIMIT_EXCEEDED", "The rate limit is exceeded.", inner=inner or None)
    return _errors.ApiError(429, "REQUEST_LIMITED", "The request exceeds a limit. Try again later.", [entry])


def _page(status: int, headers: Mapping[str, str] | None = None) -> flask.Response:
    try:
        title = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        title = str(status)
    page = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1></body></html>\n"
    return flask.Response(page, status, dict(headers or {}), content_type="text/html; charset=utf-8")


def _html(met: Met) -> flask.Response:
    assert met.fault
    return _page(met.fault.value)


def _document(met: Met) -> flask.Response:
    assert met.fault
    response = flask.Response(json.dumps(met.fault.value), content_type="application/json;charset=UTF-8")
    response.status_code = met.fault.options.get("status", 200)
    return response


def _empty(met: Met) -> flask.Response:
    assert met.fault
    return flask.Response(b"", met.fault.options.get("status", 200), content_type="application/json")


def _redirect(met: Met) -> flask.Response:
    assert met.fault
    status, target = met.fault.options.get("status", 302), met.fault.value
    page = f'<a href="{html.escape(target)}">moved</a>\n'
    return flask.Response(page, status, {"Location": target}, content_type="text/html; charset=utf-8")


def _echo_secrets(met: Met) -> flask.Response:
    authorization = flask.request.headers.get("Authorization", "")
    scheme, _space, credentials = authorization.partition(" ")
    parts = [f"Authorization: {authorization}"]
    if scheme.lower() == "basic":
        with suppress(ValueError):
            decoded = base64.b64decode(credentials).decode()
            parts += [decoded, unquote_plus(decoded)]
    parts += [f"{name}={flask.request.form.get(name, '')}" for name in ("client_secret", "client_assertion")]
    text = f"The gateway did not like this request: {'; '.join(parts)}"
    entry = _errors.detail("INVALID_VALUE", text, text, {"rejectedValue": text})
    body = {"id": flask.g.correlation_id, "code": "INVALID_DATA", "message": text, "details": [entry]}
    body |= {"description": text, "error": "invalid_request", "error_description": text}
    response = flask.jsonify(body)
    response.status_code = 400
    return response


_INSTEAD: Mapping[str, Callable[[Met], flask.Response]] = {
    "status": _error,
    "rate_limit": _rate_limited,
    "json": _document,
    "html": _html,
    "empty": _empty,
    "redirect": _redirect,
    "echo_secrets": _echo_secrets,
}


# Changes of an answer; each says whether there was something to change


def _changed(response: flask.Response, change: Callable[[dict[str, Any]], bytes | None]) -> bool:
    """Replace the body by what becomes of the document, if it is an object."""
    try:
        document = json.loads(response.get_data())
    except ValueError:
        return False
    body = change(document) if isinstance(document, dict) else None
    if body is not None:
        response.set_data(body)
    return body is not None


def _bytes(document: Any) -> bytes:
    # In ASCII, because a fault may bring a lone surrogate, which UTF-8 cannot write.
    return json.dumps(document, separators=(",", ":")).encode()


def _items(document: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The items of a list, or None for what is no list."""
    embedded = document.get("_embedded")
    lists = [each for each in embedded.values() if isinstance(each, list)] if isinstance(embedded, dict) else []
    return [item for each in lists for item in each if isinstance(item, dict)] if lists else None


def _half(fault: Fault, response: flask.Response) -> bool:
    def change(document: dict[str, Any]) -> bytes:
        text = response.get_data(as_text=True)
        return text[: len(text) // 2].encode()

    return _changed(response, change)


def _content_type(fault: Fault, response: flask.Response) -> bool:
    response.headers["Content-Type"] = fault.value
    return True


def _replace(fault: Fault, response: flask.Response) -> bool:
    return _changed(response, lambda document: _bytes(document | fault.value))


def _remove(fault: Fault, response: flask.Response) -> bool:
    names = fault.value.split("+")
    return _changed(response, lambda document: _bytes({name: document[name] for name in document if name not in names}))


def _change_items(response: flask.Response, change: Callable[[dict[str, Any]], Any]) -> bool:
    def change_all(document: dict[str, Any]) -> bytes | None:
        items = _items(document)
        for item in items or []:
            change(item)
        return _bytes(document) if items else None

    return _changed(response, change_all)


def _item(fault: Fault, response: flask.Response) -> bool:
    return _change_items(response, lambda item: item.update(fault.value))


def _item_remove(fault: Fault, response: flask.Response) -> bool:
    names = fault.value.split("+")
    return _change_items(response, lambda item: [item.pop(name, None) for name in names])


def _padded(document: dict[str, Any], size: int) -> Iterator[bytes]:
    """The document in pieces, with one more property so that it has the size."""
    body = _bytes({**document, "padding": ""})
    yield body[:-2]
    missing = max(0, size - len(body))
    piece = b"x" * 1_000_000
    for _number in range(missing // len(piece)):
        yield piece
    yield piece[: missing % len(piece)]
    yield body[-2:]


def _huge(fault: Fault, response: flask.Response) -> bool:
    return _changed(response, lambda document: b"".join(_padded(document, fault.value)))


def _gzip_bomb(fault: Fault, response: flask.Response) -> bool:
    def change(document: dict[str, Any]) -> bytes:
        gzip = zlib.compressobj(wbits=31)
        pieces = [gzip.compress(piece) for piece in _padded(document, fault.value)]
        return b"".join([*pieces, gzip.flush()])

    changed = _changed(response, change)
    if changed:
        response.headers["Content-Encoding"] = "gzip"
    return changed


def _bad_gzip(fault: Fault, response: flask.Response) -> bool:
    response.headers["Content-Encoding"] = "gzip"
    # The header of a gzip file, and then a block of a type that there is not.
    response.set_data(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 64)
    return True


def _invalid_utf8(fault: Fault, response: flask.Response) -> bool:
    return _changed(
        response, lambda document: _bytes({"padding": "?", **document}).replace(b'"?"', b'"\xff\xfe\xc3\x28"', 1)
    )


# Behind the end of every list.
_LAST_PAGE = 1_000_000_000
_MORE_PAGES = itertools.count(_LAST_PAGE + 1)


def _next(fault: Fault, response: flask.Response) -> bool:
    def change(document: dict[str, Any]) -> bytes | None:
        if _items(document) is None:
            return None
        links = document.setdefault("_links", {})
        target = fault.value
        if target == "loop":
            target = _hal.self_url()
        elif target == "endless":
            target = _hal.self_url(cursor=_hal.cursor(next(_MORE_PAGES)))
        elif target == "repeat" and "cursor" in flask.request.args:
            target = _hal.self_url(cursor=None)
        elif target == "repeat":
            existing = links.get("next", {}).get("href")
            target = existing or _hal.self_url(cursor=_hal.cursor(_LAST_PAGE))
        links["next"] = {"href": target}
        return _bytes(document)

    return _changed(response, change)


def _truncate(fault: Fault, response: flask.Response) -> bool:
    body = response.get_data()
    response.set_data(body[: len(body) // 2])
    response.headers["Content-Length"] = str(max(2, len(body)))
    response.headers["Connection"] = "close"
    return True


def _gateway(fault: Fault, response: flask.Response) -> bool:
    page = _page(fault.value)
    response.status_code = page.status_code
    response.set_data(page.get_data())
    response.headers.clear()
    response.headers.extend(page.headers)
    return True


_CHANGES: Mapping[str, Callable[[Fault, flask.Response], bool]] = {
    "half_json": _half,
    "content_type": _content_type,
    "replace": _replace,
    "remove": _remove,
    "item": _item,
    "item_remove": _item_remove,
    "huge": _huge,
    "gzip_bomb": _gzip_bomb,
    "bad_gzip": _bad_gzip,
    "invalid_utf8": _invalid_utf8,
    "next": _next,
    "truncate": _truncate,
    "gateway": _gateway,
}


# On the way, in the thread of the connection


def _silent(fault: Fault) -> Delivery:
    def deliver(handler: WSGIRequestHandler) -> bool:
        handler.close_connection = True
        handler.connection.settimeout(None)
        with suppress(OSError):
            while handler.connection.recv(10_000):
                pass
        return False

    return deliver


def _reset(fault: Fault) -> Delivery:
    def deliver(handler: WSGIRequestHandler) -> bool:
        handler.close_connection = True
        # Closing a socket that may not linger resets the connection.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return deliver


def _close(fault: Fault) -> Delivery:
    def deliver(handler: WSGIRequestHandler) -> bool:
        handler.close_connection = True
        return False

    return deliver


def _drip(fault: Fault) -> Delivery:
    def deliver(handler: WSGIRequestHandler) -> bool:
        # The header is written first, and all at once.
        fast = 1 if fault.options.get("part") == "body" else 0
        handler.wfile = _SlowWriter(handler.wfile, fault.value, fast)
        return True

    return deliver


class _SlowWriter(io.BufferedIOBase):
    def __init__(self, file: io.BufferedIOBase, rate: float, fast: int) -> None:
        self._file = file
        self._rate = rate
        self._fast = fast

    def write(self, data: Any) -> int:
        if self._fast:
            self._fast -= 1
            return self._file.write(data)
        # A wake-up for each byte would be too slow for the higher rates.
        size = max(1, int(self._rate / 50))
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            time.sleep(len(piece) / self._rate)
            self._file.write(piece)
        return len(data)


_DELIVERIES: Mapping[str, Callable[[Fault], Delivery]] = {
    "silent": _silent,
    "drip": _drip,
    "reset": _reset,
    "close": _close,
}
