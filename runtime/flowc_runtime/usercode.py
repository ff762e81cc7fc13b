"""Calling the user's functions, and importing the files they stand in."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from decimal import DecimalException
from types import TracebackType
from typing import Any

from .errors import Diagnosis, RecordError, RunError, UserCodeError, ValidationError
from .segments import UserCode

__all__ = ["as_record_error", "caller", "importing"]

_FOLDER = "processors"


def caller(segment: UserCode) -> Callable[[Any], list[Any]]:
    """A function from one record to the records that the user's code makes of it.

    Raises what the user's code raises; ValidationError or OverflowError_ for a result that does
    not fit `gives`.
    """
    # Few pipelines have code of the user's, and all of them import this module.
    from .exchange import from_user, to_user

    function, kind = segment.function, segment.kind
    into, accept = to_user(segment.takes), from_user(segment.gives)

    def one(record: Any) -> list[Any]:
        result = function(into(record))
        if result is None:
            raise ValidationError("the processor returned None, but its annotation says a record")
        return [accept(result)]

    def maybe(record: Any) -> list[Any]:
        result = function(into(record))
        return [] if result is None else [accept(result)]

    def many(record: Any) -> list[Any]:
        return [accept(result) for result in function(into(record))]

    match kind:
        case "one":
            return one
        case "maybe":
            return maybe
        case "many":
            return many


def as_record_error(error: BaseException, function: Callable[..., Any]) -> Exception:
    """What a call of the user's function raised, as an error of the record.

    The user's own error is named by its class and says in which line it was raised.
    """
    if isinstance(error, RecordError):
        return error
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    line = _last_line(error.__traceback__, file)
    if line is None and isinstance(error, Exception):
        return error
    where = "" if line is None else f" ({_short(file or '')}:{line})"
    return UserCodeError(type(error).__name__, _words(error) + where)


def _words(error: BaseException) -> str:
    match error:
        case SystemExit():
            return f"the processor called sys.exit({error.code!r})"
        case DecimalException(args=(list() as signals, *_)):
            # Its own text is the list of the signals' classes.
            return ", ".join(getattr(signal, "__name__", str(signal)) for signal in signals)
        case _:
            return str(error) or type(error).__name__


def _last_line(trace: TracebackType | None, file: str | None) -> int | None:
    """The innermost line of `file` in a trace."""
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _short(file: str) -> str:
    """The file from the folder of processors on: where it lies differs from run to run."""
    return "/".join(file.replace("\\", "/").split("/")[-2:])


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Inside, the user's files may be imported; what they print goes to standard error.

    Raises RunError for what they raise, with the file and the line; what is raised elsewhere
    goes through.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:
        found = _in_processors(error)
        if found is None:
            raise
        raise RunError(*_cannot_import(error, *found)) from error


def _in_processors(error: BaseException) -> tuple[str, int] | None:
    """The file of the user that did not import, and its line."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if f".{_FOLDER}." in f".{name}":
            found = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and f"/{_FOLDER}/" in (error.filename or ""):
        found = error.filename or "", error.lineno or 1
    return found


def _cannot_import(error: BaseException, file: str, line: int) -> tuple[Diagnosis, int]:
    import linecache

    where = f"{_short(file)}:{line}"
    source = linecache.getline(file, line).strip()
    message = f"{_short(file)} cannot be imported: {type(error).__name__}: {_words(error)}"
    why = f"{where}: {source}" if source else where
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        cure = f"Install the package that brings {package} in this Python: {sys.executable}"
        return Diagnosis("FC0815", message, why, (cure,)), 3
    cures = ("Mend the line", "Do at import only what cannot fail; do the rest in the function")
    return Diagnosis("FC0815", message, why, cures), 1
