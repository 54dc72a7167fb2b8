# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.community.pingone.plugins.module_utils._errors import PingOneError
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets


def test_a_message_has_what_why_facts_and_next_step():
    error = PingOneError("It failed", "Because.", "Mend it.", status=400, code="X", correlation_id="c")
    assert str(error) == "It failed: Because (HTTP 400, X, correlation id c). Mend it."


def test_a_message_without_the_rest():
    assert str(PingOneError("It failed")) == "It failed."
    assert PingOneError("It failed").to_result() == {
        "msg": "It failed.",
        "status": None,
        "code": None,
        "details": [],
        "correlation_id": None,
    }


def test_secrets_are_known_in_the_forms_in_which_a_server_could_send_them_back():
    secrets = Secrets()
    secrets.add("a b/c", "")
    assert secrets.values == {"a b/c", "a%20b%2Fc", "a+b%2Fc"}
