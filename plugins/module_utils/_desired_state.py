# SPDX-FileCopyrightText: Contributors to community.pingone
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is PRIVATE to the collection: it can change or disappear in any release.

"""Brings one resource into the state that a playbook wants, and says what that changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.community.pingone.plugins.module_utils._client import JSON, Client
from ansible_collections.community.pingone.plugins.module_utils._comparison import (
    is_met,
    is_same,
    laid_over,
    value_at,
    without,
    without_links,
)
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    ApiError,
    InsufficientPrivileges,
    NotFound,
    OptionError,
    PingOneError,
    shown,
)
from ansible_collections.community.pingone.plugins.module_utils._kinds import READ_ONLY, kind_of
from ansible_collections.community.pingone.plugins.module_utils._place import Place
from ansible_collections.community.pingone.plugins.module_utils._resource import (
    Found,
    explained,
    find,
    matched_by_default,
)
from ansible_collections.community.pingone.plugins.module_utils._sensitive import (
    hidden,
    hidden_as,
    name_of,
    without_secrets,
)
from ansible_collections.community.pingone.plugins.module_utils._settings import is_uuid

_Result = TypeVar("_Result")

#: Seconds between two looks at what takes its time; each further wait is twice as long, until LONGEST_PAUSE.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
#: Users between two lines about how many are deleted.
PROGRESS = 100


@dataclass(frozen=True)
class Wish:
    """What a playbook says of a resource.

    :ivar place: where it is, or the collection that it is in.
    :ivar match: dotted paths of the properties that tell it from others; see :func:`find`.
    :ivar body: what it is to look like; only what is named here is compared.
    :ivar update_method: C(put), C(patch) or C(post).
    :ivar always_update_secrets: whether secrets are sent each time, not only at the creation.
    :ivar by_key: whether objects of a list stay that the body does not have.
    :ivar allow_data_loss: whether users may be deleted along with it.
    :ivar wait_timeout: seconds to wait for what takes its time; 0 not to wait.
    """

    place: Place
    resource_id: str | None
    match: tuple[str, ...]
    body: dict[str, Any]
    content_type: str = JSON
    update_method: str = "put"
    always_update_secrets: bool = False
    by_key: bool = False
    allow_data_loss: bool = False
    wait_timeout: int = 0

    def __post_init__(self) -> None:
        """Check what can be checked without PingOne.

        :raises OptionError: if a property that is to match has no value.
        """
        for name in self.match:
            if value_at(self.body, name) in (None, ""):
                raise OptionError(f"match: {shown(name)} has no value in body", next_step=f"Give {name} in body.")


class DesiredState:
    """Brings a resource into the state that is wished for.

    The methods return the keys of a task's result, and raise the errors of the client.
    """

    def __init__(self, client: Client, wish: Wish, check_mode: bool) -> None:
        self._client = client
        self._wish = wish
        self._check_mode = check_mode
        self._kind = kind_of(wish.place.kind)
        self._segment = name_of(str(wish.place), wish.resource_id)
        self._deadline = time.monotonic() + wish.wait_timeout

    def present(self) -> dict[str, Any]:
        """Create the resource or change it in what the wish names, if it is not so yet."""
        if self._wish.update_method == "post":
            return self._act()
        found = self._find()
        if found is None:
            if self._wish.resource_id is not None:
                raise self._missing()
            return self._create()
        if found.document is None:
            return self._set(found)
        if found.document.get("status") == "DELETE_PENDING" and self._is_environment:
            raise PingOneError(
                f"Environment {found.path[-1]} is about to be deleted",
                f"until {found.document.get('hardDeleteAllowedAt', 'then')} it can be restored",
                f"Restore it first, with path /environments/{found.path[-1]}/status and a body with status ACTIVE and"
                " license.id.",
            )
        return self._update(found)

    def absent(self) -> dict[str, Any]:
        """Delete the resource, if there is one."""
        found = self._find()
        if found is None or found.document is None or self._is_deleted(found.document):
            return self._outcome({}, {}, {}, is_changed=False)
        if not found.is_item and not is_uuid(found.path[-1]):
            raise OptionError(
                f"{self._wish.place} is a setting, which is only ever changed",
                next_step="Give the values that it is to have. If PingOne can delete it, give its last part as"
                " resource_id: path notificationsSettings with resource_id emailDeliverySettings.",
            )
        loss = self._loss(found)
        if loss and not self._wish.allow_data_loss:
            raise PingOneError(
                f"{'/'.join(found.path)} is not deleted",
                f"{loss} would be lost",
                "Set allow_data_loss to true if that is what you want.",
            )
        if not self._check_mode:
            with explained("delete", "/".join(found.path)):
                self._delete(found)
            self._wait_until(self._is_gone, f"{'/'.join(found.path)} is still there after its deletion")
        return self._outcome(found.document, {}, {}, is_changed=True)

    # Finding

    @property
    def _is_environment(self) -> bool:
        return self._wish.place.kind == "environments"

    def _find(self) -> Found | None:
        wish = self._wish
        with explained("read", str(wish.place)):
            return self._patiently(
                lambda: find(self._client, wish.place, resource_id=wish.resource_id, match=wish.match, body=wish.body)
            )

    def _missing(self) -> PingOneError:
        return NotFound(
            f"PingOne did not find {self._wish.resource_id or 'what matches'} in {self._wish.place}",
            next_step="Check the id, and that the worker application has a role there. PingOne chooses the ids of new"
            " resources itself: leave resource_id out to create one.",
        )

    def _is_gone(self) -> bool:
        found = self._find()
        return found is None or found.document is None or self._is_deleted(found.document)

    def _is_deleted(self, document: Mapping[str, Any]) -> bool:
        return self._is_environment and document.get("status") == "DELETE_PENDING"

    def _is_as_wished(self, wanted: dict[str, Any]) -> bool:
        found = self._find()
        if found is None or found.document is None:
            return False
        return self._has(found.document, wanted)

    # What is wanted

    def _wanted(self, *, is_item: bool) -> dict[str, Any]:
        """Return the body without what PingOne sets itself, as when it was read from another environment."""
        read_only = [*READ_ONLY, *self._kind.read_only]
        if is_item and "id" not in self._wish.match:
            read_only.append("id")
        wanted: dict[str, Any] = without(without_links(self._wish.body), read_only)
        return wanted

    def _laid_over(self, current: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = laid_over(current, wanted, by_key=self._wish.by_key)
        return result

    def _has(self, current: dict[str, Any], wanted: dict[str, Any]) -> bool:
        return is_met(current, wanted, by_key=self._wish.by_key)

    def _hidden(self, document: dict[str, Any]) -> Any:
        return hidden({self._segment: document})[self._segment]

    def _without_secrets(self, document: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = without_secrets({self._segment: document}).get(self._segment, {})
        return found

    # Changing

    def _create(self) -> dict[str, Any]:
        wish = self._wish
        wanted = self._wanted(is_item=True)
        names = wish.match or matched_by_default(wish.body)
        document = {}
        if not self._check_mode:
            with explained("create", f"{wish.place} with {' and '.join(names)}"):
                document = self._post(wanted)
            visible = without(self._without_secrets(wanted), self._kind.at_creation)
            subject = f"{wish.place}/{document.get('id')}"
            self._wait_until(lambda: self._is_as_wished(visible), f"{subject} was created, and cannot be seen")
        return self._outcome({}, wanted, document, is_changed=True)

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Create the resource, and never twice: after an interruption, look whether it is there."""
        wish = self._wish
        attempt = 0
        while True:
            attempt += 1
            try:
                return without_links(self._change("POST", wish.place.path, body))
            except PingOneError as error:
                if not error.unclear or not self._client.pause(
                    attempt, f"POST /{wish.place} was interrupted: looking whether PingOne carried it out"
                ):
                    if error.unclear:
                        error.next_step = f"Run the task again: it looks first whether it is there. {error.next_step}"
                    raise
            found = self._find()
            if found is not None and found.document is not None:
                return found.document

    def _set(self, found: Found) -> dict[str, Any]:
        """Give a setting its first values."""
        wanted = self._wanted(is_item=False)
        document = {}
        if not self._check_mode:
            with explained("set", "/".join(found.path)):
                document = self._seen(self._change("PUT", found.path, wanted))
        return self._outcome({}, wanted, document, is_changed=True)

    def _act(self) -> dict[str, Any]:
        """Do one of PingOne's actions, at the place itself or on one resource there."""
        wish = self._wish
        path = (*wish.place.path, *filter(None, [wish.resource_id]))
        if wish.match:
            found = self._find()
            if found is None:
                raise self._missing()
            path = found.path
        document = {}
        if not self._check_mode:
            with explained("change", "/".join(path)):
                try:
                    document = self._change("POST", path, wish.body)
                except PingOneError as error:
                    if error.unclear:
                        error.next_step = f"PingOne may have done it nevertheless: look first. {error.next_step}"
                    raise
        return self._outcome({}, {}, without_links(document), is_changed=True)

    def _update(self, found: Found) -> dict[str, Any]:
        wanted = without(self._wanted(is_item=found.is_item), self._kind.at_creation)
        compared = wanted if self._wish.always_update_secrets else self._without_secrets(wanted)
        current = found.document or {}
        if self._has(current, compared):
            return self._outcome(current, current, current, is_changed=False)
        if found.is_item and self._wish.resource_id is None and not self._kind.is_listed_only:
            # A list may show less of its items than they have, and what is not sent is lost.
            with explained("read", "/".join(found.path)):
                current = without_links(self._client.get(*found.path))
            if self._has(current, compared):
                return self._outcome(current, current, current, is_changed=False)
        # PUT replaces the whole resource. So secrets, which no answer shows, are sent whenever something else changes.
        target = self._laid_over(current, compared if self._wish.update_method == "patch" else wanted)
        self._refuse_the_impossible(found, current, target)
        document = target
        warnings = []
        if not self._check_mode:
            with explained("change", "/".join(found.path)):
                document = self._send_update(found, current, target)
            ignored = [name for name in compared if self._is_ignored(document, name, compared[name])]
            if ignored:
                warnings.append(
                    f"PingOne did not take over {', '.join(ignored)} of {'/'.join(found.path)}, and said nothing of it."
                )
            else:
                visible = self._without_secrets(compared)
                self._wait_until(
                    lambda: self._is_as_wished(visible), f"{'/'.join(found.path)} was changed, and does not show it"
                )
        return self._outcome(current, target, document, is_changed=True, warnings=warnings)

    def _refuse_the_impossible(self, found: Found, current: dict[str, Any], target: dict[str, Any]) -> None:
        """Raise an error if something would have to change that PingOne does not change."""
        subject = "/".join(found.path)
        if self._kind.is_fixed:
            raise OptionError(
                f"{subject} cannot be changed", "PingOne creates and deletes it only", "Delete it, and create it anew."
            )
        for name in self._kind.immutable:
            if value_at(target, name) != value_at(current, name):
                raise OptionError(
                    f"{name} of {subject} cannot be changed",
                    f"it is {shown(str(value_at(current, name)))}",
                    "Leave it as it is, or delete the resource and create it anew.",
                )
        for name in self._kind.elsewhere:
            if value_at(target, name) != value_at(current, name):
                raise OptionError(
                    f"{name} of {subject} is not changed together with the rest",
                    next_step=f"Change it in a task of its own, with path /{subject}/{name}, and leave it out here.",
                )

    def _send_update(self, found: Found, current: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
        """Change the resource, and return what it looks like then."""
        if self._wish.update_method == "patch":
            names = [name for name in {**current, **target} if not is_same(current.get(name), target.get(name))]
            body = {name: target.get(name) for name in names}
        else:
            read_only = [*READ_ONLY, *self._kind.read_only, *(["id"] if found.is_item else [])]
            body = {
                name: value
                for name, value in without(target, read_only).items()
                if not self._kind.only or name in self._kind.only
            }
        # A media type of its own has the creation of an item, such as the import of a user, and not its change.
        media_type = JSON if found.is_item else None
        return self._seen(self._change(self._wish.update_method.upper(), found.path, body, media_type))

    def _seen(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return what PingOne has after a change: what it answered, or what it shows if it did not answer with it."""
        found = None if answer else self._find()
        return (found.document if found else without_links(answer)) or {}

    def _is_ignored(self, document: dict[str, Any], name: str, value: Any) -> bool:
        return name in document and not self._has(document, {name: value})

    def _change(
        self, method: str, path: tuple[str, ...], body: Mapping[str, Any] | None = None, media_type: str | None = None
    ) -> dict[str, Any]:
        media_type = media_type or self._wish.content_type
        return self._patiently(lambda: self._client.change(method, *path, body=body, media_type=media_type))

    # Deleting

    def _loss(self, found: Found) -> str | None:
        """Return whose data would be lost with the resource, None if nobody's."""
        document = found.document or {}
        kind = self._wish.place.kind
        if self._is_environment and document.get("type") == "PRODUCTION":
            return f"the PRODUCTION environment {shown(str(document.get('name')))} with {self._contents(found.path)}"
        if kind == "populations":
            count = document.get("userCount")
            if count is None:
                count = self._client.get(*found.path).get("userCount")
            if count:
                return f"{_counted(count, 'user')} of the population {shown(str(document.get('name')))}"
        return None

    def _contents(self, path: tuple[str, ...]) -> str:
        """Say how much an environment has, as far as the worker application may see it."""
        try:
            populations = list(self._client.items(*path, "populations"))
            applications = list(self._client.items(*path, "applications"))
        except ApiError:
            return "all that is in it"
        users = sum(population.get("userCount") or 0 for population in populations)
        return (
            f"{_counted(len(populations), 'population')}, {_counted(users, 'user')} and"
            f" {_counted(len(applications), 'application')}"
        )

    def _delete(self, found: Found) -> None:
        document = found.document or {}
        if self._is_environment and document.get("type") == "PRODUCTION":
            # PingOne deletes it after a time in which it can be restored
            # (https://developer.pingidentity.com/pingone-api/platform/environments/update-environment-status.html).
            self._client.change("PUT", *found.path, "status", body={"status": "DELETE_PENDING"})
            return
        if self._wish.place.kind == "populations" and self._wish.allow_data_loss:
            self._delete_users(found)
        try:
            self._patiently(lambda: self._client.change("DELETE", *found.path))
        except NotFound:
            # Somebody else was faster, or an interrupted attempt got through.
            return

    def _delete_users(self, population: Found) -> None:
        """Delete the users of a population, without which PingOne does not delete it."""
        environment = population.path[:-2]
        params = {"filter": f'population.id eq "{population.path[-1]}"'}
        users = [str(user.get("id")) for user in self._client.items(*environment, "users", params=params)]
        for start in range(0, len(users), PROGRESS):
            self._client.each(lambda user: self._delete_user(environment, user), users[start : start + PROGRESS])
            self._client.report(f"{min(start + PROGRESS, len(users))} of {len(users)} users are deleted")

    def _delete_user(self, environment: tuple[str, ...], user_id: str) -> None:
        try:
            self._client.change("DELETE", *environment, "users", user_id)
        except NotFound:
            return

    # Waiting

    def _patiently(self, function: Callable[[], _Result]) -> _Result:
        """Call a function, again while PingOne refuses it and a new role may not work yet."""
        pause = FIRST_PAUSE
        while True:
            try:
                return function()
            except InsufficientPrivileges as error:
                if not self._pause(pause, f"PingOne refuses it (HTTP {error.status}), maybe not for long"):
                    raise
            pause = min(2 * pause, LONGEST_PAUSE)

    def _wait_until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        """Wait until a change can be seen, if the playbook wants to wait.

        :arg otherwise: what is said if that takes too long.
        """
        if not self._wish.wait_timeout:
            return
        pause = FIRST_PAUSE
        while not is_so():
            if not self._pause(pause, "PingOne does not show the change yet"):
                raise PingOneError(
                    otherwise,
                    f"PingOne did not show it within {self._wish.wait_timeout} seconds",
                    "Run the task again, or give a longer wait_timeout.",
                )
            pause = min(2 * pause, LONGEST_PAUSE)

    def _pause(self, seconds: float, why: str) -> bool:
        seconds = min(seconds, self._deadline - time.monotonic())
        if seconds <= 0:
            return False
        self._client.report(f"{why}: waiting {seconds:.1f} seconds")
        time.sleep(seconds)
        return True

    # Saying

    def _outcome(
        self,
        before: dict[str, Any],
        after: dict[str, Any],
        document: dict[str, Any],
        *,
        is_changed: bool,
        warnings: list[str] | None = None,
    ) -> dict[str, Any]:
        """Return a result.

        :arg before: what the resource was, for the diff.
        :arg after: what it was to become; shown as the resource in check mode, too.
        :arg document: what PingOne said that it is now.
        """
        header = "/".join((str(self._wish.place), *filter(None, [self._wish.resource_id])))
        shown_after = self._hidden(after)
        # What PingOne made up, such as a gateway's credential, the playbook gets to see; its own secrets it knows.
        resource = shown_after if self._check_mode and is_changed else hidden_as(document, self._wish.body)
        result: dict[str, Any] = {"changed": is_changed, "resource": resource}
        if is_changed:
            result["diff"] = {
                "before_header": header,
                "after_header": header,
                "before": self._hidden(before),
                "after": shown_after,
            }
        if warnings:
            result["warnings"] = warnings
        return result


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
