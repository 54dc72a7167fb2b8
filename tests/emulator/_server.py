# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""A threaded HTTP/1.1 server over TLS.

Werkzeug's server does most of it, but shakes hands in the thread that accepts connections, where one silent client
would stop all others, and closes every connection after one answer. Both are changed here.
"""

from __future__ import annotations

import datetime
import io
import ssl
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import flask
import trustme
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from ._broken_answers import DELIVERY, Delivery

NAMES = ("localhost", "127.0.0.1", "::1", "auth.pingone.test", "api.pingone.test")
#: What the server can present; only the first is one to trust.
CERTIFICATES = ("good", "expired", "other-host", "self-signed")

_IDLE_SECONDS = 60
_LARGEST_BODY = 1_000_000


class TlsServer(ThreadedWSGIServer):
    """Serves an application; listening as soon as it exists."""

    def __init__(
        self,
        host: str,
        port: int,
        app: flask.Flask,
        folder: Path,
        verbose: bool = False,
        certificate: str = CERTIFICATES[0],
    ) -> None:
        self.ca_path = folder / "ca.pem"
        self.verbose = verbose
        tls = _tls(host, self.ca_path, certificate)
        super().__init__(host, port, app, _Handler)
        # Set only now: Werkzeug would wrap the listening socket. From here on it says "https" to the application.
        self.ssl_context = tls

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands and serve, in the thread of this connection."""
        assert self.ssl_context is not None
        request.settimeout(_IDLE_SECONDS)
        with self.ssl_context.wrap_socket(request, server_side=True) as connection:
            super().finish_request(connection, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away or do not speak TLS are no news."""
        if self.verbose or not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(WSGIRequestHandler):
    server: TlsServer
    protocol_version = "HTTP/1.1"
    # Headers and body are written apart: without this the second write waits for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request and keep the connection."""
        environ = self.make_environ()
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > _LARGEST_BODY:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        # Read in full, whether or not the application wants it: the next request follows on this connection.
        body = environ["wsgi.input"].read(-1 if "Transfer-Encoding" in self.headers else int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        deliveries: list[Delivery] = []
        environ[DELIVERY] = deliveries
        response = Response.from_app(self.server.app, environ, buffered=True)
        wfile = self.wfile
        try:
            if all(deliver(self) for deliver in deliveries):
                self._send(response)
            else:
                self.log_message("%s %s -", self.command, self.path.partition("?")[0])
        finally:
            self.wfile = wfile

    def _send(self, response: Response) -> None:
        self.send_response(response.status_code)
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.get_data())

    def version_string(self) -> str:
        return "PingOne emulator"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if self.server.verbose:
            # without the query, which may carry what should not be in a log
            print(self.command, self.path.partition("?")[0], int(code), file=sys.stderr, flush=True)

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.verbose:
            print(format % args, file=sys.stderr, flush=True)

    log_error = log_message


def _tls(host: str, ca_path: Path, kind: str) -> ssl.SSLContext:
    authority = trustme.CA(organization_name="PingOne emulator")
    authority.cert_pem.write_to_path(str(ca_path))
    names = dict.fromkeys([*NAMES, *([] if host in ("0.0.0.0", "::") else [host])])
    pem = _key_and_certificate(authority, kind, list(names))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # OpenSSL takes a private key from a file only; it is gone again at once.
    with pem.tempfile(dir=str(ca_path.parent)) as path:
        context.load_cert_chain(path)
    return context


def _key_and_certificate(authority: trustme.CA, kind: str, names: list[str]) -> trustme.Blob:
    if kind == "self-signed":
        stranger = trustme.CA(organization_name="Self-signed")  # an authority signs its own certificate
        return trustme.Blob(stranger.private_key_pem.bytes() + stranger.cert_pem.bytes())
    if kind == "other-host":
        names = ["other.pingone.test"]
    today = datetime.datetime.now(datetime.UTC)
    since, until = (30, 1) if kind == "expired" else (30, -365)
    certificate = authority.issue_cert(
        *names, not_before=today - datetime.timedelta(since), not_after=today - datetime.timedelta(until)
    )
    return certificate.private_key_and_cert_chain_pem


def url(server: TlsServer, host: str) -> str:
    """The address for clients on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"https://[{name}]:{server.port}" if ":" in name else f"https://{name}:{server.port}"
