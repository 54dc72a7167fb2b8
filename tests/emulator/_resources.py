# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The handlers of all addresses in the tables: collections, their items, and single documents.

What cannot be said in ``_kinds`` is in hooks that other files bring along, each under the name of a kind.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import flask

from . import _bodies, _errors, _hal, _kinds, _roles, _scim
from ._endpoints import Endpoint, Endpoints
from ._kinds import READ_ONLY, Kind
from ._organization import Organization, WorkerApplication
from ._store import Document, Store, now

_PARENTS = {
    "agreements": "agreement",
    "applications": "application",
    "emailDomains": "emailDomain",
    "gateways": "gateway",
    "identityProviders": "identityProvider",
    "languages": "language",
    "resources": "resource",
    "schemas": "schema",
    "signOnPolicies": "signOnPolicy",
}
# What has an address of its own is not changed elsewhere, and sending it there is no error.
_WITH_ADDRESSES = {"enabled", "lifecycle", "mfaEnabled", "population"}
# Of lists with pages of which PingOne does not say how large they are.
_PAGE = 100
# Where the row of an item tells what another method than PUT needs.
_REQUIRED_BY_PUT = {"users": ("email", "username"), "customDomains": ()}


@dataclass
class Call:
    """One request to an address of the tables."""

    api: Api
    endpoint: Endpoint
    segments: list[str]
    actor: WorkerApplication
    #: Of an actor with roles only in some populations: these.
    populations: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.name = self.endpoint.kind
        self.kind: Kind = _kinds.kind(self.name)
        self.environment_id = self.segments[1] if self.endpoint.in_environment else ""
        self.path = "/".join(self.segments)
        own = self.segments[:-1] if self.endpoint.form == "item" else self.segments
        home, self.belongs = self.kind.home
        #: Where the items are.
        self.collection = self.below(home) if home else "/".join(own)
        self.owner_id = own[-2] if len(own) > 1 else ""

    @property
    def store(self) -> Store:
        """What is stored."""
        return self.api.store

    def below(self, path: str) -> str:
        """The path of something in the same environment."""
        return f"environments/{self.environment_id}/{path}"

    def item(self) -> Document:
        """The item that is asked for."""
        item = self.store.get(self.collection, self.segments[-1])
        if item is None or not self.sees(item):
            raise _errors.not_found()
        return item

    def owner(self) -> Document:
        """The item below which the address is."""
        item = self.store.get("/".join(self.segments[:-2]), self.segments[-2])
        if item is None or not self.sees(item):
            raise _errors.not_found()
        return item

    def sees(self, item: Document) -> bool:
        """Whether an actor who may see only some populations sees a user or a population."""
        if self.populations is None:
            return True
        if self.name == "populations":
            return item["id"] in self.populations
        return "username" not in item or item["population"]["id"] in self.populations

    def key(self, item: Document) -> Hashable | None:
        """What must be unique about an item."""
        parts = [next(iter(_scim.values(item, name)), None) for name in self.kind.unique]
        if all(part is None for part in parts):
            return None
        return tuple(
            part if self.kind.case_exact or not isinstance(part, str) else part.casefold()
            for part in map(_hashable, parts)
        )


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else repr(value)


#: Called with an item before it is stored, and with what was there before; may change or refuse it.
Prepare = Callable[[Call, Document, Document | None], None]
#: Called when an item was stored (with what was there before) or deleted (with None as the new one).
Stored = Callable[[Call, Document | None, Document | None], None]
#: Answers in place of the ordinary handler.
Special = Callable[[Call], flask.Response]
#: Properties that follow from other resources, for some items at once.
Computed = Callable[[Call, list[Document]], Iterable[Mapping[str, Any]]]


@dataclass
class Hooks:
    """What some kinds do besides."""

    prepare: dict[str, Prepare] = field(default_factory=dict)
    stored: dict[str, Stored] = field(default_factory=dict)
    special: dict[tuple[str, str, str], Special] = field(default_factory=dict)
    computed: dict[str, Computed] = field(default_factory=dict)
    refuse_deletion: dict[str, Callable[[Call, Document], None]] = field(default_factory=dict)


