# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""``/v1/environments`` and what is below it.

https://developer.pingidentity.com/pingone-api/platform/environments.html, .../bill-of-materials-bom.html,
.../capabilities.html, .../total-identities.html, and the published contract.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import flask

from . import _errors, _hal, _roles, _scim
from ._organization import Environment, Organization, WorkerApplication

# https://developer.pingidentity.com/pingone-api/platform/environments/read-all-environments.html
_FILTERS = {"name": "sw", "id": "eq", "organization.id": "eq", "license.id": "eq", "status": "eq"}
_FILTERS_WITH_LIMIT = {"organization.id", "license.id"}
_EXPANSIONS = {"billOfMaterials"}


_RELATED = (
    "populations",
    "groups",
    "users",
    "applications",
    "resources",
    "gateways",
    "identityProviders",
    "signOnPolicies",
    "passwordPolicies",
    "schemas",
    "keys",
    "certificates",
    "branding",
    "activities",
    "userActivities",
    "billOfMaterials",
    "capabilities",
)


def blueprint(organization: Organization) -> flask.Blueprint:
    """The endpoints; the application has authenticated the actor before."""
    environments = flask.Blueprint("environments", __name__, url_prefix="/v1/environments")

    def below(environment_id: uuid.UUID, *permissions: str) -> Environment:
        # Contract note P14C63085: below an environment that does not exist the answer is 403, not 404.
        environment = organization.environments.get(str(environment_id))
        if environment is None or not environment.is_visible:
            raise _errors.forbidden()
        require(environment, *permissions)
        return environment

    @environments.get("")
    def read_all() -> flask.Response:
        caller = actor()
        if not caller.may_somewhere(_roles.READ_ENVIRONMENT):
            raise _errors.forbidden()
        text = flask.request.args.get("filter")
        comparisons = [] if text is None else _scim.parse(text, _FILTERS)
        expand = _hal.expanded(_EXPANSIONS)
        found = [
            environment
            for environment in list(organization.environments.values())
            if environment.is_visible
            and caller.may(_roles.READ_ENVIRONMENT, environment.id)
            and _matches(environment, comparisons)
        ]
        page = _hal.page(
            _hal.ordered(
                found,
                {
                    "name": lambda environment: environment.properties["name"].casefold(),
                    "createdAt": lambda environment: environment.properties["createdAt"],
                },
            ),
            limit_applies={comparison.attribute for comparison in comparisons} <= _FILTERS_WITH_LIMIT,
        )
        links = _hal.links(self=_hal.self_url())
        if page.next:
            links |= _hal.links(next=page.next)
        shown = [document(environment, expand) for environment in page.items]
        return _hal.respond(
            {"_links": links, "_embedded": {"environments": shown}, "count": len(found), "size": len(shown)}
        )

    @environments.get("/<uuid:environment_id>")
    def read_one(environment_id: uuid.UUID) -> flask.Response:
        environment = existing(organization, environment_id)
        require(environment, _roles.READ_ENVIRONMENT)
        return _hal.respond(document(environment, _hal.expanded(_EXPANSIONS)))

    @environments.get("/<uuid:environment_id>/billOfMaterials")
    def read_bill_of_materials(environment_id: uuid.UUID) -> flask.Response:
        return _hal.respond(bill_of_materials(below(environment_id, _roles.READ_ENVIRONMENT)))

    @environments.get("/<uuid:environment_id>/capabilities")
    def read_capabilities(environment_id: uuid.UUID) -> flask.Response:
        return _hal.respond(_capabilities(below(environment_id, _roles.READ_ENVIRONMENT)))

    @environments.get("/<uuid:environment_id>/totalIdentities")
    def read_total_identities(environment_id: uuid.UUID) -> flask.Response:
        return _hal.respond(_total_identities(below(environment_id, _roles.READ_ENVIRONMENT)))

    return environments


def actor() -> WorkerApplication:
    """Who calls."""
    return flask.g.application


def existing(organization: Organization, environment_id: uuid.UUID) -> Environment:
    """An environment that is to be seen."""
    environment = organization.environments.get(str(environment_id))
    if environment is None or not environment.is_visible:
        raise _errors.not_found()
    return environment


def require(environment: Environment, *permissions: str) -> None:
    """Refuse an actor who lacks a permission."""
    if not all(actor().may(permission, environment.id) for permission in permissions):
        raise _errors.forbidden()


def _matches(environment: Environment, comparisons: list[_scim.Comparison]) -> bool:
    for attribute, operator, value in comparisons:
        actual: Any = environment.properties
        for name in attribute.split("."):
            actual = actual[name]
        if operator == "sw":
            if not actual.casefold().startswith(value.casefold()):
                return False
        elif actual != value:
            return False
    return True


def _address(environment: Environment) -> str:
    return f"{_hal.api_url()}/environments/{environment.id}"


