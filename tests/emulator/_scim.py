# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of SCIM filters (RFC 7644 section 3.4.2.2) that PingOne accepts: comparisons joined by ``and``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from ._errors import ApiError, detail, invalid_request

_COMPARISON = re.compile(r"\s*(?P<attribute>[A-Za-z][\w.$:-]*)\s+(?P<operator>[A-Za-z]+)\s+(?=\")")
_AND = re.compile(r"\s+and\s+(?=\S)", re.IGNORECASE)
# strict: control characters inside a value are an error, as in JSON
_VALUE = json.JSONDecoder()


class Comparison(NamedTuple):
    """One comparison, with the attribute and operator spelled as the endpoint declares them."""

    attribute: str
    operator: str
    value: str


def parse(text: str, supported: Mapping[str, str]) -> list[Comparison]:
    """Read a filter; ``supported`` maps each attribute to the only operator that it takes.

    Attribute names and operators are case-insensitive, values are JSON strings (RFC 7644 section 3.4.2.2).
    """
    spelling = {name.lower(): name for name in supported}
    comparisons = []
    position = 0
    while True:
        match = _COMPARISON.match(text, position)
        if not match:
            raise _refusal("The filter is not a comparison, or several joined by 'and'.", supported)
        attribute = spelling.get(match["attribute"].lower())
        if attribute is None:
            raise _refusal("The filter uses an attribute that cannot be filtered on.", supported)
        operator = match["operator"].lower()
        if operator != supported[attribute]:
            raise _refusal(f"The attribute '{attribute}' cannot be filtered with this operator.", supported)
        try:
            value, position = _VALUE.raw_decode(text, match.end())
        except ValueError:
            raise _refusal("A value in the filter is not a quoted string.", supported) from None
        comparisons.append(Comparison(attribute, operator, value))
        if not text[position:].strip():
            return comparisons
        conjunction = _AND.match(text, position)
        if not conjunction:
            raise _refusal("Comparisons can only be joined by 'and'.", supported)
        position = conjunction.end()


def _refusal(message: str, supported: Mapping[str, str]) -> ApiError:
    inner = {"supportedAttributes": sorted(supported), "supportedOperators": sorted({"and", *supported.values()})}
    return invalid_request(detail("INVALID_FILTER", message, "filter", inner))
