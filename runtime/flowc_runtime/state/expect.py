"""`expect unique(id), count() > 0`: conditions over the whole of a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..errors import shorten
from ..tally import Receipt, Tally
from ..values.text import to_string
from .aggregate import Function, Groups

__all__ = ["Expectations"]

_SHOWN = 3
"""So many of the values that come more than once are shown."""

Holds = Callable[[list[Any], Tally], list[Any]]


class Expectations:
    """Passes every record on, and says at the end of the input which conditions do not hold.

    `finds` is the class of what `functions` find in all records; each of `holds` keeps it if a
    condition is true. `expected`: each condition as it was written, and the fields of `finds` that
    are in it.
    """

    def __init__(
        self,
        takes: type[msgspec.Struct],
        finds: type[msgspec.Struct],
        holds: Sequence[Holds],
        functions: tuple[Function, ...],
        expected: tuple[tuple[str, tuple[str, ...]], ...],
    ) -> None:
        self._finds = finds
        self._holds = holds
        self._expected = expected
        self._functions = functions
        self._groups = Groups(takes, (), functions)
        self._groups.open()

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Note the records; all of them come back."""
        self._groups.add(records)
        return records

    def finish(self, receipt: Receipt) -> list[Any]:
        """Note the conditions that do not hold; no record comes."""
        ((_, values),) = self._groups.results()
        if not isinstance(values, list):
            for text, _ in self._expected:
                receipt.fail(f"`{text}` cannot be computed: {values}")
            return []
        found = self._finds(*values)
        names = self._finds.__struct_encode_fields__
        shown = {
            name: _shown(name, fold, value)
            for name, (fold, _, _), value in zip(names, self._functions, values, strict=True)
        }
        for (text, fields), holds in zip(self._expected, self._holds, strict=True):
            try:
                kept = holds([found], Tally())
            # Whatever an expression raises is an error of the record that it is computed of.
            except Exception as error:
                receipt.fail(f"`{text}` cannot be computed: {error}")
                continue
            if not kept:
                reasons = ", ".join(shown[name] for name in fields)
                receipt.fail(f"`{text}` does not hold: {reasons}")
        return []

    def save(self) -> Any:
        """What was found so far."""
        return self._groups.save()

    def restore(self, saved: Any) -> None:
        """Go on with what was found."""
        self._groups.restore(saved)


def _shown(name: str, fold: str, value: Any) -> str:
    if fold == "repeats":
        some = ", ".join(map(_text, value[:_SHOWN]))
        more = f" and {len(value) - _SHOWN:,} more" if len(value) > _SHOWN else ""
        return f"{some}{more} more than once" if value else f"{name} is true"
    return f"{name} is {_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return shorten(value)
    return "null" if value is None else to_string(value)
