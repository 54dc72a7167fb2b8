# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases the version of galaxy.yml in a copy of the checkout, and looks at what would be published.

Nothing in the checkout changes but build/release, where the artifact is.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
#: All that belongs into the artifact. What is new in the checkout has to be named here or in galaxy.yml's build_ignore.
PUBLISHED = re.compile(
    r"(?:MANIFEST\.json|FILES\.json|README\.md|CHANGELOG\.rst|COPYING|requirements\.txt"
    r"|LICENSES/GPL-3\.0-or-later\.txt"
    r"|changelogs/(?:changelog|config)\.yaml"
    r"|docs/docsite/[\w-]+\.yml|docs/docsite/rst/\w+\.rst"
    r"|meta/[\w-]+\.yml"
    r"|playbooks/(?:tasks/)?\w+\.yml|playbooks/templates/[\w.]+\.j2"
    r"|playbooks/vars/(?:configuration|none|pingone\.example|sandbox|sandbox_passwords\.example)\.yml"
    r"|plugins/\w+/\w+\.py)"
)
#: Bytes. A collection of this kind has no reason to be larger.
SIZE_LIMIT = 512 * 1024
#: Which kinds of changes make which number of a version go up: https://semver.org
MAJOR = {"breaking_changes", "removed_features"}
MINOR = {"major_changes", "minor_changes", "deprecated_features"}


class NotReady(Exception):
    """This cannot be released."""


def main() -> int:
    try:
        with tempfile.TemporaryDirectory(prefix="pingone-release-") as folder:
            rehearse(Path(folder))
    except NotReady as error:
        print(f"Not ready for a release: {error}")
        return 1
    return 0


def rehearse(folder: Path) -> None:
    copy = folder / "ansible_collections/community/pingone"
    copy_checkout(copy)
    version = str(yaml.safe_load((copy / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    check_version(version, copy)

    run("antsibull-changelog", "lint", cwd=copy)
    run("antsibull-changelog", "release", "--version", version, cwd=copy)
    check_changelog(version, copy)

    built = folder / "built"
    run("ansible-galaxy", "collection", "build", "--output-path", built, cwd=copy)
    (artifact,) = built.iterdir()
    check_artifact(artifact, copy)
    check_installed(artifact, folder / "installed", copy)

    target = ROOT / "build/release"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(artifact, target)
    print(f"{version} can be released: {target / artifact.name} has {artifact.stat().st_size // 1024} KiB")


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    """Run a command and return what it said on its standard output."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environ}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise NotReady(f"{' '.join(map(str, command))} failed\n{done.stdout}")
    return done.stdout


def copy_checkout(target: Path) -> None:
    """Copy what is or would be committed, and no caches."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def numbers(version: str) -> list[int]:
    if not re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", version):
        raise NotReady(f"{version} is not a version of three numbers")
    return [int(number) for number in version.split(".")]


def check_version(version: str, copy: Path) -> None:
    """Check that the version goes up by what the fragments ask for."""
    released = read_releases(copy)
    if version in released:
        raise NotReady(f"{version} is released already: raise the version in galaxy.yml")
    kinds: set[str] = set()
    for fragment in (copy / "changelogs/fragments").glob("*.yml"):
        kinds |= set(yaml.safe_load(fragment.read_text(encoding="utf-8")))
    if not kinds:
        raise NotReady("there is no fragment in changelogs/fragments")
    latest = max((numbers(each) for each in released), default=[0, 0, 0])
    expected = next_version(latest, kinds)
    if numbers(version) < expected:
        least = ".".join(map(str, expected))
        raise NotReady(f"after {'.'.join(map(str, latest))} and with {', '.join(sorted(kinds))} comes {least}")


def next_version(latest: list[int], kinds: set[str]) -> list[int]:
    """Return the least version that says what changed; before 1.0.0, the second number stands for all but bug fixes."""
    major, minor, patch = latest
    if kinds & MAJOR and major:
        return [major + 1, 0, 0]
    if kinds & (MAJOR | MINOR):
        return [major, minor + 1, 0]
    return [major, minor, patch + 1]


def read_releases(copy: Path) -> dict[str, Any]:
    changelog = yaml.safe_load((copy / "changelogs/changelog.yaml").read_text(encoding="utf-8"))
    return dict(changelog["releases"])


def check_changelog(version: str, copy: Path) -> None:
    changes = read_releases(copy).get(version, {})
    if not changes.get("changes") and not changes.get("modules"):
        raise NotReady(f"changelogs/changelog.yaml has nothing of {version}")
    if f"\nv{version}\n" not in (copy / "CHANGELOG.rst").read_text(encoding="utf-8"):
        raise NotReady(f"CHANGELOG.rst has no section v{version}")
    if left := sorted(path.name for path in (copy / "changelogs/fragments").glob("*.yml")):
        raise NotReady(f"fragments are left: {', '.join(left)}")


def check_artifact(artifact: Path, copy: Path) -> None:
    """Check that the artifact has all that users need, and nothing else."""
    with tarfile.open(artifact) as archive:
        names = {member.name for member in archive if member.isfile()}
    if surplus := sorted(name for name in names if not PUBLISHED.fullmatch(name)):
        raise NotReady(f"the artifact has files that are not for users: {', '.join(surplus)}")
    needed = {
        str(path.relative_to(copy))
        for folder in ("plugins", "meta", "playbooks")
        for path in (copy / folder).rglob("*")
        if path.is_file()
    }
    if missing := sorted((needed | {"README.md", "CHANGELOG.rst", "COPYING", "requirements.txt"}) - names):
        raise NotReady(f"the artifact lacks {', '.join(missing)}")
    if artifact.stat().st_size > SIZE_LIMIT:
        raise NotReady(f"the artifact has {artifact.stat().st_size} bytes")


def check_installed(artifact: Path, folder: Path, copy: Path) -> None:
    """Check that Ansible finds each plugin in the artifact, and what a plugin needs beside it."""
    run("ansible-galaxy", "collection", "install", "--offline", "-p", folder, artifact, cwd=artifact.parent)
    for kind in ("modules", "inventory", "lookup"):
        names = [f"community.pingone.{path.stem}" for path in (copy / "plugins" / kind).glob("[!_]*.py")]
        if names:
            said = run(
                *("ansible-doc", "--json", "--type", kind.removesuffix("s"), *names),
                cwd=artifact.parent,
                ANSIBLE_COLLECTIONS_PATH=str(folder),
            )
            if json.loads(said).keys() != set(names):
                raise NotReady(f"ansible-doc does not find all of {', '.join(names)}")


if __name__ == "__main__":
    sys.exit(main())
