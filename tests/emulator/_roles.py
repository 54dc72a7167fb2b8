# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which role permits what, and where.

https://developer.pingidentity.com/pingone-api/platform/reference/roles-and-permissions-in-pingone/index.html
"""

from __future__ import annotations

from typing import NamedTuple

# All that reading environments, their bill of materials, capabilities and total identities needs, by Ping's Go client.
# PingOne marks it "essential": no role is usable without it, so every built-in role has it.
READ_ENVIRONMENT = "orgmgt:read:environment"

PERMISSIONS: dict[str, frozenset[str]] = {
    role: frozenset({READ_ENVIRONMENT})
    for role in (
        "Organization Admin",
        "Environment Admin",
        "Identity Data Admin",
        "Identity Data Read Only",
        "Configuration Read Only",
        "Client Application Developer",
    )
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
