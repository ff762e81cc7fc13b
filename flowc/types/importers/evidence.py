"""What a sample showed, in words."""

from __future__ import annotations

from dataclasses import dataclass

from flowc.model.types import Record, Type


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """How a field stood in a sample.

    ``present`` counts the records that had it, ``nulls`` those where it was null;
    ``example`` is its first value that is not null, as text, and ``record`` the number of
    that record, from 1 (0: it was always null).
    """

    path: tuple[str, ...]
    type: Type
    present: int
    nulls: int
    example: str = ""
    record: int = 0


@dataclass(frozen=True, slots=True)
class Inference:
    """The record type that a sample shows. It accepts every record of the sample.

    ``count`` is the number of records seen. ``notes`` say what a reader should know and
    what to write instead; ``hints`` are smaller; ``problems`` are why the input cannot be
    read by this type at all (a header that names a column twice).
    """

    record: Record
    count: int
    fields: tuple[FieldEvidence, ...]
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def evidence(self, source: str, *, whole: bool) -> str:
        """``typed from 1,204 of 1,204 records of orders.jsonl``."""
        count = f"{self.count:,}"
        if whole:
            return f"typed from {count} of {count} {_records(self.count)} of {source}"
        return f"typed from the first {count} {_records(self.count)} of {source}"

    def field(self, *path: str) -> FieldEvidence | None:
        """The evidence of a field, for a message about it."""
        return next((field for field in self.fields if field.path == path), None)


def shortened(text: str, most: int = 40) -> str:
    """A value in a message: on one line, not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def _records(count: int) -> str:
    return "record" if count == 1 else "records"
