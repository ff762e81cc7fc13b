"""The keywords of JSON Schema that stand beside a type, as far as a type can say them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import Span
from flowc.model.types import (
    BIGINT,
    BYTES,
    DATE,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    INT32,
    NUMBER,
    STRING,
    TIMESTAMP,
    UINT32,
    UINT64,
    UUID,
    Refinement,
    Type,
)
from flowc.types.importers.document import UNCHECKED, Node

#: What says which values a schema takes, beside constraints.
STRUCTURE = frozenset(
    [
        "type",
        "enum",
        "const",
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "items",
        "prefixItems",
        "oneOf",
        "anyOf",
        "allOf",
        "$ref",
        "format",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "contentEncoding",
    ]
)
#: Constraints that no type says, with the words that only matter beside them.
_CONSTRAINTS = [
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "multipleOf",
    "minProperties",
    "maxProperties",
    "propertyNames",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "if",
    "not",
]

_STRINGS: Mapping[str, Type] = {
    "date-time": TIMESTAMP,
    "date": DATE,
    "duration": DURATION,
    "uuid": UUID,
    "byte": BYTES,
    "binary": BYTES,
    "decimal": DECIMAL,
}
_NUMBERS: Mapping[str, Type] = {
    "float": FLOAT,
    "double": FLOAT,
    "decimal": DECIMAL,
    "int32": INT32,
    "int64": INT,
    "uint32": UINT32,
    "uint64": UINT64,
}
_INTEGERS: Mapping[str, Type] = {
    "int8": INT32,
    "int16": INT32,
    "uint8": UINT32,
    "uint16": UINT32,
    "int32": INT32,
    "int64": INT,
    "uint32": UINT32,
    "uint64": UINT64,
    "bigint": BIGINT,
}
_WHOLE = frozenset({INT, INT32, UINT32, UINT64, BIGINT})
#: Powers of ten beyond which a bound bounds nothing.
_FAR = 400
_LOOKING = re.compile(r"\(\?(?:[=!>(]|<[=!])|(?<!\\)(?:\\\\)*\\[1-9k]")


def type_of_word(word: str, node: Node) -> Type | None:
    """The type that ``type: word`` and its format mean; None for lists, objects and the like."""
    form = node.text("format") or ""
    match word:
        case "string":
            encoded = node.text("contentEncoding") in ("base64", "base64url")
            return BYTES if encoded else _STRINGS.get(form, STRING)
        case "integer":
            return _INTEGERS.get(form) or _wide(node)
        case "number":
            return _NUMBERS.get(form, NUMBER)
        case _:
            return None


def _wide(node: Node) -> Type:
    """The integers that hold what the bounds allow."""
    bounds = [_bound(node, f"{end}imum") for end in ("min", "max")]
    low, high = (Decimal(0) if bound is None else bound for bound in bounds)
    if low >= -(2**63) and high < 2**63:
        return INT
    return UINT64 if low >= 0 and bounds[0] is not None and high < 2**64 else BIGINT


def _bound(node: Node, key: str) -> Decimal | None:
    found = node.get(key)
    return found.value if found is not None and isinstance(found.value, Decimal) else None


class Unchecked:
    """Gathers constraints that are not checked, to report each kind once a document."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[Span, None]] = {}

    def note(self, what: str, span: Span, why: str = "") -> None:
        self._found.setdefault((what, why), {})[span] = None

    def report(self, reporter: Reporter) -> None:
        for (what, why), spans in self._found.items():
            places = f"; so at {len(spans):,} places" if len(spans) > 1 else ""
            reporter.note(
                UNCHECKED,
                f"{what}{places}",
                next(iter(spans)),
                notes=(why,) if why else (),
            )


