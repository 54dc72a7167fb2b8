# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any text in any option: a result or a clear error, and nothing that leaves the configured paths."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.community.pingone.plugins.module_utils._environment import INCLUDES, read_environments
from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError, PingOneError
from ansible_collections.community.pingone.plugins.module_utils._settings import (
    ENVIRONMENT_VARIABLES,
    SHARED_ARGUMENTS,
    Settings,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from .conftest import ENVIRONMENT_ID

NASTY = [
    "../../as/token",
    "%2e%2e%2f",
    f"{ENVIRONMENT_ID}/../x",
    f"{ENVIRONMENT_ID}?x=1",
    f"{ENVIRONMENT_ID}#x",
    "\x00",
    "\r\nX-Injected: 1",
    "\u202e" + ENVIRONMENT_ID,
    "\ud800",
    "{{ 7 * 7 }}",
    '" or id pr or name eq "',
    "\\",
    "http://[",
    "https://user:pass@example.com",
    "9" * 5000,
    "x" * 10_000_000,
]
TEXT = st.one_of(st.text(), st.sampled_from(NASTY), st.text(alphabet="./%?#@:\\\"'{} \n\x00\u202e", max_size=40))
STRINGS = [name for name, spec in SHARED_ARGUMENTS.items() if spec["type"] in ("str", "path")]
NUMBERS = [name for name, spec in SHARED_ARGUMENTS.items() if spec["type"] == "int"]
# The same examples in every run, and no folder with those that failed.
settings.register_profile("collection", derandomize=True, database=None, deadline=None)
settings.load_profile("collection")
#: One server for all examples of a test is what is wanted.
SHARED_SERVER = settings(suppress_health_check=list(HealthCheck), max_examples=200)


def is_clear(error: PingOneError) -> bool:
    message = str(error)
    return 10 < len(message) < 1000 and message.isprintable()


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(STRINGS, TEXT)))
@settings(max_examples=500)
def test_any_option(options):
    try:
        Settings.from_options(options, {})
    except OptionError as error:
        assert is_clear(error)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*STRINGS, *NUMBERS], TEXT)))
@settings(max_examples=500)
def test_any_environment_variable(values):
    try:
        Settings.from_options({}, {ENVIRONMENT_VARIABLES[name]: value for name, value in values.items()})
    except OptionError as error:
        assert is_clear(error)


@pytest.mark.parametrize("option", STRINGS)
@pytest.mark.parametrize("value", NASTY)
def test_nasty_options(option, value):
    credentials = {"client_id": "id", "client_secret": "x", "auth_environment_id": ENVIRONMENT_ID}
    if option.startswith("private_key"):
        credentials = {**credentials, "private_key": "x", "client_auth_method": "private_key_jwt"}
    try:
        Settings.from_options({**credentials, option: value}, {})
    except OptionError as error:
        assert is_clear(error)


@given(
    picked=st.one_of(
        st.fixed_dictionaries({"environment_ids": st.lists(TEXT, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"name": TEXT}),
        st.fixed_dictionaries({"scim_filter": TEXT}),
    ),
    include=st.sets(st.sampled_from(INCLUDES)),
)
@example(picked={"name": 'a "quoted" \\\\ name'}, include=set())
@SHARED_SERVER
def test_any_pick(server, picked, include):
    server.otherwise = (200, {}, b'{"_embedded": {"environments": []}}')
    server.requests.clear()
    client = server.client(access_token="brought-along")
    try:
        assert read_environments(client, include=include, **picked) == []
    except PingOneError as error:
        assert is_clear(error)
    for request in server.requests:
        assert request.path == "/v1/environments"
        assert set(request.query) <= {"filter", "expand", "limit"}
        assert "X-Injected" not in request.headers
        if "name" in picked:
            (sent,) = request.query["filter"]
            assert json.loads(re.fullmatch("name sw (.*)", sent, re.DOTALL)[1]) == picked["name"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def read_one_and_all(server):
    """Read with all there is to include; each way gives a result that is JSON, or an error with a message."""
    client = server.client(access_token="brought-along")
    for picked in ({"environment_ids": [ENVIRONMENT_ID]}, {}):
        try:
            json.dumps(read_environments(client, include=INCLUDES, **picked))
        except PingOneError as error:
            assert str(error)


@given(
    answer=st.one_of(JSON.map(lambda document: json.dumps(document).encode()), st.binary()),
    status=st.sampled_from([200, 400, 403, 404, 599]),
)
@example(answer=b"[" * 100_000, status=200)
@SHARED_SERVER
def test_any_answer(server, answer, status):
    server.otherwise = (status, {}, answer)
    read_one_and_all(server)


@given(
    answer=st.fixed_dictionaries(
        {},
        optional={
            "id": JSON,
            "name": JSON,
            "_embedded": JSON,
            "_links": JSON,
            "billOfMaterials": JSON,
            "code": JSON,
            "details": JSON,
        },
    ),
    status=st.sampled_from([200, 400]),
)
@SHARED_SERVER
def test_any_environment(server, answer, status):
    server.otherwise = (status, {}, json.dumps({"id": ENVIRONMENT_ID, **answer}).encode())
    read_one_and_all(server)


@given(
    answer=st.fixed_dictionaries(
        {}, optional={"access_token": JSON, "token_type": JSON, "expires_in": JSON, "error": JSON}
    ),
    status=st.sampled_from([200, 400]),
)
@SHARED_SERVER
def test_any_token_answer(server, answer, status):
    server.otherwise = (status, {}, json.dumps(answer).encode())
    client = server.client()
    try:
        read_environments(client)
    except PingOneError as error:
        assert str(error)
