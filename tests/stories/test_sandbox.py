# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sandbox environment from nothing, again without a change, and taken down. Each test builds on those before it."""

from __future__ import annotations

import pytest
import requests

from tests.stories.conftest import PASSWORDS, recap


def test_check_mode_before_there_is_an_environment(administrator):
    said, changes = administrator.play("sandbox", "--check", sandbox_name="Another Sandbox")
    assert not changes
    assert "Check mode ends here." in said
    assert recap(said)["changed"] == 1
    assert administrator.environment("Another Sandbox") is None


def test_all_is_there(administrator, sandbox):
    _said, environment_id, changes = sandbox
    assert {method for method, _path in changes} == {"POST", "PUT"}
    assert [path for method, path in changes if method == "PUT"] == [
        f"/v1/environments/{environment_id}/billOfMaterials"
    ]
    here = f"environments/{environment_id}"
    environment = administrator.request("GET", here)
    assert (environment["type"], environment["license"]["package"]) == ("SANDBOX", "TRIAL")
    products = administrator.request("GET", f"{here}/billOfMaterials")["products"]
    assert [product["type"] for product in products] == ["PING_ONE_BASE", "PING_ONE_MFA"]
    (population,) = [each for each in administrator.items(f"{here}/populations") if each["name"] == "Customers"]
    assert population["userCount"] == 2
    members = {
        user["username"]: [each["name"] for each in administrator.items(f"{here}/users/{user['id']}/memberOfGroups")]
        for user in administrator.items(f"{here}/users")
    }
    assert members == {"anna": ["Buyers"], "bo": ["Buyers", "Testers"]}
    (anna,) = [user["id"] for user in administrator.items(f"{here}/users") if user["username"] == "anna"]
    assert administrator.request("GET", f"{here}/users/{anna}/password")["status"] == "MUST_CHANGE_PASSWORD"
    (shop,) = [each["id"] for each in administrator.items(f"{here}/applications") if each["name"] == "Web shop"]
    grants = administrator.items(f"{here}/applications/{shop}/grants")
    assert [len(grant["scopes"]) for grant in grants] == [2, 2]
    (assignment,) = administrator.items(f"{here}/applications/{shop}/signOnPolicyAssignments")
    policy = administrator.request("GET", f"{here}/signOnPolicies/{assignment['signOnPolicy']['id']}")
    assert policy["name"] == "Shop_Sign_On"


def test_no_password_is_shown(sandbox):
    said, _environment_id, _changes = sandbox
    assert "pingone_resource runs in this process" in said
    assert not [password for password in PASSWORDS.values() if password in said]


def test_the_worker_application_may_do_what_it_has_to_and_no_more(administrator, sandbox, emulator):
    _said, environment_id, _changes = sandbox
    here = f"environments/{environment_id}"
    (worker,) = [each for each in administrator.items(f"{here}/applications") if each["type"] == "WORKER"]
    secret = administrator.request("GET", f"{here}/applications/{worker['id']}/secret")["secret"]
    emulator.applications["made"] = {
        "client_id": worker["id"],
        "client_secret": secret,
        "environment_id": environment_id,
        "token_endpoint_auth_method": "client_secret_basic",
    }
    assert len(administrator.request("GET", f"{here}/users", key="made")["_embedded"]["users"]) == 2
    assert administrator.request("GET", f"{here}/applications", key="made")
    for path in ("users", "applications"):
        with pytest.raises(requests.HTTPError, match="403"):
            administrator.request("POST", f"{here}/{path}", {"name": "x"}, key="made")
    other = administrator.environment("Workforce")
    with pytest.raises(requests.HTTPError, match="403"):
        administrator.request("GET", f"environments/{other}/users", key="made")


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_again_nothing_changes(administrator, sandbox, arguments):
    said, changes = administrator.play("sandbox", *arguments)
    assert not changes
    assert recap(said)["changed"] == 0


def test_a_change_of_the_variables_is_one_change(administrator, sandbox):
    file = administrator.home / "playbooks/vars/sandbox.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("family: Berg", "family: Bergmann"), encoding="utf-8")
    said, changes = administrator.play("sandbox", "--diff")
    assert [method for method, _path in changes] == ["PUT"]
    assert '+        "family": "Bergmann"' in said
    assert recap(said)["changed"] == 1
    file.write_text(text, encoding="utf-8")
    administrator.play("sandbox")


def test_check_mode_where_a_part_is_missing(administrator, sandbox):
    _said, environment_id, _changes = sandbox
    here = f"environments/{environment_id}"
    missing = {"applications": {"Web shop", "Order statistics"}, "groups": {"Buyers"}, "resources": {"Shop API"}}
    for collection, names in missing.items():
        for item in administrator.items(f"{here}/{collection}"):
            if item["name"] in names:
                administrator.request("DELETE", f"{here}/{collection}/{item['id']}")
    said, changes = administrator.play("sandbox", "--check")
    assert not changes
    assert recap(said)["changed"] == 4
    administrator.play("sandbox")
    _said, changes = administrator.play("sandbox")
    assert not changes


def test_a_license_that_does_not_exist(administrator):
    with pytest.raises(AssertionError, match="sandbox_license must be one of: Fjordkaffe customers"):
        administrator.play("sandbox", sandbox_license="unheard of")


def test_a_first_password_that_is_missing(administrator):
    with pytest.raises(AssertionError, match=r"A first password is missing in vars/sandbox_passwords\.yml"):
        administrator.play("sandbox", sandbox_passwords="")


def test_a_license_by_its_id(administrator, sandbox):
    _said, environment_id, _changes = sandbox
    license_id = administrator.request("GET", f"environments/{environment_id}")["license"]["id"]
    _said, changes = administrator.play("sandbox", sandbox_license_id=license_id, sandbox_license="unheard of")
    assert not changes


def test_it_goes_with_all_that_is_in_it(administrator, sandbox):
    _said, environment_id, _changes = sandbox
    said, changes = administrator.play("sandbox_absent", "--check")
    assert (recap(said)["changed"], changes) == (1, [])
    said, changes = administrator.play("sandbox_absent")
    assert changes == [("DELETE", f"/v1/environments/{environment_id}")]
    assert administrator.environment("Shop Sandbox") is None
    said, changes = administrator.play("sandbox_absent")
    assert (recap(said)["changed"], changes) == (0, [])


def test_a_production_environment_stays(administrator):
    with pytest.raises(AssertionError, match="the PRODUCTION environment 'Workforce' with .* would be lost"):
        administrator.play("sandbox_absent", sandbox_name="Workforce")
