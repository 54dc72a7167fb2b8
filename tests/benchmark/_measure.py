# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a command against an emulator and notes what it took."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """What a command took.

    :ivar seconds: on the clock.
    :ivar cpu: seconds of processor time, with those of its processes.
    :ivar peak: MiB of memory of its largest process.
    :ivar tokens: requests for a token that the server saw.
    :ivar others: other requests.
    """

    seconds: float
    cpu: float
    peak: float
    tokens: int
    others: int


@dataclass(frozen=True)
class Spread:
    """A median with the least and the largest value."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        found = list(values)
        return cls(statistics.median(found), min(found), max(found))


class Emulator:
    """A PingOne of its own for each latency and size."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        state = folder / f"state{'-'.join(arguments)}.json".replace("/", "")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.emulator", "--state", str(state), *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        if "ready\n" not in iter(self._process.stdout.readline, ""):
            raise SystemExit("The emulator did not start; its messages are above.")
        found = json.loads(state.read_text(encoding="utf-8"))
        key = "admin" if "--admin" in arguments else "default"
        (worker,) = [application for application in found["applications"] if application["key"] == key]
        self.ids: list[str] = [environment["id"] for environment in found["environments"]]
        #: The environment that has users.
        (self.users_id,) = [each["id"] for each in found["environments"] if each["name"] == "Fjordkaffe Customers"]
        self._requests = f"{found['auth_url']}/emulator/requests"
        self._ca_path = found["ca_path"]
        self.environ = {
            "PINGONE_CLIENT_ID": worker["client_id"],
            "PINGONE_CLIENT_SECRET": worker["client_secret"],
            "PINGONE_ENVIRONMENT_ID": worker["environment_id"],
            "PINGONE_AUTH_URL": found["auth_url"],
            "PINGONE_API_URL": found["api_url"],
            "PINGONE_CA_PATH": found["ca_path"],
        }

    def seen(self) -> tuple[int, int]:
        """Return how many requests there were for tokens and for other things, and forget them."""
        with requests.Session() as session:
            session.verify, session.trust_env = self._ca_path, False
            paths = [request["path"] for request in session.get(self._requests, timeout=30).json()]
            session.delete(self._requests, timeout=30)
        tokens = sum(path.endswith("/as/token") for path in paths)
        return tokens, len(paths) - tokens

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class Bench:
    """A user without anything that could help or hinder: neither a cache nor settings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        collections = folder / "collections/ansible_collections/community"
        collections.mkdir(parents=True)
        (collections / "pingone").symlink_to(ROOT)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINGONE_", "ANSIBLE_"))}
        self._environ = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "NO_PROXY": "127.0.0.1",
        }

    def play(
        self, emulator: Emulator, tasks: Sequence[Any], ids: Sequence[str] = (), hosts: int = 0, **variables: Any
    ) -> Cost:
        """Run a playbook for localhost or for some hosts that are this machine, all at once."""
        play = self._folder / "play.json"
        where = "all" if hosts else "localhost"
        variables |= {"ids": list(ids)}
        content = {"name": "Bench", "hosts": where, "gather_facts": False, "vars": variables, "tasks": tasks}
        play.write_text(json.dumps([content]), encoding="utf-8")
        command = ["ansible-playbook", str(play)]
        if hosts:
            inventory = self._folder / "hosts.json"
            names: dict[str, Any] = {f"host{number}": {} for number in range(hosts)}
            inventory.write_text(json.dumps({"all": {"hosts": names, "vars": {"ansible_connection": "local"}}}))
            command += ["--forks", str(hosts), "--inventory", str(inventory)]
        return self.command(emulator, command)

    def command(self, emulator: Emulator, command: Sequence[str]) -> Cost:
        """Run a command, which must succeed, with an empty home folder."""
        with tempfile.TemporaryDirectory(dir=self._folder) as home, tempfile.TemporaryFile() as output:
            environ = {**self._environ, **emulator.environ, "HOME": home}
            emulator.seen()
            start = time.perf_counter()
            process = subprocess.Popen(command, env=environ, cwd=home, stdout=output, stderr=subprocess.STDOUT)
            # With those of all its processes.
            dummy, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                output.seek(0)
                raise SystemExit(output.read().decode()[-3000:])
        peak = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
        return Cost(seconds, usage.ru_utime + usage.ru_stime, peak, *emulator.seen())
