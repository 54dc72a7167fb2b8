# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m tests.emulator``: run the emulator in the foreground."""

from __future__ import annotations

import argparse
import json
import math
import os
import shlex
import signal
import tempfile
import textwrap
import threading
from pathlib import Path
from typing import Any

from . import _faults, _seed
from ._app import create_app
from ._organization import Organization
from ._server import CERTIFICATES, TlsServer, url

_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    options = _options()
    # Blocked here and waited for below, so that neither can interrupt anything halfway; threads inherit this.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    organization = _seed.organization(options.environments, options.users)
    app = create_app(
        organization,
        options.token_lifetime,
        options.token_uses,
        _faults.Faults(options.fault),
        propagation_delay=options.propagation_delay,
        consistency_delay=options.consistency_delay,
    )
    with tempfile.TemporaryDirectory(prefix="pingone-emulator-") as folder:  # mode 0700
        server = TlsServer(options.host, options.port, app, Path(folder), options.verbose, options.certificate)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        state = _state(server, url(server, options.host), organization)
        if options.state is not None:
            _write_private(options.state, json.dumps(state, ensure_ascii=False, indent=2))
        for name, value in _exports(state, "admin" if options.admin else None).items():
            print(f"export {name}={shlex.quote(value)}")
        print("ready", flush=True)
        signal.sigwait(_SIGNALS)
        server.shutdown()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.emulator",
        description="A PingOne stand-in for tests and rehearsals: token endpoint and management API over TLS.\n"
        "Prints export lines for a shell and then 'ready'; serves until it is interrupted.",
        epilog=f"faults:\n{textwrap.indent(_faults.describe(), '  ')}\n\n"
        "Use only with the credentials that it prints: everything it knows is invented and gone when it ends.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_number(0, 65535), default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--environments",
        metavar="N",
        type=_number(_seed.MINIMUM_ENVIRONMENTS),
        default=_seed.SEED_ENVIRONMENTS,
        help="how many environments the organization has (default: %(default)s)",
    )
    parser.add_argument(
        "--users",
        metavar="N",
        type=_number(0),
        default=0,
        help="how many users the environment 'Fjordkaffe Customers' has (default: %(default)s)",
    )
    parser.add_argument(
        "--admin",
        action="store_true",
        help="print the credentials of the worker application that may do everything, instead of one that only reads",
    )
    parser.add_argument(
        "--propagation-delay",
        metavar="SECONDS",
        type=_seconds,
        default=0.0,
        help="how long it takes until a new role assignment counts (default: %(default)g)",
    )
    parser.add_argument(
        "--consistency-delay",
        metavar="SECONDS",
        type=_seconds,
        default=0.0,
        help="how long it takes until what was created is to be seen (default: %(default)g)",
    )
    parser.add_argument(
        "--token-lifetime",
        metavar="SECONDS",
        type=_number(1),
        default=3600,
        help="how long an access token lives (default: %(default)s)",
    )
    parser.add_argument(
        "--token-uses",
        metavar="N",
        type=_number(0),
        help="refuse an access token as revoked after N API requests; 0: never accept one (default: no limit)",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="write addresses, environments and all worker applications with their secrets to this JSON file",
    )
    parser.add_argument(
        "--fault",
        metavar="SPEC",
        type=_fault,
        action="append",
        default=[],
        help="let something go wrong, see below; may be given several times",
    )
    parser.add_argument(
        "--certificate",
        choices=CERTIFICATES,
        default=CERTIFICATES[0],
        help="what the server presents to clients that trust its authority (default: %(default)s)",
    )
    parser.add_argument("--verbose", action="store_true", help="log requests to stderr")
    return parser.parse_args()


def _fault(spec: str) -> _faults.Fault:
    try:
        return _faults.parse(spec)
    except _faults.FaultError as error:
        kinds = f"the kinds are {', '.join(_faults.KINDS)}"
        text = str(error) if kinds in str(error) else f"{error}; {kinds}"
        raise argparse.ArgumentTypeError(f"{text} (--help explains them)") from None


def _number(minimum: int, maximum: int | None = None) -> Any:
    def number(text: str) -> int:
        value = int(text)
        if value < minimum or (maximum is not None and value > maximum):
            upper = "" if maximum is None else f" and at most {maximum}"
            raise argparse.ArgumentTypeError(f"must be at least {minimum}{upper}")
        return value

    return number


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError("must be at least 0")
    return value


def _state(server: TlsServer, address: str, organization: Organization) -> dict[str, Any]:
    return {
        "auth_url": address,
        "api_url": f"{address}/v1",
        "ca_path": str(server.ca_path),
        "port": server.port,
        "pid": os.getpid(),
        "organization_id": organization.id,
        "environments": [
            {name: environment.properties[name] for name in ("id", "name", "type", "region", "status")}
            for environment in organization.environments.values()
        ],
        "applications": [
            {
                "key": application.key,
                "name": application.name,
                "client_id": application.client_id,
                "client_secret": application.client_secret,
                "private_key": application.key_pair and application.key_pair.as_pem(private=True).decode(),
                "private_key_id": application.key_pair and application.key_pair.kid,
                "environment_id": application.environment_id,
                "token_endpoint_auth_method": application.token_endpoint_auth_method,
                "enabled": application.enabled,
                "role_assignments": [
                    {name: getattr(assignment, name) for name in ("role", "scope_type", "scope_id")}
                    for assignment in application.role_assignments
                ],
            }
            for application in organization.applications.values()
        ],
    }


def _exports(state: dict[str, Any], key: str | None) -> dict[str, str]:
    application = next(each for each in state["applications"] if key is None or each["key"] == key)
    return {
        "PINGONE_CLIENT_ID": application["client_id"],
        "PINGONE_CLIENT_SECRET": application["client_secret"],
        "PINGONE_ENVIRONMENT_ID": application["environment_id"],
        "PINGONE_AUTH_URL": state["auth_url"],
        "PINGONE_API_URL": state["api_url"],
        "PINGONE_CA_PATH": state["ca_path"],
    }


def _write_private(path: Path, text: str) -> None:
    # Complete as soon as it is there: somebody may be waiting for it. mkstemp makes it mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
