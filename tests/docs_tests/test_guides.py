# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does what the guides say. Each guide has a test of its name; what they share comes first."""

from __future__ import annotations

import json
import re
import shlex
import signal
import stat
import subprocess
from pathlib import Path

import jinja2
import pytest
import yaml

from tests.docs_tests.reader import GUIDES, Block, Reader, blocks, steps
from tests.emulator_tests.conftest import ROOT, Emulator
from tests.plays import TOOLS

GUIDE = {guide.stem.removeprefix("guide_"): guide for guide in GUIDES}
#: Nothing here can run Terraform; its blocks only show what one comes from.
NOT_RUN = {"terraform"}
#: Files that no command of their guide names: where AWX, cron or another file takes them from.
TAKEN_ELSEWHERE = {
    "credential-type-inputs.yml",
    "credential-type-injectors.yml",
    "crontab",
    "env/envvars",
    "inventory/hosts",
    "localhost.yml",
    "terraform.json",
    "vars/pingone.yml",
}


def block(guide: str, caption: str) -> Block:
    (found,) = [each for each in blocks(GUIDE[guide]) if each.caption == caption]
    return found


def commands(guide: Path) -> list[str]:
    return [step.command for each in blocks(guide) if each.language == "console" for step in steps(each)]


def requests_of(emulator: Emulator) -> list[str]:
    """Return which paths were asked for since the last time."""
    with emulator.session() as session:
        requests = session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()
        session.delete(f"{emulator.auth_url}/emulator/requests", timeout=10).raise_for_status()
    return [request["path"] for request in requests]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_block_is_put_to_use(guide):
    assert f"test_{guide.stem.removeprefix('guide_')}" in globals()
    typed = "\n".join(commands(guide))
    for each in blocks(guide):
        assert each.language in {"console", *NOT_RUN} or each.caption, each
        if each.caption:
            assert Path(each.caption).name in typed or each.caption in TAKEN_ELSEWHERE, each.caption


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_guide_is_listed(guide):
    index = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))
    assert [guide.stem in section["toctree"] for section in index["sections"]].count(True) == 1


def sign_in(reader: Reader) -> None:
    """Do what most guides start from."""
    for step in steps(blocks(GUIDE["credentials"])[0]):
        if step.command.startswith("export "):
            reader.take(step)


def test_credentials(reader, emulator):
    reader.follow(GUIDE["credentials"])
    (first,) = [said for command, said in reader.said.items() if command.startswith("ansible localhost")]
    assert emulator.environments["Workforce"] in first
    for name in emulator.environments:
        assert f'"{name}"' in reader.said["ansible-playbook check_roles.yml"]


def test_each_plugin_is_in_the_table_of_roles():
    (table,) = re.findall(r"\n\.\. list-table::\n((?: .*\n|\n)+)", GUIDE["credentials"].read_text(encoding="utf-8"))
    named = set(re.findall(r"^  \* - ``(\w+)``", table, re.MULTILINE))
    kinds = ("modules", "inventory", "lookup")
    plugins = {path.stem for kind in kinds for path in (ROOT / "plugins" / kind).glob("[!_]*.py")}
    assert plugins
    assert plugins <= named


def test_a_role_for_one_environment_shows_one(reader, emulator):
    """The least that the guide promises to suffice, and what it says of scopes."""
    assert {each["role"] for each in emulator.applications["default"]["role_assignments"]} == {
        "Configuration Read Only"
    }
    worker = emulator.applications["one_environment"]
    reader.words.update(
        CLIENT_ID=worker["client_id"],
        CLIENT_SECRET=worker["client_secret"],
        AUTH_ENVIRONMENT_ID=worker["environment_id"],
    )
    sign_in(reader)
    reader.save(block("credentials", "check_roles.yml"))
    said = reader.type_in("ansible-playbook check_roles.yml")
    assert [name for name in emulator.environments if f'"{name}"' in said] == ["Fjordkaffe Customers"]


