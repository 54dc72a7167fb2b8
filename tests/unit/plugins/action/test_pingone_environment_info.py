# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests/hosts cannot produce, because it takes another operating system."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.template import Templar
from ansible_collections.community.pingone.plugins.action import pingone_environment_info as plugin


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a task with variables and tells where it ran."""
    monkeypatch.setattr(NormalActionModule, "run", lambda self, tmp, task_vars: {"ran": "as a module"})
    loader = DataLoader()

    def run_task(**variables):
        action = plugin.ActionModule(
            task=SimpleNamespace(
                action="community.pingone.pingone_environment_info",
                args={"name": ""},
                async_val=0,
                check_mode=False,
                delegate_to=None,
                environment=None,
                no_log=False,
            ),
            connection=SimpleNamespace(
                transport="local", become=None, _shell=SimpleNamespace(env_prefix=lambda **_environment: "")
            ),
            play_context=None,
            loader=loader,
            templar=Templar(loader=loader),
            shared_loader_obj=None,
        )
        return action.run(task_vars=variables).get("ran", "here")

    return run_task


def test_each_module_is_led_to_the_action_plugin():
    root = Path(plugin.__file__).parents[2]
    routing = yaml.safe_load((root / "meta/runtime.yml").read_text(encoding="utf-8"))["plugin_routing"]["modules"]
    modules = {path.stem for path in (root / "plugins/modules").glob("pingone_*.py")}
    action = "community.pingone.pingone_environment_info"
    assert routing == {module: {"action_plugin": action} for module in modules}


def test_macos_is_asked_for(monkeypatch, run):
    assert run() == "here"
    monkeypatch.setattr(plugin, "sys", SimpleNamespace(platform="darwin", executable=sys.executable))
    assert run() == "as a module"
    assert run(pingone_in_process=True) == "here"
    assert run(pingone_in_process=False) == "as a module"
