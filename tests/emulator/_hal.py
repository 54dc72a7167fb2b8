# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape of the API's answers: HAL documents, collections, pages.

https://developer.pingidentity.com/pingone-api/foundations/conventions/pingone-api-responses.html and, for the
parameters of a list, the published contract.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import flask
from itsdangerous import BadData, URLSafeSerializer

from ._errors import detail, invalid_request

MINIMUM_LIMIT, DEFAULT_LIMIT, MAXIMUM_LIMIT = 1, 1000, 5000

# Clients must not make cursors up, so they are signed.
_CURSORS = URLSafeSerializer(secrets.token_bytes(), salt="cursor")

Item = TypeVar("Item")


def api_url() -> str:
    """The API's address as this client reached it."""
    return f"{flask.request.host_url}v1"


def self_url(**changes: str | None) -> str:
    """The address of the current request, with some query parameters changed, or removed by ``None``."""
    parameters = {**flask.request.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in parameters.items() if value is not None}, quote_via=quote)
    return f"{flask.request.host_url.rstrip('/')}{flask.request.path}{'?' if query else ''}{query}"


def links(**targets: str) -> dict[str, dict[str, str]]:
    """A ``_links`` object."""
    return {name: {"href": href} for name, href in targets.items()}


def respond(document: Mapping[str, Any], status: int = 200) -> flask.Response:
    """A successful answer."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return flask.Response(body, status, content_type="application/hal+json;charset=UTF-8")


class Page(NamedTuple):
    """Some items of a list, and the address of the next ones."""

    items: Sequence[Any]
    next: str | None


def page(items: Sequence[Item], limit_applies: bool = True, maximum: int = 0) -> Page:
    """The part of a list that ``limit`` and ``cursor`` ask for.

    With ``maximum`` pages are so large at most, and a higher limit is none of an error.
    """
    limit = _limit(maximum)
    if not limit_applies:
        limit = MAXIMUM_LIMIT
    start = _start()
    end = start + limit
    following = self_url(cursor=cursor(end)) if end < len(items) else None
    return Page(items[start:end], following)


def cursor(start: int) -> str:
    """The cursor that continues the current request's list at this item."""
    return _CURSORS.dumps([start, *_question()])


def ordered(items: Sequence[Item], keys: Mapping[str, Callable[[Item], Any]]) -> Sequence[Item]:
    """The list in the ``order`` asked for: one of the keys, descending after a ``-``."""
    order = flask.request.args.get("order")
    if order is None:
        return items
    key = keys.get(order.removeprefix("-"))
    if key is None:
        inner = {"allowedValues": [*keys, *(f"-{name}" for name in keys)]}
        raise invalid_request(detail("INVALID_VALUE", "The list cannot be ordered by this.", "order", inner))
    return sorted(items, key=key, reverse=order.startswith("-"))


def expanded(allowed: Collection[str]) -> set[str]:
    """What ``expand`` asks for."""
    names = {name.strip() for name in flask.request.args.get("expand", "").split(",")} - {""}
    if not names <= set(allowed):
        inner = {"allowedValues": sorted(allowed)}
        raise invalid_request(detail("INVALID_VALUE", "This cannot be expanded.", "expand", inner))
    return names


def _limit(maximum: int) -> int:
    text = flask.request.args.get("limit", str(maximum or DEFAULT_LIMIT))
    inner = {"rangeMinimumValue": MINIMUM_LIMIT, "rangeMaximumValue": maximum or MAXIMUM_LIMIT}
    try:
        limit = int(text)
    except ValueError:
        raise invalid_request(detail("INVALID_VALUE", "The limit is not a number.", "limit", inner)) from None
    if limit < MINIMUM_LIMIT or (limit > MAXIMUM_LIMIT and not maximum):
        message = f"The limit must be between {MINIMUM_LIMIT} and {maximum or MAXIMUM_LIMIT}."
        raise invalid_request(detail("OUT_OF_RANGE", message, "limit", inner))
    return min(limit, maximum) if maximum else limit


def _start() -> int:
    text = flask.request.args.get("cursor")
    if text is None:
        return 0
    try:
        start, *question = _CURSORS.loads(text)
    except BadData:
        question = []
    if question != _question():
        raise invalid_request(detail("INVALID_VALUE", "The cursor does not belong to this list.", "cursor"))
    return start


def _question() -> list[str | None]:
    # A cursor continues one list: the same resource, filter and order.
    return [flask.request.path, flask.request.args.get("filter"), flask.request.args.get("order")]
