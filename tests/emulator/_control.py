# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control surface for tests: which requests came in. The package's docstring describes it."""

from __future__ import annotations

import collections
from typing import Any
from urllib.parse import parse_qsl, urlencode

import flask

_PREFIX = "/emulator/"
_REMEMBERED = 100_000
_SECRET_PARAMETERS = {"access_token", "assertion", "client_assertion", "client_secret", "password", "token"}


class Recorder:
    """Remembers requests, without their credentials."""

    def __init__(self) -> None:
        self._requests: collections.deque[dict[str, Any]] = collections.deque(maxlen=_REMEMBERED)

    def record(self, response: flask.Response) -> flask.Response:
        """Note the current request and its answer."""
        request = flask.request
        if not request.path.startswith(_PREFIX):
            scheme, space, _credentials = request.headers.get("Authorization", "").strip().partition(" ")
            self._requests.append(
                {
                    "method": request.method,
                    "path": request.path,
                    "query": _without_secrets(request.query_string.decode("utf-8", "replace")),
                    "status": response.status_code,
                    "connection": request.environ.get("REMOTE_PORT"),
                    "user_agent": request.headers.get("User-Agent"),
                    # one word alone may be the credentials themselves
                    "authorization": scheme if space else None,
                    "external_transaction_id": request.headers.get("X-Ping-External-Transaction-ID"),
                    "external_session_id": request.headers.get("X-Ping-External-Session-ID"),
                }
            )
        return response

    def blueprint(self) -> flask.Blueprint:
        """``/emulator/requests``."""
        blueprint = flask.Blueprint("control", __name__)

        @blueprint.get(f"{_PREFIX}requests")
        def read() -> flask.Response:
            return flask.jsonify(list(self._requests))

        @blueprint.delete(f"{_PREFIX}requests")
        def reset() -> tuple[str, int]:
            self._requests.clear()
            return "", 204

        return blueprint


def _without_secrets(query: str) -> str:
    parameters = parse_qsl(query, keep_blank_values=True)
    if not any(name in _SECRET_PARAMETERS for name, _value in parameters):
        return query
    return urlencode([(name, "HIDDEN" if name in _SECRET_PARAMETERS else value) for name, value in parameters])
