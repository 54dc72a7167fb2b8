# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import threading
from contextlib import contextmanager

import pytest
from ansible_collections.community.pingone.plugins.module_utils._errors import (
    InvalidClient,
    TokenRefused,
    UnexpectedAnswer,
)
from ansible_collections.community.pingone.plugins.module_utils._http import Http
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._token import (
    ClientCredentialsGrant,
    Token,
    token_source,
)

from .conftest import ENVIRONMENT_ID, TOKEN


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Store:
    """What another process would see."""

    def __init__(self, token=None):
        self.token = token
        self.is_locked = False

    def load(self):
        return self.token

    def save(self, token):
        assert self.is_locked
        self.token = token

    def drop(self, refused):
        if self.token and self.token.value == refused:
            self.token = None

    @contextmanager
    def exclusive(self):
        self.is_locked = True
        yield
        self.is_locked = False


def grant(server, clock=None, secrets=None, store=None, **options):
    settings = server.settings(**options)
    return ClientCredentialsGrant(
        settings.credentials, Http(settings, print), secrets or Secrets(), store, clock or Clock()
    )


def test_basic_encodes_before_base64(server):
    server.answer(TOKEN)
    assert grant(server, client_id="a:b", client_secret="p+q/r%s&t=ü").get() == "token-no-1"
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", f"/{ENVIRONMENT_ID}/as/token")
    assert request.form == {"grant_type": ["client_credentials"]}
    scheme, encoded = request.headers["Authorization"].split()
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == "a%3Ab:p%2Bq%2Fr%25s%26t%3D%C3%BC"


def test_post_has_the_credentials_in_the_body_only(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer(TOKEN)
    grant(server, client_auth_method="client_secret_post", client_secret="p+q/r%s&t=ü").get()
    (request,) = server.requests
    assert request.form == {
        "grant_type": ["client_credentials"],
        "client_id": ["worker"],
        "client_secret": ["p+q/r%s&t=ü"],
    }
    assert "Authorization" not in request.headers


def test_a_given_token_is_used_as_it_is(server):
    settings = server.settings(access_token="brought-along")
    source = token_source(settings, Http(settings, print), Secrets())
    assert source.get() == "brought-along"
    assert source.renew("brought-along") is False
    assert not server.requests


def test_a_token_is_asked_for_once_and_again_shortly_before_it_expires(server):
    clock = Clock()
    source = grant(server, clock)
    server.answer(TOKEN)
    assert [source.get(), source.get()] == ["token-no-1", "token-no-1"]
    clock.now += 3600 - 61
    assert source.get() == "token-no-1"
    clock.now += 2
    server.answer({**TOKEN, "access_token": "token-no-2"})
    assert source.get() == "token-no-2"
    assert [request.form["grant_type"] for request in server.requests] == [["client_credentials"]] * 2


def test_a_short_lived_token_is_not_asked_for_with_each_call(server):
    clock = Clock()
    source = grant(server, clock)
    server.answer({**TOKEN, "expires_in": 30})
    source.get()
    clock.now += 26
    assert source.get() == "token-no-1"


@pytest.mark.parametrize("expires_in", [None, "soon", {}, 10**400])
def test_without_a_usable_lifetime_a_token_is_good_until_it_is_refused(server, expires_in):
    clock = Clock()
    source = grant(server, clock)
    server.answer({**TOKEN, "expires_in": expires_in})
    source.get()
    clock.now += 10**9
    assert source.get() == "token-no-1"
    assert source.renew("token-no-1") is True
    server.answer({**TOKEN, "access_token": "token-no-2"})
    assert source.get() == "token-no-2"


def test_a_token_and_its_credential_become_secrets(server):
    secrets = Secrets()
    server.answer({**TOKEN, "access_token": "token-no-1"})
    grant(server, secrets=secrets).get()
    basic = base64.b64encode(b"worker:s3cret-value").decode()
    assert secrets.mask(f"Basic {basic}") == "Basic ********"
    assert secrets.mask(["a token-no-1", "b"]) == ["a ********", "b"]


def test_invalid_client_names_the_causes(server):
    server.answer(
        {
            "error": "invalid_client",
            "error_description": "Request denied: Invalid client credentials (Correlation ID: abc-123)",
        },
        401,
    )
    with pytest.raises(InvalidClient) as error:
        grant(server).get()
    assert error.value.to_result() == {
        "msg": (
            "PingOne does not accept the worker application's credentials: Request denied: Invalid client credentials"
            " (HTTP 401, invalid_client, correlation id abc-123). Check that client_id and client_secret belong"
            f" together and are current; that the application is in environment {ENVIRONMENT_ID} (auth_environment_id"
            " is the environment that holds it, not the one to read); that it is enabled; and that its token endpoint"
            " authentication method in PingOne is the same as client_auth_method, client_secret_basic."
        ),
        "status": 401,
        "code": "invalid_client",
        "details": [],
        "correlation_id": "abc-123",
    }


def test_unknown_environment(server):
    server.answer({"id": "corr-1", "code": "NOT_FOUND", "message": "The requested resource was not found."}, 404)
    with pytest.raises(
        TokenRefused, match=f"does not know environment {ENVIRONMENT_ID}.*region or root_domain"
    ) as error:
        grant(server).get()
    assert (error.value.status, error.value.code, error.value.correlation_id) == (404, "NOT_FOUND", "corr-1")


@pytest.mark.parametrize(("status", "remedy"), [(429, "rate limit is used up"), (503, "Try again later")])
def test_an_outage_of_the_token_endpoint(server, status, remedy):
    server.answer({"id": {"a": 1}, "code": "REQUEST_LIMITED", "message": "Not now."}, status, Retry_After="100")
    with pytest.raises(TokenRefused, match=f"Not now; it asks to wait 100 seconds .*{remedy}") as error:
        grant(server).get()
    assert error.value.correlation_id is None


def test_other_errors_of_oauth(server):
    server.answer({"error": "unauthorized_client", "error_description": "Not allowed"}, 400, Correlation_Id="corr-2")
    with pytest.raises(TokenRefused, match="Not allowed.*client credentials grant") as error:
        grant(server).get()
    assert (error.value.code, error.value.correlation_id) == ("unauthorized_client", "corr-2")


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (200, b"<html>Log in to the hotel's network</html>"),
        (200, {}),
        (200, {**TOKEN, "access_token": ""}),
        (200, {**TOKEN, "access_token": 7}),
        (200, {**TOKEN, "token_type": "DPoP"}),
        (502, b"<html>Bad gateway</html>"),
        (400, []),
    ],
)
def test_what_is_no_token(server, status, document):
    server.answer(document, status)
    with pytest.raises(UnexpectedAnswer, match="something else than PingOne may answer") as error:
        grant(server).get()
    assert error.value.status == status


