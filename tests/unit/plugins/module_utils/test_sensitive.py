# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.pingone.plugins.module_utils._sensitive import (
    hidden,
    hidden_as,
    is_secret,
    name_of,
    secrets_in,
    without_secrets,
)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "newPassword",
        "bindPassword",
        "serviceAccountPassword",
        "secret",
        "clientSecret",
        "appSecret",
        "sharedSecret",
        "defaultSharedSecret",
        "clientSecretSigningKey",
        "privateKey",
        "secretKey",
        "decryptionKey",
        "verificationKey",
        "authToken",
        "serviceAccountCredentials",
        "credential",
        "recoveryCode",
        "CLIENT_SECRET",
        "ClientSecret",
        "OAUTH_ACCESS_TOKEN",
        "OAUTH_REFRESH_TOKEN",
        "BASIC_AUTH_PASSWORD",
        "Administrator_Password",
        "API_KEY",
        "API_SECRET",
        "Authorization",
        "X-Api-Key",
    ],
)
def test_secrets(name):
    assert is_secret(name, "x")


@pytest.mark.parametrize(
    "name",
    [
        "passwordPolicy",
        "passwordAuthority",
        "allowPasswordChanges",
        "tokenEndpointAuthMethod",
        "accessTokenValiditySeconds",
        "clientId",
        "keyId",
        "siteKey",
        "secretKeyId",
        "username",
        "name",
        "publicKey",
        "key",
        "keyLength",
        "credentials",
        "discoverableCredentials",
        "certificate",
        "stsTokenType",
        "profile",
        "OAUTH_TOKEN_URL",
        "minutesToRetainPreviousCredentials",
        "tokens",
        "code",
    ],
)
def test_look_alikes(name):
    assert not is_secret(name, "x")


def test_a_switch_is_no_secret():
    assert not is_secret("password", True)
    assert not is_secret("password", None)


DOCUMENT = {
    "name": "x",
    "password": {"value": "s3cret", "forceChange": True},
    "clients": [{"ip": "10.0.0.1", "sharedSecret": "t0psecret"}],
}


def test_documents():
    assert hidden(DOCUMENT) == {
        "name": "x",
        "password": "********",
        "clients": [{"ip": "10.0.0.1", "sharedSecret": "********"}],
    }
    assert without_secrets(DOCUMENT) == {"name": "x", "clients": [{"ip": "10.0.0.1"}]}
    assert list(secrets_in(DOCUMENT)) == ["s3cret", "t0psecret"]


def test_only_what_was_sent_is_hidden_in_an_answer():
    answer = {"password": "abc", "credential": "made by PingOne", "nested": {"secret": "x", "other": 1}}
    sent = {"password": "abc", "nested": {"secret": "x"}}
    assert hidden_as(answer, sent) == {
        "password": "********",
        "credential": "made by PingOne",
        "nested": {"secret": "********", "other": 1},
    }


def test_the_name_that_decides_is_the_last_one_or_the_secret_one():
    assert name_of("users/ID/password", None) == "password"
    assert name_of("users/ID/", "password") == "password"
    assert name_of("applications/ID/secret", "x") == "secret"
    assert name_of("users", "ID") == "users"
