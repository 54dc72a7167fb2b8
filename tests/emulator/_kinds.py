# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is particular to each kind of resource. A kind is named by its path below an environment, ``*`` for identifiers.

Kinds that are not mentioned have a name that is unique in their collection, and store whatever they are given. The
facts are from the pages of https://developer.pingidentity.com/pingone-api/platform/ on each resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _roles, _scim

#: Set by the server in every resource.
READ_ONLY = frozenset({"id", "environment", "createdAt", "updatedAt", "_links", "_embedded"})


@dataclass(frozen=True)
class Kind:
    """How the resources of one kind behave."""

    #: Where a list is in ``_embedded``, if not under the last word of its path.
    embedded: str = ""
    #: Properties that together occur only once in a collection.
    unique: tuple[str, ...] = ("name",)
    case_exact: bool = True
    #: Besides those of ``READ_ONLY``.
    read_only: frozenset[str] = frozenset()
    #: Read-only after the creation.
    fixed: frozenset[str] = frozenset()
    #: What the server sets where a body says nothing.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    #: Stored, but never shown; paths with dots, ``[]`` after a list.
    write_only: tuple[str, ...] = ()
    #: Shown in the answer to the creation only.
    shown_once: tuple[str, ...] = ()
    #: Which property refers to an item of which collection of the environment; with ``?`` if the id may be missing.
    references: Mapping[str, str] = field(default_factory=dict)
    #: One item at most has ``"default": true``, and that one is not deleted.
    one_default: bool = False
    #: Whether there are ``createdAt`` and ``updatedAt``.
    times: bool = True
    #: Attributes of a filter with their operators; without any, a filter is ignored.
    filters: Mapping[str, str] = field(default_factory=dict)
    connectives: frozenset[str] = _scim.AND
    orders: tuple[str, ...] = ()
    #: The most items of a page, if there are pages.
    page: int = 0
    #: What ``expand`` takes: a property with an ``id``, and the collection of what it refers to.
    expand: Mapping[str, str] = field(default_factory=dict)
    #: Media types besides JSON, ``METHOD type``.
    media_types: frozenset[str] = frozenset()
    #: The collection where its items really are, and the property that says to which item of its parent they belong.
    home: tuple[str, str] = ("", "")
    #: Of a singleton: what it is before it was set; None if there is nothing.
    initial: Mapping[str, Any] | None = field(default_factory=dict)
    #: A singleton that is a property of its parent; with ``wrapped``, a document with only this property.
    property: str = ""
    wrapped: bool = False


_ROLE_ASSIGNMENTS = Kind(
    unique=("role.id", "scope.id"), times=False, read_only=frozenset({"readOnly"}), defaults={"readOnly": False}
)
_MEMBERSHIPS = Kind(
    embedded="groupMemberships",
    unique=("id",),
    times=False,
    read_only=frozenset({"type"}),
    filters={"id": "eq", "name": "eq sw", "type": "eq"},
    page=1000,
    expand={"group": "groups"},
)
_WITHOUT_NAMES = Kind(unique=())

_TIME = "eq gt ge lt le"
# https://docs.pingidentity.com/pingone/directory/p1_scim_filter_language.html
_USER_FILTERS = {
    **dict.fromkeys(("id", "population.id", "memberOfGroups.id", "identityProvider.id"), "eq"),
    **dict.fromkeys(("enabled", "mfaEnabled", "account.canAuthenticate", "account.status", "lifecycle.status"), "eq"),
    **dict.fromkeys(
        (
            *("accountId", "externalId", "locale", "mobilePhone", "nickname", "photo.href", "preferredLanguage"),
            *("primaryPhone", "timezone", "title", "type", "verifyStatus", "name.formatted", "name.middle"),
            *("name.honorificPrefix", "name.honorificSuffix", "address.streetAddress", "address.locality"),
            *("address.region", "address.postalCode", "address.countryCode"),
        ),
        "eq sw",
    ),
    **dict.fromkeys(("email", "username", "name.family", "name.given"), "eq sw ew co"),
    **dict.fromkeys(("createdAt", "updatedAt", "lastSignOn.at"), _TIME),
}

