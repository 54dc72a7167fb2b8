# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.pingone.plugins.module_utils._errors import OptionError
from ansible_collections.community.pingone.plugins.module_utils._settings import ROOT_DOMAINS, Settings

ID = "11111111-2222-4333-8444-555555555555"
TASK = {"client_id": "id", "client_secret": "task-secret", "auth_environment_id": ID}
SHELL = {"PINGONE_CLIENT_ID": "shell-id", "PINGONE_CLIENT_SECRET": "shell-secret", "PINGONE_ENVIRONMENT_ID": ID}


def settings(options=None, environ=None):
    return Settings.from_options(options or {}, environ or {})


@pytest.mark.parametrize(
    ("options", "environ", "token", "secret"),
    [
        ({"access_token": "t"}, {}, "t", None),
        ({}, {"PINGONE_API_ACCESS_TOKEN": "t"}, "t", None),
        ({}, {"PINGONE_API_ACCESS_TOKEN": "t", **SHELL}, "t", None),
        ({"access_token": "t", **TASK}, {}, "t", None),
        ({"access_token": "t"}, SHELL, "t", None),
        (TASK, {"PINGONE_API_ACCESS_TOKEN": "t"}, None, "task-secret"),
        (TASK, SHELL, None, "task-secret"),
        ({"client_id": "id"}, {"PINGONE_API_ACCESS_TOKEN": "t", **SHELL}, None, "shell-secret"),
        ({"client_secret": ""}, SHELL, None, "shell-secret"),
        ({"access_token": "", **TASK}, {}, None, "task-secret"),
    ],
)
def test_task_goes_before_environment_and_token_before_credentials(options, environ, token, secret):
    result = settings(options, environ)
    assert result.access_token == token
    assert (result.credentials.secret if result.credentials else None) == secret
    assert result.secrets == (token or secret,)


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, ["client_id (or PINGONE_CLIENT_ID)", "client_secret", "auth_environment_id (or PINGONE_ENVIRONMENT_ID)"]),
        ({"client_id": "id", "auth_environment_id": ID}, ["client_secret (or PINGONE_CLIENT_SECRET)"]),
        ({"client_id": "id", "client_secret": "x", "auth_environment_id": ""}, ["auth_environment_id"]),
    ],
)
def test_missing_credentials_are_named(options, missing):
    with pytest.raises(OptionError, match="Credentials for PingOne are missing") as error:
        settings(options)
    for name in missing:
        assert name in error.value.why


@pytest.mark.parametrize("region", ROOT_DOMAINS)
def test_every_region_has_its_hosts(region):
    result = settings({**TASK, "region": region})
    assert result.api_url == f"https://api.{ROOT_DOMAINS[region]}/v1"
    assert result.credentials.token_url == f"https://auth.{ROOT_DOMAINS[region]}/{ID}/as/token"


@pytest.mark.parametrize(
    ("options", "environ", "domain"),
    [
        ({}, {}, "pingone.com"),
        ({"root_domain": "pingone.eu"}, {}, "pingone.eu"),
        ({"root_domain": ".pingone.eu"}, {}, "pingone.eu"),
        ({"root_domain": "PingOne.EU"}, {}, "pingone.eu"),
        ({"root_domain": "pingone.test:8443"}, {}, "pingone.test:8443"),
        ({"root_domain": "pingone.eu", "region": "EU"}, {}, "pingone.eu"),
        ({}, {"PINGONE_ROOT_DOMAIN": "pingone.asia"}, "pingone.asia"),
        ({}, {"PINGONE_REGION_CODE": "AU"}, "pingone.com.au"),
        ({"region": "EU"}, {"PINGONE_ROOT_DOMAIN": "pingone.asia"}, "pingone.eu"),
        ({"root_domain": "pingone.eu"}, {"PINGONE_REGION_CODE": "AU"}, "pingone.eu"),
    ],
)
def test_root_domain(options, environ, domain):
    assert settings({**TASK, **options}, environ).api_url == f"https://api.{domain}/v1"


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        ({"region": "EU", "root_domain": "pingone.com"}, {}),
        ({}, {"PINGONE_REGION_CODE": "EU", "PINGONE_ROOT_DOMAIN": "pingone.com"}),
    ],
)
def test_region_against_root_domain(options, environ):
    with pytest.raises(OptionError, match=r"region EU has the root domain pingone\.eu"):
        settings({**TASK, **options}, environ)


def test_custom_domain_serves_the_token_endpoint_only_and_needs_no_environment():
    result = settings({"client_id": "id", "client_secret": "x", "custom_domain": "login.example.com"})
    assert result.credentials.token_url == "https://login.example.com/as/token"
    assert result.api_url == "https://api.pingone.com/v1"
    assert result.credentials.environment_id is None


