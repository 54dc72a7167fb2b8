# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import warnings
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.pingone.plugins.module_utils._errors import ConnectionFailed
from ansible_collections.community.pingone.plugins.module_utils._http import USER_AGENT, Http
from urllib3.exceptions import InsecureRequestWarning

from .conftest import Server


def plain(request):
    return request


def failure(url, **options):
    http = Http(Server(url="http://127.0.0.1:1").settings(**options), print)
    with pytest.raises(ConnectionFailed) as caught:
        http.send("GET", url, plain, repeatable=True)
    assert caught.value.to_result()["status"] is None
    return str(caught.value)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_refused():
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    message = failure(f"http://127.0.0.1:{port}/v1/environments?filter=x")
    assert message.startswith(f"Cannot connect to http://127.0.0.1:{port}: the connection was refused.")
    assert "firewall" in message and "proxy" in message


def test_unknown_host():
    message = failure("https://api.pingone.invalid/v1")
    assert message.startswith("Cannot connect to https://api.pingone.invalid: the host name cannot be resolved.")
    assert "region" in message and "root domain" in message and "DNS" in message


def test_silence(listener):
    message = failure(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=1)
    assert "no complete answer within the time limit" in message and "PINGONE_TIMEOUT" in message


def test_a_ca_bundle_that_is_gone(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    assert "there is no CA bundle at the path in REQUESTS_CA_BUNDLE" in failure("https://127.0.0.1:1/v1")


def test_not_tls(server):
    message = failure(server.url.replace("http://", "https://"))
    assert "the TLS handshake failed" in message and "proxy" in message


def test_proxy(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter22@127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    message = failure("https://api.pingone.invalid/v1")
    assert "the proxy did not connect" in message and "HTTPS_PROXY" in message
    assert "hunter22" not in message


@pytest.mark.parametrize("proxy", ["http://[bad", "http://foo:bar", "nonsense://127.0.0.1:1"])
def test_a_proxy_that_is_none(monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "")
    assert "the proxy did not connect" in failure("https://api.pingone.invalid/v1", retries=3)


def test_compressed_twice(server):
    server.answer(b"x", Content_Encoding="gzip, gzip")
    assert "compressed in a way that cannot be read" in failure(server.url)


def test_requests_ca_bundle_does_not_override_a_choice(monkeypatch, server):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    server.answer({"name": "x"})
    assert Http(server.settings(validate_certs=False), print).send(
        "GET", server.url, plain, repeatable=True
    ).document == {"name": "x"}


def test_urllib3_writes_no_warnings(server):
    """Its threads could wait for ever to do so, in the controller of ansible-core 2.18."""
    with warnings.catch_warnings(record=True) as written:
        warnings.simplefilter("always")
        Http(server.settings(validate_certs=False), print)
        warnings.warn("Unverified HTTPS request is being made", InsecureRequestWarning, stacklevel=1)
    assert not written


def test_the_user_agent_has_the_version_of_the_collection():
    galaxy = yaml.safe_load((Path(__file__).parents[4] / "galaxy.yml").read_text(encoding="utf-8"))
    assert f"ansible-collection-{galaxy['namespace']}.{galaxy['name']}/{galaxy['version']}" == USER_AGENT
