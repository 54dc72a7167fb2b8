# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_util is PRIVATE to the collection: it can change or disappear in any release.

"""What plugins have in common that speak with PingOne from inside the controller."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.utils.display import Display
from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._errors import PingOneError, bug
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings
from ansible_collections.community.pingone.plugins.plugin_utils._token_cache import token_cache

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    # Before ansible-core 2.22.
    register_secrets = None

__all__ = ["client_for", "connect", "plain", "register_secrets"]

display = Display()


@contextmanager
def client_for(options: Mapping[str, Any]) -> Iterator[tuple[Client, Secrets]]:
    """Return a client for a plugin's options, and the secrets that it knows.

    :raises AnsibleError: for each of the client's errors, without secrets.
    """
    secrets = Secrets()
    try:
        settings = Settings.from_options(options, os.environ)
        for warning in settings.warnings:
            display.warning(warning)
        client, secrets = connect(settings, display.v)
        yield client, secrets
    except PingOneError as error:
        error.rewrite(secrets.mask_pieces)
        message = str(error)
    except AnsibleError:
        raise
    except Exception as error:  # noqa: BLE001 - its text could hold a secret
        message = str(bug(error))
    else:
        return
    # Not in an except clause: ansible-core would add the cause, which could hold a secret.
    raise AnsibleError(message)


def connect(settings: Settings, report: Callable[[str], None]) -> tuple[Client, Secrets]:
    """Return a client for one task, and the secrets that it knows.

    :arg report: gets a line about each wait.
    """
    client, secrets = _known_client(settings)
    client.begin(report)
    return client, secrets


@lru_cache(maxsize=8)
def _known_client(settings: Settings) -> tuple[Client, Secrets]:
    """Return a client whose token and connections serve all items of a loop."""
    secrets = Secrets(register_secrets)
    secrets.add(*settings.secrets)
    store = token_cache(settings, os.path.join(constants.ANSIBLE_HOME, "pingone_tokens"), display.warning)
    return Client(settings, secrets, display.v, store), secrets


# Two processes must not speak over one connection.
os.register_at_fork(after_in_child=_known_client.cache_clear)


def plain(value: Any) -> Any:
    """Return a value as a module gets it, without what ansible-core hangs on it or hides in it, such as tags."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)