def test_custom_domain_of_the_task_goes_before_auth_url_of_the_environment():
    result = settings({**TASK, "custom_domain": "login.example.com"}, {"PINGONE_AUTH_URL": "https://gateway.example"})
    assert result.credentials.token_url == "https://login.example.com/as/token"


def test_custom_domain_against_auth_url():
    with pytest.raises(OptionError, match="both say where tokens come from"):
        settings({**TASK, "custom_domain": "login.example.com", "auth_url": "https://gateway.example"})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost/base/", "http://[::1]:80", "https://gw.example/p1"]
)
def test_base_addresses(url):
    result = settings({**TASK, "auth_url": url, "api_url": url})
    assert result.api_url == url.rstrip("/")
    assert result.credentials.token_url == f"{url.rstrip('/')}/{ID}/as/token"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://api.pingone.com/v1", "would send credentials unencrypted"),
        ("http://127.0.0.1.example.com", "would send credentials unencrypted"),
        ("ftp://127.0.0.1", "does not start with https://"),
        ("api.pingone.com", "does not start with https://"),
        ("https://", "does not start with https://"),
        ("https://a_b.example", "does not start with https://"),
        ("https://example.com:0", "does not start with https://"),
        ("https://example.com:99999", "is not an address"),
        ("https://[::1", "is not an address"),
        ("https://user:hunter22@example.com", "more than a base address"),
        ("https://example.com/v1?x=1", "more than a base address"),
        ("https://example.com/v1#x", "more than a base address"),
        ("https://example.com/../v1", "more than a base address"),
        ("https://example.com/v1 ", "white space"),
    ],
)
@pytest.mark.parametrize("option", ["auth_url", "api_url"])
def test_bad_base_addresses(option, url, message):
    with pytest.raises(OptionError, match=message) as error:
        settings({**TASK, option: url})
    assert "hunter22" not in str(error.value)
    assert option in str(error.value)


@pytest.mark.parametrize("option", ["root_domain", "custom_domain"])
@pytest.mark.parametrize(
    "value",
    [
        "https://pingone.eu",
        "pingone.eu/x",
        "pingone..eu",
        "a b",
        "evil.example@pingone.eu",
        "-x",
        "x" * 300,
        "localhost:99999",
        "localhost:0",
    ],
)
def test_bad_host_names(option, value):
    with pytest.raises(OptionError, match="is not a host name"):
        settings({**TASK, option: value})


@pytest.mark.parametrize("option", ["client_id", "client_secret", "access_token", "auth_environment_id"])
@pytest.mark.parametrize("tail", [" ", "\n", "\t", "\x00", "\u202e", "\u00a0"])
def test_white_space_and_control_characters_are_refused_and_the_value_is_not_shown(option, tail):
    with pytest.raises(OptionError, match="white space or a control character") as error:
        settings({**TASK, option: f"very-secret{tail}"})
    assert "very-secret" not in str(error.value)


@pytest.mark.parametrize("value", ["nonsense", "../../as", f"{ID}/..", f"{{{ID}}}"])
def test_auth_environment_id_is_a_uuid(value):
    with pytest.raises(OptionError, match=r"auth_environment_id \(or PINGONE_ENVIRONMENT_ID\): .* is not a UUID"):
        settings({**TASK, "auth_environment_id": value})


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"PINGONE_REGION_CODE": "XX"}, "PINGONE_REGION_CODE.*'XX' is none of NA, CA"),
        ({"PINGONE_CLIENT_AUTH_METHOD": "none"}, "PINGONE_CLIENT_AUTH_METHOD.*'none' is none of"),
        ({"PINGONE_TIMEOUT": "soon"}, "PINGONE_TIMEOUT.*'soon' is not a number of seconds"),
        ({"PINGONE_TIMEOUT": "0"}, "PINGONE_TIMEOUT.*'0' is not a number of seconds"),
        ({"PINGONE_CA_PATH": "/nowhere/ca.pem"}, "PINGONE_CA_PATH.*cannot be used: No such file"),
    ],
)
def test_wrong_environment_variables_are_named(environ, message):
    with pytest.raises(OptionError, match=message):
        settings(TASK, environ)


def test_timeout_and_method():
    result = settings(
        {**TASK, "timeout": 5}, {"PINGONE_TIMEOUT": "7", "PINGONE_CLIENT_AUTH_METHOD": "client_secret_post"}
    )
    assert result.timeout == 5
    assert result.credentials.method == "client_secret_post"
    assert settings(TASK).timeout == 30
    assert settings(TASK).credentials.method == "client_secret_basic"


