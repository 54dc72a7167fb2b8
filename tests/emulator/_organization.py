# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What exists: one organization, its environments and the worker applications that may call the API."""

from __future__ import annotations

import datetime
import hmac
import time
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from ._roles import ROLES, RoleAssignment


@dataclass(frozen=True)
class WorkerApplication:
    """An application of type WORKER; its rights are its role assignments."""

    key: str  # a short handle for tests, not a PingOne property
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    environment_id: str
    token_endpoint_auth_method: str
    enabled: bool = True
    role_assignments: tuple[RoleAssignment, ...] = ()
    # PingOne has the public half in the application's JWKS; the private one is there to be handed out.
    key_pair: RSAKey | ECKey | None = field(default=None, repr=False)
    #: The secret before this one, and until when it is good.
    previous_secret: tuple[str, str] | None = field(default=None, repr=False)

    def has_secret(self, secret: str) -> bool:
        """Whether this is the secret, or the previous one while it is good."""
        if hmac.compare_digest(secret.encode(), self.client_secret.encode()):
            return True
        if self.previous_secret is None:
            return False
        previous, expires = self.previous_secret
        good = datetime.datetime.fromisoformat(expires) > datetime.datetime.now(datetime.UTC)
        return good and hmac.compare_digest(secret.encode(), previous.encode())

    def may(self, permission: str, environment_id: str) -> bool:
        """Whether some role grants the permission in the environment."""
        return any(assignment.permits(permission, environment_id) for assignment in self.role_assignments)

    def may_somewhere(self, permission: str) -> bool:
        """Whether some role grants the permission anywhere."""
        return any(permission in assignment.permissions for assignment in self.role_assignments)

    def may_in_organization(self, permission: str) -> bool:
        """Whether some role grants the permission for the organization itself."""
        return any(
            assignment.scope_type == "ORGANIZATION" and permission in assignment.permissions
            for assignment in self.role_assignments
        )

    def populations(self, permissions: Collection[str], environment_id: str) -> frozenset[str]:
        """The populations of an environment in which some role grants one of the permissions."""
        return frozenset(
            assignment.scope_id
            for assignment in self.role_assignments
            if assignment.scope_type == "POPULATION"
            and assignment.environment_id == environment_id
            and assignment.permissions & set(permissions)
        )

    def may_grant(self, role: str, assigners: Collection[str], scope_type: str, environment_id: str | None) -> bool:
        """Whether some role lets it grant another; see ``RoleAssignment.may_grant``."""
        return any(
            assignment.may_grant(role, assigners, scope_type, environment_id) for assignment in self.role_assignments
        )


@dataclass(frozen=True)
class Environment:
    """An environment as the API shows it, without the links, which depend on how a client reached the server."""

    id: str
    properties: dict[str, Any]
    bill_of_materials: dict[str, Any]
    #: From when it is to be seen, by the monotonic clock.
    since: float = 0

    @property
    def is_visible(self) -> bool:
        """Whether it is to be seen already."""
        return self.since <= time.monotonic()

    @property
    def created_at(self) -> datetime.datetime:
        """When it was created."""
        return datetime.datetime.fromisoformat(self.properties["createdAt"])

    def total_identities(self, day: datetime.date) -> int:
        """Identities at the start of a day: a plausible, ever growing number that is the same in every run."""
        seed = uuid.UUID(self.id).int
        age = (day - self.created_at.date()).days
        return max(0, seed % 20_000 + age * (seed // 20_000 % 30) + (age * 7) % 5)


class Organization:
    """One PingOne organization."""

    def __init__(
        self,
        organization_id: str,
        environments: Iterable[Environment],
        applications: Iterable[WorkerApplication],
        licenses: Iterable[dict[str, Any]] = (),
        users: int = 0,
    ) -> None:
        self.id = organization_id
        self.environments = {environment.id: environment for environment in environments}
        self.applications = {application.client_id: application for application in applications}
        self.licenses = {each["id"]: each for each in licenses}
        #: How many users there are from the start, in the environment of the customers.
        self.users = users
        namespace = uuid.UUID(organization_id)
        #: PingOne's own roles by their ids.
        self.role_names = {str(uuid.uuid5(namespace, f"role/{name}")): name for name in ROLES}
