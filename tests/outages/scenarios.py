# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong with PingOne and on the way to it, and what a task makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MODULE = "community.pingone.pingone_environment_info"


@dataclass(frozen=True)
class Scenario:
    """One outage.

    :ivar faults: what the emulator is told to do wrong.
    :ivar message: a regular expression for the message of the failure; None if the task is to succeed.
    :ivar options: of the module, besides its credentials.
    :ivar waits: how many waits the task is to report; None for any number.
    :ivar keywords: of the task.
    """

    name: str
    faults: Sequence[Mapping[str, Any]] = ()
    message: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    waits: int | None = 0
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_secret_options(self) -> bool:
        return any(placeholder in str(self.options) for placeholder in ("{secret}", "{token}"))


def fault(kind: str, value: Any = None, **keys: Any) -> dict[str, Any]:
    return {"kind": kind, **({} if value is None else {"value": value}), **keys}


TOKEN = {"path": "*/as/token"}
API = {"path": "/v1/*"}
NOT_PINGONE = "is not PingOne's.*Check api_url.* and proxies"
NO_TOKEN = r"gave no (bearer )?token.*something else than PingOne may answer"
CHANGED = "its body is not a JSON object"

PASSING = [
    Scenario(f"passing {status} of {where}", [fault("status", status, times=1, retry_after="0", **path)], waits=1)
    for status in (408, 429, 500, 502, 503, 504)
    for where, path in (("the API", API), ("the token endpoint", TOKEN))
]

RETRY_AFTER = [
    Scenario("Retry-After as a date", [fault("status", 503, times=1, retry_after="date:1", **API)], waits=1),
    Scenario("Retry-After of garbage", [fault("status", 503, times=1, retry_after="soon", **API)], waits=1),
    Scenario(
        "Retry-After of an hour",
        [fault("status", 429, retry_after="3600", **API)],
        r"asks to wait 3600 seconds \(HTTP 429, REQUEST_LIMITED, correlation id .*rate limit is used up",
    ),
]

LASTING = [
    Scenario(
        "lasting 503 of the API", [fault("status", 503, **API)], "in 2 attempts .HTTP 503.*Try again later", waits=1
    ),
    Scenario(
        "lasting 502 in HTML",
        [fault("status", 502, body="html", **API)],
        "has no reason, in 2 attempts .HTTP 502",
        waits=1,
    ),
    Scenario(
        "lasting 503 of the token endpoint",
        [fault("status", 503, **TOKEN)],
        "gave no token|PingOne gave no token",
        waits=1,
    ),
    Scenario(
        "lasting 429", [fault("status", 429, retry_after="0", **API)], "in 2 attempts .HTTP 429.*rate limit", waits=1
    ),
    Scenario("a 401 that never ends", [fault("status", 401, **API)], "does not accept the access token"),
    Scenario("a 401 once", [fault("status", 401, times=1, **API)]),
    Scenario("403", [fault("status", 403, **API)], "Insufficient privileges to read the environments"),
]

CONNECTION = [
    Scenario("reset once", [fault("reset", times=1, **API)], waits=1),
    Scenario("closed once", [fault("close", times=1, **TOKEN)], waits=1),
    Scenario("reset always", [fault("reset", **API)], "the connection broke in 2 attempts", waits=1),
    Scenario("truncated", [fault("truncate", **API)], "the connection broke in 2 attempts", waits=1),
    Scenario("truncated once", [fault("truncate", times=1, **API)], waits=1),
    Scenario(
        "silence", [fault("silent", **API)], "no complete answer within the time limit", {"timeout": 1, "retries": 0}
    ),
    Scenario(
        "a dripping answer",
        [fault("drip", 20, **API)],
        "no complete answer within the time limit",
        {"timeout": 2, "retries": 0},
    ),
    Scenario(
        "a dripping body",
        [fault("drip", 20, part="body", **API)],
        "no complete answer within the time limit",
        {"timeout": 2, "retries": 0},
    ),
    Scenario(
        "a dripping token",
        [fault("drip", 20, **TOKEN)],
        "no complete answer within the time limit",
        {"timeout": 2, "retries": 0},
    ),
    Scenario(
        "a task's own time limit", [fault("silent", **API)], "[Tt]imed out|timeout", keywords={"timeout": 1}, waits=None
    ),
    Scenario(
        "nobody listens", (), "the connection was refused in 2 attempts", {"api_url": "https://127.0.0.1:9"}, waits=1
    ),
    Scenario("no such host", (), "the host name cannot be resolved", {"auth_url": "https://auth.pingone.invalid"}),
    Scenario("another host name than in the certificate", (), "for another host name", {"api_url": "{other_host}"}),
    Scenario("unknown CA", (), "not signed by a CA that this machine trusts", {"ca_path": "{other_ca}"}),
]

