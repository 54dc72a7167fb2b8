# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment endpoints, answer by answer against the contract."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import time
import uuid
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
import requests

from . import contract
from .conftest import ROOT, Emulator

HAL = "application/hal+json;charset=UTF-8"
TOTAL = 'startDate eq "2026-01-01T00:00:00Z" and endDate eq "2026-01-31T23:59:59Z"'


def read(client: requests.Session, url: str, schema: str, **parameters: Any) -> dict[str, Any]:
    response = client.get(url, params=parameters, timeout=30)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == HAL
    assert uuid.UUID(response.headers["Correlation-Id"])
    contract.check(schema, response.json())
    return response.json()


def listed(emulator: Emulator, client: requests.Session, **parameters: Any) -> dict[str, Any]:
    return read(client, f"{emulator.api_url}/environments", "EnvironmentsCollectionResponse", **parameters)


def names(page: dict[str, Any]) -> list[str]:
    return [environment["name"] for environment in page["_embedded"]["environments"]]


def bad_request(response: requests.Response, code: str, target: str) -> dict[str, Any]:
    assert response.status_code == 400, response.text
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    body = response.json()
    contract.check("BadRequestError", body)
    assert body["id"] == response.headers["Correlation-Id"]
    assert [(detail["code"], detail["target"]) for detail in body["details"]] == [(code, target)]
    return body["details"][0].get("innerError", {})


def test_the_contract_check_is_strict() -> None:
    error = {"id": str(uuid.uuid4()), "code": "NOT_FOUND", "message": "gone"}
    contract.check("NotFoundError", error)
    for wrong in ({"surplus": 1}, {"id": "x"}, {"code": "NO_SUCH_CODE"}, {"message": ""}, {"details": {}}):
        with pytest.raises(jsonschema.ValidationError):
            contract.check("NotFoundError", {**error, **wrong})
    with pytest.raises(jsonschema.ValidationError):
        contract.check("NotFoundError", [error])


def test_each_environment(emulator: Emulator, client: requests.Session) -> None:
    page = listed(emulator, client)
    assert (page["count"], page["size"]) == (len(emulator.environments),) * 2
    for environment in page["_embedded"]["environments"]:
        url = f"{emulator.api_url}/environments/{environment['id']}"
        assert read(client, url, "EnvironmentResponse") == environment
        assert environment["_links"]["self"]["href"] == url
        assert {"organization", "license", "users", "applications", "keys"} <= set(environment["_links"])
        bill = read(client, f"{url}/billOfMaterials", "EnvironmentBillOfMaterialsResponse")
        assert bill["_links"] == {"self": {"href": f"{url}/billOfMaterials"}, "environment": {"href": url}}
        capabilities = read(client, f"{url}/capabilities", "EnvironmentCapabilities")
        assert capabilities["environmentId"] == environment["id"]
        expanded = read(client, url, "EnvironmentResponse", expand="billOfMaterials")
        assert expanded == {**environment, "_embedded": {"billOfMaterials": bill}}


def test_the_data_has_what_real_organizations_have(emulator: Emulator, client: requests.Session) -> None:
    environments = listed(emulator, client, expand="billOfMaterials")["_embedded"]["environments"]
    seen = {name: {each.get(name) for each in environments} for name in ("type", "region", "subtype", "icon")}
    assert environments[0]["name"] == "Administrators"
    assert 8 <= len(environments) <= 12
    assert seen["type"] == {"PRODUCTION", "SANDBOX"}
    assert len(seen["region"]) >= 3 and len(seen["subtype"]) >= 4 and len(seen["icon"]) >= 2
    assert len({each["license"]["id"] for each in environments}) == 3
    assert any(not each.get("description", "").isascii() for each in environments)
    (deleted,) = (each for each in environments if each["status"] == "DELETE_PENDING")
    assert deleted["softDeletedAt"] < deleted["hardDeleteAllowedAt"]
    products = [product for each in environments for product in each["_embedded"]["billOfMaterials"]["products"]]
    for name in ("console", "bookmarks", "deployment", "softwareLicense", "tags", "description"):
        assert any(name in product for product in products), name


