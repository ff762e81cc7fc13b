"""What the runtime would say of arguments that are written, asked when the pipeline is checked."""

from __future__ import annotations

from collections.abc import Callable

from flowc_runtime.errors import ConversionError
from flowc_runtime.values.jsonpath import steps_of
from flowc_runtime.values.time import check_time_format
from flowc_runtime.values.units import UNITS

__all__ = ["UNITS", "path_problem", "time_format_problem"]


def time_format_problem(written: str) -> str | None:
    """What is wrong with a time format; None where nothing is."""
    return _problem(check_time_format, written)


def path_problem(written: str) -> str | None:
    """What is wrong with a path into json; None where nothing is."""
    return _problem(steps_of, written)


def _problem(read: Callable[[str], object], written: str) -> str | None:
    try:
        read(written)
    except ConversionError as error:
        return str(error)
    return None
