# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worker applications that prove themselves with a private key (RFC 7523)."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from .conftest import Emulator
from .test_token import post, refused

KINDS = {"assertion": (RSAKey, "RS256"), "assertion_ec": (ECKey, "ES256")}


def issuer(emulator: Emulator, key: str) -> str:
    return f"{emulator.auth_url}/{emulator.applications[key]['environment_id']}/as"


def assertion(
    emulator: Emulator, key: str, header: dict[str, str] | None = None, signer: Any = None, **changes: Any
) -> str:
    """A good assertion of an application, but for what the test wants to be different; a claim of None is left out."""
    application = emulator.applications[key]
    kind, algorithm = KINDS[key]
    now = int(time.time())
    claims = {
        "iss": application["client_id"],
        "sub": application["client_id"],
        "aud": f"{issuer(emulator, key)}/token",
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
        **changes,
    }
    return jwt.encode(
        {"alg": algorithm, **({"kid": application["private_key_id"]} if header is None else header)},
        {name: value for name, value in claims.items() if value is not None},
        signer or kind.import_key(application["private_key"]),
    )


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("header", [None, {}])
def test_a_token(emulator: Emulator, key: str, header: dict[str, str] | None) -> None:
    response = emulator.send_assertion(key, assertion(emulator, key, header))
    assert response.status_code == 200, response.text
    with emulator.session() as session:
        headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
        answer = session.get(f"{emulator.api_url}/environments", headers=headers, timeout=10)
    assert len(answer.json()["_embedded"]["environments"]) == len(emulator.environments)


@pytest.mark.parametrize(
    "changes",
    [{"aud": "issuer"}, {"aud": ["https://other.example", "issuer"]}, {"iat": None}, {"exp": int(time.time()) + 3500}],
)
def test_what_may_be_different(emulator: Emulator, changes: dict[str, Any]) -> None:
    if "aud" in changes:
        here = issuer(emulator, "assertion")
        changes = {"aud": here if changes["aud"] == "issuer" else [changes["aud"][0], here]}
    assert emulator.send_assertion("assertion", assertion(emulator, "assertion", **changes)).status_code == 200


def test_the_client_id_may_be_said_again(emulator: Emulator) -> None:
    client_id = emulator.applications["assertion"]["client_id"]
    sent = assertion(emulator, "assertion")
    assert emulator.send_assertion("assertion", sent, client_id=client_id).status_code == 200
    other = emulator.applications["assertion_ec"]["client_id"]
    sent = assertion(emulator, "assertion")
    refused(emulator.send_assertion("assertion", sent, client_id=other), 401, "invalid_client")


def test_custom_domain(emulator: Emulator) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    good = assertion(emulator, "assertion", aud=f"{emulator.auth_url}/as/token")
    assert post(emulator, "/as/token", data={**form, "client_assertion": good}).status_code == 200
    other = assertion(emulator, "assertion")
    refused(post(emulator, "/as/token", data={**form, "client_assertion": other}), 401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://auth.pingone.eu/as/token"},
        {"aud": None},
        {"exp": int(time.time()) - 1},
        {"exp": int(time.time()) + 2 * 3600},
        {"exp": "soon"},
        {"exp": None},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"sub": None},
        {"sub": ["x"]},
        {"iss": "somebody", "sub": "somebody"},
        {"jti": None},
        {"jti": 7},
        {"nbf": int(time.time()) + 3600},
        {"header": {"kid": "of-no-key"}},
        {"signer": RSAKey.generate_key(2048)},
    ],
)
def test_bad_assertions(emulator: Emulator, changes: dict[str, Any]) -> None:
    refused(emulator.send_assertion("assertion", assertion(emulator, "assertion", **changes)), 401, "invalid_client")


def test_a_second_use(emulator: Emulator) -> None:
    sent = assertion(emulator, "assertion")
    assert emulator.send_assertion("assertion", sent).status_code == 200
    refused(emulator.send_assertion("assertion", sent), 401, "invalid_client")


def test_an_assertion_that_was_refused_does_not_use_up_its_id(emulator: Emulator) -> None:
    jti = str(uuid.uuid4())
    forged = assertion(emulator, "assertion", signer=RSAKey.generate_key(2048), jti=jti)
    refused(emulator.send_assertion("assertion", forged), 401, "invalid_client")
    good = assertion(emulator, "assertion", jti=jti)
    assert emulator.send_assertion("assertion", good).status_code == 200


@pytest.mark.parametrize("text", ["x", "x.y.z", "", "e30.e30.", "e30.W10.x", "\xff.\xfe.x"])
def test_what_is_no_assertion(emulator: Emulator, text: str) -> None:
    refused(emulator.send_assertion("assertion", text), 401, "invalid_client")


def test_another_type(emulator: Emulator) -> None:
    form = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}
    refused(emulator.send_assertion("assertion", assertion(emulator, "assertion"), **form), 401, "invalid_client")


def test_a_secret_in_place_of_the_key(emulator: Emulator) -> None:
    """The application has one, as in PingOne, and it is of no use there."""
    for method in ("client_secret_basic", "client_secret_post"):
        refused(emulator.ask_for_token("assertion", method=method), 401, "invalid_client")


def test_an_assertion_in_place_of_the_secret(emulator: Emulator) -> None:
    default = emulator.applications["default"]
    names = {"iss": default["client_id"], "sub": default["client_id"]}
    refused(emulator.send_assertion("default", assertion(emulator, "assertion", **names)), 401, "invalid_client")


def test_both(emulator: Emulator) -> None:
    sent = assertion(emulator, "assertion")
    refused(emulator.send_assertion("assertion", sent, client_secret="both"), 400, "invalid_request")


def test_keys_for_those_who_use_them(emulator: Emulator) -> None:
    keys = {key: application["private_key"] for key, application in emulator.applications.items()}
    assert {key for key, pem in keys.items() if pem} == set(KINDS)
    assert all(keys[key].startswith("-----BEGIN PRIVATE KEY-----\n") for key in KINDS)
