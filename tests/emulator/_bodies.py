# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients send: its media type, its JSON, the properties that must be there."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

import flask

from . import _errors

JSON = "application/json"


def read(media_types: Collection[str] = (JSON,)) -> dict[str, Any]:
    """The body as a JSON object; of a form its fields, of an image its type and size."""
    mimetype = flask.request.mimetype  # in lower case
    if mimetype not in {each.lower() for each in media_types} and not (
        mimetype.startswith("image/") and "image/*" in media_types
    ):
        raise _errors.ApiError(
            415, "UNSUPPORTED_MEDIA_TYPE", f"The Content-Type must be one of {', '.join(sorted(media_types))}."
        )
    if mimetype == "multipart/form-data":
        files = {name: file.read().decode("utf-8", "replace") for name, file in flask.request.files.items()}
        return {**flask.request.form.to_dict(), **files}
    data = flask.request.get_data()
    if mimetype.startswith("image/"):
        return {"contentType": mimetype, "size": len(data)}
    if not data and mimetype != JSON:
        return {}  # PingOne's own media types say what is to be done, and some of them nothing else
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _errors.ApiError(400, "INVALID_REQUEST", "The body is not a JSON object.")
    return without_nulls(document)


def without_nulls(value: Any) -> Any:
    """A property that is null is not set."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value


def require(body: dict[str, Any], names: Iterable[str]) -> None:
    """Refuse a body without some properties."""
    details = []
    for name in names:
        if name not in body:
            details.append(_errors.detail("REQUIRED_VALUE", f"{name} must not be null", name))
        elif body[name] == "":
            details.append(_errors.detail("EMPTY_VALUE", f"{name} must not be empty", name))
    if details:
        raise _errors.invalid_data(*details)


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """A document with another laid over it, objects within it too; null takes a property away."""
    result = dict(old)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = without_nulls(value)
    return result


def read_patch() -> dict[str, Any]:
    """The body of a PATCH, with its nulls."""
    read()
    return json.loads(flask.request.get_data())
