# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WSGI application: token endpoint, API and control surface, with PingOne's errors and headers around them."""

from __future__ import annotations

import json
import sys
import traceback
import uuid

import flask
from werkzeug.exceptions import HTTPException

from . import _applications, _certificates, _defaults, _environments, _errors, _users
from ._broken_answers import Breaker
from ._control import Recorder, faults_blueprint
from ._environment_changes import EnvironmentChanges
from ._errors import ApiError, not_found
from ._faults import Faults
from ._oauth import TokenService
from ._organization import Organization
from ._resources import Api, Hooks
from ._store import Store

_API = "/v1"


def create_app(
    organization: Organization,
    token_lifetime: int = 3600,
    token_uses: int | None = None,
    faults: Faults | None = None,
    propagation_delay: float = 0,
    consistency_delay: float = 0,
) -> flask.Flask:
    """The emulator of one organization."""
    app = flask.Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    faults = faults or Faults()
    breaker = Breaker(faults)
    recorder = Recorder()
    tokens = TokenService(app, organization, token_lifetime, token_uses)

    @app.before_request
    def identify() -> flask.Response | None:
        flask.g.correlation_id = str(uuid.uuid4())
        # What breaks is in front of everything else.
        if (answer := breaker.answer()) is not None:
            return answer
        # Before routing: without a token nobody learns which addresses exist.
        if flask.request.path == _API or flask.request.path.startswith(f"{_API}/"):
            flask.g.application = tokens.authenticate()
        return None

    @app.after_request
    def finish(response: flask.Response) -> flask.Response:
        # https://developer.pingidentity.com/pingone-api/foundations/conventions/pingone-api-responses.html
        if response.mimetype != "text/html":  # which comes from a proxy
            response.headers["Correlation-Id"] = flask.g.correlation_id
        breaker.change(response)
        return recorder.record(response)

    app.register_error_handler(ApiError, _answer)
    app.register_error_handler(HTTPException, lambda error: _answer(_from_http(error)))
    app.register_error_handler(Exception, _unexpected)

    app.register_blueprint(tokens.blueprint)
    app.register_blueprint(_environments.blueprint(organization))
    hooks = Hooks()
    _users.add(hooks)
    _applications.add(hooks)
    _certificates.add(hooks)
    store = Store(consistency_delay)
    _defaults.fill_organization(store, organization)
    app.register_blueprint(EnvironmentChanges(organization, store, consistency_delay).blueprint())
    app.register_blueprint(Api(organization, store, hooks, _defaults.fill_environment, propagation_delay).blueprint())
    app.register_blueprint(recorder.blueprint())
    app.register_blueprint(faults_blueprint(faults))
    return app


def _answer(error: ApiError) -> flask.Response:
    body = json.dumps({"id": flask.g.correlation_id, **error.body}, ensure_ascii=False)
    return flask.Response(body, error.status, error.headers, content_type="application/json;charset=UTF-8")


def _from_http(error: HTTPException) -> ApiError:
    status = error.code or 500
    if status == 404:
        return not_found()
    if status == 405:
        return _errors.method_not_allowed(getattr(error, "valid_methods", None) or ())
    if status < 500:
        return ApiError(status, "INVALID_REQUEST", "The request could not be understood.")
    return ApiError(500, "UNEXPECTED_ERROR", "An unexpected error occurred.")


def _unexpected(error: Exception) -> flask.Response:
    traceback.print_exception(error, file=sys.stderr)
    return _answer(ApiError(500, "UNEXPECTED_ERROR", "An unexpected error occurred."))
