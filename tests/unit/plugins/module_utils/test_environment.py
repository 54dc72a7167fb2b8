# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.pingone.plugins.module_utils._environment import read_environments
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    InsufficientPrivileges,
    NotFound,
    OptionError,
    UnexpectedAnswer,
)

from .conftest import ENVIRONMENT_ID, OTHER_ID


def environment(environment_id=ENVIRONMENT_ID, name="Retail", **more):
    return {
        "_links": {"self": {"href": "https://api.pingone.com/v1"}},
        "id": environment_id,
        "name": name,
        "createdAt": "2024-03-11T09:27:45.113Z",
        "organization": {"id": "o", "_links": {}},
        **more,
    }


def listing(*environments):
    return {"_embedded": {"environments": list(environments)}}


def test_ids_are_read_in_their_order_and_each_once(server, client):
    server.answer(environment(OTHER_ID)).answer(environment())
    result = read_environments(client, environment_ids=[OTHER_ID, ENVIRONMENT_ID, OTHER_ID])
    assert [found["id"] for found in result] == [OTHER_ID, ENVIRONMENT_ID]
    assert len({request.connection for request in server.requests}) == 1


def test_the_form_for_a_playbook(server, client):
    server.answer(environment(newProperty={"innerValue": [{"_links": {}, "aB": 1}]}, subtype="NEW_ONE"))
    assert read_environments(client, environment_ids=[ENVIRONMENT_ID]) == [
        {
            "id": ENVIRONMENT_ID,
            "name": "Retail",
            "created_at": "2024-03-11T09:27:45.113Z",
            "organization": {"id": "o"},
            "new_property": {"inner_value": [{"a_b": 1}]},
            "subtype": "NEW_ONE",
        }
    ]


def test_no_ids_read_nothing(server, client):
    assert read_environments(client, environment_ids=[]) == []
    assert not server.requests


@pytest.mark.parametrize("bad", ["", "nonsense", "../capabilities", f"{ENVIRONMENT_ID}?x", f"{ENVIRONMENT_ID}\n"])
def test_a_bad_id_fails_before_anything_is_sent(server, client, bad):
    with pytest.raises(OptionError, match="environment_id: .* is not a UUID"):
        read_environments(client, environment_ids=[ENVIRONMENT_ID, bad])
    assert not server.requests


def test_an_empty_name_does_not_read_everything(server, client):
    with pytest.raises(OptionError, match="name is empty"):
        read_environments(client, name="")
    assert not server.requests


@pytest.mark.parametrize("name", ["Retail", 'The "best" \\ one', "Zürich"])
def test_a_name_is_escaped_and_matches_in_full(server, client, name):
    server.answer(listing(environment(OTHER_ID, name + " Sandbox"), environment(name=name)))
    assert [found["id"] for found in read_environments(client, name=name)] == [ENVIRONMENT_ID]
    (sent,) = server.requests[0].query["filter"]
    assert sent.startswith("name sw ")
    assert json.loads(sent[len("name sw ") :]) == name


def test_a_name_without_a_match(server, client):
    server.answer(listing())
    assert read_environments(client, name="Nobody") == []


def test_a_filter_is_passed_on(server, client):
    server.answer(listing(environment()))
    assert len(read_environments(client, scim_filter='status eq "ACTIVE"')) == 1
    assert server.requests[0].query == {"filter": ['status eq "ACTIVE"'], "limit": ["5000"]}


def test_everything(server, client):
    server.answer(listing(environment(), environment(OTHER_ID)))
    assert len(read_environments(client, scim_filter="")) == 2
    assert server.requests[0].query == {"limit": ["5000"]}


def test_a_smaller_limit_of_pingone(server, client):
    detail = {"code": "OUT_OF_RANGE", "message": "The limit is 500.", "target": "limit"}
    server.answer({"code": "INVALID_REQUEST", "message": "No.", "details": [detail]}, 400).answer(
        listing(environment())
    )
    assert len(read_environments(client)) == 1
    assert [request.query for request in server.requests] == [{"limit": ["5000"]}, {}]


