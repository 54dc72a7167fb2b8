# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a module runs, and what all of Ansible's ways to run a task make of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plays import MODULE, credentials, playbook_file, run

HERE = f"{MODULE} runs in this process"
ELSEWHERE = f"{MODULE} runs in a process of its own: "


def task(options: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    return {"name": "Read", MODULE: {"name": "Workforce"} if options is None else options, **keywords}


def check(*conditions: str) -> dict[str, Any]:
    return {"name": "Check", "ansible.builtin.assert": {"that": list(conditions)}}


FOUND = check("result.environments[0].name == 'Workforce'")


@pytest.fixture
def play(tmp_path, user):
    """Return a function that runs tasks and returns what was said."""

    def run_play(*tasks: dict[str, Any], arguments: tuple[str, ...] = (), **keywords: Any) -> str:
        return run(
            tmp_path, user, "-vvv", *arguments, str(playbook_file(tmp_path / "play.json", list(tasks), **keywords))
        )

    return run_play


@pytest.fixture
def seen(emulator):
    """Return a function that tells which requests there were since the last time, as methods."""

    def ask() -> list[str]:
        with emulator.session() as session:
            requests = session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()
            session.delete(f"{emulator.auth_url}/emulator/requests", timeout=10)
        return [request["method"] for request in requests]

    return ask


def hosts(tmp_path: Path, number: int, **variables: Any) -> Path:
    """Write an inventory of hosts that are this machine."""
    path = tmp_path / "hosts.json"
    names = {f"host{index}": {"number": index} for index in range(number)}
    path.write_text(json.dumps({"all": {"hosts": names, "vars": {"ansible_connection": "local", **variables}}}))
    return path


def ok(said: str, number: int) -> bool:
    return len(re.findall(r"^host\d+ +: ok=\d .*failed=0", said, re.MULTILINE)) == number


def test_a_task_on_localhost_runs_in_the_controller(play):
    said = play(task(register="result"), FOUND)
    assert HERE in said
    assert "AnsiballZ" not in said


@pytest.mark.parametrize(
    ("variables", "keywords", "why"),
    [
        ({"pingone_in_process": False}, {}, "pingone_in_process is false"),
        ({"pingone_in_process": "{{ 1 == 2 }}"}, {}, "pingone_in_process is false"),
        ({}, {"environment": {"LANG": "C"}}, "environment is set"),
        ({}, {"async": 60, "poll": 1}, "async is set"),
        ({}, {"async": 60, "poll": 1, "environment": "{{ {} }}"}, "async is set"),
    ],
)
def test_obstacles(play, user, tmp_path, variables, keywords, why):
    user["ANSIBLE_ASYNC_DIR"] = str(tmp_path / "async")
    user["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{user['PATH']}"
    said = play(task(register="result", **keywords), FOUND, vars=variables)
    assert ELSEWHERE + why in said
    assert HERE not in said


@pytest.fixture
def other_python(tmp_path) -> str:
    """An interpreter that leads to this one, as a wrapper does, which nobody can tell from outside."""
    path = tmp_path / "other-python"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    path.chmod(0o700)
    return str(path)


def test_another_python_is_an_obstacle(play, other_python):
    said = play(task(register="result"), FOUND, vars={"ansible_python_interpreter": other_python})
    assert f"{ELSEWHERE}its Python is {other_python}" in said


@pytest.mark.parametrize(
    "variables",
    [
        {"ansible_python_interpreter": sys.executable},
        {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        {"ansible_python_interpreter": Path(sys.executable).name},
        {"ansible_python_interpreter": "auto_silent"},
        {"pingone_in_process": "yes"},
        {"pingone_in_process": "{{ 1 == 1 }}"},
    ],
)
def test_no_obstacles(play, user, variables):
    user["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{user['PATH']}"
    assert HERE in play(task(register="result", environment={}), FOUND, vars=variables)


@pytest.mark.parametrize("value", ["sometimes", [], 7])
def test_a_wrong_switch_is_an_error(play, value):
    said = play(
        task(register="result", ignore_errors=True), check("result is failed"), vars={"pingone_in_process": value}
    )
    assert f"pingone_in_process: {value!r} is neither true nor false" in said


def test_a_virtual_environment_with_the_same_python_is_another_one(play, user, tmp_path, seen):
    """Its interpreter is a link to ours, and it has no requests."""
    venv.create(tmp_path / "venv", symlinks=True)
    said = play(
        task(register="result", ignore_errors=True),
        check("result is failed", "'(requests)' in result.msg"),
        vars={"ansible_python_interpreter": str(tmp_path / "venv/bin/python")},
    )
    assert f"{ELSEWHERE}its Python is {tmp_path}/venv/bin/python" in said
    assert not seen()


def test_without_requests_the_module_says_so(play, user, tmp_path):
    """A controller whose Python has no requests; the module has the same one, and the last word."""
    (tmp_path / "without/requests").mkdir(parents=True)
    (tmp_path / "without/requests/__init__.py").write_text("raise ImportError('not here')\n")
    user["PYTHONPATH"] = str(tmp_path / "without")
    said = play(task(register="result", ignore_errors=True), check("result is failed", "'(requests)' in result.msg"))
    assert f"{ELSEWHERE}this Python has no requests" in said
    assert "Traceback" not in said


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("su"), reason="become without a password takes root and su")
def test_become(play):
    said = play(task(register="result"), FOUND, become=True, become_method="ansible.builtin.su")
    assert f"{ELSEWHERE}become is set" in said


def test_delegation(play, tmp_path, other_python):
    """The host that does the work decides, and results belong to the one that ordered it."""
    inventory = tmp_path / "hosts.json"
    inventory.write_text(
        json.dumps(
            {
                "all": {
                    "hosts": {
                        "far": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"},
                        "near": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
                        "own": {"ansible_connection": "local", "ansible_python_interpreter": other_python},
                    }
                }
            }
        )
    )
    said = play(
        task(register="result", delegate_to="localhost"),
        FOUND,
        task(register="result", delegate_to="near"),
        FOUND,
        task(register="result", delegate_to="own"),
        FOUND,
        hosts="far",
        arguments=("-i", str(inventory)),
    )
    assert said.count(f"<far> {HERE}") == 2
    assert said.count(f"<far> {ELSEWHERE}its Python is {other_python}") == 1


def test_another_connection_is_an_obstacle(play, tmp_path):
    inventory = tmp_path / "hosts.json"
    inventory.write_text(
        json.dumps(
            {"all": {"hosts": {"far": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}}}}
        )
    )
    unreachable = {"ignore_unreachable": True, "register": "result"}
    said = play(task(**unreachable), check("result is unreachable"), hosts="far", arguments=("-i", str(inventory)))
    assert f"{ELSEWHERE}the connection is ssh" in said


def test_a_loop_asks_for_one_token_and_opens_one_connection(play, emulator, user):
    user["PINGONE_TOKEN_CACHE"] = "false"
    ids = list(emulator.environments.values())
    play(
        task({"environment_id": "{{ item }}"}, loop=ids, register="result"),
        check(f"result.results | map(attribute='environments') | flatten | map(attribute='id') == {ids}"),
    )
    with emulator.session() as session:
        requests = session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()
    assert [request["method"] for request in requests] == ["POST"] + ["GET"] * len(ids)
    assert len({request["connection"] for request in requests}) == 1


def test_items_of_a_loop_do_not_share_what_differs(play, emulator):
    """Each item has its own credentials, and an item that fails does not hurt the next one."""
    items = [
        {"client_secret": emulator.applications["default"]["client_secret"]},
        {"client_secret": "wrong-secret-of-nobody"},
        {"client_secret": emulator.applications["default"]["client_secret"], "retries": 3},
        {"client_id": "{{ 'x' * 3 }}"},
    ]
    play(
        task("{{ item }}", loop=items, register="result", ignore_errors=True),
        check("result.results | map(attribute='failed') == [false, true, false, true]"),
    )


def test_until(play, seen):
    """Each attempt is a new one."""
    play(
        task(register="result", until="result.attempts == 3", retries=5, delay=0),
        check("result.environments | length == 1", "result.attempts == 3"),
    )
    assert seen() == ["POST", "GET", "GET", "GET"]


def test_a_time_limit_ends_the_task_at_once(start, user, tmp_path):
    silent = start("--fault", "silent,path=/v1/*")
    user |= credentials(silent)
    limited = task({"timeout": 60}, timeout=1, register="result", ignore_errors=True)
    together = task(
        {"environment_id": list(silent.environments.values()), "timeout": 60, "concurrency": 3},
        timeout=1,
        register="other",
        ignore_errors=True,
    )
    conditions = ("result is failed", "'timedout' in result", "'timedout' in other", "(other.timedout.period) == 1")
    file = playbook_file(tmp_path / "play.json", [limited, together, check(*conditions)])
    completed = subprocess.run(
        ["ansible-playbook", "-vvv", str(file)],
        env=user,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert completed.returncode == 0, completed.stdout
    assert HERE in completed.stdout


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_forks_that_start_together_ask_for_one_token(play, tmp_path, seen, strategy):
    number = 50
    said = play(
        task(register="result"),
        FOUND,
        hosts="all",
        strategy=f"ansible.builtin.{strategy}",
        arguments=("--forks", "50", "-i", str(hosts(tmp_path, number))),
    )
    assert ok(said, number)
    assert sorted(seen()) == ["GET"] * number + ["POST"]


def test_one_token_serves_a_hundred_reads_of_twenty_forks(play, tmp_path, emulator, seen):
    ids = list(emulator.environments.values())[:5]
    said = play(
        task({"environment_id": "{{ item }}"}, loop=ids, register="result"),
        hosts="all",
        arguments=("--forks", "20", "-i", str(hosts(tmp_path, 20))),
    )
    assert ok(said, 20)
    assert sorted(seen()) == ["GET"] * 100 + ["POST"]


def test_waits_of_reads_that_are_under_way_together_are_shown(start, user, tmp_path):
    busy = start("--fault", "status=503,retry_after=0,times=3,path=/v1/*")
    user |= credentials(busy)
    ids = list(busy.environments.values())
    read = task({"environment_id": ids, "concurrency": 4}, register="result")
    checks = check(
        f"result.environments | map(attribute='id') == {ids}",
        "result.waits | length == 3",
    )
    said = run(tmp_path, user, "-v", str(playbook_file(tmp_path / "play.json", [read, checks])))
    assert (
        len(re.findall(r"^<localhost> GET /v1/environments/\S+ was answered with HTTP 503: ", said, re.MULTILINE)) == 3
    )


def token_files(user: dict[str, str]) -> Iterator[Path]:
    folder = Path(user["HOME"], ".ansible/pingone_tokens")
    return (path for path in folder.glob("*") if path.name != "lock")


def test_a_token_serves_the_next_playbook_too_even_in_check_mode(play, seen, user, emulator):
    play(task(), arguments=("--check",))
    play(task())
    assert seen() == ["POST", "GET", "GET"]
    (file,) = token_files(user)
    content = file.read_bytes()
    assert emulator.applications["default"]["client_secret"].encode() not in content
    assert b"eyJ" not in content


def test_no_cache_where_none_is_wanted(play, seen, user):
    user["PINGONE_TOKEN_CACHE"] = "no"
    play(task(), task())
    assert seen() == ["POST", "GET"] * 2
    assert not list(token_files(user))


def test_a_module_in_a_process_of_its_own_has_no_cache(play, seen, user):
    play(task({"name": "Workforce", "token_cache": True}), vars={"pingone_in_process": False})
    assert seen() == ["POST", "GET"]
    assert not list(token_files(user))


def test_a_cached_token_that_is_refused_is_replaced(play, start, user):
    """The emulator forgets its tokens with its process; the address stays."""
    first = start()
    user |= credentials(first)
    play(task())
    first.stop()
    second = start("--port", str(first.port))
    user |= credentials(second)
    # The cache is bound to the client secret, which is a new one: an old token under the new secret needs a refusal.
    play(task(register="result"), FOUND)
    with second.session() as session:
        session.post(
            f"{second.auth_url}/emulator/faults",
            json=[{"kind": "status", "value": 401, "times": 1, "path": "/v1/*"}],
            timeout=10,
        ).raise_for_status()
    before = [path.read_bytes() for path in token_files(user)]
    play(task(register="result"), FOUND)
    assert [path.read_bytes() for path in token_files(user)] != before
    with second.session() as session:
        requests = session.get(f"{second.auth_url}/emulator/requests", timeout=10).json()
    assert [(request["method"], request["status"]) for request in requests] == [
        ("POST", 200),
        ("GET", 200),
        ("GET", 401),
        ("POST", 200),
        ("GET", 200),
    ]


def test_a_cache_that_cannot_be_trusted_is_a_warning(play, user, seen):
    folder = Path(user["HOME"], ".ansible/pingone_tokens")
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    said = re.sub(r"\s+", " ", play(task(loop=[1, 2, 3]), task()))
    assert said.count(f"[WARNING]: The token cache {folder} is not used: others than its owner can open it.") == 1
    assert seen() == ["POST", "GET", "GET", "GET", "POST", "GET"]


def test_no_log(play):
    said = play(task(no_log=True, register="result"), FOUND)
    assert 'Workforce"' not in said


def test_module_defaults_and_short_names(play):
    """The action plugin is found for a short name too, with the defaults of the group."""
    said = play(
        {"name": "Read", "pingone_environment_info": {}, "register": "result"},
        FOUND,
        collections=["community.pingone"],
        module_defaults={"group/community.pingone.pingone": {"name": "Workforce"}},
    )
    assert "pingone_environment_info runs in this process" in said


def test_vaulted_values_become_plain_ones(play, user, tmp_path, emulator):
    """Inline vaults are objects of their own in ansible-core, which Requests does not take."""
    password = tmp_path / "password"
    password.write_text("password")
    encrypted = subprocess.run(
        [
            "ansible-vault",
            "encrypt_string",
            "--vault-password-file",
            str(password),
            "--name",
            "secret",
            "--stdin-name",
            "secret",
        ],
        input=user.pop("PINGONE_CLIENT_SECRET"),
        env=user,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    variables = tmp_path / "variables.yml"
    variables.write_text(encrypted)
    said = play(
        task({"name": "Workforce", "client_secret": "{{ secret }}"}, register="result"),
        FOUND,
        task(
            {"name": "Workforce", "client_secret": "{{ {'x': secret}.x }}", "timeout": "{{ 9 + 1 }}"}, register="result"
        ),
        FOUND,
        arguments=("--vault-password-file", str(password), "-e", f"@{variables}"),
    )
    assert HERE in said
    assert emulator.applications["default"]["client_secret"] not in said


def test_warnings_are_shown(play):
    said = play(task({"name": "Workforce", "validate_certs": False}, register="result"), FOUND)
    assert "validate_certs is false: anyone on the way to PingOne" in re.sub(r"\s+", " ", said)


@pytest.mark.parametrize("in_process", [True, False])
def test_ansible_runner(user, tmp_path, emulator, in_process):
    """As AWX does: credentials as environment variables, a folder with all that belongs to the run."""
    folder = tmp_path / "private"
    for name in ("project", "env", "inventory"):
        (folder / name).mkdir(parents=True)
    variables = credentials(emulator)
    for name in variables:
        user.pop(name)
    (folder / "env/envvars").write_text(json.dumps(variables))
    (folder / "env/extravars").write_text(json.dumps({"pingone_in_process": in_process}))
    (folder / "inventory/hosts").write_text(
        "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"
    )
    playbook_file(folder / "project/play.json", [task(register="result"), FOUND])
    completed = subprocess.run(
        [sys.executable, "-m", "ansible_runner", "run", str(folder), "-p", "play.json", "-vvv"],
        env=user,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stdout
    assert (HERE in completed.stdout) == in_process
    events = list(folder.glob("artifacts/*/job_events/*.json"))
    assert len(events) > 5
    for path in folder.glob("artifacts/**/*"):
        # The file "command" is where ansible-runner itself notes the environment.
        if path.is_file() and path.name != "command":
            assert variables["PINGONE_CLIENT_SECRET"] not in path.read_text(encoding="utf-8")
