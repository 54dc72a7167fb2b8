# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: which kinds there are, how one is written down, and which of them a request meets.

What a kind does to an answer is in ``_broken_answers``.
"""

from __future__ import annotations

import collections
import fnmatch
import json
import math
import re
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Parser = Callable[[Any], Any]

CONTROL_PREFIX = "/emulator/"


class FaultError(ValueError):
    """A fault that is not written as it should be."""


def _whole(minimum: int, maximum: int) -> Parser:
    def parse(value: Any) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,12}", str(value)):
            raise ValueError("must be a whole number")
        if not minimum <= int(value) <= maximum:
            raise ValueError(f"must be at least {minimum} and at most {maximum}")
        return int(value)

    return parse


def _positive(value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number < math.inf:
        raise ValueError("must be a number greater than 0")
    return number


def _text(value: Any) -> str:
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    # It may end up in a header.
    if not (text and text.isascii() and text.isprintable()):
        raise ValueError("must be a text of printable ASCII characters")
    return text


def _date_or_text(value: Any) -> str:
    text = _text(value)
    if text.startswith("date:") and not re.fullmatch(r"date:-?[0-9]{1,9}", text):
        raise ValueError("must be date:N with a number of seconds N from now")
    return text


def _one_of(*choices: str) -> Parser:
    def parse(value: Any) -> str:
        if str(value) not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(value)

    return parse


def _gateway_status(value: Any) -> int:
    return int(_one_of("502", "503", "504")(value))


def _names(value: Any) -> str:
    if not isinstance(value, str) or not all(value.split("+")):
        raise ValueError("must be NAME or NAME+NAME...")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


def _json(value: Any) -> Any:
    return value


_ANY = 999_999_999_999
_STATUS: Mapping[str, Parser] = {"status": _whole(200, 599)}
_COMMON: Mapping[str, Parser] = {
    "path": _text,
    "method": _text,
    "times": _whole(1, _ANY),
    "skip": _whole(0, _ANY),
}


class Kind(NamedTuple):
    """What can be said about one kind of fault."""

    usage: str
    text: str
    value: Parser | None = None
    default: Any = None
    options: Mapping[str, Parser] = {}


#: The one list of kinds, in groups: validation, ``--help`` and the package's docstring come from it.
GROUPS: Mapping[str, Mapping[str, Kind]] = {
    "apply besides others": {
        "rate_limit": Kind(
            "=N",
            "At most N requests in any second, over all clients. The others get 429 REQUEST_LIMITED with Retry-After.",
            _whole(1, _ANY),
        ),
        "latency": Kind("=SECONDS", "Wait before anything else.", _positive),
    },
    "answer instead; the request is not carried out, and needs no credentials": {
        "status": Kind(
            "=N",
            "PingOne's error answer of this status, 400 to 599. retry_after=... adds Retry-After: a number of seconds, "
            "date:SECONDS for an HTTP date so far ahead, or any text. body=html and body=empty leave out the JSON.",
            _whole(400, 599),
            options={"retry_after": _date_or_text, "body": _one_of("json", "html", "empty")},
        ),
        "json": Kind(
            "=DOCUMENT",
            'This JSON document: null, 7, [], "x", {}, ... With status=N, default 200.',
            _json,
            options=_STATUS,
        ),
        "html": Kind("[=STATUS]", "A proxy's HTML page, with status 200 or another.", _whole(200, 599), 200),
        "empty": Kind("", "No body. With status=N, default 200.", options=_STATUS),
        "redirect": Kind(
            "=URL",
            "302 to this address. With status=301, 303, 307 or 308.",
            _text,
            options={"status": lambda value: int(_one_of("301", "302", "303", "307", "308")(value))},
        ),
        "echo_secrets": Kind(
            "",
            "400 from a badly behaved gateway, which repeats the Authorization header, what is encoded in it, and the "
            "form's client_secret and client_assertion.",
        ),
    },
    "change the answer": {
        "half_json": Kind("", "JSON that is cut in the middle. The HTTP is complete."),
        "content_type": Kind("=TEXT", "Another Content-Type.", _text),
        "replace": Kind("=OBJECT", "These top-level properties instead of those there, or besides.", _object),
        "remove": Kind("=NAME[+NAME]...", "These top-level properties are missing.", _names),
        "item": Kind("=OBJECT", "As replace, in each item of a list.", _object),
        "item_remove": Kind("=NAME[+NAME]...", "As remove, in each item of a list.", _names),
        "huge": Kind("=BYTES", "Padded to this size by one more property.", _whole(1, 1_000_000_000)),
        "gzip_bomb": Kind("=BYTES", "Padded to this size, but compressed.", _whole(1, 10_000_000_000)),
        "bad_gzip": Kind("", "Content-Encoding: gzip, and garbage."),
        "invalid_utf8": Kind("", "One more property, whose text is not UTF-8."),
        "next": Kind(
            "=WHERE",
            "The next link of a list leads to the page itself (loop), from a second page back to the first (repeat), "
            "to ever new pages without items (endless), or to any other address.",
            _text,
        ),
    },
    "lose the answer; the request is carried out": {
        "silent": Kind("", "Say nothing until the client hangs up."),
        "drip": Kind(
            "=BYTES_PER_SECOND",
            "Answer that slowly, header included. With part=body only the body is slow.",
            _positive,
            options={"part": _one_of("all", "body")},
        ),
        "reset": Kind("", "Reset the TCP connection."),
        "close": Kind("", "Close the connection."),
        "truncate": Kind("", "Close the connection after half of the body that Content-Length announces."),
        "gateway": Kind("[=STATUS]", "A gateway's HTML page instead: 502, 503 or 504.", _gateway_status, 504),
    },
}
KINDS: Mapping[str, Kind] = {name: kind for kinds in GROUPS.values() for name, kind in kinds.items()}

_JSON_VALUES = {"json", "replace", "item"}

RULES = """\
A SPEC is KIND[=VALUE][,key=value]... A VALUE that is JSON ends where the JSON ends, any other at the next comma.
Written as one JSON object, {"kind": KIND, "value": VALUE, "key": value, ...}, it may contain anything.

