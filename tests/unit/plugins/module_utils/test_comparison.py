# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.community.pingone.plugins.module_utils._comparison import (
    is_same,
    laid_over,
    value_at,
    without,
    without_links,
)
from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError
from hypothesis import given
from hypothesis import strategies as st

MFA = {"id": "1", "type": "PING_ONE_MFA", "console": {"href": "https://mfa"}}
RISK = {"id": "2", "type": "PING_ONE_RISK"}


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"name": "x"},
        {"nested": {"a": 1}},
        {"nested": {"a": "1"}},
        {"number": "3600", "flag": "True"},
        {"flag": "true"},
        {"ratio": 2},
        {"texts": ["b", "a"]},
        {"products": [{"type": "PING_ONE_RISK"}, {"type": "PING_ONE_MFA"}]},
        {
            "products": [
                {"type": "PING_ONE_MFA", "console": {"href": "https://mfa"}},
                {"id": "2", "type": "PING_ONE_RISK"},
            ]
        },
        {"missing": None, "nested": {"missing": None}},
        {"missing": [], "other": {}},
    ],
)
@pytest.mark.parametrize("by_key", [False, True])
def test_what_is_so_already(wanted, by_key):
    current = {
        "name": "x",
        "nested": {"a": 1, "b": 2},
        "number": 3600,
        "flag": True,
        "ratio": 2.0,
        "texts": ["a", "b"],
        "products": [MFA, RISK],
    }
    before = copy.deepcopy(current)
    assert laid_over(current, wanted, by_key=by_key) == before
    assert current == before


@pytest.mark.parametrize(
    ("current", "wanted", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": None}, {}),
        ({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}),
        ({"a": ["x"]}, {"a": []}, {"a": []}),
        ({"a": {"b": 1}}, {"a": {"b": True}}, {"a": {"b": True}}),
        (
            {"a": [{"b": 1, "c": 2}, {"b": 1}]},
            {"a": [{"b": 1}, {"c": 2}, {"b": 3}]},
            {"a": [{"b": 1}, {"b": 1, "c": 2}, {"b": 3}]},
        ),
        ({"a": 0}, {"a": False}, {"a": False}),
        ({"a": "1"}, {"a": 1}, {"a": 1}),
        ({}, {"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 1}]}}),
        ({"a": ["x", "y"]}, {"a": ["y", "z"]}, {"a": ["y", "z"]}),
        ({"a": ["x"]}, {"a": ["x", "x"]}, {"a": ["x", "x"]}),
        # The items that stay keep what is not named; the others go.
        ({"a": [MFA, RISK]}, {"a": [{"type": "PING_ONE_MFA"}]}, {"a": [MFA]}),
        (
            {"a": [MFA, RISK]},
            {"a": [{"type": "PING_ONE_RISK", "tags": ["t"]}, {"type": "PING_ID"}]},
            {"a": [{**RISK, "tags": ["t"]}, {"type": "PING_ID"}]},
        ),
        # Without a key, what is there already is found by what it looks like.
        (
            {"a": [{"b": {"c": 1, "d": 2}}]},
            {"a": [{"b": {"c": 1}}, {"b": {"c": 3}}]},
            {"a": [{"b": {"c": 1, "d": 2}}, {"b": {"c": 3}}]},
        ),
    ],
)
def test_what_changes(current, wanted, result):
    assert is_same(laid_over(current, wanted), result)


def test_objects_without_a_key_are_found_by_what_they_look_like():
    current = {"unnamed": [{"a": {"b": 1, "d": 4}}, {"a": {"c": 3}}]}
    assert laid_over(current, {"unnamed": [{"a": {"c": 3}}, {"a": {"b": 1}}]}) == current


def test_by_key_lets_the_others_stay():
    current = {"products": [MFA, RISK]}
    wanted = {"products": [{"type": "PING_ONE_RISK", "tags": ["t"]}, {"type": "PING_ID"}]}
    result = laid_over(current, wanted, by_key=True)
    assert sorted(result["products"], key=lambda product: product["type"]) == [
        {"type": "PING_ID"},
        MFA,
        {**RISK, "tags": ["t"]},
    ]
    assert laid_over({"texts": ["a"]}, {"texts": ["b"]}, by_key=True) == {"texts": ["b"]}


def test_by_key_needs_a_key():
    wanted = {"rules": [{"deep": [{"type": "A"}, {"type": "A"}]}]}
    with pytest.raises(OptionError, match=r"body\.rules cannot be laid over by key.*lists: whole"):
        laid_over({}, wanted, by_key=True)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=3), documents, max_size=4)


@given(objects, objects)
def test_what_was_laid_over_has_nothing_left_to_change(current, wanted):
    once = laid_over(current, wanted)
    assert is_same(laid_over(once, wanted), once)


@given(objects)
def test_nothing_wanted_changes_nothing(current):
    assert is_same(laid_over(current, {}), current)


def test_without():
    document = {"a": 1, "b": {"c": 2, "d": 3}, "e": "x"}
    assert without(document, ["a", "b.c", "e.f", "g.h", "i"]) == {"b": {"d": 3}, "e": "x"}
    assert document["b"] == {"c": 2, "d": 3}


def test_without_links():
    assert without_links({"_links": {}, "a": [{"_links": {}, "b": 1}]}) == {"a": [{"b": 1}]}


def test_value_at():
    assert value_at({"role": {"id": "x"}}, "role.id") == "x"
    assert value_at({"role": "x"}, "role.id") is None
    assert value_at({}, "role.id") is None
