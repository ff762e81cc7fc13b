"""Timestamp: a time spelled by a pattern of `%` directives."""

from __future__ import annotations

import re

from flowc.catalog.spec import CheckContext, Formatting, OperatorExample
from flowc.catalog.texts import (
    WRITE_FAILS,
    Spelled,
    TextFormat,
    not_written,
    text_argument,
    wrong_argument,
)
from flowc.model.typed import Const, RuntimeCall, Typed
from flowc.model.types import DATE, STRING, TIMESTAMP, strip_null

_EXAMPLE = 'as in `parse t as timestamp "%d/%b/%Y:%H:%M:%S %z"`'
_CODES = "Y y m d H I M S f j p b B a A z s %"
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


class Timestamp(TextFormat):
    name = "timestamp"
    doc = (
        "A time spelled by the codes of `parse_time` and `format_time`, in English: `%d/%b/%Y`. A "
        "text without an offset (`%z`) is UTC. RFC 3339 is read by `cast t as timestamp`. Written "
        "are timestamps, in UTC, and dates."
    )
    read_as = 'timestamp "%d/%b/%Y:%H:%M:%S %z"'
    written_as = 'timestamp "%Y-%m-%d"'
    read_examples = (
        OperatorExample(
            "The time of a web server's log",
            'parse t as timestamp "%d/%b/%Y:%H:%M:%S %z"',
            '{"t": "10/Oct/2000:13:55:36 -0700"}\n{"t": "yesterday"}',
            '{"t": "2000-10-10T20:55:36Z"}',
            dead=1,
        ),
    )
    write_examples = (
        OperatorExample(
            "A time in another spelling",
            'format t as timestamp "%d.%m.%Y %H:%M"',
            '{"t": "2024-01-31T10:00:00Z"}',
            '{"t": "31.01.2024 10:00"}',
            type="{t: timestamp}",
        ),
    )

    def reading(self, item: Formatting, check: CheckContext) -> Spelled | None:
        pattern = _pattern(item, check)
        if pattern is None:
            return None
        form = RuntimeCall("values.time", "parse_time")
        return Spelled(form, TIMESTAMP, (Const(pattern, STRING),))

    def writing(self, item: Formatting, value: Typed, check: CheckContext) -> Spelled | None:
        pattern = _pattern(item, check)
        if pattern is None:
            return None
        type = strip_null(value.type)
        if type not in (TIMESTAMP, DATE):
            not_written(item, type, check, "timestamps and dates")
            return None
        form = RuntimeCall("values.time", "format_time")
        return Spelled(form, STRING, (Const(pattern, STRING),), errors=WRITE_FAILS)


def _pattern(item: Formatting, check: CheckContext) -> str | None:
    found = text_argument(item, check, _EXAMPLE)
    if found is None:
        return None
    text, span = found
    used = _DIRECTIVE.findall(text)
    known = _CODES.split()
    wrong = next((one for one in used if one not in known), None)
    if wrong is not None or not used:
        message = f"`%{wrong}` is no code" if wrong is not None else "the pattern has no `%`"
        listed = "codes: " + " ".join(f"%{one}" for one in known)
        wrong_argument(message, span, check, listed, _EXAMPLE)
        return None
    return text


TEXT_FORMAT = Timestamp()
