# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets


@pytest.fixture
def secrets():
    secrets = Secrets()
    secrets.add('a b/c"\\ü1', "")
    return secrets


def test_every_form_in_every_place(secrets):
    document = {
        'a b/c"\\ü1': ['x a b/c"\\ü1 y', "a%20b%2Fc%22%5C%C3%BC1", "a+b%2Fc%22%5C%C3%BC1", 7, None, True],
        "k": {"k": "v"},
    }
    assert secrets.mask(document) == {
        "********": ["x ******** y", "********", "********", 7, None, True],
        "k": {"k": "v"},
    }


def test_a_secret_within_a_secret(secrets):
    secrets.add("abcdefgh", "abcdefghijkl")
    assert secrets.mask("abcdefghijkl") == "********"


def test_pieces_of_a_secret(secrets):
    secrets.add("0123456789abcdef")
    document = {"message": ["Bearer 0123456789ab... refused", "1234567", "9abcdef0123456789abcdef!"]}
    assert secrets.mask_pieces(document) == {"message": ["Bearer ********... refused", "1234567", "9abcdef********!"]}


def test_short_values_do_not_hide_messages(secrets):
    secrets.add("secret")
    assert secrets.mask("client_secret is wrong") == "client_secret is wrong"
