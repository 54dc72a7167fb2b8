# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""From one environment into files, and from there into another. Each test builds on those before it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.stories.conftest import PASSWORDS, recap

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: A few kinds stand for all where every file is a process of its own.
FEW = (
    "-e",
    '{"pingone_kinds": [{"path": "passwordPolicies", "leave": ["populationCount"]},'
    ' {"path": "populations", "leave": ["userCount"]}]}',
)
#: Names that a simple replacement of text could stumble over.
POPULATION = 'Käufer "A/B" \\ 1'


def contents(folder: Path) -> dict[str, str]:
    """Return what is in the files of a folder."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture(scope="module")
def source(administrator, sandbox) -> str:
    """The sandbox, with some more that refers to something."""
    _said, environment_id, _changes = sandbox
    here = f"environments/{environment_id}"
    (policy,) = [each["id"] for each in administrator.items(f"{here}/passwordPolicies") if each["name"] == "Passphrase"]
    population = {"name": POPULATION, "passwordPolicy": {"id": policy}}
    population_id = administrator.request("POST", f"{here}/populations", population)["id"]
    administrator.request("POST", f"{here}/groups", {"name": "VIP", "population": {"id": population_id}})
    (schema,) = administrator.items(f"{here}/schemas")
    attribute = {"name": "favourite", "type": "STRING", "enabled": True}
    administrator.request("POST", f"{here}/schemas/{schema['id']}/attributes", attribute)
    (api,) = [each["id"] for each in administrator.items(f"{here}/resources") if each["name"] == "Shop API"]
    claim = {"name": "shop", "value": "${user.favourite}"}
    administrator.request("POST", f"{here}/resources/{api}/attributes", claim)
    return environment_id


@pytest.fixture(scope="module")
def target(administrator) -> str:
    found = administrator.environment("Pacific Pilot")
    assert found
    return found


@pytest.fixture(scope="module")
def exported(administrator, source) -> Path:
    """The folder with the files."""
    folder = administrator.home / "exported"
    _said, changes = administrator.play(
        "export_environment", pingone_environment_id=source, pingone_configuration="exported"
    )
    assert not changes
    return folder


def test_files_are_for_people_and_git(exported):
    found = contents(exported)
    text = "".join(found.values())
    assert not UUID.search(text)
    assert not re.search(r"createdAt|updatedAt|_links|userCount", text)
    assert not [password for password in PASSWORDS.values() if password in text]
    assert {path.stat().st_mode & 0o777 for path in exported.iterdir()} == {0o600}
    populations = yaml.safe_load(found["populations.yml"])
    assert [each["name"] for each in populations["/populations"]] == ["Customers", "Default", POPULATION]
    assert populations["/populations"][2]["passwordPolicy"] == {"id": "/passwordPolicies/Passphrase"}
    assert yaml.safe_load(found["groups.yml"])["/groups"][-1]["population"] == {"id": f"/populations/{POPULATION}"}
    assert yaml.safe_load(found["schemas.attributes.yml"]) == {
        "/schemas/User/attributes": [
            {
                "enabled": True,
                "multiValued": False,
                "name": "favourite",
                "required": False,
                "type": "STRING",
                "unique": False,
            }
        ]
    }
    grants = yaml.safe_load(found["applications.grants.yml"])["/applications/Web shop/grants"]
    assert {
        "resource": {"id": "/resources/Shop API"},
        "scopes": [
            {"id": "/resources/Shop API/scopes/orders:read"},
            {"id": "/resources/Shop API/scopes/orders:write"},
        ],
    } in grants


def test_exporting_again_changes_no_file(administrator, source, exported):
    said, _changes = administrator.play(
        "export_environment", *FEW, pingone_environment_id=source, pingone_configuration=str(exported)
    )
    assert recap(said)["changed"] == 0


def test_check_mode_of_an_import(administrator, target, exported):
    said, changes = administrator.play(
        "import_environment", "--check", "--diff", pingone_environment_id=target, pingone_configuration=str(exported)
    )
    assert not changes
    assert '+    "audience": "https://api.shop.example"' in said
    # What it belongs to would only be created.
    assert "skipping: [localhost] => (item=/resources/Shop API/scopes: orders:read)" in said


def test_imported_is_the_same(administrator, target, exported):
    name = {"pingone_environment_id": target, "pingone_configuration": str(exported)}
    _said, changes = administrator.play("import_environment", **name)
    assert {method for method, _path in changes} == {"POST"}
    said, changes = administrator.play("import_environment", **name)
    assert (recap(said)["changed"], changes) == (0, [])
    name["pingone_configuration"] = str(administrator.home / "from-target")
    administrator.play("export_environment", **name)
    assert contents(administrator.home / "from-target") == contents(exported)


def test_references_lead_to_the_target_itself(administrator, source, target, exported):
    found = {}
    for environment_id in (source, target):
        here = f"environments/{environment_id}"
        resources = {each["id"]: each["name"] for each in administrator.items(f"{here}/resources")}
        (shop,) = [each["id"] for each in administrator.items(f"{here}/applications") if each["name"] == "Web shop"]
        grants = administrator.items(f"{here}/applications/{shop}/grants")
        assert {resources[grant["resource"]["id"]] for grant in grants} == {"openid", "Shop API"}
        found[environment_id] = {grant["resource"]["id"] for grant in grants}
    assert not found[source] & found[target]


def test_what_drifted_is_shown_and_put_right(administrator, target, exported):
    here = f"environments/{target}"
    (shop,) = [each for each in administrator.items(f"{here}/applications") if each["name"] == "Web shop"]
    changed = {**shop, "redirectUris": ["https://elsewhere.example"]}
    administrator.request("PUT", f"{here}/applications/{shop['id']}", changed)
    before = contents(exported)
    name = {"pingone_environment_id": target, "pingone_configuration": str(exported)}
    said, changes = administrator.play("export_environment", "--check", "--diff", **name)
    assert re.search(r"^-  - https://shop.example/callback\n\+  - https://elsewhere.example$", said, re.MULTILINE)
    assert (recap(said)["changed"], changes, contents(exported)) == (1, [], before)
    _said, changes = administrator.play("import_environment", **name)
    assert changes == [("PUT", f"/v1/{here}/applications/{shop['id']}")]


def test_secrets_are_left_out(administrator, source):
    """Of a kind that somebody adds, too."""
    provider = {
        "name": "Social",
        "type": "OPENID_CONNECT",
        "enabled": True,
        "clientId": "x",
        "clientSecret": "confidential",
    }
    administrator.request("POST", f"environments/{source}/identityProviders", provider)
    administrator.play(
        "export_environment",
        "-e",
        '{"pingone_kinds": [{"path": "identityProviders"}]}',
        pingone_environment_id=source,
        pingone_configuration="providers",
    )
    written = (administrator.home / "providers/identityProviders.yml").read_text(encoding="utf-8")
    assert "clientId: x" in written
    assert "confidential" not in written


def test_an_export_in_check_mode_needs_no_folder(administrator, source):
    administrator.play(
        "export_environment", "--check", *FEW, pingone_environment_id=source, pingone_configuration="not-there"
    )
    assert not (administrator.home / "not-there").exists()


@pytest.mark.parametrize("name", ["export_environment", "import_environment"])
def test_an_environment_must_be_named(administrator, name):
    with pytest.raises(AssertionError, match="-e pingone_environment_id=<environment ID>"):
        administrator.play(name)
