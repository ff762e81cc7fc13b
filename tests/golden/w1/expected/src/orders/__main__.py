"""The pipeline orders, made from orders.flow."""

from __future__ import annotations

import sys

from ._runtime.main import main
from .settings import Settings


def run() -> int:
    """Run the pipeline with the arguments of the process; gives the exit code."""
    return main("orders.pipeline", Settings, name="orders")


if __name__ == "__main__":
    sys.exit(run())
