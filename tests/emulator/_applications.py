# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications, their secrets, and roles: what about them cannot be said in ``_kinds``.

https://developer.pingidentity.com/pingone-api/platform/applications.html and .../platform/roles.html. A worker made
here can ask for tokens, and does what its roles permit.
"""

from __future__ import annotations

import datetime
import secrets
import time
import uuid
from collections.abc import Iterable
from typing import Any

import flask

from . import _bodies, _errors, _hal, _roles, _scim
from ._organization import WorkerApplication
from ._resources import Call, Hooks
from ._roles import RoleAssignment
from ._store import Document, now, time_of

_DEFAULTS: dict[str, dict[str, Any]] = {
    "OPENID_CONNECT": {
        "hiddenFromAppPortal": False,
        "pkceEnforcement": "OPTIONAL",
        "parRequirement": "OPTIONAL",
        "parTimeout": 60,
        "additionalRefreshTokenReplayProtectionEnabled": True,
        "refreshTokenDuration": 2_592_000,
        "refreshTokenRollingDuration": 15_552_000,
        "requireSignedRequestObject": False,
        "assignActorRoles": False,
    },
    "SAML": {"hiddenFromAppPortal": False, "assertionSigned": True, "responseSigned": False, "sloBinding": "HTTP_POST"},
    "EXTERNAL_LINK": {"hiddenFromAppPortal": False},
}
_GRANT_TYPES = {
    "WEB_APP": ["AUTHORIZATION_CODE"],
    "SINGLE_PAGE_APP": ["AUTHORIZATION_CODE"],
    "NATIVE_APP": ["AUTHORIZATION_CODE"],
    "SERVICE": ["CLIENT_CREDENTIALS"],
    "WORKER": ["CLIENT_CREDENTIALS"],
}
_SUBJECTS = {"OPENID_CONNECT": ("sub", "${user.id}"), "SAML": ("saml_subject", "${user.id}")}
_PUBLIC = {"SINGLE_PAGE_APP", "NATIVE_APP"}
_PROTECTED = {
    "applications": ("type", {"PING_ONE_PORTAL", "PING_ONE_SELF_SERVICE"}),
    "applications/*/attributes": ("mappingType", {"CORE"}),
    "identityProviders/*/attributes": ("mappingType", {"CORE"}),
    "resources": ("type", {"OPENID_CONNECT", "PINGONE_API"}),
    "schemas/*/attributes": ("schemaType", {"CORE", "STANDARD"}),
}


def add(hooks: Hooks) -> None:
    """Bring along what these kinds do."""
    hooks.prepare["applications"] = _prepare
    hooks.stored["applications"] = _stored
    for owner in ("applications", "resources"):
        hooks.special["GET", f"{owner}/*/secret", "singleton"] = _read_secret
        hooks.special["POST", f"{owner}/*/secret", "singleton"] = _rotate_secret
        hooks.special["DELETE", f"{owner}/*/secret", "singleton"] = _delete_previous_secret
    for owner in ("applications", "gateways", "groups", "users"):
        hooks.prepare[f"{owner}/*/roleAssignments"] = _prepare_assignment
    hooks.stored["applications/*/roleAssignments"] = lambda call, item, old: _synchronize(call, call.owner_id)
    hooks.prepare["gateways/*/credentials"] = _prepare_credential
    hooks.special["POST", "customDomains", "item"] = _act_on_domain
    hooks.prepare["customDomains"] = _prepare_domain
    for name in _PROTECTED:
        hooks.refuse_deletion[name] = _refuse_protected


def _refuse_protected(call: Call, item: Document) -> None:
    name, protected = _PROTECTED[call.name]
    if item.get(name) in protected:
        raise _errors.constraint("This is PingOne's own and cannot be deleted", name)


# Applications


def _prepare(call: Call, application: Document, old: Document | None) -> None:
    protocol, kind = (str(application[name]) for name in ("protocol", "type"))
    known = {"OPENID_CONNECT": set(_GRANT_TYPES) | {"CUSTOM_APP"}, "SAML": {"WEB_APP", "CUSTOM_APP"}}
    if protocol not in {*_DEFAULTS, "WS_FED"}:
        raise _errors.invalid_value("protocol", "There is no such protocol")
    if old is None and protocol in known and kind not in known[protocol]:
        raise _errors.invalid_value("type", "There is no such type with this protocol")
    defaults = dict(_DEFAULTS.get(protocol, {}))
    if protocol == "OPENID_CONNECT":
        defaults |= {
            "tokenEndpointAuthMethod": "NONE" if kind in _PUBLIC else "CLIENT_SECRET_BASIC",
            "grantTypes": _GRANT_TYPES.get(kind, []),
        }
    for name, value in defaults.items():
        application.setdefault(name, value)


def _stored(call: Call, application: Document | None, old: Document | None) -> None:
    if application is None:
        call.api.organization.applications.pop((old or {})["id"], None)
        return
    path = f"{call.collection}/{application['id']}"
    if old is None:
        if application["protocol"] == "OPENID_CONNECT":
            call.store.set_document(f"{path}/secret", {"secret": secrets.token_urlsafe(48)})
        if application["protocol"] in _SUBJECTS and application["type"] not in ("WORKER", "SERVICE"):
            name, value = _SUBJECTS[application["protocol"]]
            attribute = {
                "id": str(uuid.uuid4()),
                "environment": {"id": call.environment_id},
                "application": {"id": application["id"]},
                "name": name,
                "value": value,
                "required": True,
                "mappingType": "CORE",
                "createdAt": now(),
                "updatedAt": now(),
            }
            call.store.add(f"{path}/attributes", attribute, (name,), at_once=True)
    _synchronize(call, application["id"])


def _synchronize(call: Call, application_id: str) -> None:
    """Make of a stored worker one that the token endpoint knows."""
    applications = call.below("applications")
    application = next((each for each in call.store.all_items(applications) if each["id"] == application_id), None)
    if application is None or application["type"] != "WORKER":
        return
    known = call.api.organization.applications
    before = known.get(application_id)
    document = call.store.document(f"{applications}/{application_id}/secret") or {}
    previous = document.get("previous")
    known[application_id] = WorkerApplication(
        key=before.key if before else application_id,
        name=application["name"],
        client_id=application_id,
        client_secret=document.get("secret", ""),
        environment_id=call.environment_id,
        token_endpoint_auth_method=application.get("tokenEndpointAuthMethod", "CLIENT_SECRET_BASIC").lower(),
        enabled=application.get("enabled") is True,
        role_assignments=tuple(_assignments(call, f"{applications}/{application_id}/roleAssignments")),
        key_pair=before.key_pair if before else None,
        previous_secret=(previous["secret"], previous["expiresAt"]) if previous else None,
    )


def _assignments(call: Call, path: str) -> Iterable[RoleAssignment]:
    for item in call.store.all_items(path):
        scope = item["scope"]
        yield RoleAssignment(
            call.api.organization.role_names.get(item["role"]["id"], item["role"]["id"]),
            scope["type"],
            scope["id"],
            item["environment"]["id"] if scope["type"] == "POPULATION" else None,
            call.api.effective.get(item["id"], 0),
        )


# Secrets


def _secret_document(call: Call) -> Document:
    call.owner()
    document = call.store.document(call.path)
    if document is None:
        if call.name.startswith("applications"):
            raise _errors.not_found()
        document = {"secret": secrets.token_urlsafe(48)}
        call.store.set_document(call.path, document)
    return document


def _read_secret(call: Call) -> flask.Response:
    api = _hal.api_url()
    links = _hal.links(self=f"{api}/{call.path}", environment=f"{api}/environments/{call.environment_id}")
    return _hal.respond({"_links": links, "environment": {"id": call.environment_id}, **_secret_document(call)})


def _rotate_secret(call: Call) -> flask.Response:
    document = _secret_document(call)
    body = _bodies.read() if flask.request.get_data() else {}
    changed: Document = {"secret": secrets.token_urlsafe(48)}
    expires = next(_scim.values(body, "previous.expiresAt"), None)
    if expires is not None:
        changed["previous"] = {"secret": document["secret"], "expiresAt": _moment(expires)}
    call.store.set_document(call.path, changed)
    _synchronize(call, call.owner_id)
    return _read_secret(call)


def _moment(text: Any) -> str:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _errors.invalid_value("previous.expiresAt", "This is not a time") from None
    return time_of(moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC))


def _delete_previous_secret(call: Call) -> flask.Response:
    document = _secret_document(call)
    call.store.set_document(call.path, {"secret": document["secret"]})
    _synchronize(call, call.owner_id)
    return flask.Response(status=204)


def _prepare_credential(call: Call, credential: Document, old: Document | None) -> None:
    credential["credential"] = secrets.token_urlsafe(48)


# Roles


def _prepare_assignment(call: Call, assignment: Document, old: Document | None) -> None:
    organization = call.api.organization
    role_id, scope = _id_of(assignment, "role"), assignment["scope"]
    role = organization.role_names.get(role_id)
    custom = call.store.get(call.below("roles"), role_id)
    if role is None and custom is None:
        raise _errors.invalid_value("role.id", "There is no role with this id")
    scope_id, scope_type = _id_of(assignment, "scope"), str(scope.get("type"))
    types = _roles.ROLES[role].scope_types if role else ("ORGANIZATION", "ENVIRONMENT", "POPULATION")
    if scope_type not in types:
        raise _errors.invalid_value("scope.type", "The role cannot be assigned in such a scope")
    exists = {
        "ORGANIZATION": lambda: scope_id == organization.id,
        "ENVIRONMENT": lambda: scope_id in organization.environments,
        "POPULATION": lambda: call.store.exists(call.below("populations"), scope_id),
    }
    if not exists[scope_type]():
        raise _errors.invalid_value("scope.id", "There is no such scope with this id")
    assigners = [organization.role_names.get(each, each) for each in _scim.values(custom or {}, "canBeAssignedBy.id")]
    environment_id = scope_id if scope_type == "ENVIRONMENT" else call.environment_id
    if not call.actor.may_grant(role or role_id, assigners, scope_type, environment_id):
        raise _errors.forbidden()
    assignment["scope"] = {"id": scope_id, "type": scope_type}
    if call.api.propagation_delay:
        call.api.effective[assignment["id"]] = time.monotonic() + call.api.propagation_delay


def _id_of(document: Document, name: str) -> str:
    value = document[name]
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise _errors.invalid_value(f"{name}.id", "An id is missing")
    return value["id"]


# Custom domains


def _prepare_domain(call: Call, domain: Document, old: Document | None) -> None:
    domain.setdefault("canonicalName", f"{domain['id']}.domains.pingone.test")


def _act_on_domain(call: Call) -> flask.Response:
    domain = call.item()
    body = _bodies.read({text.partition(" ")[2] for text in call.kind.media_types})
    if flask.request.mimetype.endswith("certificate.import+json"):
        _bodies.require(body, call.endpoint.required)
        if domain["status"] == "VERIFICATION_REQUIRED":
            raise _errors.constraint("The domain is not verified", "status")
        expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365)
        domain["certificate"] = {"expiresAt": time_of(expires)}
        domain["status"] = "ACTIVE"
    elif domain["status"] == "VERIFICATION_REQUIRED":
        domain["status"] = "SSL_CERTIFICATE_REQUIRED"
    domain["updatedAt"] = now()
    return _hal.respond(call.api.show_all(call, [domain])[0])
