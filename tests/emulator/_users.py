# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, groups and populations: what about them cannot be said in ``_kinds``.

https://developer.pingidentity.com/pingone-api/platform/users.html, .../groups.html and .../populations.html.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping
from typing import Any

import flask

from . import _bodies, _errors, _hal, _scim
from ._resources import Call, Hooks
from ._store import Document, now

_PASSWORD = "application/vnd.pingidentity.password.{}+json"
_CHECKS = {"check", "forceChange", "recover", "sendRecoveryCode", "unlock", "validate"}
_SETS = {"reset", "set", "setValue"}


def add(hooks: Hooks) -> None:
    """Bring along what these kinds do."""
    hooks.prepare["users"] = _prepare_user
    hooks.computed["users"] = _show_memberships
    hooks.special["POST", "users", "item"] = _act_on_user
    for method in ("GET", "POST", "PUT"):
        hooks.special[method, "users/*/password", "singleton"] = _password
    hooks.prepare["users/*/memberOfGroups"] = hooks.prepare["groups/*/memberOfGroups"] = _prepare_membership
    hooks.stored["groups"] = _forget_group
    hooks.computed["groups"] = _count_members
    hooks.refuse_deletion["populations"] = _refuse_with_users
    hooks.computed["populations"] = _count_users


# Users


def user_defaults(username: str) -> Document:
    """What the server says of a new user."""
    return {
        "account": {"canAuthenticate": True, "status": "OK"},
        "emailVerified": False,
        "enabled": True,
        "identityProvider": {"type": "PING_ONE"},
        "lifecycle": {"status": "ACCOUNT_OK"},
        "mfaEnabled": False,
        "username": username,
        "verifyStatus": "NOT_INITIATED",
    }


def _prepare_user(call: Call, user: Document, old: Document | None) -> None:
    if old is None:
        for name, value in user_defaults(user["username"]).items():
            user.setdefault(name, value)
        if "population" not in user:
            populations = list(call.store.all_items(call.below("populations")))
            default = next((each for each in populations if each.get("default")), populations[0])
            user["population"] = {"id": default["id"]}
        if flask.request.mimetype != _bodies.JSON:
            password = _bodies.read({flask.request.mimetype}).get("password")
            if isinstance(password, dict):
                user["password"] = _status(password)
    provider = next(_scim.values(user, "identityProvider.id"), None)
    user["identityProvider"] = {"type": "PING_ONE"}
    if provider is not None:  # that there is such a provider is found out later
        known = call.store.get(call.below("identityProviders"), str(provider)) or {}
        user["identityProvider"] = {"id": provider, "type": known.get("type")}
    if not isinstance(user["population"], dict) or "id" not in user["population"]:
        raise _errors.invalid_value("population.id", "A population needs an id")
    user["population"] = {"id": user["population"]["id"]}
    if call.populations is not None and user["population"]["id"] not in call.populations:
        raise _errors.forbidden()
    if old and old["population"] != user["population"]:
        _leave_groups_of_population(call, user["id"], old["population"]["id"])


def _leave_groups_of_population(call: Call, user_id: str, population_id: str) -> None:
    path = call.below(f"users/{user_id}/memberOfGroups")
    for membership in call.store.items(path):
        group = call.store.get(call.below("groups"), membership["id"])
        if group and group.get("population", {}).get("id") == population_id:
            call.store.remove(path, membership["id"], (membership["id"],))


def _show_memberships(call: Call, users: list[Document]) -> Iterable[Mapping[str, Any]]:
    include = set(flask.request.args.get("include", "").split(",")) if flask.request.method == "GET" else set()
    for user in users:
        more: dict[str, Any] = {}
        if include & {"memberOfGroupIDs", "memberOfGroupNames"}:
            ids = [each["id"] for each in call.store.items(call.below(f"users/{user['id']}/memberOfGroups"))]
            if "memberOfGroupIDs" in include:
                more["memberOfGroupIDs"] = ids
            if "memberOfGroupNames" in include:
                groups = (call.store.get(call.below("groups"), id_) for id_ in ids)
                more["memberOfGroupNames"] = [group["name"] for group in groups if group]
        yield more


