# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks in outages: each scenario is one task of a real ansible-playbook, as talkative as it can be.

Four plays go through all scenarios: with credentials from the environment and Ansible's debug mode, or with credentials
as options in check mode; with modules in the controller, or in processes of their own. All that they say and leave
behind is searched for secrets.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.emulator_tests.conftest import Emulator
from tests.plays import comparable, credentials, playbook_file, processes_of, run, sandbox_environ

from .scenarios import API, MODULE, SCENARIOS, Scenario, fault

#: The length from which on a piece of a secret counts as a leak.
PIECE = 8


@dataclass(frozen=True)
class Way:
    """A way to run a play.

    :ivar from_shell: whether credentials are in the environment of ansible-playbook; else they are options.
    :ivar in_process: whether modules run in the controller.
    """

    from_shell: bool
    in_process: bool

    def __str__(self) -> str:
        return f"{'shell' if self.from_shell else 'options'}-{'here' if self.in_process else 'module'}"


WAYS = [Way(from_shell, in_process) for from_shell in (True, False) for in_process in (True, False)]


@dataclass
class Run:
    """What a play did.

    :ivar results: of the tasks, by the scenario's name.
    :ivar said: standard output and error, the log, and the command lines of its processes.
    :ivar worker: the worker application whose credentials it had, and a token of it.
    """

    results: dict[str, dict[str, Any]]
    said: str
    sandbox: Path
    worker: dict[str, Any]


def scenarios_of(from_shell: bool) -> list[Scenario]:
    """Return those of a run; options that are secrets have no place in one with Ansible's debug mode."""
    return [scenario for scenario in SCENARIOS if not (from_shell and scenario.has_secret_options)]


def playbook(
    sandbox: Path, emulator: Emulator, defaults: dict[str, str], token: str, scenarios: list[Scenario], in_process: bool
) -> list[dict[str, Any]]:
    """Return a play with these scenarios."""
    values = {
        "{other_host}": emulator.api_url.replace("127.0.0.1", "127.1"),
        "{other_ca}": str(sandbox / "other-ca.pem"),
        "{secret}": emulator.applications["awkward"]["client_secret"],
        "{token}": token,
    }
    secrets = {}
    tasks: list[dict[str, Any]] = []
    for number, scenario in enumerate(scenarios):
        options = dict(scenario.options)
        for name, value in options.items():
            for placeholder, real in values.items():
                if placeholder in str(value):
                    # In a file of variables, as a user would: a playbook is no place for secrets.
                    secrets[f"value_{number}"] = value.replace(placeholder, real)
                    options[name] = f"{{{{ value_{number} }}}}"
        tasks.append(
            {
                "name": scenario.name,
                MODULE: options,
                "register": f"result_{number}",
                "ignore_errors": True,
                **scenario.keywords,
            }
        )
    results = ", ".join(f"result_{number}" for number in range(len(scenarios)))
    tasks.append(
        {
            "name": "Hand over the results",
            "ansible.builtin.copy": {
                "dest": str(sandbox / "results.json"),
                "content": f"{{{{ [{results}] | to_json }}}}",
                "mode": "0600",
            },
            "check_mode": False,
            "diff": False,
            "no_log": True,
        }
    )
    variables = sandbox / "secrets.json"
    variables.touch(mode=0o600)
    variables.write_text(json.dumps({**secrets, **defaults}), encoding="utf-8")
    return [
        {
            "name": "Outages",
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"pingone_in_process": in_process},
            "module_defaults": {"group/community.pingone.pingone": {name: f"{{{{ {name} }}}}" for name in defaults}},
            "tasks": tasks,
        }
    ]


