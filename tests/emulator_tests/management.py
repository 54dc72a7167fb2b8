# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the management API for tests, and environments that it may change."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import requests

from . import contract

if TYPE_CHECKING:
    from .conftest import Emulator

NUMBERS = itertools.count(1)
#: The id of nothing.
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Management:
    """A client of one environment."""

    def __init__(self, emulator: Emulator, session: requests.Session, environment_id: str) -> None:
        self.emulator = emulator
        self.session = session
        self.environment_id = environment_id

    def send(self, method: str, path: str, body: Any = None, **arguments: Any) -> requests.Response:
        """Any request; a path without a leading slash is below the environment."""
        base = f"{self.emulator.api_url}{'' if path.startswith('/') else f'/environments/{self.environment_id}/'}"
        return self.session.request(method, f"{base}{path}", json=body, timeout=30, **arguments)

    def alone(self, method: str, path: str, body: Any) -> requests.Response:
        """A request on a connection of its own, for use in several threads."""
        with requests.Session() as session:
            session.trust_env, session.verify, session.auth = False, self.session.verify, self.session.auth
            return Management(self.emulator, session, self.environment_id).send(method, path, body)

    def ok(self, method: str, path: str, body: Any = None, **arguments: Any) -> Any:
        """One that must succeed."""
        response = self.send(method, path, body, **arguments)
        assert response.status_code == {"POST": 201, "DELETE": 204}.get(method, 200), (method, path, response.text)
        return response.json() if response.content else None

    def list(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """A collection, however it is called in ``_embedded``."""
        document = self.ok("GET", path, params=parameters)
        (items,) = document["_embedded"].values()
        assert document["size"] == len(items)
        return items


def refused(response: requests.Response, code: str, target: str | None = None, status: int = 400) -> dict[str, Any]:
    """The first detail of a refusal."""
    assert response.status_code == status, response.text
    contract.check({400: "BadRequestError", 403: "ForbiddenError"}[status], response.json())
    details = response.json()["details"]
    assert (code, target) in [(each["code"], each.get("target")) for each in details], details
    return details[0].get("innerError", {})
