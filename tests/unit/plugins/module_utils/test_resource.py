# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    InsufficientPrivileges,
    NotFound,
    OptionError,
    PingOneError,
    UnexpectedAnswer,
)
from ansible_collections.community.pingone.plugins.module_utils._place import Place, place_of
from ansible_collections.community.pingone.plugins.module_utils._resource import Found, find, read_resources

from .conftest import ENVIRONMENT_ID

GROUPS = ("environments", ENVIRONMENT_ID, "groups")


def collection(*items, following=None, name="groups"):
    links = {"next": {"href": following}} if following else {}
    return {"_links": links, "_embedded": {name: list(items)}, "size": len(items)}


def group(number, **properties):
    return {"_links": {"self": {"href": "x"}}, "id": f"g-{number}", "name": f"Group {number}", **properties}


def failure(status, code="INVALID_REQUEST"):
    return {"id": "corr-1", "code": code, "message": "Because."}, status


def read(client, path="groups", resource_id=None, params=None, **options):
    place = place_of(path, ENVIRONMENT_ID, resource_id)
    return read_resources(client, place, params=params or {}, **options)


def test_a_collection_is_read_page_by_page_without_links(server, client):
    server.answer(collection(group(1), following="/v1/x?cursor=1")).answer(collection(group(2)))
    found = read(client, params={"filter": 'name sw "G"', "expand": "x"})
    assert found == [{"id": "g-1", "name": "Group 1"}, {"id": "g-2", "name": "Group 2"}]
    assert server.requests[0].query == {"filter": ['name sw "G"'], "expand": ["x"]}


def test_links_can_stay(server, client):
    server.answer(collection(group(1)))
    assert read(client, links=True) == [group(1)]


def test_a_limit_ends_reading(server, client):
    server.answer(collection(group(1), group(2), following="/v1/x?cursor=1"))
    assert [item["id"] for item in read(client, limit=2)] == ["g-1", "g-2"]
    assert server.requests[0].query == {"limit": ["2"]}


def test_a_limit_above_the_smallest_pages_is_not_sent(server, client):
    server.answer(collection(group(1)))
    assert len(read(client, limit=500)) == 1
    assert server.requests[0].query == {}


def test_one_resource_and_what_belongs_to_it(server, client):
    server.answer(group(1, _embedded={"population": {"id": "p", "_links": {}}}))
    assert read(client, resource_id="g-1") == [
        {"id": "g-1", "name": "Group 1", "_embedded": {"population": {"id": "p"}}}
    ]
    assert server.requests[0].path.endswith("/groups/g-1")


def test_nothing_is_an_empty_list(server, client):
    server.answer({"_links": {}}).answer({"_links": {}, "count": 0, "size": 0})
    assert read(client) == []
    assert read(client) == []


@pytest.mark.parametrize(
    ("status", "code", "kind", "message"),
    [
        (403, "ACCESS_FAILED", InsufficientPrivileges, "Insufficient privileges to read environments/.*does not exist"),
        (404, "NOT_FOUND", NotFound, "PingOne did not find environments/.*no role there"),
        (400, "INVALID_REQUEST", ApiError, "Cannot read environments/"),
    ],
)
def test_errors_name_both_causes(server, client, status, code, kind, message):
    server.answer(*failure(status, code))
    with pytest.raises(kind, match=message):
        read(client)


def look_for(client, body=None, match=(), resource_id=None, path="groups"):
    return find(client, place_of(path, ENVIRONMENT_ID), resource_id=resource_id, match=match, body=body or {})


def test_found_by_name_if_nothing_else_is_said(server, client):
    server.answer(collection(group(1), group(2)))
    found = look_for(client, {"name": "Group 2"})
    assert found == Found((*GROUPS, "g-2"), {"id": "g-2", "name": "Group 2"}, True)
    assert server.requests[0].query == {"filter": ['name eq "Group 2"']}


def test_a_filter_saves_pages_and_decides_nothing(server, client):
    server.answer(collection({"id": "1", "name": "Shop 2"}, {"id": "2", "name": "Shop"}, name="populations"))
    found = look_for(client, {"name": "Shop"}, path="populations")
    assert found is not None and found.path[-1] == "2"
    assert server.requests[0].query == {"filter": ['name sw "Shop"']}


def test_a_filter_that_is_refused_is_left_out(server, client):
    server.answer(*failure(400)).answer(collection(group(1)))
    found = look_for(client, {"name": "Group 1"})
    assert found is not None and found.path[-1] == "g-1"
    assert server.requests[1].query == {}


