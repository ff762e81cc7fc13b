"""Windows of time over the clock of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flowc.catalog.grouping import not_yet
from flowc.catalog.spec import Arguments, CheckContext, Window
from flowc.diagnostics.codes import declare
from flowc.model.effects import Facts, Truth
from flowc.model.expr import Expr, FieldStep, Path
from flowc.model.typed import Const, Typed
from flowc.model.types import TIMESTAMP, Field, Origin, Record

NO_CLOCK = declare("FC0385", "window-without-clock", "A window needs a clock, and there is none")
NO_LENGTH = declare("FC0386", "window-without-length", "A window is longer than nothing")

_MICROSECOND = timedelta(microseconds=1)
_UNITS = (
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
)


@dataclass(frozen=True, slots=True)
class Tumbling:
    """Windows of a fixed length in microseconds. ``wait``: how far the clock must be past the
    end of a window to close it; None closes all at the end of the input. ``until`` says it in
    words, for what is kept."""

    time: Typed
    length: int
    wait: int | None
    field: Field
    until: str


def window_of(
    arguments: Arguments, row: Record, facts: Facts, check: CheckContext
) -> Tumbling | None:
    """The window of an operator; None where none was written or it was reported."""
    written: Window | None = arguments.get("over")
    if written is None:
        return None
    if written.kind.text != "tumbling":
        not_yet(
            f"`over {written.kind.text}`",
            written.span,
            check,
            "windows of a fixed length are: `over tumbling 1h`",
        )
        return None
    length = _micros(written.length, row, check)
    late = _micros(arguments.get("late"), row, check)
    time = _clock(written, row, facts, check)
    if length <= 0:
        check.reporter.error(NO_LENGTH, "a window is longer than nothing", written.length.span)
        return None
    if time is None or facts.time is None:
        return None
    sorts_out = facts.bounded is not Truth.YES or facts.time.lag > 0
    origin = Origin("was made by `over`", written.span)
    window = Record((Field("start", TIMESTAMP), Field("end", TIMESTAMP)))
    return Tumbling(
        time,
        length,
        facts.time.lag + late if sorts_out else None,
        Field("window", window, origin=(origin,)),
        _closing(facts.time.lag, late),
    )


def _closing(lag: int, late: int) -> str:
    waits = [
        f"{word} {shown_duration(micros)}"
        for word, micros in (("lag", lag), ("late", late))
        if micros
    ]
    return f"closed {' + '.join(waits)} after its end" if waits else "closed at its end"


def shown_duration(micros: int) -> str:
    """A length of time as flowc writes it: ``1h30m``."""
    parts: list[str] = []
    for unit, size in _UNITS:
        count, micros = divmod(micros, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _clock(written: Window, row: Record, facts: Facts, check: CheckContext) -> Typed | None:
    """The clock's value of a record; reported where the stream has none."""
    clock = facts.time
    if clock is None or not clock.kept:
        check.reporter.error(
            NO_CLOCK,
            "a window needs the clock of the stream, and there is none here",
            written.span,
            notes=(
                "say which field is the clock behind the type of the source: "
                "`as Order time at lag 5s`",
                "a clock ends where its field is dropped or computed anew, and where streams "
                "that may be late are merged",
            ),
        )
        return None
    steps = tuple(FieldStep(name, written.span) for name in clock.field)
    value = check.infer(Path(steps, written.span), row)
    return value if value.type == TIMESTAMP else None


def _micros(written: Expr | None, row: Record, check: CheckContext) -> int:
    value = None if written is None else check.infer(written, row)
    length = value.value if isinstance(value, Const) else None
    return length // _MICROSECOND if isinstance(length, timedelta) else 0
