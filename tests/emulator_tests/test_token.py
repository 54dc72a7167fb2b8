# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint, and what the API makes of its tokens."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from . import contract
from .conftest import Bearer, Emulator

DENIED = re.compile(r"Request denied: .+ \(Correlation ID: ([0-9a-f-]{36})\)")


def refused(response: requests.Response, status: int, error: str) -> None:
    """RFC 6749 section 5.2, with PingOne's wording."""
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error", "error_description"}
    assert body["error"] == error
    match = DENIED.fullmatch(body["error_description"])
    assert match and match[1] == response.headers["Correlation-Id"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers.get("WWW-Authenticate") == ('Basic realm="PingOne"' if status == 401 else None)


def post(emulator: Emulator, path: str, **arguments: Any) -> requests.Response:
    with emulator.session() as session:
        return session.post(f"{emulator.auth_url}{path}", timeout=10, **arguments)


@pytest.mark.parametrize("key", ["default", "post", "awkward", "one_environment", "no_role", "other_environment"])
def test_a_token(emulator: Emulator, key: str) -> None:
    response = emulator.ask_for_token(key)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    application = emulator.applications[key]
    issuer = f"{emulator.auth_url}/{application['environment_id']}/as"
    with emulator.session() as session:
        configuration = session.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
        keys = session.get(configuration["jwks_uri"], timeout=10).json()
    assert configuration["issuer"] == issuer
    assert configuration["token_endpoint"] == f"{issuer}/token"
    assert "d" not in keys["keys"][0]
    token = jwt.decode(body["access_token"], KeySet.import_key_set(keys), algorithms=["RS256"])
    assert token.header["kid"] == keys["keys"][0]["kid"]
    claims = token.claims
    assert claims["iss"] == issuer
    assert claims["aud"] == ["https://api.pingone.com"]
    assert claims["client_id"] == application["client_id"]
    assert claims["env"] == application["environment_id"]
    assert claims["org"] == emulator.state["organization_id"]
    assert claims["exp"] - claims["iat"] == 3600
    assert uuid.UUID(claims["jti"])


def test_every_token_is_another(emulator: Emulator) -> None:
    assert emulator.token("default") != emulator.token("default")


def test_scopes_are_accepted_and_not_granted(emulator: Emulator) -> None:
    application = emulator.applications["default"]
    response = post(
        emulator,
        f"/{application['environment_id']}/as/token",
        data={"grant_type": "client_credentials", "scope": "openid p1:read:anything"},
        auth=(application["client_id"], application["client_secret"]),
    )
    assert response.status_code == 200
    assert "scope" not in response.json()


def test_custom_domain(emulator: Emulator) -> None:
    application = emulator.applications["other_environment"]
    response = post(
        emulator,
        "/as/token",
        data={"grant_type": "client_credentials"},
        auth=(application["client_id"], application["client_secret"]),
    )
    assert response.status_code == 200
    payload = response.json()["access_token"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=="))["env"] == application["environment_id"]


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("default", {"client_secret": "wrong"}),
        ("default", {"client_secret": ""}),
        ("default", {"client_secret": "ünïcode"}),
        ("default", {"client_id": "00000000-0000-4000-8000-000000000000"}),
        ("default", {"client_id": ""}),
        ("default", {"method": "client_secret_post"}),
        ("post", {"method": "client_secret_basic"}),
        ("post", {"client_secret": "wrong"}),
        ("disabled", {}),
    ],
)
def test_bad_credentials(emulator: Emulator, key: str, changes: dict[str, str]) -> None:
    refused(emulator.ask_for_token(key, **changes), 401, "invalid_client")


def test_application_of_another_environment(emulator: Emulator) -> None:
    elsewhere = emulator.applications["other_environment"]["environment_id"]
    refused(emulator.ask_for_token("default", environment_id=elsewhere), 401, "invalid_client")