def test_properties_that_no_filter_knows_are_compared_here(server, client):
    wanted = {"role": {"id": "r"}, "scope": {"id": "s", "type": "ENVIRONMENT"}}
    server.answer(
        collection({"id": "1", "role": {"id": "r"}, "scope": {"id": "t"}}, {"id": "2", **wanted, "readOnly": False})
    )
    found = look_for(client, wanted, ["role.id", "scope.id"], path="users/u/roleAssignments")
    assert found is not None and found.path[-1] == "2"
    assert server.requests[0].query == {}


def test_numbers_match_as_texts(server, client):
    """As templates make them before ansible-core 2.19."""
    server.answer(collection({"id": "1", "priority": 1}, {"id": "2", "priority": 2}))
    found = look_for(client, {"priority": "2"}, ["priority"], path="actions")
    assert found is not None and found.path[-1] == "2"


def test_several_matches_are_listed(server, client):
    server.answer(collection(group(1, name="Same"), group(2, name="Same")))
    with pytest.raises(PingOneError, match=r"2 resources of .*/groups have name 'Same': g-1 \(Same\), g-2 \(Same\)"):
        look_for(client, {"name": "Same"})


def test_no_match(server, client):
    server.answer(collection(group(1)))
    assert look_for(client, {"name": "Group"}) is None


def test_an_empty_collection_that_does_not_look_like_one(server, client):
    server.answer({"_links": {}})
    assert look_for(client, {"id": "x"}, ["id"]) is None


def test_nothing_says_which_one(server, client):
    server.answer(collection(group(1)))
    with pytest.raises(OptionError, match="nothing says which one is meant"):
        look_for(client, {"description": "x"})


def test_by_id(server, client):
    server.answer(group(1)).answer(*failure(404, "NOT_FOUND"))
    assert look_for(client, resource_id="g-1") == Found((*GROUPS, "g-1"), {"id": "g-1", "name": "Group 1"}, True)
    assert look_for(client, resource_id="g-1") is None


def test_what_cannot_be_read_alone_is_looked_for_in_the_list(server, client):
    server.answer(collection({"id": "1"}, {"id": "2"})).answer(collection())
    found = look_for(client, resource_id="2", path="alertChannels")
    assert found is not None and found.path[-2:] == ("alertChannels", "2")
    assert look_for(client, resource_id="2", path="alertChannels") is None
    assert {request.path.rpartition("/")[2] for request in server.requests} == {"alertChannels"}


def test_a_setting_is_its_own_address(server, client):
    server.answer({"_links": {}, "companyName": "x"})
    place = place_of("brandingSettings", ENVIRONMENT_ID)
    assert look_for(client, {"companyName": "y"}, path="brandingSettings") == Found(
        place.path, {"companyName": "x"}, False
    )


def test_a_setting_that_was_never_set(server, client):
    server.answer(*failure(404, "NOT_FOUND"))
    found = look_for(client, {"siteKey": "x"}, path="recaptchaV2Config")
    assert found is not None and found.document is None


def test_a_collection_that_does_not_exist(server, client):
    server.answer(*failure(404, "NOT_FOUND"))
    with pytest.raises(NotFound):
        look_for(client, {"name": "x"}, path="users/u/things")


def test_an_item_without_an_id(server, client):
    server.answer(collection({"name": "x"}))
    with pytest.raises(UnexpectedAnswer, match="has no id"):
        look_for(client, {"name": "x"})


def test_places_outside_of_environments(server, client):
    server.answer(collection({"id": "1", "name": "x"}, name="organizations"))
    found = find(client, Place(("organizations",)), resource_id=None, match=(), body={"name": "x"})
    assert found is not None and found.path == ("organizations", "1")


@pytest.mark.parametrize(
    ("environment", "document"), [({"type": "SANDBOX", "name": "x"}, {"type": "SANDBOX"}), ({"name": "x"}, {})]
)
def test_what_can_only_be_set_is_seen_in_what_it_is_below(server, client, environment, document):
    server.answer(environment)
    found = look_for(client, {"type": "PRODUCTION"}, path=f"/environments/{ENVIRONMENT_ID}/type")
    assert found == Found(("environments", ENVIRONMENT_ID, "type"), document, False)
    assert server.requests[0].path == f"/v1/environments/{ENVIRONMENT_ID}"
