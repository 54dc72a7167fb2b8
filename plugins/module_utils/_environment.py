# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Environments: what is asked of the API, and what the answer looks like to a playbook.

https://developer.pingidentity.com/pingone-api/platform/environments.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    InsufficientPrivileges,
    InvalidToken,
    NotFound,
    OptionError,
    UnexpectedAnswer,
)
from ansible_collections.community.pingone.plugins.module_utils._settings import check_text, check_uuid, is_uuid

INCLUDES = ("bill_of_materials", "capabilities", "total_identities")

#: Environments in a page: the most that the contract of the API allows.
PAGE_SIZE = 5_000


def read_environments(
    client: Client,
    *,
    environment_ids: Sequence[str] | None = None,
    name: str | None = None,
    scim_filter: str | None = None,
    include: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Return environments, picked by ids, by name or by a SCIM filter; without any of them, all that can be read.

    :arg include: some of INCLUDES.
    :raises OptionError: for an id that is no UUID or an empty name, before anything is sent.
    :raises NotFound: for an id that PingOne does not know.
    :raises InsufficientPrivileges: if the worker application's roles do not suffice.
    :raises PingOneError: as the client does.
    """
    if environment_ids is not None:
        for environment_id in environment_ids:
            check_uuid(environment_id, "environment_id")
    if name == "":
        raise OptionError("name is empty", next_step="Give a name, or leave the option out to read every environment.")
    check_text(name or "", "name")
    check_text(scim_filter or "", "filter")

    include = set(include)
    params = {"expand": "billOfMaterials"} if "bill_of_materials" in include else {}
    if environment_ids is not None:
        unique_ids = dict.fromkeys(environment_ids)
        found = client.each(lambda environment_id: _read_one(client, environment_id, params), unique_ids)
    else:
        if name is not None:
            # The API has no `name eq`. A value in a SCIM filter is a JSON string (RFC 7644 section 3.4.2.2).
            params["filter"] = f"name sw {json.dumps(name, ensure_ascii=False)}"
        elif scim_filter and not scim_filter.isspace():
            params["filter"] = scim_filter
        with _explained("the environments"):
            found = _read_all(client, params)
        if name is not None:
            found = [environment for environment in found if environment.get("name") == name]
    return client.each(lambda environment: _complete(client, environment, include), found)


def _read_all(client: Client, params: dict[str, str]) -> list[dict[str, Any]]:
    try:
        return list(client.items("environments", params={**params, "limit": str(PAGE_SIZE)}))
    except ApiError as error:
        # The contract says 5,000, its prose 500. Whoever means the latter gets no limit at all.
        if error.status != 400 or not any(detail.get("target") == "limit" for detail in error.details):
            raise
    return list(client.items("environments", params=params))


def _read_one(client: Client, environment_id: str, params: dict[str, str]) -> dict[str, Any]:
    with _explained(f"environment {environment_id}"):
        return client.get("environments", environment_id, params=params)


def _complete(client: Client, environment: dict[str, Any], include: set[str]) -> dict[str, Any]:
    """Return an environment in a playbook's form, with what else was asked for."""
    environment_id = environment.get("id")
    if not isinstance(environment_id, str) or not is_uuid(environment_id):
        raise UnexpectedAnswer(
            "The answer has an environment without an id",
            next_step="Check api_url and proxies: something else than PingOne may answer.",
            status=200,
        )
    embedded = environment.pop("_embedded", None)
    if isinstance(embedded, dict):
        # What `expand` brought along (HAL's embedded resources) is a property like others to a playbook.
        environment = {**embedded, **environment}
    with _explained(f"environment {environment_id}"):
        if "bill_of_materials" in include and "billOfMaterials" not in environment:
            environment["billOfMaterials"] = client.get("environments", environment_id, "billOfMaterials")
        if "capabilities" in include:
            environment["capabilities"] = client.get("environments", environment_id, "capabilities")
        if "total_identities" in include:
            environment["totalIdentities"] = _total_identities(client, environment_id)
    snake: dict[str, Any] = _for_playbooks(environment)
    return snake


def _total_identities(client: Client, environment_id: str) -> int | None:
    """Return the newest of the daily counts, None if PingOne has not counted yet.

    The API wants a range of dates
    (https://developer.pingidentity.com/pingone-api/platform/total-identities/read-total-identity-counts.html).
    """
    today = datetime.now(timezone.utc)
    start, end = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (today - timedelta(days=2), today))
    days = client.items(
        "environments",
        environment_id,
        "totalIdentities",
        params={"filter": f'startDate eq "{start}" and endDate eq "{end}"'},
    )
    counted = (day for day in days if isinstance(day.get("totalIdentities"), int))
    newest = max(counted, key=lambda day: str(day.get("date", "")), default={})
    return newest.get("totalIdentities")


def _for_playbooks(value: Any) -> Any:
    """Return a resource with its keys in snake_case and without HAL's links, which mean nothing to a playbook."""
    if isinstance(value, dict):
        return {_snake(key): _for_playbooks(item) for key, item in value.items() if key != "_links"}
    if isinstance(value, list):
        return [_for_playbooks(item) for item in value]
    return value


@lru_cache(maxsize=1_000)
def _snake(key: str) -> str:
    return str(next(iter(camel_dict_to_snake_dict({key: None}))))


@contextmanager
def _explained(subject: str) -> Iterator[None]:
    """Add to an error which environment it is about and which role is missing where.

    PingOne can give 403 as well as 404 both for an environment that does not exist and for one in which the worker
    application has no role; so both messages name both causes.
    """
    grant = (
        "grant it 'Configuration Read Only' or 'Environment Admin' for that environment or its organization:"
        " Applications > its name > Roles > Grant roles"
    )
    try:
        yield
    except InsufficientPrivileges as error:
        error.what = f"Insufficient privileges to read {subject}"
        error.next_step = (
            f"The worker application has no role that allows it: in the PingOne console, {grant}."
            " A new role can take a minute to work. PingOne can also say this of an environment that does not exist:"
            " check the id."
        )
        raise
    except NotFound as error:
        error.what = f"PingOne did not find {subject}"
        error.next_step = (
            "Check the id, and that region or root_domain is the one of this environment. If both are right, the"
            f" worker application may have no role there: in the PingOne console, {grant}."
        )
        raise
    except InvalidToken:
        raise
    except ApiError as error:
        error.what = f"Cannot read {subject}"
        raise
