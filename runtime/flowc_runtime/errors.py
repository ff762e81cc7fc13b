"""Errors of records, errors of runs, and the diagnosis a user reads."""

from __future__ import annotations

import decimal

import msgspec
from msgspec import Struct

__all__ = [
    "ConversionError",
    "Diagnosis",
    "ImbalanceError",
    "InternalError",
    "NetworkError",
    "OutputClosedError",
    "OverflowError_",
    "RateLimitError",
    "RecordError",
    "ResourceError",
    "RunError",
    "TimeoutError_",
    "UserCodeError",
    "ValidationError",
    "error_name",
    "shorten",
]


class RecordError(Exception):
    """One record cannot go on; the others can. `name` is what users and policies call it."""

    name = "RecordError"


class ConversionError(RecordError):
    """A value does not convert to the type asked for."""

    name = "ConversionError"


class ValidationError(RecordError):
    """A record does not fit its declared type or a condition of the pipeline."""

    name = "ValidationError"


class OverflowError_(RecordError):
    """A number is outside the range of its type, or is not finite."""

    name = "OverflowError"


class UserCodeError(RecordError):
    """What the user's code raised, under the name of its class."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class Diagnosis(Struct, frozen=True):
    """What went wrong, why, and what to do, for the person who runs the pipeline."""

    code: str
    message: str
    why: str
    suggestions: tuple[str, ...] = ()


class RunError(Exception):
    """The run cannot go on. Carries what to tell the user and the exit code."""

    name = "RunError"

    def __init__(self, diagnosis: Diagnosis, exit_code: int = 3) -> None:
        super().__init__(diagnosis.message)
        self.diagnosis = diagnosis
        self.exit_code = exit_code


class ResourceError(RunError):
    """A file, a disk, a database or a permission is missing."""

    name = "ResourceError"


class NetworkError(RunError):
    """A peer cannot be reached or broke off."""

    name = "NetworkError"


class RateLimitError(NetworkError):
    """A peer asks to be called less often."""

    name = "RateLimitError"


class TimeoutError_(NetworkError):
    """A peer did not answer in time."""

    name = "TimeoutError"


class OutputClosedError(Exception):
    """The reader of the output went away (`| head -1`): no fault, nobody wants more."""


class InternalError(Exception):
    """Code that flowc generated or ships is wrong; never the user's mistake."""


class ImbalanceError(InternalError):
    """Records went in and neither came out nor were accounted for."""


def error_name(error: BaseException) -> str:
    """The class of an error as users and policies see it."""
    match error:
        case RecordError() | RunError():
            return error.name
        case msgspec.DecodeError() | msgspec.ValidationError() | RecursionError() | UnicodeError():
            return "ValidationError"
        case ZeroDivisionError():
            return "ZeroDivisionError"
        case OverflowError() | decimal.DecimalException():
            return "OverflowError"
        case _:
            return type(error).__name__


def shorten(value: object, limit: int = 60) -> str:
    """The value as it can stand in a message: its repr, cut in the middle of nothing."""
    text = repr(value) if not isinstance(value, str) else repr(value[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"
