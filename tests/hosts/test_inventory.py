# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""PingOne environments as an inventory, as ansible-inventory and playbooks see them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator_tests.conftest import Emulator
from tests.plays import MODULE, credentials, playbook_file, run, sandbox_environ

PLUGIN = "community.pingone.pingone_environments"
GROUPED = {"keyed_groups": [{"prefix": "type", "key": "type | lower"}, {"prefix": "region", "key": "region | lower"}]}


@pytest.fixture
def inventory(tmp_path, user):
    """Return a function that runs ansible-inventory with a configuration and returns its output and its messages."""

    def ask(*arguments: str, code: int = 0, **options: Any) -> tuple[str, str]:
        path = write(tmp_path, **options)
        completed = subprocess.run(
            ["ansible-inventory", "-i", str(path), *arguments],
            env=user,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert completed.returncode == code, completed.stderr
        assert "Traceback" not in completed.stderr
        return completed.stdout, re.sub(r"\s+", " ", completed.stderr)

    return ask


def write(folder: Path, **options: Any) -> Path:
    path = folder / "all.pingone_environments.yml"
    path.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}), encoding="utf-8")
    return path


def unmarked(value: Any) -> Any:
    """Return what ansible-inventory printed without the marks on what is no template."""
    if isinstance(value, dict):
        return value.get("__ansible_unsafe", {key: unmarked(item) for key, item in value.items()})
    return [unmarked(item) for item in value] if isinstance(value, list) else value


def seen(emulator: Emulator) -> list[str]:
    with emulator.session() as session:
        return [each["method"] for each in session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()]


def order(emulator: Emulator, *faults: dict[str, Any]) -> None:
    with emulator.session() as session:
        session.post(f"{emulator.auth_url}/emulator/faults", json=list(faults), timeout=10).raise_for_status()


def test_graph(inventory, emulator):
    said, _messages = inventory("--graph", **GROUPED)
    assert set(re.findall(r"--@(\w+):", said)) == {
        *("ungrouped", "type_sandbox", "type_production"),
        *re.findall(r"region_\w\w", said),
    }
    assert set(re.findall(r"--([^@\n]+)\n", said)) == set(emulator.environments)


def test_variables_are_the_properties_that_the_module_returns(inventory, emulator, user, tmp_path):
    said, _messages = inventory("--list", include=["bill_of_materials", "total_identities"])
    variables = unmarked(json.loads(said)["_meta"]["hostvars"])
    read = {
        "name": "Read",
        MODULE: {"include": ["bill_of_materials", "total_identities"]},
        "register": "result",
    }
    keep = {
        "name": "Keep",
        "ansible.builtin.copy": {
            "content": "{{ result.environments | to_json }}",
            "dest": str(tmp_path / "read.json"),
            "mode": "0600",
        },
    }
    run(tmp_path, user, str(playbook_file(tmp_path / "play.json", [read, keep])))
    environments = json.loads((tmp_path / "read.json").read_text(encoding="utf-8"))
    assert {each["name"]: each for each in environments}.keys() == emulator.environments.keys()
    for environment in environments:
        host = variables[environment["name"]]
        assert host.pop("pingone_environment") == environment
        assert host.pop("ansible_connection") == "local"
        assert "ansible_python_interpreter" in host
        del host["ansible_python_interpreter"]
        assert host == {key: value for key, value in environment.items() if key != "name"}


def test_constructed(inventory, emulator):
    said, _messages = inventory(
        "--list",
        hostnames=["description | default('', true) | replace(' ', '-')", "id"],
        compose={"created_on": "created_at[:10]"},
        groups={"customers": "'Customers' in name"},
        filter='name sw "Fjordkaffe"',
        strict=True,
    )
    document = unmarked(json.loads(said))
    assert len(document["_meta"]["hostvars"]) == 3
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", host["created_on"]) for host in document["_meta"]["hostvars"].values())
    assert len(document["customers"]["hosts"]) == 3


def test_a_play_for_each_sandbox(user, tmp_path, emulator):
    """With what the inventory sets, tasks run in the controller, and one token is for all of it."""
    path = write(tmp_path, **GROUPED)
    read = {"name": "Read", MODULE: {"environment_id": "{{ id }}"}, "register": "result"}
    check = {
        "name": "Check",
        "ansible.builtin.assert": {
            "that": [
                "result.environments[0].name == inventory_hostname",
                "pingone_environment == result.environments[0]",
            ]
        },
    }
    play = playbook_file(tmp_path / "play.json", [read, check], hosts="type_sandbox")
    said = run(tmp_path, user, "-vvv", "-i", str(path), str(play))
    assert f"{MODULE} runs in this process" in said
    assert "reserved name" not in said
    sandboxes = len(re.findall(r": ok=2 +changed=0 .* failed=0", said))
    assert sandboxes >= 3
    assert sorted(seen(emulator)) == ["GET"] * (sandboxes + 1) + ["POST"]


