# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, their groups and populations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from .conftest import Emulator
from .management import UNKNOWN, Management, refused


def action(name: str) -> dict[str, str]:
    return {"Content-Type": f"application/vnd.pingidentity.{name}+json"}


@pytest.fixture
def user(sandbox: Management) -> dict[str, Any]:
    return sandbox.ok("POST", "users", {"username": "Ane", "email": "ane@fjordkaffe.example", "name": {"given": "Ane"}})


def test_what_a_new_user_has(sandbox: Management, user: dict[str, Any]) -> None:
    (population,) = sandbox.list("populations")
    assert user["population"] == {"id": population["id"]}
    assert population["userCount"] == 1
    assert user["enabled"] is True and user["mfaEnabled"] is False
    assert user["lifecycle"] == {"status": "ACCOUNT_OK"}
    assert user["account"] == {"canAuthenticate": True, "status": "OK"}
    assert user["identityProvider"] == {"type": "PING_ONE"}
    inner = refused(
        sandbox.send("POST", "users", {"username": "ANE", "email": "x"}), "UNIQUENESS_VIOLATION", "username"
    )
    assert inner == {"existingId": user["id"]}
    for name in ("username", "email"):
        refused(sandbox.send("POST", "users", {}), "REQUIRED_VALUE", name)


def test_changing_a_user(sandbox: Management, user: dict[str, Any]) -> None:
    path = f"users/{user['id']}"
    changed = sandbox.ok("PATCH", path, {"name": {"family": "Aas"}, "title": "Barista", "enabled": False})
    assert changed["name"] == {"given": "Ane", "family": "Aas"}
    assert changed["enabled"] is True  # that has an address of its own
    assert "given" not in sandbox.ok("PATCH", path, {"name": {"given": None}})["name"]
    replaced = sandbox.ok("PUT", path, {"username": "ane2", "email": "a@b", "lifecycle": {"status": "X"}})
    assert not {"title", "name"} & replaced.keys()
    assert replaced["lifecycle"] == user["lifecycle"] and replaced["population"] == user["population"]
    refused(sandbox.send("PUT", path, {"email": "a@b"}), "REQUIRED_VALUE", "username")
    sandbox.ok("DELETE", path)
    assert sandbox.send("GET", path).status_code == 404
    sandbox.ok("POST", "users", {"username": "ane2", "email": "a@b"})


def test_what_has_an_address_of_its_own(sandbox: Management, user: dict[str, Any]) -> None:
    path = f"users/{user['id']}"
    assert sandbox.ok("GET", f"{path}/enabled")["enabled"] is True
    assert sandbox.ok("PUT", f"{path}/enabled", {"enabled": False})["enabled"] is False
    assert sandbox.ok("GET", path)["enabled"] is False
    other = sandbox.ok("POST", "populations", {"name": "Other"})
    assert sandbox.ok("PUT", f"{path}/population", {"id": other["id"]})["id"] == other["id"]
    assert sandbox.ok("GET", path)["population"] == {"id": other["id"]}
    refused(sandbox.send("PUT", f"{path}/population", {"id": UNKNOWN}), "INVALID_VALUE", "id")
    refused(sandbox.send("PUT", f"{path}/population", {}), "REQUIRED_VALUE", "id")
    expanded = sandbox.ok("GET", path, params={"expand": "population"})
    assert expanded["_embedded"]["population"]["name"] == "Other"


def test_populations_with_users_stay(sandbox: Management) -> None:
    population = sandbox.ok("POST", "populations", {"name": "Other"})["id"]
    made = sandbox.ok("POST", "users", {"username": "a", "email": "a@b", "population": {"id": population}})["id"]
    refused(sandbox.send("DELETE", f"populations/{population}"), "CONSTRAINT_VIOLATION", "id")
    assert sandbox.ok("GET", f"populations/{population}")["userCount"] == 1
    sandbox.ok("DELETE", f"users/{made}")
    sandbox.ok("DELETE", f"populations/{population}")