class Api:
    """All addresses but those that ``_environments`` answers."""

    def __init__(
        self,
        organization: Organization,
        store: Store,
        hooks: Hooks,
        fill: Callable[[Store, Organization, str], None],
        propagation_delay: float = 0,
    ) -> None:
        self.organization = organization
        self.store = store
        self.propagation_delay = propagation_delay
        #: From when role assignments count that do not yet.
        self.effective: dict[str, float] = {}
        self._endpoints = Endpoints()
        self._hooks = hooks
        self._fill = fill
        self._filled: set[str] = set()

    def blueprint(self) -> flask.Blueprint:
        """The one rule for all; what others have more precise rules for goes to them."""
        blueprint = flask.Blueprint("resources", __name__)
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

        @blueprint.route("/v1/<path:path>", methods=methods, provide_automatic_options=False)
        def answer(path: str) -> flask.Response:
            with self.store.lock:
                return self._answer(path.split("/"))

        return blueprint

    def fill(self, environment_id: str) -> None:
        """Put into an environment what each has from the start, when somebody looks for the first time."""
        if environment_id not in self._filled:
            self._filled.add(environment_id)
            self._fill(self.store, self.organization, environment_id)

    def _answer(self, segments: list[str]) -> flask.Response:
        endpoint = self._endpoints.find(segments)
        if endpoint is None:
            raise _errors.not_found()
        method = "GET" if flask.request.method == "HEAD" else flask.request.method
        if method not in endpoint.methods:
            raise _errors.method_not_allowed(endpoint.methods)
        segments = [
            _identifier(segment) if word == "*" else segment
            for word, segment in zip(endpoint.template.split("/"), segments, strict=True)
        ]
        call = Call(self, endpoint, segments, flask.g.application)
        self._authorize(call, method)
        self._check_parents(call)
        special = self._hooks.special.get((method, call.name, endpoint.form))
        if special:
            return special(call)
        handler = getattr(self, f"_{method.lower()}_{endpoint.form}", None)
        if handler is None:
            raise _errors.method_not_allowed(endpoint.methods - {method})
        return handler(call)

    # Who may, and what must be there

    def _authorize(self, call: Call, method: str) -> None:
        if not call.endpoint.in_environment:
            if call.endpoint.template.startswith("environments"):
                raise _errors.not_found()  # not an id of an environment
            allowed = (
                call.actor.may_somewhere(_roles.READ_ENVIRONMENT)
                if method == "GET"
                else call.actor.may_in_organization(_roles.UPDATE_ENVIRONMENT)
            )
            if not allowed:
                raise _errors.forbidden()
            return
        environment = self.organization.environments.get(call.environment_id)
        if environment is None or not environment.is_visible:
            if not _is_uuid(call.environment_id):
                raise _errors.not_found()
            raise _errors.forbidden()
        wanted = _kinds.permissions(call.name, method)
        if not any(call.actor.may(permission, call.environment_id) for permission in wanted):
            populations = call.actor.populations(wanted, call.environment_id)
            if not populations or not call.name.startswith(("users", "populations")):
                raise _errors.forbidden()
            call.populations = populations
        self.fill(call.environment_id)

    def _check_parents(self, call: Call) -> None:
        words = call.endpoint.template.split("/")
        first = 2 if call.endpoint.in_environment else 0
        for position in range(first, len(words) - 1):
            if words[position] != "*":
                continue
            parent = self.store.get("/".join(call.segments[:position]), call.segments[position])
            if parent is None or not call.sees(parent):
                raise _errors.not_found()

    # Collections

    def _get_collection(self, call: Call) -> flask.Response:
        found = [item for item in self.store.items(call.collection) if call.sees(item)]
        if call.belongs:
            found = [item for item in found if call.owner_id in _scim.values(item, call.belongs)]
        text = flask.request.args.get("filter")
        if text is not None and call.kind.filters:
            holds = _scim.predicate(text, call.kind.filters, call.kind.connectives)
            by_groups = "memberofgroups" in text.lower()
            found = [
                item
                for item in found
                if holds({**item, "memberOfGroups": self.memberships(call, item)} if by_groups else item)
            ]
        if call.kind.orders:
            found = list(_hal.ordered(found, {name: _order_by(name) for name in call.kind.orders}))
        maximum = call.kind.page or (_PAGE if "limit" in call.endpoint.parameters else 0)
        page = _hal.page(found, maximum=maximum) if maximum else _hal.Page(found, None)
        links = _hal.links(self=_hal.self_url())
        if page.next:
            links |= _hal.links(next=page.next)
        shown = self.show_all(call, list(page.items))
        key = call.kind.embedded or call.endpoint.embedded or call.name.removesuffix("/*").rpartition("/")[2]
        return _hal.respond({"_links": links, "_embedded": {key: shown}, "count": len(found), "size": len(shown)})

    def memberships(self, call: Call, item: Document) -> list[Document]:
        """The groups of a user or group."""
        return self.store.items(f"{call.collection}/{item['id']}/memberOfGroups")

    def _post_collection(self, call: Call) -> flask.Response:
        body = _bodies.read(self._media_types(call, "POST"))
        _bodies.require(body, call.endpoint.required)
        item: Document = {"id": str(uuid.uuid4())}
        if "id" in call.endpoint.required:  # what is put here exists elsewhere
            if not isinstance(body["id"], str):
                raise _errors.invalid_value("id", "This is not an id")
            item["id"] = _identifier(body["id"])
        if call.environment_id:
            item["environment"] = {"id": call.environment_id}
        self._set_parent(call, item)
        item |= copy.deepcopy(dict(call.kind.defaults))
        item |= {name: value for name, value in body.items() if name not in READ_ONLY | call.kind.read_only}
        if call.kind.times:
            item["createdAt"] = item["updatedAt"] = now()
        self._store_item(call, item, None)
        return _hal.respond(self.show_all(call, [item])[0], 201)

    def _set_parent(self, call: Call, item: Document) -> None:
        # of the collection, also where one of its items is meant
        words = call.endpoint.template.removesuffix("/*").split("/")
        parent = _PARENTS.get(words[-3] if len(words) > 4 else "")
        if parent and words[-2] == "*" and parent not in call.endpoint.required:
            item[parent] = {"id": call.owner_id}
        if call.belongs:
            item[call.belongs.partition(".")[0]] = {"id": call.owner_id}

    def _store_item(self, call: Call, item: Document, old: Document | None) -> None:
        if call.name in self._hooks.prepare:
            self._hooks.prepare[call.name](call, item, old)
        self.check_references(call, item)
        key = call.key(item)
        holder = self.store.holder(call.collection, key) if key is not None else None
        if holder is not None and holder != (old or {}).get("id"):
            raise _errors.not_unique(call.kind.unique[0], holder)
        if old is None:
            self.store.add(call.collection, item, key)
        else:
            self.store.replace(call.collection, item, call.key(old), key)
        if call.kind.one_default and item.get("default") is True:
            for other in self.store.all_items(call.collection):
                if other is not item and other.get("default"):
                    other["default"] = False
        if call.name in self._hooks.stored:
            self._hooks.stored[call.name](call, item, old)

    def check_references(self, call: Call, item: Document) -> None:
        """Refuse what refers to nothing."""
        for path, template in call.kind.references.items():
            plain = path.replace("[]", "").rstrip("?")
            collection = template
            if "{" in template:
                inner = template[template.index("{") + 1 : template.index("}")]
                collection = template.replace(f"{{{inner}}}", str(next(iter(_scim.values(item, inner)), "")))
            holder = plain.rpartition(".")[0]
            for value in _scim.values(item, holder) if holder else [item]:
                id_ = value.get("id") if isinstance(value, dict) else None
                if isinstance(value, dict) and "id" not in value and path.endswith("?"):
                    continue
                if not isinstance(id_, str) or not self.store.exists(call.below(collection), id_.lower()):
                    raise _errors.invalid_value(plain, f"There is nothing with this id in {collection}")

    def _put_collection(self, call: Call) -> flask.Response:
        # translations/{locale}: all texts of a language
        body = _bodies.read()
        texts = body.get("translations", body.get("_embedded", {}).get("translations"))
        if not isinstance(texts, list):
            raise _errors.invalid_data(
                _errors.detail("REQUIRED_VALUE", "translations must not be null", "translations")
            )
        for text in texts:
            if not isinstance(text, dict) or not isinstance(text.get("key"), str):
                raise _errors.invalid_value("translations", "A translation needs a key")
            self.store.add(call.collection, {**text, "id": text["key"]}, at_once=True)
        return self._get_collection(call)

    def _patch_collection(self, call: Call) -> flask.Response:
        _bodies.read_patch()
        return self._get_collection(call)

    def _delete_collection(self, call: Call) -> flask.Response:
        for item in self.store.items(call.collection):
            self.store.remove(call.collection, item["id"], call.key(item))
        return _nothing()

    # Items

    def _get_item(self, call: Call) -> flask.Response:
        return _hal.respond(self.show_all(call, [call.item()])[0])

    def _post_item(self, call: Call) -> flask.Response:
        item = call.item()
        _bodies.read(self._media_types(call, "POST"))
        return _hal.respond(self.show_all(call, [item])[0])

    def _put_item(self, call: Call) -> flask.Response:
        old = call.item()
        body = _bodies.read(self._media_types(call, "PUT"))
        _bodies.require(body, _REQUIRED_BY_PUT.get(call.name, call.endpoint.required))
        return self._change(call, old, body)

    def _patch_item(self, call: Call) -> flask.Response:
        old = call.item()
        return self._change(call, old, _bodies.merged(old, _bodies.read_patch()))

    def _change(self, call: Call, old: Document, body: Document) -> flask.Response:
        kept = READ_ONLY | call.kind.read_only | call.kind.fixed
        for name in call.kind.fixed - _WITH_ADDRESSES:
            if name in body and name in old and body[name] != old[name]:
                raise _errors.invalid_value(name, f"{name} cannot be changed")
        item = {name: value for name, value in old.items() if name in kept}
        self._set_parent(call, item)
        # What nobody gets to see cannot be sent back.
        for name in call.kind.write_only:
            if name in old and name not in body:
                item[name] = old[name]
        item |= {name: copy.deepcopy(value) for name, value in call.kind.defaults.items() if name not in item}
        item |= {
            name: value
            for name, value in body.items()
            if name not in kept or (name not in old and name not in READ_ONLY)
        }
        if call.kind.times:
            item["updatedAt"] = now()
        self._store_item(call, item, old)
        return _hal.respond(self.show_all(call, [item])[0])

    def _delete_item(self, call: Call) -> flask.Response:
        item = call.item()
        if call.kind.one_default and item.get("default") is True:
            raise _errors.constraint("The default cannot be deleted", "default")
        if call.name in self._hooks.refuse_deletion:
            self._hooks.refuse_deletion[call.name](call, item)
        self.store.remove(call.collection, item["id"], call.key(item))
        self._remove_what_belongs_to(call, item)
        if call.name in self._hooks.stored:
            self._hooks.stored[call.name](call, None, item)
        return _nothing()

    def _remove_what_belongs_to(self, call: Call, item: Document) -> None:
        """What is below an item, but stored elsewhere."""
        for name, kind in _kinds.KINDS.items():
            home, belongs = kind.home
            if belongs and name.startswith(f"{call.name}/*/"):
                path = call.below(home)
                for other in list(self.store.all_items(path)):
                    if item["id"] in _scim.values(other, belongs):
                        self.store.remove(path, other["id"], (other.get("name"),))

    # Single documents

    def _get_singleton(self, call: Call) -> flask.Response:
        if call.segments[-1] == "id:latest":
            found = self.store.items("/".join(call.segments[:-1]))
            if not found:
                raise _errors.not_found()
            return self._respond_single(call, found[-1])
        if call.kind.property:
            value = call.owner().get(call.kind.property)
            return self._respond_single(call, {call.kind.property: value} if call.kind.wrapped else value or {})
        document = self.store.document(call.path)
        if document is None:
            document = None if call.kind.initial is None else dict(call.kind.initial)
        if document is None:
            raise _errors.not_found()
        return self._respond_single(call, document)

    def _put_singleton(self, call: Call) -> flask.Response:
        body = _bodies.read(self._media_types(call, "PUT"))
        _bodies.require(body, (call.kind.property,) if call.kind.wrapped else call.endpoint.required)
        self.check_references(call, body)
        if call.kind.property:
            old = call.owner()
            value = (
                body.get(call.kind.property)
                if call.kind.wrapped
                else {name: each for name, each in body.items() if name not in READ_ONLY - {"id"}}
            )
            owner = Call(
                self,
                self._endpoints.rows["/".join(call.endpoint.template.split("/")[:-1])],
                call.segments[:-1],
                call.actor,
                call.populations,
            )
            item = {**old, call.kind.property: value}
            if owner.kind.times:
                item["updatedAt"] = now()
            self._store_item(owner, item, old)
        else:
            # An id is what such a document refers to.
            hidden = (READ_ONLY - {"id"}) | call.kind.read_only
            document = {
                **(call.kind.initial or {}),
                **{name: each for name, each in body.items() if name not in hidden},
            }
            before = self.store.document(call.path) or {}
            document |= {name: before[name] for name in call.kind.write_only if name in before and name not in body}
            self.store.set_document(call.path, {**document, "updatedAt": now()})
        return self._get_singleton(call)

    def _post_singleton(self, call: Call) -> flask.Response:
        body = _bodies.read(self._media_types(call, "POST"))
        _bodies.require(body, call.endpoint.required)
        return self._respond_single(call, dict(call.kind.initial or {}))

    def _delete_singleton(self, call: Call) -> flask.Response:
        if call.kind.initial is None and self.store.document(call.path) is None:
            raise _errors.not_found()
        self.store.set_document(call.path, None)
        return _nothing()

    def _respond_single(self, call: Call, document: Document) -> flask.Response:
        links = _hal.links(self=_hal.self_url())
        shown: Document = {"_links": links}
        if call.environment_id:
            links |= _hal.links(environment=f"{_hal.api_url()}/environments/{call.environment_id}")
            shown["environment"] = {"id": call.environment_id}
        return _hal.respond({**shown, **_without(document, call.kind.write_only)})

    def _post_action(self, call: Call) -> flask.Response:
        body = _bodies.read(self._media_types(call, "POST"))
        _bodies.require(body, call.endpoint.required)
        return self._respond_single(call, {})

    def _media_types(self, call: Call, method: str) -> set[str]:
        ours, theirs = (
            {text.removeprefix(f"{method} ") for text in texts if text.startswith(f"{method} ")}
            for texts in (call.kind.media_types, call.endpoint.media_types)
        )
        # A file comes in no JSON; PingOne's own types stand beside it.
        files = any(each.startswith(("multipart/", "image/")) for each in theirs)
        return ours | theirs | (set() if files else {_bodies.JSON})

    # What clients see

    def show_all(self, call: Call, items: list[Document]) -> list[Document]:
        """Items as the API shows them."""
        computed = self._hooks.computed.get(call.name)
        more = list(computed(call, items)) if computed else [{}] * len(items)
        expand = _hal.expanded(call.kind.expand) if call.kind.expand else set()
        return [self._show(call, item, {**item, **extra}, expand) for item, extra in zip(items, more, strict=True)]

    def _show(self, call: Call, item: Document, shown: Document, expand: set[str]) -> Document:
        api = _hal.api_url()
        links = _hal.links(self=f"{api}/{call.collection}/{item['id']}")
        if call.environment_id:
            links |= _hal.links(environment=f"{api}/environments/{call.environment_id}")
        hidden = call.kind.write_only + (() if flask.request.method == "POST" else call.kind.shown_once)
        document = {"_links": links, **_without(shown, hidden)}
        for name in expand:
            target = shown.get(name, {}).get("id") if isinstance(shown.get(name), dict) else item["id"]
            found = self.store.get(call.below(call.kind.expand[name]), target) if target else None
            if found is not None:
                document.setdefault("_embedded", {})[name] = found
        return document


def _identifier(segment: str) -> str:
    return segment.lower() if _is_uuid(segment) else segment


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _order_by(name: str) -> Callable[[Document], str]:
    return lambda item: str(next(iter(_scim.values(item, name)), "")).casefold()


def _without(document: Document, paths: Iterable[str]) -> Document:
    for path in paths:
        name, _dot, rest = path.partition(".")
        if not rest:
            document = {key: value for key, value in document.items() if key != name}
        elif isinstance(document.get(name), dict):
            document = {**document, name: _without(document[name], [rest])}
    return document


def _nothing() -> flask.Response:
    return flask.Response(status=204)
