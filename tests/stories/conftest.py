# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""An administrator with a copy of the playbooks, and a PingOne of their own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.emulator_tests.conftest import ROOT, Emulator, start
from tests.plays import credentials, run, sandbox_environ

__all__ = ["start"]

#: The users' first passwords.
PASSWORDS = {"anna": "first password of anna", "bo": "first password of bo"}


class Administrator:
    """Somebody who runs playbooks.

    :ivar home: where the copy of the playbooks is.
    """

    def __init__(self, home: Path, emulator: Emulator) -> None:
        self.home = home
        self._emulator = emulator
        self._environ = {
            **sandbox_environ(home / "sandbox", emulator),
            **credentials(emulator, "admin"),
            "PWD": str(home),
        }
        ours = shutil.ignore_patterns("pingone.yml", "sandbox_passwords.yml")
        shutil.copytree(ROOT / "playbooks", home / "playbooks", ignore=ours)
        (home / "playbooks/vars/sandbox_passwords.yml").write_text(json.dumps({"sandbox_passwords": PASSWORDS}))

    def play(self, name: str, *arguments: str, **variables: str) -> tuple[str, list[tuple[str, str]]]:
        """Run a playbook; return what it said, and the requests that could have changed something."""
        self.changes()
        extra = ("-e", json.dumps(variables)) if variables else ()
        said = run(self.home, self._environ, str(self.home / f"playbooks/{name}.yml"), *arguments, *extra)
        return said, self.changes()

    def changes(self) -> list[tuple[str, str]]:
        """Return the methods and paths of requests since the last time that could have changed something."""
        with self._emulator.session() as session:
            requests = session.get(f"{self._emulator.auth_url}/emulator/requests", timeout=10).json()
            session.delete(f"{self._emulator.auth_url}/emulator/requests", timeout=10).raise_for_status()
        return [
            (request["method"], request["path"])
            for request in requests
            if request["method"] != "GET" and request["path"].startswith("/v1/")
        ]

    def request(self, method: str, path: str, body: Any = None, key: str = "admin") -> Any:
        """Ask the API without a playbook, and return the answer's document."""
        with self._emulator.session(key) as session:
            answer = session.request(method, f"{self._emulator.api_url}/{path}", json=body, timeout=10)
            answer.raise_for_status()
            return answer.json() if answer.content else {}

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the first page of a collection."""
        (found,) = self.request("GET", path)["_embedded"].values()
        return found

    def environment(self, name: str) -> str | None:
        """Return the ID of an environment."""
        return next((each["id"] for each in self.items("environments") if each["name"] == name), None)


def recap(said: str) -> dict[str, int]:
    """Return the numbers at the end of a play."""
    (line,) = re.findall(r"^localhost +: (.*)$", said, re.MULTILINE)
    return {name: int(number) for name, number in (pair.split("=") for pair in line.split())}


@pytest.fixture(scope="session")
def emulator(start) -> Emulator:
    return start()


@pytest.fixture(scope="session")
def administrator(tmp_path_factory, emulator) -> Administrator:
    return Administrator(tmp_path_factory.mktemp("administrator"), emulator)


@pytest.fixture(scope="session")
def sandbox(administrator) -> tuple[str, str, list[tuple[str, str]]]:
    """What the first run of sandbox.yml said, the ID of the environment that it made, and how it changed things."""
    said, changes = administrator.play("sandbox", "-vvv")
    environment_id = administrator.environment("Shop Sandbox")
    assert environment_id
    return said, environment_id, changes
