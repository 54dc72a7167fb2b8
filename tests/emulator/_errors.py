# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error bodies of the PingOne API.

https://developer.pingidentity.com/pingone-api/platform/reference/error-codes.html and the ``*Error`` schemas of the
published contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Detail = dict[str, Any]


class ApiError(Exception):
    """An answer in PingOne's error shape; the application adds ``id``, the request's correlation id."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Sequence[Detail] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"code": code, "message": message}
        if details:
            self.body["details"] = list(details)


def detail(code: str, message: str, target: str | None = None, inner: Mapping[str, Any] | None = None) -> Detail:
    """One entry of ``details``."""
    entry: Detail = {"code": code, "message": message}
    if target is not None:
        entry["target"] = target
    if inner is not None:
        entry["innerError"] = dict(inner)
    return entry


def invalid_request(entry: Detail) -> ApiError:
    """A query parameter that cannot be used."""
    return ApiError(400, "INVALID_REQUEST", "The request is not valid. See the details.", [entry])


def unauthorized(challenge: str) -> ApiError:
    """No token, or one that is malformed, expired or revoked (RFC 6750 section 3)."""
    entry = detail("INVALID_TOKEN", "The access token is missing, expired, revoked or malformed.")
    return ApiError(
        401, "ACCESS_FAILED", "The request needs a valid access token.", [entry], {"WWW-Authenticate": challenge}
    )


def forbidden() -> ApiError:
    """No role with the permission. Also the answer for what is below an environment that does not exist."""
    entry = detail("INSUFFICIENT_PERMISSIONS", "The actor has no role that permits this.")
    return ApiError(403, "ACCESS_FAILED", "You do not have the permissions for this request.", [entry])


def not_found() -> ApiError:
    """Nothing is there."""
    return ApiError(404, "NOT_FOUND", "The requested resource was not found.")


def invalid_data(*entries: Detail) -> ApiError:
    """A body that cannot be stored."""
    return ApiError(400, "INVALID_DATA", "The request could not be completed. One or more validation errors.", entries)


def invalid_value(target: str, message: str) -> ApiError:
    """A property with a value that cannot be."""
    return invalid_data(detail("INVALID_VALUE", message, target))


def not_unique(target: str, existing_id: str) -> ApiError:
    """Somebody else has this value."""
    entry = detail(
        "UNIQUENESS_VIOLATION", "An entity with the specified value already exists", target, {"existingId": existing_id}
    )
    return invalid_data(entry)


def constraint(message: str, target: str | None = None) -> ApiError:
    """What cannot be done as things are."""
    return ApiError(
        400, "REQUEST_FAILED", "The request could not be completed.", [detail("CONSTRAINT_VIOLATION", message, target)]
    )


def method_not_allowed(methods: Iterable[str]) -> ApiError:
    """The address has other methods. The contract has no such answer; the code is the emulator's."""
    message = "The method is not supported for this resource."
    return ApiError(405, "METHOD_NOT_ALLOWED", message, headers={"Allow": ", ".join(sorted(methods))})
