# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes each result of a module of the collection, as callbacks get it, into a file."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: notification
short_description: Records results
description:
  - Writes each result of a module of the collection as a line of JSON into the file that E(PINGONE_RECORDING) names.
requirements: []
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorder"

    def _record(self, event: str, result) -> None:
        if hasattr(result, "task"):  # ansible-core 2.19 and newer
            task, content = result.task, result.result
        else:
            task, content = result._task, result._result
        if task.resolved_action.startswith("community.pingone.") and "results" not in content:
            line = {"event": event, "task": task.get_name(), "result": content}
            with open(os.environ["PINGONE_RECORDING"], "a", encoding="utf-8") as file:
                file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False) -> None:
        self._record("failed", result)

    def v2_runner_item_on_ok(self, result) -> None:
        self._record("ok", result)

    def v2_runner_item_on_failed(self, result) -> None:
        self._record("failed", result)
