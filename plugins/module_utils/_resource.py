# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Resources of any kind: how they are read, and how the one is found that a playbook means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ansible_collections.community.pingone.plugins.module_utils._client import Client, is_collection
from ansible_collections.community.pingone.plugins.module_utils._comparison import is_met, value_at, without_links
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    InsufficientPrivileges,
    InvalidToken,
    NotFound,
    OptionError,
    PingOneError,
    UnexpectedAnswer,
    shown,
)
from ansible_collections.community.pingone.plugins.module_utils._kinds import kind_of
from ansible_collections.community.pingone.plugins.module_utils._place import Place

#: Items of a page: no collection has smaller pages (users have the smallest), so that this can be asked of all.
SMALL_PAGE = 200


def read_resources(
    client: Client, place: Place, *, params: Mapping[str, str], limit: int | None = None, links: bool = False
) -> list[dict[str, Any]]:
    """Return the resources at a place: the items of a collection, or the only one.

    :arg params: what the API is asked besides, such as C(filter).
    :arg limit: how many to return at the most.
    :arg links: whether to keep HAL's links.
    :raises PingOneError: as the client does.
    """
    params = dict(params)
    if limit is not None and limit < SMALL_PAGE:
        params["limit"] = str(limit)
    with explained("read", str(place)):
        document = client.get(*place.path, params=params)
        found: Iterator[dict[str, Any]] = iter([document])
        if is_collection(document):
            found = islice(client.items(*place.path, first=document), limit)
        # Page by page: links are half of what PingOne sends.
        resources = [resource if links else without_links(resource) for resource in found]
    return [resource for resource in resources if resource]


@dataclass(frozen=True)
class Found:
    """The resource that was meant.

    :ivar path: where it is.
    :ivar document: what it looks like, without links; None for a setting that has not been set yet.
    :ivar is_item: whether it is one of a collection.
    """

    path: tuple[str, ...]
    document: dict[str, Any] | None
    is_item: bool


def find(
    client: Client, place: Place, *, resource_id: str | None, match: Sequence[str], body: Mapping[str, Any]
) -> Found | None:
    """Find the resource with an id, or the one that has what is to match, or the setting that is at the place itself.

    Return None if the collection has no such resource.

    :arg match: dotted paths of properties whose values the body has. Without any, it is C(name) if the body has one.
    :raises OptionError: if nothing says which one of a collection is meant.
    :raises PingOneError: if several match, and as the client does.
    """
    kind = kind_of(place.kind)
    if kind.is_shown_by_parent:
        parent = client.get(*place.path[:-1])
        return Found(place.path, {name: parent[name] for name in body if name in parent}, False)
    if resource_id is not None and kind.is_listed_only:
        match, body = ["id"], {"id": resource_id}
    elif resource_id is not None:
        path = (*place.path, resource_id)
        try:
            return Found(path, without_links(client.get(*path)), True)
        except NotFound:
            return None
    names = tuple(match) or matched_by_default(body)
    try:
        first, params = _first_page(client, place, names, body)
    except NotFound:
        if names:
            raise
        return Found(place.path, None, False)
    if not is_collection(first) and not (match and "id" not in first):
        return Found(place.path, without_links(first), False)
    if not names:
        raise OptionError(
            f"{place} has many resources, and nothing says which one is meant",
            next_step="Give resource_id, or match with properties whose values body has.",
        )
    wanted = {name: value_at(body, name) for name in names}
    same = [
        item
        for item in client.items(*place.path, params=params, first=first)
        if all(is_met(value_at(item, name), value) for name, value in wanted.items())
    ]
    if len(same) > 1:
        raise _ambiguous(place, wanted, same)
    if not same:
        return None
    (item,) = same
    item_id = item.get("id")
    if not isinstance(item_id, str) or not item_id:
        raise UnexpectedAnswer(f"An item of {place} has no id", next_step="Give resource_id.", status=200)
    return Found((*place.path, item_id), without_links(item), True)


def matched_by_default(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what identifies a resource if a playbook does not say."""
    return ("name",) if "name" in body else ()


def _first_page(
    client: Client, place: Place, names: Sequence[str], body: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the first page of those that can match, and what was asked for.

    The items are compared anyway; a filter only saves pages. Whoever does not take it, is asked without.
    """
    operators = kind_of(place.kind).filters
    comparisons = [
        # A value in a SCIM filter is a JSON string (RFC 7644 section 3.4.2.2).
        f"{name} {operators[name]} {json.dumps(value, ensure_ascii=False)}"
        for name, value in ((name, value_at(body, name)) for name in names)
        if name in operators and isinstance(value, str)
    ]
    if comparisons:
        params = {"filter": " and ".join(comparisons)}
        try:
            return client.get(*place.path, params=params), params
        except ApiError as error:
            if error.status != 400:
                raise
    return client.get(*place.path), {}


def _ambiguous(place: Place, wanted: Mapping[str, Any], same: Sequence[Mapping[str, Any]]) -> PingOneError:
    values = " and ".join(f"{name} {shown(str(value))}" for name, value in wanted.items())
    listed = ", ".join(
        f"{item.get('id')}" + (f" ({item['name']})" if isinstance(item.get("name"), str) else "") for item in same[:10]
    )
    more = f" and {len(same) - 10} more" if len(same) > 10 else ""
    return PingOneError(
        f"{len(same)} resources of {place} have {values}",
        f"{listed}{more}",
        "Give resource_id, or more properties in match.",
    )


@contextmanager
def explained(what: str, subject: str) -> Iterator[None]:
    """Add to an error what could not be done, and what may be missing.

    PingOne can give 403 as well as 404 both for what does not exist and for what the worker application has no role
    in; so both messages name both causes.

    :arg what: a verb.
    """
    try:
        yield
    except InsufficientPrivileges as error:
        error.what = f"Insufficient privileges to {what} {subject}"
        error.next_step = (
            "The worker application has no role that allows it: in the PingOne console, Applications > its name >"
            " Roles > Grant roles. A new role can take a minute to work. PingOne can also say this of what does not"
            " exist: check the ids."
        )
        raise
    except NotFound as error:
        error.what = f"PingOne did not find {subject}"
        error.next_step = (
            "Check path and ids, and that region or root_domain is the right one. If they are, the worker application"
            " may have no role there: in the PingOne console, Applications > its name > Roles > Grant roles."
        )
        raise
    except InvalidToken:
        raise
    except ApiError as error:
        error.what = f"Cannot {what} {subject}"
        raise
