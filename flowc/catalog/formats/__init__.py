"""Formats of bytes: one file each, used by every connector that reads or writes bytes.

A format is the compiler's half of a codec of the runtime: how it is called in an
endpoint, which suffixes mean it, how a type is found from a sample, and which types it
cannot keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import Span
from flowc.model.types import Record


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record of a sample that is not of its format: where it begins, and why."""

    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a format found in a sample.

    ``record`` is None where there was no record to see; ``seen`` counts the records that
    could be read; ``ended`` says that the input was read to its end; ``notes`` are
    proposals; ``problems`` say why the input cannot be read at all.
    """

    record: Record | None
    seen: int
    ended: bool
    unreadable: tuple[Unreadable, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Format(Protocol):
    """A format: ``FORMAT`` of ``catalog/formats/NAME.py``.

    ``name`` is the codec's name in plans; ``spellings`` are the other words that
    ``?format=`` takes; ``suffixes`` maps a file's suffix to the options that it implies;
    ``options`` is a dataclass whose fields are the keyword arguments of the codec;
    ``keeps_rest`` says that records may have fields which their type does not name.
    """

    name: ClassVar[str]
    spellings: ClassVar[tuple[str, ...]]
    suffixes: ClassVar[Mapping[str, Mapping[str, str]]]
    summary: ClassVar[str]
    doc: ClassVar[str]
    options: ClassVar[type[Any]]
    keeps_rest: ClassVar[bool]

    def read(
        self,
        read: Callable[[int], bytes],
        options: Mapping[str, object],
        limit: int,
        name: str,
        where: str,
        span: Span,
    ) -> Reading:
        """The record type of what ``read`` gives, from at most ``limit`` records.

        ``name`` becomes the record's name; ``where`` is what origins call the input and
        ``span`` the endpoint that they point to.
        """
        ...

    def heading(self, data: bytes, options: Mapping[str, object]) -> tuple[tuple[str, ...], int]:
        """The names at the beginning of a file, and how many bytes of ``data`` they take."""
        return (), 0

    def decoding(self, options: Mapping[str, object], row: Record) -> Mapping[str, object]:
        """The codec's keyword arguments to decode records of the type ``row``, all its
        fields included: the written ones, and what only the type tells."""
        ...

    def problem(self, option: str, value: object) -> str:
        """Why an option's value cannot be, in a sentence; empty where it can."""
        ...

    def check(self, row: Record, shown: str, span: Span, reporter: Reporter) -> None:
        """Report the fields whose type the format cannot keep; ``shown`` names the sink."""
        ...
