# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources of all kinds: made, read, changed, listed and deleted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import trustme

from tests.emulator import _kinds
from tests.emulator._endpoints import Endpoints

from . import contract
from .conftest import Emulator
from .management import NUMBERS, UNKNOWN, Management, refused

# What each collection takes that has required properties, beyond a text for each.
_SAMPLES: dict[str, dict[str, Any]] = {
    "agreements": {"enabled": True},
    "certificates": {"file": trustme.CA().cert_pem.bytes().decode("ascii")},
    "deviceAuthenticationPolicies": {"default": False},
    "applications": {"enabled": True, "protocol": "OPENID_CONNECT", "type": "WEB_APP"},
    "alertChannels": {"addresses": ["a@example.com"], "channelType": "EMAIL"},
    "identityProviders": {"enabled": True, "type": "OPENID_CONNECT"},
    "gateways": {"enabled": True, "type": "PING_FEDERATE"},
    "languages": {"default": False, "enabled": True},
    "themes": {"default": False},
}


def _sample(api: Management, kind: str, required: tuple[str, ...]) -> dict[str, Any]:
    body: dict[str, Any] = {name: f"{name} {next(NUMBERS)}" for name in required}
    body |= _SAMPLES.get(kind, {})
    if kind.endswith("roleAssignments"):
        (role,) = (each for each in api.list("/roles") if each["name"] == "Configuration Read Only")
        body = {"role": {"id": role["id"]}, "scope": {"id": api.environment_id, "type": "ENVIRONMENT"}}
    elif kind.endswith("memberOfGroups"):
        body = {"id": api.ok("POST", "groups", {"name": f"Group {next(NUMBERS)}"})["id"]}
    elif kind == "applications/*/grants":
        resource = api.list("resources")[0]
        scope = api.list(f"resources/{resource['id']}/scopes")[0]
        body = {"resource": {"id": resource["id"]}, "scopes": [{"id": scope["id"]}]}
    elif kind == "applications/*/signOnPolicyAssignments":
        body = {"signOnPolicy": {"id": api.list("signOnPolicies")[0]["id"]}, "priority": 1}
    return body


def _made(api: Management, endpoints: Endpoints, template: str) -> tuple[str, dict[str, Any]]:
    """The address of a collection below new items, and a body for it."""
    path = ""
    words = template.split("/")[2:]
    for position, word in enumerate(words):
        if word != "*":
            path = f"{path}/{word}".strip("/")
            continue
        collection = "/".join(words[:position])
        row = endpoints.rows[f"environments/*/{collection}"]
        if "POST" not in row.methods:
            if path == "applicationResources":  # these are made elsewhere
                resource = api.ok("POST", "resources", {"name": f"Resource {next(NUMBERS)}"})["id"]
                api.ok("POST", f"resources/{resource}/{path}", {"name": f"Part {next(NUMBERS)}"})
            path += f"/{api.list(path)[0]['id']}"
        else:
            path += f"/{_post(api, path, row.media_types, _sample(api, row.kind, row.required)).json()['id']}"
    row = endpoints.rows[template]
    return path, _sample(api, row.kind, row.required)


def _post(api: Management, path: str, media_types: tuple[str, ...], body: dict[str, Any]) -> requests.Response:
    if "POST image/*" in media_types:
        return api.send("POST", path, data=b"GIF89a", headers={"Content-Type": "image/gif"})
    if "POST multipart/form-data" in media_types:
        fields = {name: value for name, value in body.items() if name != "file"}
        return api.send(
            "POST", path, data=fields, files={"file": ("x.pem", body.get("file", ""))} if "file" in body else {"x": "y"}
        )
    return api.send("POST", path, body)


_ENDPOINTS = Endpoints()
_WRITABLE = sorted(
    row.template
    for row in _ENDPOINTS.collections()
    if "POST" in row.methods and row.in_environment and f"{row.template}/*" in _ENDPOINTS.rows
)


