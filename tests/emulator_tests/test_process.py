# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting and stopping."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Emulator

NAMES = [
    "PINGONE_CLIENT_ID",
    "PINGONE_CLIENT_SECRET",
    "PINGONE_ENVIRONMENT_ID",
    "PINGONE_AUTH_URL",
    "PINGONE_API_URL",
    "PINGONE_CA_PATH",
]


def test_prints_what_a_shell_needs(emulator: Emulator) -> None:
    exports = dict(shlex.split(line)[1].split("=", 1) for line in emulator.lines[:-1])
    assert [line.split("=")[0] for line in emulator.lines] == [*(f"export {name}" for name in NAMES), "ready\n"]
    default = emulator.applications["default"]
    assert exports == {
        "PINGONE_CLIENT_ID": default["client_id"],
        "PINGONE_CLIENT_SECRET": default["client_secret"],
        "PINGONE_ENVIRONMENT_ID": default["environment_id"],
        "PINGONE_AUTH_URL": f"https://127.0.0.1:{emulator.port}",
        "PINGONE_API_URL": f"https://127.0.0.1:{emulator.port}/v1",
        "PINGONE_CA_PATH": emulator.ca_path,
    }
    assert re.fullmatch(r"\w{32,}", default["client_secret"])


def test_a_shell_reads_it(emulator: Emulator) -> None:
    script = "".join(emulator.lines[:-1]) + 'printf %s "$PINGONE_CLIENT_SECRET"'
    output = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout
    assert output == emulator.applications["default"]["client_secret"]


def test_the_state_is_private_and_complete(emulator: Emulator) -> None:
    assert stat.S_IMODE(emulator.state_path.stat().st_mode) == 0o600
    assert set(emulator.state["applications"][0]) == {
        "key",
        "name",
        "client_id",
        "client_secret",
        "private_key",
        "private_key_id",
        "environment_id",
        "token_endpoint_auth_method",
        "enabled",
        "role_assignments",
    }
    assert len(emulator.environments) == len(emulator.state["environments"])
    assert all({"id", "name", "type"} <= set(each) for each in emulator.state["environments"])


def test_the_folder_is_private(emulator: Emulator) -> None:
    folder = Path(emulator.ca_path).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["ca.pem"]


def test_ids_stay_and_secrets_change(emulator: Emulator, start: Callable[..., Emulator]) -> None:
    other = start()
    assert other.state["environments"] == emulator.state["environments"]
    assert other.state["organization_id"] == emulator.state["organization_id"]
    for key, application in emulator.applications.items():
        assert other.applications[key]["client_id"] == application["client_id"]
        assert other.applications[key]["client_secret"] != application["client_secret"]
        if application["private_key"]:
            assert other.applications[key]["private_key"] != application["private_key"]


def test_awkward_secrets(emulator: Emulator) -> None:
    for key, method in (("post", "client_secret_post"), ("awkward", "client_secret_basic")):
        assert emulator.applications[key]["token_endpoint_auth_method"] == method
        assert set(":+%/&=") <= set(emulator.applications[key]["client_secret"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly(start: Callable[..., Emulator], number: int) -> None:
    emulator = start()
    with emulator.session("default") as session:  # a connection that is still open
        assert session.get(f"{emulator.api_url}/environments", timeout=10).ok
        assert emulator.stop(number) == (0, "", "")
    assert not Path(emulator.ca_path).parent.exists()


def test_starts_quickly_with_many_environments(large: Emulator) -> None:
    assert len(large.environments) == 5000
    assert large.seconds_to_start < 5  # about one; CI machines are slow


def test_verbose_says_what_happens_without_secrets(start: Callable[..., Emulator]) -> None:
    emulator = start("--verbose")
    emulator.token("post")
    code, output, errors = emulator.stop()
    assert (code, output) == (0, "")
    path = f"/{emulator.applications['post']['environment_id']}/as/token"
    assert errors == f"POST {path} 200\n"


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.emulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def test_help() -> None:
    result = _run("--help")
    assert result.returncode == 0
    for option in ("--host", "--port", "--environments", "--token-lifetime", "--token-uses", "--state", "--verbose"):
        assert option in result.stdout
    for option in ("--users", "--admin", "--propagation-delay", "--consistency-delay"):
        assert option in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [("--environments", "1"), ("--token-lifetime", "0"), ("--port", "65536"), ("--propagation-delay", "-1")],
)
def test_refuses_nonsense(arguments: tuple[str, ...]) -> None:
    result = _run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "must be at least" in result.stderr


def test_a_used_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = _run("--port", str(port))
    assert (result.returncode, result.stdout) == (1, "")
    assert str(port) in result.stderr and "Traceback" not in result.stderr
