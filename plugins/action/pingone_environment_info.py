# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module the ordinary way and tells of its waits: a module has no voice of its own at C(-v)."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.utils.display import Display

display = Display()


class ActionModule(NormalActionModule):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, with each of its waits shown as one line at C(-v)."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        for wait in () if self._task.no_log else result.get("waits", ()):
            display.v(wait, host=(task_vars or {}).get("inventory_hostname"))
        return result