def outage_run(sandbox: Path, emulator: Emulator, token: str, way: Way) -> Run:
    environ = sandbox_environ(sandbox, emulator)
    orders = sandbox / "orders.json"
    environ |= {
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "outage",
        "PINGONE_OUTAGES": str(orders),
    }
    worker = emulator.applications["awkward"]
    defaults = {}
    if way.from_shell:
        environ |= {
            **credentials(emulator, "awkward"),
            # Before 2.22, ansible-core's debug mode prints the options of every module, whatever their no_log says; so
            # this belongs to the run in which the secret is none of them.
            "ANSIBLE_DEBUG": "true",
        }
    else:
        defaults = {
            "client_id": worker["client_id"],
            "client_secret": worker["client_secret"],
            "auth_environment_id": worker["environment_id"],
        }
    scenarios = scenarios_of(way.from_shell)
    orders.write_text(
        json.dumps(
            {
                "url": f"{emulator.auth_url}/emulator/faults",
                "ca_path": emulator.ca_path,
                "faults": {scenario.name: list(scenario.faults) for scenario in scenarios},
            }
        ),
        encoding="utf-8",
    )
    play = sandbox / "play.json"
    play.write_text(
        json.dumps(playbook(sandbox, emulator, defaults, token, scenarios, way.in_process)), encoding="utf-8"
    )
    arguments = ["-vvvv", "--diff", "-e", f"@{sandbox}/secrets.json", *([] if way.from_shell else ["--check"])]
    said = run(sandbox, environ, *arguments, str(play))
    said += (sandbox / "ansible.log").read_text(encoding="utf-8")
    results = json.loads((sandbox / "results.json").read_text(encoding="utf-8"))
    return Run(
        dict(zip((scenario.name for scenario in scenarios), results, strict=True)),
        said,
        sandbox,
        {**worker, "token": token},
    )


@pytest.fixture(scope="module")
def runs(start, tmp_path_factory) -> dict[Way, Run]:
    """All plays, at the same time: they spend most of it waiting."""
    folder = tmp_path_factory.mktemp("outages")

    def play(way: Way) -> Run:
        emulator = start()
        # A token that an administrator might have obtained elsewhere; no one revokes it, and a fault refuses it.
        return outage_run(folder / str(way), emulator, emulator.token("awkward"), way)

    with ThreadPoolExecutor(len(WAYS)) as pool:
        return dict(zip(WAYS, pool.map(play, WAYS), strict=True))


@pytest.mark.parametrize(
    ("way", "scenario"),
    [
        pytest.param(way, scenario, id=f"{way}-{scenario.name}")
        for way in WAYS
        for scenario in scenarios_of(way.from_shell)
    ],
)
def test_scenario(runs: dict[Way, Run], scenario: Scenario, way: Way) -> None:
    result = runs[way].results[scenario.name]
    if scenario.message is None:
        assert result.get("failed") is not True, result.get("msg")
        assert isinstance(result["environments"], list)
    else:
        assert result.get("failed") is True
        assert re.search(scenario.message, result["msg"], re.DOTALL), result["msg"]
        assert "\n" not in result["msg"]
    if scenario.waits is not None:
        assert len(result["waits"]) == scenario.waits, result["waits"]
        assert all(f"\n<localhost> {wait}\n" in runs[way].said for wait in result["waits"])


@pytest.mark.parametrize("from_shell", [True, False], ids=["shell", "options"])
def test_both_hosts_fail_in_the_same_way(runs: dict[Way, Run], from_shell: bool) -> None:
    here, module = (comparable(runs[Way(from_shell, in_process)].results) for in_process in (True, False))
    for scenario in scenarios_of(from_shell):
        if scenario.name != "a task's own time limit":  # which has a frame of the interrupted code
            assert here[scenario.name] == module[scenario.name]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_each_module_ran_where_it_should(runs: dict[Way, Run], way: Way) -> None:
    elsewhere = "a process of its own: pingone_in_process is false"
    where = "this process" if way.in_process else elsewhere
    assert runs[way].said.count(f"{MODULE} runs in {where}\n") >= len(scenarios_of(way.from_shell))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_no_traceback(runs: dict[Way, Run], way: Way) -> None:
    said = runs[way].said
    where = said.find("Traceback (most recent call last)")
    assert where < 0, said[where - 2000 : where + 2000]


def pieces(secret: str) -> Iterator[str]:
    for start in range(len(secret) - PIECE + 1):
        yield secret[start : start + PIECE]


