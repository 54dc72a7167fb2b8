# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The integration suite over both hosts of a module: the controller and a process of its own give the same results."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.emulator_tests.conftest import ROOT
from tests.plays import MODULE, comparable, playbook_file, run, sandbox_environ

#: What ansible-core adds by itself to the result of a process: the Python that it found there, that it could read the
#: answer, and that it has no traceback of an error that C(failed_when) took back.
FOREIGN = {"ansible_facts", "ansible_parsed", "failed_when_suppressed_exception"}
#: What each start of an emulator makes anew, and sets that have no order.
ANEW = [
    (r"/suite\d+/(True|False)/", "/FOLDER/"),
    (r"pingone-emulator-\w+", "EMULATOR"),
    (r"\b[0-9a-f]{64}\b", "SECRET"),
    # The ids of what the emulator has from the start are not random.
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", "ID"),
    (r"https://127\.1:\d+|localhost:\d+", "ADDRESS"),
    (r"Valid booleans include: [^\"]+", "BOOLEANS"),
]


def record(folder: Path, emulator: Any, in_process: bool) -> tuple[list[dict[str, Any]], str]:
    """Run the suite and return its results and what was said."""
    environ = sandbox_environ(folder, emulator)
    recording = folder / "results.jsonl"
    environ |= {
        "ANSIBLE_ROLES_PATH": str(ROOT / "tests/integration/targets"),
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "PINGONE_RECORDING": str(recording),
        # What ansible-core 2.21 and newer keep to themselves unless asked.
        "ANSIBLE_INJECT_INVOCATION": "true",
    }
    for variable in [name for name in environ if name.startswith("PINGONE_") and name != "PINGONE_RECORDING"]:
        del environ[variable]
    del environ["REQUESTS_CA_BUNDLE"]
    play = playbook_file(folder / "suite.json", [], roles=["pingone_environment_info", "pingone_resource"])
    # One kind stands for all where each task is a process.
    variables = {
        "pingone_in_process": in_process,
        "wanted_parts": ["lifecycle", "errors"],
        "wanted_kinds": ["users"],
    }
    said = run(folder, environ, "-vvv", "--diff", "-e", json.dumps(variables), str(play))
    lines = recording.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines], said


def lasting(line: dict[str, Any]) -> Any:
    """Return the part of a recorded line that every run should have."""
    result = {key: value for key, value in line["result"].items() if key not in FOREIGN}
    text = json.dumps({**line, "result": comparable(result)})
    for pattern, replacement in ANEW:
        text = re.sub(pattern, replacement, text)
    return json.loads(text)


@pytest.fixture(scope="module")
def recordings(emulator, tmp_path_factory) -> dict[bool, tuple[list[dict[str, Any]], str]]:
    """The results of each host."""
    folder = tmp_path_factory.mktemp("suite")
    with ThreadPoolExecutor(2) as pool:
        runs = {
            in_process: pool.submit(record, folder / str(in_process), emulator, in_process)
            for in_process in (True, False)
        }
        return {in_process: future.result() for in_process, future in runs.items()}


def test_results_are_the_same_key_by_key(recordings):
    here, module = (recordings[in_process][0] for in_process in (True, False))
    assert [line["task"] for line in here] == [line["task"] for line in module]
    assert len(here) > 100
    for mine, other in zip(here, module, strict=True):
        assert lasting(mine) == lasting(other)


@pytest.mark.parametrize("in_process", [True, False])
def test_modules_ran_where_they_should(recordings, in_process):
    said = recordings[in_process][1]
    here = said.count(f"{MODULE} runs in this process")
    elsewhere = said.count(f"{MODULE} runs in a process of its own: pingone_in_process is false")
    # Those with `environment` need a process of their own in any case.
    assert (here > 40, elsewhere > 40) == (in_process, not in_process)