def test_pages_follow_next(emulator: Emulator, client: requests.Session) -> None:
    everything = names(listed(emulator, client))
    found: list[str] = []
    sizes = []
    url = f"{emulator.api_url}/environments?limit=3&expand=billOfMaterials&order=-name"
    while url:
        page = read(client, url, "EnvironmentsCollectionResponse")
        assert page["_links"]["self"]["href"].startswith(f"{emulator.api_url}/environments?")
        assert all("_embedded" in environment for environment in page["_embedded"]["environments"])
        found += names(page)
        sizes.append(page["size"])
        url = page["_links"].get("next", {}).get("href")
    assert found == sorted(everything, key=str.casefold, reverse=True)
    assert sizes == [3, 3, 3, 1]


def test_a_full_last_page_has_no_next(emulator: Emulator, client: requests.Session) -> None:
    page = listed(emulator, client, limit=len(emulator.environments))
    assert set(page["_links"]) == {"self"}


def test_five_thousand(large: Emulator) -> None:
    client = large.session("default")
    started = time.monotonic()
    found = []
    url = f"{large.api_url}/environments"
    while url:
        page = client.get(url, timeout=30).json()
        assert page["size"] == 1000  # the default
        found += page["_embedded"]["environments"]
        url = page["_links"].get("next", {}).get("href")
    assert time.monotonic() - started < 5  # about a half
    assert [each["id"] for each in found] == list(large.environments.values())
    assert len({each["name"] for each in found}) == 5000
    # what was there without the option is still there
    assert found[0]["name"] == "Administrators" and "Store 0042 Sandbox" in large.environments
    for environment in found[::100]:
        contract.check("EnvironmentResponse", environment)
    assert client.get(f"{large.api_url}/environments", params={"limit": 5000}, timeout=30).json()["size"] == 5000


def test_limit_is_ignored_with_some_filters(large: Emulator) -> None:
    client = large.session("default")
    page = listed(large, client, filter='name sw "Store 00"', limit=5)
    assert page["size"] == 99 * 3 and "next" not in page["_links"]
    page = listed(large, client, filter=f'organization.id eq "{large.state["organization_id"]}"', limit=5)
    assert page["size"] == 5 and page["count"] == 5000
    following = read(client, page["_links"]["next"]["href"], "EnvironmentsCollectionResponse")
    assert following["size"] == 5 and names(following) != names(page)


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("0", "OUT_OF_RANGE"),
        ("5001", "OUT_OF_RANGE"),
        ("-1", "OUT_OF_RANGE"),
        ("ten", "INVALID_VALUE"),
        ("", "INVALID_VALUE"),
    ],
)
def test_limits(emulator: Emulator, client: requests.Session, limit: str, code: str) -> None:
    response = client.get(f"{emulator.api_url}/environments", params={"limit": limit}, timeout=10)
    assert bad_request(response, code, "limit") == {"rangeMinimumValue": 1, "rangeMaximumValue": 5000}


def test_cursors_cannot_be_made_up_or_moved(emulator: Emulator, client: requests.Session) -> None:
    url = f"{emulator.api_url}/environments"
    following = listed(emulator, client, limit=3)["_links"]["next"]["href"]
    cursor = unquote(following.partition("cursor=")[2])
    assert client.get(url, params={"limit": 3, "cursor": cursor}, timeout=10).ok
    for wrong in ({"cursor": "x"}, {"cursor": ""}, {"cursor": cursor[:-1]}, {"cursor": cursor, "order": "name"}):
        bad_request(client.get(url, params=wrong, timeout=10), "INVALID_VALUE", "cursor")


def test_order(emulator: Emulator, client: requests.Session) -> None:
    by_name = names(listed(emulator, client, order="name"))
    assert by_name == sorted(emulator.environments, key=str.casefold)
    assert names(listed(emulator, client, order="-name")) == by_name[::-1]
    assert names(listed(emulator, client, order="createdAt")) == list(emulator.environments)
    response = client.get(f"{emulator.api_url}/environments", params={"order": "region"}, timeout=10)
    assert "-createdAt" in bad_request(response, "INVALID_VALUE", "order")["allowedValues"]


