# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of answers against the published contract, stricter than the contract itself: nothing undeclared."""

from __future__ import annotations

import datetime
import functools
import re
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import referencing
import referencing.jsonschema
import requests
import yaml

_BASE = "urn:contract"
_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("uuid", ValueError)
def _uuid(value: Any) -> bool:
    return str(uuid.UUID(value)) == value


@_FORMATS.checks("date-time", ValueError)
def _date_time(value: Any) -> bool:
    # RFC 3339 wants an offset, which fromisoformat does not
    return bool(re.search(r"T.*(Z|[+-]\d\d:\d\d)$", value)) and bool(datetime.datetime.fromisoformat(value))


@_FORMATS.checks("uri", ValueError)
def _uri(value: Any) -> bool:
    parts = urlsplit(value)
    return parts.scheme == "https" and bool(parts.netloc) and re.fullmatch(r"[!#-;=?-Z\[\]_a-z~%]+", value) is not None


@_FORMATS.checks("int32")
def _int32(value: Any) -> bool:
    return -(2**31) <= value < 2**31


@_FORMATS.checks("int64")
def _int64(value: Any) -> bool:
    return -(2**63) <= value < 2**63


@_FORMATS.checks("unix-date-time", (ValueError, OverflowError))
def _unix_date_time(value: Any) -> bool:
    return 2000 < datetime.datetime.fromtimestamp(value, datetime.UTC).year < 2100


def check(schema: str, document: Any) -> None:
    """Fail unless the document is what a component schema of the contract describes, and no more than that."""
    _validator(schema).validate(document)
    if schema == "EnvironmentsCollectionResponse":
        for environment in document["_embedded"]["environments"]:
            _check_expanded(environment)
    if schema == "EnvironmentResponse":
        _check_expanded(document)


def _check_expanded(environment: Any) -> None:
    # the contract leaves open what is embedded
    embedded = environment.get("_embedded", {})
    assert set(embedded) <= {"billOfMaterials"}
    if embedded:
        check("EnvironmentBillOfMaterialsResponse", embedded["billOfMaterials"])


@functools.cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    contract = yaml.safe_load(Path(__file__).with_name("environments.openapi.yaml").read_text(encoding="utf-8"))
    assert schema in contract["components"]["schemas"]
    _close(contract["components"]["schemas"])
    resource = referencing.jsonschema.DRAFT202012.create_resource(contract)
    return jsonschema.Draft202012Validator(
        {"$ref": f"{_BASE}#/components/schemas/{schema}"},
        registry=referencing.Registry().with_resource(_BASE, resource),
        format_checker=_FORMATS,
    )


def _close(node: Any) -> None:
    """Forbid undeclared properties wherever the contract does not invite them."""
    if isinstance(node, list):
        for each in node:
            _close(each)
    elif isinstance(node, dict):
        for each in node.values():
            _close(each)
        if isinstance(node.get("properties"), dict) and "$ref" not in node["properties"]:
            node.setdefault("type", "object")
            node.setdefault("additionalProperties", False)


def refused(response: requests.Response, code: str, target: str | None = None, status: int = 400) -> dict[str, Any]:
    """The first detail of a refusal."""
    assert response.status_code == status, response.text
    check({400: "BadRequestError", 403: "ForbiddenError"}[status], response.json())
    details = response.json()["details"]
    assert (code, target) in [(each["code"], each.get("target")) for each in details], details
    return details[0].get("innerError", {})
