#!/usr/bin/python

# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pingone_environment_info
short_description: Read PingOne environments
version_added: 0.1.0
description:
  - Reads environments of a PingOne organization, by ID, by name, with a SCIM filter, or all that the worker application
    may see.
  - Never changes anything.
author:
  - Contributors to community.pingone (@ansible-collections)
extends_documentation_fragment:
  - community.pingone.attributes
  - community.pingone.attributes.info_module
  - community.pingone.attributes.actiongroup_pingone
  - community.pingone.pingone
options:
  environment_id:
    description:
      - IDs of the environments to read. One string will do for one.
      - The task fails if one of them cannot be read.
      - The environments are returned in this order, each once. An empty list reads nothing.
      - O(concurrency) of them are read at a time.
    type: list
    elements: str
  name:
    description:
      - Name of the environment to read, in full. Upper and lower case count.
      - If there is no such environment, RV(environments) is empty.
    type: str
  filter:
    description:
      - A SCIM filter, evaluated by PingOne.
      - PingOne knows C(name sw), C(id eq), C(organization.id eq), C(license.id eq) and C(status eq), combined with
        C(and).
      - If nothing matches, RV(environments) is empty. An empty filter is none, and reads every environment.
    type: str
  include:
    description:
      - What to read in addition. Each choice adds the key of the same name to each environment.
      - V(bill_of_materials) needs no further request. The others need one for each environment.
    type: list
    elements: str
    choices:
      - bill_of_materials
      - capabilities
      - total_identities
    default: []
notes:
  - Without O(environment_id), O(name) and O(filter), every environment is read in which the worker application has a
    role.
seealso:
  - name: PingOne environments
    description: The API behind this module.
    link: https://developer.pingidentity.com/pingone-api/platform/environments.html
"""

EXAMPLES = r"""
- name: Read one environment
  community.pingone.pingone_environment_info:
    client_id: "{{ pingone_client_id }}"
    client_secret: "{{ pingone_client_secret }}"
    auth_environment_id: "{{ pingone_auth_environment_id }}"
    region: EU
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
  register: retail

- name: Use what was read
  ansible.builtin.debug:
    msg: "{{ retail.environments[0].name }} is a {{ retail.environments[0].type }} environment"

# The credentials of the following tasks come from PINGONE_CLIENT_ID, PINGONE_CLIENT_SECRET and PINGONE_ENVIRONMENT_ID
# or from module_defaults with group/community.pingone.pingone.

- name: Look an environment up by its name
  community.pingone.pingone_environment_info:
    name: Retail Production

- name: Read the environments of one license, with their services
  community.pingone.pingone_environment_info:
    filter: license.id eq "57a196bb-4c0b-4a4c-8d2e-1f1b6a1d7c11"
    include:
      - bill_of_materials

- name: Read every environment with all there is to know
  community.pingone.pingone_environment_info:
    include:
      - bill_of_materials
      - capabilities
      - total_identities
"""

RETURN = r"""
environments:
  description:
    - The environments. Properties have the names of PingOne's API in snake_case; links are left out.
    - Properties that are not described here are passed through.
    - With O(environment_id) in the order of the IDs, otherwise in PingOne's order.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the environment.
      type: str
      returned: always
      sample: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    name:
      description: Name, unique in the organization.
      type: str
      returned: always
      sample: Retail Production
    description:
      description: Description.
      type: str
      returned: if it has one
      sample: Customers of the web shop
    type:
      description: V(PRODUCTION) or V(SANDBOX).
      type: str
      returned: always
      sample: PRODUCTION
    subtype:
      description: What a sandbox is for; V(DEV), V(QA), V(STAGING), V(TESTING) or V(UAT).
      type: str
      returned: if it has one
      sample: STAGING
    region:
      description: Code of the region, such as V(NA), V(CA), V(EU), V(AP), V(AU) or V(SG).
      type: str
      returned: always
      sample: EU
    status:
      description: V(ACTIVE), or V(DELETE_PENDING) for a production environment that can still be restored.
      type: str
      returned: if PingOne gives it
      sample: ACTIVE
    organization:
      description: The organization.
      type: dict
      returned: always
      contains:
        id:
          description: ID of the organization.
          type: str
          returned: always
          sample: 8a1c4f6e-71c9-4c1b-9a53-2f4b1d0c7e55
    license:
      description: The license.
      type: dict
      returned: if PingOne gives it
      contains:
        id:
          description: ID of the license.
          type: str
          returned: always
          sample: 57a196bb-4c0b-4a4c-8d2e-1f1b6a1d7c11
        package:
          description: Name of the license's package.
          type: str
          returned: if PingOne gives it
          sample: GLOBAL
    icon:
      description: Address of the icon.
      type: str
      returned: if it has one
      sample: https://assets.example.com/retail.png
    created_at:
      description: When the environment was created, as PingOne gives it.
      type: str
      returned: always
      sample: "2024-03-11T09:27:45.113Z"
    updated_at:
      description: When the environment was last changed, as PingOne gives it.
      type: str
      returned: always
      sample: "2026-08-30T14:02:10.004Z"
    soft_deleted_at:
      description: When its deletion was asked for.
      type: str
      returned: if RV(environments[].status) is V(DELETE_PENDING)
      sample: "2026-10-01T08:00:00.000Z"
    hard_delete_allowed_at:
      description: Until when it can be restored.
      type: str
      returned: if RV(environments[].status) is V(DELETE_PENDING)
      sample: "2026-10-31T08:00:00.000Z"
    bill_of_materials:
      description: The services of the environment.
      type: dict
      returned: if O(include) has V(bill_of_materials)
      contains:
        solution_type:
          description: V(CUSTOMER), V(WORKFORCE), V(CIAM_TRIAL) or V(WF_TRIAL).
          type: str
          returned: if it has one
          sample: CUSTOMER
        products:
          description: The services, each with at least its C(type).
          type: list
          elements: dict
          returned: if PingOne gives them
          sample:
            - id: 0f6b6dbd-6b2e-4e0e-8a55-3c9a5c4f1c9d
              type: PING_ONE_MFA
              console:
                href: https://console.pingone.eu/index.html
    capabilities:
      description: What the environment's license and settings allow, each key a boolean, such as C(can_use_mfa).
      type: dict
      returned: if O(include) has V(capabilities)
      sample:
        can_use_mfa: true
        can_promote_to_prod: false
    total_identities:
      description: The newest daily count of identities; null if PingOne has not counted yet.
      type: int
      returned: if O(include) has V(total_identities)
      sample: 48210
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
    PingOne did not find environment 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e: The request could not be completed. The
    requested resource was not found (HTTP 404, NOT_FOUND, correlation id 5f1b0d0c-3a4e-4c3b-8f6e-2b1a9c8d7e6f). Check
    the id, and that region or root_domain is the one of this environment.
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
from ansible_collections.community.pingone.plugins.module_utils._environment import INCLUDES, read_environments
from ansible_collections.community.pingone.plugins.module_utils._module import Module


def run(client: Client, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Return the task's result. Reading is the same in check mode."""
    environments = read_environments(
        client,
        environment_ids=params["environment_id"],
        name=params["name"],
        scim_filter=params["filter"],
        include=params["include"],
    )
    return {"changed": False, "environments": environments}


MODULE = Module(
    run,
    {
        "environment_id": {"type": "list", "elements": "str"},
        "name": {"type": "str"},
        "filter": {"type": "str"},
        "include": {"type": "list", "elements": "str", "choices": list(INCLUDES), "default": []},
    },
    {"mutually_exclusive": [("environment_id", "name", "filter")]},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
