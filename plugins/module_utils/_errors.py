# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""What can go wrong between a playbook and PingOne.

Each error is one message for the person at the keyboard: what failed, why as PingOne said it, and what to do next.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import Any


def shown(value: str) -> str:
    """Return a value as a message can show it: in quotes, unprintable characters escaped, not too long."""
    return repr(value if len(value) <= 80 else f"{value[:77]}...")


class PingOneError(Exception):
    """The base of all errors of this collection.

    :ivar what: what failed, such as "Cannot read environment X".
    :ivar why: the cause, in PingOne's words where it gave some.
    :ivar next_step: what the user can do about it, in whole sentences.
    :ivar status: the HTTP status, None where there was no answer.
    :ivar code: PingOne's or OAuth's error code, such as C(ACCESS_FAILED) or C(invalid_client).
    :ivar details: PingOne's list of details, each a dict with C(code), C(message) and maybe C(target).
    :ivar correlation_id: what PingOne's support asks for.
    :ivar unclear: whether PingOne may have done what was asked for nevertheless.
    """

    unclear = False

    def __init__(
        self,
        what: str,
        why: str = "",
        next_step: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        details: list[dict[str, Any]] | None = None,
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step
        self.status = status
        self.code = code
        self.details = details or []
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        facts = []
        if self.status is not None:
            facts.append(f"HTTP {self.status}")
        if self.code:
            facts.append(self.code)
        if self.correlation_id:
            facts.append(f"correlation id {self.correlation_id}")
        said = ": ".join(part for part in (self.what, self.why) if part).rstrip(".")
        if facts:
            said = f"{said} ({', '.join(facts)})"
        return f"{said}. {self.next_step}".strip()

    def rewrite(self, function: Callable[[Any], Any]) -> None:
        """Replace what the server said by what the function makes of it."""
        self.why, self.code, self.details, self.correlation_id = (
            function(said) for said in (self.why, self.code, self.details, self.correlation_id)
        )

    def to_result(self) -> dict[str, Any]:
        """Return the keys of a failed task's result; they are always all there."""
        return {
            "msg": str(self),
            "status": self.status,
            "code": self.code,
            "details": self.details,
            "correlation_id": self.correlation_id,
        }


class OptionError(PingOneError):
    """An option or environment variable is wrong or missing. Raised before any network traffic."""


class ConnectionFailed(PingOneError):
    """No answer came: name resolution, network, TLS, proxy or time-out.

    :ivar sent: whether the server may have got the request.
    :ivar passing: whether the next attempt may succeed.
    """

    sent = False
    passing = True


class UnexpectedAnswer(PingOneError):
    """Something answered, but not as PingOne does: a proxy's page, a redirect, another shape."""


class TokenRefused(PingOneError):
    """The token endpoint gave an error (RFC 6749 section 5.2) that is not C(invalid_client)."""


class InvalidClient(TokenRefused):
    """The token endpoint does not accept the worker application's credentials."""


class ApiError(PingOneError):
    """The management API gave an error status that has no class of its own."""


class InvalidToken(ApiError):
    """The API does not accept the access token (401)."""


class InsufficientPrivileges(ApiError):
    """The API knows the worker application, and its roles do not suffice (403)."""


class NotFound(ApiError):
    """The API does not know the resource, or hides it from this worker application (404)."""


def bug(error: Exception) -> PingOneError:
    """Return what is said of an error that should not be possible: where it was, and nothing that could be a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return PingOneError(
        "The collection community.pingone has a bug",
        f"{type(error).__name__} in {os.path.basename(frame.filename)}, line {frame.lineno}",
        "Please report it, with this message: https://github.com/ansible-collections/community.pingone/issues",
    )
