# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tries each entry of terraform_resources.yml: one playbook makes, keeps and removes all of them in an emulator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from tests.emulator_tests.conftest import ROOT
from tests.plays import credentials, playbook_file

MODULE = "community.pingone.pingone_resource"
ENTRIES = yaml.safe_load((ROOT / "tests/docs_tests/terraform_resources.yml").read_text(encoding="utf-8"))
REACHABLE = [entry for entry in ENTRIES if "unreachable" not in entry]
REMOVED = [entry for entry in REACHABLE if entry.get("absent", True)]
OPTIONS = ("path", "resource_id", "match", "content_type", "update_method", "body")
ACTIONS = [entry for entry in REACHABLE if entry.get("action")]
KEPT = [entry for entry in REACHABLE if entry not in ACTIONS]


def of_each(entries: list[dict]):
    return pytest.mark.parametrize("name", [entry["resource"] for entry in entries])


def in_order(entries: list[dict]) -> list[dict]:
    """Return entries behind those that they refer to, otherwise as they stand."""
    makers = {entry["register"]: entry for entry in entries if "register" in entry}
    by_name = {entry["resource"]: entry for entry in entries}
    ordered: list[dict] = []

    def take(entry: dict) -> None:
        for name in references(entry):
            if name in makers:
                take(makers[name])
        if "after" in entry:
            take(by_name[entry["after"]])
        if entry not in ordered:
            ordered.append(entry)

    for entry in entries:
        take(entry)
    return ordered


def references(entry: dict) -> list[str]:
    """Return the names in the double braces of an entry."""
    used = {name: entry[name] for name in ("path", "resource_id", "body") if name in entry}
    return re.findall(r"\{\{ (\w+) \}\}", json.dumps([used, entry.get("needs", {})]))


def tasks() -> list[dict[str, Any]]:
    """Return the tasks of the playbook. What one of them registers is ``the_`` and the name of the ID."""
    makes: list[dict] = []
    removes: list[dict] = []
    for entry in in_order(REACHABLE):
        name, options = entry["resource"], {option: entry[option] for option in OPTIONS if option in entry}
        for needed, place in entry.get("needs", {}).items():
            makes.append({"name": f"needed by {name}", MODULE: place, "register": f"the_{needed}"})
        made = {"name": f"{name} made", MODULE: options}
        if "register" in entry:
            made["register"] = f"the_{entry['register']}"
        makes += [
            {"name": f"{name} predicted", MODULE: options, "check_mode": True},
            made,
            {"name": f"{name} kept", MODULE: options},
        ]
        if entry in REMOVED:
            absent = {**options, "state": "absent"}
            if entry in ACTIONS:
                absent["resource_id"] = f"{{{{ {entry['register']} }}}}"
            removes[:0] = [
                {"name": f"{name} removal predicted", MODULE: absent, "check_mode": True},
                {"name": f"{name} removed", MODULE: absent},
                {"name": f"{name} removed before", MODULE: absent},
            ]
    return makes + removes


@pytest.fixture(scope="module")
def results(start, collections, tmp_path_factory) -> dict[str, dict]:
    """What each task of the playbook returned, and which requests of it would write."""
    emulator = start("--admin")
    environment_id = emulator.environments["Fjordkaffe Customers"]
    with emulator.session("admin") as session:
        environment = session.get(f"{emulator.api_url}/environments/{environment_id}", timeout=10).json()
    authority = trustme.CA()
    certificate = authority.issue_cert(
        "auth.example.com",
        common_name="auth.example.com",
        organization_name="Fjordkaffe",
        organization_unit_name="Shop",
    )
    folder = tmp_path_factory.mktemp("terraform_resources")
    registered = {entry["register"] for entry in REACHABLE if "register" in entry}
    registered |= {name for entry in REACHABLE for name in entry.get("needs", {})}
    secrets = ("google_client_secret", "google_credentials", "recaptcha_secret_key", "smtp_password", "sms_token")
    playbook = playbook_file(
        folder / "play.yml",
        tasks(),
        ignore_errors=True,
        module_defaults={MODULE: {"environment_id": "{{ environment_id }}"}},
        vars={
            "environment_id": environment_id,
            "license_id": environment["license"]["id"],
            "certificate": certificate.cert_chain_pems[0].bytes().decode("ascii"),
            "private_key": certificate.private_key_pem.bytes().decode("ascii"),
            **{name: f"a {name}" for name in secrets},
            **{name: f"{{{{ the_{name}.resource.id }}}}" for name in registered},
        },
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINGONE_", "ANSIBLE_"))}
    process = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), playbook],
        cwd=folder,
        env={
            **kept,
            **credentials(emulator, "admin"),
            "HOME": str(folder),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).with_name("callback_plugins")),
            "ANSIBLE_CALLBACKS_ENABLED": "traffic",
            "TRAFFIC_RECORDING": str(folder / "traffic"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr
    lines = [json.loads(line) for line in (folder / "traffic").read_text(encoding="utf-8").splitlines()]
    return {
        line["task"]: {
            **line["result"],
            "failed": line["failed"],
            "writes": [
                f"{request['method']} {request['path']}"
                for request in line["requests"]
                if request["path"].startswith("/v1/") and request["method"] != "GET"
            ],
        }
        for line in lines
    }


def succeeded(results: dict[str, dict], task: str) -> dict:
    """Return a task's result if it did not fail."""
    assert not results[task]["failed"], results[task]["msg"]
    return results[task]


@of_each(REACHABLE)
def test_check_mode_predicts_and_writes_nothing(results, name):
    predicted, made = succeeded(results, f"{name} predicted"), succeeded(results, f"{name} made")
    assert predicted["changed"]
    assert predicted["writes"] == []
    assert predicted.get("diff") == made.get("diff")


@of_each(REACHABLE)
def test_first_run_changes(results, name):
    made = succeeded(results, f"{name} made")
    assert made["changed"]
    assert len(made["writes"]) == 1


@of_each(KEPT)
def test_second_run_changes_nothing(results, name):
    kept = succeeded(results, f"{name} kept")
    assert not kept["changed"]
    assert kept["writes"] == []


@of_each(ACTIONS)
def test_action_is_done_each_time(results, name):
    kept = succeeded(results, f"{name} kept")
    assert kept["changed"]
    assert kept["writes"] == results[f"{name} made"]["writes"]


@of_each(REMOVED)
def test_removal(results, name):
    predicted, removed, before = (
        succeeded(results, f"{name} {step}") for step in ("removal predicted", "removed", "removed before")
    )
    assert predicted["changed"] and predicted["writes"] == []
    assert predicted["diff"] == removed["diff"]
    assert removed["changed"] and [write.split()[0] for write in removed["writes"]] == ["DELETE"]
    assert not before["changed"] and before["writes"] == []
