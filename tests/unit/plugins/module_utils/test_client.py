# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import threading
import time

import pytest
from ansible_collections.community.pingone.plugins.module_utils._client import is_collection
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    InsufficientPrivileges,
    InvalidToken,
    NotFound,
    UnexpectedAnswer,
)

from .conftest import TOKEN


def page(names, following=None):
    links = {"next": {"href": following}} if following else {}
    return {"_links": links, "_embedded": {"things": [{"name": name} for name in names]}}


def error(code, message="Because.", detail=None):
    details = [{"code": detail, "message": "In detail.", "target": "x"}] if detail else []
    return {"id": "corr-1", "code": code, "message": message, "details": details}


def test_nothing_is_sent_before_the_first_call(server):
    server.client()
    assert not server.requests


@pytest.mark.parametrize("concurrency", [1, 3, 10])
def test_each_is_called_together_within_bounds_and_keeps_the_order(server, concurrency):
    running, most, lock = 0, 0, threading.Lock()

    def wait(item):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.03 if item % 2 else 0.01)
        with lock:
            running -= 1
        return -item

    client = server.client(concurrency=concurrency)
    assert client.each(wait, range(20)) == [-item for item in range(20)]
    assert most == concurrency


def test_each_of_nothing(server):
    assert server.client().each(lambda item: item, []) == []


def test_each_ends_with_the_error_of_the_first_item(server):
    called = []

    def fail(item):
        called.append(item)
        time.sleep(0.05 if item == 1 else 0.01)
        if item:
            raise ValueError(item)

    with pytest.raises(ValueError, match="1"):
        server.client(concurrency=3).each(fail, range(100))
    assert len(called) <= 6


def test_reads_share_a_token_and_their_connections(server):
    server.answer(TOKEN)
    server.otherwise = (200, {}, b'{"name": "x"}')
    client = server.client(concurrency=5)
    assert client.each(lambda item: client.get("things", item), map(str, range(50))) == [{"name": "x"}] * 50
    assert server.requests[0].path.endswith("/as/token")
    assert {request.path for request in server.requests[1:]} == {f"/v1/things/{item}" for item in range(50)}
    assert len({request.connection for request in server.requests}) <= 5


def test_a_task_that_follows_has_limits_of_its_own(server, hasty):
    client = server.client(access_token="brought-along", retries=1)
    lines = []
    client.begin(lines.append)
    server.answer(b"", 503).answer({"name": "x"})
    assert client.get("things") == {"name": "x"}
    assert len(lines) == 1
    assert not server.waits


def test_get(server, client, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer({"name": "x", "new": ["property"]})
    assert client.get("things", "a/../b", params={"expand": "all"}) == {"name": "x", "new": ["property"]}
    (request,) = server.requests
    assert request.path == "/v1/things/a%2F..%2Fb"
    assert request.query == {"expand": ["all"]}
    assert request.headers["Authorization"] == "Bearer brought-along"
    assert request.headers["User-Agent"].startswith("ansible-collection-community.pingone/")


def test_halves_of_surrogate_pairs_are_replaced(server, client):
    server.answer(rb'{"a\ud800": "b\uDFFFc", "whole": "\ud83d\ude00"}')
    assert client.get("things") == {"a\ufffd": "b\ufffdc", "whole": "\U0001f600"}


def test_pages_are_followed_over_one_connection_until_there_is_no_next(server, client):
    server.answer(page(["a", "b"], f"{server.url}/v1/things?cursor=1"))
    server.answer(page([], "/v1/things?cursor=2"))
    server.answer(page(["c"]))
    assert [thing["name"] for thing in client.items("things", params={"filter": 'name sw "x"'})] == ["a", "b", "c"]
    assert [request.query for request in server.requests] == [
        {"filter": ['name sw "x"']},
        {"cursor": ["1"]},
        {"cursor": ["2"]},
    ]
    assert len({request.connection for request in server.requests}) == 1


def test_pages_are_read_when_they_are_needed(server, client):
    server.answer(page(["a"], f"{server.url}/v1/things?cursor=1"))
    assert next(client.items("things")) == {"name": "a"}
    assert len(server.requests) == 1


@pytest.mark.parametrize("document", [{}, {"_embedded": {}}, {"_embedded": {"things": []}, "_links": None}])
def test_an_empty_collection(server, client, document):
    assert list(client.items("things") if server.answer(document) else []) == []


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/v1/things?cursor=1",
        "http://127.0.0.1:1/v1/things",
        "//evil.example/v1/things",
        "http://[broken/v1",
        # Requests ends the server's name at the backslash, urllib.parse at the slash.
        "http://evil.example\\@127.0.0.1/v1",
        "{server}\\@evil.example/v1",
        "http://user@127.0.0.1/v1",
    ],
)
def test_the_token_does_not_follow_a_link_to_another_server(server, client, following):
    server.answer(page(["a"], following.replace("{server}", server.url)))
    with pytest.raises(UnexpectedAnswer, match="another server"):
        list(client.items("things"))
    assert len(server.requests) == 1