def test_vault(reader):
    reader.follow(GUIDE["vault"])
    encrypted = reader.home / "vars/pingone.yml"
    assert encrypted.read_text(encoding="ascii").startswith("$ANSIBLE_VAULT;")
    assert stat.S_IMODE(encrypted.stat().st_mode) == 0o600
    assert "Workforce QA" in reader.said["ansible-playbook sandboxes.yml --ask-vault-pass"]
    assert '"msg": []' in reader.said["ansible-playbook compare.yml --ask-vault-pass"]
    assert "pingone_client_secret: replace-me" in reader.said["ansible-vault view vars/production.yml"]
    (one_value,) = [said for command, said in reader.said.items() if "encrypt_string" in command]
    assert "pingone_client_secret: !vault |" in one_value
    assert reader.words["CLIENT_SECRET"] not in one_value


def test_vault_of_two_organizations(reader, emulator):
    other = emulator.applications["one_environment"]
    for caption in ("vars/pingone.yml", "compare.yml"):
        reader.save(block("vault", caption))
    (reader.home / "other.json").write_text(
        json.dumps({"other_client_id": other["client_id"], "other_client_secret": other["client_secret"]})
    )
    said = reader.type_in("ansible-playbook compare.yml -e @other.json")
    assert [name for name in emulator.environments if f'"{name}"' in said] == [
        name for name in emulator.environments if name != "Fjordkaffe Customers"
    ]


def test_many_environments(reader, emulator):
    sign_in(reader)
    requests_of(emulator)
    reader.follow(GUIDE["many_environments"])
    assert re.search(r"Workforce: \d+", reader.said["ansible-playbook many.yml"])
    tolerant = reader.said["ansible-playbook tolerant.yml"]
    assert re.search(r'"msg": \[\s+"Workforce"\s+\]', tolerant)
    assert "failed=0" in tolerant
    for name in emulator.environments:
        assert re.search(rf"{name}: \d+", reader.said["ansible-playbook one_each.yml --forks 4"])
    # Three playbooks, one token.
    assert [path for path in requests_of(emulator) if path.endswith("/as/token")] == [
        f"/{reader.words['AUTH_ENVIRONMENT_ID']}/as/token"
    ]


@pytest.mark.parametrize(
    ("options", "per_environment", "once"),
    [
        ("", 0, 1),
        ("include=bill_of_materials", 0, 1),
        ("include=capabilities", 1, 1),
        ("include=capabilities,total_identities", 2, 1),
        ("environment_id={ids}", 1, 0),
    ],
)
def test_what_each_way_costs(reader, emulator, options, per_environment, once):
    sign_in(reader)
    requests_of(emulator)
    ids = ",".join(emulator.environments.values())
    reader.type_in(f"ansible localhost -m community.pingone.pingone_environment_info -a '{options.format(ids=ids)}'")
    reads = [path for path in requests_of(emulator) if not path.endswith("/as/token")]
    assert len(reads) == once + per_environment * len(emulator.environments)


def test_speed(reader):
    sign_in(reader)
    reader.follow(GUIDE["speed"])
    (check,) = [said for command, said in reader.said.items() if command.startswith("ansible-playbook check.yml")]
    assert "failed=0" in check
    (cached,) = (reader.home / ".ansible/pingone_tokens").glob("[!l]*")
    assert reader.words["CLIENT_SECRET"].encode() not in cached.read_bytes()
    assert stat.S_IMODE(cached.parent.stat().st_mode) == 0o700


def test_speed_names_what_the_code_says():
    (table,) = re.findall(r"\n\.\. list-table::\n((?: .*\n|\n)+)", GUIDE["speed"].read_text(encoding="utf-8"))
    said = re.findall(r"^    - ``(.*)``$", table, re.MULTILINE)
    assert len(said) == 7
    folders = (ROOT / "plugins/action", ROOT / "plugins/plugin_utils")
    code = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py"))
    for words in said:
        fixed = words.removeprefix("pingone_in_process").removesuffix("ssh").removesuffix("/usr/bin/python3")
        assert f'{fixed}"' in code or f"{fixed}{{" in code, words


