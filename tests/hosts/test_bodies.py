# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in the body of a resource, which no argument spec knows, stay secret in both hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plays import credentials, playbook_file, run, sandbox_environ

RESOURCE = "community.pingone.pingone_resource"
SECRETS = ("Corre&t-h0rse/battery", "sh0rt!")


def tasks(environment_id: str) -> list[dict[str, object]]:
    user = {"username": "anna", "email": "anna@example.com", "password": {"value": "{{ long }}", "forceChange": True}}
    create = {
        "environment_id": environment_id,
        "path": "users",
        "match": ["username"],
        "content_type": "application/vnd.pingidentity.user.import+json",
        "body": user,
    }
    provider = {"name": "Google", "type": "GOOGLE", "enabled": True, "clientId": "c", "clientSecret": "{{ short }}"}
    idp = {"environment_id": environment_id, "path": "identityProviders", "body": provider, "update_secret": "always"}
    return [
        {"name": "Create", RESOURCE: create, "register": "user"},
        {"name": "Again", RESOURCE: create},
        {"name": "Predict", RESOURCE: {**idp}, "check_mode": True, "diff": True},
        # The emulator shows this secret, as PingOne may.
        {"name": "Create what is shown", RESOURCE: idp, "register": "provider"},
        {"name": "Change it", RESOURCE: {**idp, "body": {**provider, "clientSecret": "{{ long }}"}}},
        {
            "name": "Set a password",
            RESOURCE: {
                "environment_id": environment_id,
                "path": "users/{{ user.resource.id }}/password",
                "content_type": "application/vnd.pingidentity.password.set+json",
                "update_secret": "always",
                "body": {"value": "{{ short }}"},
            },
        },
        # Refused by ansible-core, by the module and by PingOne.
        *(
            {"name": f"Fail with {sorted(wrong)[0]}", RESOURCE: {**create, **wrong}, "ignore_errors": True}
            for wrong in (
                {"state": "perfect"},
                {"path": "users/{id}"},
                {"body": "{{ long }}"},
                {"match": ["nickname"], "body": {**user, "nickname": "a"}},
            )
        ),
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ [user, provider] }}"}},
    ]


@pytest.mark.parametrize("in_process", [True, False])
def test_nothing_is_said_of_them(emulator, tmp_path: Path, in_process):
    environ = {**sandbox_environ(tmp_path / "user", emulator), **credentials(emulator, "admin")}
    environment_id = emulator.environments["Workforce QA" if in_process else "Pacific Pilot"]
    variables = f"long: {SECRETS[0]}\nshort: {SECRETS[1]}\npingone_in_process: {str(in_process).lower()}\n"
    (tmp_path / "user/secrets.yml").write_text(variables, encoding="ascii")
    play = playbook_file(tmp_path / "user/play.json", tasks(environment_id), vars_files=["secrets.yml"])
    said = run(tmp_path / "user", environ, "-vvvv", "--diff", str(play))
    assert said.count("runs in this process" if in_process else "runs in a process of its own") == 10
    assert said.count("...ignoring") == 4
    assert "Traceback" not in said
    written = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in (tmp_path / "user").rglob("*")
        if path.is_file() and path.name != "secrets.yml"
    ]
    assert len(written) > 2
    for secret in SECRETS:
        assert secret not in said
        assert not [text for text in written if secret in text]