def test_pages_in_a_circle(server, client):
    for cursor in (1, 2, 1):
        server.answer(page(["a"], f"{server.url}/v1/things?cursor={cursor}"))
    with pytest.raises(UnexpectedAnswer, match="in a circle"):
        list(client.items("things"))


@pytest.mark.parametrize(
    "document",
    [
        b"<html>Welcome</html>",
        b"",
        [],
        7,
        {"_embedded": []},
        {"_embedded": {"things": {}}},
        {"_embedded": {"things": ["a"]}},
        {"_links": {"next": {}}},
        {"_links": {"next": "x"}},
        b'{"big": 1e999}',
        b'{"a": ' * 600 + b"1" + b"}" * 600,
    ],
)
def test_an_answer_of_another_shape(server, client, document):
    server.answer(document)
    with pytest.raises(UnexpectedAnswer, match="is not PingOne's"):
        list(client.items("things"))


def test_a_redirect_is_not_followed(server, client):
    server.answer({}, 302, Location="https://user:pass@evil.example:8443/v1?token=x")
    with pytest.raises(UnexpectedAnswer, match=r"leads to https://evil\.example:8443 \(HTTP 302\)"):
        client.get("things")


def test_a_token_that_is_refused_is_renewed_once(server):
    server.answer(TOKEN)
    server.answer(error("ACCESS_FAILED", detail="INVALID_TOKEN"), 401)
    server.answer({**TOKEN, "access_token": "token-no-2"})
    server.answer({"name": "x"})
    client = server.client()
    assert client.get("things") == {"name": "x"}
    assert [request.headers["Authorization"] for request in server.requests[1::2]] == [
        "Bearer token-no-1",
        "Bearer token-no-2",
    ]


def test_a_401_that_never_ends(server):
    for _attempt in range(2):
        server.answer(TOKEN)
        server.answer(error("ACCESS_FAILED", detail="INVALID_TOKEN"), 401)
    client = server.client()
    with pytest.raises(InvalidToken, match="issued just now"):
        client.get("things")


def test_a_given_token_that_is_refused(server, client):
    server.answer(error("ACCESS_FAILED", detail="INVALID_TOKEN"), 401)
    with pytest.raises(InvalidToken, match="give client_id, client_secret"):
        client.get("things")


@pytest.mark.parametrize(
    ("status", "code", "detail", "kind"),
    [
        (400, "INVALID_DATA", "INVALID_FILTER", ApiError),
        (401, "ACCESS_FAILED", "INSUFFICIENT_PERMISSIONS", InsufficientPrivileges),
        (403, "ACCESS_FAILED", "INSUFFICIENT_PERMISSIONS", InsufficientPrivileges),
        (404, "NOT_FOUND", None, NotFound),
        (429, "REQUEST_LIMITED", "QUOTA_EXCEEDED", ApiError),
        (500, "UNEXPECTED_ERROR", None, ApiError),
    ],
)
def test_errors_carry_what_pingone_said(server, client, status, code, detail, kind):
    server.answer(error(code, detail=detail), status)
    with pytest.raises(kind) as caught:
        client.get("things")
    result = caught.value.to_result()
    assert (result["status"], result["code"], result["correlation_id"]) == (status, code, "corr-1")
    assert [entry["code"] for entry in result["details"]] == ([detail] if detail else [])
    assert f"Because. x: In detail (HTTP {status}" in result["msg"] if detail else "Because (HTTP" in result["msg"]
    assert caught.value.next_step


