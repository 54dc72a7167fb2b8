#!/usr/bin/python

# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pingone_resource
short_description: Manage PingOne resources of any kind
version_added: 0.2.0
description:
  - Creates, changes and deletes resources of PingOne's management API, for example populations, users, applications,
    role assignments, sign-on policies and environments.
  - Only the properties that O(body) names are compared and changed. What PingOne sets itself never counts as a change.
author:
  - Contributors to community.pingone (@ansible-collections)
extends_documentation_fragment:
  - community.pingone.attributes
  - community.pingone.attributes.changing_module
  - community.pingone.attributes.actiongroup_pingone
  - community.pingone.pingone
options:
  state:
    description:
      - V(present) creates the resource, or changes what O(body) names.
      - V(absent) deletes it.
    type: str
    choices:
      - present
      - absent
    default: present
  path:
    description:
      - The collection, such as V(populations) or V(users/4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e/roleAssignments).
      - Or a setting, such as V(brandingSettings) or V(users/4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e/enabled). Settings are
        only ever changed.
      - It is below the environment O(environment_id). With a leading slash it is what comes behind C(/v1) in PingOne's
        documentation, such as V(/environments).
    type: str
    required: true
  environment_id:
    description:
      - ID of the environment that O(path) is below.
      - Needed unless O(path) has a leading slash, and not used then.
    type: str
  resource_id:
    description:
      - ID of the resource, if it exists and is known. PingOne chooses the IDs of new ones.
    type: str
  match:
    description:
      - The properties that tell the resource from the others in its collection, such as V(name), V(username) or
        V(role.id). Their values are those in O(body).
      - Without O(match) and O(resource_id) it is V(name), if O(body) has one.
      - The task fails if several resources match.
    type: list
    elements: str
  body:
    description:
      - Properties of the resource, in camelCase as PingOne's documentation has them. Those that are left out stay as
        they are, also in nested objects. A null takes a property away.
      - What M(community.pingone.pingone_resource_info) returned can be given. What only PingOne sets is passed over, at
        the top level that is C(id), C(environment), C(createdAt) and the like.
      - The order of lists does not count.
      - The values of properties that hold secrets, such as C(password), C(clientSecret) or C(privateKey), are not
        shown.
    type: dict
    default: {}
  lists:
    description:
      - What becomes of lists of objects. Both ways compare only the named properties of objects that belong together.
        These have the same C(id), C(name), C(key), C(type), C(locale) or C(value), whichever first tells all objects of
        O(body) apart.
      - V(whole) makes the list have the objects of O(body), and no others.
      - V(by_key) lets the others stay.
      - Lists of texts and numbers are always taken as a whole.
    type: str
    choices:
      - whole
      - by_key
    default: whole
  update_method:
    description:
      - How an existing resource is changed.
      - V(put) replaces it by what it is with O(body) laid over.
      - V(patch) sends what is different. PingOne takes that for users and for attributes of schemas.
      - V(post) does one of PingOne's actions, such as unlocking a user, with O(body) and O(content_type), at O(path)
        itself or on the resource that O(resource_id) or O(match) names. It is done, and reported as a change, each
        time.
    type: str
    choices:
      - put
      - patch
      - post
    default: put
  content_type:
    description:
      - The media type of O(body), where PingOne wants another one, such as
        V(application/vnd.pingidentity.user.import+json) to create a user with a password. It is not used to change a
        resource that exists, unless that is a setting or O(update_method=post).
      - With V(multipart/form-data), the properties become the fields of a form, and C(file) is uploaded as a file.
    type: str
    default: application/json
  update_secret:
    description:
      - When secrets in O(body) are a reason for a change. PingOne does not show most of them, so they cannot be
        compared.
      - V(on_create) sends them when the resource is created, and along with other changes, because a
        O(update_method=put) without them would take them away.
      - V(always) sends them each time, and reports a change unless PingOne shows the same. Settings that are secrets as
        a whole, such as a user's C(password), need it.
    type: str
    choices:
      - on_create
      - always
    default: on_create
  allow_data_loss:
    description:
      - Whether O(state=absent) may delete a V(PRODUCTION) environment, or a population together with its users.
      - A V(PRODUCTION) environment can be restored for some time; then it counts as absent already.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait for what takes its time in PingOne, such as the first effect of a new role (until then it
        answers with 403), and, after a change, until it can be read.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at the most, in the whole task, if O(wait) is set.
    type: int
    default: 60
notes:
  - In check mode, PingOne is only read from. RV(resource) and the diff are then what is expected, without what only
    PingOne can know, such as the ID of a new resource. Whether PingOne would take the values is not known before they
    are sent.
  - If a request to create something is interrupted, the module looks whether PingOne carried it out before it sends
    it again.
  - In a loop over values that hold secrets, set C(label) in C(loop_control), because Ansible shows each item.
seealso:
  - module: community.pingone.pingone_resource_info
  - name: PingOne Platform APIs
    description: All paths, and what is there.
    link: https://developer.pingidentity.com/pingone-api/platform/introduction.html
"""

EXAMPLES = r"""
# The credentials come from PINGONE_CLIENT_ID, PINGONE_CLIENT_SECRET and PINGONE_ENVIRONMENT_ID or from module_defaults
# with group/community.pingone.pingone. They can hold the ID of the environment, too:
#
# module_defaults:
#   community.pingone.pingone_resource:
#     environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e

- name: Have a population
  community.pingone.pingone_resource:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: populations
    body:
      name: Customers
      description: Everybody who buys coffee
  register: customers

