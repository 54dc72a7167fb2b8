# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Lays what a playbook wants over what PingOne has. If the outcome is what PingOne has, there is nothing to change.

Knows JSON documents only: no resources and no requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError

#: What tells the objects of a list apart: the first of these that all of them have, each with another value.
NATURAL_KEYS = ("id", "name", "key", "type", "locale", "value")


def laid_over(current: Any, wanted: Any, *, by_key: bool = False, place: str = "body") -> Any:
    """Return what PingOne has, changed in what is wanted and in nothing else.

    Properties that are not wanted stay. A wanted C(None) takes a property away. The order of a list does not count. A
    text that says the same as PingOne's number or boolean is no change: templates make texts of everything.

    :arg by_key: whether the items of a list of objects that are not wanted stay, too.
    :arg place: the name of what is wanted, for messages.
    :raises OptionError: if C(by_key) meets objects without a natural key.
    """
    if isinstance(wanted, dict):
        result = dict(current) if isinstance(current, dict) else {}
        for name, value in wanted.items():
            if value is None:
                result.pop(name, None)
            elif name in result or value not in ([], {}):
                # PingOne does not show what is empty.
                result[name] = laid_over(result.get(name), value, by_key=by_key, place=f"{place}.{name}")
        return result
    if isinstance(wanted, list):
        return _list_laid_over(current if isinstance(current, list) else [], wanted, by_key, place)
    return current if _says_the_same(current, wanted) else wanted


def is_same(one: Any, other: Any) -> bool:
    """Return whether two documents are the same in JSON, where C(true) is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def is_met(current: Any, wanted: Any, *, by_key: bool = False) -> bool:
    """Return whether PingOne has what is wanted, so that there is nothing to change."""
    return is_same(laid_over(current, wanted, by_key=by_key), current)


def without(document: Any, paths: Iterable[str]) -> Any:
    """Return an object without some properties, named by dotted paths."""
    result = dict(document)
    for path in paths:
        name, dot, rest = path.partition(".")
        if dot and isinstance(result.get(name), dict):
            result[name] = without(result[name], [rest])
        elif not dot:
            result.pop(name, None)
    return result


def without_links(value: Any) -> Any:
    """Return a document without HAL's links, at any depth."""
    if isinstance(value, dict):
        return {name: without_links(item) for name, item in value.items() if name != "_links"}
    if isinstance(value, list):
        return [without_links(item) for item in value]
    return value


def value_at(document: Any, path: str) -> Any:
    """Return the value at a dotted path, None if there is none."""
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _says_the_same(current: Any, wanted: Any) -> bool:
    if isinstance(current, bool) and isinstance(wanted, str):
        return wanted.lower() == str(current).lower()
    if isinstance(current, (int, float)) and isinstance(wanted, str):
        return wanted == str(current)
    return isinstance(current, bool) is isinstance(wanted, bool) and bool(current == wanted)


def _list_laid_over(current: list[Any], wanted: list[Any], by_key: bool, place: str) -> list[Any]:
    objects = bool(wanted) and all(isinstance(item, dict) for item in wanted)
    key = _natural_key(wanted) if objects else None
    if by_key and objects and key is None:
        raise OptionError(
            f"{place} cannot be laid over by key",
            f"its objects have no natural key: one of {', '.join(NATURAL_KEYS)} that all of them have, each its own",
            "Take lists: whole, and give the list in full.",
        )
    partners = _by_key(current, wanted, key) if key else _by_likeness(current, wanted)
    result = [
        laid_over(current[partners[number]] if number in partners else None, item, by_key=by_key, place=f"{place}[]")
        for number, item in enumerate(wanted)
    ]
    if by_key and objects:
        result += [item for number, item in enumerate(current) if number not in partners.values()]
    # What is the same but for the order is no change.
    return current if _sorted(result) == _sorted(current) else result


def _by_key(current: list[Any], wanted: list[Any], key: str) -> dict[int, int]:
    """Return for the number of each wanted object the number of PingOne's with the same key."""
    numbers = {item.get(key): number for number, item in enumerate(current) if isinstance(item, dict)}
    return {number: numbers[item[key]] for number, item in enumerate(wanted) if item[key] in numbers}


def _by_likeness(current: list[Any], wanted: list[Any]) -> dict[int, int]:
    """Return for the number of each wanted item the number of one of PingOne's that has all that is wanted.

    As many find one as can (augmenting paths in a bipartite graph), so that the order does not count.
    """
    fitting = [[number for number, item in enumerate(current) if is_met(item, wish)] for wish in wanted]
    taken: dict[int, int] = {}

    def find(wish: int, tried: set[int]) -> bool:
        for number in fitting[wish]:
            if number not in tried:
                tried.add(number)
                if number not in taken or find(taken[number], tried):
                    taken[number] = wish
                    return True
        return False

    for wish in range(len(wanted)):
        find(wish, set())
    return {wish: number for number, wish in taken.items()}


def _natural_key(objects: list[dict[str, Any]]) -> str | None:
    for key in NATURAL_KEYS:
        values = [item.get(key) for item in objects]
        if all(isinstance(value, str) for value in values) and len(set(values)) == len(values):
            return key
    return None


def _sorted(items: list[Any]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in items)
