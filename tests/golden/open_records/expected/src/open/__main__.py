"""The pipeline open, made from open.flow."""

from __future__ import annotations

import sys

from ._runtime.main import main
from .settings import Settings


def run() -> int:
    """Run the pipeline with the arguments of the process; gives the exit code."""
    return main("open.pipeline", Settings, name="open")


if __name__ == "__main__":
    sys.exit(run())
