# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test with each release line of ansible-core that this collection supports.

Which lines there are says the package index, which Pythons they run on says antsibull-nox. The module code is also
tested on the oldest and on the newest Python that it supports.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from antsibull_nox.ansible import get_ansible_core_info
from antsibull_nox.utils import Version
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Release

from tests.gates import ROOT, run_sessions

#: Fails where a Python lacks what virtual environments are made with, as those of distributions may.
PROBE = "import ensurepip, sys, venv; print(sys.version_info[0], sys.version_info[1], sep='.'); print(sys.executable)"


@dataclass(frozen=True)
class Cell:
    """A session of noxfile.py."""

    name: str
    release: str
    #: The path of the interpreter.
    python: str
    command: list[str]


def read_range(file: str, *keys: str) -> SpecifierSet:
    """Return the range of versions that a file of this collection has at these keys."""
    value = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    for key in keys:
        value = value[key]
    return SpecifierSet(value, prereleases=True)


def find_releases() -> dict[Version, str]:
    """Return the newest release of each line, which is a pre-release only where there is nothing else."""
    # For a Python of the future, because pip hides what the given one is too old for.
    command = [sys.executable, "-m", "pip", "index", "versions", "ansible-core", "--pre", "--python-version", "3.99"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    listed = re.search(r"^Available versions: (.*)$", done.stdout, re.MULTILINE)
    if not listed:
        sys.exit(f"matrix: the package index does not say which releases of ansible-core there are.\n{done.stderr}")
    supported = read_range("meta/runtime.yml", "requires_ansible").filter(map(Release, listed[1].split(", ")))
    releases = sorted(supported, key=lambda release: (not release.is_prerelease, release))
    return {Version(release.major, release.minor): str(release) for release in releases}


def find_interpreters() -> dict[Version, str]:
    """Return the Pythons that work; a version manager's shims on PATH may not."""
    folders = [Path(sys.base_prefix, "bin"), *map(Path, os.get_exec_path())]
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        folders += Path(root, "versions").glob("*/bin")
    found: dict[Version, str] = {}
    for folder in folders:
        for file in folder.glob("python3.*"):
            if not re.fullmatch(r"python3\.\d+", file.name) or Version.parse(file.name[6:]) in found:
                continue
            done = subprocess.run([file, "-I", "-c", PROBE], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                version, executable = done.stdout.splitlines()
                found.setdefault(Version.parse(version), executable)
    return found


def say(versions: list[Version]) -> str:
    return f"Python {', '.join(map(str, versions))}"


class Plan:
    """What can be run, and what cannot."""

    def __init__(self, releases: dict[Version, str], interpreters: dict[Version, str], wanted: list[str]) -> None:
        self.interpreters = interpreters
        self.cells: list[Cell] = []
        #: What is run and what is not, in words.
        self.runs: list[str] = []
        self.lacks: list[str] = []
        #: The folders with the Pythons that ansible-test has to find on PATH.
        self.path: list[str] = []
        controllers: dict[Version, Version] = {}
        for line, release in sorted(releases.items()):
            if wanted and str(line) not in wanted:
                continue
            supported = get_ansible_core_info(line).controller_python_versions
            usable = [version for version in supported if version in interpreters]
            if not usable:
                self.lacks.append(f"{release} (none of {say(list(supported))} found)")
                continue
            # Across the lines both ends are tested.
            controllers[line] = usable[-1] if line == max(releases) else usable[0]
            self.add_line(line, release, controllers[line])
        self.add_modules(releases, controllers)

    def add_line(self, line: Version, release: str, python: Version) -> None:
        self.runs.append(f"{release} ({say([python])})")
        # In this order, so that one session has what ansible-test shares while another does without.
        for command in ("sanity", "units", "integration"):
            arguments = [command, "--python", str(python)]
            self.cells.append(Cell(f"{line}-{command}", release, self.interpreters[python], arguments))

    def add_modules(self, releases: dict[Version, str], controllers: dict[Version, Version]) -> None:
        """Test what runs on hosts with the oldest and newest Pythons there, unless a controller has them."""
        lines = {
            version: line
            for line in sorted(controllers)
            for version in get_ansible_core_info(line).remote_python_versions
            if str(version) in read_range("tests/config.yml", "modules", "python_requires")
        }
        found = sorted(lines.keys() & self.interpreters.keys())
        if beyond := [version for version in sorted(lines) if not found or not found[0] <= version <= found[-1]]:
            self.lacks.append(f"modules on {say(beyond)} (not found)")
        for python in sorted({*found[:1], *found[-1:]} - set(controllers.values())):
            line = lines[python]
            self.runs.append(f"modules on {say([python])}")
            self.path.append(str(Path(self.interpreters[python]).parent))
            commands = {
                "units": ["--target-python", f"venv/{python}"],
                "sanity": ["--python", str(python), "--test", "import", "--test", "compile"],
            }
            for command, options in commands.items():
                name = f"{line}-modules-{python}-{command}"
                controller = self.interpreters[controllers[line]]
                self.cells.append(Cell(name, releases[line], controller, [command, *options]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make matrix", description=__doc__)
    parser.add_argument("lines", nargs="*", help="release lines such as 2.19; all, unless some are named")
    wanted = parser.parse_args().lines
    try:
        plan = Plan(find_releases(), find_interpreters(), wanted)
    except ValueError as error:
        sys.exit(f"matrix: {error} in antsibull-nox: remove .venv to get its newest release.")
    passed = failed = 0
    if plan.cells:
        passed, failed = run_sessions(
            *("--sessions", *(cell.name for cell in plan.cells)),
            COMMUNITY_PINGONE_MATRIX=json.dumps([asdict(cell) for cell in plan.cells]),
            PATH=os.pathsep.join([*plan.path, os.environ["PATH"]]),
        )
    summary = f"matrix: {', '.join(plan.runs) or 'nothing'}: {passed} passed, {failed} failed"
    print(f"{summary}; not run: {', '.join(plan.lacks) or 'nothing'}", flush=True)
    return int(failed > 0 or not passed)


if __name__ == "__main__":
    sys.exit(main())
