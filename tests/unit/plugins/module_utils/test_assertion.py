# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import jwt
import pytest
from ansible_collections.community.pingone.plugins.module_utils._assertion import Assertions
from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._errors import InvalidClient, OptionError, PingOneError
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from .conftest import ENVIRONMENT_ID, TOKEN

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


def pem(key, form=PrivateFormat.PKCS8, encryption=None):
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def options(key=EC, **others):
    return {"client_auth_method": "private_key_jwt", "private_key": key if isinstance(key, str) else pem(key), **others}


def assertions(key, clock=time.time, **others):
    credentials = {"client_id": "worker", "auth_environment_id": ENVIRONMENT_ID}
    return Assertions(Settings.from_options({**credentials, **options(key, **others)}, {}).credentials, clock)


@pytest.mark.parametrize(
    ("key", "form", "algorithm"),
    [
        (RSA, PrivateFormat.PKCS8, "RS256"),
        (RSA, PrivateFormat.TraditionalOpenSSL, "RS256"),
        (EC, PrivateFormat.PKCS8, "ES256"),
        (EC, PrivateFormat.TraditionalOpenSSL, "ES256"),
    ],
)
def test_the_key_chooses_the_algorithm(key, form, algorithm):
    assertion = assertions(pem(key, form), lambda: 1000.9).new()
    assert jwt.get_unverified_header(assertion) == {"typ": "JWT", "alg": algorithm}
    audience = f"https://auth.pingone.com/{ENVIRONMENT_ID}/as/token"
    claims = jwt.decode(
        assertion, key.public_key(), [algorithm], audience=audience, options={"verify_exp": False, "verify_iat": False}
    )
    assert len(claims.pop("jti")) == 36
    assert claims == {"iss": "worker", "sub": "worker", "aud": audience, "iat": 1000, "exp": 1300}


def test_a_key_id_is_told():
    header = jwt.get_unverified_header(assertions(EC, private_key_id="kid-1").new())
    assert header == {"typ": "JWT", "alg": "ES256", "kid": "kid-1"}


def test_every_assertion_is_another():
    source = assertions(EC, lambda: 1000)
    assert len({decoded(source.new())["jti"] for dummy in range(10)}) == 10


def decoded(assertion):
    return jwt.decode(assertion, options={"verify_signature": False})


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("nonsense", "it is no private key in PEM form"),
        ("", "it is no private key in PEM form"),
        (pem(RSA)[:-100], "it is no private key in PEM form"),
        (
            EC.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "it is no private key",
        ),
        (pem(EC, encryption=BestAvailableEncryption(b"passphrase")), "it is encrypted with a passphrase"),
        (pem(rsa.generate_private_key(65537, 1024)), "it has 1024 bits, and RS256 takes 2048 or more"),  # noqa: S505
        (pem(ec.generate_private_key(ec.SECP384R1())), "it is neither an RSA key nor an EC key on the curve P-256"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "it is neither an RSA key nor an EC key on the curve P-256"),
    ],
    # The keys are new ones in each process of pytest-xdist, which compares names.
    ids=["nonsense", "empty", "cut", "public", "encrypted", "short", "P-384", "Ed25519"],
)
def test_keys_that_cannot_be_used_are_found_before_anything_is_sent(server, tmp_path, key, why):
    path = tmp_path / "key.pem"
    path.write_text(key, encoding="ascii")
    with pytest.raises(
        OptionError, match=r"The private key \(private_key or private_key_path\) cannot be used"
    ) as error:
        server.client(client_auth_method="private_key_jwt", private_key_path=str(path))
    assert why in error.value.why
    assert not any(line in str(error.value) for line in key.splitlines() if line)
    assert not server.requests


@pytest.mark.parametrize("missing", ["jwt", "cryptography.exceptions"])
def test_a_missing_library_is_found_before_anything_is_sent(server, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(PingOneError, match=r"\(PyJWT\[crypto\]\).*pypi\.org/project/PyJWT"):
        server.client(**options())
    assert not server.requests


def test_nobody_else_pays_for_the_import():
    script = (
        "import sys, ansible_collections.community.pingone.plugins.module_utils._assertion\nprint('jwt' in sys.modules)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_body_has_the_assertion_and_nothing_has_a_secret(server):
    server.answer(TOKEN).answer({})
    server.client(**options(RSA, client_secret="s3cret-value")).get("environments")
    request = server.requests[0]
    (assertion,) = request.form.pop("client_assertion")
    assert request.form == {
        "grant_type": ["client_credentials"],
        "client_id": ["worker"],
        "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    }
    assert "Authorization" not in request.headers
    audience = f"{server.url}/{ENVIRONMENT_ID}/as/token"
    assert jwt.decode(assertion, RSA.public_key(), ["RS256"], audience=audience)["iss"] == "worker"


def test_each_attempt_has_an_assertion_of_its_own(server, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server.answer(b"", 503).answer(b"", 429).answer(TOKEN).answer({})
    server.client(**options(retries=2)).get("environments")
    attempts = [decoded(request.form["client_assertion"][0]) for request in server.requests[:3]]
    assert len({claims["jti"] for claims in attempts}) == 3


def test_a_refusal_names_the_causes(server):
    server.answer({"error": "invalid_client", "error_description": "Request denied: Invalid assertion"}, 401)
    with pytest.raises(InvalidClient) as error:
        server.client(**options()).get("environments")
    said = str(error.value)
    for cause in (
        "in the JWKS of the application",
        "under private_key_id if that is set",
        "the clock of this machine",
        f"environment {ENVIRONMENT_ID}",
        "it is enabled",
        "the same as client_auth_method, private_key_jwt",
    ):
        assert cause in said
    assert "client_secret" not in said


@pytest.mark.parametrize("key", [RSA, EC])
def test_whoever_repeats_the_key_gives_nothing_away(key):
    text = pem(key)
    body = "".join(text.splitlines()[1:-1])
    secrets = Secrets()
    secrets.add(*Settings.from_options({**options(key), "client_id": "x", "custom_domain": "x.example"}, {}).secrets)
    for said in (text, json.dumps(text), body, text.replace("\n", "\r\n"), text.replace("\n", " ")):
        for shown in (secrets.mask([said]), secrets.mask_pieces([said])):
            assert "********" in shown[0]
            assert not any(body[start : start + 8] in shown[0] for start in range(len(body) - 7))
    assert secrets.mask_pieces("Not a PRIVATE KEY JWT") == "Not a PRIVATE KEY JWT"


def test_an_assertion_becomes_a_secret(server):
    secrets = Secrets()
    server.answer(TOKEN).answer({})
    Client(server.settings(**options()), secrets, print).get("environments")
    (assertion,) = server.requests[0].form["client_assertion"]
    assert secrets.mask(f"{assertion}!") == "********!"
