# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may read what."""

from __future__ import annotations

import uuid

import pytest
import requests

from . import contract
from .conftest import Emulator
from .test_environments import TOTAL

BELOW = ["billOfMaterials", "capabilities", "totalIdentities"]


def forbidden(response: requests.Response) -> None:
    assert response.status_code == 403, response.text
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    body = response.json()
    contract.check("ForbiddenError", body)
    assert body["id"] == response.headers["Correlation-Id"]
    assert body["code"] == "ACCESS_FAILED"
    assert [detail["code"] for detail in body["details"]] == ["INSUFFICIENT_PERMISSIONS"]


def get(emulator: Emulator, client: requests.Session, path: str) -> requests.Response:
    parameters = {"filter": TOTAL} if path.endswith("totalIdentities") else None
    return client.get(f"{emulator.api_url}/environments{path}", params=parameters, timeout=10)


@pytest.mark.parametrize("key", ["default", "post", "awkward", "other_environment"])
def test_those_who_may_read_everything(emulator: Emulator, key: str) -> None:
    client = emulator.session(key)
    assert get(emulator, client, "").json()["count"] == len(emulator.environments)
    for name in BELOW:
        assert get(emulator, client, f"/{emulator.environments['Workforce']}/{name}").ok


def test_a_role_in_one_environment(emulator: Emulator) -> None:
    client = emulator.session("one_environment")
    (assignment,) = emulator.applications["one_environment"]["role_assignments"]
    assert assignment["scope_type"] == "ENVIRONMENT"
    listed = get(emulator, client, "").json()
    contract.check("EnvironmentsCollectionResponse", listed)
    assert [each["id"] for each in listed["_embedded"]["environments"]] == [assignment["scope_id"]]
    assert listed["count"] == 1
    assert get(emulator, client, f"/{assignment['scope_id']}").ok
    elsewhere = emulator.environments["Workforce"]
    for path in ("", *(f"/{name}" for name in BELOW)):
        forbidden(get(emulator, client, f"/{elsewhere}{path}"))
    response = client.get(
        f"{emulator.api_url}/environments", params={"filter": f'id eq "{elsewhere}"'}, timeout=10
    ).json()
    assert response["_embedded"]["environments"] == []


def test_no_role(emulator: Emulator) -> None:
    client = emulator.session("no_role")
    assert emulator.applications["no_role"]["role_assignments"] == []
    for path in ("", *(f"/{emulator.environments['Workforce']}{rest}" for rest in ("", *(f"/{n}" for n in BELOW)))):
        forbidden(get(emulator, client, path))


@pytest.mark.parametrize("key", ["default", "one_environment", "no_role"])
def test_below_an_environment_that_does_not_exist(emulator: Emulator, key: str) -> None:
    client = emulator.session(key)
    missing = uuid.uuid4()
    assert get(emulator, client, f"/{missing}").status_code == 404
    for name in BELOW:
        forbidden(get(emulator, client, f"/{missing}/{name}"))