@pytest.mark.parametrize("template", _WRITABLE)
def test_each_collection(sandbox: Management, template: str) -> None:
    row = _ENDPOINTS.rows[template]
    methods = _ENDPOINTS.rows[f"{template}/*"].methods
    path, body = _made(sandbox, _ENDPOINTS, template)
    for name in row.required:
        rest = {key: value for key, value in body.items() if key != name}
        refused(_post(sandbox, path, row.media_types, rest), "REQUIRED_VALUE", name)
        if "POST multipart/form-data" not in row.media_types:
            refused(_post(sandbox, path, row.media_types, {**body, name: None}), "REQUIRED_VALUE", name)
            refused(_post(sandbox, path, row.media_types, {**body, name: ""}), "EMPTY_VALUE", name)
            for odd in (7, [], {}, {"id": 7}, [{"id": []}]):
                response = sandbox.send("POST", path, {**body, name: odd})
                assert response.status_code in (201, 400), response.text
                if response.status_code == 201 and "DELETE" in methods:
                    sandbox.ok("DELETE", f"{path}/{response.json()['id']}")
    response = _post(sandbox, path, row.media_types, body)
    assert response.status_code == 201, response.text
    made = response.json()
    assert made["environment"] == {"id": sandbox.environment_id}
    assert {name: made[name] for name in body if name != "file"} == {
        name: value for name, value in body.items() if name != "file"
    }
    item = f"{path}/{made['id']}"
    if "GET" in row.methods:
        assert made["id"] in [each["id"] for each in sandbox.list(path)]
    if "GET" in methods:
        once = _kinds.kind(row.kind).shown_once
        assert sandbox.ok("GET", item) == {name: value for name, value in made.items() if name not in once}
    if "DELETE" in methods:
        sandbox.ok("DELETE", item)
        for method in methods & {"GET", "DELETE"}:
            assert sandbox.send(method, item).status_code == 404


def test_certificates_tell_who_they_are_of(sandbox: Management) -> None:
    issued = trustme.CA().issue_cert(
        common_name="shop.example.com", organization_name="Fjordkaffe", organization_unit_name="Shop"
    )
    media_types = _ENDPOINTS.rows["environments/*/certificates"].media_types
    fields = {"file": issued.cert_chain_pems[0].bytes().decode("ascii"), "usageType": "SIGNING"}
    made = _post(sandbox, "certificates", media_types, fields).json()
    assert made["name"] == "shop.example.com"
    assert made["subjectDN"] == "CN=shop.example.com, OU=Shop, O=Fjordkaffe"
    assert made["startsAt"] < made["expiresAt"]
    assert "file" not in made
    refused(_post(sandbox, "certificates", media_types, {**fields, "file": "?"}), "INVALID_VALUE", "file")


_ODD: list[Any] = [None, 7, True, "x", [], [[]], {}, {"id": 7}, {"id": UNKNOWN}, [{"id": {}}]]


@pytest.mark.parametrize("template", sorted(_ENDPOINTS.rows))
def test_no_address_fails_inside(sandbox: Management, template: str) -> None:
    row = _ENDPOINTS.rows[template]
    names = {*row.required, *("name", "population", "scope", "scopes", "role", "resource", "password", "translations")}
    words: list[str] = []
    for position, word in enumerate(template.split("/")):
        if word != "*":
            words.append(word)
        elif position == 1 and words == ["environments"]:
            words.append(sandbox.environment_id)
        else:
            answer = sandbox.send("GET", f"/{'/'.join(words)}")
            items = next(iter(answer.json().get("_embedded", {"": []}).values())) if answer.ok else []
            words.append(items[0]["id"] if items else UNKNOWN)
    path = f"/{'/'.join(words)}"
    media_types = ["application/json", *(each.partition(" ")[2].replace("*", "gif") for each in row.media_types)]
    for method in sorted(row.methods - {"DELETE"}):
        odd = [{"params": {name: "x y"}} for name in ("filter", "limit", "cursor", "order", "expand", "include")]
        if method != "GET":
            bodies = [json.dumps(dict.fromkeys(names, each)) for each in _ODD]
            odd = [{"data": each, "headers": {"Content-Type": kind}} for each in bodies for kind in media_types]
        for arguments in odd:
            response = sandbox.send(method, path, **arguments)
            assert response.status_code < 500, (method, path, arguments, response.text)


