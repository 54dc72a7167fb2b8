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
from typing import Any
from urllib.parse import quote, quote_plus

#: Characters. Masking shorter values would hide more of a message than it protects; PingOne's secrets have 64.
SHORTEST = 8


class Secrets:
    """The secrets that one task knows."""

    MASK = "********"

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, *values: str) -> None:
        """Remember secrets, in plain and in the percent-encoded forms in which a server could send them back."""
        for value in values:
            if len(value) >= SHORTEST:
                self._values |= {value, quote(value, safe=""), quote_plus(value)}

    def mask(self, document: Any) -> Any:
        """Return a JSON document with each secret in its texts replaced."""
        text = json.dumps(document)
        if any(json.dumps(secret)[1:-1] in text for secret in self._values):
            return self._mask(document)
        return document

    def _mask(self, value: Any) -> Any:
        if isinstance(value, str):
            # The longest first: a secret may hold another one.
            for secret in sorted(self._values, key=len, reverse=True):
                value = value.replace(secret, self.MASK)
            return value
        if isinstance(value, dict):
            return {self._mask(key): self._mask(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._mask(item) for item in value]
        return value
