# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of this collection. ``make test`` runs all of them; ``.venv/bin/nox -l`` lists them."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions.collections import prepare_collections
from packaging.requirements import Requirement

ROOT = Path(__file__).parent
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# Pip chose for .venv the newest ansible-core that this Python can run.
ANSIBLE_CORE = importlib.metadata.version("ansible-core")

nox.needs_version = ">=2026.10.20"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
nox.options.sessions = [
    # The long ones first, so that none of them is left alone at the end.
    "hosts",
    "outages",
    "stories",
    "sanity",
    "integration",
    "readme",
    "docs-examples",
    "emulator",
    "units",
    "build-import-check",
    "ansible-lint",
    "docs-check",
    "typing",
    "codeqa",
    "formatters",
    "yamllint",
    "license-check",
    "extra-checks",
    "changelog",
    "requirements",
    "antsibull-nox-config",
]

# The tests have their own PingOne, whatever the shell has.
for variable in [name for name in os.environ if name.startswith("PINGONE_")]:
    del os.environ[variable]
os.environ["LC_ALL"] = "C.UTF-8"
# Some sessions ask ansible-galaxy, which they do not install.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

antsibull_nox.load_antsibull_nox_toml()


@contextlib.contextmanager
def shared_files_of_ansible_test(session: nox.Session) -> Iterator[None]:
    """Keep other sessions away from the virtual environments that all ansible-tests share, and do not lock."""
    folder = Path("~/.ansible/test").expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "community.pingone.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        session.run("python", ROOT / "tests/sanity/stand_ins.py")
        yield


def add_ansible_test(
    *command: str,
    name: str,
    release: str,
    python: str | None = None,
    description: str | None = None,
    default: bool = False,
) -> None:
    """Add a session for a command of ansible-test, without containers; antsibull-nox's own knows no pre-releases."""

    def run(session: nox.Session) -> None:
        session.install(f"ansible-core=={release}")
        collection = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
        if not collection:
            session.error("ansible-test needs an environment of its own.")
        makes_environments = command[0] == "sanity" or "--target-python" in command
        with session.chdir(collection.current_path):
            with shared_files_of_ansible_test(session) if makes_environments else contextlib.nullcontext():
                session.run("ansible-test", *command, "--requirements", *session.posargs)

    run.__doc__ = description
    nox.session(name=name, python=python, default=default)(run)


for command, description in {
    "sanity": "Run ansible-test's static checks, with no exceptions.",
    "units": "Run the unit tests.",
    "integration": "Run the modules and playbooks against the emulator.",
}.items():
    add_ansible_test(
        *(command, "--python", PYTHON), name=command, description=description, release=ANSIBLE_CORE, default=True
    )

# tests/matrix.py says which, for they depend on the package index and on the Pythons there are.
for session in json.loads(os.environ.get("COMMUNITY_PINGONE_MATRIX", "[]")):
    add_ansible_test(*session.pop("command"), **session)


def run_pytest(session: nox.Session, folder: str, *packages: str) -> None:
    """Install what the tests of a folder need and run them."""
    session.install("-r", f"{folder}/requirements.txt", *packages)
    # A cache in the checkout would be one more thing for other sessions to look at.
    session.run("python", "-m", "pytest", "-p", "no:cacheprovider", folder, *session.posargs)


@nox.session
def emulator(session: nox.Session) -> None:
    """Test the emulator and hold it against PingOne's published contract."""
    run_pytest(session, "tests/emulator_tests")


@nox.session
def outages(session: nox.Session) -> None:
    """Put playbooks through outages, and search what they say for secrets."""
    run_pytest(session, "tests/outages")


@nox.session
def hosts(session: nox.Session) -> None:
    """Run modules in the controller and in processes of their own, in all of Ansible's ways, and compare results."""
    run_pytest(session, "tests/hosts")


@nox.session
def stories(session: nox.Session) -> None:
    """Run the playbooks that tell whole stories, twice, and count what they change; list 10,000 users."""
    run_pytest(session, "tests/stories")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what reading costs, in several ways; takes some 20 minutes and rewrites docs/benchmark.md and .svg."""
    session.install("-r", "tests/benchmark/requirements.txt")
    session.run("python", "-m", "tests.benchmark", *session.posargs)


@nox.session
def readme(session: nox.Session) -> None:
    """Do what README.md says, and compare what it shows."""
    run_pytest(session, "tests/readme_tests", "nox", "antsibull-nox", "-r", "requirements.txt")


def build_docs(session: nox.Session, target: Path) -> None:
    """Make HTML of the guides and of what the plugins say of themselves. A link that leads nowhere is an error."""
    session.install("-r", "docs/requirements.txt", "-r", "requirements.txt")
    work = Path(session.create_tmp())
    collections, sources = work / "collections", work / "rst"
    for folder in (collections, sources, target):
        shutil.rmtree(folder, ignore_errors=True)
    (collections / "ansible_collections/community").mkdir(parents=True)
    (collections / "ansible_collections/community/pingone").symlink_to(Path.cwd())
    # antsibull-docs refuses a folder that others can write to.
    sources.mkdir(mode=0o700)
    session.run(
        *("antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"),
        *("--dest-dir", str(sources), "community.pingone"),
        env={"ANSIBLE_COLLECTIONS_PATH": str(collections)},
    )
    shutil.copy("docs/benchmark.svg", sources / "docsite")
    session.run("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", "-c", "docs", str(sources), str(target))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site in build/docs."""
    build_docs(session, Path("build/docs"))
    session.log(f"The site is {Path('build/docs/index.html').absolute()}")


@nox.session(name="docs-examples")
def docs_examples(session: nox.Session) -> None:
    """Build the documentation site, follow its links, and do what its guides say."""
    site = Path(session.create_tmp(), "site").absolute()
    build_docs(session, site)
    session.env["DOCS_SITE"] = str(site)
    run_pytest(session, "tests/docs_tests")


@nox.session
def release(session: nox.Session) -> None:
    """Rehearse the release of galaxy.yml's version in a copy, and leave its artifact in build/release."""
    session.install("-r", "tests/release/requirements.txt", "-r", "requirements.txt")
    session.run("python", "-m", "tests.release", *session.posargs)


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    session.install("antsibull-changelog")
    session.run("antsibull-changelog", "lint")
    session.run("antsibull-changelog", "lint-changelog-yaml", "--no-semantic-versioning", "changelogs/changelog.yaml")


def read_requirements(path: str) -> set[Requirement]:
    """Return the requirements that a file has itself."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines())
    return {Requirement(line) for line in lines if line}


@nox.session(python=False)
def requirements(session: nox.Session) -> None:
    """Check that requirements files which must repeat others agree with them."""
    # The latter only for private_key_jwt, and so not for everybody.
    runtime = read_requirements("requirements.txt") | {Requirement("PyJWT[crypto]>=2.8")}
    copies = {
        "tests/unit/requirements.txt": runtime,
        "tests/integration/requirements.txt": runtime | read_requirements("tests/emulator/requirements.txt"),
    }
    for path, expected in copies.items():
        if missing := expected - read_requirements(path):
            session.error(f"{path} lacks {', '.join(sorted(map(str, missing)))}")
