# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""What a module is, whoever hosts it: an AnsibleModule in a process of its own, or the action plugin in the controller.

Here options come in and results go out, in the same way for both hosts.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._errors import PingOneError, bug
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._sensitive import HIDDEN, hidden, name_of, secrets_in
from ansible_collections.community.pingone.plugins.module_utils._settings import SHARED_ARGUMENTS, Settings

Report = Callable[[str], None]


@dataclass(frozen=True)
class Module:
    """A module.

    :ivar run: takes a client, the validated options and whether this is check mode; returns the task's result.
    :ivar arguments: the module's own options, as in an argument spec.
    :ivar constraints: what else an argument spec has, such as C(mutually_exclusive).
    :ivar document: the option that holds a resource, of which secrets are to be told by the names of its properties.
    """

    run: Callable[[Client, dict[str, Any], bool], dict[str, Any]]
    arguments: dict[str, dict[str, Any]]
    constraints: dict[str, Any] = field(default_factory=dict)
    document: str | None = None

    @property
    def argument_spec(self) -> dict[str, dict[str, Any]]:
        """All options: the shared ones and the module's own."""
        return {**SHARED_ARGUMENTS, **self.arguments}

    def shown(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return options as people may see them: without the secrets in a document. They may be wrong."""
        if self.document is None or options.get(self.document) is None:
            return options
        document, name = options[self.document], _name(options)
        return {**options, self.document: hidden({name: document})[name] if isinstance(document, dict) else HIDDEN}

    def result(
        self,
        options: dict[str, Any],
        check_mode: bool,
        connect: Callable[[Settings, Report], tuple[Client, Secrets]],
        report: Report,
        warn: Callable[[str], None],
    ) -> dict[str, Any]:
        """Do the task and return its result, without secrets. It has C(failed) if the task did.

        :arg options: validated.
        :arg connect: returns a client for the settings, which reports its waits, and the secrets that it knows.
        :arg report: gets a line about each wait.
        :arg warn: gets what the user should know.
        """
        secrets = Secrets()
        waits: list[str] = []

        def note(wait: str) -> None:
            report(wait)
            waits.append(wait)

        try:
            settings = Settings.from_options(options, os.environ)
            for warning in settings.warnings:
                warn(warning)
            client, secrets = connect(settings, note)
            if self.document:
                secrets.add(*secrets_in({_name(options): options[self.document]}))
            result: dict[str, Any] = secrets.mask({**self.run(client, options, check_mode), "waits": waits})
            return result
        except PingOneError as error:
            error.rewrite(secrets.mask_pieces)
            return {**secrets.mask({**error.to_result(), "waits": waits}), "failed": True}
        except Exception as error:  # noqa: BLE001 - a traceback could show secrets, and helps only who wrote this
            return {**bug(error).to_result(), "waits": waits, "failed": True}

    def main(self) -> None:
        """Host the module in this process, and end it with the result."""
        module = _Host(self)
        result = self.result(module.params, module.check_mode, _connect, _end_if_abandoned, module.warn)
        # Not in an except clause, from which ansible-core would show a traceback at -vvv.
        if result.pop("failed", False):
            module.fail_json(**result)
        module.exit_json(**result)


class _Host(AnsibleModule):
    """An AnsibleModule that keeps the secrets of a document to itself: in results, and in the host's log."""

    def __init__(self, module: Module) -> None:
        self._module = module
        super().__init__(
            module.argument_spec, supports_check_mode=True, no_log=module.document is not None, **module.constraints
        )

    def exit_json(self, **result: Any) -> None:
        super().exit_json(**self._with_invocation(result))

    def fail_json(self, msg: str, **result: Any) -> None:
        super().fail_json(msg, **self._with_invocation(result))

    def _with_invocation(self, result: dict[str, Any]) -> dict[str, Any]:
        return {"invocation": {"module_args": self._module.shown(self.params)}, **result}


def _name(options: dict[str, Any]) -> str:
    """Return the name of the resource in the options, which may be wrong."""
    return name_of(str(options.get("path")), str(options.get("resource_id") or ""))


def _connect(settings: Settings, report: Report) -> tuple[Client, Secrets]:
    secrets = Secrets()
    secrets.add(*settings.secrets)
    return Client(settings, secrets, report), secrets


def _end_if_abandoned(dummy: str) -> None:
    """End the process if nobody reads its output any more.

    Such a task was ended by Ansible, for example after its time limit: it ends what waits for the module, and not the
    module itself.
    """
    output = select.poll()
    output.register(1, 0)
    if output.poll(0):
        raise SystemExit(1)
