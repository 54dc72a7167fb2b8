# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the modules of this collection: in this process where that makes no difference, else as Ansible does.

Nearly all of a task's time is the making of a process for its module. Tasks that would run on the controller anyway,
with this Python and as this user, do without. C(meta/runtime.yml) leads all modules here.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.utils.display import Display
from ansible_collections.community.pingone.plugins.module_utils._http import HAS_REQUESTS
from ansible_collections.community.pingone.plugins.module_utils._module import Module, Report
from ansible_collections.community.pingone.plugins.plugin_utils._controller import (
    connect,
    plain,
    register_secrets,
)

display = Display()

#: The variable that decides between the two ways.
SWITCH = "pingone_in_process"


class ActionModule(NormalActionModule):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result. Each of its waits is shown as one line at C(-v)."""
        variables = task_vars or {}
        host = variables.get("inventory_hostname")

        def report(wait: str) -> None:
            if not self._task.no_log:
                display.v(wait, host=host)

        obstacle = self._obstacle(variables)
        if obstacle is None:
            display.vvv(f"{self._task.action} runs in this process", host=host)
            return self._run_here(variables, report)
        display.vvv(f"{self._task.action} runs in a process of its own: {obstacle}", host=host)
        result: dict[str, Any] = super().run(tmp, task_vars)
        for wait in result.get("waits", ()):
            report(wait)
        return result

    def _obstacle(self, variables: Mapping[str, Any]) -> str | None:
        """Return why the module needs a process of its own, None if it does not."""
        delegated = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to)
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        python = constants.config.get_config_value("INTERPRETER_PYTHON", variables=delegated or variables)
        python = self._templar.template(python)
        for is_obstacle, why in (
            (not self._is_wanted(variables), f"{SWITCH} is false"),
            (self._connection.transport != "local", f"the connection is {self._connection.transport}"),
            (self._connection.become, "become is set"),
            (self._task.async_val, "async is set"),
            (environment, "environment is set"),
            (python and not python.startswith("auto") and not _is_this_python(python), f"its Python is {python}"),
            (not HAS_REQUESTS, "this Python has no requests"),
        ):
            if is_obstacle:
                return why
        return None

    def _is_wanted(self, variables: Mapping[str, Any]) -> bool:
        # A process that was forked on macOS can crash when it asks the system for proxies or names.
        value = self._templar.template(variables.get(SWITCH, sys.platform != "darwin"))
        try:
            return bool(boolean(value))
        except TypeError as error:
            raise AnsibleActionFail(f"{SWITCH}: {value!r} is neither true nor false") from error

    def _run_here(self, variables: dict[str, Any], report: Report) -> dict[str, Any]:
        """Return what the module would return."""
        # Not resolved_action, which is this plugin's own name in ansible-core 2.18.
        name = self._task.action.rpartition(".")[2]
        module: Module = import_module(f"ansible_collections.community.pingone.plugins.modules.{name}").MODULE
        arguments = plain(self._task.args)
        secrets = [
            str(arguments[name])
            for name, spec in module.argument_spec.items()
            if spec.get("no_log") and arguments.get(name)
        ]
        if register_secrets:
            register_secrets(secrets)

        validation = ArgumentSpecValidator(module.argument_spec, **module.constraints).validate(arguments)
        options = {**arguments, **validation.validated_parameters}
        warnings: list[str] = []
        if validation.error_messages:
            message = validation.errors.msg
            if isinstance(validation.errors[0], UnsupportedError):
                message = f"Unsupported parameters for ({self._task.action}) module: {message}"
            result = {"failed": True, "msg": message}
        else:
            result = module.result(options, self._task.check_mode, connect, report, warnings.append)
        if warnings:
            result["warnings"] = [*warnings, *result.get("warnings", ())]
        invocation = {"module_args": module.shown(options)}
        if not register_secrets:
            result, invocation = _hidden(result, secrets), _hidden(invocation, secrets)
        if _has_invocation(variables):
            result["invocation"] = invocation
        return result


def _hidden(document: dict[str, Any], secrets: list[str]) -> dict[str, Any]:
    """Return a result as AnsibleModule would send it before ansible-core 2.22: without the options that are secrets.

    remove_values() takes as long as all the rest of a listing; so it is called where there is something to remove.
    """
    text = json.dumps(document)
    if any(json.dumps(secret)[1:-1] in text for secret in secrets):
        return dict(remove_values(document, secrets))
    return document


def _has_invocation(variables: Mapping[str, Any]) -> bool:
    """Return whether results have the key C(invocation): always, until ansible-core 2.22 made it a setting."""
    if constants.config.get_configuration_definition("INJECT_INVOCATION") is None:
        return True
    return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=variables))


def _is_this_python(interpreter: str) -> bool:
    """Return whether an interpreter has the same packages as this one: links tell virtual environments apart."""

    def place(path: str) -> tuple[str, str]:
        return os.path.realpath(path), os.path.realpath(os.path.dirname(path))

    return place(shutil.which(interpreter) or interpreter) == place(sys.executable)
