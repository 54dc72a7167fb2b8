# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to do things that are compared: each is a playbook, but for the script."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MODULE = "community.pingone.pingone_environment_info"
RESOURCE = "community.pingone.pingone_resource"
BARE = [sys.executable, str(Path(__file__).with_name("_bare.py"))]

#: Names of the ways, as tables and the plot show them.
HERE = "community.pingone, in the controller"
PROCESS = "community.pingone, as a process"
URI = "two ansible.builtin.uri"
PING = "ansible.builtin.ping"
SCRIPT = "a script with requests"
START = "ansible-playbook without a task"
LOOPS = (HERE, PROCESS, URI, PING, SCRIPT)
CREATIONS = (HERE, PROCESS, URI)

_SHELL = "lookup('ansible.builtin.env', 'PINGONE_%s')"
_TOKEN: dict[str, Any] = {
    "name": "Get a token",
    "ansible.builtin.uri": {
        "url": f"{{{{ {_SHELL % 'AUTH_URL'} }}}}/{{{{ {_SHELL % 'ENVIRONMENT_ID'} }}}}/as/token",
        "method": "POST",
        "url_username": f"{{{{ {_SHELL % 'CLIENT_ID'} }}}}",
        "url_password": f"{{{{ {_SHELL % 'CLIENT_SECRET'} }}}}",
        "force_basic_auth": True,
        "body_format": "form-urlencoded",
        "body": {"grant_type": "client_credentials"},
        "ca_path": f"{{{{ {_SHELL % 'CA_PATH'} }}}}",
    },
    "register": "tokens",
}
_URI: list[dict[str, Any]] = [
    {**_TOKEN, "loop": "{{ ids }}"},
    {
        "name": "Read the environment",
        "ansible.builtin.uri": {
            "url": f"{{{{ {_SHELL % 'API_URL'} }}}}/environments/{{{{ item.item }}}}",
            "headers": {"Authorization": "Bearer {{ item.json.access_token }}"},
            "ca_path": f"{{{{ {_SHELL % 'CA_PATH'} }}}}",
        },
        "register": "result",
        "loop": "{{ tokens.results }}",
        "loop_control": {"label": "{{ item.item }}"},
    },
]


def _read(in_process: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": "Read the environment",
            MODULE: {"environment_id": "{{ item }}"},
            "loop": "{{ ids }}",
            "register": "result",
            "vars": {"pingone_in_process": in_process},
        }
    ]


#: The tasks that read the environments in the variable C(ids), one by one.
READS: Mapping[str, list[dict[str, Any]]] = {
    HERE: _read(in_process=True),
    PROCESS: _read(in_process=False),
    URI: _URI,
    PING: [{"name": "Ping", "ansible.builtin.ping": {}, "loop": "{{ ids }}"}],
    START: [],
}
#: The task that reads all environments.
LIST: list[dict[str, Any]] = [{"name": "Read all", MODULE: {}, "register": "result"}]

_USERS = f"{{{{ {_SHELL % 'API_URL'} }}}}/environments/{{{{ environment_id }}}}/users"
_ASK = {
    "headers": {"Authorization": "Bearer {{ tokens.json.access_token }}"},
    "ca_path": f"{{{{ {_SHELL % 'CA_PATH'} }}}}",
}


def _create(in_process: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": "Have the user",
            RESOURCE: {
                "environment_id": "{{ environment_id }}",
                "path": "users",
                "match": ["username"],
                "body": {"username": "{{ item }}", "email": "{{ item }}@example.com"},
            },
            "loop": "{{ ids }}",
            "vars": {"pingone_in_process": in_process},
        }
    ]


#: The tasks that have the users in the variable C(ids) in an environment, one by one, and create none twice.
USERS: Mapping[str, list[dict[str, Any]]] = {
    HERE: _create(in_process=True),
    PROCESS: _create(in_process=False),
    URI: [
        _TOKEN,
        {
            "name": "Look for the user",
            "ansible.builtin.uri": {**_ASK, "url": f"{_USERS}?filter=username%20eq%20%22{{{{ item }}}}%22"},
            "loop": "{{ ids }}",
            "register": "found",
        },
        {
            "name": "Create the user",
            "ansible.builtin.uri": {
                **_ASK,
                "url": _USERS,
                "method": "POST",
                "body_format": "json",
                "body": {"username": "{{ item.item }}", "email": "{{ item.item }}@example.com"},
                "status_code": 201,
            },
            "loop": "{{ found.results }}",
            "loop_control": {"label": "{{ item.item }}"},
            "when": "not item.json._embedded.users",
        },
    ],
}
#: The task that reads all users.
LIST_USERS: list[dict[str, Any]] = [
    {
        "name": "Read all users",
        f"{RESOURCE}_info": {"environment_id": "{{ environment_id }}", "path": "users"},
        "register": "result",
    }
]
