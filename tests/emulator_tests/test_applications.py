# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications, their secrets and grants, and what the roles of a worker are good for."""

from __future__ import annotations

import datetime
import json
import shlex
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from .conftest import Emulator
from .management import UNKNOWN, Management, refused

WORKER = {"name": "Worker", "enabled": True, "type": "WORKER", "protocol": "OPENID_CONNECT"}


def role_id(api: Management, name: str) -> str:
    (role,) = (each for each in api.list("/roles") if each["name"] == name)
    return role["id"]


def grant(api: Management, worker: str, name: str, scope: dict[str, str] | None = None) -> requests.Response:
    scope = scope or {"type": "ENVIRONMENT", "id": api.environment_id}
    body = {"role": {"id": role_id(api, name)}, "scope": scope}
    return api.send("POST", f"applications/{worker}/roleAssignments", body)


def worker(api: Management, **more: Any) -> tuple[str, str]:
    """The id and the secret of a new one."""
    id_ = api.ok("POST", "applications", {**WORKER, **more})["id"]
    return id_, api.ok("GET", f"applications/{id_}/secret")["secret"]


def acting(api: Management, id_: str, secret: str) -> Management:
    """The client of a worker."""
    session = api.emulator.session()
    session.auth = api.emulator.worker(id_, secret)
    return Management(api.emulator, session, api.environment_id)


@pytest.mark.parametrize(
    ("body", "defaults"),
    [
        (
            {"protocol": "OPENID_CONNECT", "type": "WEB_APP"},
            {
                "tokenEndpointAuthMethod": "CLIENT_SECRET_BASIC",
                "pkceEnforcement": "OPTIONAL",
                "hiddenFromAppPortal": False,
            },
        ),
        ({"protocol": "OPENID_CONNECT", "type": "SINGLE_PAGE_APP"}, {"tokenEndpointAuthMethod": "NONE"}),
        ({"protocol": "OPENID_CONNECT", "type": "NATIVE_APP"}, {"tokenEndpointAuthMethod": "NONE"}),
        ({"protocol": "OPENID_CONNECT", "type": "WORKER"}, {"grantTypes": ["CLIENT_CREDENTIALS"]}),
        ({"protocol": "OPENID_CONNECT", "type": "SERVICE"}, {"grantTypes": ["CLIENT_CREDENTIALS"]}),
        ({"protocol": "SAML", "type": "WEB_APP", "acsUrls": ["https://a.example"]}, {"assertionSigned": True}),
        ({"protocol": "EXTERNAL_LINK", "type": "PORTAL_LINK_APP"}, {"hiddenFromAppPortal": False}),
    ],
)
def test_types(sandbox: Management, body: dict[str, Any], defaults: dict[str, Any]) -> None:
    made = sandbox.ok("POST", "applications", {"name": "A", "enabled": True, **body})
    assert made.items() >= {**body, **defaults}.items()
    path = f"applications/{made['id']}"
    assert sandbox.ok("PUT", path, {**made, "name": "B"})["name"] == "B"
    refused(sandbox.send("PUT", path, {**made, "type": "X"}), "INVALID_VALUE", "type")
    secret = sandbox.send("GET", f"{path}/secret")
    assert secret.status_code == (200 if body["protocol"] == "OPENID_CONNECT" else 404)
    assert "secret" not in sandbox.ok("GET", path)
    core = {"OPENID_CONNECT": ["sub"], "SAML": ["saml_subject"]}.get(body["protocol"], [])
    attributes = sandbox.list(f"{path}/attributes")
    assert [each["name"] for each in attributes] == ([] if body["type"] in ("WORKER", "SERVICE") else core)
    for each in attributes:
        refused(sandbox.send("DELETE", f"{path}/attributes/{each['id']}"), "CONSTRAINT_VIOLATION", "mappingType")


@pytest.mark.parametrize(
    ("body", "target"),
    [({"protocol": "X", "type": "WEB_APP"}, "protocol"), ({"protocol": "SAML", "type": "X"}, "type")],
)
def test_types_that_are_none(sandbox: Management, body: dict[str, Any], target: str) -> None:
    refused(sandbox.send("POST", "applications", {"name": "A", "enabled": True, **body}), "INVALID_VALUE", target)


