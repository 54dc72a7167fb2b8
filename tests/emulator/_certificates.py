# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""What PingOne reads out of an uploaded certificate.

https://developer.pingidentity.com/pingone-api/platform/certificate-management/create-certificate-with-pkcs7-or-pem-file
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

from . import _errors
from ._resources import Call, Hooks
from ._store import Document, time_of


def add(hooks: Hooks) -> None:
    """Bring along what this kind does."""
    hooks.prepare["certificates"] = _prepare


def _prepare(call: Call, certificate: Document, old: Document | None) -> None:
    try:
        found = x509.load_pem_x509_certificate(certificate["file"].encode())
    except ValueError:
        raise _errors.invalid_value("file", "This is no certificate in PEM") from None
    names = [str(each.value) for each in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    certificate |= {
        "name": names[0] if names else _distinguished(found.subject),
        "subjectDN": _distinguished(found.subject),
        "issuerDN": _distinguished(found.issuer),
        "serialNumber": found.serial_number,
        "startsAt": time_of(found.not_valid_before_utc),
        "expiresAt": time_of(found.not_valid_after_utc),
        "validityPeriod": (found.not_valid_after_utc - found.not_valid_before_utc).days,
    }


def _distinguished(name: x509.Name) -> str:
    return ", ".join(each.rfc4514_string() for each in reversed(name.rdns))
