# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worker applications without a shared secret, in both places where a module runs, as talkative as Ansible can be."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.emulator_tests.conftest import Emulator
from tests.plays import credentials, playbook_file, run

from .test_hosts import FOUND, HERE, check, task, token_files

PLACES = pytest.mark.parametrize("in_process", [True, False])


@pytest.fixture
def worker(user, emulator, tmp_path):
    """Return a function that makes the user one with an application's key, and returns what it knows."""

    def become(key: str, server: Emulator = emulator) -> dict[str, Any]:
        user.update(credentials(server, key), PINGONE_CLIENT_AUTH_METHOD="private_key_jwt")
        del user["PINGONE_CLIENT_SECRET"]
        application = server.applications[key]
        path = tmp_path / "key.pem"
        path.touch(mode=0o600)
        path.write_text(application["private_key"], encoding="ascii")
        return {**application, "path": str(path)}

    return become


@pytest.fixture
def play(tmp_path, user):
    """Return a function that runs tasks, searches what was said for a key and for assertions, and returns it."""

    def run_play(application: dict[str, Any], *tasks: dict[str, Any], in_process: bool, arguments=()) -> str:
        path = playbook_file(tmp_path / "play.json", list(tasks), vars={"pingone_in_process": in_process})
        said = run(tmp_path, user, "-vvvv", "--diff", *arguments, str(path))
        assert (HERE in said) == in_process
        said += Path(user["ANSIBLE_LOG_PATH"]).read_text(encoding="utf-8")
        body = "".join(application["private_key"].splitlines()[1:-1])
        assert not [body[start : start + 12] for start in range(len(body) - 11) if body[start : start + 12] in said]
        # The beginning of every JWT: '{"' in base64.
        assert "eyJ" not in said
        return said

    return run_play


@pytest.fixture
def vaulted(tmp_path, user):
    """Return a function that makes a file with an encrypted variable, and the arguments that let Ansible use it."""

    def encrypt(name: str, value: str) -> tuple[str, ...]:
        password = tmp_path / "password"
        password.write_text("password")
        command = ["ansible-vault", "encrypt_string", f"--vault-password-file={password}", f"--stdin-name={name}"]
        encrypted = subprocess.run(command, input=value, env=user, capture_output=True, text=True, check=True).stdout
        (tmp_path / "vaulted.yml").write_text(encrypted)
        return (f"--vault-password-file={password}", "-e", f"@{tmp_path}/vaulted.yml")

    return encrypt


@PLACES
@pytest.mark.parametrize("key", ["assertion", "assertion_ec"])
def test_a_key_file_and_a_vaulted_key(play, worker, vaulted, in_process, key):
    application = worker(key)
    arguments = vaulted("vaulted_key", application["private_key"])
    by_path = {"name": "Workforce", "private_key_path": application["path"], "token_cache": False}
    by_text = {"name": "Workforce", "private_key": "{{ vaulted_key }}", "token_cache": False}
    with_id = {"private_key_id": application["private_key_id"]}
    play(
        application,
        *(
            step
            for options in (by_path, {**by_path, **with_id}, by_text, {**by_text, **with_id})
            for step in (task(options, register="result"), FOUND)
        ),
        in_process=in_process,
        arguments=arguments,
    )


@PLACES
@pytest.mark.parametrize("in_one_line", [True, False])
def test_keys_from_environment_variables(play, worker, user, in_process, in_one_line):
    application = worker("assertion_ec")
    key = application["private_key"]
    user["PINGONE_PRIVATE_KEY"] = key.replace("\n", "\\n") if in_one_line else key
    user["PINGONE_PRIVATE_KEY_ID"] = application["private_key_id"]
    play(application, task(register="result"), FOUND, in_process=in_process)


@PLACES
def test_refusals(play, worker, emulator, tmp_path, in_process):
    application = worker("assertion")
    (tmp_path / "other.pem").write_text(emulator.applications["assertion_ec"]["private_key"])
    (tmp_path / "nonsense.pem").write_text("nonsense")
    good = {"private_key_path": application["path"]}
    not_accepted = ("PingOne does not accept the worker application", "in the JWKS of the application")
    cases = [
        ({**good, "private_key_id": "of-no-key"}, not_accepted),
        ({"private_key_path": str(tmp_path / "other.pem")}, not_accepted),
        ({"private_key_path": str(tmp_path / "nonsense.pem")}, ("it is no private key in PEM form",)),
        ({"private_key_path": str(tmp_path / "missing.pem")}, ("private_key_path (or", "No such file or directory")),
        ({}, ("Credentials for PingOne are missing: private_key", "private_key_path")),
    ]
    steps = []
    for options, expected in cases:
        steps += [
            task({**options, "token_cache": False}, register="result", ignore_errors=True),
            check("result is failed", *(f"{text!r} in result.msg" for text in expected)),
        ]
    play(application, *steps, in_process=in_process)


@PLACES
def test_a_lost_answer_and_one_that_repeats_the_request(play, worker, start, in_process):
    """PingOne may have taken the first assertion when its answer is lost, so the second attempt needs another one."""
    path = "path=*/as/token,times=1"
    rough = start("--fault", f"echo_secrets,{path}", "--fault", f"close,{path}")
    application = worker("assertion", rough)
    options = {"name": "Workforce", "private_key_path": application["path"], "token_cache": False}
    play(
        application,
        task(options, register="result", ignore_errors=True),
        check("result is failed", "'client_assertion=********' in result.msg"),
        task(options, register="result"),
        FOUND,
        check("result.waits | length == 1"),
        in_process=in_process,
    )
    with rough.session() as session:
        seen = session.get(f"{rough.auth_url}/emulator/requests", timeout=10).json()
    tokens = [request["status"] for request in seen if request["path"].endswith("/as/token")]
    assert tokens == [400, None, 200]


def test_a_token_is_kept_without_the_key(play, worker, user, emulator):
    application = worker("assertion_ec")
    options = {"name": "Workforce", "private_key_path": application["path"]}
    for dummy in range(2):
        play(application, task(options, register="result"), FOUND, in_process=True)
    with emulator.session() as session:
        seen = session.get(f"{emulator.auth_url}/emulator/requests", timeout=10).json()
    assert [request["method"] for request in seen] == ["POST", "GET", "GET"]
    (file,) = token_files(user)
    content = file.read_bytes() + file.name.encode()
    for line in application["private_key"].splitlines():
        assert line.encode() not in content


@PLACES
def test_without_the_library_a_task_says_so(play, worker, user, tmp_path, in_process):
    application = worker("assertion")
    (tmp_path / "without").mkdir()
    (tmp_path / "without/jwt.py").write_text("raise ImportError('not here')\n")
    user["PYTHONPATH"] = str(tmp_path / "without")
    options = {"private_key_path": application["path"]}
    play(
        application,
        task(options, register="result", ignore_errors=True),
        check("result is failed", "'(PyJWT[crypto])' in result.msg"),
        in_process=in_process,
    )