def test_threads_share_a_token_and_its_successor(server):
    source = grant(server)
    server.answer(TOKEN).answer({**TOKEN, "access_token": "token-no-2"})
    barrier = threading.Barrier(8)
    got = []

    def read():
        barrier.wait(5)
        first = source.get()
        barrier.wait(5)
        source.renew(first)
        got.append((first, source.get()))

    threads = [threading.Thread(target=read) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [("token-no-1", "token-no-2")] * 8
    assert len(server.requests) == 2


def test_a_token_of_another_process_is_used(server):
    secrets = Secrets()
    store = Store(Token("token-of-another", 2000.0))
    clock = Clock()
    source = grant(server, clock, secrets, store)
    assert source.get() == "token-of-another"
    assert secrets.mask("a token-of-another") == "a ********"
    clock.now = 2000.0
    server.answer(TOKEN)
    assert source.get() == "token-no-1"
    assert store.token == Token("token-no-1", 2000.0 + 3600 - 60)
    assert len(server.requests) == 1


def test_another_process_was_faster(server):
    store = Store()

    @contextmanager
    def wait_for_the_other():
        store.token = Token("token-of-another", 2000.0)
        yield

    store.exclusive = wait_for_the_other
    assert grant(server, store=store).get() == "token-of-another"
    assert not server.requests


def test_a_refused_token_is_dropped_and_never_used_again(server):
    store = Store(Token("token-of-another", 2000.0))
    source = grant(server, store=store)
    assert source.renew(source.get()) is True
    assert store.token is None
    # Somebody who does not know better keeps it once more.
    store.token = Token("token-of-another", 2000.0)
    server.answer(TOKEN)
    assert source.get() == "token-no-1"
    assert store.token.value == "token-no-1"


def test_a_refused_token_does_not_take_its_successor_along(server):
    store = Store(Token("token-of-another", 2000.0))
    source = grant(server, store=store)
    old = source.get()
    store.token = Token("token-of-a-third", 2000.0)
    source.renew(old)
    assert source.get() == "token-of-a-third"
    assert not server.requests
