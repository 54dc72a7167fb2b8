# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten thousand users, and the memory that listing them takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.emulator_tests.conftest import ROOT, Emulator
from tests.plays import credentials

#: Reads users in one way, and prints how many there were, how much memory that took at the most, and what the objects
#: of one of them take, with those that a page has in common.
READ = """
import json, os, sys, tracemalloc
from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._place import place_of
from ansible_collections.community.pingone.plugins.module_utils._resource import read_resources
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings

def begin():
    tracemalloc.reset_peak()
    return tracemalloc.get_traced_memory()[0]

environment_id, way, limit = sys.argv[1:]
client = Client(Settings.from_options({}, os.environ), Secrets(), print)
place = place_of("users", environment_id)
tracemalloc.start()
# What is needed once: a token, a connection, code.
page = json.dumps(read_resources(client, place, params={}, limit=200))
before = begin()
users = json.loads(page)
user = (tracemalloc.get_traced_memory()[0] - before) / 200
del users
before = begin()
if way == "one by one":
    count = sum(1 for user_ in client.items(*place.path))
else:
    users = read_resources(client, place, params={}, limit=int(limit) or None)
    count = len(users)
print(json.dumps({"count": count, "peak": tracemalloc.get_traced_memory()[1] - before, "user": user}))
"""


@pytest.fixture(scope="module")
def emulator(start) -> Emulator:
    return start("--users", "10000")


@pytest.fixture(scope="module")
def read(emulator, tmp_path_factory):
    """Return a function that reads users in a process of its own."""
    collections = tmp_path_factory.mktemp("collections")
    (collections / "ansible_collections/community").mkdir(parents=True)
    (collections / "ansible_collections/community/pingone").symlink_to(ROOT)
    environment_id = emulator.environments["Fjordkaffe Customers"]

    def read(way: str, limit: int = 0) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", READ, environment_id, way, str(limit)],
            env={"PYTHONPATH": str(collections), "HOME": str(Path("/")), **credentials(emulator, "admin")},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return read


def test_users_in_a_list_take_what_they_are_and_no_more(read):
    some, all_of_them = read("list", 1000), read("list")
    assert (some["count"], all_of_them["count"]) == (1000, 10_000)
    # Neither links nor the pages that they came in.
    assert (all_of_them["peak"] - some["peak"]) / 9000 < 1.2 * all_of_them["user"]


def test_few_users_of_many_take_less_than_a_page(read):
    few, page = read("list", 100), read("list", 200)
    assert (few["count"], page["count"]) == (100, 200)
    assert few["peak"] < page["peak"]


def test_users_one_by_one_take_the_memory_of_pages(read):
    page, passed = read("list", 200), read("one by one")
    assert passed["count"] == 10_000
    assert passed["peak"] < 2 * page["peak"]
