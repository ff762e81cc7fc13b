"""`expect unique(id), count() > 0`: conditions over the whole of a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from ..environment import Environment
from ..errors import ValidationError, shorten
from ..tally import Receipt, Tally
from ..values.text import to_string
from .aggregate import Function, Groups
from .windowed import WindowedAggregation
from .windows import Fixed, Session

__all__ = ["Expectations", "WindowedExpectations"]

_SHOWN = 3
"""So many of the values that come more than once are shown."""

Holds = Callable[[list[Any], Tally], list[Any]]

Expected = tuple[str, tuple[str, ...]]
"""A condition as it was written, and the fields of what is found that are in it."""


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
        expected: tuple[Expected, ...],
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
        for failure in _failures(
            self._finds(*values), self._functions, self._expected, self._holds
        ):
            receipt.fail(failure)
        return []

    def save(self) -> Any:
        """What was found so far."""
        return self._groups.save()

    def restore(self, saved: Any) -> None:
        """Go on with what was found."""
        self._groups.restore(saved)


class WindowedExpectations:
    """The same for each window of time: what was found in one where a condition does not hold goes
    to the dead letter. A record behind its closed window is a LateError; all others come back.

    `finds` begins with the field `window`; `time` is the field of the clock.
    """

    def __init__(
        self,
        takes: type[msgspec.Struct],
        finds: type[msgspec.Struct],
        holds: Sequence[Holds],
        functions: tuple[Function, ...],
        expected: tuple[Expected, ...],
        time: str,
        over: Fixed | Session,
        environment: Environment | None = None,
    ) -> None:
        self._holds = holds
        self._expected = expected
        self._functions = functions
        self._windows = WindowedAggregation(takes, finds, (), functions, time, over, environment)
        self.timed = self._windows.timed
        self.heard = self._windows.heard
        self.save = self._windows.save
        self.restore = self._windows.restore

    @property
    def due(self) -> float | None:
        """The monotonic second at which silence closes a window."""
        return self._windows.due

    def apply(self, records: list[Any], receipt: Receipt) -> list[Any]:
        """Note the records; all that are not late come back."""
        own = Receipt()
        self._judge(self._windows.apply(records, own), own, receipt)
        late = {id(record) for record, _ in own.rejects}
        return [record for record in records if id(record) not in late] if late else records

    def finish(self, receipt: Receipt) -> list[Any]:
        """Judge the windows that are still open; no record comes."""
        own = Receipt()
        self._judge(self._windows.finish(own), own, receipt)
        return []

    def wake(self, receipt: Receipt) -> list[Any]:
        """Judge the windows that silence has closed; no record comes."""
        own = Receipt()
        self._judge(self._windows.wake(own), own, receipt)
        return []

    def _judge(self, found: list[Any], own: Receipt, receipt: Receipt) -> None:
        receipt.rejects += own.rejects
        receipt.spoiled += own.spoiled
        for one in found:
            failures = list(_failures(one, self._functions, self._expected, self._holds))
            if failures:
                receipt.spoil(one, ValidationError("; ".join(failures)))


def _failures(
    found: Any,
    functions: tuple[Function, ...],
    expected: tuple[Expected, ...],
    tests: Sequence[Holds],
) -> Iterator[str]:
    """What of the conditions does not hold of what was found, whose last fields are the
    functions'."""
    kind = type(found)
    names = kind.__struct_encode_fields__[-len(functions) :]
    values = [getattr(found, name) for name in kind.__struct_fields__[-len(functions) :]]
    shown = {
        name: _shown(name, fold, value)
        for name, (fold, _, _), value in zip(names, functions, values, strict=True)
    }
    for (text, fields), holds in zip(expected, tests, strict=True):
        try:
            kept = holds([found], Tally())
        # Whatever an expression raises is an error of the record that it is computed of.
        except Exception as error:
            yield f"`{text}` cannot be computed: {error}"
            continue
        if not kept:
            yield f"`{text}` does not hold: {', '.join(shown[name] for name in fields)}"


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
