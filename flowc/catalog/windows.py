"""Windows of time over the clock of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flowc.catalog.grouping import kept_until_end
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
)
from flowc.catalog.times import WINDOWS, Window
from flowc.diagnostics.codes import declare
from flowc.model.effects import Clock, Facts, Held, Truth
from flowc.model.expr import Expr, FieldStep, Path
from flowc.model.plan import Made
from flowc.model.source import Span
from flowc.model.typed import Const, Typed
from flowc.model.types import TIMESTAMP, Field, Origin, Record
from flowc.types.show import show_name

NO_CLOCK = declare("FC0385", "window-without-clock", "A window needs a clock, and there is none")
NO_LENGTH = declare("FC0386", "window-without-length", "A window is longer than nothing")
CLOCKS_APART = declare(
    "FC0424", "merged-clocks-apart", "Streams are merged whose clocks are different fields"
)
WRONG_WINDOW = declare("FC0421", "unknown-window", "There is no such kind of window")

_MICROSECOND = timedelta(microseconds=1)
_UNITS = (
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
)


TOO_MANY = declare(
    "FC0392", "too-many-windows", "Sliding windows would count each record too many times"
)
MISPLACED_EVERY = declare(
    "FC0393", "misplaced-every", "`every` says how far sliding windows slide, at most their length"
)
IDLE_WINDOWS = declare(
    "FC0420", "window-argument-without-window", "A window's argument stands without a window"
)

#: A record counts in this many windows at most: its memory and time are multiplied so.
_MOST = 1_000
_KINDS = ("tumbling", "sliding", "session")


@dataclass(frozen=True, slots=True)
class Windowing:
    """The windows of an operator.

    ``time`` is the clock's value of a record, ``field`` the column `window` of what leaves,
    ``over`` what the runtime is told. ``closes``: whether they close before the end of the
    input; ``until`` says when in words, for what is kept. ``idle``: whether silence counts.
    """

    time: Typed
    field: Field
    over: Made
    closes: bool
    until: str
    idle: int | None

    @property
    def clock(self) -> Clock:
        """The clock of what leaves."""
        return Clock((self.field.name, "end"), idle=self.idle)

    def held(self, what: str, facts: Facts) -> Held:
        """What is kept, ``what`` of each window, and until when."""
        if self.closes:
            return Held(what, until=self.until)
        return kept_until_end(what, facts, "the number of windows")


def window_of(
    arguments: Arguments, row: Record, facts: Facts, check: CheckContext
) -> Windowing | None:
    """The windows of an operator; None where none were written or it was reported."""
    written: Window | None = arguments.get("over")
    every: Expr | None = arguments.get("every")
    if written is None:
        _refuse_alone(arguments, check)
        return None
    every = written.every or every
    if written.kind.text not in _KINDS:
        check.reporter.error(
            WRONG_WINDOW,
            f"there are no `{written.kind.text}` windows",
            written.kind.span,
            notes=(WINDOWS,),
        )
        return None
    length = micros_of(written.length, row, check)
    if length <= 0:
        check.reporter.error(NO_LENGTH, "a window is longer than nothing", written.length.span)
        return None
    late = micros_of(arguments.get("late"), row, check)
    time = clock_of("a window", written.span, row, facts, check)
    sizes = _sizes(written, length, every, row, check)
    if time is None or sizes is None or facts.time is None:
        return None
    kind, *lengths = sizes
    closes = sorts_out(facts)
    wait = timedelta(microseconds=facts.time.lag + late) if closes else None
    idle = facts.time.idle if closes else None
    origin = (Origin("was made by `over`", written.span),)
    window = Record((Field("start", TIMESTAMP), Field("end", TIMESTAMP)))
    made = Made(
        "state.windows",
        kind,
        (
            *lengths,
            ("wait", wait),
            *((("idle", timedelta(microseconds=idle)),) if idle is not None else ()),
        ),
    )
    until = _closing(facts.time.lag, late, idle)
    return Windowing(time, Field("window", window, origin=origin), made, closes, until, idle)


def _sizes(
    written: Window, length: int, every: Expr | None, row: Record, check: CheckContext
) -> tuple[Any, ...] | None:
    """The runtime's class of the windows and its lengths; None where it was reported."""
    size = timedelta(microseconds=length)
    kind = written.kind.text
    if every is not None and kind != "sliding":
        check.reporter.error(
            MISPLACED_EVERY,
            f"windows that are {kind} do not slide",
            every.span,
            notes=("windows that overlap are `over sliding 1h every 5m`",),
        )
        return None
    match kind:
        case "tumbling":
            return "Fixed", ("length", size), ("every", size)
        case "session":
            return "Session", ("gap", size)
        case "sliding" if every is not None:
            step = micros_of(every, row, check)
            if not _slides(length, step, every, check):
                return None
            return "Fixed", ("length", size), ("every", timedelta(microseconds=step))
        case "sliding":
            check.reporter.error(
                MISPLACED_EVERY,
                "windows that slide need `every`: how far one begins behind the other",
                written.span,
                notes=("as in `over sliding 1h every 5m`",),
            )
            return None
        case _:
            return None