def test_names_and_values_are_no_templates(start, user, tmp_path):
    """Whoever may rename an environment may not run code on the controller."""
    other = start()
    order(other, {"kind": "item", "value": {"name": "{{ 7 * 7 }}", "description": "{{ 6 * 6 }}"}, "path": "/v1/*"})
    user |= credentials(other)
    path = write(tmp_path, filter='name sw "Workforce QA"', compose={"copy_of": "description"})
    show = {
        "name": "Show",
        "ansible.builtin.debug": {"msg": "{{ [inventory_hostname, description, copy_of, pingone_environment.name] }}"},
    }
    said = run(tmp_path, user, "-i", str(path), str(playbook_file(tmp_path / "play.json", [show], hosts="all")))
    assert "{{ 7 * 7 }}" in said
    assert "{{ 6 * 6 }}" in said
    assert "49" not in said.split("TASK [Show]")[1].split("PLAY RECAP")[0]
    assert "36" not in said.split("TASK [Show]")[1].split("PLAY RECAP")[0]


def test_two_environments_with_the_same_name(inventory):
    _said, messages = inventory("--list", hostnames=["type"])
    assert "hostnames gives 'PRODUCTION' to more than one environment" in messages


def test_no_name(inventory):
    _said, messages = inventory("--list", hostnames=["nothing", "''"])
    assert "hostnames gives no name to environment " in messages


def test_a_wrong_expression_counts_only_if_strict(inventory):
    said, _messages = inventory("--list", hostnames=["nothing.at.all", "name"], compose={"x": "nothing.at.all"})
    assert "Workforce" in json.loads(said)["_meta"]["hostvars"]
    _said, messages = inventory("--list", hostnames=["nothing.at.all", "name"], strict=True)
    assert "Failed to parse inventory" in messages or "Failed to parse" in messages


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"region": "XX"}, "XX"),
        ({"root_domain": "https://x"}, "root_domain (or PINGONE_ROOT_DOMAIN): 'https://x' is not a host name"),
        ({"client_secret": "wrong-secret-of-nobody"}, "PingOne does not accept the worker application's credentials"),
        ({"filter": 'colour eq "blue"'}, "Cannot read the environments"),
        ({"include": ["everything"]}, "everything"),
        ({"api_url": "https://127.0.0.1:9/v1", "retries": 0}, "the connection was refused"),
    ],
)
def test_a_broken_pingone_is_an_ordinary_warning(inventory, options, message):
    _said, messages = inventory("--list", **options)
    assert "Failed to parse" in messages
    assert message in messages
    assert "wrong-secret" not in messages


def test_credentials_can_be_templates(inventory, user, emulator):
    user["MY_SECRET"] = user.pop("PINGONE_CLIENT_SECRET")
    said, messages = inventory("--list", client_secret="{{ lookup('ansible.builtin.env', 'MY_SECRET') }}")
    assert json.loads(said)["_meta"]["hostvars"].keys() == emulator.environments.keys()
    assert user["MY_SECRET"] not in said + messages


def test_other_files_are_left_to_others(user, tmp_path):
    path = write(tmp_path).rename(tmp_path / "other.yml")
    completed = subprocess.run(
        ["ansible-inventory", "-i", str(path), "--list"], env=user, capture_output=True, text=True, check=False
    )
    assert (
        "not verified" in completed.stderr
        or "Unable to parse" in completed.stderr
        or not json.loads(completed.stdout)["_meta"]["hostvars"]
    )


def test_cache(inventory, emulator, tmp_path, user):
    """Ansible's cache plugins keep environments, and no secrets; --flush-cache reads anew."""
    options = {
        "cache": True,
        "cache_plugin": "jsonfile",
        "cache_connection": str(tmp_path / "kept"),
    }
    first, _messages = inventory("--list", **options)
    before = len(seen(emulator))
    assert inventory("--list", **options)[0] == first
    assert len(seen(emulator)) == before
    play = playbook_file(tmp_path / "play.json", [], hosts="all")
    run(tmp_path, user, "--flush-cache", "-i", str(write(tmp_path, **options)), str(play))
    assert len(seen(emulator)) > before
    kept = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "kept").iterdir())
    assert "Workforce" in kept
    assert emulator.applications["default"]["client_secret"] not in kept
    assert "eyJ" not in kept


def test_five_thousand(start, tmp_path):
    large = start("--environments", "5000")
    environ = {**sandbox_environ(tmp_path / "large", large), **credentials(large)}
    completed = subprocess.run(
        ["ansible-inventory", "-i", str(write(tmp_path, **GROUPED)), "--list"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    document = json.loads(completed.stdout)
    assert len(document["_meta"]["hostvars"]) == 5000
    assert len(document["type_sandbox"]["hosts"]) + len(document["type_production"]["hosts"]) == 5000
    assert sorted(seen(large)) == ["GET", "POST"]
