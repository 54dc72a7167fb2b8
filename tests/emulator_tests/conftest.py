# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Emulators as users start them: a process of their own, reached over TLS."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from .management import NUMBERS, Management

ROOT = Path(__file__).resolve().parents[2]


class Bearer(requests.auth.AuthBase):
    """A token that no ~/.netrc can replace."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Emulator:
    """A running emulator."""

    def __init__(self, state_path: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.emulator", "--state", str(state_path), *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started = time.monotonic()
        assert self.process.stdout and self.process.stderr
        watchdog = threading.Timer(20, self.process.kill)
        watchdog.start()
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            if line == "ready\n":
                break
        watchdog.cancel()
        self.seconds_to_start = time.monotonic() - started
        assert self.lines and self.lines[-1] == "ready\n", self.process.stderr.read()
        self.state_path = state_path
        self.state = json.loads(state_path.read_text(encoding="utf-8"))
        self.auth_url: str = self.state["auth_url"]
        self.api_url: str = self.state["api_url"]
        self.ca_path: str = self.state["ca_path"]
        self.port: int = self.state["port"]
        self.applications: dict[str, dict[str, Any]] = {each["key"]: each for each in self.state["applications"]}
        self.environments: dict[str, str] = {each["name"]: each["id"] for each in self.state["environments"]}

    def session(self, key: str | None = None) -> requests.Session:
        """A client; with an application's key one that has its token."""
        session = requests.Session()
        session.trust_env = False  # neither ~/.netrc nor REQUESTS_CA_BUNDLE
        session.verify = self.ca_path
        if key is not None:
            session.auth = Bearer(self.token(key))
        return session

    def ask_for_token(self, key: str, method: str | None = None, **changes: Any) -> requests.Response:
        """Ask the token endpoint as one of the applications, with what the test wants to be different."""
        application = {**self.applications[key], **changes}
        method = method or application["token_endpoint_auth_method"]
        form = {"grant_type": "client_credentials"}
        auth = None
        client_id, client_secret = application["client_id"], application["client_secret"]
        if method == "client_secret_basic":
            auth = (quote(client_id, safe=""), quote(client_secret, safe=""))
        else:
            form |= {"client_id": client_id, "client_secret": client_secret}
        with self.session() as session:
            return session.post(
                f"{self.auth_url}/{application['environment_id']}/as/token", data=form, auth=auth, timeout=10
            )

    def send_assertion(self, key: str, assertion: str, **form: str) -> requests.Response:
        """Ask the token endpoint as an application that proves itself with an assertion."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            **form,
        }
        with self.session() as session:
            return session.post(
                f"{self.auth_url}/{self.applications[key]['environment_id']}/as/token", data=form, timeout=10
            )

    def token(self, key: str) -> str:
        """A new access token."""
        response = self.ask_for_token(key)
        assert response.status_code == 200, response.text
        return response.json()["access_token"]

    def worker(self, client_id: str, client_secret: str) -> Bearer | None:
        """The token of an application that was made through the API; None if it gets none."""
        with self.session() as session:
            response = session.post(
                f"{self.auth_url}/as/token",
                data={"grant_type": "client_credentials"},
                auth=(quote(client_id, safe=""), quote(client_secret, safe="")),
                timeout=10,
            )
        return Bearer(response.json()["access_token"]) if response.status_code == 200 else None

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code and the rest of the output."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=10)
        return self.process.returncode, output, errors


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Emulator]]:
    """Start an emulator with options; it ends with the tests at the latest."""
    with contextlib.ExitStack() as stack:

        def begin(*arguments: str) -> Emulator:
            emulator = Emulator(tmp_path_factory.mktemp("emulator") / "state.json", *arguments)
            stack.callback(_end, emulator)
            return emulator

        yield begin


def _end(emulator: Emulator) -> None:
    if emulator.process.poll() is None:
        code, output, errors = emulator.stop()
        # whatever the tests did, it neither failed inside nor said anything
        assert (code, output, errors) == (0, "", "")


@pytest.fixture(scope="session")
def emulator(start: Callable[..., Emulator]) -> Emulator:
    """One emulator for all tests that leave it as it was."""
    return start()


@pytest.fixture(scope="session")
def large(start: Callable[..., Emulator]) -> Emulator:
    """One with 5000 environments."""
    return start("--environments", "5000")


@pytest.fixture(scope="session")
def client(emulator: Emulator) -> requests.Session:
    """The default application's client."""
    return emulator.session("default")


@pytest.fixture
def clean_environ() -> dict[str, str]:
    """Environment variables for other programs."""
    return {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()}


@pytest.fixture(scope="session")
def changeable(start: Callable[..., Emulator]) -> Emulator:
    """An emulator that may be changed."""
    return start()


@pytest.fixture(scope="session")
def admin(changeable: Emulator) -> requests.Session:
    """A client that may do everything."""
    return changeable.session("admin")


@pytest.fixture
def sandbox(changeable: Emulator, admin: requests.Session) -> Iterator[Management]:
    """A new environment, gone after the test."""
    api = Management(changeable, admin, "")
    (license_, *_rest) = api.list(f"/organizations/{changeable.state['organization_id']}/licenses")
    body = {
        "name": f"Test {next(NUMBERS)}",
        "type": "SANDBOX",
        "region": "EU",
        "license": {"id": license_["id"]},
    }
    api.environment_id = api.ok("POST", "/environments", body)["id"]
    yield api
    api.send("DELETE", f"/environments/{api.environment_id}")
