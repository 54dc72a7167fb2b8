# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real ansible-playbook, run as a user for whom all the known traps are set."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any

import trustme

from tests.emulator_tests.conftest import ROOT, Emulator

#: The module that is there for all.
MODULE = "community.pingone.pingone_environment_info"
TOOLS = Path(sys.executable).parent


def sandbox_environ(sandbox: Path, emulator: Emulator) -> dict[str, str]:
    """Return the environment of a user for whom all the known traps are set."""
    sandbox.mkdir(mode=0o700)
    for folder in ("home", "tmp", "collections/ansible_collections/community"):
        (sandbox / folder).mkdir(parents=True)
    (sandbox / "collections/ansible_collections/community/pingone").symlink_to(ROOT)
    netrc = sandbox / "home/.netrc"
    netrc.touch(mode=0o600)
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="ascii")
    other_ca = sandbox / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other_ca))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINGONE_", "ANSIBLE_"))}
    return {
        **kept,
        "HOME": str(sandbox / "home"),
        "TMPDIR": str(sandbox / "tmp"),
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        "REQUESTS_CA_BUNDLE": str(other_ca),
        "ANSIBLE_COLLECTIONS_PATH": str(sandbox / "collections"),
        "ANSIBLE_LOG_PATH": str(sandbox / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(sandbox / "cache"),
        "ANSIBLE_NOCOLOR": "1",
        **endpoints(emulator),
        "PINGONE_TIMEOUT": "10",
        "PINGONE_RETRIES": "1",
    }


def endpoints(emulator: Emulator) -> dict[str, str]:
    """Return the environment variables that lead to an emulator."""
    return {
        "PINGONE_AUTH_URL": emulator.auth_url,
        "PINGONE_API_URL": emulator.api_url,
        "PINGONE_CA_PATH": emulator.ca_path,
    }


def credentials(emulator: Emulator, key: str = "default") -> dict[str, str]:
    """Return the environment variables with a worker application's credentials and where they are good."""
    worker = emulator.applications[key]
    return {
        "PINGONE_CLIENT_ID": worker["client_id"],
        "PINGONE_CLIENT_SECRET": worker["client_secret"],
        "PINGONE_ENVIRONMENT_ID": worker["environment_id"],
        **endpoints(emulator),
    }


def playbook_file(path: Path, tasks: list[dict[str, Any]], **keywords: Any) -> Path:
    """Write a play for localhost, unless a keyword says otherwise."""
    path.write_text(
        json.dumps([{"name": path.stem, "hosts": "localhost", "gather_facts": False, "tasks": tasks, **keywords}])
    )
    return path


def processes_of(environ: dict[str, str], others: Collection[str] = ()) -> list[str]:
    """Return the command lines of a user's processes, which are in groups of their own but inherit the environment.

    Others are entries of C(/proc) that are known to be no such processes.
    """
    found = []
    for process in filter(str.isdecimal, set(os.listdir("/proc")).difference(others)):
        with contextlib.suppress(OSError):
            if environ["HOME"].encode() in Path("/proc", process, "environ").read_bytes():
                found.append(Path("/proc", process, "cmdline").read_bytes().decode("utf-8", "replace"))
    return found


def run(sandbox: Path, environ: dict[str, str], *arguments: str) -> str:
    """Run ansible-playbook and return all that it said, together with the command lines of its processes."""
    command_lines: set[str] = set()
    others = os.listdir("/proc")
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            command_lines.update(processes_of(environ, others))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        process = subprocess.run(
            ["ansible-playbook", *arguments],
            cwd=sandbox,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    finally:
        done.set()
        watcher.join()
    said = process.stdout.decode("utf-8", "replace")
    assert any("ansible-playbook" in line for line in command_lines)
    assert process.returncode == 0, said[-5000:]
    return "\n".join([said, *command_lines])


def comparable(result: Any) -> Any:
    """Return a result without what is different each time: ids that PingOne makes up, and the jitter of waits."""
    if isinstance(result, dict):
        return {key: comparable(value) for key, value in result.items() if key != "correlation_id"}
    if isinstance(result, list):
        return [comparable(item) for item in result]
    if isinstance(result, str):
        for pattern, replacement in (
            (r"correlation id [0-9a-f-]{36}", "correlation id X"),
            (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
            (r"waiting \d+\.\d seconds", "waiting N seconds"),
            (r"127\.(0\.0\.)?1:\d+", "ADDRESS"),
        ):
            result = re.sub(pattern, replacement, result)
    return result
