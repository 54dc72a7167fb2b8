# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making, changing and deleting environments; reading them is in ``_environments``.

https://developer.pingidentity.com/pingone-api/platform/environments.html and .../bill-of-materials-bom.html.
"""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Callable
from typing import Any

import flask

from . import _bodies, _errors, _hal, _roles
from ._environments import actor, bill_of_materials, document, existing, require
from ._organization import Environment, Organization
from ._store import Store, now, time_of

_REQUIRED = ("license", "name", "region", "type")
_REGIONS = ("NA", "CA", "EU", "AP", "AU", "SG")
_TYPES = ("PRODUCTION", "SANDBOX")
_DESCRIPTIVE = ("name", "description", "icon", "subtype", "license")
# For so long a deleted PRODUCTION environment can be restored.
_RETENTION = datetime.timedelta(days=30)


class EnvironmentChanges:
    """The endpoints."""

    def __init__(self, organization: Organization, store: Store, consistency_delay: float) -> None:
        self._organization = organization
        self._store = store
        self._delay = consistency_delay

    def blueprint(self) -> flask.Blueprint:
        """The endpoints; the application has authenticated the actor before."""
        blueprint = flask.Blueprint("environment_changes", __name__, url_prefix="/v1/environments")
        blueprint.add_url_rule("", "create", self._locked(self._create), methods=["POST"])
        for method, path, change in (
            ("PUT", "", self._replace),
            ("DELETE", "", self._delete),
            ("PUT", "/type", self._promote),
            ("PUT", "/status", self._change_status),
            ("PUT", "/billOfMaterials", self._replace_bill_of_materials),
        ):
            rule = f"/<uuid:environment_id>{path}"
            blueprint.add_url_rule(rule, change.__name__, self._locked(change), methods=[method])
        return blueprint

    def _locked(self, change: Callable[..., flask.Response]) -> Callable[..., flask.Response]:
        def locked(**arguments: Any) -> flask.Response:
            with self._store.lock:
                return change(**arguments)

        return locked

    def _writable(self, environment_id: uuid.UUID) -> Environment:
        environment = existing(self._organization, environment_id)
        require(environment, _roles.UPDATE_ENVIRONMENT)
        return environment

    def _create(self) -> flask.Response:
        if not actor().may_in_organization(_roles.CREATE_ENVIRONMENT):
            raise _errors.forbidden()
        body = _bodies.read()
        _bodies.require(body, _REQUIRED)
        environment = _new_environment(self._organization, body, self._delay)
        self._organization.environments[environment.id] = environment
        return _hal.respond(document(environment, set()), 201)

    def _replace(self, environment_id: uuid.UUID) -> flask.Response:
        environment = self._writable(environment_id)
        body = _bodies.read()
        _bodies.require(body, _REQUIRED)
        for name in ("region", "type"):
            if body[name] != environment.properties[name]:
                raise _errors.invalid_value(name, f"{name} cannot be changed here")
        changed = _described(self._organization, body, environment.id)
        for name in _DESCRIPTIVE:
            environment.properties.pop(name, None)
        environment.properties.update(changed, updatedAt=now())
        return _hal.respond(document(environment, set()))

    def _delete(self, environment_id: uuid.UUID) -> flask.Response:
        environment = existing(self._organization, environment_id)
        if not actor().may_in_organization(_roles.DELETE_ENVIRONMENT):
            raise _errors.forbidden()
        properties = environment.properties
        if properties["type"] == "SANDBOX":
            self._remove(environment)
        elif properties["status"] != "DELETE_PENDING":
            _delete_softly(environment)
        elif properties["hardDeleteAllowedAt"] > now():
            raise _errors.constraint("The environment is deleted already, and can still be restored", "status")
        else:
            self._remove(environment)
        return flask.Response(status=204)

    def _remove(self, environment: Environment) -> None:
        del self._organization.environments[environment.id]
        self._store.remove("environments", environment.id)
        for application in list(self._organization.applications.values()):
            if application.environment_id == environment.id:
                del self._organization.applications[application.client_id]

    def _promote(self, environment_id: uuid.UUID) -> flask.Response:
        environment = self._writable(environment_id)
        body = _bodies.read()
        _bodies.require(body, ("type",))
        if body["type"] not in ("PRODUCTION", environment.properties["type"]):
            raise _errors.invalid_value("type", "An environment can become PRODUCTION only")
        environment.properties.update(type=body["type"], updatedAt=now())
        return _hal.respond(document(environment, set()))

    def _change_status(self, environment_id: uuid.UUID) -> flask.Response:
        environment = self._writable(environment_id)
        body = _bodies.read()
        _bodies.require(body, ("status",))
        if body["status"] == "ACTIVE":
            for name in ("softDeletedAt", "hardDeleteAllowedAt"):
                environment.properties.pop(name, None)
            environment.properties.update(status="ACTIVE", updatedAt=now())
        elif body["status"] != "DELETE_PENDING" or environment.properties["type"] != "PRODUCTION":
            raise _errors.invalid_value("status", "An environment cannot get this status")
        elif environment.properties["status"] == "ACTIVE":
            _delete_softly(environment)
        return _hal.respond(document(environment, set()))

    def _replace_bill_of_materials(self, environment_id: uuid.UUID) -> flask.Response:
        environment = self._writable(environment_id)
        body = _bodies.read()
        _bodies.require(body, ("products",))
        created = environment.bill_of_materials["createdAt"]
        changed = _new_bill_of_materials(body, environment.bill_of_materials)
        environment.bill_of_materials.clear()
        environment.bill_of_materials.update(changed, createdAt=created)
        return _hal.respond(bill_of_materials(environment))


def _delete_softly(environment: Environment) -> None:
    allowed = datetime.datetime.now(datetime.UTC) + _RETENTION
    environment.properties.update(
        status="DELETE_PENDING", softDeletedAt=now(), hardDeleteAllowedAt=time_of(allowed), updatedAt=now()
    )


def _new_environment(organization: Organization, body: dict[str, Any], consistency_delay: float) -> Environment:
    for name, values in {"region": _REGIONS, "type": _TYPES}.items():
        if body[name] not in values:
            raise _errors.invalid_value(name, f"The value must be one of {', '.join(values)}")
    environment_id = str(uuid.uuid4())
    moment = now()
    properties: dict[str, Any] = {
        "id": environment_id,
        "name": "",
        "type": body["type"],
        "region": body["region"],
        "status": "ACTIVE",
        "createdAt": moment,
        "updatedAt": moment,
        "organization": {"id": organization.id},
        **_described(organization, body, environment_id),
    }
    bill = _new_bill_of_materials(body.get("billOfMaterials", {"products": [{"type": "PING_ONE_BASE"}]}), {})
    since = time.monotonic() + consistency_delay if consistency_delay else 0
    return Environment(environment_id, properties, bill, since)


def _described(organization: Organization, body: dict[str, Any], environment_id: str) -> dict[str, Any]:
    """What a client decides about an environment."""
    license_ = body["license"]
    license_id = license_.get("id") if isinstance(license_, dict) else None
    if license_id not in organization.licenses:
        raise _errors.invalid_value("license.id", "There is no license with this id")
    for other in organization.environments.values():
        if other.properties["name"] == body["name"] and other.id != environment_id:
            raise _errors.not_unique("name", other.id)
    described = {name: body[name] for name in _DESCRIPTIVE if name in body}
    described["license"] = {"id": license_id, "package": organization.licenses[license_id]["package"]}
    return described


def _new_bill_of_materials(body: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    products = body.get("products")
    if not isinstance(products, list) or not all(isinstance(each, dict) and "type" in each for each in products):
        raise _errors.invalid_value("products", "A product needs a type")
    ids = {each["type"]: each["id"] for each in old.get("products", [])}
    bill: dict[str, Any] = {
        "products": [
            {"id": ids.get(each["type"]) or str(uuid.uuid4()), **{k: v for k, v in each.items() if k != "id"}}
            for each in products
        ],
        "createdAt": now(),
        "updatedAt": now(),
    }
    if "solutionType" in body:
        bill["solutionType"] = body["solutionType"]
    return bill
