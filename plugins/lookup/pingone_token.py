# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: pingone_token
short_description: An access token for PingOne
version_added: 0.2.0
description:
  - Returns an access token of a worker application, or the O(access_token) that was given, for calls of PingOne's API
    that no module covers yet.
  - The token has not expired. It is the one that tasks in Ansible's own process share, if there is one.
author:
  - Contributors to community.pingone (@ansible-collections)
extends_documentation_fragment:
  - community.pingone.pingone
notes:
  - From ansible-core 2.22 on, Ansible hides the token wherever it would show it. Before, set C(no_log) to V(true) on
    tasks that use it.
  - Lookups run on the controller, whatever the task's host is.
"""

EXAMPLES = r"""
- name: Call what no module covers yet
  ansible.builtin.uri:
    url: https://api.pingone.eu/v1/organizations
    headers:
      Authorization: "Bearer {{ lookup('community.pingone.pingone_token', region='EU') }}"
    # Otherwise a line for this host in ~/.netrc would replace the header.
    use_netrc: false
  no_log: true
  register: organizations
"""

RETURN = r"""
_raw:
  description: A list with the token.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.community.pingone.plugins.module_utils._settings import SHARED_ARGUMENTS
from ansible_collections.community.pingone.plugins.plugin_utils._controller import client_for, plain


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        """Return a list with the token.

        :raises AnsibleError: if there is none to be had, or for an option that is wrong.
        """
        if terms:
            raise AnsibleError("pingone_token takes options by name only, such as region='EU'")
        self.set_options(var_options=variables, direct=options)
        with client_for({name: plain(self.get_option(name)) for name in SHARED_ARGUMENTS}) as (client, dummy):
            return [client.token()]
