# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.docs_tests.reader import Reader
from tests.emulator_tests.conftest import ROOT, Emulator, emulator, start
from tests.plays import endpoints

__all__ = ["emulator", "start"]


@pytest.fixture(scope="session")
def collections(tmp_path_factory) -> Path:
    """A folder with this collection, as ansible-galaxy would make it."""
    folder = tmp_path_factory.mktemp("collections")
    (folder / "ansible_collections/community").mkdir(parents=True)
    (folder / "ansible_collections/community/pingone").symlink_to(ROOT)
    return folder


def _person(home: Path, emulator: Emulator, collections: Path, key: str, environment: str) -> Reader:
    """A person with an empty home folder, whose PingOne is an emulator, with the credentials of one of its workers.

    :arg environment: the name of the one that the person speaks of.
    """
    foreign = ("PINGONE_", "ANSIBLE_", "MAKE", "MFLAGS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    home.mkdir(mode=0o700)
    worker = emulator.applications[key]
    return Reader(
        home,
        {
            **kept,
            **endpoints(emulator),
            "HOME": str(home),
            "NO_PROXY": "127.0.0.1",
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PAGER": "cat",
            "EDITOR": f"cp {ROOT / 'playbooks/vars/pingone.example.yml'}",
        },
        {
            "AUTH_ENVIRONMENT_ID": worker["environment_id"],
            "CLIENT_ID": worker["client_id"],
            "CLIENT_SECRET": worker["client_secret"],
            "ENVIRONMENT_ID": emulator.environments[environment],
            "OTHER_ENVIRONMENT_ID": emulator.environments["Workforce QA"],
        },
    )


@pytest.fixture
def reader(tmp_path, emulator, collections) -> Reader:
    """A person who reads."""
    return _person(tmp_path / "home", emulator, collections, "default", "Workforce")


@pytest.fixture
def administrator(tmp_path, start, collections) -> Reader:
    """A person who may do everything, with an emulator of their own."""
    return _person(tmp_path / "home", start("--admin"), collections, "admin", "Fjordkaffe Customers Dev")


@pytest.fixture(scope="session")
def site() -> Path:
    """The site that the session docs-examples built before."""
    return Path(os.environ["DOCS_SITE"])
