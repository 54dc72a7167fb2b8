# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which role permits what, and where.

https://developer.pingidentity.com/pingone-api/platform/reference/roles-and-permissions-in-pingone/index.html
"""

from __future__ import annotations

from typing import NamedTuple

# PingOne marks this permission "essential": no role is usable without it, so every built-in role has it.
READ_ENVIRONMENT = "orgmgt:read:environment"
READ_USER = "dir:read:user"

# Ping's Go client documents orgmgt:read:environment as the one permission that total identities need. The emulator
# asks for an identity permission as well, so that a playbook can rehearse an answer that is refused in part; what
# passes here passes in PingOne.
READ_TOTAL_IDENTITIES = (READ_ENVIRONMENT, READ_USER)

PERMISSIONS: dict[str, frozenset[str]] = {
    "Organization Admin": frozenset({READ_ENVIRONMENT}),
    "Environment Admin": frozenset({READ_ENVIRONMENT}),
    "Identity Data Admin": frozenset({READ_ENVIRONMENT, READ_USER}),
    "Identity Data Read Only": frozenset({READ_ENVIRONMENT, READ_USER}),
    "Configuration Read Only": frozenset({READ_ENVIRONMENT}),
    "Client Application Developer": frozenset({READ_ENVIRONMENT}),
}


class RoleAssignment(NamedTuple):
    """A role within a scope: ``ORGANIZATION`` (all environments) or ``ENVIRONMENT`` (one)."""

    role: str
    scope_type: str
    scope_id: str

    def permits(self, permission: str, environment_id: str) -> bool:
        """Whether this assignment grants a permission in one environment."""
        return permission in PERMISSIONS[self.role] and (
            self.scope_type == "ORGANIZATION" or self.scope_id == environment_id
        )
