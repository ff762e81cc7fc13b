"""Which numeric types hold every value of which others, exactly.

A widening is allowed where no value changes: ``int32`` to ``int``, ``bigint``, ``number``,
``float`` and ``decimal``. ``int`` is no ``float``: past 2**53 neighbouring integers become
one float, so a stored column needs ``cast``. (Arithmetic of an int and a float is another
matter: it is a computation, typed by the expression checker.) ``number`` is an ``int`` or
a ``float`` kept as written, so both widen to it; ``uint64`` and ``bigint`` reach past it.
"""

from __future__ import annotations

from flowc.model.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    INT,
    INT32,
    NUMBER,
    UINT32,
    UINT64,
    DecimalType,
    Kind,
    Scalar,
    Type,
)

#: The digits of a decimal: those of the context in which decimals are computed.
MOST_DIGITS = 76

#: Digits that hold every value of an integer type.
_DIGITS = {Kind.INT32: 10, Kind.UINT32: 10, Kind.INT: 19, Kind.UINT64: 20}

_WIDER: dict[Kind, frozenset[Kind]] = {
    Kind.INT32: frozenset({Kind.INT, Kind.BIGINT, Kind.NUMBER, Kind.FLOAT}),
    Kind.UINT32: frozenset({Kind.INT, Kind.UINT64, Kind.BIGINT, Kind.NUMBER, Kind.FLOAT}),
    Kind.INT: frozenset({Kind.BIGINT, Kind.NUMBER}),
    Kind.UINT64: frozenset({Kind.BIGINT}),
    Kind.BIGINT: frozenset(),
    Kind.FLOAT: frozenset({Kind.NUMBER}),
    Kind.NUMBER: frozenset(),
}

#: From narrow to wide: the order in which a common type is looked for.
_LADDER: tuple[Scalar | DecimalType, ...] = (
    INT32,
    UINT32,
    INT,
    UINT64,
    BIGINT,
    FLOAT,
    NUMBER,
    DECIMAL,
)


def is_numeric(type: Type) -> bool:
    """Whether the type is an integer, ``float``, ``number`` or a decimal."""
    return isinstance(type, DecimalType) or (isinstance(type, Scalar) and type.kind in _WIDER)


def is_integer(type: Type) -> bool:
    """Whether every value of the type is an integer."""
    return isinstance(type, Scalar) and (type.kind in _DIGITS or type.kind is Kind.BIGINT)


def widens(narrow: Type, wide: Type) -> bool:
    """Whether ``wide`` holds every value of ``narrow`` exactly (both numeric)."""
    if narrow == wide:
        return True
    match narrow, wide:
        case Scalar(a), Scalar(b):
            return b in _WIDER.get(a, frozenset())
        case Scalar(a), DecimalType(None, _):
            return is_integer(narrow)
        case Scalar(a), DecimalType(int(precision), scale):
            return a in _DIGITS and _DIGITS[a] <= precision - (scale or 0)
        case DecimalType(), DecimalType(None, _):
            return True
        case DecimalType(int(p), s), DecimalType(int(precision), scale):
            return (s or 0) <= (scale or 0) and p - (s or 0) <= precision - (scale or 0)
        case _:
            return False


def common_wide(a: Type, b: Type) -> Type | None:
    """The narrowest numeric type that holds both exactly; None when none does."""
    if isinstance(a, DecimalType) or isinstance(b, DecimalType):
        left, right = _as_decimal(a), _as_decimal(b)
        if left is None or right is None:
            return None
        if left.precision is None or right.precision is None:
            return DECIMAL
        scale = max(left.scale or 0, right.scale or 0)
        whole = max(left.precision - (left.scale or 0), right.precision - (right.scale or 0))
        return DecimalType(whole + scale, scale) if whole + scale <= MOST_DIGITS else DECIMAL
    return next((c for c in _LADDER if widens(a, c) and widens(b, c)), None)


def common_narrow(a: Type, b: Type) -> Type | None:
    """A widest numeric type whose values both hold; None when there is none."""
    if isinstance(a, DecimalType) and isinstance(b, DecimalType):
        if a.precision is None or b.precision is None:
            return b if a.precision is None else a
        scale = min(a.scale or 0, b.scale or 0)
        whole = min(a.precision - (a.scale or 0), b.precision - (b.scale or 0))
        return DecimalType(whole + scale, scale) if whole + scale > 0 else None
    return next((c for c in reversed(_LADDER) if widens(c, a) and widens(c, b)), None)


def _as_decimal(type: Type) -> DecimalType | None:
    if isinstance(type, DecimalType):
        return type
    if isinstance(type, Scalar) and type.kind in _DIGITS:
        return DecimalType(_DIGITS[type.kind], 0)
    return DECIMAL if is_integer(type) else None
