# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.community.pingone.plugins.module_utils._errors import PingOneError


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