def secrets_of(worker: dict[str, Any]) -> Iterator[str]:
    """Yield each piece of a worker application's secrets and of a token that it was given, in any encoding."""
    yield from pieces(worker["token"])
    client_id, secret = worker["client_id"], worker["client_secret"]
    yield from pieces(secret)
    yield from pieces(quote(secret, safe=""))
    yield from pieces(base64.b64encode(secret.encode()).decode().rstrip("="))
    pair = f"{client_id}:{quote(secret, safe='')}".encode()
    # Not its first characters, which are those of the client ID alone.
    yield from pieces(base64.b64encode(pair).decode()[len(client_id) :])


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_no_secret_is_said_or_left_behind(runs: dict[Way, Run], way: Way) -> None:
    sandbox = runs[way].sandbox
    left = [
        path
        for path in sandbox.rglob("*")
        if path.is_file() and path.name != "secrets.json" and "pingone" not in path.parts
    ]
    text = "\n".join([runs[way].said, *(path.read_text(encoding="utf-8", errors="replace") for path in left)])
    secrets = set(secrets_of(runs[way].worker))
    # One pass over the text instead of one for each piece.
    leaks = [place for place in range(len(text)) if text[place : place + PIECE] in secrets]
    assert not leaks, text[leaks[0] - 300 : leaks[0] + 100]
    # The beginning of every token: '{"' in base64.
    begun = re.search(r"eyJ[\w-]{5}", text)
    assert not begun, text[begun.start() - 1000 : begun.end() + 100]


@pytest.fixture
def user(tmp_path, emulator) -> dict[str, str]:
    """The environment of a user with credentials."""
    requests.delete(f"{emulator.auth_url}/emulator/faults", verify=emulator.ca_path, timeout=10)
    return {**sandbox_environ(tmp_path / "sandbox", emulator), **credentials(emulator)}


@pytest.fixture
def proxy(tmp_path) -> Iterator[tuple[str, Path]]:
    """A real proxy that wants a password; its address and its log."""
    port_file, log = tmp_path / "port", tmp_path / "proxy.log"
    where = ["--hostname", "127.0.0.1", "--port", "0", "--port-file", port_file, "--log-file", log]
    small = ["--num-workers", "1", "--num-acceptors", "1"]
    process = subprocess.Popen([sys.executable, "-m", "proxy", *where, *small, "--basic-auth", "user:proxy-password"])
    try:
        deadline = time.monotonic() + 20
        while not port_file.exists() or not port_file.read_text().strip():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port_file.read_text().split()[0], log
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize(
    ("login", "no_proxy", "is_used", "message"),
    [
        ("user:proxy-password@", "", True, None),
        ("user:wrong-password@", "", False, "the proxy did not connect in 2 attempts"),
        ("user:wrong-password@", "127.0.0.1", False, None),
    ],
)
def test_proxy(user, proxy, tmp_path, emulator, login, no_proxy, is_used, message):
    port, log = proxy
    user |= {
        "HTTPS_PROXY": f"http://{login}127.0.0.1:{port}",
        "NO_PROXY": no_proxy,
        "https_proxy": "",
        "no_proxy": no_proxy,
    }
    del user["https_proxy"]
    task = {"name": "Read", MODULE: {"name": "Workforce"}, "register": "result", "ignore_errors": True}
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ result.msg | default(result.environments[0].name) }}"}}
    said = run(tmp_path, user, "-vvvv", str(playbook_file(tmp_path / "proxy.json", [task, show])))
    assert (message or '"msg": "Workforce"') in said
    assert "wrong-password" not in said.replace(user["HTTPS_PROXY"], "")
    time.sleep(0.5)
    assert (f"CONNECT 127.0.0.1:{emulator.port}" in log.read_text(encoding="utf-8")) == is_used


