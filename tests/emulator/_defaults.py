# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there before anybody made it: in the organization, and in each environment. The same ids in every run."""

from __future__ import annotations

import datetime
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

from . import _roles, _seed
from ._organization import Organization
from ._store import Document, Store, time_of
from ._users import user_defaults

_OPENID_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")
_PINGONE_SCOPES = (
    *("p1:read:user", "p1:update:user", "p1:read:sessions", "p1:delete:sessions", "p1:create:device"),
    *("p1:read:device", "p1:update:device", "p1:delete:device", "p1:read:userPassword", "p1:reset:userPassword"),
    *("p1:validate:userPassword", "p1:create:pairingKey", "p1:read:pairingKey", "p1:verify:user"),
)
_ATTRIBUTES = (
    *("accountId", "email", "externalId", "locale", "mobilePhone", "nickname", "preferredLanguage", "primaryPhone"),
    *("timezone", "title", "type", "username"),
)
_COMPLEX_ATTRIBUTES = ("address", "name", "photo")
_TEMPLATES = (
    *("credential_issued", "device_pairing", "email_phone_verification", "email_verification_admin"),
    *("email_verification_user", "general", "id_verification", "new_device_paired", "recovery_code_template"),
    *("strong_authentication", "transaction", "verification_code_template"),
)
_SYSTEM_APPLICATIONS = {
    "PING_ONE_PORTAL": "PingOne Application Portal",
    "PING_ONE_SELF_SERVICE": "PingOne Self-Service - MyAccount",
}
_CHARACTERS = {
    "abcdefghijklmnopqrstuvwxyz": 1,
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ": 1,
    "0123456789": 1,
    "~!@#$%^&*()-_=+[]{}|;:,.<>/?": 1,
}


def fill_organization(store: Store, organization: Organization) -> None:
    """Organization, licenses and PingOne's roles."""
    store.add("organizations", {"id": organization.id, "name": "Fjordkaffe", "type": "EXTERNAL"}, at_once=True)
    for license_ in organization.licenses.values():
        store.add(f"organizations/{organization.id}/licenses", license_, (license_["name"],), at_once=True)
    for role_id, name in organization.role_names.items():
        role = _roles.ROLES[name]
        document = {
            "id": role_id,
            "name": name,
            "description": role.description,
            "applicableTo": list(role.scope_types),
            "permissions": [{"id": each, "description": each} for each in sorted(role.permissions)],
        }
        store.add("roles", document, (name,), at_once=True)


def fill_environment(store: Store, organization: Organization, environment_id: str) -> None:
    """Everything that a new environment has."""
    _Filler(store, organization, environment_id).fill()