Each kind takes these keys:
  path=PATTERN  only requests to such paths, with the wildcards *, ? and [abc]; * also stands for slashes
  method=NAME   only requests with this method
  skip=N        of the requests that match, leave the first N alone
  times=N       of the others, hit N (default: all)
Of the faults that match a request, the first with hits left applies; latency and rate_limit apply besides. A fault
that finds nothing to change in an answer (no list, no JSON object) is not spent. /emulator/ has no faults."""

EXAMPLES = """\
  --fault status=503,retry_after=2,times=3
  --fault rate_limit=10 --fault latency=0.1
  --fault drip=1,path=/v1/*
  --fault reset,method=POST,path=/v1/*,times=1
  --fault 'replace={"expires_in": 0},path=*/as/token'
  --fault '{"kind": "next", "value": "https://example.com/a,b", "skip": 1}'"""


def describe() -> str:
    """How to write a fault, for people."""
    return f"{RULES}\n\n{table()}\n\nexamples:\n{EXAMPLES}"


def table() -> str:
    """All kinds, for people."""
    lines = []
    for group, kinds in GROUPS.items():
        lines.append(f"{group}:")
        for name, kind in kinds.items():
            usage = f"  {name}{kind.usage}".ljust(30)
            lines += textwrap.wrap(
                kind.text, 110, initial_indent=usage, subsequent_indent=" " * len(usage), break_on_hyphens=False
            )
    return "\n".join(lines)


class Fault:
    """One fault, and how often it was met. Its counters are for ``Faults`` to change."""

    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict):
            raise FaultError("a fault must be a JSON object")
        document = dict(document)
        self.kind = document.pop("kind", None)
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise FaultError(f"there is no kind of fault {json.dumps(self.kind)}; the kinds are {', '.join(KINDS)}")
        kind = KINDS[self.kind]
        if "value" in document and kind.value is None:
            raise FaultError(f"{self.kind} takes no value")
        if "value" not in document and kind.value is not None and kind.default is None:
            raise FaultError(f"{self.kind} needs a value: {self.kind}{kind.usage}")
        self.value: Any = kind.default
        if kind.value is not None and "value" in document:
            self.value = self._parse(kind.value, self.kind, document.pop("value"))
        parsers = {**kind.options, **_COMMON}
        if unknown := document.keys() - parsers.keys():
            keys = ", ".join(parsers)
            raise FaultError(f"{self.kind} has no key {json.dumps(min(unknown))}; its keys are {keys}")
        self.options = {
            name: self._parse(parsers[name], f"{name} of {self.kind}", value) for name, value in document.items()
        }
        self.matched = 0
        self.applied = 0
        self._times = self.options.get("times", math.inf)
        self._seconds: collections.deque[float] = collections.deque()

    @staticmethod
    def _parse(parser: Parser, name: str, value: Any) -> Any:
        try:
            return parser(value)
        except ValueError as error:
            raise FaultError(f"{name} {error}") from None

    def document(self) -> dict[str, Any]:
        """The fault as it was posted, and its counters: which requests it was meant for, which it hit."""
        value = {} if KINDS[self.kind].value is None else {"value": self.value}
        return {"kind": self.kind, **value, **self.options, "matched": self.matched, "applied": self.applied}

    def matches(self, method: str, path: str) -> bool:
        """Whether it is meant for such requests."""
        same_method = self.options.get("method", method).upper() == method.upper()
        return same_method and fnmatch.fnmatchcase(path, self.options.get("path", "*"))

    def is_due(self) -> bool:
        """Whether it hits the request that was just counted."""
        return self.matched > self.options.get("skip", 0) and self.applied < self._times

    def wait(self, now: float) -> float:
        """Of a rate limit: 0, and the request counts, or how many seconds to wait."""
        while self._seconds and self._seconds[0] <= now - 1:
            self._seconds.popleft()
        if len(self._seconds) < self.value:
            self._seconds.append(now)
            return 0
        return self._seconds[0] + 1 - now


def parse(spec: str) -> Fault:
    """Read a SPEC."""
    if spec.lstrip().startswith("{"):
        try:
            return Fault(json.loads(spec))
        except json.JSONDecodeError as error:
            raise FaultError(f"this is not JSON: {error}") from None
    kind, separator, rest = re.split(r"([=,])", spec, maxsplit=1) if re.search(r"[=,]", spec) else (spec, "", "")
    kind = kind.strip()
    document: dict[str, Any] = {"kind": kind}
    if separator == "=":
        if kind in _JSON_VALUES:
            rest = rest.lstrip()
            try:
                document["value"], end = json.JSONDecoder().raw_decode(rest)
            except json.JSONDecodeError as error:
                raise FaultError(f"the value of {kind} is not JSON: {error}") from None
            value, separator, rest = rest[end:].partition(",")
            if value.strip():
                raise FaultError(f"the value of {kind} is followed by {json.dumps(value)} instead of a comma")
        else:
            document["value"], separator, rest = rest.partition(",")
    for part in rest.split(",") if separator else []:
        key, equals, value = part.partition("=")
        key = key.strip()
        if not equals or key in document or key == "value":
            raise FaultError(f"{json.dumps(part)} is not a key=value of {kind}, or the key is there twice")
        document[key] = value
    return Fault(document)


class Met(NamedTuple):
    """What a request meets."""

    fault: Fault | None
    #: How long to wait before anything else.
    latency: float
    #: For a rate limit: how long the client should wait.
    retry_after: float


class Faults:
    """All faults of an emulator. Requests in several threads may ask."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)
        self._lock = threading.Lock()

    def add(self, faults: Iterable[Fault]) -> None:
        """Behind those that are there."""
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        """None are left; what a request has met before takes its course."""
        with self._lock:
            self._faults.clear()

    def documents(self) -> list[dict[str, Any]]:
        """All, in their order."""
        with self._lock:
            return [fault.document() for fault in self._faults]

    def meet(self, method: str, path: str) -> Met:
        """Choose for one request, and count."""
        chosen: Fault | None = None
        limit: Fault | None = None
        latency = retry_after = 0.0
        with self._lock:
            now = time.monotonic()
            for fault in self._faults:
                if not fault.matches(method, path):
                    continue
                fault.matched += 1
                if not fault.is_due():
                    continue
                if fault.kind == "latency":
                    fault.applied += 1
                    latency += fault.value
                elif fault.kind == "rate_limit":
                    wait = fault.wait(now)
                    if wait > retry_after:
                        limit, retry_after = fault, wait
                else:
                    chosen = chosen or fault
            chosen = limit or chosen
            if chosen:
                chosen.applied += 1
        return Met(chosen, latency, retry_after)

    def give_back(self, fault: Fault) -> None:
        """It had nothing to change."""
        with self._lock:
            fault.applied -= 1
