"""The units that times are cut to and counted in."""

from __future__ import annotations

__all__ = ["UNITS"]

UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
"""The largest first. A week begins on Monday."""
