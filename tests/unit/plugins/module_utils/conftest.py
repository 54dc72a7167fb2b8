# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""A PingOne in a few lines: a real server on a loopback socket that gives the answers a test wrote down."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.community.pingone.plugins.module_utils._client import Client
from ansible_collections.community.pingone.plugins.module_utils._secrets import Secrets
from ansible_collections.community.pingone.plugins.module_utils._settings import Settings

ENVIRONMENT_ID = "11111111-2222-4333-8444-555555555555"
OTHER_ID = "99999999-2222-4333-8444-555555555555"
TOKEN = {"access_token": "token-no-1", "token_type": "Bearer", "expires_in": 3600}


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    form: dict[str, list[str]]
    body: str
    connection: tuple[str, int]


@dataclass
class Server:
    """Gives its answers in their order, then the one that is left for all others, and keeps the requests."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    otherwise: tuple[int, dict[str, str], bytes] = (599, {}, b"not in the script")
    requests: list[Request] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)

    def answer(self, document: Any, status: int = 200, **headers: str) -> Server:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.answers.append((status, {"Content-Type": "application/json", **headers}, body))
        return self

    def settings(self, **options: Any) -> Settings:
        credentials = {"client_id": "worker", "client_secret": "s3cret-value", "auth_environment_id": ENVIRONMENT_ID}
        if options.get("client_auth_method") == "private_key_jwt":
            del credentials["client_secret"]
        if "access_token" in options:
            credentials = {}
        # One request at a time: the answers have an order.
        defaults = {"auth_url": self.url, "api_url": f"{self.url}/v1", "retries": 0, "concurrency": 1}
        return Settings.from_options({**defaults, **credentials, **options}, {})

    def client(self, **options: Any) -> Client:
        """Return a client; `waits` has what it reports."""
        return Client(self.settings(**options), Secrets(), self.waits.append)


@pytest.fixture
def server():
    script = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 64 * 1024  # an answer in one packet

        def handle_any(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            script.requests.append(
                Request(
                    self.command,
                    address.path,
                    parse_qs(address.query),
                    dict(self.headers),
                    parse_qs(body),
                    body,
                    self.client_address,
                )
            )
            status, headers, content = script.answers.pop(0) if script.answers else script.otherwise
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: stderr belongs to the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as real:
        script.url = f"http://127.0.0.1:{real.server_port}"
        threading.Thread(target=real.serve_forever, args=(0.01,), daemon=True).start()
        yield script
        real.shutdown()
    assert not script.answers, "answers that nobody asked for"


@pytest.fixture
def client(server):
    """A client that brought its token along."""
    return server.client(access_token="brought-along")
