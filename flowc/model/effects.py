"""What an edge carries beside its rows: the errors a node can raise, and stream facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

#: Names of error classes as users see them: ConversionError, ValidationError, …
ErrorSet: TypeAlias = frozenset[str]

NO_ERRORS: ErrorSet = frozenset()
CONVERSION_ERROR = "ConversionError"
VALIDATION_ERROR = "ValidationError"
ARITHMETIC_ERROR = "ArithmeticError"
LATE_ERROR = "LateError"


class Truth(Enum):
    """Every analysis has an "unknown"."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Changes(Enum):
    APPEND = "append"
    UPSERT = "upsert"
    RETRACT = "retract"
    UNKNOWN = "unknown"


class Order(Enum):
    """SOURCE: as the source gave them. ARRIVAL: interleaved by arrival. NONE: no order."""

    SOURCE = "source"
    ARRIVAL = "arrival"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Clock:
    """The one clock of a stream: a field; lag and idle in microseconds. ``kept`` is false
    once the field was overwritten or dropped. ``apart``: the clocks of streams that were merged
    though they have not one field in common; it is not kept either."""

    field: tuple[str, ...]
    lag: int = 0
    idle: int | None = None
    kept: bool = True
    apart: tuple[tuple[str, ...] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of LANGUAGE §5 that each edge carries. ``keys`` are sets of fields, each
    unique by itself."""

    bounded: Truth = Truth.UNKNOWN
    changes: Changes = Changes.UNKNOWN
    keys: frozenset[tuple[str, ...]] = frozenset()
    time: Clock | None = None
    order: Order = Order.UNKNOWN
    deterministic: Truth = Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Held:
    """What an operator keeps in memory between records, and what bounds it.

    ``what`` reads "a group for each (carrier, window)". ``until`` says what lets go of it while
    the input goes on ("closed 2s after its window"), ``grows`` what it grows with if nothing does
    ("the number of different `id`"); with neither it is as small as ``what`` says. ``ends``:
    whether the input that it is kept of ends. ``waits``: nothing leaves before that end.
    ``advice`` says what would bound it.
    """

    what: str
    until: str = ""
    grows: str = ""
    ends: Truth = Truth.UNKNOWN
    waits: bool = False
    advice: tuple[str, ...] = ()

    @property
    def bounded(self) -> bool:
        """Whether it is bounded on an input without end, and something leaves."""
        return not self.waits and (bool(self.until) or not self.grows)

    def __str__(self) -> str:
        if self.until:
            return f"{self.what}, {self.until}"
        if self.bounded:
            return self.what
        grown = f"; grows with {self.grows}" if self.grows else ""
        end = "without bound" if self.ends is Truth.NO else "until the end of the input"
        return f"{self.what}{grown}, {end}"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can promise; the guarantee calculus reads it."""

    replayable: bool = False
    ordered: bool = False
    idempotent: bool = False
    transactional: bool = False