def test_passwords(sandbox: Management, user: dict[str, Any]) -> None:
    path = f"users/{user['id']}/password"
    assert sandbox.ok("GET", path)["status"] == "NO_PASSWORD"
    (standard,) = (each for each in sandbox.list("passwordPolicies") if each["default"])
    assert sandbox.ok("GET", path)["passwordPolicy"] == {"id": standard["id"]}
    secret = {"value": "Kaffe-2026!"}
    assert sandbox.ok("PUT", path, secret, headers=action("password.set"))["status"] == "OK"
    refused(sandbox.send("PUT", path, {}, headers=action("password.set")), "REQUIRED_VALUE", "value")
    assert sandbox.send("PUT", path, secret).status_code == 415
    response = sandbox.send("POST", path, {}, headers=action("password.forceChange"))
    assert response.json()["status"] == "MUST_CHANGE_PASSWORD"
    imported = {"username": "b", "email": "a@b", "password": {**secret, "forceChange": True}}
    response = sandbox.send("POST", "users", imported, headers=action("user.import"))
    assert response.status_code == 201 and "password" not in response.json()
    made = response.json()["id"]
    assert sandbox.ok("GET", f"users/{made}/password")["status"] == "MUST_CHANGE_PASSWORD"
    # there is no other way in, and none out
    made = sandbox.ok("POST", "users", {**imported, "username": "c"})["id"]
    assert sandbox.ok("GET", f"users/{made}/password")["status"] == "NO_PASSWORD"
    sandbox.ok("PATCH", f"users/{made}", {"password": {"value": "x"}})
    for page in (sandbox.send("GET", "users").text, sandbox.send("GET", f"users/{made}").text):
        assert "password" not in page and "Kaffe-2026!" not in page


def test_locking(sandbox: Management, user: dict[str, Any]) -> None:
    path = f"users/{user['id']}"
    for name, status in (("account.lock", "LOCKED"), ("account.unlock", "OK")):
        response = sandbox.send("POST", path, {}, headers=action(name))
        assert response.status_code == 200 and response.json()["account"]["status"] == status
        assert sandbox.ok("GET", path)["account"]["status"] == status
    assert sandbox.send("POST", path, {}).status_code == 415


def test_groups_of_a_user(sandbox: Management, user: dict[str, Any]) -> None:
    group, other = (sandbox.ok("POST", "groups", {"name": name})["id"] for name in ("A", "B"))
    path = f"users/{user['id']}/memberOfGroups"
    made = sandbox.ok("POST", path, {"id": group})
    assert (made["id"], made["type"]) == (group, "DIRECT")
    assert list(sandbox.ok("GET", path)["_embedded"]) == ["groupMemberships"]
    inner = refused(sandbox.send("POST", path, {"id": group}), "UNIQUENESS_VIOLATION", "id")
    assert inner == {"existingId": group}
    refused(sandbox.send("POST", path, {"id": UNKNOWN}), "INVALID_VALUE", "id")
    (expanded,) = sandbox.list(path, expand="group")
    assert expanded["_embedded"]["group"]["name"] == "A"
    included = sandbox.ok("GET", f"users/{user['id']}", params={"include": "memberOfGroupIDs,memberOfGroupNames"})
    assert (included["memberOfGroupIDs"], included["memberOfGroupNames"]) == ([group], ["A"])
    assert "memberOfGroupIDs" not in sandbox.ok("GET", f"users/{user['id']}")
    assert sandbox.ok("GET", f"groups/{group}")["directMemberCounts"] == {"users": 1, "groups": 0}
    for wanted, expected in ((group, [user["id"]]), (other, [])):
        found = sandbox.list("users", filter=f'memberOfGroups[id eq "{wanted}"] and name.given sw "a"')
        assert [each["id"] for each in found] == expected
    sandbox.ok("POST", f"groups/{other}/memberOfGroups", {"id": group})
    nested = sandbox.ok("GET", f"groups/{other}", params={"include": "memberOfGroups"})
    assert nested["memberOfGroups"] == [{"id": group}]
    sandbox.ok("DELETE", f"groups/{group}")
    assert sandbox.list(path) == sandbox.list(f"groups/{other}/memberOfGroups") == []


