# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM filters (RFC 7644 section 3.4.2.2), as far as each of PingOne's endpoints accepts them."""

from __future__ import annotations

import datetime
import json
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from ._errors import ApiError, detail, invalid_request

#: What a filter may consist of besides comparisons: only some endpoints take more than ``and``.
AND = frozenset({"and"})
ALL = frozenset({"and", "or", "not"})

_COMPARISON = re.compile(
    r"(?P<attribute>[A-Za-z][\w.$:-]*)(?P<bracket>\[\s*(?P<inner>[A-Za-z][\w.]*))?\s+(?P<operator>[A-Za-z]+)"
)
_SPACE = re.compile(r"\s*")
_CONNECTIVE = re.compile(r"\s+(?P<word>and|or)\s+(?=\S)", re.IGNORECASE)
_NOT = re.compile(r"not\s*(?=\()", re.IGNORECASE)
# strict: control characters inside a value are an error, as in JSON
_VALUE = json.JSONDecoder()
# The deepest filter that anybody writes; Python's stack has an end.
_DEPTH = 50

Document = Mapping[str, Any]
Predicate = Callable[[Document], bool]


class Comparison(NamedTuple):
    """One comparison, with the attribute and operator spelled as the endpoint declares them."""

    attribute: str
    operator: str
    value: Any

    def holds(self, document: Document) -> bool:
        """Whether it is true of a document; strings compare case-insensitively."""
        holds = [_OPERATORS[self.operator](each, self.value) for each in values(document, self.attribute)]
        return any(holds) if self.operator != "ne" else all(holds)


def parse(text: str, supported: Mapping[str, str]) -> list[Comparison]:
    """Read a filter of comparisons with strings, joined by ``and``.

    ``supported`` maps each attribute to its operators. Attribute names and operators are case-insensitive, values are
    JSON strings (RFC 7644 section 3.4.2.2).
    """
    parser = _Parser(text, supported, AND, (str,))
    parser.predicate()
    return parser.comparisons


def predicate(text: str, supported: Mapping[str, str], connectives: Collection[str] = AND) -> Predicate:
    """Read a filter; ``supported`` maps each attribute to its operators, separated by spaces."""
    return _Parser(text, supported, connectives, (str, bool, int, float)).predicate()


class _Parser:
    def __init__(
        self, text: str, supported: Mapping[str, str], connectives: Collection[str], types: tuple[type, ...]
    ) -> None:
        self._text = text
        self._supported = supported
        self._connectives = connectives
        self._types = types
        self._spelling = {name.lower(): name for name in supported}
        self._position = 0
        self._depth = 0
        self.comparisons: list[Comparison] = []

    def predicate(self) -> Predicate:
        found = self._alternatives()
        if self._text[self._position :].strip():
            raise self._refusal("The filter does not end where it should.")
        return found

    def _alternatives(self) -> Predicate:
        # "and" binds tighter than "or"
        parts = [self._conjunction()]
        while self._take_connective("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda document: any(part(document) for part in parts)

    def _conjunction(self) -> Predicate:
        parts = [self._term()]
        while self._take_connective("and"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda document: all(part(document) for part in parts)

    def _take_connective(self, word: str) -> bool:
        match = _CONNECTIVE.match(self._text, self._position)
        if match and match["word"].lower() not in self._connectives:
            raise self._refusal("Comparisons can only be joined by 'and'.")
        if not match or match["word"].lower() != word:
            return False
        self._position = match.end()
        return True

    def _term(self) -> Predicate:
        self._skip_space()
        negation = _NOT.match(self._text, self._position)
        if negation:
            self._position = negation.end()
        if not self._text.startswith("(", self._position):
            return self._comparison()
        if "not" not in self._connectives:
            raise self._refusal("The filter is not a comparison, or several joined by 'and'.")
        self._position += 1
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._refusal("The filter is too deep.")
        inner = self._alternatives()
        self._depth -= 1
        self._skip_space()
        if not self._text.startswith(")", self._position):
            raise self._refusal("A parenthesis is not closed.")
        self._position += 1
        return (lambda document: not inner(document)) if negation else inner

    def _comparison(self) -> Predicate:
        match = _COMPARISON.match(self._text, self._position)
        if not match:
            raise self._refusal("The filter is not a comparison, or several joined by 'and'.")
        name = match["attribute"] + (f".{match['inner']}" if match["inner"] else "")
        attribute = self._spelling.get(name.lower())
        if attribute is None:
            raise self._refusal("The filter uses an attribute that cannot be filtered on.")
        word = match["operator"].lower()
        if word not in self._supported[attribute].split():
            raise self._refusal(f"The attribute '{attribute}' cannot be filtered with this operator.")
        self._position = match.end()
        comparison = Comparison(attribute, word, None if word == "pr" else self._value())
        if match["bracket"]:
            self._skip_space()
            if not self._text.startswith("]", self._position):
                raise self._refusal("A bracket is not closed.")
            self._position += 1
        self.comparisons.append(comparison)
        return comparison.holds

    def _value(self) -> Any:
        before = self._position
        self._skip_space()
        start = self._position
        try:
            value, self._position = _VALUE.raw_decode(self._text, start)
        except (ValueError, RecursionError):
            value = None
        if start == before or not isinstance(value, self._types):
            raise self._refusal("A value in the filter is not a quoted string.")
        return value

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position

    def _refusal(self, message: str) -> ApiError:
        operators = {word for words in self._supported.values() for word in words.split()}
        inner = {
            "supportedAttributes": sorted(self._supported),
            "supportedOperators": sorted({*self._connectives, *operators}),
        }
        return invalid_request(detail("INVALID_FILTER", message, "filter", inner))


def values(document: Any, path: str) -> Iterator[Any]:
    """What is at a dotted path, which may lead through lists."""
    name, _dot, rest = path.partition(".")
    if isinstance(document, list):
        for each in document:
            yield from values(each, path)
    elif isinstance(document, Mapping) and name in document:
        value = document[name]
        if rest:
            yield from values(value, rest)
        elif isinstance(value, list):
            yield from value
        else:
            yield value


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(actual: Any, value: Any) -> bool:
        try:
            return compare(_comparable(actual), _comparable(value))
        except TypeError:
            return False

    return holds


def _comparable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        return value.casefold()
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _text(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda actual, value: isinstance(actual, str) and compare(actual.casefold(), str(value).casefold())


def _equal(actual: Any, value: Any) -> bool:
    if isinstance(actual, str) and isinstance(value, str):
        return actual.casefold() == value.casefold()
    if isinstance(actual, bool):
        return value is actual or value == str(actual).lower()
    return actual == value


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": _equal,
    "ne": lambda actual, value: not _equal(actual, value),
    "sw": _text(str.startswith),
    "ew": _text(str.endswith),
    "co": _text(str.__contains__),
    "gt": _ordered(operator.gt),
    "ge": _ordered(operator.ge),
    "lt": _ordered(operator.lt),
    "le": _ordered(operator.le),
    "pr": lambda actual, value: True,
}
