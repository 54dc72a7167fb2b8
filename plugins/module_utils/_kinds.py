# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""What is special about some kinds of resources. A kind that is not here has nothing special.

From the column "Mutable?" of the data models in PingOne's documentation
(https://developer.pingidentity.com/pingone-api/platform/), from the page "Query parameter quick reference" there, and
from the OpenAPI description of Ping's SDK for Go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What PingOne sets itself, at the top level of all resources. An C(id) further down refers to another resource.
READ_ONLY = ("_embedded", "environment", "createdAt", "updatedAt")


@dataclass(frozen=True)
class Kind:
    """A kind of resource. Properties are dotted paths.

    :ivar read_only: what PingOne sets, besides READ_ONLY: never sent, never compared.
    :ivar at_creation: what only the creation takes, and no answer shows.
    :ivar immutable: what cannot be changed, and has to be sent again.
    :ivar elsewhere: what is changed at an address of its own, below the resource's.
    :ivar only: the only properties that an update takes, if not all.
    :ivar is_fixed: whether there is no update.
    :ivar is_listed_only: whether one resource cannot be read alone.
    :ivar is_shown_by_parent: whether it can only be set, and is to be seen among the properties of what it is below.
    :ivar filters: properties that the collection's C(filter) takes, and the operator that finds a value.
    """

    read_only: tuple[str, ...] = ()
    at_creation: tuple[str, ...] = ()
    immutable: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    is_fixed: bool = False
    is_listed_only: bool = False
    is_shown_by_parent: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)


_ROLE_ASSIGNMENTS = Kind(read_only=("readOnly", "application", "gateway", "group", "user"), is_fixed=True)
_FIXED = Kind(is_fixed=True)

_KINDS = {
    "environments": Kind(
        read_only=(
            "environmentCapabilities",
            "hardDeleteAllowedAt",
            "organization",
            "pingoneAccountId",
            "softDeletedAt",
            "status",
        ),
        at_creation=("billOfMaterials",),
        immutable=("region",),
        elsewhere=("type",),
        # The API has no `name eq` here.
        filters={"name": "sw", "id": "eq", "license.id": "eq", "organization.id": "eq"},
    ),
    "status": Kind(is_shown_by_parent=True),
    "type": Kind(is_shown_by_parent=True),
    "billOfMaterials": Kind(only=("products",)),
    "populations": Kind(read_only=("userCount",), filters={"name": "sw", "id": "eq"}),
    "populations/defaultIdentityProvider": Kind(read_only=("type",)),
    "groups": Kind(
        read_only=("directMemberCounts", "displayName", "sourceId", "sourceType", "totalMemberCounts"),
        immutable=("population",),
        filters={"name": "eq", "id": "eq", "externalId": "eq"},
    ),
    "groups/memberOfGroups": Kind(read_only=("name", "type"), is_fixed=True),
    "groups/roleAssignments": _ROLE_ASSIGNMENTS,
    "users": Kind(
        read_only=(
            "account",
            "emailVerified",
            "identityProvider.type",
            "lastSignOn",
            "memberOfGroupIDs",
            "memberOfGroupNames",
        ),
        at_creation=("lifecycle", "password"),
        elsewhere=("enabled", "mfaEnabled", "population", "verifyStatus"),
        filters=dict.fromkeys(("username", "email", "externalId", "accountId", "nickname", "population.id"), "eq"),
    ),
    "users/applicationRoles": Kind(is_fixed=True, is_listed_only=True),
    "users/memberOfGroups": Kind(read_only=("name", "type"), is_fixed=True),
    "users/password": Kind(read_only=("lastChangedAt", "passwordPolicy", "secondsUntilUnlock", "status", "user")),
    "users/roleAssignments": _ROLE_ASSIGNMENTS,
    "applications": Kind(
        at_creation=("assignActorRoles",),
        immutable=("protocol", "spEntityId", "type"),
    ),
    "applications/attributes": Kind(read_only=("application", "mappingType")),
    "applications/flowPolicyAssignments": Kind(read_only=("application",)),
    "applications/grants": Kind(read_only=("application",), immutable=("resource.id",)),
    "applications/roleAssignments": _ROLE_ASSIGNMENTS,
    "applications/signOnPolicyAssignments": Kind(read_only=("application",)),
    "resources": Kind(read_only=("resource",), immutable=("type",)),
    "resources/attributes": Kind(read_only=("resource", "type")),
    "resources/scopes": Kind(read_only=("resource",)),
    "signOnPolicies/actions": Kind(read_only=("signOnPolicy",), immutable=("type",)),
    "identityProviders": Kind(immutable=("type",)),
    "identityProviders/attributes": Kind(read_only=("identityProvider", "mappingType")),
    "passwordPolicies": Kind(read_only=("populationCount",)),
    "schemas/attributes": Kind(read_only=("ldapAttribute", "schema", "schemaType"), immutable=("name", "type")),
    "gateways": Kind(
        read_only=("credentials", "currentAlerts", "followReferrals", "supportedVersions"), immutable=("type",)
    ),
    "gateways/credentials": Kind(read_only=("credential", "lastUsedAt"), is_fixed=True),
    "gateways/roleAssignments": _ROLE_ASSIGNMENTS,
    "keys": Kind(
        read_only=("expiresAt", "organization", "startsAt", "status"), only=("default", "usageType", "issuerDN")
    ),
    # Read out of the file that was uploaded.
    "certificates": Kind(
        read_only=(
            "algorithm",
            "default",
            "expiresAt",
            "issuerDN",
            "keyLength",
            "name",
            "serialNumber",
            "signatureAlgorithm",
            "startsAt",
            "status",
            "subjectDN",
            "validityPeriod",
        ),
        is_fixed=True,
    ),
    "customDomains": Kind(read_only=("canonicalName", "certificate", "status"), is_fixed=True),
    "emailDomains": _FIXED,
    "emailDomains/trustedEmails": Kind(read_only=("domain", "domainId", "status"), is_fixed=True),
    "languages": Kind(read_only=("customerAdded",), immutable=("locale",)),
    "agreements": Kind(read_only=("consentsAggregatedAt", "totalConsents", "totalExpiredConsents")),
    "agreements/languages": Kind(read_only=("agreement", "currentRevision")),
    "agreements/languages/revisions": Kind(read_only=("agreement", "language", "notValidAfter"), is_fixed=True),
    "alertChannels": Kind(is_listed_only=True),
    "notificationsSettings/emailDeliverySettings": Kind(read_only=("protocol",)),
    "templates/contents": Kind(read_only=("default",), immutable=("deliveryMethod", "locale")),
    "rateLimitIpConfigs": _FIXED,
    "roles": Kind(read_only=("canAssign", "type")),
    "forms": Kind(read_only=("created", "fieldTypes", "modified")),
    "recaptchaV2Config": Kind(read_only=("created", "modified")),
    "keyRotationPolicies": Kind(read_only=("currentKeyId", "nextKeyId", "rotatedAt")),
    "propagation/stores": Kind(read_only=("syncStatus",), immutable=("type",)),
    "adminConfig": Kind(read_only=("hasFido2Capabilities", "isPingIDInBOM")),
    "credentialIssuerProfile": Kind(read_only=("applicationInstance",)),
    "deviceAuthenticationPolicies": Kind(read_only=("forSignOnPolicy",)),
    "riskPredictors": Kind(read_only=("deletable", "licensed"), immutable=("compactName", "type")),
}


def kind_of(name: str) -> Kind:
    """Return what is special about a kind, named by its path without ids, such as C(users/roleAssignments)."""
    return _KINDS.get(name, Kind())