class _Filler:
    def __init__(self, store: Store, organization: Organization, environment_id: str) -> None:
        self._store = store
        self._organization = organization
        self._environment = organization.environments[environment_id]
        self._id = environment_id
        self._created = self._environment.properties["createdAt"]

    def _add(self, path: str, key: str, document: Document, unique: tuple[Any, ...] | None = None) -> str:
        id_ = document.get("id") or str(uuid.uuid5(uuid.UUID(self._id), f"{path}/{key}"))
        times = {"createdAt": self._created, "updatedAt": self._created}
        item = {"id": id_, "environment": {"id": self._id}, **document, **times}
        self._store.add(f"environments/{self._id}/{path}", item, unique or (key,), at_once=True)
        return id_

    def fill(self) -> None:
        policies = {name: self._password_policy(name, **more) for name, more in _PASSWORD_POLICIES.items()}
        population = self._add(
            "populations",
            "Default",
            {
                "name": "Default",
                "description": "Automatically created population.",
                "default": True,
                "passwordPolicy": {"id": policies["Standard"]},
            },
        )
        self._schema()
        self._resources()
        self._sign_on_policy()
        self._appearance()
        self._system_applications()
        self._workers()
        if self._organization.users and self._id == _seed.CUSTOMERS_ID:
            self._users(population)

    def _password_policy(self, name: str, **more: Any) -> str:
        document = {
            "name": name,
            "default": name == "Standard",
            "excludesCommonlyUsed": True,
            "excludesProfileData": True,
            "notSimilarToCurrent": True,
            "bypassPolicy": False,
            "lockout": {"durationSeconds": 900, "failureCount": 5},
            **more,
        }
        return self._add("passwordPolicies", name, document)

    def _schema(self) -> None:
        schema = self._add("schemas", "User", {"name": "User", "description": "The schema of users"})
        for name in (*_ATTRIBUTES, *_COMPLEX_ATTRIBUTES):
            core = name in ("username", "email")
            attribute = {
                "name": name,
                "displayName": name,
                "type": "COMPLEX" if name in _COMPLEX_ATTRIBUTES else "STRING",
                "schemaType": "CORE" if core else "STANDARD",
                "enabled": True,
                "required": name == "username",
                "unique": name == "username",
                "multiValued": False,
                "schema": {"id": schema},
            }
            self._add(f"schemas/{schema}/attributes", name, attribute)

    def _resources(self) -> None:
        for name, kind, scopes in (
            ("openid", "OPENID_CONNECT", _OPENID_SCOPES),
            ("PingOne API", "PINGONE_API", _PINGONE_SCOPES),
        ):
            resource = {"name": name, "type": kind, "accessTokenValiditySeconds": 3600, "audience": name}
            if kind == "PINGONE_API":
                resource["audience"] = "https://api.pingone.com"
            resource_id = self._add("resources", name, resource)
            for scope in scopes:
                document = {"name": scope, "description": scope, "resource": {"id": resource_id}}
                self._add(f"resources/{resource_id}/scopes", scope, document)

    def _sign_on_policy(self) -> None:
        name = "Single_Factor"
        policy = self._add(
            "signOnPolicies", name, {"name": name, "description": "Sign on with a password", "default": True}
        )
        action = {"type": "LOGIN", "priority": 1, "recovery": {"enabled": True}, "registration": {"enabled": False}}
        self._add(f"signOnPolicies/{policy}/actions", "LOGIN", {**action, "signOnPolicy": {"id": policy}}, ("LOGIN", 1))

    def _appearance(self) -> None:
        name = f"PingOne SSO Certificate for {self._environment.properties['name']}"
        starts = datetime.datetime.fromisoformat(self._created)
        key = {
            "name": name,
            "usageType": "SIGNING",
            "default": True,
            "algorithm": "RSA",
            "keyLength": 2048,
            "signatureAlgorithm": "SHA256withRSA",
            "validityPeriod": 3650,
            "status": "VALID",
            "serialNumber": uuid.UUID(self._id).int >> 64,
            **dict.fromkeys(("subjectDN", "issuerDN"), f"C=US,O=Ping Identity,OU=Ping Identity,CN={name}"),
            "startsAt": time_of(starts),
            "expiresAt": time_of(starts + datetime.timedelta(days=3650)),
        }
        self._add("keys", name, key)
        theme = {
            "template": "split",
            "default": True,
            "configuration": {
                "name": "Ping Default",
                "backgroundType": "DEFAULT",
                "bodyTextColor": "#4a4a4a",
                "buttonColor": "#2996cc",
                "buttonTextColor": "#ffffff",
                "cardColor": "#ffffff",
                "headingTextColor": "#4a4a4a",
                "linkTextColor": "#2996cc",
                "logoType": "NONE",
            },
        }
        self._add("themes", "Ping Default", theme)
        language = {"name": "English", "locale": "en", "default": True, "enabled": True, "customerAdded": False}
        self._add("languages", "en", language)
        self._add(
            "notificationsPolicies",
            "Default Notification Policy",
            {"name": "Default Notification Policy", "default": True, "quotas": []},
        )
        for template in _TEMPLATES:
            self._add(
                "templates",
                template,
                {
                    "id": template,
                    "name": template,
                    "displayName": template.replace("_", " ").capitalize(),
                    "deliveryMethods": ["Email", "SMS", "Voice"],
                },
            )

    def _system_applications(self) -> None:
        # https://developer.pingidentity.com/pingone-api/foundations/management-apis-overview/application-management-apis
        for kind, name in _SYSTEM_APPLICATIONS.items():
            self._add(
                "applications",
                name,
                {
                    "name": name,
                    "enabled": False,
                    "protocol": "OPENID_CONNECT",
                    "type": kind,
                    "grantTypes": ["AUTHORIZATION_CODE"],
                    "tokenEndpointAuthMethod": "NONE",
                    "pkceEnforcement": "S256_REQUIRED",
                },
            )

    def _workers(self) -> None:
        roles = {name: role_id for role_id, name in self._organization.role_names.items()}
        applications = f"environments/{self._id}/applications"
        for worker in list(self._organization.applications.values()):
            if worker.environment_id != self._id:
                continue
            document = {
                "id": worker.client_id,
                "name": worker.name,
                "enabled": worker.enabled,
                "protocol": "OPENID_CONNECT",
                "type": "WORKER",
                "grantTypes": ["CLIENT_CREDENTIALS"],
                "tokenEndpointAuthMethod": worker.token_endpoint_auth_method.upper(),
                "hiddenFromAppPortal": False,
                "pkceEnforcement": "OPTIONAL",
            }
            self._add("applications", worker.name, document)
            self._store.set_document(f"{applications}/{worker.client_id}/secret", {"secret": worker.client_secret})
            for assignment in worker.role_assignments:
                role_id = roles[assignment.role]
                scope = {"id": assignment.scope_id, "type": assignment.scope_type}
                item = {
                    "id": str(uuid.uuid5(uuid.UUID(worker.client_id), f"{role_id}/{assignment.scope_id}")),
                    "environment": {"id": self._id},
                    "application": {"id": worker.client_id},
                    "role": {"id": role_id},
                    "scope": scope,
                    "readOnly": False,
                }
                path = f"{applications}/{worker.client_id}/roleAssignments"
                self._store.add(path, item, (role_id, assignment.scope_id), at_once=True)

    def _users(self, population: str) -> None:
        namespace = uuid.UUID(self._id)
        for number, user in enumerate(itertools.islice(_people(), self._organization.users), 1):
            item = {
                # Cheaper than a hash for each, and as good.
                "id": str(uuid.UUID(int=(namespace.int & ~0xFFFFFFFF) | number)),
                "environment": {"id": self._id},
                **user_defaults(user["username"]),
                **user,
                "population": {"id": population},
                "createdAt": self._created,
                "updatedAt": self._created,
            }
            self._store.add(f"environments/{self._id}/users", item, (user["username"],), at_once=True)