def document(environment: Environment, expand: set[str]) -> dict[str, Any]:
    api, address = _hal.api_url(), _address(environment)
    links = _hal.links(
        self=address,
        organization=f"{api}/organizations/{environment.properties['organization']['id']}",
        license=f"{api}/organizations/{environment.properties['organization']['id']}/licenses/"
        f"{environment.properties['license']['id']}",
        **{name: f"{address}/{name}" for name in _RELATED},
    )
    document: dict[str, Any] = {"_links": links, **environment.properties}
    if "billOfMaterials" in expand:
        document["_embedded"] = {"billOfMaterials": bill_of_materials(environment)}
    return document


def bill_of_materials(environment: Environment) -> dict[str, Any]:
    address = _address(environment)
    links = _hal.links(self=f"{address}/billOfMaterials", environment=address)
    return {"_links": links, **environment.bill_of_materials}


def _capabilities(environment: Environment) -> dict[str, Any]:
    # PingOne derives these from the license and the bill of materials; the emulator from the latter and the status.
    products = {product["type"] for product in environment.bill_of_materials["products"]}
    active = environment.properties["status"] == "ACTIVE"
    trial = environment.properties["license"]["package"] == "TRIAL"
    address = _address(environment)
    return {
        "_links": _hal.links(self=f"{address}/capabilities", environment=address),
        "environmentId": environment.id,
        "canAddResources": active,
        "canAssignUsersRoles": active,
        "canContactSupport": not trial,
        "canCreateConnections": active,
        "canCreateCustomDomain": active and not trial,
        "canPromoteToProd": environment.properties["type"] == "SANDBOX" and not trial,
        "canSendPasswordManagementNotifications": active,
        "canUseAccountOwnership": False,
        "canUseCredentials": "PING_ONE_CREDENTIALS" in products,
        "canUseCustomSchema": not trial,
        "canUseDaVinciAdminPortal": "PING_ONE_DAVINCI" in products,
        "canUseDynamicAuthorization": "PING_ONE_AUTHORIZE" in products,
        "canUseIdentities": active,
        "canUseIdentityProviders": active,
        "canUseIntelligence": "PING_ONE_RISK" in products,
        "canUseMfa": "PING_ONE_MFA" in products,
        "canUseOrchestration": "PING_ONE_DAVINCI" in products,
        "canUsePasswordPolicy": active,
        "canUsePlatform": active,
        "canUseProvisioning": "PING_ONE_PROVISIONING" in products,
        "canUseVerify": "PING_ONE_VERIFY" in products,
        "canUsersUpdateSelf": active,
        "licenseQuantities": {"numberOfDataVerifications": 0 if trial else 1000, "rlgConfigRpm": {"limit": 3000}},
    }


_DATES = {"startDate": "eq", "endDate": "eq"}
_DAYS_WITHOUT_START = datetime.timedelta(days=30)


def _total_identities(environment: Environment) -> dict[str, Any]:
    start, end = _period()
    today = datetime.datetime.now(datetime.UTC).date()
    # Nothing is known from before the environment or from the future.
    day, last = max(start.date(), environment.created_at.date()), min(end.date(), today)
    rows = []
    while day <= last:
        midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
        # The documentation calls this ISO 8601, the contract an integer of format unix-date-time: the contract wins.
        rows.append({"date": int(midnight.timestamp()), "totalIdentities": environment.total_identities(day)})
        day += datetime.timedelta(days=1)
    return {
        "_links": _hal.links(self=_hal.self_url(), environment=_address(environment)),
        "_embedded": {"totalIdentities": rows},
        # "count" is the current number of identities here, not the number of rows, says the documentation.
        "count": environment.total_identities(today),
        "size": len(rows),
    }


def _period() -> tuple[datetime.datetime, datetime.datetime]:
    text = flask.request.args.get("filter")
    if text is None:
        message = "A filter with startDate, endDate or both is required."
        raise _errors.invalid_request(_errors.detail("REQUIRED_VALUE", message, "filter"))
    dates: dict[str, datetime.datetime] = {}
    for name, _operator, value in _scim.parse(text, _DATES):
        try:
            moment = datetime.datetime.fromisoformat(value)
        except ValueError:
            message = f"{name} is not an ISO 8601 date."
            raise _errors.invalid_request(_errors.detail("INVALID_VALUE", message, name)) from None
        if name in dates:
            raise _errors.invalid_request(_errors.detail("INVALID_FILTER", f"{name} is given twice.", "filter"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        dates[name] = moment
    end = dates.get("endDate", datetime.datetime.now(datetime.UTC))
    start = dates.get("startDate", end - _DAYS_WITHOUT_START)
    if start > end:
        raise _errors.invalid_request(_errors.detail("INVALID_VALUE", "startDate is after endDate.", "startDate"))
    return start.astimezone(datetime.UTC), end.astimezone(datetime.UTC)
