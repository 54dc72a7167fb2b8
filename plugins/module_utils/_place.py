# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Where a resource is: the path that a playbook gives, in segments below the API's base."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError, shown
from ansible_collections.community.pingone.plugins.module_utils._settings import check_text, check_uuid, is_uuid

#: What no segment has: it would lead elsewhere, or was meant to be replaced.
_REFUSED = re.compile(r"[?#{}\\\s]")


@dataclass(frozen=True)
class Place:
    """A path of the API.

    :ivar path: the segments.
    :ivar kind: what is there, such as C(populations) or C(users/roleAssignments): the path without ids, below its
        environment.
    """

    path: tuple[str, ...]

    @property
    def kind(self) -> str:
        names = [segment for segment in self.path if not is_uuid(segment)]
        return "/".join(names[1:] if names[0] == "environments" and len(names) > 1 else names)

    def __str__(self) -> str:
        return "/".join(self.path)


def place_of(path: str, environment_id: str | None, resource_id: str | None = None) -> Place:
    """Return the place that options name.

    :arg path: below the environment; with a leading slash below the API's base.
    :arg resource_id: one more segment.
    :raises OptionError: if they name none.
    """
    is_absolute = path.startswith("/")
    segments = path.strip("/").split("/")
    check_text(path, "path")
    if "://" in path or (is_absolute and segments[0] == "v1"):
        raise OptionError(
            f"path: {shown(path)} has the address of the API",
            next_step="Give what comes behind /v1, such as /organizations.",
        )
    if not all(segments) or {".", ".."} & set(segments) or _REFUSED.search(path):
        raise OptionError(
            f"path: {shown(path)} is not a path of the API",
            "it has an empty segment, a placeholder, a query or white space",
            "Give a path such as populations, or users/USER_ID/roleAssignments with the id of a user.",
        )
    if resource_id is not None:
        check_text(resource_id, "resource_id")
        if not resource_id or "/" in resource_id or resource_id in (".", "..") or _REFUSED.search(resource_id):
            raise OptionError(f"resource_id: {shown(resource_id)} is not the id of a resource")
        segments.append(resource_id)
    if is_absolute:
        return Place(tuple(segments))
    if not environment_id:
        raise OptionError(
            f"path: {shown(path)} is below an environment, and environment_id is missing",
            next_step="Give environment_id, or a path with a leading slash for what is outside of environments.",
        )
    check_uuid(environment_id, "environment_id")
    return Place(("environments", environment_id, *segments))
