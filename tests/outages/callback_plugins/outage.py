# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the emulator, before each task, what to do wrong during it. In ansible-playbook itself this takes no time."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import urllib.request
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: outage
type: notification
short_description: Orders outages
description:
  - Gives the emulator the faults of each task, which are in the file that E(PINGONE_OUTAGES) names.
  - Forgets the tokens of the last task. Otherwise few tasks would ask for one.
requirements: []
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "outage"

    def __init__(self) -> None:
        super().__init__()
        orders = json.loads(Path(os.environ["PINGONE_OUTAGES"]).read_text(encoding="utf-8"))
        self._url = orders["url"]
        self._context = ssl.create_default_context(cafile=orders["ca_path"])
        self._faults = orders["faults"]

    def v2_playbook_on_task_start(self, task, is_conditional) -> None:
        shutil.rmtree(Path("~/.ansible/pingone_tokens").expanduser(), ignore_errors=True)
        try:
            self._send("DELETE")
            self._send("POST", self._faults.get(task.get_name(), []))
        except OSError as error:
            # Ansible makes a warning of all other exceptions, and goes on.
            raise SystemExit(f"The emulator takes no faults: {error}") from error

    def _send(self, method: str, document: object = None) -> None:
        body = json.dumps(document).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, context=self._context, timeout=10):
            pass