def test_another_error_is_no_reason_to_ask_again(server, client):
    detail = {"code": "INVALID_FILTER", "message": "What?", "target": "filter"}
    server.answer({"code": "INVALID_REQUEST", "message": "No.", "details": [detail]}, 400)
    with pytest.raises(ApiError, match=r"Cannot read the environments: No\. filter: What\?"):
        read_environments(client, scim_filter="x")


@pytest.mark.parametrize("embed", [lambda found: found, lambda found: {"_embedded": found}])
def test_bill_of_materials_comes_with_the_environment(server, client, embed):
    server.answer(listing(environment(**embed({"billOfMaterials": {"solutionType": "CUSTOMER", "products": []}}))))
    (found,) = read_environments(client, include=["bill_of_materials"])
    assert found["bill_of_materials"] == {"solution_type": "CUSTOMER", "products": []}
    assert "_embedded" not in found
    assert server.requests[0].query == {"expand": ["billOfMaterials"], "limit": ["5000"]}


def test_bill_of_materials_is_asked_for_where_the_environment_came_without(server, client):
    server.answer(environment()).answer({"products": [], "_links": {}})
    (found,) = read_environments(client, environment_ids=[ENVIRONMENT_ID], include=["bill_of_materials"])
    assert found["bill_of_materials"] == {"products": []}
    assert server.requests[1].path == f"/v1/environments/{ENVIRONMENT_ID}/billOfMaterials"


def test_capabilities(server, client):
    server.answer(environment()).answer({"canUseMfa": True, "canUseOATHToken": False, "_links": {}})
    (found,) = read_environments(client, environment_ids=[ENVIRONMENT_ID], include=["capabilities"])
    assert found["capabilities"] == {"can_use_mfa": True, "can_use_oath_token": False}


@pytest.mark.parametrize(
    ("days", "total"),
    [
        ([{"date": 1700000000, "totalIdentities": 5}, {"date": 1700086400, "totalIdentities": 7}], 7),
        ([{"date": "2026-11-22T00:00:00Z", "totalIdentities": 7}, {"date": "2026-11-21", "totalIdentities": 5}], 7),
        ([], None),
    ],
)
def test_total_identities_is_the_newest_count(server, client, days, total):
    server.answer(environment()).answer({"_embedded": {"totalIdentities": days}})
    (found,) = read_environments(client, environment_ids=[ENVIRONMENT_ID], include=["total_identities"])
    assert found["total_identities"] == total
    (sent,) = server.requests[1].query["filter"]
    assert sent.startswith('startDate eq "') and '" and endDate eq "' in sent


@pytest.mark.parametrize(
    ("status", "code", "kind", "what"),
    [
        (403, "ACCESS_FAILED", InsufficientPrivileges, "Insufficient privileges to read"),
        (404, "NOT_FOUND", NotFound, "PingOne did not find"),
    ],
)
def test_both_errors_name_both_causes(server, client, status, code, kind, what):
    server.answer({"id": "corr-1", "code": code, "message": "Because."}, status)
    with pytest.raises(kind) as caught:
        read_environments(client, environment_ids=[ENVIRONMENT_ID])
    message = str(caught.value)
    assert message.startswith(
        f"{what} environment {ENVIRONMENT_ID}: Because (HTTP {status}, {code}, correlation id corr-1)"
    )
    assert "heck the id" in message
    assert "'Configuration Read Only' or 'Environment Admin'" in message
    assert "Grant roles" in message


@pytest.mark.parametrize("bad", [None, 7, {}])
def test_an_environment_without_an_id(server, client, bad):
    server.answer({**environment(), "id": bad})
    with pytest.raises(UnexpectedAnswer, match="without an id"):
        read_environments(client, environment_ids=[ENVIRONMENT_ID])