_PASSWORD_POLICIES: dict[str, dict[str, Any]] = {
    "Standard": {
        "description": "A standard policy that incorporates industry best practices",
        "length": {"min": 8, "max": 255},
        "history": {"count": 6, "retentionDays": 365},
        "maxAgeDays": 182,
        "minAgeDays": 1,
        "maxRepeatedCharacters": 2,
        "minCharacters": _CHARACTERS,
        "minUniqueCharacters": 5,
    },
    "Basic": {
        "description": "A relaxed standard policy to allow for maximum customer flexibility",
        "length": {"min": 8, "max": 255},
        "excludesProfileData": False,
        "notSimilarToCurrent": False,
    },
    "Passphrase": {
        "description": "A policy that encourages long passphrases",
        "length": {"min": 15, "max": 255},
        "minComplexity": 7,
    },
}

_GIVEN = (
    *("Ane", "Bjørn", "Chloé", "Dag", "Émile", "Freja", "Grete", "Håkon", "Ingrid", "Jürg", "Kaja", "Lars", "Mei"),
    *("Nils", "Ólafur", "Petra", "Quentin", "Ragnhild", "Søren", "Tuva", "Ulrik", "Vreni", "Wanjiku", "Ylva", "Zoë"),
)
_FAMILY = (
    *("Aas", "Berg", "Caduff", "Dahl", "Eide", "Fossum", "Grønvold", "Hansen", "Iversen", "Jørgensen", "Keller"),
    *("Lie", "Müller", "Nygård", "Olsen", "Poulsen", "Quist", "Rossi", "Strand", "Tanaka", "Uribe", "Vik", "Weber"),
)
_TOWNS = (("Bergen", "NO", "5003"), ("Zürich", "CH", "8001"), ("Aarhus", "DK", "8000"), ("Tromsø", "NO", "9008"))


def _people() -> Iterator[Document]:
    for number in itertools.count(1):
        given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number % len(_FAMILY)]
        town, country, postal_code = _TOWNS[number % len(_TOWNS)]
        username = f"customer{number:06}"
        yield {
            "username": username,
            "email": f"{username}@fjordkaffe.example",
            "name": {"given": given, "family": family, "formatted": f"{given} {family}"},
            "externalId": f"F-{number}",
            "mobilePhone": f"+47.5{number:07}",
            "locale": "nb",
            "preferredLanguage": "nb;q=0.9,en;q=0.5",
            "timezone": "Europe/Oslo",
            "title": "Loyal customer" if number % 3 else "Barista",
            "type": "customer",
            "address": {
                "streetAddress": f"Kaffegata {number % 97 + 1}",
                "locality": town,
                "postalCode": postal_code,
                "countryCode": country,
            },
        }