BROKEN = [
    Scenario("half of the JSON", [fault("half_json", **API)], f"{CHANGED}.*{NOT_PINGONE}|{NOT_PINGONE}"),
    Scenario("a proxy's page", [fault("html", 200, **API)], NOT_PINGONE),
    Scenario("a proxy's page for a token", [fault("html", 200, **TOKEN)], NO_TOKEN),
    Scenario("an empty body", [fault("empty", **API)], NOT_PINGONE),
    Scenario("an empty body for a token", [fault("empty", **TOKEN)], NO_TOKEN),
    Scenario("another content type", [fault("content_type", "text/plain", **API)]),
    *(
        Scenario(f"JSON that is {text}", [{"kind": "json", "value": value, **API}], NOT_PINGONE)
        for text, value in (
            ("null", None),
            ("a number", 7),
            ("a list", []),
            ("a text", "x"),
        )
    ),
    Scenario("a page without _embedded", [fault("remove", "_embedded", **API)]),
    Scenario("_embedded of another shape", [fault("replace", {"_embedded": [7]}, **API)], NOT_PINGONE),
    Scenario("items of another shape", [fault("replace", {"_embedded": {"environments": [7]}}, **API)], NOT_PINGONE),
    Scenario("an id of the wrong type", [fault("item", {"id": 7}, **API)], "an environment without an id"),
    Scenario("an id that leads elsewhere", [fault("item", {"id": "../x"}, **API)], "an environment without an id"),
    Scenario("unknown values and properties", [fault("item", {"type": "NEW", "brandNew": {"aB": [None]}}, **API)]),
    Scenario("lone surrogates", [fault("item", {"name": "\ud800", "x\ud800": "y"}, **API)]),
    Scenario("a body of 100 MB", [fault("huge", 100_000_000, **API)], "more than 64 MiB"),
    Scenario("a gzip bomb", [fault("gzip_bomb", 1_000_000_000, **API)], "more than 64 MiB", {"timeout": 30}),
    Scenario("broken gzip", [fault("bad_gzip", **API)], "compressed in a way that cannot be read"),
    Scenario("invalid UTF-8", [fault("invalid_utf8", **API)], NOT_PINGONE),
]

TOKENS = [
    Scenario("a token answer without access_token", [fault("remove", "access_token", **TOKEN)], NO_TOKEN),
    Scenario("a token of another type", [fault("replace", {"token_type": "DPoP"}, **TOKEN)], NO_TOKEN),
    Scenario("a token that is a number", [fault("replace", {"access_token": 7}, **TOKEN)], NO_TOKEN),
    Scenario("a token with a line break", [fault("replace", {"access_token": "a\r\nX: y"}, **TOKEN)], NO_TOKEN),
    *(
        Scenario(f"expires_in {value!r}", [fault("replace", {"expires_in": value}, **TOKEN)])
        for value in ("3600", 0, -1, 10**30, "soon", [])
    ),
    Scenario("a token without expires_in", [fault("remove", "expires_in", **TOKEN)]),
]

ELSEWHERE = [
    Scenario("pages in a circle of one", [fault("next", "loop", **API)], "in a circle"),
    Scenario("pages in a circle of two", [fault("next", "repeat", **API)], "in a circle"),
    Scenario("pages without an end", [fault("next", "endless", **API)], "no end after", {"timeout": 5}),
    *(
        Scenario(f"a next link to {url}", [fault("next", url, **API)], "leads to another server")
        for url in ("https://evil.example/v1", "http://127.0.0.1/v1", "https://127.0.0.1:9/v1", "//evil.example/v1")
    ),
    Scenario(
        "the API redirects",
        [fault("redirect", "https://evil.example/v1", **API)],
        "answered with a redirect: it leads to https://evil.example",
    ),
    Scenario(
        "the API redirects for good",
        [fault("redirect", "https://evil.example/", status="308", **API)],
        "answered with a redirect",
    ),
    Scenario(
        "the token endpoint redirects",
        [fault("redirect", "https://evil.example/", status="307", **TOKEN)],
        "answered with a redirect",
    ),
]

SECRETS = [
    Scenario("the API repeats the token", [fault("echo_secrets", **API)], r"\*\*\*\*\*\*\*\*"),
    Scenario("the token endpoint repeats the credentials", [fault("echo_secrets", **TOKEN)], r"\*\*\*\*\*\*\*\*"),
    Scenario(
        "it repeats them from the body",
        [fault("echo_secrets", **TOKEN)],
        r"\*\*\*\*\*\*\*\*",
        {"client_auth_method": "client_secret_post"},
    ),
    Scenario(
        "a client secret with a line break",
        (),
        "contains white space or a control character",
        {"client_secret": "{secret}\n"},
    ),
    Scenario("a token with a space", (), "contains white space or a control character", {"access_token": " {secret}"}),
    Scenario(
        "a token that is refused",
        [fault("status", 401, **API)],
        "does not accept the access token",
        {"access_token": "{token}"},
    ),
]

SCENARIOS = [*PASSING, *RETRY_AFTER, *LASTING, *CONNECTION, *BROKEN, *TOKENS, *ELSEWHERE, *SECRETS]
