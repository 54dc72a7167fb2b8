# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for PingOne: its token endpoint and the environment part of its management API, over real TLS.

Run it from the root of the checkout with ``python -m tests.emulator`` (``--help`` shows the options) after
``pip install -r tests/emulator/requirements.txt``. It prints ``export`` lines for a shell, then ``ready``.

One port serves both of PingOne's hosts:

* ``POST /{environment id}/as/token`` and, as on a custom domain, ``POST /as/token``
* ``/v1/environments`` and what is below it

and a control surface for tests, without authentication and never recorded itself:

* ``GET /emulator/requests``: a JSON list, oldest first, of the requests since the start or the last reset. Each is
  ``{"method", "path", "query", "status", "connection", "user_agent", "authorization", "external_transaction_id",
  "external_session_id"}``; ``connection`` is the client's port (the same for requests that shared a connection),
  ``authorization`` the scheme only. Credentials are never recorded.
* ``DELETE /emulator/requests``: forget them.
* ``GET /emulator/faults``: a JSON list of the faults, each as below with ``matched`` and ``applied``: how many requests
  it was meant for, and how many it hit.
* ``POST /emulator/faults``: a JSON object, or a list of them, to be added behind the others. The answer is 201 with
  the whole list, or 400 with a ``message`` if one is wrong, and then none is added.
* ``DELETE /emulator/faults``: back to normal.

With faults, ``--fault`` at the start or over the control surface, playbooks and tests rehearse outages. Requests that
a fault answered are recorded as others are, with the status that it gave, or ``null`` if it gave none. Certificates
that no client should accept come with ``--certificate``. How a fault is written is told at the end.

Where to look: ``_organization`` (what exists), ``_seed`` (the data), ``_roles`` (who may), ``_oauth`` (tokens),
``_assertions`` (keys in place of secrets), ``_environments`` (the endpoints), ``_hal`` (shape and paging), ``_scim``
(filters), ``_errors`` (error bodies), ``_control`` (the control surface), ``_faults`` (which there are),
``_broken_answers`` (what they do), ``_app`` (all of it together), ``_server`` (TLS).
"""

from . import _faults

__doc__ = f"{__doc__}\nFaults\n------\n\n{_faults.describe()}\n"