def test_a_task_that_ansible_ended_ends(start, user, tmp_path):
    """It finishes the request at hand, and sends no other."""
    silent = start("--fault", "silent,path=/v1/*")
    user |= credentials(silent)
    task = {"name": "Read", MODULE: {"timeout": 2, "retries": 50}, "timeout": 3, "ignore_errors": True}
    run(tmp_path, user, str(playbook_file(tmp_path / "ended.json", [task])))
    deadline = time.monotonic() + 15
    while processes_of(user):
        assert time.monotonic() < deadline, processes_of(user)
        time.sleep(0.2)


def test_async(user, tmp_path, emulator):
    """A task in the background waits and tries again as others do."""
    faults = [fault("status", 503, retry_after="0", times=2, **API)]
    requests.post(f"{emulator.auth_url}/emulator/faults", json=faults, verify=emulator.ca_path, timeout=10)
    task = {"name": "Read", MODULE: {"retries": 3}, "async": 60, "poll": 1, "register": "result"}
    # Its usual place is in the home folder of the password file, which is not that of this user.
    user["ANSIBLE_ASYNC_DIR"] = str(tmp_path / "async")
    check = {"name": "Check", "ansible.builtin.assert": {"that": "result.waits | length == 2"}}
    run(tmp_path, user, str(playbook_file(tmp_path / "async.json", [task, check])))


def test_requests_ca_bundle(user, tmp_path, emulator):
    """Requests' own variable counts where ours is not set."""
    task = {"name": "Read", MODULE: {"name": "Workforce"}}
    user |= {"PINGONE_CA_PATH": "", "REQUESTS_CA_BUNDLE": emulator.ca_path}
    run(tmp_path, user, str(playbook_file(tmp_path / "bundle.json", [task])))


@pytest.mark.parametrize(
    ("certificate", "message"),
    [
        ("expired", "its certificate has expired"),
        ("other-host", "its certificate is for another host name"),
        ("self-signed", "its certificate is not signed by a CA that this machine trusts"),
    ],
)
def test_certificates(start, user, tmp_path, certificate, message):
    other = start("--certificate", certificate)
    task = {
        "name": "Read",
        MODULE: {"auth_url": other.auth_url, "api_url": other.api_url, "ca_path": other.ca_path},
        "register": "result",
        "failed_when": f"result is not failed or '{message}' not in result.msg or result.waits | length > 0",
    }
    run(tmp_path, user, str(playbook_file(tmp_path / "certificates.json", [task])))


@pytest.mark.parametrize(("in_process", "tokens"), [(True, 1), (False, 50)])
def test_fifty_hosts_at_ten_requests_a_second(start, user, tmp_path, in_process, tokens):
    """All at once against a rate limit: every task ends well, with few more requests than there have to be."""
    busy = start("--fault", "rate_limit=10")
    user |= {
        **credentials(busy),
        "PINGONE_RETRIES": "",
        "ANSIBLE_HOST_PATTERN_MISMATCH": "ignore",
    }
    hosts = 50
    inventory = tmp_path / "hosts.json"
    inventory.write_text(
        json.dumps(
            {
                "all": {
                    "hosts": {f"host{number}": {} for number in range(hosts)},
                    "vars": {
                        "ansible_connection": "local",
                        "ansible_python_interpreter": sys.executable,
                        "pingone_in_process": in_process,
                    },
                }
            }
        )
    )
    task = {
        "name": "Read",
        MODULE: {"name": "Workforce"},
        "register": "result",
        "failed_when": "result.environments | length != 1",
    }
    play = playbook_file(tmp_path / "load.json", [task])
    play.write_text(play.read_text().replace('"localhost"', '"all"'))
    said = run(tmp_path, user, "--forks", str(hosts), "-i", str(inventory), str(play))
    assert len(re.findall(r"^host\d+ +: ok=1 .*failed=0", said, re.MULTILINE)) == hosts
    seen = requests.get(f"{busy.auth_url}/emulator/requests", verify=busy.ca_path, timeout=10).json()
    answered = [request for request in seen if request["status"] == 200]
    assert len(answered) == tokens + hosts
    print(f"{hosts} tasks, {len(answered)} requests answered, {len(seen) - len(answered)} turned away")
    assert len(seen) <= 4 * hosts