class Keywords:
    """Reads what a schema states of a value beside its type."""

    def __init__(self, unchecked: Unchecked) -> None:
        self._unchecked = unchecked

    def constraints(self, node: Node) -> None:
        """Note the constraints that no type says."""
        for key in sorted(_CONSTRAINTS & node.map.keys()):
            if node.map[key].value is not False:
                self._unchecked.note(f"`{key}` is not checked", node.at(key))

    def refinement(self, node: Node, type: Type) -> Refinement:
        """Bounds and pattern of a schema of this type."""
        number = type in _WHOLE or type in (FLOAT, NUMBER, DECIMAL)
        low = self._end(node, type, "min", ROUND_CEILING) if number else None
        high = self._end(node, type, "max", ROUND_FLOOR) if number else None
        if low is not None and high is not None and low > high:
            self._unchecked.note(
                "`minimum` is not checked", node.at("minimum"), "no value is in these bounds"
            )
            low = high = None
        pattern = self._pattern(node) if type == STRING else None
        return Refinement(_text(low), _text(high), pattern)

    def _end(self, node: Node, type: Type, end: str, rounding: str) -> Decimal | None:
        """The lowest or highest number; an excluded end is said for whole numbers only."""
        key, other = f"{end}imum", f"exclusiveM{end[1:]}imum"
        step = Decimal(1 if end == "min" else -1)
        bounds: list[Decimal] = []
        for word in (key, other):
            bound = _bound(node, word)
            if bound is None:
                continue
            if bound.adjusted() > _FAR or bound.adjusted() < -_FAR:
                self._unchecked.note(
                    f"`{word}` is not checked", node.at(word), "it lies too far out"
                )
                continue
            flag = node.get(other)
            excluded = word == other or (flag is not None and flag.value is True)
            if type in _WHOLE:
                whole = bound.to_integral_value(rounding)
                moved = step if excluded and whole == bound else 0
                bounds.append(Decimal(int(whole) + int(moved)))
                continue
            if excluded:
                why = "bounds of numbers that are not whole hold their ends"
                self._unchecked.note(f"`{other}` is taken with its end", node.at(word), why)
            bounds.append(bound)
        if not bounds:
            return None
        return max(bounds) if end == "min" else min(bounds)

    def _pattern(self, node: Node) -> str | None:
        pattern = node.text("pattern")
        if pattern is None:
            return None
        try:
            if not re.search(r"\\[pPzCQ]", pattern):
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            pattern = None
        if pattern is None or _LOOKING.search(pattern):
            why = (
                "patterns here take time linear in the text: no looking around, no back references"
            )
            self._unchecked.note("a `pattern` is not checked", node.at("pattern"), why)
            return None
        return pattern


def _text(number: Decimal | None) -> str | None:
    if number is None:
        return None
    return str(int(number)) if number == number.to_integral_value() else format(number, "f")


def is_plain(node: Node) -> bool:
    """Whether a schema is of one scalar type and nothing else, so that it needs no name."""
    structure = STRUCTURE & node.map.keys()
    words = word_list(node)
    held = {"type", "format", "pattern", "minimum", "maximum", "contentEncoding"}
    held |= {"exclusiveMinimum", "exclusiveMaximum"}
    scalar = {"string", "integer", "number", "boolean", "null"}
    return bool(words) and set(words) <= scalar and structure <= held


def word_list(node: Node) -> tuple[str, ...]:
    """The words of ``type``, else of the keywords that are for one type only."""
    written = node.get("type")
    if written is not None:
        found: Iterable[Node] = (written,) if isinstance(written.value, str) else written.items
        return tuple(dict.fromkeys(n.value for n in found if isinstance(n.value, str)))
    keys = node.map.keys()
    for word, typical in _TYPICAL.items():
        if keys & typical:
            return (word,)
    return ()


_TYPICAL: Mapping[str, frozenset[str]] = {
    "object": frozenset(["properties", "required", "additionalProperties", "patternProperties"]),
    "array": frozenset(["items", "prefixItems"]),
    "string": frozenset(["pattern", "minLength", "maxLength", "contentEncoding"]),
    "number": frozenset(
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
    ),
}
