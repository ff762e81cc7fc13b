"""The Python target."""

from __future__ import annotations

from flowc.targets.python.target import PythonTarget

TARGET = PythonTarget()