def prepare_schedule(reader: Reader) -> None:
    """Install from here and not from an index, which is what takes long and needs a network."""
    reader.environ.pop("ANSIBLE_COLLECTIONS_PATH")
    install = f"venv/bin/ansible-galaxy collection install --offline {ROOT}"
    reader.instead = {
        "python3 -m venv venv": f"mkdir venv && ln -s {TOOLS} venv/bin",
        "venv/bin/pip install": None,
        "~/pingone/venv/bin/pip install": None,
        "venv/bin/ansible-galaxy collection install": install,
        # systemd does this.
        "venv/bin/ansible-playbook --vault-password-file ./vault-password.sh": (
            "CREDENTIALS_DIRECTORY=$PWD venv/bin/ansible-playbook --vault-password-file ./vault-password.sh count.yml"
        ),
    }


def run_as_cron(reader: Reader, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a crontab as cron does: its environment, /bin/sh, no terminal, nothing to read."""
    match = re.fullmatch(r"(?:[\d*/,-]+ ){5}([^%\n]+)\n", line)
    assert match, line
    known = {"HOME": str(reader.home), "LOGNAME": "reader", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    # Where the emulator is; the crontab of somebody who reads PingOne needs none of these.
    emulator = {name: value for name, value in reader.environ.items() if name.startswith("PINGONE_")}
    return subprocess.run(
        ["/bin/sh", "-c", match[1]],
        env={**known, **emulator},
        cwd=reader.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
        timeout=120,
    )


def test_scheduled(reader, emulator):
    prepare_schedule(reader)
    reader.follow(GUIDE["scheduled"])
    folder = reader.home / "pingone"
    assert json.loads((folder / "count.json").read_text(encoding="utf-8")) == {
        "environments": len(emulator.environments)
    }
    assert (folder / "vars/pingone.yml").read_text(encoding="ascii").startswith("$ANSIBLE_VAULT;")
    line = block("scheduled", "crontab").text

    done = run_as_cron(reader, line)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    runs = (folder / "runs.log").read_text(encoding="ascii").splitlines()
    assert len(runs) == 2
    for run in runs:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ count exit_code=0", run)

    with emulator.session() as session:
        faults = f"{emulator.auth_url}/emulator/faults"
        session.post(faults, json={"kind": "status", "value": 400, "path": "/v1/*"}, timeout=10).raise_for_status()
        done = run_as_cron(reader, line)
        session.delete(faults, timeout=10).raise_for_status()
    assert done.returncode == 2
    assert "Cannot read" in done.stdout
    assert done.stdout == (folder / "last.log").read_text(encoding="utf-8")

    (folder / "vault-password").write_text("another one\n", encoding="ascii")
    assert run_as_cron(reader, line).returncode == 1
    (folder / "count.yml").write_text("- hosts: [\n", encoding="ascii")
    assert run_as_cron(reader, line).returncode == 4
    runs = (folder / "runs.log").read_text(encoding="ascii").splitlines()
    assert [run.rpartition("=")[2] for run in runs] == ["0", "0", "2", "1", "4"]
    secret = reader.words["CLIENT_SECRET"]
    for path in folder.iterdir():
        if path.is_file():
            assert secret not in path.read_text(encoding="utf-8")
    # All of it is closed to others, by the folder.
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    check_runner(reader)


def check_runner(reader: Reader) -> None:
    """Check what ansible-runner left behind."""
    folder = reader.home / "runner"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "env/envvars").stat().st_mode) == 0o600
    found = [path for path in folder.glob("artifacts/**/*") if path.is_file()]
    assert len(found) > 5
    secret = reader.words["CLIENT_SECRET"]
    # The guide warns of this one.
    assert {path.name for path in found if secret in path.read_text(encoding="utf-8")} == {"command"}


def test_awx(reader, emulator):
    reader.instead = {"python3 -m pip install": None}
    sign_in(reader)
    reader.follow(GUIDE["awx"])
    context = reader.home / "context"
    # Its name depends on whether there is podman or docker.
    (definition,) = context.glob("*file")
    assert "ansible-core>=2.18" in definition.read_text(encoding="utf-8")
    galaxy = yaml.safe_load((context / "_build/requirements.yml").read_text(encoding="utf-8"))
    assert galaxy == {"collections": [{"name": "community.pingone"}]}


def test_awx_image_gets_requests(reader, collections):
    """ansible-builder asks each collection in the image what it needs."""
    said = reader.type_in(f"ansible-builder introspect {collections}")
    assert re.search(r"requests>=[\d.]+ +# from collection community\.pingone", said)


def test_awx_credential_type(reader, emulator):
    """What AWX checks of a credential type, and what it makes of it for a job."""
    inputs = yaml.safe_load(block("awx", "credential-type-inputs.yml").text)
    injectors = yaml.safe_load(block("awx", "credential-type-injectors.yml").text)
    assert inputs.keys() == {"fields", "required"}
    for field in inputs["fields"]:
        assert field.keys() <= {"id", "label", "type", "secret", "multiline", "help_text", "choices", "default"}
        assert re.fullmatch(r"[a-zA-Z_]\w*", field["id"])
        assert field["type"] == "string" and field["label"]
        assert field.get("default", "NA") in field.get("choices", ["NA"])
    assert {field["id"] for field in inputs["fields"] if field.get("secret")} == {"client_secret"}
    assert set(inputs["required"]) <= {field["id"] for field in inputs["fields"]}
    assert injectors.keys() == {"env"}

    worker = emulator.applications["default"]
    values = {"auth_environment_id": worker["environment_id"], "region": "EU"}
    values |= {name: worker[name] for name in ("client_id", "client_secret")}
    assert values.keys() == {field["id"] for field in inputs["fields"]}
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - no HTML
    for name, value in injectors["env"].items():
        assert not name.startswith("ANSIBLE_")
        reader.environ[name] = template.from_string(value).render(values)
    variables = yaml.safe_load(block("awx", "localhost.yml").text)
    inventory = {"all": {"hosts": {"localhost": variables}}}
    (reader.home / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    for caption in ("read.yml", "job-variables.yml"):
        reader.save(block("awx", caption))
    said = reader.type_in("ansible-playbook -vvv -i inventory.json read.yml -e @job-variables.yml")
    assert '"Workforce"' in said
    assert "pingone_environment_info runs in this process" in said
    assert reader.words["CLIENT_SECRET"] not in said


def test_rehearsal(reader):
    sign_in(reader)
    # These have a test below.
    reader.instead = {"make emulator": None}
    reader.follow(GUIDE["rehearsal"])
    said = reader.said["ansible-playbook -v rehearsal.yml"]
    assert len(re.findall(r"^<localhost> GET /v1/environments was answered with HTTP 503", said, re.MULTILINE)) == 2
    assert re.search(r'"msg": "503: Cannot read ', said)
    assert "rescued=1" in said


EMULATORS = [command for command in commands(GUIDE["rehearsal"]) if command.startswith("make emulator")]


@pytest.mark.parametrize("command", EMULATORS)
def test_rehearsal_emulator(reader, command):
    process = subprocess.Popen(shlex.split(command), cwd=ROOT, env=reader.environ, stdout=subprocess.PIPE, text=True)
    try:
        shown = "".join(iter(process.stdout.readline, "ready\n")) + "ready\n"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
    (output,) = [
        step.output
        for each in blocks(GUIDE["rehearsal"])
        if each.language == "console"
        for step in steps(each)
        if step.command == "make emulator"
    ]
    assert re.fullmatch(re.escape(output).replace(r"\.\.\.", r"\S+"), shown)


def test_from_uri(reader):
    sign_in(reader)
    reader.follow(GUIDE["from_uri"])
    before, after = (
        re.search(r"Workforce was created at \S+Z", reader.said[f"ansible-playbook {name}.yml"])
        for name in ("before", "after")
    )
    assert before and after
    assert before[0] == after[0]


def test_from_terraform(reader, emulator):
    sign_in(reader)
    reader.follow(GUIDE["from_terraform"])
    shops = [value for name, value in emulator.environments.items() if name.startswith("Fjordkaffe")]
    for environment_id in shops:
        assert environment_id in reader.said["ansible-playbook environments.yml"]
    assert re.search(r'"msg": "[0-9a-f-]{36}"', reader.said["ansible-playbook environment.yml"])
    assert "Workforce is ACTIVE" in reader.said["ansible-playbook from_output.yml"]

    # A name that is not there fails, as the data source does.
    playbook = reader.home / "environment.yml"
    text = playbook.read_text(encoding="utf-8")
    playbook.write_text(text.replace("name: Fjordkaffe Customers", "name: nobody"), encoding="utf-8")
    reader.type_in("ansible-playbook environment.yml", status=2)


def test_from_terraform_names_keys_that_there_are(reader):
    sign_in(reader)
    said = reader.type_in(
        "ANSIBLE_LOAD_CALLBACK_PLUGINS=1 ANSIBLE_STDOUT_CALLBACK=ansible.builtin.minimal "
        "ansible localhost -m community.pingone.pingone_environment_info -a include=bill_of_materials"
    )
    environments = json.loads(said[said.index("{") :])["environments"]
    (table,) = re.findall(
        r"\n\.\. list-table:: Where attributes are\n((?: .*\n|\n)+)",
        GUIDE["from_terraform"].read_text(encoding="utf-8"),
    )
    paths = re.findall(r"^    - ``([\w.*\[\]]+)``", table, re.MULTILINE)
    assert len(paths) == 6
    for path in paths:
        found = environments
        for key in path.replace("[*]", "").split("."):
            values = [each[key] for each in found if key in each]
            found = [item for value in values for item in (value if isinstance(value, list) else [value])]
        assert found, path


def test_terraform_resources(administrator):
    sign_in(administrator)
    administrator.follow(GUIDE["terraform_resources"])
    assert "changed=2" in administrator.said["ansible-playbook shop.yml"]
    assert "changed=0" in administrator.type_in("ansible-playbook shop.yml")


def test_terraform_resources_says_what_is_tried():
    """Its tables say what terraform_resources.yml says, each resource in the table of its category."""
    tables = re.findall(
        r"^(.+)\n-+\n\n\.\. list-table::\n((?: .*\n|\n)+)",
        GUIDE["terraform_resources"].read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    said = {
        category: [re.split(r"\n    - ?", row.rstrip("\n")) for row in table.split("\n  * - ")[1:]]
        for category, table in tables
    }
    assert {table[0] == ["Terraform resource", "Path", "Match", "Note"] for table in said.values()} == {True}
    resources = yaml.safe_load((ROOT / "tests/docs_tests/terraform_resources.yml").read_text(encoding="utf-8"))
    assert len(resources) == 100
    assert said.keys() == {resource["category"] for resource in resources}
    for category, (dummy, *rows) in said.items():
        assert rows == [in_table(resource) for resource in resources if resource["category"] == category]


def in_table(resource: dict) -> list[str]:
    """Return the cells of a resource's row."""
    match = [f"``{name}``" for name in resource.get("match", [])] or ["``resource_id``"] * ("resource_id" in resource)
    notes = [f"``{resource[name]}``" for name in ("content_type", "update_method") if name in resource]
    notes += [resource["note"]] if "note" in resource else []
    notes += [f"out of reach: {resource['unreachable']}"] if "unreachable" in resource else []
    return [f"``{resource['resource']}``", f"``{resource['path']}``", ", ".join(match), "; ".join(notes)]


def test_troubleshooting(reader):
    sign_in(reader)
    reader.follow(GUIDE["troubleshooting"])
    said = reader.said["ansible-playbook what_failed.yml"]
    assert re.search(r'"status": "?40[34]', said)
    assert re.search(r'"correlation_id": "[0-9a-f-]{36}"', said)


def test_resources(administrator):
    sign_in(administrator)
    administrator.follow(GUIDE["resources"])
    assert "from the vault" not in "".join(administrator.said.values())


def test_sandbox(administrator):
    sign_in(administrator)
    administrator.instead = {"cp -r ~/.ansible/collections/": f"cp -r {ROOT / 'playbooks'} pingone"}
    administrator.follow(GUIDE["sandbox"])
    encrypted = administrator.home / "pingone/vars/sandbox_passwords.yml"
    assert encrypted.read_text(encoding="ascii").startswith("$ANSIBLE_VAULT;")


def test_export(administrator):
    sign_in(administrator)
    administrator.follow(GUIDE["export"])
    assert len(list((administrator.home / "configuration").iterdir())) > 10
