"""What a run says once of its timestamps: how many lost digits, and whether some had no zone."""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["LOST", "ZONELESS", "note_zoneless"]

LOST: ContextVar[int] = ContextVar("lost", default=0)
"""Timestamps cut so far, of this thread. Work that is done again sets it back first."""

ZONELESS: ContextVar[bool] = ContextVar("zoneless", default=False)
"""Whether a timestamp without a time zone was read, as UTC, in this thread."""


def note_zoneless() -> None:
    """A timestamp without a time zone was read."""
    if not ZONELESS.get():
        ZONELESS.set(True)
