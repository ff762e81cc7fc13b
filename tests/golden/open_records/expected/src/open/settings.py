"""Settings of open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Values read once at start, from the environment or from --set."""
