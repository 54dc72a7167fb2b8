# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults, as clients meet them."""

from __future__ import annotations

import datetime
import email.utils
import json
import re
import socket
import ssl
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

import tests.emulator
from tests.emulator import _broken_answers, _faults

from .conftest import ROOT, Emulator
from .contract import check


class Faulty:
    """An emulator, with a client that has a token."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.control = f"{emulator.auth_url}/emulator"
        self.list_url = f"{emulator.api_url}/environments"
        self.list_path = urlsplit(self.list_url).path
        self.client = emulator.session("default")
        self.default = emulator.applications["default"]
        self.token_path = f"/{self.default['environment_id']}/as/token"

    def post(self, document: Any) -> requests.Response:
        return self.client.post(f"{self.control}/faults", json=document, timeout=5)

    def add(self, kind: str, **keys: Any) -> None:
        response = self.post({"kind": kind, **keys})
        assert response.status_code == 201, response.text

    def applied(self) -> list[int]:
        return [each["applied"] for each in self.client.get(f"{self.control}/faults", timeout=5).json()]

    def clear(self) -> None:
        for what in ("faults", "requests"):
            assert self.client.delete(f"{self.control}/{what}", timeout=5).status_code == 204

    def recorded(self) -> list[Any]:
        return [each["status"] for each in self.client.get(f"{self.control}/requests", timeout=5).json()]

    def get(self, url: str | None = None, **arguments: Any) -> requests.Response:
        return self.client.get(url or self.list_url, **{"timeout": 5, "allow_redirects": False, **arguments})

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.emulator.ca_path)
        plain = socket.create_connection(("127.0.0.1", self.emulator.port), timeout=5)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")

    def ask(self, connection: ssl.SSLSocket) -> None:
        authorization = f"Authorization: Bearer {self.client.auth.token}"
        connection.sendall(f"GET {self.list_path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n\r\n".encode())


@pytest.fixture(scope="module")
def one(start: Callable[..., Emulator]) -> Faulty:
    return Faulty(start())


@pytest.fixture
def faulty(one: Faulty) -> Iterator[Faulty]:
    one.clear()
    yield one
    one.clear()


# How faults are chosen and counted


def test_the_first_with_hits_left(faulty: Faulty) -> None:
    response = faulty.post(
        [
            {"kind": "status", "value": 503, "times": 2},
            {"kind": "status", "value": 500, "times": 1, "skip": 1},
            {"kind": "status", "value": 502, "skip": 4},
        ]
    )
    assert response.status_code == 201
    assert [each["kind"] for each in response.json()] == ["status"] * 3
    assert [faulty.get().status_code for _number in range(6)] == [503, 503, 500, 200, 502, 502]
    assert faulty.client.get(f"{faulty.control}/faults", timeout=5).json() == [
        {"kind": "status", "value": 503, "times": 2, "matched": 6, "applied": 2},
        {"kind": "status", "value": 500, "times": 1, "skip": 1, "matched": 6, "applied": 1},
        {"kind": "status", "value": 502, "skip": 4, "matched": 6, "applied": 2},
    ]
    assert faulty.recorded() == [503, 503, 500, 200, 502, 502]


def test_the_scope(faulty: Faulty) -> None:
    faulty.add("status", value=500, path="/v1/*", method="get")
    assert faulty.get().status_code == 500
    assert faulty.client.put(faulty.list_url, json={}, timeout=5).status_code == 405
    assert faulty.emulator.ask_for_token("default").status_code == 200
    faulty.clear()
    faulty.add("status", value=500, path="*/as/token")
    assert faulty.get().status_code == 200
    assert faulty.emulator.ask_for_token("default").status_code == 500
    faulty.clear()
    faulty.add("status", value=500, path="*")
    assert faulty.client.get(f"{faulty.control}/requests", timeout=5).status_code == 200
    assert faulty.applied() == [0]


def test_times_hold_with_many_clients(faulty: Faulty) -> None:
    faulty.add("status", value=503, times=7)
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _number: faulty.emulator.session().get(faulty.list_url, timeout=10), range(40)))
    assert sorted(each.status_code for each in statuses) == [401] * 33 + [503] * 7
    assert faulty.applied() == [7]


def test_a_fault_without_anything_to_change_is_not_spent(faulty: Faulty) -> None:
    faulty.add("next", value="loop", times=1)
    assert faulty.emulator.ask_for_token("default").status_code == 200
    assert faulty.applied() == [0]
    assert faulty.get().json()["_links"]["next"]["href"] == faulty.list_url
    assert faulty.applied() == [1]
    assert "next" not in faulty.get().json()["_links"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"kind": "stauts", "value": 503}, "there is no kind of fault .stauts.; the kinds are .*status, "),
        ({}, "there is no kind of fault null"),
        (7, "a fault must be a JSON object"),
        ([{"kind": "reset"}, {"kind": "status"}], "status needs a value: status=N"),
        ({"kind": "status", "value": 200}, "status must be at least 400"),
        ({"kind": "status", "value": True}, "status must be a whole number"),
        ({"kind": "status", "value": 503, "body": "xml"}, "body of status must be one of json, html, empty"),
        ({"kind": "status", "value": 503, "retry_after": "a\r\nb"}, "retry_after of status must be .*printable"),
        ({"kind": "status", "value": 503, "retry_after": "date:soon"}, "retry_after of status must be date:N"),
        ({"kind": "reset", "value": 1}, "reset takes no value"),
        ({"kind": "reset", "times": 0}, "times of reset must be at least 1"),
        ({"kind": "reset", "retry_after": 1}, 'reset has no key "retry_after"; its keys are path, method'),
        ({"kind": "latency", "value": "nan"}, "latency must be a number greater than 0"),
        ({"kind": "replace", "value": "x"}, "replace must be a JSON object"),
        ({"kind": "remove", "value": "a++b"}, r"remove must be NAME or NAME\+NAME"),
        ({"kind": "redirect", "value": "/", "status": 200}, "status of redirect must be one of 301"),
    ],
)
def test_wrong_faults_are_refused(faulty: Faulty, document: Any, message: str) -> None:
    response = faulty.post(document)
    assert response.status_code == 400
    assert re.match(message, response.json()["message"]), response.text
    assert faulty.applied() == []


def test_what_is_no_json_is_refused(faulty: Faulty) -> None:
    response = faulty.client.post(f"{faulty.control}/faults", data=b"\xff", timeout=5)
    assert (response.status_code, "not JSON" in response.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("spec", "document"),
    [
        ("reset", {"kind": "reset"}),
        ("silent,path=/v1/*,times=1", {"kind": "silent", "path": "/v1/*", "times": 1}),
        ("html", {"kind": "html", "value": 200}),
        (
            "status=503,retry_after=2,times=3",
            {"kind": "status", "value": 503, "retry_after": "2", "times": 3},
        ),
        ("latency=0.1", {"kind": "latency", "value": 0.1}),
        ("json=null", {"kind": "json", "value": None}),
        ('json=[1, {"a": ","}],status=500', {"kind": "json", "value": [1, {"a": ","}], "status": 500}),
        (
            'replace={"expires_in": 0, "x": "}"},path=*/as/token',
            {"kind": "replace", "value": {"expires_in": 0, "x": "}"}, "path": "*/as/token"},
        ),
        ("next=https://a.test/?x=1&y=2", {"kind": "next", "value": "https://a.test/?x=1&y=2"}),
        (' {"kind": "next", "value": "a,b", "skip": 1}', {"kind": "next", "value": "a,b", "skip": 1}),
    ],
)
def test_specs(spec: str, document: dict[str, Any]) -> None:
    assert _faults.parse(spec).document() == {**document, "matched": 0, "applied": 0}


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "=",
        "outage",
        "status",
        "status=",
        "status=abc",
        "status=503,",
        "status=503,times",
        "status=503,times=1,times=2",
        "status=503,kind=reset",
        "status=503,value=500",
        "reset=1",
        "json={",
        "json=1 2",
        "replace=[]",
        "{",
        '{"kind": "status"}',
        "[]",
    ],
)
def test_wrong_specs(spec: str) -> None:
    with pytest.raises(_faults.FaultError):
        _faults.parse(spec)


@pytest.mark.parametrize("spec", ["outage", "status", "drip"])
def test_a_wrong_spec_ends_the_start(spec: str) -> None:
    command = [sys.executable, "-m", "tests.emulator", "--fault", "status=503", "--fault", spec]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    assert (result.returncode, result.stdout) == (2, "")
    message = result.stderr.splitlines()[-1]
    assert "--fault" in message and spec in message and message.count(", ".join(_faults.KINDS)) == 1


def test_every_kind_is_documented_and_does_something() -> None:
    command = [sys.executable, "-m", "tests.emulator", "--help"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=20)
    for text in (result.stdout, tests.emulator.__doc__):
        assert text and all(f"  {name}{kind.usage} " in text for name, kind in _faults.KINDS.items() if kind.usage)
        assert all(len(line) <= 120 for line in text.splitlines())
    implemented = [*_broken_answers._INSTEAD, *_broken_answers._CHANGES, *_broken_answers._DELIVERIES, "latency"]
    assert sorted(implemented) == sorted(_faults.KINDS)


def test_faults_from_the_command_line(start: Callable[..., Emulator]) -> None:
    emulator = start("--fault", "status=503,path=/v1/*,times=1", "--fault", 'replace={"expires_in": 0},path=*/as/token')
    assert emulator.ask_for_token("default").json()["expires_in"] == 0
    with emulator.session("default") as session:
        statuses = [session.get(f"{emulator.api_url}/environments", timeout=5).status_code for _number in range(2)]
        assert statuses == [503, 200]


# What they do


@pytest.mark.parametrize(
    ("status", "code", "schema"),
    [
        (400, "INVALID_REQUEST", "BadRequestError"),
        (401, "ACCESS_FAILED", "UnauthorizedError"),
        (403, "ACCESS_FAILED", "ForbiddenError"),
        (404, "NOT_FOUND", "NotFoundError"),
        (408, "REQUEST_FAILED", "GeneralError"),
        (418, "INVALID_REQUEST", "GeneralError"),
        (429, "REQUEST_LIMITED", "TooManyRequestsError"),
        (500, "UNEXPECTED_ERROR", "InternalServerError"),
        (502, "UNEXPECTED_ERROR", "GeneralError"),
        (503, "UNEXPECTED_ERROR", "GeneralError"),
        (504, "UNEXPECTED_ERROR", "GeneralError"),
        (599, "UNEXPECTED_ERROR", "GeneralError"),
    ],
)
def test_status(faulty: Faulty, status: int, code: str, schema: str) -> None:
    faulty.add("status", value=status)
    response = faulty.get()
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["id"] == response.headers["Correlation-Id"]
    assert "Retry-After" not in response.headers
    check(schema, response.json())
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    if status == 401:
        assert response.json()["details"][0]["code"] == "INVALID_TOKEN"


@pytest.mark.parametrize(("status", "error"), [(400, "invalid_request"), (401, "invalid_client")])
def test_status_of_the_token_endpoint(faulty: Faulty, status: int, error: str) -> None:
    faulty.add("status", value=status, retry_after=3)
    response = faulty.emulator.ask_for_token("default")
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.headers["Correlation-Id"] in response.json()["error_description"]
    assert response.headers["Retry-After"] == "3"
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


@pytest.mark.parametrize("text", ["2", "1.5", "in a while", "-1", "9" * 400])
def test_retry_after_is_literal(faulty: Faulty, text: str) -> None:
    faulty.add("status", value=429, retry_after=text)
    response = faulty.get()
    assert response.headers["Retry-After"] == text
    check("TooManyRequestsError", response.json())


@pytest.mark.parametrize("seconds", [90, -90])
def test_retry_after_as_a_date(faulty: Faulty, seconds: int) -> None:
    faulty.add("status", value=429, retry_after=f"date:{seconds}")
    response = faulty.get()
    now = datetime.datetime.now(datetime.UTC)
    moments = [email.utils.parsedate_to_datetime(response.headers["Retry-After"])]
    assert response.headers["Retry-After"].endswith(" GMT")
    moments.append(datetime.datetime.fromisoformat(response.json()["details"][0]["innerError"]["retryAfter"]))
    assert all(abs((moment - now).total_seconds() - seconds) < 3 for moment in moments)


def test_status_of_a_proxy(faulty: Faulty) -> None:
    faulty.add("status", value=502, body="html", retry_after=1, times=1)
    faulty.add("status", value=503, body="empty")
    page = faulty.get()
    assert (page.status_code, page.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert (page.headers["Retry-After"], page.text[:15]) == ("1", "<!DOCTYPE html>")
    assert "Correlation-Id" not in page.headers
    empty = faulty.get()
    assert (empty.status_code, empty.content) == (503, b"")


def test_rate_limit(faulty: Faulty) -> None:
    faulty.add("rate_limit", value=5, path="/v1/*")
    token = faulty.client.auth.token
    headers = {"Authorization": f"Bearer {token}"}

    def read(_number: int) -> requests.Response:
        with faulty.emulator.session() as session:
            session.auth = lambda request: request
            return session.get(faulty.list_url, headers=headers, timeout=10)

    started = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        responses = list(pool.map(read, range(20)))
    seconds = time.monotonic() - started
    good = [each for each in responses if each.status_code == 200]
    assert 5 <= len(good) <= 5 * (1 + int(seconds))
    refused = [each for each in responses if each.status_code == 429]
    assert len(good) + len(refused) == 20
    for response in refused:
        check("TooManyRequestsError", response.json())
        assert response.headers["Retry-After"] == "1"
        assert response.json()["details"][0]["innerError"]["quotaLimit"] == 5
    assert faulty.applied() == [len(refused)]
    assert faulty.emulator.ask_for_token("default").ok
    time.sleep(1)
    assert faulty.get().ok


def test_latency_and_rate_limit_apply_besides(faulty: Faulty) -> None:
    faulty.add("latency", value=0.1)
    faulty.add("status", value=503, times=1)
    faulty.add("rate_limit", value=1)
    for status in (503, 429):
        started = time.monotonic()
        assert faulty.get().status_code == status
        assert time.monotonic() - started >= 0.1
    assert faulty.applied() == [2, 1, 1]


@pytest.mark.parametrize("document", [None, 7, [], "x", {}, True])
def test_json(faulty: Faulty, document: Any) -> None:
    faulty.add("json", value=document)
    for response in (faulty.get(), faulty.emulator.ask_for_token("default")):
        assert response.status_code == 200 and response.headers["Content-Type"].startswith("application/json")
        assert response.json() == document


@pytest.mark.parametrize(("value", "status"), [({}, 200), ({"value": 407}, 407)])
def test_html(faulty: Faulty, value: dict[str, int], status: int) -> None:
    faulty.add("html", **value)
    response = faulty.get()
    assert (response.status_code, response.text[:15]) == (status, "<!DOCTYPE html>")
    assert response.headers["Content-Type"].startswith("text/html")


def test_empty(faulty: Faulty) -> None:
    faulty.add("empty", times=1)
    faulty.add("empty", status=500)
    assert [(response.status_code, response.content) for response in (faulty.get(), faulty.get())] == [
        (200, b""),
        (500, b""),
    ]


@pytest.mark.parametrize("status", [None, 301, 307, "308"])
def test_redirect(faulty: Faulty, status: Any) -> None:
    faulty.add("redirect", value="http://other.test/a?b=c,d", **({"status": status} if status else {}))
    response = faulty.get()
    assert (response.status_code, response.headers["Location"]) == (int(status or 302), "http://other.test/a?b=c,d")


def test_echo_secrets(faulty: Faulty) -> None:
    faulty.add("echo_secrets")
    body = faulty.get().json()
    for text in (body["message"], body["description"], body["details"][0]["message"]):
        assert f"Bearer {faulty.client.auth.token}" in text
    awkward = faulty.emulator.applications["awkward"]
    response = faulty.emulator.ask_for_token("awkward")
    assert response.status_code == 400
    authorization = response.request.headers["Authorization"]
    for text in (response.json()["message"], response.json()["error_description"]):
        assert authorization in text
        assert f"{awkward['client_id']}:{awkward['client_secret']}" in text
    post = faulty.emulator.applications["post"]
    assert f"client_secret={post['client_secret']}" in faulty.emulator.ask_for_token("post").json()["message"]


def test_half_json(faulty: Faulty) -> None:
    whole = faulty.get().text
    faulty.add("half_json")
    response = faulty.get()
    assert response.status_code == 200 and whole.startswith(response.text) and 2 < len(response.text) < len(whole)
    assert response.headers["Content-Length"] == str(len(response.content))
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.text)


def test_content_type(faulty: Faulty) -> None:
    faulty.add("content_type", value="text/plain; charset=latin-1")
    response = faulty.get()
    assert response.headers["Content-Type"] == "text/plain; charset=latin-1" and response.json()["size"]


def test_replace_and_remove(faulty: Faulty) -> None:
    faulty.add("replace", value={"expires_in": 0, "new": [1]}, times=1)
    faulty.add("remove", value="expires_in+token_type")
    body = faulty.emulator.ask_for_token("default").json()
    assert body["access_token"] and (body["expires_in"], body["new"]) == (0, [1])
    assert "access_token" in (body := faulty.emulator.ask_for_token("default").json())
    assert not {"expires_in", "token_type"} & set(body)


def test_items(faulty: Faulty) -> None:
    faulty.add("item", value={"id": 7, "type": "NEW"}, times=1)
    faulty.add("item_remove", value="id+name")
    items = faulty.get().json()["_embedded"]["environments"]
    assert items and all((each["id"], each["type"]) == (7, "NEW") and each["name"] for each in items)
    items = faulty.get().json()["_embedded"]["environments"]
    assert items and not any({"id", "name"} & set(each) for each in items)
    assert faulty.get(f"{faulty.list_url}/{faulty.default['environment_id']}").json()["id"]
    assert faulty.applied() == [1, 1]


def test_huge(faulty: Faulty) -> None:
    faulty.add("huge", value=3_000_001)
    response = faulty.get()
    assert len(response.content) == 3_000_001 and response.json()["size"]


def test_gzip_bomb(faulty: Faulty) -> None:
    faulty.add("gzip_bomb", value=5_000_000)
    response = faulty.get(stream=True)
    assert response.headers["Content-Encoding"] == "gzip"
    packed = response.raw.read(decode_content=False)
    body = zlib.decompress(packed, wbits=31)
    assert len(packed) < 20_000 and len(body) == 5_000_000 and json.loads(body)["size"]
    assert len(faulty.get().content) == 5_000_000


def test_bad_gzip(faulty: Faulty) -> None:
    faulty.add("bad_gzip")
    with pytest.raises(requests.exceptions.ContentDecodingError):
        faulty.get()


def test_invalid_utf8(faulty: Faulty) -> None:
    faulty.add("invalid_utf8")
    response = faulty.get()
    with pytest.raises(UnicodeDecodeError):
        response.content.decode()
    assert json.loads(response.content.decode(errors="replace"))["size"]


def test_next_loop(faulty: Faulty) -> None:
    faulty.add("next", value="loop")
    url = f"{faulty.list_url}?limit=2"
    assert faulty.get(url).json()["_links"]["next"]["href"] == url


@pytest.mark.parametrize("limit", [3, 1000])
def test_next_repeat(faulty: Faulty, limit: int) -> None:
    faulty.add("next", value="repeat")
    first = url = f"{faulty.list_url}?limit={limit}"
    seen = []
    for _number in range(4):
        seen.append(url)
        response = faulty.get(url)
        assert response.ok
        url = response.json()["_links"]["next"]["href"]
    assert seen[0] == seen[2] == first and seen[1] == seen[3] != first


def test_next_endless(faulty: Faulty) -> None:
    faulty.add("next", value="endless")
    url, seen = faulty.list_url, []
    for number in range(5):
        response = faulty.get(url)
        assert response.ok and bool(response.json()["_embedded"]["environments"]) == (number == 0)
        url = response.json()["_links"]["next"]["href"]
        seen.append(url)
    assert len(set(seen)) == 5


def test_next_elsewhere(faulty: Faulty) -> None:
    faulty.add("next", value="http://other.test/v1?a=1,2")
    assert faulty.get().json()["_links"]["next"]["href"] == "http://other.test/v1?a=1,2"


def test_silent(faulty: Faulty) -> None:
    faulty.add("silent", times=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        faulty.get(timeout=0.3)
    assert faulty.get().ok
    assert faulty.recorded() == [None, 200]


@pytest.mark.parametrize("kind", ["reset", "close"])
def test_no_answer(faulty: Faulty, kind: str) -> None:
    faulty.add(kind, times=2)
    # which of the two it was, some versions of Python do not tell over TLS
    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer|without response"):
        faulty.get()
    connection = faulty.connect()
    faulty.ask(connection)
    with socket.socket(fileno=connection.detach()) as plain:
        plain.settimeout(5)
        try:
            while plain.recv(1000):  # what TLS sends by itself
                pass
            seen = "close"
        except ConnectionResetError:
            seen = "reset"
    assert seen == kind
    assert faulty.get().ok
    assert faulty.recorded() == [None, None, 200]


@pytest.mark.parametrize("kind", ["reset", "gateway", "gateway=503"])
def test_what_was_done_stays_done(start: Callable[..., Emulator], kind: str) -> None:
    emulator = start("--fault", f"{kind},method=POST,path=/v1/*,times=1")
    faulty = Faulty(emulator)
    admin = emulator.session("admin")
    url = f"{faulty.list_url}/{emulator.environments['Workforce']}/populations"

    def create() -> int:
        try:
            return admin.post(url, json={"name": "Twice?"}, timeout=5).status_code
        except requests.exceptions.ConnectionError:
            return 0

    assert create() == {"reset": 0, "gateway": 504, "gateway=503": 503}[kind]
    assert [each["name"] for each in admin.get(url, timeout=5).json()["_embedded"]["populations"]] == [
        "Default",
        "Twice?",
    ]
    assert create() == 400
    assert faulty.applied() == [1]


def test_truncate(faulty: Faulty) -> None:
    faulty.add("truncate", times=2)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        faulty.get()
    response = faulty.get(stream=True)
    length = int(response.headers["Content-Length"])
    assert len(response.raw.read(length // 2)) == length // 2
    assert faulty.get().ok
    assert faulty.recorded() == [200, 200, 200]


def test_drip(faulty: Faulty) -> None:
    faulty.add("drip", value=20)
    with faulty.connect() as connection:
        started = time.monotonic()
        faulty.ask(connection)
        head = b""
        while len(head) < 12:
            head += connection.recv(100)
        assert head.startswith(b"HTTP/1.1 200")
        assert time.monotonic() - started > 0.5
        # the rest takes minutes, which is no reason for others to wait
        assert faulty.client.get(f"{faulty.control}/faults", timeout=5).ok


def test_drip_of_the_body(faulty: Faulty) -> None:
    faulty.add("drip", value=5_000, part="body", times=1)
    url = f"{faulty.list_url}?limit=1"
    started = time.monotonic()
    response = faulty.get(url, stream=True)
    head = time.monotonic() - started
    length = len(response.content)
    slow = time.monotonic() - started
    assert slow > length / 5_000 > 2 * head
    # the connection stays in use, at full speed
    started = time.monotonic()
    assert len(faulty.get().content) > length and time.monotonic() - started < slow
    records = faulty.client.get(f"{faulty.control}/requests", timeout=5).json()
    assert len({each["connection"] for each in records}) == 1


def test_stuck_faults_stop_nobody_and_no_end(start: Callable[..., Emulator]) -> None:
    faulty = Faulty(start())
    faulty.post(
        [
            {"kind": "silent", "times": 10},
            {"kind": "drip", "value": 0.1, "times": 10},
            {"kind": "huge", "value": 30_000_000, "times": 3},
            {"kind": "latency", "value": 30, "method": "DELETE"},
        ]
    )
    connections = [faulty.connect() for _number in range(24)]
    try:
        for connection in connections[:23]:
            faulty.ask(connection)
        connections[23].sendall(b"DELETE /v1/environments HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _number in range(100):
            if sum(faulty.applied()) == 24:
                break
            time.sleep(0.01)
        assert sum(faulty.applied()) == 24
        assert faulty.get().ok
        started = time.monotonic()
        assert faulty.emulator.stop() == (0, "", "")
        assert time.monotonic() - started < 5
    finally:
        for connection in connections:
            connection.close()


def test_verbose_tells_of_lost_answers(start: Callable[..., Emulator]) -> None:
    emulator = start("--verbose", "--fault", "close,path=*/nowhere")
    with emulator.session() as session, pytest.raises(requests.exceptions.ConnectionError):
        session.get(f"{emulator.api_url}/nowhere?token=x", timeout=5)
    assert emulator.stop() == (0, "", "GET /v1/nowhere -\n")


# Certificates


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("expired", "certificate has expired"),
        ("other-host", "IP address mismatch"),
        ("self-signed", "self.signed certificate"),
    ],
)
def test_certificates_that_no_client_accepts(start: Callable[..., Emulator], kind: str, reason: str) -> None:
    emulator = start("--certificate", kind)
    url = f"{emulator.api_url}/environments"
    with emulator.session() as session:
        with pytest.raises(requests.exceptions.SSLError, match=reason):
            session.get(url, timeout=5)
    context = ssl.create_default_context(cafile=emulator.ca_path)
    with (
        socket.create_connection(("127.0.0.1", emulator.port), timeout=5) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match=reason),
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")
    # Nothing else is wrong: who does not look at the certificate gets an answer.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", emulator.port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(b"GET /v1/environments HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 401")


def test_no_other_certificates() -> None:
    command = [sys.executable, "-m", "tests.emulator", "--certificate", "revoked"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    assert (result.returncode, "self-signed" in result.stderr) == (2, True)