@pytest.mark.parametrize("document", [b"<html>Bad gateway</html>", {"code": 7, "details": "?", "id": None}, []])
def test_an_error_without_pingones_body(server, client, document):
    server.answer(document, 502, Correlation_Id="corr-2")
    with pytest.raises(ApiError, match="has no reason") as caught:
        client.get("things")
    assert caught.value.to_result()["correlation_id"] == "corr-2"


@pytest.fixture
def hasty(monkeypatch):
    """Make no wait longer than Retry-After asks for."""
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_statuses_are_retried(server, hasty, status):
    server.answer(b"<html>", status, Retry_After="0").answer(error("UNEXPECTED_ERROR"), status).answer({"name": "x"})
    client = server.client(access_token="brought-along", retries=2)
    assert client.get("things") == {"name": "x"}
    assert server.waits == [
        f"GET /v1/things was answered with HTTP {status}: waiting 0.0 seconds before retry {number} of 2"
        for number in (1, 2)
    ]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 501])
def test_other_statuses_are_not(server, hasty, status):
    server.answer(error("INVALID_DATA"), status)
    client = server.client(access_token="brought-along", retries=5)
    with pytest.raises(ApiError):
        client.get("things")
    assert not server.waits


def test_a_failure_after_retries_says_how_often_it_was_tried(server, hasty):
    for _attempt in range(3):
        server.answer(error("UNEXPECTED_ERROR"), 503)
    client = server.client(access_token="brought-along", retries=2)
    with pytest.raises(ApiError, match=r"Because, in 3 attempts \(HTTP 503"):
        client.get("things")


def test_the_token_request_is_retried(server, hasty):
    server.answer(b"", 503).answer(TOKEN).answer({"name": "x"})
    client = server.client(retries=1)
    assert client.get("things") == {"name": "x"}


def test_a_retry_after_that_is_too_long_is_said(server):
    server.answer(error("REQUEST_LIMITED"), 429, Retry_After="3600")
    client = server.client(access_token="brought-along", retries=5)
    with pytest.raises(ApiError, match="asks to wait 3600 seconds"):
        client.get("things")


@pytest.mark.parametrize("status", [400, 403, 404, 409])
@pytest.mark.parametrize("document", [b"<html>Blocked</html>", {}, {"code": ["x"]}])
def test_an_error_that_is_not_pingones(server, client, status, document):
    server.answer(document, status)
    with pytest.raises(
        UnexpectedAnswer, match=f"an error without PingOne's code, HTTP {status}.*Check api_url"
    ) as caught:
        client.get("things")
    assert caught.value.status == status


@pytest.mark.parametrize(("status", "headers"), [(204, {}), (302, {}), (304, {})])
def test_a_status_that_pingone_does_not_give(server, client, status, headers):
    server.answer(b"", status, **headers)
    with pytest.raises(UnexpectedAnswer):
        client.get("things")


def test_details_of_another_shape(server, client):
    server.answer({"code": "INVALID_DATA", "message": "Because.", "details": [{"code": ["u"]}, {"code": {}}, 7]}, 400)
    with pytest.raises(ApiError, match="Because"):
        client.get("things")


def test_license(server, client):
    server.answer(error("ACCESS_FAILED", detail="LICENSE_EXCEEDED"), 403)
    with pytest.raises(ApiError, match="The license does not cover it") as caught:
        client.get("things")
    assert not isinstance(caught.value, InsufficientPrivileges)


