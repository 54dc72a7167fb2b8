# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control surface for tests: which requests came in, and the faults. The package's docstring describes it."""

from __future__ import annotations

import collections
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import flask

from ._faults import CONTROL_PREFIX, Fault, FaultError, Faults

_REMEMBERED = 100_000
_SECRET_PARAMETERS = {"access_token", "assertion", "client_assertion", "client_secret", "password", "token"}


class Recorder:
    """Remembers requests, without their credentials."""

    def __init__(self) -> None:
        self._requests: collections.deque[dict[str, Any]] = collections.deque(maxlen=_REMEMBERED)

    def record(self, response: flask.Response) -> flask.Response:
        """Note the current request and its answer."""
        request = flask.request
        if not request.path.startswith(CONTROL_PREFIX):
            scheme, space, _credentials = request.headers.get("Authorization", "").strip().partition(" ")
            self._requests.append(
                {
                    "method": request.method,
                    "path": request.path,
                    "query": _without_secrets(request.query_string.decode("utf-8", "replace")),
                    "status": None if flask.g.get("unanswered") else response.status_code,
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

        @blueprint.get(f"{CONTROL_PREFIX}requests")
        def read() -> flask.Response:
            return flask.jsonify(list(self._requests))

        @blueprint.delete(f"{CONTROL_PREFIX}requests")
        def reset() -> tuple[str, int]:
            self._requests.clear()
            return "", 204

        return blueprint


def faults_blueprint(faults: Faults) -> flask.Blueprint:
    """``/emulator/faults``."""
    blueprint = flask.Blueprint("faults", __name__)

    @blueprint.get(f"{CONTROL_PREFIX}faults")
    def read() -> flask.Response:
        return flask.jsonify(faults.documents())

    @blueprint.post(f"{CONTROL_PREFIX}faults")
    def add() -> tuple[flask.Response, int]:
        try:
            documents = json.loads(flask.request.get_data())
            faults.add([Fault(each) for each in (documents if isinstance(documents, list) else [documents])])
        except FaultError as error:
            return flask.jsonify(message=str(error)), 400
        except ValueError as error:
            return flask.jsonify(message=f"this is not JSON: {error}"), 400
        return read(), 201

    @blueprint.delete(f"{CONTROL_PREFIX}faults")
    def clear() -> tuple[str, int]:
        faults.clear()
        return "", 204

    return blueprint


def _without_secrets(query: str) -> str:
    parameters = parse_qsl(query, keep_blank_values=True)
    if not any(name in _SECRET_PARAMETERS for name, _value in parameters):
        return query
    return urlencode([(name, "HIDDEN" if name in _SECRET_PARAMETERS else value) for name, value in parameters])