def test_rules_of_provisioning_have_several_addresses(sandbox: Management) -> None:
    plan, other = (sandbox.ok("POST", "propagation/plans", {"name": name})["id"] for name in ("A", "B"))
    rule = sandbox.ok("POST", "propagation/rules", {"name": "R", "plan": {"id": plan}})
    assert [each["id"] for each in sandbox.list(f"propagation/plans/{plan}/rules")] == [rule["id"]]
    assert sandbox.list(f"propagation/plans/{other}/rules") == []
    refused(
        sandbox.send("POST", "propagation/rules", {"name": "X", "plan": {"id": UNKNOWN}}), "INVALID_VALUE", "plan.id"
    )
    path = f"propagation/rules/{rule['id']}/mappings"
    mapping = sandbox.ok("POST", path, {"sourceAttribute": "a", "targetAttribute": "b"})["id"]
    assert [each["id"] for each in sandbox.list(path)] == [mapping]
    assert sandbox.ok("GET", f"propagation/mappings/{mapping}")["sourceAttribute"] == "a"
    sandbox.ok("DELETE", f"propagation/mapping/{mapping}")
    assert sandbox.list(path) == []


def test_names_are_unique(sandbox: Management) -> None:
    made = sandbox.ok("POST", "populations", {"name": "Baristas"})
    other = sandbox.ok("POST", "populations", {"name": "Roasters"})
    inner = refused(sandbox.send("POST", "populations", {"name": "Baristas"}), "UNIQUENESS_VIOLATION", "name")
    assert inner == {"existingId": made["id"]}
    inner = refused(
        sandbox.send("PUT", f"populations/{other['id']}", {"name": "Baristas"}), "UNIQUENESS_VIOLATION", "name"
    )
    assert inner == {"existingId": made["id"]}
    sandbox.ok("PUT", f"populations/{made['id']}", {"name": "Cuppers"})
    sandbox.ok("PUT", f"populations/{other['id']}", {"name": "Baristas"})
    sandbox.ok("DELETE", f"populations/{other['id']}")
    sandbox.ok("POST", "populations", {"name": "Baristas"})


def test_put_replaces_and_leaves_what_is_the_servers(sandbox: Management) -> None:
    made = sandbox.ok(
        "POST", "groups", {"name": "A", "description": "x", "id": UNKNOWN, "createdAt": "never", "externalId": None}
    )
    assert made["id"] != UNKNOWN and made["createdAt"].endswith("Z") and "externalId" not in made
    path = f"groups/{made['id']}"
    changed = sandbox.ok("PUT", path, {**made, "name": "B", "description": None, "environment": {"id": UNKNOWN}})
    assert changed == {
        **{name: value for name, value in made.items() if name != "description"},
        "name": "B",
        "updatedAt": changed["updatedAt"],
    }
    refused(sandbox.send("PUT", path, {"description": "x"}), "REQUIRED_VALUE", "name")
    refused(sandbox.send("PUT", path, {"name": ""}), "EMPTY_VALUE", "name")
    assert sandbox.ok("GET", path) == changed


def test_patch_merges(sandbox: Management) -> None:
    (schema,) = sandbox.list("schemas")
    path = f"schemas/{schema['id']}/attributes"
    made = sandbox.ok("POST", path, {"name": "beans", "type": "STRING", "enabled": True, "displayName": "Beans"})
    changed = sandbox.ok("PATCH", f"{path}/{made['id']}", {"enabled": False, "displayName": None})
    assert (changed["enabled"], changed["name"]) == (False, "beans") and "displayName" not in changed
    core = next(each for each in sandbox.list(path) if each["name"] == "username")
    refused(sandbox.send("DELETE", f"{path}/{core['id']}"), "CONSTRAINT_VIOLATION", "schemaType")