def test_plain_http_goes_to_no_proxy(server, client, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.answer({"name": "x"})
    assert client.get("things") == {"name": "x"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_change_sends_a_document_and_returns_the_answer(server, client, method):
    server.answer({"id": "1"}, 201)
    assert client.change(method, "things", "1", body={"name": "ü"}) == {"id": "1"}
    (request,) = server.requests
    assert (request.method, request.path) == (method, "/v1/things/1")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {"name": "ü"}


def test_a_deletion_has_no_body_and_no_answer(server, client):
    server.answer(b"", 204)
    assert client.change("DELETE", "things", "1") == {}
    (request,) = server.requests
    assert (request.method, request.body) == ("DELETE", "")
    assert "Content-Type" not in request.headers


def test_media_types(server, client):
    server.answer({}).answer({})
    client.change("POST", "things", body={}, media_type="application/vnd.pingidentity.account.unlock+json")
    client.change("POST", "things", body={"usageType": "SIGNING", "file": "PEM"}, media_type="multipart/form-data")
    action, upload = server.requests
    assert (action.headers["Content-Type"], action.body) == ("application/vnd.pingidentity.account.unlock+json", "{}")
    assert upload.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert 'name="usageType"\r\n\r\nSIGNING\r\n' in upload.body
    assert 'name="file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\nPEM\r\n' in upload.body


@pytest.mark.parametrize("document", [b"<html>Welcome</html>", b"[]"])
def test_a_change_that_something_else_answered(server, client, document):
    server.answer(document, 200)
    with pytest.raises(UnexpectedAnswer, match="The answer to PUT /v1/things is not PingOne's"):
        client.change("PUT", "things", body={})


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_what_can_be_done_twice_is_sent_again(server, hasty, method):
    server.answer(b"", 503).answer({"id": "1"})
    client = server.client(access_token="brought-along", retries=1)
    assert client.change(method, "things", body={}) == {"id": "1"}


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_creation_is_not_sent_again_where_it_may_have_been_carried_out(server, hasty, status):
    server.answer(b"", status)
    client = server.client(access_token="brought-along", retries=5)
    with pytest.raises(ApiError) as caught:
        client.change("POST", "things", body={})
    assert caught.value.unclear
    assert len(server.requests) == 1


def test_a_creation_that_was_turned_away_is_sent_again(server, hasty):
    server.answer(error("REQUEST_LIMITED"), 429).answer({"id": "1"}, 201)
    client = server.client(access_token="brought-along", retries=1)
    assert client.change("POST", "things", body={}) == {"id": "1"}


def test_a_refused_creation_is_clear(server, client):
    server.answer(error("INVALID_DATA"), 400)
    with pytest.raises(ApiError) as caught:
        client.change("POST", "things", body={})
    assert not caught.value.unclear


def test_a_change_with_a_refused_token_is_sent_again(server):
    server.answer(TOKEN).answer(error("ACCESS_FAILED", detail="INVALID_TOKEN"), 401)
    server.answer({**TOKEN, "access_token": "token-no-2"}).answer({"id": "1"}, 201)
    assert server.client().change("POST", "things", body={"a": 1}) == {"id": "1"}
    assert [request.body for request in server.requests[1::2]] == ['{"a": 1}', '{"a": 1}']


@pytest.mark.parametrize("inner", [{"existingId": "e-1"}, {}, None])
def test_what_must_be_unique_names_what_there_is(server, client, inner):
    detail = {"code": "UNIQUENESS_VIOLATION", "message": "must be unique", "target": "name", "innerError": inner}
    server.answer({"id": "corr-1", "code": "INVALID_DATA", "message": "No.", "details": [detail]}, 400)
    with pytest.raises(ApiError, match="No. name: must be unique") as caught:
        client.change("POST", "things", body={})
    assert ("e-1" in str(caught.value)) is (inner == {"existingId": "e-1"})


def test_a_collection_is_read_whatever_it_is_called(server, client):
    server.answer({"_embedded": {"membership": [{"id": "1"}]}, "_links": {"next": {"href": "/v1/things?cursor=1"}}})
    server.answer({"_embedded": {"membership": [{"id": "2"}]}, "size": 1})
    assert [item["id"] for item in client.items("things")] == ["1", "2"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"_embedded": {"things": []}}, True),
        ({"_embedded": {}, "size": 0}, True),
        ({"size": 0, "count": 0}, True),
        ({"id": "1", "_embedded": {"population": {"id": "2"}}}, False),
        ({"id": "1", "size": 7}, False),
        ({"companyName": "x"}, False),
        ({}, False),
    ],
)
def test_is_collection(document, expected):
    assert is_collection(document) is expected