- name: Have a user in it, with a first password
  community.pingone.pingone_resource:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: users
    match: [username]
    content_type: application/vnd.pingidentity.user.import+json
    body:
      username: anna
      email: anna@example.com
      population:
        id: "{{ customers.resource.id }}"
      password:
        value: "{{ first_password }}"
        forceChange: true
  register: anna

- name: Disable the user
  community.pingone.pingone_resource:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: users/{{ anna.resource.id }}/enabled
    body:
      enabled: false

- name: Unlock the user's account
  community.pingone.pingone_resource:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: users
    resource_id: "{{ anna.resource.id }}"
    update_method: post
    content_type: application/vnd.pingidentity.account.unlock+json

- name: Let a worker application read the environment's configuration
  community.pingone.pingone_resource:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: applications/{{ worker.resource.id }}/roleAssignments
    match: [role.id, scope.id]
    body:
      role:
        id: "{{ role_id }}"
      scope:
        id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
        type: ENVIRONMENT

- name: Add a service to an environment, and let the others be
  community.pingone.pingone_resource:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    path: billOfMaterials
    lists: by_key
    body:
      products:
        - type: PING_ONE_MFA

- name: Have a sandbox environment
  community.pingone.pingone_resource:
    path: /environments
    body:
      name: Shop Sandbox
      type: SANDBOX
      region: EU
      license:
        id: 57a196bb-4c0b-4a4c-8d2e-1f1b6a1d7c11

- name: Have no group of this name
  community.pingone.pingone_resource:
    environment_id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    state: absent
    path: groups
    body:
      name: Former partners
"""

RETURN = r"""
resource:
  description:
    - The resource as it is now, as PingOne gives it, without C(_links). Empty if it is absent.
    - In check mode, what it would be.
  returned: success
  type: dict
  sample:
    id: 7c0e4c5b-4f0e-4b0c-9a8d-1b2c3d4e5f60
    environment:
      id: 4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e
    name: Customers
    description: Everybody who buys coffee
    userCount: 0
    default: false
    createdAt: "2026-08-30T14:02:10.004Z"
    updatedAt: "2026-08-30T14:02:10.004Z"
diff:
  description: What the resource was, and what it was changed into; secrets are not shown.
  returned: changed
  type: dict
  contains:
    before:
      description: The resource before; empty if there was none.
      type: dict
      returned: changed
      sample: {}
    after:
      description: The resource after; empty if there is none.
      type: dict
      returned: changed
      sample:
        name: Customers
        description: Everybody who buys coffee
    before_header:
      description: Where the resource is.
      type: str
      returned: changed
      sample: environments/4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e/populations
    after_header:
      description: The same.
      type: str
      returned: changed
      sample: environments/4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e/populations
waits:
  description: A line for each wait, and for each hundred users that were deleted with their population.
  returned: always
  type: list
  elements: str
  sample: ["GET /v1/environments was answered with HTTP 429: waiting 2.3 seconds before retry 1 of 5"]
msg:
  description: What failed, why as PingOne said it, and what to do next.
  returned: failure
  type: str
  sample: >-
    Insufficient privileges to create environments/4f7c0c6a-2d3a-4d6f-9d0e-6f5a1b1c2d3e/groups with name: You do not
    have the permissions for this request (HTTP 403, ACCESS_FAILED, correlation id
    5f1b0d0c-3a4e-4c3b-8f6e-2b1a9c8d7e6f). The worker application has no role that allows it: in the PingOne console,
    Applications > its name > Roles > Grant roles.
status:
  description: The HTTP status of the answer; null if there was none.
  returned: failure
  type: int
  sample: 403
code:
  description: The error code of PingOne or, from the token endpoint, of OAuth 2.0; null if there was none.
  returned: failure
  type: str
  sample: ACCESS_FAILED
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

from ansible_collections.community.pingone.plugins.module_utils._client import JSON, Client
from ansible_collections.community.pingone.plugins.module_utils._desired_state import DesiredState, Wish
from ansible_collections.community.pingone.plugins.module_utils._module import Module
from ansible_collections.community.pingone.plugins.module_utils._place import place_of


def run(client: Client, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Return the task's result."""
    wish = Wish(
        place=place_of(params["path"], params["environment_id"]),
        resource_id=params["resource_id"],
        match=tuple(params["match"] or ()),
        body=params["body"],
        content_type=params["content_type"],
        update_method=params["update_method"],
        always_update_secrets=params["update_secret"] == "always",  # noqa: S105 - a choice, no secret
        by_key=params["lists"] == "by_key",
        allow_data_loss=params["allow_data_loss"],
        wait_timeout=params["wait_timeout"] if params["wait"] else 0,
    )
    state = DesiredState(client, wish, check_mode)
    return state.absent() if params["state"] == "absent" else state.present()


MODULE = Module(
    run,
    {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "path": {"type": "str", "required": True},
        "environment_id": {"type": "str"},
        "resource_id": {"type": "str"},
        "match": {"type": "list", "elements": "str"},
        "body": {"type": "dict", "default": {}},
        "lists": {"type": "str", "choices": ["whole", "by_key"], "default": "whole"},
        "update_method": {"type": "str", "choices": ["put", "patch", "post"], "default": "put"},
        "content_type": {"type": "str", "default": JSON},
        "update_secret": {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
        "allow_data_loss": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 60},
    },
    {"mutually_exclusive": [("resource_id", "match")]},
    document="body",
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
