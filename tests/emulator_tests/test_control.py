# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control surface."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Emulator


def test_requests_are_recorded_without_credentials(start: Callable[..., Emulator]) -> None:
    emulator = start()
    url = f"{emulator.auth_url}/emulator/requests"
    token = emulator.token("default")
    with emulator.session() as session:
        session.auth = lambda request: request
        headers = {
            "Authorization": f"Bearer {token}",
            "User-Agent": "a test",
            "X-Ping-External-Transaction-ID": "run 1",
            "X-Ping-External-Session-ID": "job 1",
        }
        session.get(f"{emulator.api_url}/environments?limit=1&order=name", headers=headers, timeout=10)
        session.get(f"{emulator.api_url}/nowhere", headers={"Authorization": token}, timeout=10)
        response = session.get(url, timeout=10)
    seen = response.json()
    assert [(each["method"], each["path"], each["query"], each["status"], each["authorization"]) for each in seen] == [
        ("POST", f"/{emulator.applications['default']['environment_id']}/as/token", "", 200, "Basic"),
        ("GET", "/v1/environments", "limit=1&order=name", 200, "Bearer"),
        ("GET", "/v1/nowhere", "", 401, None),
    ]
    assert seen[1]["connection"] == seen[2]["connection"] != seen[0]["connection"]
    assert seen[1]["user_agent"] == "a test"
    assert (seen[1]["external_transaction_id"], seen[1]["external_session_id"]) == ("run 1", "job 1")
    assert token not in response.text
    assert emulator.applications["default"]["client_secret"] not in response.text
    with emulator.session() as session:
        assert session.delete(url, timeout=10).status_code == 204
        assert session.get(url, timeout=10).json() == []
