# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data at the start: an invented coffee company. The same ids in every run, new secrets in every run."""

from __future__ import annotations

import datetime
import itertools
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from ._organization import Environment, Organization, WorkerApplication
from ._roles import ORGANIZATION_ROLES, RoleAssignment

# Fewer would leave the worker applications without a home.
MINIMUM_ENVIRONMENTS = 2

_NAMESPACE = uuid.UUID("5b0fba5c-6b0e-4c6a-9a53-3b0f6a2f4c11")
_FIRST_DAY = datetime.datetime(2021, 3, 1, 8, 30, 12, 431_000, tzinfo=datetime.UTC)
_RETENTION = datetime.timedelta(days=30)


def _id(*parts: object) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, parts))))


ORGANIZATION_ID = _id("organization")
_LICENSES = {
    "customers": {"id": _id("license", "customers"), "package": "CUSTOMER_PREMIUM"},
    "workforce": {"id": _id("license", "workforce"), "package": "WORKFORCE_PLUS"},
    "trial": {"id": _id("license", "trial"), "package": "TRIAL"},
}
_ICON = "https://assets.fjordkaffe.example/icons/{}.png"

# name, type, region, license, products; then what only some environments have
_ENVIRONMENTS: list[dict[str, Any]] = [
    {
        "name": "Administrators",
        "type": "PRODUCTION",
        "region": "EU",
        "license": "workforce",
        "products": ["PING_ONE_BASE"],
        "description": "Administrators of the organization and their worker applications",
    },
    {
        "name": "Fjordkaffe Customers",
        "type": "PRODUCTION",
        "region": "EU",
        "license": "customers",
        "products": [
            "PING_ONE_BASE",
            "PING_ONE_MFA",
            "PING_ONE_RISK",
            "PING_ONE_VERIFY",
            "PING_ONE_DAVINCI",
            "PING_ONE_AUTHORIZE",
        ],
        "description": "Web shop and loyalty programme — grüezi, smørrebrød & コーヒー ☕",
        "icon": "customers",
        "solution": "CUSTOMER",
    },
    {
        "name": "Fjordkaffe Customers Staging",
        "type": "SANDBOX",
        "subtype": "STAGING",
        "region": "EU",
        "license": "customers",
        "products": ["PING_ONE_BASE", "PING_ONE_MFA", "PING_ONE_RISK", "PING_ONE_DAVINCI"],
        "description": "Rehearsal of the next release; reset on Sundays",
        "icon": "customers",
        "solution": "CUSTOMER",
    },
    {
        "name": "Fjordkaffe Customers Dev",
        "type": "SANDBOX",
        "subtype": "DEV",
        "region": "EU",
        "license": "trial",
        "products": ["PING_ONE_BASE", "PING_ONE_MFA", "PING_ONE_DAVINCI"],
        "solution": "CIAM_TRIAL",
    },
    {
        "name": "Workforce",
        "type": "PRODUCTION",
        "region": "EU",
        "license": "workforce",
        "products": ["PING_ONE_BASE", "PING_ONE_ID", "PING_ID", "PING_FEDERATE", "PING_ACCESS", "PING_DIRECTORY"],
        "description": "Röstereien, Läden und Büros",
        "icon": "workforce",
        "solution": "WORKFORCE",
    },
    {
        "name": "Workforce QA",
        "type": "SANDBOX",
        "subtype": "QA",
        "region": "EU",
        "license": "workforce",
        "products": ["PING_ONE_BASE", "PING_ONE_ID", "PING_FEDERATE"],
        "solution": "WORKFORCE",
    },
    {
        "name": "North America Customers",
        "type": "PRODUCTION",
        "region": "NA",
        "license": "customers",
        "products": ["PING_ONE_BASE", "PING_ONE_MFA", "PING_ONE_FRAUD", "PING_ONE_CREDENTIALS"],
        "description": 'Stores "over there": Boston, Montréal, Ciudad de México',
        "icon": "north-america",
        "solution": "CUSTOMER",
    },
    {
        "name": "North America UAT",
        "type": "SANDBOX",
        "subtype": "UAT",
        "region": "CA",
        "license": "customers",
        "products": ["PING_ONE_BASE", "PING_ONE_MFA"],
        "solution": "CUSTOMER",
    },
    {
        "name": "Pacific Pilot",
        "type": "SANDBOX",
        "subtype": "TESTING",
        "region": "AU",
        "license": "trial",
        "products": ["PING_ONE_BASE", "PING_ONE_PROVISIONING", "PING_AUTHORIZE"],
        "description": "",
        "solution": "WF_TRIAL",
    },
    {
        "name": "Legacy Loyalty",
        "type": "PRODUCTION",
        "region": "EU",
        "license": "customers",
        "products": ["PING_ONE_BASE", "PING_ONE_FOR_ENTERPRISE", "PING_ONE_LEGACY"],
        "description": "Replaced by Fjordkaffe Customers",
        "deleted": True,
    },
]
SEED_ENVIRONMENTS = len(_ENVIRONMENTS)