def test_grants_and_policies(sandbox: Management) -> None:
    path = f"applications/{sandbox.ok('POST', 'applications', {**WORKER, 'type': 'WEB_APP'})['id']}"
    resources = {each["name"]: each["id"] for each in sandbox.list("resources")}
    openid = resources["openid"]
    scopes = [{"id": each["id"]} for each in sandbox.list(f"resources/{openid}/scopes")]
    made = sandbox.ok("POST", f"{path}/grants", {"resource": {"id": openid}, "scopes": scopes[:1]})
    inner = refused(
        sandbox.send("POST", f"{path}/grants", {"resource": {"id": openid}, "scopes": scopes}),
        "UNIQUENESS_VIOLATION",
        "resource.id",
    )
    assert inner == {"existingId": made["id"]}
    changed = sandbox.ok("PUT", f"{path}/grants/{made['id']}", {"resource": {"id": openid}, "scopes": scopes})
    assert changed["scopes"] == scopes
    for resource, target in ((UNKNOWN, "resource.id"), (resources["PingOne API"], "scopes.id")):
        body = {"resource": {"id": resource}, "scopes": scopes}
        refused(sandbox.send("POST", f"{path}/grants", body), "INVALID_VALUE", target)
    (policy,) = sandbox.list("signOnPolicies")
    body = {"signOnPolicy": {"id": policy["id"]}, "priority": 1}
    sandbox.ok("POST", f"{path}/signOnPolicyAssignments", body)
    assert list(sandbox.ok("GET", f"{path}/signOnPolicyAssignments")["_embedded"]) == ["signOnPolicyAssignments"]
    refused(
        sandbox.send("POST", f"{path}/signOnPolicyAssignments", {**body, "signOnPolicy": {"id": UNKNOWN}}),
        "INVALID_VALUE",
        "signOnPolicy.id",
    )


def test_a_worker_does_what_its_roles_permit(sandbox: Management) -> None:
    id_, secret = worker(sandbox)
    client = acting(sandbox, id_, secret)
    for path in ("users", "populations", "applications"):
        refused(client.send("GET", path), "INSUFFICIENT_PERMISSIONS", None, 403)
    assignment = grant(sandbox, id_, "Identity Data Admin")
    assert assignment.status_code == 201
    refused(grant(sandbox, id_, "Identity Data Admin"), "UNIQUENESS_VIOLATION", "role.id")
    assert client.list("users") == [] and len(client.list("populations")) == 1
    client.ok("POST", "users", {"username": "a", "email": "a@b"})
    refused(client.send("POST", "populations", {"name": "A"}), "INSUFFICIENT_PERMISSIONS", None, 403)
    refused(client.send("GET", f"applications/{id_}/secret"), "INSUFFICIENT_PERMISSIONS", None, 403)
    # and only where
    elsewhere = sandbox.emulator.environments["Workforce"]
    refused(client.send("GET", f"/environments/{elsewhere}/users"), "INSUFFICIENT_PERMISSIONS", None, 403)
    sandbox.ok("DELETE", f"applications/{id_}/roleAssignments/{assignment.json()['id']}")
    refused(client.send("GET", "users"), "INSUFFICIENT_PERMISSIONS", None, 403)
    sandbox.ok("DELETE", f"applications/{id_}")
    assert client.send("GET", "users").status_code == 401


def test_nobody_grants_more_than_is_theirs(sandbox: Management) -> None:
    id_, secret = worker(sandbox)
    client = acting(sandbox, id_, secret)
    target, _secret = worker(sandbox, name="Other")
    assert grant(sandbox, id_, "Identity Data Admin").status_code == 201
    users = "users"
    made = sandbox.ok("POST", users, {"username": "a", "email": "a@b"})["id"]
    scope = {"type": "ENVIRONMENT", "id": sandbox.environment_id}

    def give(name: str, scope: dict[str, str]) -> requests.Response:
        body = {"role": {"id": role_id(sandbox, name)}, "scope": scope}
        return client.send("POST", f"users/{made}/roleAssignments", body)

    assert give("Identity Data Read Only", scope).status_code == 201
    refused(give("Environment Admin", scope), "INSUFFICIENT_PERMISSIONS", None, 403)
    organization = {"type": "ORGANIZATION", "id": sandbox.emulator.state["organization_id"]}
    refused(give("Identity Data Read Only", organization), "INSUFFICIENT_PERMISSIONS", None, 403)
    refused(grant(sandbox, target, "Organization Admin", organization), "INSUFFICIENT_PERMISSIONS", None, 403)


@pytest.mark.parametrize(
    ("name", "scope", "target"),
    [
        ("Environment Admin", {"type": "ENVIRONMENT", "id": UNKNOWN}, "scope.id"),
        ("Environment Admin", {"type": "POPULATION", "id": UNKNOWN}, "scope.type"),
        ("Identity Data Admin", {"type": "POPULATION", "id": UNKNOWN}, "scope.id"),
        ("Identity Data Admin", {"type": "PLANET", "id": UNKNOWN}, "scope.type"),
        ("Identity Data Admin", {"type": "ENVIRONMENT"}, "scope.id"),
    ],
)
def test_scopes_that_are_none(sandbox: Management, name: str, scope: dict[str, str], target: str) -> None:
    refused(grant(sandbox, worker(sandbox)[0], name, scope), "INVALID_VALUE", target)


def test_there_must_be_a_role(sandbox: Management) -> None:
    body = {"role": {"id": UNKNOWN}, "scope": {"type": "ENVIRONMENT", "id": sandbox.environment_id}}
    response = sandbox.send("POST", f"applications/{worker(sandbox)[0]}/roleAssignments", body)
    refused(response, "INVALID_VALUE", "role.id")