KINDS: dict[str, Kind] = {
    "adminConfig": Kind(
        initial={"authenticationMethod": "PINGONE", "mfaStatus": "ENFORCE", "recovery": {"enabled": True}}
    ),
    "agreements": Kind(defaults={"reconsentPeriodDays": 180}, read_only=frozenset({"totalConsents", "consentCounts"})),
    "agreements/*/languages": Kind(unique=("locale",), read_only=frozenset({"currentRevision"})),
    "agreements/*/languages/*/revisions": Kind(unique=(), read_only=frozenset({"notValidAfter"})),
    "alertChannels": _WITHOUT_NAMES,
    "applicationRoles/*/permissions": Kind(unique=("id",), times=False),
    "applications": Kind(fixed=frozenset({"type", "protocol"})),
    "applications/*/grants": Kind(
        unique=("resource.id",),
        references={"resource.id": "resources", "scopes[].id": "resources/{resource.id}/scopes"},
    ),
    "applications/*/signOnPolicyAssignments": Kind(
        unique=("signOnPolicy.id",), references={"signOnPolicy.id": "signOnPolicies"}, times=False
    ),
    "applications/*/flowPolicyAssignments": Kind(unique=("flowPolicy.id",), times=False),
    "applications/*/roleAssignments": _ROLE_ASSIGNMENTS,
    "applications/*/attributes": Kind(read_only=frozenset({"mappingType"}), defaults={"mappingType": "CUSTOM"}),
    "brandingSettings": Kind(initial={"companyName": ""}),
    "certificates": Kind(
        unique=(),
        read_only=frozenset(
            {"default", "expiresAt", "issuerDN", "name", "serialNumber", "startsAt", "status", "subjectDN"}
        ),
        defaults={"status": "VALID", "algorithm": "RSA", "keyLength": 2048, "default": False},
        write_only=("file",),
    ),
    # Terraform's provider says that PingOne makes it along with the environment.
    "credentialIssuerProfile": Kind(initial={"name": "PingOne"}),
    "customDomains": Kind(
        unique=("domainName",),
        read_only=frozenset({"status", "canonicalName", "certificate"}),
        defaults={"status": "VERIFICATION_REQUIRED"},
        media_types=frozenset(
            {
                "POST application/vnd.pingidentity.domainName.verify+json",
                "POST application/vnd.pingidentity.certificate.import+json",
            }
        ),
    ),
    "deviceAuthenticationPolicies": Kind(one_default=True),
    "emailDomains": Kind(unique=("domainName",)),
    "emailDomains/*/trustedEmails": Kind(
        unique=("emailAddress",),
        read_only=frozenset({"status"}),
        defaults={"status": "VERIFICATION_REQUIRED"},
        media_types=frozenset({"POST application/vnd.pingidentity.trustedEmail.sendVerificationCode+json"}),
    ),
    "emailDomains/*/ownership": Kind(initial={"type": "TXT", "regions": []}),
    "emailDomains/*/dkim": Kind(initial={"type": "CNAME", "regions": []}),
    "emailDomains/*/spf": Kind(initial={"type": "TXT", "status": "VERIFICATION_REQUIRED"}),
    "flowPolicies": Kind(filters={"trigger.type": "eq"}),
    "fido2Policies": Kind(defaults={"default": False}, one_default=True),
    "flows/*/enabled": Kind(property="enabled", wrapped=True),
    "forms": Kind(
        defaults={"cols": 4, "markRequired": True, "markOptional": False},
        read_only=frozenset({"created", "modified", "fieldTypes", "languageBundle"}),
    ),
    "gateways": Kind(
        read_only=frozenset({"supportedVersions", "currentAlerts"}),
        write_only=("bindPassword",),
        fixed=frozenset({"type"}),
    ),
    "gateways/*/credentials": Kind(unique=(), read_only=frozenset({"credential"}), shown_once=("credential",)),
    "gateways/*/instances": Kind(embedded="gatewayInstances"),
    "gateways/*/roleAssignments": _ROLE_ASSIGNMENTS,
    "groups": Kind(
        read_only=frozenset({"directMemberCounts", "totalMemberCounts", "isExternal", "sourceType", "sourceId"}),
        fixed=frozenset({"population"}),
        references={"population.id": "populations"},
        filters={
            "name": "eq sw",
            "externalId": "eq sw",
            "displayName": "eq sw",
            "id": "eq",
            "population.id": "eq",
            "sourceId": "eq",
        },
        connectives=_scim.ALL,
        page=1000,
        expand={"population": "populations"},
    ),
    "groups/*/memberOfGroups": _MEMBERSHIPS,
    "groups/*/roleAssignments": _ROLE_ASSIGNMENTS,
    "identityProviders": Kind(
        fixed=frozenset({"type"}),
        references={"registration.population.id": "populations"},
    ),
    "identityProviders/*/attributes": Kind(read_only=frozenset({"mappingType"}), defaults={"mappingType": "CUSTOM"}),
    "images": Kind(unique=()),
    "keys": Kind(
        unique=(),
        fixed=frozenset(
            {"algorithm", "keyLength", "name", "signatureAlgorithm", "subjectDN", "validityPeriod", "serialNumber"}
        ),
        read_only=frozenset({"status", "issuerDN", "startsAt", "expiresAt"}),
        defaults={"default": False, "status": "VALID"},
        one_default=True,
        write_only=("file", "fileContent"),
        media_types=frozenset({"POST multipart/form-data"}),
    ),
    "keys/*/csr": Kind(initial={"request": "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n"}),
    "keyRotationPolicies": Kind(
        read_only=frozenset({"currentKeyId", "nextKeyId", "rotatedAt"}),
        defaults={"validityPeriod": 365, "rotationPeriod": 90},
    ),
    "languages": Kind(
        unique=("locale",),
        read_only=frozenset({"name", "customerAdded"}),
        defaults={"customerAdded": True},
        one_default=True,
    ),
    "languages/*/status": Kind(unique=("service",)),
    "mfaSettings": Kind(initial={"pairing": {"maxAllowedDevices": 5, "pairingKeyFormat": "NUMERIC"}}),
    "notificationsPolicies": Kind(defaults={"default": False}, one_default=True),
    "notificationsSettings": Kind(
        initial={
            "deliveryMode": "ALL",
            "restrictions": {"smsVoiceQuota": {"daily": 100}},
            "smsProvidersFallbackChain": [],
        }
    ),
    "notificationsSettings/emailDeliverySettings": Kind(initial=None, write_only=("password",)),
    "notificationsSettings/phoneDeliverySettings": Kind(
        unique=(), write_only=("authToken", "authentication.password", "authentication.authToken")
    ),
    "passwordPolicies": Kind(
        read_only=frozenset({"populationCount"}), defaults={"default": False, "bypassPolicy": False}, one_default=True
    ),
    "populations": Kind(
        read_only=frozenset({"userCount"}),
        defaults={"default": False},
        references={"passwordPolicy.id": "passwordPolicies"},
        one_default=True,
        filters={"name": "sw", "id": "eq"},
        page=100,
    ),
    "populations/*/defaultIdentityProvider": Kind(
        initial={"type": "PING_ONE"}, references={"id?": "identityProviders"}, read_only=frozenset({"type"})
    ),
    "propagation/mapping": Kind(home=("propagation/mappings", "")),
    "propagation/mappings": _WITHOUT_NAMES,
    "propagation/plans": Kind(defaults={"status": "ACTIVE"}),
    "propagation/plans/*/rules": Kind(home=("propagation/rules", "plan.id")),
    "propagation/revisions": _WITHOUT_NAMES,
    "propagation/rules": Kind(
        references={"plan.id": "propagation/plans", "sourceStore.id": "propagation/stores"},
    ),
    "propagation/rules/*/mappings": Kind(home=("propagation/mappings", "rule.id"), unique=()),
    "propagation/stores": Kind(defaults={"status": "ACTIVE"}, read_only=frozenset({"syncStatus"})),
    "rateLimitIpConfigs": Kind(unique=("value",)),
    "recaptchaV2Config": Kind(initial=None, write_only=("secretKey",)),
    "resources": Kind(
        read_only=frozenset({"type"}),
        defaults={
            "type": "CUSTOM",
            "accessTokenValiditySeconds": 3600,
            "introspectEndpointAuthMethod": "CLIENT_SECRET_BASIC",
        },
    ),
    "resources/*/applicationResources": Kind(home=("applicationResources", "resource.id")),
    "resources/*/applicationPermissions": Kind(embedded="permissions"),
    "resources/*/attributes": Kind(read_only=frozenset({"type"}), defaults={"type": "CUSTOM"}),
    "riskPolicySets": Kind(defaults={"default": False}, one_default=True),
    "roles": Kind(filters={"type": "eq"}, defaults={"type": "CUSTOM"}, read_only=frozenset({"type"})),
    "schemas/*/attributes": Kind(
        read_only=frozenset({"schemaType", "ldapAttribute"}),
        fixed=frozenset({"type"}),
        defaults={"schemaType": "CUSTOM", "required": False, "unique": False, "multiValued": False},
    ),
    "signOnPolicies": Kind(defaults={"default": False}, one_default=True),
    "signOnPolicies/*/actions": Kind(
        unique=(), fixed=frozenset({"type"}), references={"registration.population.id": "populations"}
    ),
    "subscriptions": Kind(defaults={"format": "ACTIVITY"}),
    "templates": Kind(
        unique=(),
        filters={
            "createdAt": f"{_TIME} ne",
            "updatedAt": f"{_TIME} ne",
            "default": "eq",
            "locale": "eq sw",
            "deliveryMethod": "eq",
        },
        orders=("name",),
        page=100,
    ),
    "templates/*/contents": Kind(unique=("deliveryMethod", "locale", "variant"), page=100),
    "themes": Kind(one_default=True),
    "themes/*/default": Kind(property="default", wrapped=True),
    "users": Kind(
        unique=("username",),
        case_exact=False,
        # Each of these has an address of its own, or is PingOne's affair.
        read_only=frozenset({"account", "emailVerified", "lastSignOn", "verifyStatus", "password"}),
        write_only=("password",),
        fixed=frozenset({"enabled", "population", "lifecycle", "mfaEnabled"}),
        references={"population.id": "populations", "identityProvider.id?": "identityProviders"},
        filters=_USER_FILTERS,
        connectives=_scim.ALL,
        page=200,
        orders=(),
        expand={"population": "populations"},
        media_types=frozenset(
            {
                "POST application/vnd.pingidentity.user.import+json",
                *(
                    f"POST application/vnd.pingidentity.{action}+json"
                    for action in ("account.lock", "account.unlock", "user.sendVerificationCode", "user.verify")
                ),
            }
        ),
    ),
    "users/*/applicationRoles": Kind(unique=("id",), times=False),
    "users/*/enabled": Kind(property="enabled", wrapped=True),
    "users/*/identityProvider": Kind(property="identityProvider", references={"id?": "identityProviders"}),
    "users/*/memberOfGroups": _MEMBERSHIPS,
    "users/*/mfaEnabled": Kind(property="mfaEnabled", wrapped=True),
    "users/*/pairingKeys": Kind(unique=(), read_only=frozenset({"code", "status"}), defaults={"status": "UNCLAIMED"}),
    "users/*/population": Kind(property="population", references={"id": "populations"}),
    "users/*/roleAssignments": _ROLE_ASSIGNMENTS,
    "users/*/verifyStatus": Kind(property="verifyStatus", wrapped=True),
    "users/*/verifyTransactions": _WITHOUT_NAMES,
    "variables": Kind(unique=("name", "context")),
    "voicePhrases/*/contents": Kind(unique=("locale",)),
    # above environments
    "organizations": Kind(filters={"name": "sw"}, page=100),
    "organizations/*/licenses": Kind(filters={"beginsAt": "lt"}, orders=("name", "beginsAt"), times=False),
    "organizations/*/licenses/*/name": Kind(property="name", wrapped=True),
}
_ORDINARY = Kind()