_GENERATED_REGIONS = ("EU", "EU", "EU", "NA", "CA", "AU", "AP", "SG")
_GENERATED_KINDS: tuple[dict[str, Any], ...] = (
    {"label": "", "type": "PRODUCTION", "license": "customers", "products": ["PING_ONE_BASE", "PING_ONE_MFA"]},
    {"label": " Sandbox", "type": "SANDBOX", "license": "customers", "products": ["PING_ONE_BASE"]},
    {
        "label": " Dev",
        "type": "SANDBOX",
        "subtype": "DEV",
        "license": "trial",
        "products": ["PING_ONE_BASE", "PING_ONE_DAVINCI"],
    },
)


#: Where the users of ``--users`` are.
CUSTOMERS_ID = _id("environment", "Fjordkaffe Customers")


def organization(environments: int = SEED_ENVIRONMENTS, users: int = 0) -> Organization:
    """The organization with that many environments, and that many users in the one of the customers."""
    described = itertools.islice(itertools.chain(_ENVIRONMENTS, _stores()), environments)
    return Organization(
        ORGANIZATION_ID,
        [_environment(*each) for each in enumerate(described)],
        _applications(),
        [_license(name, **license_) for name, license_ in _LICENSES.items()],
        users,
    )


def _license(name: str, id: str, package: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": f"Fjordkaffe {name}",
        "package": package,
        "status": "ACTIVE",
        "organization": {"id": ORGANIZATION_ID},
        "beginsAt": _time(_FIRST_DAY),
        "expiresAt": "2031-03-01T08:30:12.431Z",
        "terminatesAt": "2031-04-01T08:30:12.431Z",
        "assignedEnvironmentsCount": sum(each["license"] == name for each in _ENVIRONMENTS),
        "environments": {"allowAddResources": True, "allowProduction": package != "TRIAL", "max": 10_000},
        "users": {"allowMyAccount": True, "allowPasswordManagementNotifications": True, "max": 10_000_000},
    }


def _stores() -> Iterator[dict[str, Any]]:
    for number in itertools.count(1):
        for kind in _GENERATED_KINDS:
            yield {
                **kind,
                "name": f"Store {number:04}{kind['label']}",
                "region": _GENERATED_REGIONS[number % len(_GENERATED_REGIONS)],
                "description": f"Tills and staff of store {number}",
                "solution": "CUSTOMER",
            }


def _environment(position: int, described: dict[str, Any]) -> Environment:
    environment_id = _id("environment", described["name"])
    created = _FIRST_DAY + position * datetime.timedelta(minutes=41)
    updated = created + datetime.timedelta(days=position % 90, seconds=17)
    properties: dict[str, Any] = {
        "id": environment_id,
        "name": described["name"],
        "type": described["type"],
        "region": described["region"],
        "status": "DELETE_PENDING" if "deleted" in described else "ACTIVE",
        "createdAt": _time(created),
        "updatedAt": _time(updated),
        "organization": {"id": ORGANIZATION_ID},
        "license": _LICENSES[described["license"]],
    }
    for name in ("description", "subtype"):
        if name in described:
            properties[name] = described[name]
    if "icon" in described:
        properties["icon"] = _ICON.format(described["icon"])
    if "deleted" in described:
        properties["softDeletedAt"] = _time(updated)
        properties["hardDeleteAllowedAt"] = _time(updated + _RETENTION)
    bill: dict[str, Any] = {
        "products": [_product(environment_id, described, product) for product in described["products"]],
        "createdAt": _time(created),
        "updatedAt": _time(updated),
    }
    if "solution" in described:
        bill["solutionType"] = described["solution"]
    return Environment(environment_id, properties, bill)


