# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Keeps secrets out of everything that a task returns or prints."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

try:
    # ansible-core 2.22 masks registered secrets in all its output.
    from ansible.module_utils.secrets import register_secret
except ImportError:

    def register_secret(value: str) -> None:
        """Older releases of ansible-core have nowhere to register a secret."""


class Secrets:
    """The secrets that one task knows; its host masks them."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, *values: str) -> None:
        """Remember secrets in plain and in the percent-encoded forms in which a server could send them back."""
        for value in values:
            for form in {value, quote(value, safe=""), quote_plus(value)} - self._values - {""}:
                self._values.add(form)
                register_secret(form)

    @property
    def values(self) -> frozenset[str]:
        """What the host has to mask in a task's result."""
        return frozenset(self._values)
