"""The kinds of scalars that keys take: how each is read from its text, and called.

A kind stands in an annotation, ``Annotated[timedelta, DURATION]``, so that a model alone says
what may be written; `blocks` reads by it, and pydantic and the JSON Schema know it, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, TypeAlias

from pydantic_core import core_schema

from flowc.diagnostics.suggest import nearest
from flowc.syntax import measures


class Unreadable(ValueError):
    """A text is not of a kind. ``better`` is what was meant, where that is plain."""

    def __init__(self, better: str = "") -> None:
        super().__init__(better)
        self.better = better


@dataclass(frozen=True)
class Kind:
    """A kind of scalar.

    ``what`` calls it in messages ("a duration"), ``example`` is one. ``read`` gives the value
    of a text, or raises Unreadable. ``parsed`` names a form of pipe text that `blocks` parses,
    for the caret: ``expression``, ``aggregate``.
    """

    what: str
    example: str
    read: Callable[[str], object]
    parsed: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": ["string", "number"], "description": f"{self.what}, such as {self.example}"}

    def _validate(self, value: object) -> object:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise ValueError(f"{self.what} stands here, such as {self.example}")
        text = str(value)
        if "${" in text:
            return text
        try:
            return self.read(text)
        except Unreadable:
            raise ValueError(f"{self.what} stands here, such as {self.example}") from None


def _duration(text: str) -> timedelta:
    found = measures.duration_of(text)
    if found is None:
        short = re.fullmatch(r"(\d+)\s*(sec|min|hour|day|week)\w*", text.strip())
        blank = re.fullmatch(r"(\d+)\s+(us|ms|s|m|h|d|w)", text.strip())
        digits = re.fullmatch(r"\d+", text)
        better = ""
        if short is not None:
            better = short[1] + short[2][0]
        elif blank is not None:
            better = blank[1] + blank[2]
        elif digits is not None:
            better = f"{text}s"
        raise Unreadable(better)
    return found


def _size(text: str) -> int:
    found = measures.bytes_of(text)
    if found is None:
        plain = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgtp])(i?)(b?)", text.strip(), re.IGNORECASE)
        better = ""
        if plain is not None:
            better = plain[1] + plain[2].upper() + plain[3].lower() + plain[4].upper()
        elif re.fullmatch(r"\d+", text):
            better = f"{text}B"
        raise Unreadable(better)
    return found


def _cpu(text: str) -> float:
    if re.fullmatch(r"\d+m", text, re.ASCII) and int(text[:-1]) > 0:
        return int(text[:-1]) / 1000
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) and float(text) > 0:
        return float(text)
    raise Unreadable


def _matching(pattern: str) -> Callable[[str], object]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise Unreadable
        return text

    return read


def _number(least: float, most: float) -> Callable[[str], object]:
    def read(text: str) -> float:
        if re.fullmatch(r"\d+(\.\d+)?([eE][+-]?\d{1,2})?", text, re.ASCII) is None:
            raise Unreadable
        if not least <= float(text) <= most:
            raise Unreadable
        return float(text)

    return read


def _whole(least: int, most: int) -> Callable[[str], object]:
    def read(text: str) -> int:
        if re.fullmatch(r"\d{1,18}", text, re.ASCII) is None or not least <= int(text) <= most:
            raise Unreadable
        return int(text)

    return read


ERROR_CLASSES = (
    "ConversionError",
    "LateError",
    "NetworkError",
    "RateLimitError",
    "ResourceError",
    "TimeoutError",
    "ValidationError",
)


def _error_class(text: str) -> str:
    if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", text) is None:
        raise Unreadable
    if text not in ERROR_CLASSES and (near := nearest(text, ERROR_CLASSES, most=1)):
        raise Unreadable(near[0])
    return text


def _port(text: str) -> bool:
    return re.fullmatch(r"\d{1,5}", text, re.ASCII) is not None and 1 <= int(text) <= 65535


def _listen(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not _port(port) or re.search(r"[\s/]", host):
        raise Unreadable(f":{text}" if _port(text) else "")
    return text


def _address(text: str) -> str:
    if re.fullmatch(r"[A-Za-z][\w+.-]*://\S+", text) is None:
        _listen(text)
        if text.startswith(":"):
            raise Unreadable(f"localhost{text}")
    return text


_MANY = 10**9

DURATION = Kind("a duration", "30s", _duration)
SIZE = Kind("a size", "4Gi", _size)
CPU = Kind("a number of processors", "500m", _cpu)
SHARE = Kind("a share from 0 to 1", "0.5", _number(0, 1))
PERCENT = Kind("a percentage from 1 to 100", "70", _whole(1, 100))
COUNT = Kind("a whole number from 1", "3", _whole(1, _MANY))
COUNT_FROM_0 = Kind("a whole number", "3", _whole(0, _MANY))
RATE = Kind("a number of records a second", "10000", _number(1, 1e12))
PORT = Kind("a port from 1 to 65535", "8080", _whole(1, 65535))
LISTEN = Kind("an address to listen at", '":8080"', _listen)
ADDRESS = Kind("an address, a host with its port or a URI", "localhost:50051", _address)
URI = Kind("a URI", "redis://localhost", _matching(r"[A-Za-z][\w+.-]*://\S+"))
PATH = Kind("a path", "./checkpoints", _matching(r"\S(?:[^\x00\n]*\S)?"))
NAME = Kind("a name of letters, digits, `-`, `_` and `.`", "high-latency", _matching(r"[\w.-]+"))
TEXT = Kind("a text", "alerts", _matching(r"(?s).*\S.*"))
ERROR = Kind("the name of a class of errors", "NetworkError", _error_class)
CONDITION = Kind("a condition", "p95_latency > 1s", _matching(r"(?s).*\S.*"), "expression")
METRIC = Kind(
    "a metric, `name: aggregate`",
    '"large: count() where amount > 100"',
    _matching(r"(?s)\s*[A-Za-z_]\w*\s*:\s*\S.*"),
    "aggregate",
)

Duration: TypeAlias = Annotated[timedelta, DURATION]
Size: TypeAlias = Annotated[int, SIZE]
Cpu: TypeAlias = Annotated[float, CPU]
Share: TypeAlias = Annotated[float, SHARE]
Percent: TypeAlias = Annotated[int, PERCENT]
Count: TypeAlias = Annotated[int, COUNT]
CountFrom0: TypeAlias = Annotated[int, COUNT_FROM_0]
Rate: TypeAlias = Annotated[float, RATE]
Port: TypeAlias = Annotated[int, PORT]
Listen: TypeAlias = Annotated[str, LISTEN]
Address: TypeAlias = Annotated[str, ADDRESS]
Uri: TypeAlias = Annotated[str, URI]
Path: TypeAlias = Annotated[str, PATH]
Name: TypeAlias = Annotated[str, NAME]
Text: TypeAlias = Annotated[str, TEXT]
ErrorClass: TypeAlias = Annotated[str, ERROR]
Condition: TypeAlias = Annotated[str, CONDITION]
Metric: TypeAlias = Annotated[str, METRIC]
