# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What exists: one organization, its environments and the worker applications that may call the API."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from ._roles import PERMISSIONS, RoleAssignment


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

    def may(self, permission: str, environment_id: str) -> bool:
        """Whether some role grants the permission in the environment."""
        return any(assignment.permits(permission, environment_id) for assignment in self.role_assignments)

    def may_somewhere(self, permission: str) -> bool:
        """Whether some role grants the permission anywhere."""
        return any(permission in PERMISSIONS[assignment.role] for assignment in self.role_assignments)


@dataclass(frozen=True)
class Environment:
    """An environment as the API shows it, without the links, which depend on how a client reached the server."""

    id: str
    properties: dict[str, Any]
    bill_of_materials: dict[str, Any]

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
        self, organization_id: str, environments: Iterable[Environment], applications: Iterable[WorkerApplication]
    ) -> None:
        self.id = organization_id
        self.environments = {environment.id: environment for environment in environments}
        self.applications = {application.client_id: application for application in applications}
