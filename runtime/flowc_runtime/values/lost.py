"""How many timestamps lost digits: what is finer than microseconds is cut off, and counted."""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["LOST"]

LOST: ContextVar[int] = ContextVar("lost", default=0)
"""Timestamps cut so far, of this thread. Work that is done again sets it back first."""
