# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens for calls that no module covers."""

from __future__ import annotations

import re

import pytest

from tests.plays import playbook_file, run

TOKEN = "lookup('community.pingone.pingone_token')"
CALL = {
    "name": "Call",
    "ansible.builtin.uri": {
        "url": "{{ lookup('ansible.builtin.env', 'PINGONE_API_URL') }}/environments",
        "headers": {"Authorization": f"Bearer {{{{ {TOKEN} }}}}"},
        "ca_path": "{{ lookup('ansible.builtin.env', 'PINGONE_CA_PATH') }}",
        # A line for this host in ~/.netrc would replace the header.
        "use_netrc": False,
    },
    "register": "result",
}
CHECK = {"name": "Check", "ansible.builtin.assert": {"that": "result.json._embedded.environments | length > 5"}}


@pytest.fixture
def play(tmp_path, user):
    def run_play(*tasks, **keywords) -> str:
        return run(tmp_path, user, "-vvvv", str(playbook_file(tmp_path / "play.json", list(tasks), **keywords)))

    return run_play


def test_a_token_for_a_call(play, emulator):
    said = play({**CALL, "no_log": True}, CHECK)
    assert "eyJ" not in said
    with emulator.session() as session:
        requests = session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()
    assert [request["method"] for request in requests] == ["POST", "GET"]


def test_all_templates_share_a_token(play, emulator):
    """In the main process, in workers, and in the tasks of modules."""
    play(
        {"name": "Use", "ansible.builtin.set_fact": {"lengths": [f"{{{{ {TOKEN} | length }}}}"] * 3}},
        {"name": "Read", "community.pingone.pingone_environment_info": {"name": "Workforce"}},
        CALL | {"no_log": True},
        vars={"of_play": f"{{{{ {TOKEN} | length }}}}"},
    )
    with emulator.session() as session:
        requests = session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()
    assert [request["method"] for request in requests].count("POST") == 1


def test_from_2_22_on_it_is_hidden_everywhere(play):
    pytest.importorskip("ansible.module_utils.secrets", reason="ansible-core 2.22 and newer hide registered secrets")
    said = play(CALL, CHECK, {"name": "Show", "ansible.builtin.debug": {"msg": f"{{{{ {TOKEN} }}}}"}})
    assert "eyJ" not in said


def test_a_token_that_was_given(play, user):
    user["PINGONE_API_ACCESS_TOKEN"] = "brought-along"
    check = {"name": "Check", "ansible.builtin.assert": {"that": f"{TOKEN} == 'brought-along'"}}
    play(check)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("'x'", "takes options by name only"),
        ("client_secret='wrong-secret-of-nobody'", "PingOne does not accept the worker application's credentials"),
        ("timeout=0", "is not a number of seconds from 1 to 3600"),
        ("colour='blue'", "colour"),
    ],
)
def test_errors(play, options, message):
    wrong = {
        "name": "Use",
        "ansible.builtin.debug": {"msg": f"{{{{ lookup('community.pingone.pingone_token', {options}) | length }}}}"},
        "ignore_errors": True,
    }
    said = re.sub(r"\s+", " ", play(wrong))
    assert message in said