def test_verify(tmp_path):
    no_bundle = tmp_path / "ca.pem"
    no_bundle.write_text("not a certificate")
    assert settings(TASK).verify is True
    assert settings({**TASK, "validate_certs": False}, {"PINGONE_CA_PATH": "/nowhere"}).verify is False
    with pytest.raises(OptionError, match="it holds no certificate"):
        settings({**TASK, "ca_path": str(no_bundle)})


PEM = "-----BEGIN PRIVATE KEY-----\nkey-of-the-worker-1\nkey-of-the-worker-2\n-----END PRIVATE KEY-----\n"
SIGNING = {"client_id": "id", "auth_environment_id": ID, "client_auth_method": "private_key_jwt"}


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "key.pem"
    path.write_text(PEM.replace("worker", "file"), encoding="ascii")
    return str(path)


def test_a_private_key_takes_the_place_of_the_secret():
    result = settings({**SIGNING, "private_key": PEM, "private_key_id": "kid-1"}, SHELL)
    assert (result.credentials.secret, result.credentials.key_id) == (PEM, "kid-1")
    assert result.secrets == ("key-of-the-worker-1", "key-of-the-worker-2")
    assert "key-of" not in repr(result)
    assert hash(result) == hash(settings({**SIGNING, "private_key": PEM, "private_key_id": "kid-1"}))


@pytest.mark.parametrize(
    "written",
    [PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n"), PEM.replace("\n", "\n    "), f"Grüezi \ud800\n{PEM}"],
)
def test_line_breaks_and_what_is_around_a_key_do_not_matter(written):
    secrets = settings({**SIGNING, "private_key": written}).secrets
    assert {"key-of-the-worker-1", "key-of-the-worker-2"} <= set(secrets)
    assert not any("PRIVATE KEY" in secret for secret in secrets)


def test_a_key_of_the_task_goes_before_that_of_the_environment(key_file):
    by_path, by_text = {"PINGONE_PRIVATE_KEY_PATH": key_file}, {"PINGONE_PRIVATE_KEY": PEM}
    token = {"PINGONE_API_ACCESS_TOKEN": "t"}
    for options, environ, name in (
        ({}, by_path, "file"),
        ({}, by_text, "worker"),
        ({"private_key": PEM}, {**by_path, **token}, "worker"),
        ({"private_key_path": key_file}, {**by_text, **token}, "file"),
    ):
        assert f"key-of-the-{name}-1" in settings({**SIGNING, **options}, environ).secrets
    assert settings({"client_auth_method": "private_key_jwt"}, {**by_text, **token}).access_token == "t"
    for options, environ in (({"private_key": PEM, "private_key_path": key_file}, {}), ({}, {**by_path, **by_text})):
        with pytest.raises(OptionError, match="private_key and private_key_path both give the private key"):
            settings({**SIGNING, **options}, environ)


def test_a_key_path_may_begin_at_home(key_file, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings(SIGNING, {"PINGONE_PRIVATE_KEY_PATH": "~/key.pem"}) == settings(
        {**SIGNING, "private_key_path": key_file}
    )


def test_a_key_counts_with_its_method_only():
    result = settings({**TASK, "private_key": PEM, "private_key_id": "kid-1"})
    assert (result.credentials.secret, result.credentials.key_id) == ("task-secret", None)


def test_a_missing_key_is_named():
    with pytest.raises(OptionError, match="Credentials for PingOne are missing") as error:
        settings({**SIGNING, "private_key": ""}, SHELL)
    assert error.value.why == "private_key (or PINGONE_PRIVATE_KEY)"
    assert "private_key or private_key_path takes the place of client_secret" in error.value.next_step


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/nowhere/key.pem", "No such file or directory"),
        ("/", "Is a directory"),
        ("\0", "it is no path"),
        ("\ud800", "it is no path"),
        (PEM, "No such file or directory"),
    ],
)
def test_a_key_file_that_cannot_be_read(path, why):
    with pytest.raises(OptionError, match=r"private_key_path \(or PINGONE_PRIVATE_KEY_PATH\) cannot be read") as error:
        settings({**SIGNING, "private_key_path": path})
    assert error.value.why == why
    assert "key-of" not in str(error.value)


def test_a_key_of_any_length_is_not_read(tmp_path):
    for option, value in (("private_key_path", "/dev/zero"), ("private_key", "x" * 20_000)):
        with pytest.raises(OptionError, match=f"{option} .* is longer than 16384 characters"):
            settings({**SIGNING, option: value})


def test_secrets_are_not_in_repr():
    assert "task-secret" not in repr(settings(TASK))
    assert "some-token" not in repr(settings({"access_token": "some-token"}))
