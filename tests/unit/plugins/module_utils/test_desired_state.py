# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.community.pingone.plugins.module_utils._desired_state import DesiredState, Wish
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    InsufficientPrivileges,
    NotFound,
    OptionError,
    PingOneError,
)
from ansible_collections.community.pingone.plugins.module_utils._place import place_of

from .conftest import ENVIRONMENT_ID, OTHER_ID

BASE = f"/v1/environments/{ENVIRONMENT_ID}"


def collection(*items):
    return {"_embedded": {"things": list(items)}, "size": len(items)}


def failure(status, code="INVALID_DATA"):
    return {"id": "corr-1", "code": code, "message": "Because."}, status


@pytest.fixture
def state(server, client):
    """Return a function that makes the state of a wish."""

    def make(body=None, path="things", check_mode=False, retries=None, **wish):
        place = place_of(path, ENVIRONMENT_ID)
        wish = Wish(place, wish.pop("resource_id", None), tuple(wish.pop("match", ())), body or {}, **wish)
        with_retries = client if retries is None else server.client(access_token="brought-along", retries=retries)
        return DesiredState(with_retries, wish, check_mode)

    return make


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Let no wait last; tell how long they would."""
    seconds = []
    now = [1000.0]

    def sleep(duration):
        seconds.append(duration)
        now[0] += duration

    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr(
        "ansible_collections.community.pingone.plugins.module_utils._desired_state.time.monotonic", lambda: now[0]
    )
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    return seconds


def sent(server):
    """Return what was sent to change something."""
    return [
        (request.method, request.path.removeprefix(BASE), json.loads(request.body) if request.body else None)
        for request in server.requests
        if request.method != "GET"
    ]


THING = {"id": "1", "name": "x", "a": 1, "createdAt": "then", "environment": {"id": ENVIRONMENT_ID}}


# Present


def test_what_is_missing_is_created(server, state):
    server.answer(collection()).answer({**THING, "_links": {}}, 201)
    result = state({"name": "x", "a": 1, "createdAt": "long ago", "id": "elsewhere"}).present()
    assert sent(server) == [("POST", "/things", {"name": "x", "a": 1})]
    assert result == {
        "changed": True,
        "resource": THING,
        "diff": {
            "before_header": f"environments/{ENVIRONMENT_ID}/things",
            "after_header": f"environments/{ENVIRONMENT_ID}/things",
            "before": {},
            "after": {"name": "x", "a": 1},
        },
    }


def test_an_id_that_is_to_match_is_sent(server, state):
    server.answer(collection()).answer({"id": "g"}, 201)
    state({"id": "g"}, path=f"users/{OTHER_ID}/memberOfGroups", match=["id"]).present()
    assert sent(server)[0][2] == {"id": "g"}


def test_what_is_so_already_stays(server, state):
    server.answer(collection(THING))
    wish = {"name": "x", "id": "elsewhere", "createdAt": "now", "environment": {"id": OTHER_ID}, "_links": {}}
    assert state(wish).present() == {"changed": False, "resource": THING}
    assert len(server.requests) == 1


def test_a_change_puts_the_whole_resource(server, state):
    server.answer(collection({"id": "1", "name": "x"})).answer(THING).answer({**THING, "a": 2})
    result = state({"name": "x", "a": 2}).present()
    assert sent(server) == [("PUT", "/things/1", {"name": "x", "a": 2})]
    assert (result["changed"], result["resource"]["a"]) == (True, 2)
    assert (result["diff"]["before"], result["diff"]["after"]) == (THING, {**THING, "a": 2})


def test_a_list_that_shows_less_is_no_reason_for_a_change(server, state):
    server.answer(collection({"id": "1", "name": "x"})).answer(THING)
    assert not state({"name": "x", "a": 1}).present()["changed"]
    assert not sent(server)


def test_the_media_type_is_that_of_a_creation(server, state):
    media_type = "application/vnd.pingidentity.user.import+json"
    server.answer(collection()).answer(THING, 201)
    state({"name": "x"}, content_type=media_type).present()
    server.answer(collection(THING)).answer(THING).answer({**THING, "a": 2})
    state({"name": "x", "a": 2}, content_type=media_type).present()
    changes = [request for request in server.requests if request.method != "GET"]
    assert [(request.method, request.headers["Content-Type"]) for request in changes] == [
        ("POST", media_type),
        ("PUT", "application/json"),
    ]


def test_a_setting_has_a_media_type_of_its_own(server, state):
    server.answer({"status": "OK"}).answer({"status": "OK"})
    wish = {"content_type": "application/x+json", "always_update_secrets": True}
    state({"value": "x"}, path=f"users/{OTHER_ID}/password", **wish).present()
    assert server.requests[-1].headers["Content-Type"] == "application/x+json"


def test_a_change_without_an_answer_is_read(server, state):
    server.answer(THING).answer(b"", 204).answer({**THING, "a": 2})
    assert state({"a": 2}, resource_id="1").present()["resource"]["a"] == 2


def test_patch_sends_what_is_different(server, state):
    server.answer({**THING, "b": {"c": 1, "d": 2}, "e": 3}).answer(b"", 204).answer(THING)
    state({"a": 1, "b": {"c": 2}, "e": None}, resource_id="1", update_method="patch").present()
    assert sent(server) == [("PATCH", "/things/1", {"b": {"c": 2, "d": 2}, "e": None})]


def test_a_setting_is_changed(server, state):
    server.answer({"companyName": "x", "_links": {}}).answer({"companyName": "y"})
    result = state({"companyName": "y"}, path="brandingSettings").present()
    assert sent(server) == [("PUT", "/brandingSettings", {"companyName": "y"})]
    assert result["resource"] == {"companyName": "y"}


def test_a_setting_is_set_for_the_first_time(server, state):
    server.answer(*failure(404, "NOT_FOUND")).answer(b"", 204).answer({"siteKey": "k"})
    result = state({"siteKey": "k", "secretKey": "s3cret"}, path="recaptchaV2Config").present()
    assert sent(server) == [("PUT", "/recaptchaV2Config", {"siteKey": "k", "secretKey": "s3cret"})]
    assert result["diff"]["after"] == {"siteKey": "k", "secretKey": "********"}


def test_a_setting_whose_value_is_an_id(server, state):
    server.answer({"id": "p-1"}).answer({"id": "p-2"})
    state({"id": "p-2"}, path=f"users/{OTHER_ID}/population").present()
    assert sent(server) == [("PUT", f"/users/{OTHER_ID}/population", {"id": "p-2"})]


@pytest.mark.parametrize("wish", [{"resource_id": "1"}, {"match": ["name"]}])
def test_an_action_is_done_each_time(server, state, wish):
    if "match" in wish:
        server.answer(collection(THING))
    server.answer(b"", 204)
    body = {"name": "x"}
    result = state(body, update_method="post", content_type="application/vnd.pingidentity.x+json", **wish).present()
    assert sent(server) == [("POST", "/things/1", body)]
    assert server.requests[-1].headers["Content-Type"] == "application/vnd.pingidentity.x+json"
    assert result["changed"]


def test_an_action_at_the_place_itself(server, state):
    server.answer({"credential": "made by PingOne"}, 201)
    result = state(path=f"gateways/{OTHER_ID}/credentials", update_method="post").present()
    assert sent(server) == [("POST", f"/gateways/{OTHER_ID}/credentials", {})]
    assert result["resource"] == {"credential": "made by PingOne"}


def test_an_action_on_what_is_not_there(server, state):
    server.answer(collection())
    with pytest.raises(NotFound, match="did not find what matches"):
        state({"name": "x"}, update_method="post", match=["name"]).present()


def test_an_interrupted_action_says_so(server, state):
    server.answer(*failure(502))
    with pytest.raises(ApiError, match="may have done it nevertheless"):
        state(update_method="post", resource_id="1", retries=3).present()
    assert len(sent(server)) == 1


def test_an_id_that_does_not_exist(server, state):
    server.answer(*failure(404, "NOT_FOUND"))
    with pytest.raises(NotFound, match="leave resource_id out to create one"):
        state({"a": 1}, resource_id="1").present()


def test_values_that_are_to_match_are_needed(state):
    with pytest.raises(OptionError, match=r"match: 'role\.id' has no value in body"):
        state({"role": {}}, match=["role.id"])


def test_what_pingone_does_not_take_over_is_said(server, state):
    server.answer(THING).answer({**THING, "b": 2})
    result = state({"a": 2, "b": 2}, resource_id="1").present()
    assert result["warnings"] == [
        f"PingOne did not take over a of environments/{ENVIRONMENT_ID}/things/1, and said nothing of it."
    ]


@pytest.mark.parametrize(
    ("path", "current", "body", "message"),
    [
        ("groups", {"population": {"id": "p"}}, {"population": {"id": "q"}}, "population of .* cannot be changed"),
        ("applications", {"type": "WORKER"}, {"type": "WEB_APP"}, "type of .* cannot be changed: it is 'WORKER'"),
        (f"users/{OTHER_ID}/memberOfGroups", {}, {"new": 1}, "cannot be changed: PingOne creates and deletes it only"),
        ("users", {"enabled": True}, {"enabled": False}, "with path /environments/.*/users/1/enabled"),
        ("users", {"population": {"id": "p"}}, {"population": {"id": "q"}}, "users/1/population"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_cannot_be_changed_is_refused(server, state, path, current, body, message, check_mode):
    server.answer({"id": "1", **current})
    with pytest.raises(OptionError, match=message):
        state(body, path=path, resource_id="1", check_mode=check_mode).present()
    assert not sent(server)


def test_only_what_an_update_takes_is_sent(server, state):
    server.answer({"id": "1", "name": "k", "status": "VALID", "default": False, "usageType": "SIGNING"}).answer({})
    server.answer({"default": True})
    state({"default": True}, path="keys", resource_id="1").present()
    assert sent(server) == [("PUT", "/keys/1", {"default": True, "usageType": "SIGNING"})]


def test_what_only_a_creation_takes_is_not_compared(server, state):
    server.answer({"id": "1", "name": "x"})
    body = {"name": "x", "billOfMaterials": {"products": []}}
    assert not state(body, path="/environments", resource_id="1").present()["changed"]


def test_an_environment_that_is_about_to_be_deleted(server, state):
    server.answer(collection({"id": "1", "name": "x", "status": "DELETE_PENDING", "hardDeleteAllowedAt": "2027"}))
    with pytest.raises(PingOneError, match="until 2027 it can be restored.*path /environments/1/status"):
        state({"name": "x"}, path="/environments").present()


# Secrets


def test_a_secret_alone_is_no_change(server, state):
    server.answer(THING)
    assert not state({"a": 1, "clientSecret": "new"}, resource_id="1").present()["changed"]


def test_a_secret_is_sent_along_with_another_change(server, state):
    server.answer(THING).answer({**THING, "a": 2, "clientSecret": "new"})
    result = state({"a": 2, "clientSecret": "new"}, resource_id="1").present()
    assert sent(server)[0][2] == {"name": "x", "a": 2, "clientSecret": "new"}
    assert "new" not in json.dumps(result)
    assert result["resource"]["clientSecret"] == "********"


def test_a_patch_takes_no_secret_away_and_so_sends_none(server, state):
    server.answer(THING).answer(b"", 204).answer(THING)
    state({"a": 2, "clientSecret": "new"}, resource_id="1", update_method="patch").present()
    assert sent(server)[0][2] == {"a": 2}


def test_a_secret_is_sent_always_if_that_is_wanted(server, state):
    server.answer(THING).answer(THING)
    assert state({"clientSecret": "new"}, resource_id="1", always_update_secrets=True).present()["changed"]
    assert sent(server)[0][2]["clientSecret"] == "new"


def test_a_secret_that_is_shown_is_compared(server, state):
    server.answer({**THING, "clientSecret": "same"})
    result = state({"clientSecret": "same"}, resource_id="1", always_update_secrets=True).present()
    assert result["changed"] is False
    assert "same" not in json.dumps(result)


@pytest.mark.parametrize("always", [False, True])
def test_a_password_is_a_secret_as_a_whole(server, state, always):
    server.answer({"status": "OK", "passwordPolicy": {"id": "1"}})
    if always:
        server.answer({"status": "OK"})
    state_of = state({"value": "new"}, path=f"users/{OTHER_ID}/password", always_update_secrets=always)
    result = state_of.present()
    assert result["changed"] is always
    assert [body for method, path, body in sent(server)] == ([{"value": "new"}] if always else [])
    assert "new" not in json.dumps(result)


def test_a_password_that_is_named_by_resource_id_is_one_too(server, state):
    server.answer({"status": "OK"}).answer({"status": "OK"})
    wish = {"path": f"users/{OTHER_ID}", "resource_id": "password", "always_update_secrets": True}
    result = state({"value": "new"}, **wish).present()
    assert result["changed"]
    assert "new" not in json.dumps(result)


# Interruptions


def test_an_interrupted_creation_is_found(server, state):
    server.answer(collection()).answer(*failure(503)).answer(collection(THING))
    result = state({"name": "x"}, retries=1).present()
    assert (result["changed"], result["resource"]) == (True, THING)
    assert [method for method, path, body in sent(server)] == ["POST"]
    assert server.waits[0].startswith(f"POST /environments/{ENVIRONMENT_ID}/things was interrupted: looking whether")


def test_an_interrupted_creation_that_did_not_get_through_is_sent_again(server, state):
    server.answer(collection()).answer(*failure(503)).answer(collection()).answer(THING, 201)
    assert state({"name": "x"}, retries=1).present()["resource"] == THING
    assert [method for method, path, body in sent(server)] == ["POST", "POST"]


def test_creations_are_interrupted_too_often(server, state):
    server.answer(collection()).answer(*failure(503)).answer(collection()).answer(*failure(503))
    with pytest.raises(ApiError, match="Run the task again: it looks first"):
        state({"name": "x"}, retries=1).present()


# Absent


def test_deletion(server, state):
    server.answer(collection(THING)).answer(b"", 204)
    result = state({"name": "x"}).absent()
    assert sent(server) == [("DELETE", "/things/1", None)]
    assert (result["changed"], result["resource"]) == (True, {})
    assert (result["diff"]["before"], result["diff"]["after"]) == (THING, {})


def test_nothing_to_delete(server, state):
    server.answer(collection()).answer(*failure(404, "NOT_FOUND"))
    assert state({"name": "x"}).absent() == {"changed": False, "resource": {}}
    assert state(resource_id="1").absent() == {"changed": False, "resource": {}}


def test_somebody_else_was_faster(server, state):
    server.answer(THING).answer(*failure(404, "NOT_FOUND"))
    assert state(resource_id="1").absent()["changed"]


def test_a_path_to_one_resource_can_be_deleted(server, state):
    server.answer({**THING, "id": OTHER_ID}).answer(b"", 204)
    assert state(path=f"things/{OTHER_ID}").absent()["changed"]


def test_a_setting_is_not_deleted(server, state):
    server.answer({"companyName": "x"})
    with pytest.raises(OptionError, match="is a setting, which is only ever changed"):
        state(path="brandingSettings").absent()


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_population_with_users_is_not_deleted(server, state, check_mode):
    server.answer({"id": "1", "name": "Customers", "userCount": 48210})
    with pytest.raises(PingOneError, match=": 48210 users of the population 'Customers' would be lost"):
        state(path="populations", resource_id="1", check_mode=check_mode).absent()
    assert not sent(server)


def test_a_population_is_deleted_with_its_users(server, state):
    server.answer({"id": "1", "name": "Customers"}).answer({"id": "1", "userCount": 2})
    server.answer(collection({"id": "u-1"}, {"id": "u-2"}))
    server.answer(b"", 204).answer(*failure(404, "NOT_FOUND")).answer(b"", 204)
    assert state(path="populations", resource_id="1", allow_data_loss=True).absent()["changed"]
    assert [path for method, path, body in sent(server)] == ["/users/u-1", "/users/u-2", "/populations/1"]
    assert server.requests[2].query == {"filter": ['population.id eq "1"']}
    assert server.waits == ["2 of 2 users are deleted"]


def test_an_empty_population_is_deleted(server, state):
    server.answer({"id": "1", "name": "Customers", "userCount": 0}).answer(b"", 204)
    assert state(path="populations", resource_id="1").absent()["changed"]


PRODUCTION = {"id": OTHER_ID, "name": "Shop", "type": "PRODUCTION"}


def test_a_production_environment_is_not_deleted(server, state):
    server.answer(PRODUCTION).answer(collection({"userCount": 3}, {"userCount": 4})).answer(collection({"id": "a"}))
    with pytest.raises(PingOneError, match="'Shop' with 2 populations, 7 users and 1 application would be lost"):
        state(path="/environments", resource_id=OTHER_ID).absent()
    assert not sent(server)


def test_a_production_environment_whose_contents_nobody_may_see(server, state):
    server.answer(PRODUCTION).answer(*failure(403, "ACCESS_FAILED"))
    with pytest.raises(PingOneError, match="'Shop' with all that is in it would be lost"):
        state(path="/environments", resource_id=OTHER_ID).absent()


def test_a_production_environment_is_deleted_for_the_time_being(server, state):
    server.answer(PRODUCTION).answer(collection()).answer(collection()).answer({"status": "DELETE_PENDING"})
    assert state(path="/environments", resource_id=OTHER_ID, allow_data_loss=True).absent()["changed"]
    ((method, path, body),) = sent(server)
    assert (method, path, body) == ("PUT", f"/v1/environments/{OTHER_ID}/status", {"status": "DELETE_PENDING"})


def test_an_environment_that_is_about_to_be_deleted_is_absent(server, state):
    server.answer({**PRODUCTION, "status": "DELETE_PENDING"})
    assert not state(path="/environments", resource_id=OTHER_ID).absent()["changed"]


def test_a_sandbox_is_deleted(server, state):
    server.answer({**PRODUCTION, "type": "SANDBOX"}).answer(b"", 204)
    assert state(path="/environments", resource_id=OTHER_ID).absent()["changed"]


# Check mode


@pytest.mark.parametrize(
    ("answers", "wish", "method", "resource"),
    [
        ([collection()], {"body": {"name": "x", "secret": "s"}}, "present", {"name": "x", "secret": "********"}),
        ([THING], {"body": {"a": 2}, "resource_id": "1"}, "present", {**THING, "a": 2}),
        (
            [{"companyName": "x"}],
            {"body": {"companyName": "y"}, "path": "brandingSettings"},
            "present",
            {"companyName": "y"},
        ),
        ([], {"update_method": "post", "resource_id": "1"}, "present", {}),
        ([THING], {"resource_id": "1"}, "absent", {}),
    ],
)
def test_check_mode_tells_and_does_nothing(server, state, answers, wish, method, resource):
    for answer in answers:
        server.answer(answer)
    result = getattr(state(check_mode=True, **wish), method)()
    assert (result["changed"], result["resource"]) == (True, resource)
    assert not sent(server)


# Waiting


def test_a_refusal_that_may_pass_is_waited_for(server, state, waits):
    server.answer(*failure(403, "ACCESS_FAILED")).answer(collection()).answer(*failure(403, "ACCESS_FAILED"))
    server.answer(THING, 201).answer(collection(THING))
    assert state({"name": "x"}, wait_timeout=60).present()["changed"]
    assert waits == [0.5, 0.5]
    assert server.waits[0] == "PingOne refuses it (HTTP 403), maybe not for long: waiting 0.5 seconds"


def test_a_refusal_that_does_not_pass(server, state, waits):
    for _attempt in range(5):
        server.answer(*failure(403, "ACCESS_FAILED"))
    with pytest.raises(InsufficientPrivileges):
        state({"name": "x"}, wait_timeout=5).present()
    assert waits == [0.5, 1.0, 2.0, 1.5]


def test_without_waiting_a_refusal_is_one(server, state, waits):
    server.answer(*failure(403, "ACCESS_FAILED"))
    with pytest.raises(InsufficientPrivileges):
        state({"name": "x"}).present()
    assert not waits


def test_a_change_is_waited_for(server, state, waits):
    server.answer(collection()).answer(THING, 201).answer(collection()).answer(collection(THING))
    state({"name": "x", "password": "hidden"}, wait_timeout=60).present()
    assert waits == [0.5]


def test_an_update_is_waited_for(server, state, waits):
    server.answer(THING).answer({**THING, "a": 2}).answer(THING).answer({**THING, "a": 2})
    state({"a": 2}, resource_id="1", wait_timeout=60).present()
    assert waits == [0.5]


def test_a_deletion_is_waited_for(server, state, waits):
    server.answer(THING).answer(b"", 204).answer(THING).answer(*failure(404, "NOT_FOUND"))
    state(resource_id="1", wait_timeout=60).absent()
    assert waits == [0.5]


def test_a_change_that_never_shows(server, state):
    server.answer(collection()).answer(THING, 201)
    server.otherwise = (200, {}, json.dumps(collection()).encode())
    with pytest.raises(PingOneError, match=r"/things/1 was created, and cannot be seen.*within 2 seconds"):
        state({"name": "x"}, wait_timeout=2).present()
