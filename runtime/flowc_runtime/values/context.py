"""The decimal context in which all expressions are computed."""

from __future__ import annotations

import decimal

__all__ = ["CONTEXT"]

CONTEXT = decimal.Context(
    prec=76,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    traps=[
        decimal.InvalidOperation,
        decimal.DivisionByZero,
        decimal.Overflow,
        decimal.Underflow,
        decimal.Inexact,
    ],
)
"""76 digits; a result that would need more, or be rounded, is an error instead."""