def _product(environment_id: str, described: dict[str, Any], product_type: str) -> dict[str, Any]:
    product: dict[str, Any] = {"id": _id("product", environment_id, product_type), "type": product_type}
    if product_type in ("PING_FEDERATE", "PING_ACCESS", "PING_DIRECTORY"):
        # Self-managed software: PingOne only knows where its console is.
        host = product_type.lower().replace("_", "")
        product["description"] = f"{host} cluster of {described['name']}"
        product["console"] = {"href": f"https://{host}.fjordkaffe.example:9999/console"}
        product["bookmarks"] = [
            {"name": "Runbook", "href": f"https://wiki.fjordkaffe.example/{host}"},
            {"name": "Störungen & Wartung", "href": f"https://status.fjordkaffe.example/{host}?view=all"},
        ]
        product["softwareLicense"] = {"id": f"{host}-2031"}
    elif product_type in ("PING_ID", "PING_ONE_ID"):
        product["deployment"] = {"id": _id("deployment", environment_id, product_type)}
    elif product_type == "PING_ONE_DAVINCI":
        product["tags"] = ["DAVINCI_MINIMAL"]
    return product


def _applications() -> list[WorkerApplication]:
    administrators = _id("environment", "Administrators")
    customers = _id("environment", "Fjordkaffe Customers")

    def everywhere(role: str) -> tuple[RoleAssignment, ...]:
        return (RoleAssignment(role, "ORGANIZATION", ORGANIZATION_ID),)

    def application(key: str, name: str, **values: Any) -> WorkerApplication:
        settings: dict[str, Any] = {
            "client_secret": secrets.token_hex(32),  # safe in a shell and in a pattern
            "environment_id": administrators,
            "token_endpoint_auth_method": "client_secret_basic",
            "role_assignments": everywhere("Configuration Read Only"),
        }
        return WorkerApplication(key=key, name=name, client_id=_id("application", key), **{**settings, **values})

    return [
        application("default", "Ansible"),
        application(
            "post",
            "Ansible, secret in the body",
            client_secret=_awkward_secret(),
            token_endpoint_auth_method="client_secret_post",
        ),
        application("awkward", "Ansible, secret with reserved characters", client_secret=_awkward_secret()),
        application(
            "one_environment",
            "Ansible, customers only",
            role_assignments=(RoleAssignment("Environment Admin", "ENVIRONMENT", customers),),
        ),
        application("no_role", "Ansible, without a role", role_assignments=()),
        application("disabled", "Ansible, disabled", enabled=False),
        application("other_environment", "Ansible, in another environment", environment_id=customers),
        application(
            "assertion",
            "Ansible, with an RSA key",
            token_endpoint_auth_method="private_key_jwt",
            key_pair=RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True),
        ),
        application(
            "assertion_ec",
            "Ansible, with a key on an elliptic curve",
            token_endpoint_auth_method="private_key_jwt",
            key_pair=ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True),
        ),
        # Last: the first is the one whose credentials a shell gets, unless it asks for this one.
        application(
            "admin",
            "Ansible, administrator",
            role_assignments=tuple(assignment for role in ORGANIZATION_ROLES for assignment in everywhere(role)),
        ),
    ]


def _awkward_secret() -> str:
    # Every character that form encoding or Basic authentication changes, and an escape that is easily decoded twice.
    return f"{secrets.token_hex(8)}:+%/&=%2B{secrets.token_hex(8)}"


def _time(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
