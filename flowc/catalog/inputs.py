"""What an operator that reads other streams beside its own is given, and what it lowers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowc.model.effects import Facts
from flowc.model.graph import Node
from flowc.model.plan import Step, Tabulate
from flowc.model.source import Span
from flowc.model.tree import Endpoint
from flowc.model.types import Record


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that an operator reads beside its own. ``name`` is what it is called, empty where
    it has no name that a field could have."""

    endpoint: Endpoint
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Arriving:
    """What comes in by an input beside the stream. ``shown`` is what its source is called in
    messages; ``source`` is the node it comes from, where it is one."""

    row: Record
    facts: Facts
    shown: str
    source: Node | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table for an input, and the pure steps that arrange records for it.

    ``takes`` is the row that comes into the table, ``gives`` what is found in it.
    """

    state: Tabulate
    takes: Record
    gives: Record
    before: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Pure steps that find records in tables. ``tables`` by input; a ``Find`` of ``steps`` names
    its table by the input."""

    tables: Mapping[str, Table]
    steps: tuple[Step, ...]