def test_groups_of_a_population(sandbox: Management, user: dict[str, Any]) -> None:
    (default,) = sandbox.list("populations")
    other = sandbox.ok("POST", "populations", {"name": "Other"})["id"]
    mine, foreign = (
        sandbox.ok("POST", "groups", {"name": each, "population": {"id": each}})["id"]
        for each in (default["id"], other)
    )
    path = f"users/{user['id']}"
    sandbox.ok("POST", f"{path}/memberOfGroups", {"id": mine})
    refused(sandbox.send("POST", f"{path}/memberOfGroups", {"id": foreign}), "INVALID_VALUE", "id")
    sandbox.ok("PUT", f"{path}/population", {"id": other})
    assert sandbox.list(f"{path}/memberOfGroups") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('username eq "CUSTOMER000003"', 1),
        ('email co "0001@FJORD" or email ew "9@fjordkaffe.example"', 31),
        ('name.family sw "dah" and not (title eq "Barista")', 8),
        ('enabled eq true and (title eq "Barista" or (title eq "Loyal customer"))', 300),
        ('enabled eq false or createdAt gt "2026-01-01"', 0),
        ('createdAt lt "2026-01-01T00:00:00Z"', 300),
        ('not (username sw "customer0001")', 200),
    ],
)
def test_filters(crowded: Emulator, text: str, expected: int) -> None:
    api = Management(crowded, crowded.session("admin"), crowded.environments["Fjordkaffe Customers"])
    page = api.ok("GET", "users", params={"filter": text})
    assert page["count"] == expected and page["size"] == min(200, expected)


@pytest.fixture(scope="session")
def crowded(start: Callable[..., Emulator]) -> Emulator:
    """One with users."""
    return start("--users", "300")


def test_users_from_the_start(crowded: Emulator) -> None:
    api = Management(crowded, crowded.session("admin"), crowded.environments["Fjordkaffe Customers"])
    page = api.ok("GET", "users", params={"limit": 1000})
    assert (page["count"], page["size"]) == (300, 200)  # never more
    names = [each["username"] for each in page["_embedded"]["users"]]
    rest = api.ok("GET", page["_links"]["next"]["href"].removeprefix(crowded.api_url))
    names += [each["username"] for each in rest["_embedded"]["users"]]
    assert len(set(names)) == 300 and "next" not in rest["_links"]
    (population,) = api.list("populations")
    assert population["userCount"] == 300
    assert {"name", "email", "address", "mobilePhone", "population"} <= page["_embedded"]["users"][0].keys()


def test_ten_thousand_users(start: Callable[..., Emulator]) -> None:
    emulator = start("--users", "10000")
    api = Management(emulator, emulator.session("admin"), emulator.environments["Fjordkaffe Customers"])
    started, found, url = time.monotonic(), 0, "users"
    while url:
        page = api.ok("GET", url)
        found += page["size"]
        url = page["_links"].get("next", {}).get("href", "").removeprefix(emulator.api_url)
    assert found == 10_000
    assert time.monotonic() - started < 10  # about one and a half; CI machines are slow


def test_a_role_in_one_population(changeable: Emulator, sandbox: Management, admin: requests.Session) -> None:
    mine = sandbox.ok("POST", "populations", {"name": "Mine"})["id"]
    (role,) = (each for each in sandbox.list("/roles") if each["name"] == "Identity Data Admin")
    worker = sandbox.ok(
        "POST", "applications", {"name": "W", "enabled": True, "type": "WORKER", "protocol": "OPENID_CONNECT"}
    )["id"]
    scope = {"role": {"id": role["id"]}, "scope": {"type": "POPULATION", "id": mine}}
    sandbox.ok("POST", f"applications/{worker}/roleAssignments", scope)
    ids = {}
    for name, body in {"mine": {"population": {"id": mine}}, "other": {}}.items():
        ids[name] = sandbox.ok("POST", "users", {"username": name, "email": "a@b", **body})["id"]
    with changeable.session() as session:
        session.auth = changeable.worker(worker, sandbox.ok("GET", f"applications/{worker}/secret")["secret"])
        limited = Management(changeable, session, sandbox.environment_id)
        assert [each["username"] for each in limited.list("users")] == ["mine"]
        assert [each["name"] for each in limited.list("populations")] == ["Mine"]
        assert limited.ok("GET", f"users/{ids['mine']}")["username"] == "mine"
        assert limited.send("GET", f"users/{ids['other']}").status_code == 404
        assert limited.send("GET", f"users/{ids['other']}/memberOfGroups").status_code == 404
        limited.ok("POST", "users", {"username": "new", "email": "a@b", "population": {"id": mine}})
        (default,) = (each["id"] for each in sandbox.list("populations") if each["default"])
        response = limited.send("PUT", f"users/{ids['mine']}/population", {"id": default})
        refused(response, "INSUFFICIENT_PERMISSIONS", None, 403)
        response = limited.send("POST", "users", {"username": "elsewhere", "email": "a@b"})
        refused(response, "INSUFFICIENT_PERMISSIONS", None, 403)
        refused(limited.send("GET", "applications"), "INSUFFICIENT_PERMISSIONS", None, 403)
