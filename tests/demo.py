# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole way, as a user would go it: install the collection, encrypt credentials, run the playbook.

PingOne's part is played by the emulator. Everything is made in a temporary folder and removed at the end.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
TOOLS = Path(sys.executable).parent
TO_READ = "Fjordkaffe Customers"


def step(text: str) -> None:
    print(f"\n==> {text}", flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="pingone-demo-") as name:
        folder = Path(name)
        # The caller's own PingOne stays out of the demo.
        environ = {key: value for key, value in os.environ.items() if not key.startswith("PINGONE_")}
        step("Starting the PingOne emulator")
        emulator = subprocess.Popen(
            [sys.executable, "-m", "tests.emulator", "--state", folder / "state.json"],
            cwd=CHECKOUT,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert emulator.stdout
            if "ready" not in (line.strip() for line in iter(emulator.stdout.readline, "")):
                raise SystemExit("The emulator did not start; its messages are above.")
            return play(folder, environ)
        finally:
            step("Stopping the emulator")
            emulator.terminate()
            emulator.wait()


def play(folder: Path, environ: dict[str, str]) -> int:
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    worker = state["applications"][0]
    environ.update(
        PINGONE_AUTH_URL=state["auth_url"],
        PINGONE_API_URL=state["api_url"],
        PINGONE_CA_PATH=state["ca_path"],
        ANSIBLE_COLLECTIONS_PATH=str(folder),
        NO_PROXY="127.0.0.1",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
    )

    def run(*command: str | Path, show: bool = False) -> int:
        done = subprocess.run(
            [TOOLS / command[0], *command[1:]],
            env=environ,
            cwd=folder,
            stdout=None if show else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout or "", f"{command[0]} failed with exit code {done.returncode}", sep="")
        return done.returncode

    step("Installing the collection")
    if run("ansible-galaxy", "collection", "install", "--offline", "-p", folder, CHECKOUT):
        return 1

    step("Encrypting the worker application's credentials with ansible-vault")
    playbooks = folder / "ansible_collections/community/pingone/playbooks"
    password, variables = folder / "vault-password", playbooks / "vars/pingone.yml"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(), encoding="ascii")
    variables.touch(mode=0o600)
    variables.write_text(
        json.dumps(
            {
                "pingone_client_id": worker["client_id"],
                "pingone_client_secret": worker["client_secret"],
                "pingone_auth_environment_id": worker["environment_id"],
            }
        ),
        encoding="utf-8",
    )
    if run("ansible-vault", "encrypt", "--vault-password-file", password, variables):
        return 1

    environment_id = next(found["id"] for found in state["environments"] if found["name"] == TO_READ)
    step(f"ansible-playbook playbooks/environment_info.yml -e pingone_environment_id={environment_id}")
    return run(
        "ansible-playbook",
        "--vault-password-file",
        password,
        playbooks / "environment_info.yml",
        "-e",
        f"pingone_environment_id={environment_id}",
        show=True,
    )


if __name__ == "__main__":
    sys.exit(main())
