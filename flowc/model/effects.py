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
    once the field was overwritten or dropped."""

    field: tuple[str, ...]
    lag: int = 0
    idle: int | None = None
    kept: bool = True


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
class Capabilities:
    """What a connector can promise; the guarantee calculus reads it."""

    replayable: bool = False
    ordered: bool = False
    idempotent: bool = False
    transactional: bool = False