_READ_DIRECTORY = frozenset({_roles.READ_CONFIGURATION, _roles.READ_IDENTITIES})
_WRITE_APPLICATIONS = frozenset({_roles.WRITE_APPLICATIONS, _roles.WRITE_CONFIGURATION})


def kind(name: str) -> Kind:
    """What is known about a kind."""
    return KINDS.get(name, _ORDINARY)


def permissions(name: str, method: str) -> frozenset[str]:
    """The permissions of which one is needed."""
    service, _slash, rest = name.partition("/")
    read = method in ("GET", "HEAD")
    if rest.endswith("roleAssignments") and not read:
        return frozenset({_roles.ASSIGN_ROLES})
    if rest.endswith("/secret"):
        return _WRITE_APPLICATIONS  # whoever may read no more than the configuration does not get to see secrets
    if service == "users":
        return frozenset({_roles.READ_IDENTITIES if read else _roles.WRITE_IDENTITIES})
    if service in ("groups", "populations", "schemas"):
        if read:
            return _READ_DIRECTORY
        return frozenset({_roles.WRITE_IDENTITIES if service == "groups" else _roles.WRITE_CONFIGURATION})
    if read:
        return frozenset({_roles.READ_CONFIGURATION})
    return _WRITE_APPLICATIONS if service in ("applications", "resources") else frozenset({_roles.WRITE_CONFIGURATION})
