# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS and HTTP/1.1 as clients meet them."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from .conftest import Emulator


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "auth.pingone.test", "api.pingone.test"])
def test_names_and_links_follow_the_host(emulator: Emulator, name: str) -> None:
    host = f"[{name}]:{emulator.port}" if ":" in name else f"{name}:{emulator.port}"
    with urllib3.HTTPSConnectionPool(
        "127.0.0.1", emulator.port, ca_certs=emulator.ca_path, server_hostname=name, assert_hostname=name
    ) as pool:
        headers = {"Host": host, "Authorization": f"Bearer {emulator.token('default')}"}
        document = pool.request("GET", "/v1/environments?limit=1", headers=headers).json()
    environment = document["_embedded"]["environments"][0]
    for links in (document["_links"], environment["_links"]):
        assert all(link["href"].startswith(f"https://{host}/v1/") for link in links.values())


def test_another_authority_is_not_trusted(emulator: Emulator) -> None:
    context = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


def test_a_host_of_ones_own(start: Callable[..., Emulator]) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    emulator = start("--host", "::1")
    assert emulator.auth_url == f"https://[::1]:{emulator.port}"
    assert emulator.session("default").get(f"{emulator.api_url}/environments", timeout=10).ok


def test_a_connection_is_kept_and_does_not_stall(emulator: Emulator) -> None:
    with emulator.session() as session:
        session.delete(f"{emulator.auth_url}/emulator/requests", timeout=10)
    token = emulator.token("default")
    with emulator.session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        session.auth = lambda request: request
        started = time.monotonic()
        for _number in range(25):
            assert session.get(f"{emulator.api_url}/environments?limit=1", timeout=10).ok
        # errors, bodies and HEAD keep it too
        assert session.put(f"{emulator.api_url}/environments", json={"name": "x" * 5000}, timeout=10).status_code == 405
        assert session.head(f"{emulator.api_url}/environments", timeout=10).text == ""
        assert session.get(f"{emulator.api_url}/nowhere", timeout=10).status_code == 404
        seconds = time.monotonic() - started
        seen = session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()
    assert len({each["connection"] for each in seen if each["path"].startswith("/v1/")}) == 1
    assert seconds / 28 < 0.035  # a delayed acknowledgement takes 0.04


def test_fifty_clients(emulator: Emulator) -> None:
    token = emulator.token("default")

    def read(_number: int) -> int:
        with emulator.session() as session:
            session.auth = lambda request: request
            session.headers["Authorization"] = f"Bearer {token}"
            pages = [session.get(f"{emulator.api_url}/environments", timeout=30).json() for _number in range(4)]
            return sum(page["size"] for page in pages)

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(read, range(50))) == {4 * len(emulator.environments)}


def test_a_silent_client_stops_nobody(emulator: Emulator) -> None:
    silent = [socket.create_connection(("127.0.0.1", emulator.port), timeout=10) for _number in range(5)]
    try:
        started = time.monotonic()
        assert emulator.session("default").get(f"{emulator.api_url}/environments", timeout=5).ok
        assert time.monotonic() - started < 2
    finally:
        for each in silent:
            each.close()


def test_who_does_not_speak_tls_is_ignored(emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as plain:
        plain.sendall(b"GET /v1/environments HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert not plain.recv(1000).startswith(b"HTTP/")
    assert emulator.session("default").get(f"{emulator.api_url}/environments", timeout=5).ok


def test_a_body_in_chunks(emulator: Emulator) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with emulator.session() as session:
        for _number in range(2):
            body = iter([b"grant_", b"type=password"])
            response = session.post(f"{emulator.auth_url}/as/token", data=body, headers=form, timeout=10)
            assert response.json()["error"] == "unsupported_grant_type"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_curl(emulator: Emulator, clean_environ: dict[str, str]) -> None:
    application = emulator.applications["default"]
    token_url = f"{emulator.auth_url}/{application['environment_id']}/as/token"
    credentials = f"{application['client_id']}:{application['client_secret']}"
    command = ["curl", "-q", "-sS", "--fail", "--noproxy", "*", "--cacert", emulator.ca_path]
    for more in (
        ["--user", credentials, "--data", "grant_type=client_credentials", token_url],
        ["--header", f"Authorization: Bearer {emulator.token('default')}", f"{emulator.api_url}/environments"],
    ):
        result = subprocess.run(
            [*command, *more], capture_output=True, text=True, check=False, timeout=20, env=clean_environ
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith("{")
