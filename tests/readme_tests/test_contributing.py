# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds CONTRIBUTING.md and what it is about together."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap

import pytest
import yaml

from tests.emulator_tests.conftest import ROOT
from tests.release.__main__ import next_version

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_sessions():
    nox = [sys.executable, "-m", "nox", "--noxfile", ROOT / "noxfile.py", "--list-sessions", "--json"]
    known = {each["session"] for each in json.loads(subprocess.run(nox, stdout=subprocess.PIPE, check=True).stdout)}
    (table,) = re.findall(r"\n\| session .*\n\|[-|]+\n((?:\|.*\n)+)", CONTRIBUTING)
    named = {name for row in table.splitlines() for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}
    typed = set(re.findall(r"^\$ \.venv/bin/nox (?:-R )?-s ([\w-]+)", CONTRIBUTING, re.MULTILINE))
    assert typed and named
    # Sessions that only run when asked for are listed, too.
    sources = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    others = set(re.findall(r"^@nox\.session(?:\(.*\))?\ndef (\w+)", sources, re.MULTILINE))
    assert named | typed <= known | others


def test_fragment_is_one_that_the_changelog_takes():
    (example,) = re.findall(r"```yaml\n(.*?)```", CONTRIBUTING, re.DOTALL)
    config = yaml.safe_load((ROOT / "changelogs/config.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(textwrap.dedent(example)).keys() <= {name for name, _title in config["sections"]}


@pytest.mark.parametrize(
    ("latest", "kinds", "expected"),
    [
        ([0, 1, 0], {"bugfixes"}, [0, 1, 1]),
        ([0, 1, 1], {"bugfixes", "minor_changes"}, [0, 2, 0]),
        ([0, 1, 1], {"breaking_changes"}, [0, 2, 0]),
        ([1, 1, 1], {"breaking_changes", "bugfixes"}, [2, 0, 0]),
        ([1, 1, 1], {"major_changes"}, [1, 2, 0]),
        ([1, 1, 1], {"security_fixes"}, [1, 1, 2]),
    ],
)
def test_versions(latest, kinds, expected):
    assert next_version(latest, kinds) == expected


def test_checklists_name_what_there_is():
    text = (ROOT / "docs/checklists.md").read_text(encoding="utf-8")
    rows = [
        row.strip("|").split("|") for row in re.findall(r"^\| .*", text, re.MULTILINE) if not row.startswith("| item")
    ]
    assert len(rows) > 40
    sessions = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    for item, verdict, where in rows:
        assert re.fullmatch(r" (met|met, .+|not yet|no|does not apply) ", verdict), item
        for path in re.findall(r"`([\w.-]+/[\w./-]+|[\w.-]+\.\w+)`", where):
            assert (ROOT / path).exists(), f"{item}: {path}"
        for name in re.findall(r"sessions? `([\w-]+)`", where):
            assert f'"{name}"' in sessions or f"def {name}(" in sessions, f"{item}: {name}"
        assert where.strip()
