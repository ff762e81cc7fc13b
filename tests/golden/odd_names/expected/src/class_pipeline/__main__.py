"""The pipeline class, made from class.flow."""

from __future__ import annotations

import sys

from ._runtime.main import main
from .settings import Settings


def run() -> int:
    """Run the pipeline with the arguments of the process; gives the exit code."""
    return main("class_pipeline.pipeline", Settings, name="class_pipeline")


if __name__ == "__main__":
    sys.exit(run())