def _slides(length: int, step: int, every: Expr, check: CheckContext) -> bool:
    """Whether windows can slide so far; reported where they cannot."""
    if step <= 0:
        check.reporter.error(NO_LENGTH, "windows slide further than nothing", every.span)
    elif step > length:
        check.reporter.error(
            MISPLACED_EVERY,
            "windows that slide further than they are long leave records out",
            every.span,
            at=f"a window is only {shown_duration(length)} long",
            notes=("windows without gaps: `every` is at most their length",),
        )
    elif -(-length // step) > _MOST:
        check.reporter.error(
            TOO_MANY,
            f"each record would count in {-(-length // step):,} windows",
            every.span,
            at=f"of {shown_duration(length)}",
            notes=(f"at most {_MOST:,} are allowed; let the windows slide further",),
        )
    else:
        return True
    return False


def _refuse_alone(arguments: Arguments, check: CheckContext) -> None:
    for name in ("every", "late"):
        written = arguments.get(name)
        if written is not None:
            check.reporter.error(
                IDLE_WINDOWS,
                f"`{name}` stands without a window",
                written.span,
                notes=(WINDOWS,),
            )


def sorts_out(facts: Facts) -> bool:
    """Whether the clock lets go of what is past; a bounded input without lag keeps all."""
    return facts.time is not None and (facts.bounded is not Truth.YES or facts.time.lag > 0)


def _closing(lag: int, late: int, idle: int | None) -> str:
    waits = [
        f"{word} {shown_duration(size)}" for word, size in (("lag", lag), ("late", late)) if size
    ]
    closed = f"closed {' + '.join(waits)} after its end" if waits else "closed at its end"
    return closed if idle is None else f"{closed}, by silence from {shown_duration(idle)} on"


def shown_duration(micros: int) -> str:
    """A length of time as flowc writes it: ``1h30m``."""
    parts: list[str] = []
    for unit, size in _UNITS:
        count, micros = divmod(micros, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def clock_of(what: str, span: Span, row: Record, facts: Facts, check: CheckContext) -> Typed | None:
    """The clock's value of a record; reported where the stream has none. ``what`` needs it."""
    clock = facts.time
    if clock is not None and clock.apart:
        _refuse_apart(what, span, clock, check)
        return None
    if clock is None or not clock.kept:
        check.reporter.error(
            NO_CLOCK,
            f"{what} needs the clock of the stream, and there is none here",
            span,
            notes=(
                "say which field is the clock behind the type of the source: "
                "`as Order time at lag 5s`",
                "a clock ends where its field is dropped or computed anew",
            ),
        )
        return None
    steps = tuple(FieldStep(name, span) for name in clock.field)
    value = check.infer(Path(steps, span), row)
    return value if value.type == TIMESTAMP else None


def _refuse_apart(what: str, span: Span, clock: Clock, check: CheckContext) -> None:
    names = [None if path is None else ".".join(map(show_name, path)) for path in clock.apart]
    fields = [name for name in names if name is not None]
    note = (
        f"each of the streams needs it: `time {fields[0]}` behind the type of its source"
        if None in names
        else f"give it one name before they are merged: `rename {fields[0]} = {fields[1]}`"
    )
    check.reporter.error(
        CLOCKS_APART,
        f"{what} needs one clock, and the streams that are merged before it have several: "
        + " and ".join("none" if name is None else f"`{name}`" for name in names),
        span,
        notes=(note,),
    )


def micros_of(written: Expr | None, row: Record, check: CheckContext) -> int:
    """A written length of time in microseconds; 0 of none."""
    value = None if written is None else check.infer(written, row)
    length = value.value if isinstance(value, Const) else None
    return length // _MICROSECOND if isinstance(length, timedelta) else 0