def _act_on_user(call: Call) -> flask.Response:
    user = call.item()
    body = _bodies.read({text.partition(" ")[2] for text in call.kind.media_types if "user.import" not in text})
    if "account." in flask.request.mimetype:
        locks = flask.request.mimetype.endswith("account.lock+json")
        account = {"canAuthenticate": not locks, "status": "LOCKED" if locks else "OK"}
        if locks:
            account["lockedAt"] = now()
            account |= dict(zip(["unlockAt"], _scim.values(body, "account.unlockAt"), strict=False))
        user = {**user, "account": account, "updatedAt": now()}
        call.store.replace(call.collection, user, call.key(user), call.key(user))
    elif flask.request.mimetype.endswith("user.verify+json"):
        user = {**user, "lifecycle": {"status": "ACCOUNT_OK"}, "emailVerified": True, "updatedAt": now()}
        call.store.replace(call.collection, user, call.key(user), call.key(user))
    return _hal.respond(call.api.show_all(call, [user])[0])


# Passwords: only their state is stored


def _status(password: Mapping[str, Any]) -> str:
    if "external" in password:
        return "EXTERNAL"
    return "MUST_CHANGE_PASSWORD" if password.get("forceChange") else "OK"


def _password(call: Call) -> flask.Response:
    user = call.owner()
    method = flask.request.method
    actions = {"POST": _CHECKS, "PUT": _SETS}.get(method, set())
    if actions:
        body = _bodies.read({_PASSWORD.format(action) for action in actions})
        action = next(each for each in actions if flask.request.mimetype == _PASSWORD.format(each).lower())
        state = user.get("password", "NO_PASSWORD")
        if method == "PUT":
            names = {"set": ("value",), "setValue": ("value",), "reset": ("currentPassword", "newPassword")}
            if "external" not in body:
                _bodies.require(body, names[action])
            state = _status(body)
        elif action == "forceChange":
            state = "MUST_CHANGE_PASSWORD"
        user["password"] = state
    api = _hal.api_url()
    population = call.store.get(call.below("populations"), user["population"]["id"]) or {}
    policies = list(call.store.all_items(call.below("passwordPolicies")))
    policy = population.get("passwordPolicy") or next(
        ({"id": each["id"]} for each in policies if each.get("default")), None
    )
    document: Document = {
        "_links": _hal.links(self=f"{api}/{call.path}", environment=f"{api}/{call.below('')}".rstrip("/")),
        "environment": {"id": call.environment_id},
        "user": {"id": user["id"]},
        "status": user.get("password", "NO_PASSWORD"),
    }
    if policy:
        document["passwordPolicy"] = {"id": policy["id"]}
    return _hal.respond(document)


# Groups


def _prepare_membership(call: Call, membership: Document, old: Document | None) -> None:
    groups = call.below("groups")
    if not call.store.exists(groups, membership["id"]):
        raise _errors.invalid_value("id", "There is no group with this id")
    group = next(each for each in call.store.all_items(groups) if each["id"] == membership["id"])
    population = group.get("population", {}).get("id")
    owner = call.store.get("/".join(call.segments[:-2]), call.owner_id) or {}
    if population and owner.get("population", {}).get("id") != population:
        raise _errors.invalid_value("id", "The group is of another population")
    membership |= {"type": "DIRECT", "name": group["name"]}


def _memberships_by_group(call: Call) -> dict[str, collections.Counter[str]]:
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for members in ("users", "groups"):
        for path in call.store.below(call.below(members), "memberOfGroups"):
            for membership in call.store.all_items(path):
                counts[membership["id"]][members] += 1
    return counts


def _count_members(call: Call, groups: list[Document]) -> Iterable[Mapping[str, Any]]:
    counts = _memberships_by_group(call)
    include = flask.request.args.get("include", "").split(",")
    for group in groups:
        more: dict[str, Any] = {
            "directMemberCounts": {name: counts[group["id"]][name] for name in ("users", "groups")},
            "isExternal": False,
        }
        if "totalMemberCounts" in include:
            more["totalMemberCounts"] = more["directMemberCounts"]
        if "memberOfGroups" in include:
            path = call.below(f"groups/{group['id']}/memberOfGroups")
            more["memberOfGroups"] = [{"id": each["id"]} for each in call.store.items(path)]
        yield more


def _forget_group(call: Call, group: Document | None, old: Document | None) -> None:
    if group is None and old is not None:
        for members in ("users", "groups"):
            for path in list(call.store.below(call.below(members), "memberOfGroups")):
                if call.store.exists(path, old["id"]):
                    call.store.remove(path, old["id"], (old["id"],))


# Populations


def _counts(call: Call) -> collections.Counter[str]:
    return collections.Counter(user["population"]["id"] for user in call.store.all_items(call.below("users")))


def _count_users(call: Call, populations: list[Document]) -> Iterable[Mapping[str, Any]]:
    counts = _counts(call)
    return [{"userCount": counts[population["id"]]} for population in populations]


def _refuse_with_users(call: Call, population: Document) -> None:
    if _counts(call)[population["id"]]:
        raise _errors.constraint("The population has users", "id")
