# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Hosts a module's ``run()`` in AnsibleModule: the one place where options come in and results go out."""

from __future__ import annotations

import os
import select
import traceback
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._errors import PingOneError
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._settings import SHARED_ARGUMENTS, Settings

Run = Callable[[Client, dict[str, Any], bool], dict[str, Any]]


def _is_abandoned() -> bool:
    """Return whether nobody reads our output any more, because Ansible ended the task, such as after its time limit.

    Ansible ends what waits for the module, and not the module.
    """
    output = select.poll()
    output.register(1, 0)
    return bool(output.poll(0))


def host(argument_spec: dict[str, Any], run: Run, **constraints: Any) -> None:
    """Validate the options, call ``run(client, params, check_mode)`` and end the process with its result.

    :arg argument_spec: the module's own options; the shared ones are added.
    :arg constraints: what else AnsibleModule takes, such as C(mutually_exclusive).
    """
    module = AnsibleModule({**SHARED_ARGUMENTS, **argument_spec}, supports_check_mode=True, **constraints)
    secrets = Secrets()
    waits: list[str] = []

    def report(wait: str) -> None:
        if _is_abandoned():
            raise SystemExit(1)
        waits.append(wait)

    try:
        settings = Settings.from_options(module.params, os.environ)
        secrets.add(*settings.secrets)
        if settings.verify is False:
            module.warn(
                "validate_certs is false: anyone on the way to PingOne can read and change what is sent, credentials"
                " included. Give ca_path instead to trust a certain CA."
            )
        with Client(settings, secrets, report) as client:
            result = run(client, module.params, module.check_mode)
    except PingOneError as error:
        error.rewrite(secrets.mask_pieces)
        module.fail_json(**secrets.mask({**error.to_result(), "waits": waits}))
    except Exception as error:  # noqa: BLE001 - a traceback could show secrets, and helps nobody who did not write this
        frame = traceback.extract_tb(error.__traceback__)[-1]
        bug = PingOneError(
            "The collection community.pingone has a bug",
            f"{type(error).__name__} in {os.path.basename(frame.filename)}, line {frame.lineno}",
            "Please report it, with this message: https://github.com/ansible-collections/community.pingone/issues",
        )
        module.fail_json(**bug.to_result(), waits=waits)
    module.exit_json(**secrets.mask({**result, "waits": waits}))
