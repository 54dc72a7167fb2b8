# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import email.utils
import time

import pytest
from ansible_collections.community.pingone.plugins.module_utils._retry import (
    RATE_LIMIT,
    TOTAL_WAIT_LIMIT,
    WAIT_LIMIT,
    Pace,
    Patience,
    seconds_asked_for,
)


class Clock:
    """A time that passes by sleeping only."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def slept(clock):
    return clock.slept


@pytest.fixture
def lines():
    return []


@pytest.fixture
def patience(clock, lines):
    return Patience(5, lines.append, clock=clock, sleep=clock.sleep)


def at_most(monkeypatch):
    monkeypatch.setattr("random.uniform", lambda _low, high: high)


def test_back_off_doubles_until_its_limit(monkeypatch, clock, slept, lines):
    at_most(monkeypatch)
    patience = Patience(7, lines.append, clock=clock, sleep=clock.sleep)
    assert [patience.wait(attempt, "It broke") for attempt in range(1, 9)] == [True] * 7 + [False]
    assert slept == [1, 2, 4, 8, 16, 30, 30]
    assert lines[0] == "It broke: waiting 1.0 seconds before retry 1 of 7"
    assert len(lines) == 7


def test_back_off_has_full_jitter(slept):
    for _run in range(200):
        Patience(5, lambda line: None, sleep=slept.append).wait(3, "It broke")
    assert all(0 <= seconds <= 4 for seconds in slept)
    assert min(slept) < 1 and max(slept) > 3


def test_no_retries(slept, lines):
    assert Patience(0, lines.append, sleep=slept.append).wait(1, "It broke") is False
    assert not slept and not lines


def test_retry_after_is_a_minimum(monkeypatch, patience, slept):
    at_most(monkeypatch)
    assert patience.wait(1, "Too many", "3")
    assert slept == [4]


def test_a_longer_wait_than_the_limit_is_not_begun(patience, slept, lines):
    assert patience.wait(1, "Too many", str(int(WAIT_LIMIT) + 1)) is False
    assert not slept and not lines


def test_all_waits_of_a_task_have_a_limit(monkeypatch, patience, slept):
    at_most(monkeypatch)
    while patience.wait(1, "Too many", "59"):
        pass
    assert sum(slept) == TOTAL_WAIT_LIMIT


def test_requests_that_wait_together_wait_only_once(monkeypatch, clock, lines):
    at_most(monkeypatch)
    slept = []
    patience = Patience(5, lines.append, clock=clock, sleep=slept.append)  # time stands still: all are at once
    assert all(patience.wait(1, "Too many", "59") for dummy in range(20))
    assert slept == [60] * 20


def test_pace(clock, slept, lines):
    pace = Pace(lines.append, clock=clock, sleep=clock.sleep)
    starts = []
    for _request in range(3 * RATE_LIMIT):
        pace.wait()
        starts.append(clock.now)
    assert all(later - starts[number] >= 60 for number, later in enumerate(starts[RATE_LIMIT:]))
    assert all(later - starts[number] >= 0.00999 for number, later in enumerate(starts[1:]))
    assert starts[-1] - starts[0] < 125
    assert lines == [
        f"210 requests in 60 seconds are what PingOne allows one address: waiting {seconds:.1f} seconds"
        for seconds in slept
        if seconds > 1
    ]
    assert len(lines) == 2


@pytest.mark.parametrize("text", ["0", "17", " 17 "])
def test_seconds(text):
    assert seconds_asked_for(text) == int(text)


def test_date():
    assert 8 < seconds_asked_for(email.utils.formatdate(time.time() + 10, usegmt=True)) <= 10
    assert seconds_asked_for(email.utils.formatdate(time.time() - 1000, usegmt=True)) == 0


@pytest.mark.parametrize("text", [None, "", "soon", "-5", "1e9", "3.5", "\x00", "9" * 10_000, "Mon, 99 Foo 2026"])
def test_garbage_is_ignored(text):
    assert seconds_asked_for(text) == 0
