# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError
from ansible_collections.community.pingone.plugins.module_utils._place import place_of

from .conftest import ENVIRONMENT_ID, OTHER_ID


@pytest.mark.parametrize(
    ("path", "resource_id", "segments", "kind"),
    [
        ("populations", None, ("environments", ENVIRONMENT_ID, "populations"), "populations"),
        (
            f"users/{OTHER_ID}/roleAssignments",
            "x",
            ("environments", ENVIRONMENT_ID, "users", OTHER_ID, "roleAssignments", "x"),
            "users/roleAssignments/x",
        ),
        (
            "templates/welcome/contents/",
            None,
            ("environments", ENVIRONMENT_ID, "templates", "welcome", "contents"),
            None,
        ),
        (
            "propagation/revisions/id:latest",
            None,
            ("environments", ENVIRONMENT_ID, "propagation", "revisions", "id:latest"),
            None,
        ),
        ("/organizations", None, ("organizations",), "organizations"),
        (
            f"/organizations/{OTHER_ID}/licenses",
            None,
            ("organizations", OTHER_ID, "licenses"),
            "organizations/licenses",
        ),
        ("/environments", None, ("environments",), "environments"),
        ("/environments", OTHER_ID, ("environments", OTHER_ID), "environments"),
        (f"/environments/{OTHER_ID}/populations", None, ("environments", OTHER_ID, "populations"), "populations"),
    ],
)
def test_paths(path, resource_id, segments, kind):
    place = place_of(path, ENVIRONMENT_ID, resource_id)
    assert place.path == segments
    assert kind is None or place.kind == kind
    assert str(place) == "/".join(segments)


def test_outside_of_environments_none_is_needed():
    assert place_of("/roles", None).path == ("roles",)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "not a path"),
        ("/", "not a path"),
        ("users//password", "not a path"),
        ("users/../../organizations", "not a path"),
        ("users/./password", "not a path"),
        ("users/{id}/password", "not a path"),
        ("users/{{ id }}/password", "not a path"),
        ("users?filter=x", "not a path"),
        ("users#x", "not a path"),
        ("users/a b", "not a path"),
        ("users\\x", "not a path"),
        ("users\n", "not a path"),
        ("https://api.pingone.eu/v1/environments", "has the address"),
        ("/v1/environments", "has the address"),
        ("x" * 10_000, "longer than"),
        ("\ud800", "no Unicode"),
    ],
)
def test_wrong_paths(path, why):
    with pytest.raises(OptionError, match=why):
        place_of(path, ENVIRONMENT_ID)


@pytest.mark.parametrize("resource_id", ["", "a/b", "..", ".", "a b", "a?b", "{id}"])
def test_wrong_ids(resource_id):
    with pytest.raises(OptionError, match="resource_id"):
        place_of("users", ENVIRONMENT_ID, resource_id)


@pytest.mark.parametrize(("environment_id", "why"), [(None, "is missing"), ("", "is missing"), ("mine", "not a UUID")])
def test_wrong_environments(environment_id, why):
    with pytest.raises(OptionError, match=why):
        place_of("users", environment_id)
