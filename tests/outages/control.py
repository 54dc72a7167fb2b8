# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells an emulator what to do wrong: ``python control.py CONTROL_URL CA_FILE FAULTS_FILE``. Runs between two tasks.

It forgets the tokens of the last task: otherwise few tasks would ask for one.
"""

from __future__ import annotations

import shutil
import ssl
import sys
import urllib.request
from pathlib import Path


def main(url: str, ca_file: str, faults_file: str) -> None:
    shutil.rmtree(Path("~/.ansible/pingone_tokens").expanduser(), ignore_errors=True)
    context = ssl.create_default_context(cafile=ca_file)
    for method, body in (("DELETE", None), ("POST", Path(faults_file).read_bytes())):
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, context=context, timeout=10):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