def test_secrets_rotate(sandbox: Management) -> None:
    id_, first = worker(sandbox)
    path = f"applications/{id_}/secret"

    def works(secret: str) -> bool:
        return sandbox.emulator.worker(id_, secret) is not None

    assert works(first)
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    rotated = sandbox.send("POST", path, {"previous": {"expiresAt": tomorrow.isoformat()}})
    assert rotated.status_code == 200
    second = rotated.json()["secret"]
    assert sandbox.ok("GET", path)["previous"]["secret"] == first != second
    assert works(first) and works(second)
    sandbox.ok("DELETE", path)
    assert "previous" not in sandbox.ok("GET", path) and works(second) and not works(first)
    third = sandbox.send("POST", path).json()["secret"]
    assert works(third) and not works(second)
    application = sandbox.ok("GET", f"applications/{id_}")
    sandbox.ok("PUT", f"applications/{id_}", {**application, "enabled": False})
    assert not works(third)


def test_roles_take_time(start: Callable[..., Emulator]) -> None:
    emulator = start("--propagation-delay", "0.7")
    api = Management(emulator, emulator.session("admin"), emulator.environments["Workforce"])
    id_, secret = worker(api)
    client = acting(api, id_, secret)
    assert grant(api, id_, "Configuration Read Only").status_code == 201
    refused(client.send("GET", "applications"), "INSUFFICIENT_PERMISSIONS", None, 403)
    time.sleep(0.8)
    assert client.list("applications")


def test_those_who_only_read(changeable: Emulator, sandbox: Management) -> None:
    client = Management(changeable, changeable.session("default"), sandbox.environment_id)
    assert client.list("populations") and client.list("resources")
    refused(client.send("GET", "users"), "INSUFFICIENT_PERMISSIONS", None, 403)
    environment = f"/environments/{sandbox.environment_id}"
    for method, path in (
        ("POST", "populations"),
        ("PUT", "brandingSettings"),
        ("POST", "/environments"),
        ("DELETE", environment),
        ("PUT", environment),
        ("PUT", f"{environment}/type"),
    ):
        refused(client.send(method, path, {}), "INSUFFICIENT_PERMISSIONS", None, 403)
    nobody = Management(changeable, changeable.session("no_role"), sandbox.environment_id)
    for path in ("populations", "/roles", "/organizations"):
        refused(nobody.send("GET", path), "INSUFFICIENT_PERMISSIONS", None, 403)


def test_the_workers_of_the_start_are_applications(changeable: Emulator, admin: requests.Session) -> None:
    api = Management(changeable, admin, changeable.environments["Administrators"])
    stored = {each["id"]: each for each in api.list("applications")}
    for known in changeable.applications.values():
        if known["environment_id"] == api.environment_id:
            assert stored[known["client_id"]]["name"] == known["name"]
    id_ = changeable.applications["admin"]["client_id"]
    assert len(api.list(f"applications/{id_}/roleAssignments")) == len(
        changeable.applications["admin"]["role_assignments"]
    )
    assert list(changeable.applications)[-1] == "admin"


def test_the_shell_gets_the_administrator(start: Callable[..., Emulator]) -> None:
    emulator = start("--admin")
    exports = dict(shlex.split(line)[1].split("=", 1) for line in emulator.lines[:-1])
    assert exports["PINGONE_CLIENT_ID"] == emulator.applications["admin"]["client_id"]
    assert exports["PINGONE_CLIENT_SECRET"] == emulator.applications["admin"]["client_secret"]
    assert json.loads(emulator.state_path.read_text(encoding="utf-8"))["applications"][0]["key"] == "default"


def test_system_applications_are_there_to_stay(sandbox: Management) -> None:
    (portal,) = (each for each in sandbox.list("applications") if each["type"] == "PING_ONE_PORTAL")
    path = f"applications/{portal['id']}"
    assert sandbox.ok("PUT", path, {**portal, "enabled": True})["enabled"] is True
    refused(sandbox.send("DELETE", path), "CONSTRAINT_VIOLATION", "type")
    another = {"name": "Another", "enabled": True, "type": "PING_ONE_PORTAL", "protocol": "OPENID_CONNECT"}
    refused(sandbox.send("POST", "applications", another), "INVALID_VALUE", "type")


def test_custom_domains(sandbox: Management) -> None:
    made = sandbox.ok("POST", "customDomains", {"domainName": "login.example.com"})
    assert made["status"] == "VERIFICATION_REQUIRED" and made["canonicalName"]
    path = f"customDomains/{made['id']}"
    kinds = {name: f"application/vnd.pingidentity.{name}+json" for name in ("domainName.verify", "certificate.import")}
    certificate = {"certificate": "x", "privateKey": "hush"}

    def act(name: str, body: dict[str, str]) -> requests.Response:
        return sandbox.send("POST", path, body, headers={"Content-Type": kinds[name]})

    refused(act("certificate.import", certificate), "CONSTRAINT_VIOLATION", "status")
    assert act("domainName.verify", {}).json()["status"] == "SSL_CERTIFICATE_REQUIRED"
    refused(act("certificate.import", {}), "REQUIRED_VALUE", "privateKey")
    active = act("certificate.import", certificate)
    assert active.json()["status"] == "ACTIVE" and "hush" not in active.text
    assert sandbox.send("POST", path, {}).status_code == 415
