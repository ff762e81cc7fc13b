"""The pipeline late-flights, made from late-flights.flow."""

from __future__ import annotations

import sys

from ._runtime.main import main
from .settings import Settings


def run() -> int:
    """Run the pipeline with the arguments of the process; gives the exit code."""
    return main("late_flights.pipeline", Settings, name="late_flights")


if __name__ == "__main__":
    sys.exit(run())
