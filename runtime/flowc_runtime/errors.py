"""Errors of records, errors of runs, and the diagnosis a user reads."""

from __future__ import annotations

import decimal

import msgspec
from msgspec import Struct

__all__ = [
    "CODES",
    "ConversionError",
    "Diagnosis",
    "ImbalanceError",
    "InternalError",
    "LateError",
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


CODES: dict[str, tuple[str, str]] = {
    "FC0801": ("missing-file", "A file or a database that is read does not exist"),
    "FC0802": ("path-is-a-folder", "A path that should be a file is a folder"),
    "FC0803": ("not-permitted", "A file may not be read or written"),
    "FC0804": ("no-space-left", "There is no space left on a disk"),
    "FC0805": ("missing-folder", "The folder of a file that is written does not exist"),
    "FC0806": ("read-and-written", "One thing is both read and written, or written twice"),
    "FC0807": ("header-does-not-fit", "The header of a CSV file lacks a column"),
    "FC0808": ("missing-table-or-column", "A database has no such table or column"),
    "FC0809": ("database-locked", "A database is locked by another program"),
    "FC0810": ("not-a-database", "A file is no database, or a damaged one"),
    "FC0811": ("table-does-not-fit-records", "A table that exists does not fit the records"),
    "FC0812": ("dead-letter-not-written", "The dead letter file cannot be written"),
    "FC0813": ("every-record-failed", "Every one of the first records failed"),
    "FC0814": ("setting-missing", "A setting is missing or wrong"),
    "FC0815": ("processor-not-imported", "A file of the user cannot be imported"),
    "FC0816": ("input-or-output-failed", "Reading or writing failed"),
    "FC0817": ("duplicate-key", "Two records of a table have one key"),
    "FC0818": ("endless-table", "A table is made of a source that does not end"),
    "FC0823": ("expectation-failed", "The records as a whole are not as they were expected"),
    "FC0824": ("program-failed", "A program that records go through did not end well"),
    "FC0825": ("missing-package", "A package that the pipeline needs is not installed"),
    "FC0826": ("program-not-started", "A program that records go through cannot be started"),
    "FC0835": ("worker-ended", "A worker process ended before its work was done"),
    "FC0836": ("workers-of-no-use", "Workers were asked for where only one process can work"),
    "FC0837": ("damaged-file", "A compressed file is cut off or damaged"),
    "FC0838": ("file-became-shorter", "One of several files became shorter while they were read"),
    "FC0850": ("row-refused", "A constraint of a table ends the run"),
    "FC0900": ("unbalanced-accounts", "The accounts of a run do not balance"),
    "FC0901": ("internal-error", "flowc itself went wrong"),
}
"""What a run may print: the name of each code and what it means, in one sentence."""


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


class LateError(RecordError):
    """A record belongs to a window that was closed before it came."""

    name = "LateError"


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


def as_code(text: str, limit: int = 60) -> str:
    """A piece of a pipeline as it can stand in a message: in backticks, as it was written."""
    return f"`{text if len(text) <= limit else text[: limit - 1] + '…'}`"


def shorten(value: object, limit: int = 60) -> str:
    """The value as it can stand in a message: its repr, cut in the middle of nothing."""
    text = repr(value) if not isinstance(value, str) else repr(value[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"
