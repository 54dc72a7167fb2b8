# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The physical limit: what a script does that knows nothing but Requests.

``python _bare.py read IDS_FILE`` reads environments one by one, ``python _bare.py list PATH`` all of a collection.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import requests

session = requests.Session()
session.verify = os.environ["PINGONE_CA_PATH"]
session.trust_env = False
token = session.post(
    f"{os.environ['PINGONE_AUTH_URL']}/{os.environ['PINGONE_ENVIRONMENT_ID']}/as/token",
    auth=(os.environ["PINGONE_CLIENT_ID"], os.environ["PINGONE_CLIENT_SECRET"]),
    data={"grant_type": "client_credentials"},
    timeout=30,
).json()["access_token"]
session.headers["Authorization"] = f"Bearer {token}"
api = os.environ["PINGONE_API_URL"]
job, argument = sys.argv[1:]
if job == "read":
    for environment_id in json.loads(Path(argument).read_text(encoding="utf-8"))["ids"]:
        assert session.get(f"{api}/environments/{environment_id}", timeout=30).json()["id"] == environment_id
else:
    found = []
    url = f"{api}/{argument}"
    while url:
        page = session.get(url, timeout=30).json()
        found += next(iter(page["_embedded"].values()))
        url = page["_links"].get("next", {}).get("href")
    assert found
