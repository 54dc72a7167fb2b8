# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Keeps secrets out of everything that a task returns.

A module does not register them with ansible-core (2.22 and newer): they would travel to the controller in its output,
and its debug mode shows that output before it is masked. What never leaves the module needs no mask there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, quote_plus

#: Characters. Masking shorter values would hide more of a message than it protects; PingOne's secrets have 64.
SHORTEST = 8
MASK = "********"


class Secrets:
    """The secrets that one task knows.

    :arg register: makes secrets known to ansible-core.
    """

    def __init__(self, register: Callable[[Iterable[str]], None] | None = None) -> None:
        self._values: set[str] = set()
        self._register = register

    def add(self, *values: str) -> None:
        """Remember secrets, in plain and in the percent-encoded forms in which a server could send them back."""
        for value in values:
            if len(value) >= SHORTEST:
                forms = {value, quote(value, safe=""), quote_plus(value)}
                self._values |= forms
                if self._register:
                    self._register(forms)

    def mask(self, document: Any) -> Any:
        """Return a JSON document with each secret in its texts replaced."""
        text = json.dumps(document)
        if any(json.dumps(secret)[1:-1] in text for secret in self._values):
            return _map_texts(document, self._without_secrets)
        return document

    def mask_pieces(self, document: Any) -> Any:
        """Return the same with each piece of a secret replaced that has as many characters as the shortest secret.

        For what a server said, which may quote only a part. It takes too long for whole lists of resources.
        """
        pieces = {
            secret[start : start + SHORTEST] for secret in self._values for start in range(len(secret) - SHORTEST + 1)
        }
        return _map_texts(document, lambda text: _without(text, pieces))

    def _without_secrets(self, text: str) -> str:
        # The longest first: a secret may hold another one.
        for secret in sorted(self._values, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text


def _without(text: str, pieces: set[str]) -> str:
    """Return the text with each run of overlapping pieces replaced."""
    kept, end = [], 0
    for start in range(len(text)):
        if text[start : start + SHORTEST] in pieces:
            if start >= end:
                kept.append(MASK)
            end = start + SHORTEST
        elif start >= end:
            kept.append(text[start])
    return "".join(kept)


def _map_texts(value: Any, function: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return function(value)
    if isinstance(value, dict):
        return {function(key): _map_texts(item, function) for key, item in value.items()}
    if isinstance(value, list):
        return [_map_texts(item, function) for item in value]
    return value
