# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which role permits what, where, and who may grant it.

https://developer.pingidentity.com/pingone-api/platform/reference/roles-and-permissions-in-pingone/index.html and
.../platform/roles/predefined-roles.html. PingOne has some hundreds of permissions; but for environments, the emulator
knows only what of a service may be read or written.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import NamedTuple

# All that reading environments, their bill of materials, capabilities and total identities needs, by Ping's Go client.
# PingOne marks it "essential": no role is usable without it, so every built-in role has it.
READ_ENVIRONMENT = "orgmgt:read:environment"
CREATE_ENVIRONMENT = "orgmgt:create:environment"
UPDATE_ENVIRONMENT = "orgmgt:update:environment"
DELETE_ENVIRONMENT = "orgmgt:delete:environment"
READ_CONFIGURATION = "configuration:read"
WRITE_CONFIGURATION = "configuration:write"
WRITE_APPLICATIONS = "applications:write"
READ_IDENTITIES = "identities:read"
WRITE_IDENTITIES = "identities:write"
ASSIGN_ROLES = "roles:assign"

_ENVIRONMENTS = {CREATE_ENVIRONMENT, UPDATE_ENVIRONMENT, DELETE_ENVIRONMENT}
_EVERYWHERE = ("ORGANIZATION", "ENVIRONMENT")
_POPULATIONS = (*_EVERYWHERE, "POPULATION")


class Role(NamedTuple):
    """One of PingOne's own roles."""

    description: str
    permissions: frozenset[str]
    scope_types: tuple[str, ...]
    #: The roles that its holders may grant.
    grants: frozenset[str] = frozenset()


def _role(
    description: str,
    permissions: Iterable[str],
    scope_types: tuple[str, ...] = _EVERYWHERE,
    grants: Iterable[str] = (),
) -> Role:
    return Role(description, frozenset({READ_ENVIRONMENT, *permissions}), scope_types, frozenset(grants))


_IDENTITY_ROLES = {"Identity Data Admin", "Identity Data Read Only", "Help Desk Admin"}
_ALL_BUT_ORGANIZATION_ADMIN = {
    "Environment Admin",
    "Client Application Developer",
    "Configuration Read Only",
    "DaVinci Admin",
    "DaVinci Admin Read Only",
    "Custom Roles Admin",
    *_IDENTITY_ROLES,
}

ROLES: dict[str, Role] = {
    "Organization Admin": _role(
        "Manages the organization and its environments",
        {*_ENVIRONMENTS, ASSIGN_ROLES},
        ("ORGANIZATION",),
        {"Environment Admin"},
    ),
    "Environment Admin": _role(
        "Manages environments and their configuration",
        {*_ENVIRONMENTS, READ_CONFIGURATION, WRITE_CONFIGURATION, WRITE_APPLICATIONS, ASSIGN_ROLES},
        grants=_ALL_BUT_ORGANIZATION_ADMIN,
    ),
    "Identity Data Admin": _role(
        "Manages users and groups", {READ_IDENTITIES, WRITE_IDENTITIES, ASSIGN_ROLES}, _POPULATIONS, _IDENTITY_ROLES
    ),
    "Identity Data Read Only": _role("Reads users and groups", {READ_IDENTITIES}, _POPULATIONS),
    "Configuration Read Only": _role("Reads the configuration of environments", {READ_CONFIGURATION}),
    "Client Application Developer": _role("Manages applications", {READ_CONFIGURATION, WRITE_APPLICATIONS}),
    "Help Desk Admin": _role("Helps users", {READ_IDENTITIES}, _POPULATIONS),
    "Custom Roles Admin": _role("Manages custom roles", {READ_CONFIGURATION}),
    "DaVinci Admin": _role("Manages flows", {READ_CONFIGURATION}, ("ENVIRONMENT",), {"DaVinci Admin Read Only"}),
    "DaVinci Admin Read Only": _role("Reads flows", {READ_CONFIGURATION}, ("ENVIRONMENT",)),
}
#: What an administrator of everything has.
ORGANIZATION_ROLES = tuple(name for name, role in ROLES.items() if "ORGANIZATION" in role.scope_types)

PERMISSIONS: dict[str, frozenset[str]] = {name: role.permissions for name, role in ROLES.items()}
_CUSTOM = frozenset({READ_ENVIRONMENT})


class RoleAssignment(NamedTuple):
    """A role within a scope: ``ORGANIZATION`` (all environments), ``ENVIRONMENT`` (one) or ``POPULATION``."""

    #: The name of one of PingOne's own, or the id of a custom role.
    role: str
    scope_type: str
    scope_id: str
    #: The environment of a population.
    environment_id: str | None = None
    #: The moment from which it counts, by the monotonic clock: roles take time to get around.
    since: float = 0

    @property
    def permissions(self) -> frozenset[str]:
        """What it permits now."""
        return PERMISSIONS.get(self.role, _CUSTOM) if self.since <= time.monotonic() else frozenset()

    def permits(self, permission: str, environment_id: str) -> bool:
        """Whether this assignment grants a permission in all of one environment."""
        if self.scope_type == "POPULATION":
            covers = permission == READ_ENVIRONMENT and self.environment_id == environment_id
        else:
            covers = self.scope_type == "ORGANIZATION" or self.scope_id == environment_id
        return covers and permission in self.permissions

    def may_grant(self, role: str, assigners: Collection[str], scope_type: str, environment_id: str | None) -> bool:
        """Whether its holder may grant a role, in such a scope within an environment.

        ``assigners`` are the ids of the roles that may grant a custom role.
        """
        if self.since > time.monotonic():
            return False
        mine = ROLES.get(self.role)
        if not (role in mine.grants if mine else False) and self.role not in assigners:
            return False
        if self.scope_type == "ORGANIZATION":
            return True
        return scope_type != "ORGANIZATION" and self.scope_id == environment_id