@pytest.mark.parametrize(
    ("content_type", "data", "status"),
    [
        ("text/plain", "{}", 415),
        ("application/xml", "{}", 415),
        ("application/vnd.pingidentity.user.import+json", "{}", 415),
        ("application/json", "{", 400),
        ("application/json", "[]", 400),
        ("application/json", "", 400),
        ("application/json", "[" * 100_000, 400),
        ("application/json; charset=UTF-8", '{"name": "Fika"}', 201),
    ],
)
def test_bodies(sandbox: Management, content_type: str, data: str, status: int) -> None:
    response = sandbox.send("POST", "populations", data=data, headers={"Content-Type": content_type})
    assert response.status_code == status, response.text
    if status == 415:
        assert response.json()["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_what_is_not_there(sandbox: Management) -> None:
    group = sandbox.ok("POST", "groups", {"name": "A"})["id"]
    for path in (f"groups/{UNKNOWN}", f"groups/{UNKNOWN}/roleAssignments", "groups/x", "nowhere", f"groups/{group}/x"):
        assert sandbox.send("GET", path).status_code == 404, path
    assert sandbox.ok("GET", f"groups/{group.upper()}")["id"] == group
    response = sandbox.send("PATCH", "populations", {})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")
    for method in ("GET", "POST"):
        missing = f"/environments/{UNKNOWN}/populations"
        refused(sandbox.send(method, missing, {}), "INSUFFICIENT_PERMISSIONS", None, 403)


@pytest.mark.parametrize(
    ("path", "body", "target"),
    [
        ("users", {"username": "a", "email": "a@b", "population": {"id": UNKNOWN}}, "population.id"),
        ("groups", {"name": "a", "population": {"id": UNKNOWN}}, "population.id"),
        ("populations", {"name": "a", "passwordPolicy": {"id": UNKNOWN}}, "passwordPolicy.id"),
    ],
)
def test_references(sandbox: Management, path: str, body: dict[str, Any], target: str) -> None:
    refused(sandbox.send("POST", path, body), "INVALID_VALUE", target)


def test_what_every_environment_has(sandbox: Management) -> None:
    def names(path: str) -> dict[str, Any]:
        return {each["name"]: each for each in sandbox.list(path)}

    assert names("populations")["Default"]["default"] is True
    assert names("schemas").keys() == {"User"}
    resources = names("resources")
    assert {name: each["type"] for name, each in resources.items()} == {
        "openid": "OPENID_CONNECT",
        "PingOne API": "PINGONE_API",
    }
    assert {"openid", "profile", "email"} <= names(f"resources/{resources['openid']['id']}/scopes").keys()
    assert "p1:read:user" in names(f"resources/{resources['PingOne API']['id']}/scopes")
    assert {"Standard", "Basic", "Passphrase"} == names("passwordPolicies").keys()
    for path in ("signOnPolicies", "keys", "themes", "languages", "notificationsPolicies"):
        (only,) = sandbox.list(path)
        assert only["default"] is True
        refused(sandbox.send("DELETE", f"{path}/{only['id']}"), "CONSTRAINT_VIOLATION", "default")
    assert names("applications").keys() == {"PingOne Application Portal", "PingOne Self-Service - MyAccount"}
    assert sandbox.list("agreements") == sandbox.list("users") == []


def test_application_resources_have_two_addresses(sandbox: Management) -> None:
    one, other = (sandbox.ok("POST", "resources", {"name": name})["id"] for name in ("A", "B"))
    made = sandbox.ok("POST", f"resources/{one}/applicationResources", {"name": "Orders"})
    assert sandbox.list("applicationResources") == sandbox.list(f"resources/{one}/applicationResources") == [made]
    assert sandbox.ok("GET", f"applicationResources/{made['id']}") == made
    assert sandbox.list(f"resources/{other}/applicationResources") == []


def test_the_default_identity_provider_of_a_population(sandbox: Management) -> None:
    population = sandbox.ok("POST", "populations", {"name": "Tasters"})["id"]
    provider = sandbox.ok("POST", "identityProviders", {"name": "G", "type": "GOOGLE", "enabled": True})["id"]
    path = f"populations/{population}/defaultIdentityProvider"
    assert "id" not in sandbox.ok("GET", path)
    sandbox.ok("PUT", path, {"id": provider})
    assert sandbox.ok("GET", path)["id"] == provider


def test_there_is_one_default(sandbox: Management) -> None:
    made = sandbox.ok("POST", "signOnPolicies", {"name": "Multi", "default": True})
    assert [each["default"] for each in sandbox.list("signOnPolicies")] == [False, True]
    refused(sandbox.send("DELETE", f"signOnPolicies/{made['id']}"), "CONSTRAINT_VIOLATION", "default")


def test_documents_that_are_always_there(sandbox: Management) -> None:
    assert sandbox.ok("GET", "brandingSettings")["companyName"] == ""
    assert sandbox.ok("GET", "credentialIssuerProfile")["name"]
    changed = sandbox.ok("PUT", "brandingSettings", {"companyName": "Fjordkaffe"})
    assert changed["companyName"] == "Fjordkaffe"
    assert sandbox.ok("GET", "brandingSettings") == changed
    defaults = sandbox.ok("GET", "notificationsSettings")
    sandbox.ok("PUT", "notificationsSettings", {"deliveryMode": "NONE"})
    assert sandbox.ok("GET", "notificationsSettings")["deliveryMode"] == "NONE"
    sandbox.ok("DELETE", "notificationsSettings")
    assert sandbox.ok("GET", "notificationsSettings") == defaults
    (theme,) = sandbox.list("themes")
    assert sandbox.ok("GET", f"themes/{theme['id']}/default")["default"] is True
    refused(sandbox.send("PUT", f"themes/{theme['id']}/default", {}), "REQUIRED_VALUE", "default")


@pytest.mark.parametrize(
    ("path", "body", "secret"),
    [
        ("notificationsSettings/emailDeliverySettings", {"host": "mail.example.com"}, "password"),
        ("recaptchaV2Config", {"siteKey": "site"}, "secretKey"),
    ],
)
def test_documents_that_are_there_when_set(sandbox: Management, path: str, body: dict[str, Any], secret: str) -> None:
    assert sandbox.send("GET", path).status_code == sandbox.send("DELETE", path).status_code == 404
    changed = sandbox.ok("PUT", path, {**body, secret: "hush"})
    assert changed.items() >= body.items() and secret not in changed
    assert sandbox.ok("GET", path) == changed
    sandbox.ok("DELETE", path)
    assert sandbox.send("GET", path).status_code == 404


def test_deleting_takes_along_what_is_below(sandbox: Management) -> None:
    resource = sandbox.ok("POST", "resources", {"name": "Shop"})
    assert resource["accessTokenValiditySeconds"] == 3600
    path = f"resources/{resource['id']}"
    scope = sandbox.ok("POST", f"{path}/scopes", {"name": "buy"})
    assert scope["resource"] == {"id": resource["id"]}
    part = sandbox.ok("POST", f"{path}/applicationResources", {"name": "till"})
    assert sandbox.ok("GET", f"{path}/applicationResources/{part['id']}")["name"] == "till"
    sandbox.ok("DELETE", path)
    sandbox.ok("POST", "resources", {"name": "Shop"})
    for gone in (path, f"{path}/scopes", f"{path}/scopes/{scope['id']}"):
        assert sandbox.send("GET", gone).status_code == 404
    (openid,) = (each for each in sandbox.list("resources") if each["name"] == "openid")
    refused(sandbox.send("DELETE", f"resources/{openid['id']}"), "CONSTRAINT_VIOLATION", "type")


def test_pages_and_filters(sandbox: Management) -> None:
    made = [sandbox.ok("POST", "groups", {"name": f"Group {n}", "externalId": f"x{n % 2}"}) for n in range(5)]
    ids = [each["id"] for each in made]
    url, found = "groups?limit=2", []
    while url:
        page = sandbox.ok("GET", url)
        assert page["count"] == 5 and page["size"] <= 2
        found += [each["id"] for each in page["_embedded"]["groups"]]
        url = page["_links"].get("next", {}).get("href", "").removeprefix(sandbox.emulator.api_url)
    assert found == ids
    for text, expected in {
        'name eq "group 3"': [3],
        'name sw "Group" and externalId eq "x1"': [1, 3],
        'name eq "Group 0" or not (externalId eq "x0")': [0, 1, 3],
        f'(id eq "{ids[2]}")': [2],
    }.items():
        assert [ids.index(each["id"]) for each in sandbox.list("groups", filter=text)] == expected, text
    for text in ('description eq "x"', 'name co "Group"', "name", 'name eq "x" and', '(name eq "x"', "name eq 7x"):
        inner = refused(sandbox.send("GET", "groups", params={"filter": text}), "INVALID_FILTER", "filter")
        assert "population.id" in inner["supportedAttributes"] and "or" in inner["supportedOperators"]
    # the others take no filter, or less of one
    assert sandbox.list("resources", filter="nonsense")
    refused(
        sandbox.send("GET", "populations", params={"filter": 'name sw "a" or name sw "b"'}), "INVALID_FILTER", "filter"
    )
    refused(sandbox.send("GET", "groups", params={"limit": 0}), "OUT_OF_RANGE", "limit")


def test_the_organization(changeable: Emulator, admin: requests.Session) -> None:
    api = Management(changeable, admin, "")
    (organization,) = api.list("/organizations")
    assert organization["id"] == changeable.state["organization_id"]
    path = f"/organizations/{organization['id']}"
    assert api.ok("GET", path)["name"] == organization["name"]
    license_ = api.list(f"{path}/licenses")[0]
    assert api.ok("GET", f"{path}/licenses/{license_['id']}")["package"] == license_["package"]
    assert api.ok("PUT", f"{path}/licenses/{license_['id']}/name", {"name": "Beans"})["name"] == "Beans"
    assert api.ok("GET", f"{path}/licenses/{license_['id']}")["name"] == "Beans"
    roles = {each["name"]: each for each in api.list("/roles")}
    assert roles["Identity Data Admin"]["applicableTo"] == ["ORGANIZATION", "ENVIRONMENT", "POPULATION"]
    assert api.ok("GET", f"/roles/{roles['Environment Admin']['id']}") == roles["Environment Admin"]


def test_environments(sandbox: Management) -> None:
    path = f"/environments/{sandbox.environment_id}"
    made = sandbox.ok("GET", path)
    rest = {name: made[name] for name in ("name", "type", "region", "license")}
    inner = refused(sandbox.send("POST", "/environments", rest), "UNIQUENESS_VIOLATION", "name")
    assert inner == {"existingId": made["id"]}
    refused(sandbox.send("POST", "/environments", {**rest, "license": {"id": UNKNOWN}}), "INVALID_VALUE", "license.id")
    refused(sandbox.send("POST", "/environments", {"name": "x"}), "REQUIRED_VALUE", "license")
    described = sandbox.ok("PUT", path, {**rest, "description": "Beans"})
    assert described["description"] == "Beans"
    for document in (made, described):
        contract.check("EnvironmentResponse", document)
    assert "description" not in sandbox.ok("PUT", path, rest)
    refused(sandbox.send("PUT", path, {**rest, "type": "PRODUCTION"}), "INVALID_VALUE", "type")
    bill = sandbox.ok("PUT", f"{path}/billOfMaterials", {"products": [{"type": "PING_ONE_MFA"}]})
    assert [each["type"] for each in bill["products"]] == ["PING_ONE_MFA"] and bill["products"][0]["id"]
    contract.check("EnvironmentBillOfMaterialsResponse", bill)
    assert sandbox.ok("GET", f"{path}?expand=billOfMaterials")["_embedded"]["billOfMaterials"] == bill

    population = sandbox.ok("POST", "populations", {"name": "A"})["id"]
    assert sandbox.ok("PUT", f"{path}/type", {"type": "PRODUCTION"})["type"] == "PRODUCTION"
    refused(sandbox.send("PUT", f"{path}/type", {"type": "SANDBOX"}), "INVALID_VALUE", "type")
    sandbox.ok("DELETE", path)
    deleted = sandbox.ok("GET", path)
    contract.check("EnvironmentResponse", deleted)
    assert deleted["status"] == "DELETE_PENDING" and deleted["softDeletedAt"] < deleted["hardDeleteAllowedAt"]
    refused(sandbox.send("DELETE", path), "CONSTRAINT_VIOLATION", "status")
    restored = sandbox.ok("PUT", f"{path}/status", {"status": "ACTIVE"})
    assert restored["status"] == "ACTIVE" and "softDeletedAt" not in restored
    assert sandbox.ok("GET", f"populations/{population}")["name"] == "A"


def test_a_sandbox_is_gone_at_once(sandbox: Management) -> None:
    population = sandbox.list("populations")[0]["id"]
    sandbox.ok("DELETE", f"/environments/{sandbox.environment_id}")
    assert sandbox.send("GET", f"/environments/{sandbox.environment_id}").status_code == 404
    refused(sandbox.send("GET", f"populations/{population}"), "INSUFFICIENT_PERMISSIONS", None, 403)


def test_bodies_are_not_recorded(changeable: Emulator, sandbox: Management) -> None:
    url = f"{changeable.auth_url}/emulator/requests"
    sandbox.session.delete(url, timeout=5)
    sandbox.ok("POST", "populations", {"name": "Confidential"})
    sandbox.send("PUT", "recaptchaV2Config", {"siteKey": "a", "secretKey": "Confidential"})
    response = sandbox.session.get(url, timeout=5)
    base = f"/v1/environments/{sandbox.environment_id}"
    assert [(each["method"], each["path"], each["status"]) for each in response.json()] == [
        ("POST", f"{base}/populations", 201),
        ("PUT", f"{base}/recaptchaV2Config", 200),
    ]
    assert "Confidential" not in response.text


def test_many_at_once(sandbox: Management) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(
                lambda number: sandbox.alone("POST", "groups", {"name": f"Group {number % 20}"}).status_code, range(60)
            )
        )
    assert sorted(statuses) == [201] * 20 + [400] * 40
    assert len(sandbox.list("groups")) == 20


def test_what_was_created_shows_up_later(start: Callable[..., Emulator]) -> None:
    emulator = start("--consistency-delay", "0.5")
    api = Management(emulator, emulator.session("admin"), emulator.environments["Workforce QA"])
    made = api.ok("POST", "populations", {"name": "Later"})["id"]
    assert [each["name"] for each in api.list("populations")] == ["Default"]
    assert api.send("GET", f"populations/{made}").status_code == 404
    inner = refused(api.send("POST", "populations", {"name": "Later"}), "UNIQUENESS_VIOLATION", "name")
    assert inner == {"existingId": made}
    time.sleep(0.6)
    assert api.ok("GET", f"populations/{made}")["name"] == "Later"
    assert [each["name"] for each in api.list("populations")] == ["Default", "Later"]


def test_secrets_that_are_shown_once(sandbox: Management) -> None:
    gateway = sandbox.ok("POST", "gateways", {"name": "G", "enabled": True, "type": "LDAP", "bindPassword": "hush"})
    assert "bindPassword" not in gateway
    path = f"gateways/{gateway['id']}/credentials"
    made = sandbox.ok("POST", path, {})
    assert made["credential"]
    assert made["credential"] not in sandbox.send("GET", path).text
