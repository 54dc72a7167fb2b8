# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every session of noxfile.py, some at a time, and count how they ended."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".nox"
REPORT = ENVIRONMENTS / "report.json"
#: Says what the environments of the sessions were made of when all of them were complete.
COMPLETE = ENVIRONMENTS / "complete"
#: How many sessions run at a time: one more than there are processors, because each of them waits now and then.
PARALLEL = (os.cpu_count() or 1) + 1


def describe_environments() -> str:
    """Return a digest of what decides on the packages of the sessions."""
    digest = hashlib.sha256(f"{ROOT} {sys.version}".encode())
    for pattern in (
        "noxfile.py",
        "antsibull-nox.toml",
        "requirements.txt",
        "docs/requirements.txt",
        "tests/**/requirements.txt",
    ):
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def checkout() -> Iterator[Path]:
    """Give the folder to check: a copy where there is no Git to tell our files from those of .venv and .nox."""
    git = shutil.which("git")
    if git and subprocess.run([git, "rev-parse"], cwd=ROOT, capture_output=True, check=False).returncode == 0:
        yield ROOT
        return
    with tempfile.TemporaryDirectory(prefix="community-pingone-") as folder:
        copy = Path(folder, "checkout")
        made = shutil.ignore_patterns(".venv", ".nox", ".*_cache", "__pycache__", "build", "output")
        shutil.copytree(ROOT, copy, ignore=made)
        yield copy


def run_sessions(*options: str, **variables: str) -> tuple[int, int]:
    """Run the sessions that the options choose, some at a time, and return how many passed and how many failed."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    command = [sys.executable, "-m", "nox", "--envdir", str(ENVIRONMENTS), "--report", str(REPORT)]
    command += ["--parallel", str(PARALLEL), "--allow-parallel", *options]
    environment = os.environ | {
        "CI": "true",  # the formatters check and change nothing
        "PIP_QUIET": "2",
        # No session meets what another leaves behind.
        "PYTHONDONTWRITEBYTECODE": "1",
        "RUFF_CACHE_DIR": str(ENVIRONMENTS / ".ruff_cache"),
        **variables,
    }
    with checkout() as folder:
        status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    try:
        results = [session["result"] for session in json.loads(REPORT.read_text(encoding="utf-8"))["sessions"]]
    except OSError:
        results = []
    passed = results.count("success")
    # Nox itself may fail, and to have run nothing is no success.
    return passed, max(len(results) - passed, int(status != 0 or not passed))


def main() -> int:
    environments = describe_environments()
    complete = COMPLETE.exists() and COMPLETE.read_text(encoding="utf-8") == environments
    passed, failed = run_sessions(*(["--no-install"] if complete else []))
    if not failed:
        COMPLETE.write_text(environments, encoding="utf-8")
    print(f"{passed} passed, {failed} failed", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
