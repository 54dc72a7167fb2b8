# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for PingOne: its token endpoint and its management API, over real TLS.

Run it from the root of the checkout with ``python -m tests.emulator`` (``--help`` shows the options) after
``pip install -r tests/emulator/requirements.txt``. It prints ``export`` lines for a shell, then ``ready``.

One port serves both of PingOne's hosts:

* ``POST /{environment id}/as/token`` and, as on a custom domain, ``POST /as/token``
* ``/v1/environments``, ``/v1/organizations``, ``/v1/roles`` and what is below them: every address of the tables
  ``endpoints.tsv`` (from Ping's contract) and ``more_endpoints.tsv`` (what that lacks), told below

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

Whatever is sent to an address of the tables is stored, and checked as PingOne does: the media type, what is required,
unique or must exist elsewhere, what is read-only or never shown. Each environment begins with what PingOne gives it:
a default population, the user schema, the resources ``openid`` and ``PingOne API``, policies, a key, a theme, a
language. What a worker application may do follows from its roles. ``--state`` tells the secrets of those there are;
``admin`` may do everything, and with ``--admin`` the shell gets that one. Workers made through the API get tokens, too.
``--users`` fills the environment ``Fjordkaffe Customers``. With ``--propagation-delay`` a new role assignment takes its
time to count, with ``--consistency-delay`` what was created takes its time to be seen (though its name is taken at
once). All that is written is gone at the end.

With faults, ``--fault`` at the start or over the control surface, playbooks and tests rehearse outages. Requests that
a fault answered are recorded as others are, with the status that it gave, or ``null`` if it gave none. Certificates
that no client should accept come with ``--certificate``. How a fault is written is told at the end.

Where to look: ``_organization`` (who and what exists at the start), ``_seed`` (its data), ``_roles`` (who may),
``_oauth`` (tokens), ``_assertions`` (keys in place of secrets), ``_environments`` and ``_environment_changes`` (their
endpoints), ``_endpoints`` (the tables), ``_kinds`` (what is particular to each kind of resource), ``_resources`` (the
endpoints of all kinds), ``_users`` and ``_applications`` (what else these do), ``_store`` (what is stored),
``_defaults`` (what an environment begins with), ``_bodies`` (what clients send), ``_hal`` (shape and paging), ``_scim``
(filters), ``_errors`` (error bodies), ``_control`` (the control surface), ``_faults`` (which there are),
``_broken_answers`` (what they do), ``_app`` (all of it together), ``_server`` (TLS).
"""

from . import _faults

__doc__ = f"{__doc__}\nFaults\n------\n\n{_faults.describe()}\n"
