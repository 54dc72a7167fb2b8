# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is stored: a tree of collections with items, and of single documents, each at its path below ``/v1/``.

What is deleted goes with everything below it. Whoever reads or writes holds ``lock``.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Hashable, Iterator
from typing import Any

Document = dict[str, Any]


def now() -> str:
    """The time as PingOne writes it."""
    return time_of(datetime.datetime.now(datetime.UTC))


def time_of(moment: datetime.datetime) -> str:
    """A moment as PingOne writes it."""
    return moment.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Node:
    __slots__ = ("children", "document", "items", "keys", "visible")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.document: Document | None = None
        self.items: dict[str, Document] = {}
        #: The item that has a key, for those that must be unique.
        self.keys: dict[Hashable, str] = {}
        #: Since when an item is to be seen, for those that are not yet.
        self.visible: dict[str, float] = {}


_NOTHING = _Node()


class Store:
    """Everything below ``/v1/`` but environments."""

    def __init__(self, consistency_delay: float = 0) -> None:
        self.lock = threading.RLock()
        self._delay = consistency_delay
        self._root = _Node()

    def _find(self, path: str) -> _Node:
        node = self._root
        for segment in path.split("/"):
            if segment not in node.children:
                return _NOTHING
            node = node.children[segment]
        return node

    def _make(self, path: str) -> _Node:
        node = self._root
        for segment in path.split("/"):
            node = node.children.setdefault(segment, _Node())
        return node

    # Collections

    def items(self, path: str) -> list[Document]:
        """The items of a collection that are to be seen, in the order in which they came."""
        node = self._find(path)
        self._show(node)
        return [item for id_, item in node.items.items() if id_ not in node.visible]

    def all_items(self, path: str) -> Iterator[Document]:
        """Those, and those which are not to be seen yet."""
        return iter(self._find(path).items.values())

    def get(self, path: str, id_: str) -> Document | None:
        """One item, if it is to be seen."""
        node = self._find(path)
        self._show(node)
        return None if id_ in node.visible else node.items.get(id_)

    def exists(self, path: str, id_: str) -> bool:
        """Whether there is such an item, be it to be seen or not: what refers to it can be stored."""
        return id_ in self._find(path).items

    def below(self, path: str, name: str) -> Iterator[str]:
        """The paths of what is called so below the items of a collection."""
        return (f"{path}/{id_}/{name}" for id_, node in self._find(path).children.items() if name in node.children)

    def holder(self, path: str, key: Hashable) -> str | None:
        """The item of a collection that has a key."""
        return self._find(path).keys.get(key)

    def add(self, path: str, item: Document, key: Hashable | None = None, at_once: bool = False) -> None:
        """Put a new item into a collection."""
        node = self._make(path)
        node.items[item["id"]] = item
        if key is not None:
            node.keys[key] = item["id"]
        if self._delay and not at_once:
            node.visible[item["id"]] = time.monotonic() + self._delay

    def replace(self, path: str, item: Document, old_key: Hashable | None, key: Hashable | None) -> None:
        """Change an item."""
        node = self._find(path)
        node.items[item["id"]] = item
        if old_key is not None:
            node.keys.pop(old_key, None)
        if key is not None:
            node.keys[key] = item["id"]

    def remove(self, path: str, id_: str, key: Hashable | None = None) -> None:
        """Delete an item and what is below it."""
        node = self._find(path)
        node.items.pop(id_, None)
        node.visible.pop(id_, None)
        node.children.pop(id_, None)
        if key is not None:
            node.keys.pop(key, None)

    def _show(self, node: _Node) -> None:
        if node.visible:
            moment = time.monotonic()
            for id_ in [id_ for id_, since in node.visible.items() if since <= moment]:
                del node.visible[id_]

    # Single documents

    def document(self, path: str) -> Document | None:
        """What was set at a path."""
        return self._find(path).document

    def set_document(self, path: str, document: Document | None) -> None:
        """Set it, or take it away."""
        self._make(path).document = document