def test_basic_credentials_must_be_form_encoded(emulator: Emulator) -> None:
    application = emulator.applications["awkward"]
    path = f"/{application['environment_id']}/as/token"
    form = {"grant_type": "client_credentials"}
    raw = (application["client_id"], application["client_secret"])
    refused(post(emulator, path, data=form, auth=raw), 401, "invalid_client")
    # quoting for a path leaves "/" and "+" alone; form-decoding would make the latter a space
    half = (application["client_id"], quote(application["client_secret"], safe="/+"))
    refused(post(emulator, path, data=form, auth=half), 401, "invalid_client")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"x").decode(),
    ],
)
def test_malformed_basic_credentials(emulator: Emulator, header: str) -> None:
    with emulator.session() as session:
        session.auth = lambda request: request
        response = session.post(
            f"{emulator.auth_url}/as/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": header},
            timeout=10,
        )
    refused(response, 401, "invalid_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "invalid_request"),
        ({"grant_type": "client_credentials", "client_secret": "both"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": 'refresh_token"\n'}, "unsupported_grant_type"),
    ],
)
def test_bad_requests(emulator: Emulator, form: dict[str, Any], error: str) -> None:
    application = emulator.applications["default"]
    credentials = (application["client_id"], application["client_secret"])
    response = post(emulator, f"/{application['environment_id']}/as/token", data=form, auth=credentials)
    refused(response, 400, error)


def test_parameters_in_the_address_do_not_count(emulator: Emulator) -> None:
    application = emulator.applications["post"]
    parameters = {
        "grant_type": "client_credentials",
        "client_id": application["client_id"],
        "client_secret": application["client_secret"],
    }
    path = f"/{application['environment_id']}/as/token"
    refused(post(emulator, path, params=parameters), 400, "invalid_request")
    seen = emulator.session().get(f"{emulator.auth_url}/emulator/requests", timeout=10).text
    assert application["client_secret"] not in seen and quote(application["client_secret"], safe="") not in seen


@pytest.mark.parametrize("path", ["/{}/as/token", "/{}/as/jwks", "/{}/as/.well-known/openid-configuration"])
def test_unknown_environment(emulator: Emulator, path: str) -> None:
    method = "POST" if path.endswith("token") else "GET"
    with emulator.session() as session:
        response = session.request(
            method, emulator.auth_url + path.format(uuid.uuid4()), data={"grant_type": "client_credentials"}, timeout=10
        )
    assert response.status_code == 404
    contract.check("NotFoundError", response.json())


def test_only_post(emulator: Emulator) -> None:
    with emulator.session() as session:
        response = session.get(f"{emulator.auth_url}/as/token", timeout=10)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    contract.check("GeneralError", response.json())


def unauthorized(response: requests.Response, challenge: str = 'Bearer realm="PingOne", error="invalid_token"') -> None:
    assert response.status_code == 401, response.text
    assert response.headers["WWW-Authenticate"] == challenge
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    body = response.json()
    contract.check("UnauthorizedError", body)
    assert body["code"] == "ACCESS_FAILED"
    assert [detail["code"] for detail in body["details"]] == ["INVALID_TOKEN"]


@pytest.mark.parametrize("path", ["/environments", "/environments/x/billOfMaterials", "/nowhere", ""])
def test_no_token(emulator: Emulator, path: str) -> None:
    with emulator.session() as session:
        unauthorized(session.get(emulator.api_url + path, timeout=10), 'Bearer realm="PingOne"')


def test_bad_tokens(emulator: Emulator, start: Callable[..., Emulator]) -> None:
    good = emulator.token("default")
    head, payload, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    foreign = start().token("default")
    bad = ["x", "x.y", "x.y.z", ".", f"{head}.{payload}.", f"{head}.{payload}.{signature[:-8]}AAAAAAAA", foreign]
    bad += [f"{none}.{payload}.", f"{none}.{payload}.{signature}", f"{good} {good}", "\xff\xfe"]
    for token in bad:
        with emulator.session() as session:
            session.auth = Bearer(token)
            unauthorized(session.get(f"{emulator.api_url}/environments", timeout=10))


def test_another_scheme(emulator: Emulator) -> None:
    with emulator.session() as session:
        session.auth = ("user", "password")
        unauthorized(session.get(f"{emulator.api_url}/environments", timeout=10))


def test_the_scheme_is_case_insensitive(emulator: Emulator) -> None:
    token = emulator.token("default")
    with emulator.session() as session:
        session.auth = lambda request: request
        headers = {"Authorization": f"bearer {token}"}
        assert session.get(f"{emulator.api_url}/environments", headers=headers, timeout=10).ok


def test_tokens_expire(start: Callable[..., Emulator]) -> None:
    emulator = start("--token-lifetime", "2")
    response = emulator.ask_for_token("default")
    assert response.json()["expires_in"] == 2
    with emulator.session() as session:
        session.auth = Bearer(response.json()["access_token"])
        assert session.get(f"{emulator.api_url}/environments", timeout=10).ok
        time.sleep(2.1)
        unauthorized(session.get(f"{emulator.api_url}/environments", timeout=10))


def test_tokens_wear_out(start: Callable[..., Emulator]) -> None:
    emulator = start("--token-uses", "2")
    for _number in range(2):
        with emulator.session("default") as session:
            for _number in range(2):
                assert session.get(f"{emulator.api_url}/environments", timeout=10).ok
            for _number in range(2):
                unauthorized(session.get(f"{emulator.api_url}/environments", timeout=10))


def test_tokens_that_are_never_accepted(start: Callable[..., Emulator]) -> None:
    emulator = start("--token-uses", "0")
    with emulator.session("default") as session:
        unauthorized(session.get(f"{emulator.api_url}/environments", timeout=10))
