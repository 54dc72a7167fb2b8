#!/usr/bin/python

# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pingone_resource_info
short_description: Read PingOne resources of any kind
version_added: 0.2.0
description:
  - Reads what is at a path of PingOne's management API. That is one resource, or all of a collection.
  - Never changes anything.
author:
  - Contributors to community.pingone (@ansible-collections)
extends_documentation_fragment:
  - community.pingone.attributes
  - community.pingone.attributes.info_module
  - community.pingone.attributes.actiongroup_pingone
  - community.pingone.pingone
options:
  path:
    description:
      - Where the resources are, such as V(populations) or
        V(users/4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e/roleAssignments).
      - It is below the environment O(environment_id). With a leading slash it is what comes behind C(/v1) in PingOne's
        documentation, such as V(/organizations).
    type: str
    required: true
  environment_id:
    description:
      - ID of the environment that O(path) is below.
      - Needed unless O(path) has a leading slash, and not used then.
    type: str
  resource_id:
    description:
      - ID of the one resource to read.
      - The task fails if it cannot be read.
    type: str
  filter:
    description:
      - A SCIM filter, evaluated by PingOne, such as V(name eq "Sales").
      - Which properties and operators it can have says PingOne's documentation of the collection. Collections that have
        no filters may ignore it.
      - If nothing matches, RV(resources) is empty. An empty filter is none, and reads everything.
    type: str
  limit:
    description:
      - How many resources to read at the most.
      - Without it, all are read, page after page.
    type: int
  order:
    description:
      - The property to sort by, descending with a V(-) before it.
      - Only some collections know it.
    type: str
  expand:
    description:
      - Related resources that PingOne shall embed, such as V(population) for users.
      - They are in C(_embedded).
    type: list
    elements: str
    default: []
  include:
    description:
      - Properties that PingOne shows only on request, such as V(memberOfGroupIDs) for users.
    type: list
    elements: str
    default: []
  links:
    description: Whether to return C(_links), which say where related resources are.
    type: bool
    default: false
notes:
  - Some resources are secrets, such as that of an application at C(applications/ID/secret). Give such tasks
    C(no_log=true).
seealso:
  - module: community.pingone.pingone_resource
  - module: community.pingone.pingone_environment_info
  - name: PingOne Platform APIs
    description: All paths, and what is there.
    link: https://developer.pingidentity.com/pingone-api/platform/introduction.html
"""

EXAMPLES = r"""
# The credentials come from PINGONE_CLIENT_ID, PINGONE_CLIENT_SECRET and PINGONE_ENVIRONMENT_ID or from module_defaults
# with group/community.pingone.pingone.

- name: Read all populations
  community.pingone.pingone_resource_info:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: populations
  register: populations

- name: Read the users of the first one
  community.pingone.pingone_resource_info:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: users
    filter: population.id eq "{{ populations.resources[0].id }}"
    limit: 50

- name: Read the licenses of an organization
  community.pingone.pingone_resource_info:
    path: /organizations/8a1c4f6e-71c9-4c1b-9a53-2f4b1d0c7e55/licenses

- name: Read a setting
  community.pingone.pingone_resource_info:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: brandingSettings

- name: Read the secret of an application
  community.pingone.pingone_resource_info:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: applications/0d7e5a9c-55cf-4f0c-9d6a-6d4f0e9a1b2c/secret
  register: secret
  no_log: true
"""

RETURN = r"""
resources:
  description:
    - The resources, as PingOne gives them, with properties in camelCase, so that they can be given back to
      M(community.pingone.pingone_resource). Without O(links), C(_links) are left out.
    - A list also for a single resource or setting.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 7c0e4c5b-4f0e-4b0c-9a8d-1b2c3d4e5f60
      environment:
        id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
      name: Customers
      userCount: 48210
      default: true
      createdAt: "2024-03-11T09:27:45.113Z"
      updatedAt: "2026-08-30T14:02:10.004Z"
waits:
  description: A line for each wait before a retry.
  returned: always
  type: list
  elements: str
  sample: ["GET /v1/environments was answered with HTTP 429: waiting 2.3 seconds before retry 1 of 5"]
msg:
  description: What failed, why as PingOne said it, and what to do next.
  returned: failure
  type: str
  sample: >-
    PingOne did not find environments/4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e/groups/mine: The requested resource was not
    found (HTTP 404, NOT_FOUND, correlation id 5f1b0d0c-3a4e-4c3b-8f6e-2b1a9c8d7e6f). Check path and ids, and that
    region or root_domain is the right one.
status:
  description: The HTTP status of the answer; null if there was none.
  returned: failure
  type: int
  sample: 404
code:
  description: The error code of PingOne or, from the token endpoint, of OAuth 2.0; null if there was none.
  returned: failure
  type: str
  sample: NOT_FOUND
details:
  description: PingOne's details of the error, maybe empty.
  returned: failure
  type: list
  elements: dict
  sample:
    - code: INSUFFICIENT_PERMISSIONS
      message: You do not have permissions or are not licensed to make this request.
correlation_id:
  description: What PingOne's support asks for; null if PingOne gave none.
  returned: failure
  type: str
  sample: 5f1b0d0c-3a4e-4c3b-8f6e-2b1a9c8d7e6f
"""

from typing import Any

from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError
from ansible_collections.community.pingone.plugins.module_utils._module import Module
from ansible_collections.community.pingone.plugins.module_utils._place import place_of
from ansible_collections.community.pingone.plugins.module_utils._resource import read_resources


def run(client: Client, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Return the task's result. Reading is the same in check mode."""
    place = place_of(params["path"], params["environment_id"], params["resource_id"])
    if params["limit"] is not None and params["limit"] < 1:
        raise OptionError("limit is not at least 1", next_step="Leave it out to read everything.")
    query = {
        "filter": (params["filter"] or "").strip(),
        "order": params["order"],
        "expand": ",".join(params["expand"]),
        "include": ",".join(params["include"]),
    }
    resources = read_resources(
        client,
        place,
        params={name: value for name, value in query.items() if value},
        limit=params["limit"],
        links=params["links"],
    )
    return {"changed": False, "resources": resources}


MODULE = Module(
    run,
    {
        "path": {"type": "str", "required": True},
        "environment_id": {"type": "str"},
        "resource_id": {"type": "str"},
        "filter": {"type": "str"},
        "limit": {"type": "int"},
        "order": {"type": "str"},
        "expand": {"type": "list", "elements": "str", "default": []},
        "include": {"type": "list", "elements": "str", "default": []},
        "links": {"type": "bool", "default": False},
    },
    {"mutually_exclusive": [("resource_id", "filter"), ("resource_id", "limit"), ("resource_id", "order")]},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