def test_expand(emulator: Emulator, client: requests.Session) -> None:
    url = f"{emulator.api_url}/environments"
    for address in (url, f"{url}/{emulator.environments['Workforce']}"):
        response = client.get(address, params={"expand": "everything"}, timeout=10)
        assert bad_request(response, "INVALID_VALUE", "expand") == {"allowedValues": ["billOfMaterials"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name sw "Workforce"', ["Workforce", "Workforce QA"]),
        ('name sw "wORKFORCE q"', ["Workforce QA"]),
        ('NAME SW "workforce" AND Status EQ "ACTIVE"', ["Workforce", "Workforce QA"]),
        ('status eq "DELETE_PENDING"', ["Legacy Loyalty"]),
        ('status eq "active"', []),
        (r'name sw "\u0057orkforce Q"', ["Workforce QA"]),
        (r'name sw "Work\"force"', []),
        ('name sw "Workforce" and name sw "Workforce QA"', ["Workforce QA"]),
        ('name sw "Nothing"', []),
        ('  name   sw "Workforce QA"  ', ["Workforce QA"]),
        ('name sw "a and name sw "', []),
    ],
)
def test_filters(emulator: Emulator, client: requests.Session, text: str, expected: list[str]) -> None:
    page = listed(emulator, client, filter=text)
    assert names(page) == expected
    assert page["count"] == page["size"] == len(expected)


def test_filters_by_id(emulator: Emulator, client: requests.Session) -> None:
    page = listed(emulator, client, filter=f'id eq "{emulator.environments["Workforce"]}"')
    assert names(page) == ["Workforce"]
    license_id = page["_embedded"]["environments"][0]["license"]["id"]
    text = f'license.id eq "{license_id}" and organization.id eq "{emulator.state["organization_id"]}"'
    assert names(listed(emulator, client, filter=text)) == ["Administrators", "Workforce", "Workforce QA"]
    assert names(listed(emulator, client, filter=f'organization.id eq "{uuid.uuid4()}"')) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        'name eq "Workforce"',
        'id sw "4"',
        'name co "Work"',
        'region eq "EU"',
        "name sw Workforce",
        "name sw 'Workforce'",
        'name sw "Workforce',
        'name sw "Work" or name sw "Fjord"',
        'not (name sw "Work")',
        '(name sw "Work")',
        'name sw "Work" and',
        'name sw "Work"and status eq "ACTIVE"',
        'name sw "Work" status eq "ACTIVE"',
        'name sw "Work" x',
        "name pr",
        "status eq true",
        'name sw "Work"force"',
        'name sw "Work\nforce"',
        r'name sw "Work\x"',
    ],
)
def test_bad_filters(emulator: Emulator, client: requests.Session, text: str) -> None:
    response = client.get(f"{emulator.api_url}/environments", params={"filter": text}, timeout=10)
    inner = bad_request(response, "INVALID_FILTER", "filter")
    assert inner["supportedAttributes"] == ["id", "license.id", "name", "organization.id", "status"]
    assert inner["supportedOperators"] == ["and", "eq", "sw"]


def totals(emulator: Emulator, client: requests.Session, text: str) -> dict[str, Any]:
    url = f"{emulator.api_url}/environments/{emulator.environments['Workforce']}/totalIdentities"
    return read(client, url, "DirectoryTotalIdentitiesCountCollectionResponse", filter=text)


def test_total_identities(emulator: Emulator, client: requests.Session) -> None:
    document = totals(emulator, client, TOTAL)
    rows = document["_embedded"]["totalIdentities"]
    days = [datetime.datetime.fromtimestamp(row["date"], datetime.UTC) for row in rows]
    assert [day.isoformat() for day in days] == [f"2026-01-{day:02}T00:00:00+00:00" for day in range(1, 32)]
    counts = [row["totalIdentities"] for row in rows]
    assert counts == sorted(counts) and counts[0] > 0
    assert document["size"] == 31
    assert document["count"] >= counts[-1]  # the current number
    assert totals(emulator, client, TOTAL) == document


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('startDate eq "2026-01-01T00:00:00+00:00" and endDate eq "2026-01-02T00:00:00+00:00"', 2),
        ('endDate eq "2026-01-31"', 31),
        ('endDate eq "2020-01-31"', 0),  # before the environment was
        ('startDate eq "2199-01-01" and endDate eq "2199-02-01"', 0),
    ],
)
def test_total_identities_of_other_periods(emulator: Emulator, client: requests.Session, text: str, size: int) -> None:
    assert totals(emulator, client, text)["size"] == size


