# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: pingone_environments
short_description: PingOne environments as hosts
version_added: 0.2.0
description:
  - Makes a host of each PingOne environment that the worker application may see, so that a play can be run for each.
  - The configuration is a YAML file whose name ends with C(pingone_environments.yml) or C(pingone_environments.yaml).
  - Host variables are the properties of the environment as M(community.pingone.pingone_environment_info) returns them.
    The variable C(pingone_environment) has all of them; those with a name that Ansible keeps for itself, such as
    C(name), are only there.
  - Tasks for these hosts run on the controller, because C(ansible_connection) is V(local) and
    C(ansible_python_interpreter) is Ansible's own Python.
author:
  - Contributors to community.pingone (@ansible-collections)
extends_documentation_fragment:
  - community.pingone.pingone
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices:
      - community.pingone.pingone_environments
  filter:
    description:
      - A SCIM filter, evaluated by PingOne, as in M(community.pingone.pingone_environment_info).
    type: str
  include:
    description:
      - What to read in addition. Each choice adds the variable of the same name to each host.
      - V(bill_of_materials) needs no further request. The others need one for each environment.
    type: list
    elements: str
    choices:
      - bill_of_materials
      - capabilities
      - total_identities
    default: []
  hostnames:
    description:
      - Jinja expressions over the properties of an environment. The first one that gives something is the host's name.
      - Two environments must not get the same name.
    type: list
    elements: str
    default:
      - name
notes:
  - Credentials in the file can be templates with lookups, or vaulted. Better leave them out of it, and set
    E(PINGONE_CLIENT_ID), E(PINGONE_CLIENT_SECRET) and E(PINGONE_ENVIRONMENT_ID).
seealso:
  - plugin: community.pingone.pingone_environment_info
    plugin_type: module
"""

EXAMPLES = r"""
# sandboxes.pingone_environments.yml, with credentials from PINGONE_CLIENT_ID, PINGONE_CLIENT_SECRET and
# PINGONE_ENVIRONMENT_ID:
---
plugin: community.pingone.pingone_environments
region: EU
filter: status eq "ACTIVE"
include: [bill_of_materials]
# Groups such as type_sandbox and region_eu.
keyed_groups:
  - prefix: type
    key: type | lower
  - prefix: region
    key: region | lower
groups:
  has_mfa: "'PING_ONE_MFA' in bill_of_materials.products | map(attribute='type')"
compose:
  created_on: created_at[:10]

# A playbook for each sandbox: ansible-playbook -i sandboxes.pingone_environments.yml this.yml
---
- name: Check each sandbox
  hosts: type_sandbox
  gather_facts: false
  tasks:
    - name: Show it
      ansible.builtin.debug:
        msg: "{{ pingone_environment.name }} has the id {{ id }}"
"""

import sys
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible.vars.reserved import is_reserved_name
from ansible_collections.community.pingone.plugins.module_utils._environment import read_environments
from ansible_collections.community.pingone.plugins.module_utils._settings import SHARED_ARGUMENTS
from ansible_collections.community.pingone.plugins.plugin_utils._controller import client_for, plain


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "community.pingone.pingone_environments"

    def verify_file(self, path: str) -> bool:
        """Return whether the name of a file says that it is one of ours."""
        is_ours = path.endswith(("pingone_environments.yml", "pingone_environments.yaml"))
        return is_ours and bool(super().verify_file(path))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Add a host for each environment.

        :arg cache: whether the cache may be read.
        :raises AnsibleParserError: if PingOne cannot be read, or for an option that is wrong.
        """
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            names: set[str] = set()
            # What PingOne says is no template, wherever it gets to.
            for environment in wrap_var(self._environments(self.get_cache_key(path), cache)):
                name = self._hostname(environment)
                if name in names:
                    raise AnsibleError(f"hostnames gives {name!r} to more than one environment")
                names.add(name)
                self._add(name, environment)
        except AnsibleError as error:
            raise AnsibleParserError(str(error)) from error

    def _environments(self, key: str, cache: bool) -> list[dict[str, Any]]:
        """Return the environments, from Ansible's cache if that is wanted."""
        if not self.get_option("cache"):
            return self._read()
        if not cache or key not in self._cache:
            self._cache[key] = self._read()
        found: list[dict[str, Any]] = self._cache[key]
        return found

    def _read(self) -> list[dict[str, Any]]:
        options = {name: plain(self.templar.template(self.get_option(name))) for name in SHARED_ARGUMENTS}
        with client_for(options) as (client, secrets):
            found: list[dict[str, Any]] = secrets.mask(
                read_environments(
                    client,
                    scim_filter=plain(self.templar.template(self.get_option("filter"))),
                    include=plain(self.get_option("include")),
                )
            )
        return found

    def _hostname(self, environment: dict[str, Any]) -> str:
        for expression in self.get_option("hostnames"):
            try:
                name = self._compose(expression, environment)
            except AnsibleError:
                if self.get_option("strict"):
                    raise
                continue
            if name:
                text: str = wrap_var(str(name))
                return text
        raise AnsibleError(f"hostnames gives no name to environment {environment['id']}")

    def _add(self, name: str, environment: dict[str, Any]) -> None:
        self.inventory.add_host(name)
        variables = {key: value for key, value in environment.items() if not is_reserved_name(key)}
        for key, value in {**variables, "pingone_environment": environment}.items():
            self.inventory.set_variable(name, key, value)
        self.inventory.set_variable(name, "ansible_connection", "local")
        self.inventory.set_variable(name, "ansible_python_interpreter", sys.executable)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), environment, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), environment, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), environment, name, strict=strict)
