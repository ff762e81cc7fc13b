"""A foreign document: JSON values that know where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, TypeAlias

from flowc.diagnostics.codes import declare
from flowc.model.source import Span

UNREACHABLE = declare("FC0750", "unreachable-import", "What a schema imports is not there")
MALFORMED = declare("FC0751", "malformed-import", "An imported document cannot be read as types")
APPROXIMATED = declare("FC0752", "approximated-type", "An imported type is taken as a wider one")
UNCHECKED = declare("FC0753", "unchecked-constraint", "An imported constraint is not checked")
OVERSIZED = declare("FC0754", "oversized-import", "An imported document is too large or too deep")

#: Levels of lists and maps in a document.
DEEPEST = 200
#: Characters of a document.
LARGEST = 16 << 20
#: Keys, scalars, lists and maps of a document.
MOST_NODES = 1_000_000
#: Types that one document gives.
MOST_TYPES = 5_000
#: Levels of types inside one another that have no names of their own.
DEEPEST_TYPE = 40

_NO_ENTRIES: Mapping[str, Node] = {}

Data: TypeAlias = "dict[str, Node] | Sequence[Node] | str | Decimal | bool | None"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value of a document. ``keys`` are the places of a map's keys; a number too large to be
    exact is a text."""

    value: Data
    span: Span
    keys: Mapping[str, Span] = field(default_factory=dict)

    @property
    def map(self) -> Mapping[str, Node]:
        """The entries of a map; none of another value."""
        return self.value if isinstance(self.value, dict) else _NO_ENTRIES

    @property
    def items(self) -> Sequence[Node]:
        """The items of a list; none of another value."""
        value = self.value
        return value if isinstance(value, Sequence) and not isinstance(value, str) else ()

    def get(self, key: str) -> Node | None:
        return self.map.get(key)

    def text(self, key: str) -> str | None:
        """The text under a key of a map; None where there is none."""
        found = self.map.get(key)
        return found.value if found is not None and isinstance(found.value, str) else None

    def at(self, key: str) -> Span:
        """Where a key stands."""
        return self.keys.get(key, self.span)


class Documents(Protocol):
    """Opens the documents of a project."""

    def open(self, path: str, beside: Span) -> Node | None:
        """The document at ``path`` (empty: the one of ``beside``), relative to the document of
        ``beside``; None after a report."""
        ...