def test_total_identities_until_today(emulator: Emulator, client: requests.Session) -> None:
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
    document = totals(emulator, client, f'startDate eq "{start.isoformat()}"')
    assert document["count"] == document["_embedded"]["totalIdentities"][-1]["totalIdentities"]


@pytest.mark.parametrize(
    ("text", "code", "target"),
    [
        (None, "REQUIRED_VALUE", "filter"),
        ("", "INVALID_FILTER", "filter"),
        ('startDate ge "2026-01-01"', "INVALID_FILTER", "filter"),
        ('date eq "2026-01-01"', "INVALID_FILTER", "filter"),
        ('startDate eq "2026-01-01" or endDate eq "2026-01-02"', "INVALID_FILTER", "filter"),
        ('startDate eq "2026-01-01" and startDate eq "2026-01-02"', "INVALID_FILTER", "filter"),
        ('startDate eq "yesterday"', "INVALID_VALUE", "startDate"),
        ('startDate eq "2026-01-01T00:00:00 00:00"', "INVALID_VALUE", "startDate"),  # a "+" sent unencoded
        ('startDate eq "2026-02-01" and endDate eq "2026-01-01"', "INVALID_VALUE", "startDate"),
    ],
)
def test_bad_periods(emulator: Emulator, client: requests.Session, text: str | None, code: str, target: str) -> None:
    url = f"{emulator.api_url}/environments/{emulator.environments['Workforce']}/totalIdentities"
    bad_request(client.get(url, params={"filter": text}, timeout=10), code, target)


@pytest.mark.parametrize(
    "path", ["/environments/{}", "/environments/x", "/environments/x/capabilities", "/environments/", "/nowhere", ""]
)
def test_not_found(emulator: Emulator, client: requests.Session, path: str) -> None:
    response = client.get(emulator.api_url + path.format(uuid.uuid4()), timeout=10)
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    contract.check("NotFoundError", response.json())
    assert response.json()["id"] == response.headers["Correlation-Id"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_wrong_methods(emulator: Emulator, client: requests.Session, method: str) -> None:
    response = client.request(method, f"{emulator.api_url}/environments", json={}, timeout=10)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    contract.check("GeneralError", response.json())
    assert uuid.UUID(response.json()["id"])


def test_ids_in_capitals(emulator: Emulator, client: requests.Session) -> None:
    environment_id = emulator.environments["Workforce"]
    url = f"{emulator.api_url}/environments/{environment_id.upper()}"
    assert read(client, url, "EnvironmentResponse")["id"] == environment_id


def test_a_defect_of_the_emulator_is_a_500() -> None:
    # Nothing a client can send brings this about, so the application is broken from inside.
    script = """
import json, logging
from tests.emulator import _app, _seed
organization = _seed.organization()
app = _app.create_app(organization)
client = app.test_client()
application = next(iter(organization.applications.values()))
token = client.post("/as/token", base_url="https://localhost", data={"grant_type": "client_credentials"},
    auth=(application.client_id, application.client_secret)).json["access_token"]
organization.environments = None
answer = client.get("/v1/environments", base_url="https://localhost", headers={"Authorization": "Bearer " + token})
print(json.dumps([answer.status_code, answer.content_type, answer.json]))
"""
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=20
    )
    status, content_type, body = json.loads(result.stdout)
    assert (status, content_type) == (500, "application/json;charset=UTF-8")
    contract.check("InternalServerError", body)
    assert "AttributeError" in result.stderr  # somebody has to repair it
