# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the result of each task into a file, with the requests that it made of the emulator."""

from __future__ import annotations

import json
import os

import requests
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: traffic
type: notification
short_description: Records results and requests
description:
  - Writes each task's name, whether it failed, its result and the requests that the emulator got meanwhile, as a line
    of JSON into the file that E(TRAFFIC_RECORDING) names.
requirements: []
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "traffic"

    def __init__(self) -> None:
        super().__init__()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = os.environ["PINGONE_CA_PATH"]

    def _requests(self) -> list[dict]:
        """Return what came in since the last time; Ansible begins the next task after this one's callbacks."""
        url = f"{os.environ['PINGONE_AUTH_URL']}/emulator/requests"
        found = self._session.get(url, timeout=10).json()
        self._session.delete(url, timeout=10).raise_for_status()
        return found

    def _record(self, result, failed: bool) -> None:
        if hasattr(result, "task"):  # ansible-core 2.19 and newer
            task, content = result.task, result.result
        else:
            task, content = result._task, result._result
        line = {"task": task.get_name(), "failed": failed, "result": content, "requests": self._requests()}
        with open(os.environ["TRAFFIC_RECORDING"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result) -> None:
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result, ignore_errors=False) -> None:
        self._record(result, failed=True)
