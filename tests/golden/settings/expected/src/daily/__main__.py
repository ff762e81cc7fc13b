"""The pipeline daily, made from daily.flow."""

from __future__ import annotations

import sys

from ._runtime.main import main
from .settings import Settings


def run() -> int:
    """Run the pipeline with the arguments of the process; gives the exit code."""
    return main("daily.pipeline", Settings, name="daily")


if __name__ == "__main__":
    sys.exit(run())
