# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does what README.md says, in its order, as a person at a keyboard would."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
import yaml
from joserfc.jwk import RSAKey

from tests.emulator_tests.conftest import ROOT, Emulator

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
MODULE = "community.pingone.pingone_environment_info"
#: Commands that have tests of their own, or are too long for one.
SHOWN = ("make demo", "make test", "make matrix", "make bench")


def block(kind: str, beginning: str) -> str:
    (found,) = [text for block_kind, text in BLOCKS if block_kind == kind and text.startswith(beginning)]
    return found


def commands() -> list[str]:
    lines = [line for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]
    return [
        line[2:] for line in lines if line.startswith("$ ") and line[2:] not in SHOWN and "make emulator" not in line
    ]


def tables(header: str) -> list[list[str]]:
    """Return the cells of the table whose header line begins so."""
    (rows,) = re.findall(rf"^\| {re.escape(header)}.*\n\|[-|]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


@pytest.fixture(scope="module")
def environ() -> dict[str, str]:
    # Nor would a person's make know of the one that runs the tests.
    foreign = ("PINGONE_", "ANSIBLE_", "MAKE", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "ANSIBLE_NOCOLOR": "1", "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def home(tmp_path_factory, emulator: Emulator, environ) -> Path:
    """A checkout, a home folder and an editor that fills in the credentials."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(
        ROOT, home / "checkout", ignore=shutil.ignore_patterns(".git", ".venv", ".nox", ".*_cache", "output")
    )
    worker = emulator.applications["default"]
    (home / "credentials").write_text(
        yaml.safe_dump(
            {
                "pingone_client_id": worker["client_id"],
                "pingone_client_secret": worker["client_secret"],
                "pingone_auth_environment_id": worker["environment_id"],
                "pingone_region": "EU",
            }
        ),
        encoding="utf-8",
    )
    environ.update(
        HOME=str(home),
        EDITOR=f"cp {home / 'credentials'}",
        PINGONE_AUTH_URL=emulator.auth_url,
        PINGONE_API_URL=emulator.api_url,
        PINGONE_CA_PATH=emulator.ca_path,
    )
    environ.pop("ANSIBLE_COLLECTIONS_PATH", None)
    return home


def type_in(command: str, home: Path, environ: dict[str, str]) -> str:
    """Run a command line in a terminal, answer its prompts for a password, and return what it showed."""
    terminal = pexpect.spawn(
        "/bin/bash", ["-c", command], cwd=str(home / "checkout"), env=environ, timeout=120, encoding="utf-8"
    )
    shown = ""
    while terminal.expect([r"(?i)password[^\n]*: ?", pexpect.EOF]) == 0:
        shown += terminal.before
        terminal.sendline("a password")
    shown += terminal.before
    assert terminal.wait() == 0, shown
    return shown


def test_demo(environ):
    done = subprocess.run(["make", "demo"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    assert f"$ make demo\n{done.stdout}" == block("console", "$ make demo")


def test_number_of_checks():
    (said,) = re.findall(r"\n(\d+) passed, 0 failed\n", block("console", "$ make test"))
    nox = [sys.executable, "-m", "nox", "--noxfile", ROOT / "noxfile.py", "--list", "--json"]
    sessions = json.loads(subprocess.run(nox, stdout=subprocess.PIPE, text=True, check=True).stdout)
    assert int(said) == len(sessions)


def test_bench(environ, tmp_path):
    """In a small way; the report has all that the long one has."""
    small = "--rounds 1 --items 2 --latencies 0 20 --sizes 10 500 5000 --users 5 --listed-users 300"
    done = subprocess.run(
        ["make", "bench", f"ARGS={small} --output {tmp_path}"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report = (tmp_path / "benchmark.md").read_text(encoding="utf-8")
    assert report in done.stdout
    published = (ROOT / "docs/benchmark.md").read_text(encoding="utf-8")
    assert re.findall(r"^##? .*", report, re.MULTILINE)[2:] == re.findall(r"^##? .*", published, re.MULTILINE)[2:]
    # Counts are the same on every machine.
    assert "| token requests for 20 reads of 20 forks | 1 | 1 | met |" in report
    assert "| requests to list 5,000 | 1 | 1 | met |" in report
    assert (tmp_path / "benchmark.svg").read_text(encoding="utf-8").count("ansible.builtin.ping") == 1


EMULATORS = [line[2:] for _kind, text in BLOCKS for line in text.splitlines() if line.startswith("$ make emulator")]


@pytest.mark.parametrize("command", EMULATORS)
def test_emulator(environ, command):
    process = subprocess.Popen(shlex.split(command), cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        shown = "".join(iter(process.stdout.readline, "ready\n")) + "ready\n"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
    pattern = re.escape(block("console", "$ make emulator\n").removeprefix("$ make emulator\n"))
    assert re.fullmatch(pattern.replace(r"\.\.\.", r"\S+"), shown)


def test_commands_and_playbook(home, environ, emulator):
    """One test, because each command builds on those before it."""
    wanted = emulator.environments["Workforce"]
    worker = emulator.applications["default"]
    shown = {}
    built = home / "built"
    type_in(f"ansible-galaxy collection build --output-path {built}", home, environ)
    (artifact,) = built.iterdir()
    for command in commands():
        typed = (
            # What Galaxy would deliver.
            command.replace("install community.pingone", f"install {artifact}")
            .replace("AUTH_ENVIRONMENT_ID", worker["environment_id"])
            .replace("pingone_environment_id=ENVIRONMENT_ID", f"pingone_environment_id={wanted}")
            .replace("=CLIENT_ID", f"={worker['client_id']}")
            .replace("=CLIENT_SECRET", f"={worker['client_secret']}")
        )
        if typed.startswith("export "):
            # From here on the README's reader has no file with credentials.
            (home / "checkout/playbooks/vars/pingone.yml").rename(home / "encrypted.yml")
            environ.update(pair.split("=", 1) for pair in typed.split()[1:])
            continue
        shown[command] = type_in(typed, home, environ)
    reads = [text for command, text in shown.items() if "environment_info.yml" in command]
    assert len(reads) == 2
    for text in reads:
        assert f"id={wanted} name=Workforce type=PRODUCTION region=EU" in text
    assert "Workforce" in (home / "checkout/environment_audit.html").read_text(encoding="utf-8")
    assert len(json.loads((home / "checkout/environment_audit.json").read_text(encoding="utf-8"))["environments"]) == 10

    (home / "encrypted.yml").rename(home / "checkout/playbooks/vars/pingone.yml")
    (home / "checkout/mine.yml").write_text(block("yaml", "---\n- name: Find the sandboxes"), encoding="utf-8")
    without = {name: value for name, value in environ.items() if "CLIENT" not in name}
    text = type_in("ansible-playbook mine.yml --ask-vault-pass", home, without)
    assert re.search(r"Workforce QA: PING_ONE_BASE", text)


def test_rehearsal(home, environ, emulator):
    worker = emulator.applications["default"]
    type_in("ansible-galaxy collection install --force .", home, environ)
    (home / "checkout/rehearsal.yml").write_text(block("yaml", "---\n- name: Rehearse an outage"), encoding="utf-8")
    credentials = {
        "PINGONE_CLIENT_ID": worker["client_id"],
        "PINGONE_CLIENT_SECRET": worker["client_secret"],
        "PINGONE_ENVIRONMENT_ID": worker["environment_id"],
    }
    text = type_in("ansible-playbook -v rehearsal.yml", home, {**environ, **credentials})
    assert len(re.findall(r"^<localhost> GET /v1/environments was answered with HTTP 503", text, re.MULTILINE)) == 2


def test_inventory(home, environ, emulator):
    worker = emulator.applications["default"]
    type_in("ansible-galaxy collection install --force .", home, environ)
    file = home / "checkout/sandboxes.pingone_environments.yml"
    file.write_text(block("yaml", "---\nplugin: community"), encoding="utf-8")
    (home / "checkout/each.yml").write_text(block("yaml", "---\n- name: Check each sandbox"), encoding="utf-8")
    credentials = {
        "PINGONE_CLIENT_ID": worker["client_id"],
        "PINGONE_CLIENT_SECRET": worker["client_secret"],
        "PINGONE_ENVIRONMENT_ID": worker["environment_id"],
    }
    (graph,) = re.findall(r"`(ansible-inventory [^`]+)`", README)
    assert "@type_sandbox" in type_in(graph, home, {**environ, **credentials})
    text = type_in(f"ansible-playbook -i {file.name} each.yml", home, {**environ, **credentials})
    assert len(re.findall(r"ok=2 +changed=0 .* failed=0", text)) >= 3


def test_switch(home, environ, emulator):
    """The variable that sends modules into processes of their own, and the line that shows it."""
    worker = emulator.applications["default"]
    type_in("ansible-galaxy collection install --force .", home, environ)
    playbook = block("yaml", "---\n- name: Run modules in processes")
    (home / "checkout/switch.yml").write_text(playbook, encoding="utf-8")
    credentials = {
        "PINGONE_CLIENT_ID": worker["client_id"],
        "PINGONE_CLIENT_SECRET": worker["client_secret"],
        "PINGONE_ENVIRONMENT_ID": worker["environment_id"],
    }
    text = type_in("ansible-playbook -vvv switch.yml", home, {**environ, **credentials})
    assert "runs in a process of its own: pingone_in_process is false" in text
    text = type_in("ansible-playbook -vvv switch.yml -e '{pingone_in_process: true}'", home, {**environ, **credentials})
    assert "runs in this process" in text


def test_private_key(home, environ, emulator):
    """A new key and its JWKS, then a playbook with the emulator's key in its place: in a file, and encrypted."""
    checkout = home / "checkout"
    type_in("ansible-galaxy collection install --force .", home, environ)
    for command in block("console", '$ python3 -m pip install "PyJWT').splitlines():
        type_in(command.removeprefix("$ "), home, environ)
    (checkout / "jwks.py").write_text(block("python", "import json\n"), encoding="utf-8")
    (jwk,) = json.loads(type_in("python3 jwks.py", home, environ))["keys"]
    key = RSAKey.import_key((checkout / "pingone.pem").read_bytes(), {"use": "sig", "alg": "RS256", "kid": "ansible"})
    assert jwk == key.as_dict(private=False)

    worker = emulator.applications["assertion"]
    (checkout / "pingone.pem").write_text(worker["private_key"], encoding="ascii")
    playbook = block("yaml", "---\n- name: Read environments without a shared secret")
    playbook = playbook.replace("private_key_id: ansible", f"private_key_id: {worker['private_key_id']}")
    (checkout / "signed.yml").write_text(playbook, encoding="utf-8")
    variables = {
        "pingone_client_id": worker["client_id"],
        "pingone_auth_environment_id": worker["environment_id"],
        "pingone_region": "EU",
    }
    run = f"ansible-playbook signed.yml -e {shlex.quote(json.dumps(variables))}"
    assert "10 environments" in type_in(run, home, environ)

    encrypt, option = re.findall(r"`(ansible-vault encrypt pingone\.pem|private_key: .*?)`", README)
    type_in(encrypt, home, environ)
    (checkout / "signed.yml").write_text(playbook.replace("private_key_path: pingone.pem", option), encoding="utf-8")
    assert "10 environments" in type_in(f"{run} --ask-vault-pass", home, environ)


def test_option_table(home, environ):
    type_in("ansible-galaxy collection install --force .", home, environ)
    (documentation,) = json.loads(
        subprocess.run(
            ["ansible-doc", "--json", MODULE],
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
    ).values()
    options = documentation["doc"]["options"]
    rows = tables("option | environment variable")
    own = {"environment_id", "name", "filter", "include"}
    named = {name.strip("` ") for row in rows for name in row[0].split(",")}
    assert named == options.keys() - own
    for option, variable, *_rest in rows:
        described = " ".join(options[option.strip("`")]["description"])
        assert set(re.findall(r"PINGONE_\w+", variable)) <= set(re.findall(r"E\((\w+)\)", described))
        assert bool(variable) == ("E(PINGONE_" in described)


def test_requirements_file_names_this_collection():
    (requirement,) = yaml.safe_load(block("yaml", "---\ncollections:"))["collections"]
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert requirement == {"name": f"{galaxy['namespace']}.{galaxy['name']}"}


def messages() -> set[str]:
    """Return how the messages of the code begin, with dots for what differs; those about options excepted."""
    found = set()
    sources = ROOT / "plugins/module_utils"
    kinds = set(re.findall(r"^class (\w+)", (sources / "_errors.py").read_text(encoding="utf-8"), re.MULTILINE))
    for path in sources.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                if node.func.id in kinds - {"OptionError", "PingOneError"}:
                    found.add(pattern_of(node.args[0]))
                elif node.func.id == "Cause":
                    found.add(f"Cannot connect to …: {pattern_of(node.args[0])}")
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", None) == "what":
                found.add(pattern_of(node.value))
    return found - {"Cannot connect to …", "…"}


def pattern_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) else "…"


def test_troubleshooting_table_has_each_message():
    rows = [text for row in tables("message begins with") for text in re.findall(r"`([^`]+)`", row[0])]
    assert len(rows) == len(set(rows))
    assert {row.replace("64 MiB", "… MiB") for row in rows} - {"Credentials for PingOne are missing"} == messages()
