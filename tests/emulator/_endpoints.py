# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses the API has: the tables ``endpoints.tsv`` and ``more_endpoints.tsv``, and how to find a row.

A row says which methods an address has, which parameters its list takes, what must be in a body, and which media types
a body may have besides JSON. In a template ``*`` stands for the identifiers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _kinds

_TABLES = ("endpoints.tsv", "more_endpoints.tsv")
_ENVIRONMENT = "environments/*/"
# How Ping's contract calls the answer of most lists; it does not say under which name the items are in there.
_SOME_LIST = "EntityArray"


@dataclass(frozen=True)
class Endpoint:
    """One address, with the rows of the tables that differ only in the names of identifiers put together."""

    template: str
    methods: frozenset[str]
    is_list: bool
    #: Where a list is in ``_embedded``, if the table tells.
    embedded: str
    parameters: frozenset[str]
    required: tuple[str, ...]
    #: ``METHOD type``
    media_types: tuple[str, ...]
    #: ``collection``, ``item`` of one, ``singleton``, or ``action``, which stores nothing
    form: str = ""

    @property
    def kind(self) -> str:
        """The name under which ``_kinds`` knows what is at this address; that of the collection for its items."""
        name = self.template.removeprefix(_ENVIRONMENT)
        return name.removesuffix("/*") if self.form == "item" else name

    @property
    def in_environment(self) -> bool:
        """Whether it is below an environment."""
        return self.template.startswith(_ENVIRONMENT)


class Endpoints:
    """All addresses."""

    def __init__(self) -> None:
        rows: dict[str, Endpoint] = {}
        for name in _TABLES:
            for row in _read(Path(__file__).with_name(name)):
                rows[row.template] = _merged(rows[row.template], row) if row.template in rows else row
        self.rows = {
            template: Endpoint(**{**vars(row), "form": _form(row, rows.keys())}) for template, row in rows.items()
        }
        self._tree: dict[str, Any] = {}
        for template, row in self.rows.items():
            node = self._tree
            for segment in template.split("/"):
                node = node.setdefault(segment, {})
            node[""] = row

    def find(self, segments: list[str]) -> Endpoint | None:
        """The row of a path; words win over identifiers."""
        return _walk(self._tree, segments)

    def collections(self) -> Iterator[Endpoint]:
        """Those that hold items."""
        return (row for row in self.rows.values() if row.form == "collection")


def _walk(node: dict[str, Any], segments: list[str]) -> Endpoint | None:
    if not segments:
        return node.get("")
    for name in (segments[0], "*"):
        if name and name in node and (found := _walk(node[name], segments[1:])):
            return found
    return None


def _read(path: Path) -> Iterator[Endpoint]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield Endpoint(
                template=re.sub(r"\{\w+\}", "*", row["path"].strip("/")),
                methods=frozenset(row["methods"].upper().split()),
                is_list=row["embedded"] == _SOME_LIST,
                embedded="" if row["embedded"] == _SOME_LIST else row["embedded"],
                parameters=frozenset(row["list_parameters"].split()),
                required=tuple(filter(None, row["required_on_create"].split(","))),
                media_types=tuple(_media_type(*text.split(":", 1)) for text in (row["content_types"] or "").split()),
            )


def _media_type(method: str, media_type: str) -> str:
    return f"{method.upper()} {media_type}"


def _merged(one: Endpoint, other: Endpoint) -> Endpoint:
    return Endpoint(
        template=one.template,
        methods=one.methods | other.methods,
        is_list=one.is_list or other.is_list,
        embedded=one.embedded or other.embedded,
        parameters=one.parameters | other.parameters,
        required=tuple(dict.fromkeys(one.required + other.required)),
        media_types=one.media_types + other.media_types,
    )


def _form(row: Endpoint, templates: Any) -> str:
    if row.template.endswith("/*") and not row.is_list:
        return "item"
    # what is at another address, too
    if _kinds.kind(row.template.removeprefix(_ENVIRONMENT)).home[0]:
        return "collection"
    if f"{row.template}/*" in templates or row.is_list or row.parameters:
        return "collection"
    return "action" if row.methods == {"POST"} else "singleton"
