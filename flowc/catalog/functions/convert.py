"""Conversions: the name of each scalar type is the function that converts to it.

What a conversion cannot keep is a ConversionError, never a rounded or cut value: a
fraction is rounded by ``round``, ``floor`` or ``ceil`` before it becomes an int.
"""

from __future__ import annotations

from flowc.catalog.spec import Function, FunctionExample, Overload
from flowc.model.effects import CONVERSION_ERROR, NO_ERRORS, VALIDATION_ERROR, ErrorSet
from flowc.model.typed import RuntimeCall
from flowc.model.types import (
    BIGINT,
    BOOL,
    BYTES,
    DATE,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    INT32,
    JSON,
    NUMBER,
    STRING,
    TIMESTAMP,
    UINT32,
    UINT64,
    UUID,
    ListType,
    MapType,
    Ref,
    Type,
)

_INTEGERS = (INT, INT32, UINT32, UINT64, BIGINT)
_NUMBERS = (*_INTEGERS, FLOAT, NUMBER, DECIMAL)
_FAILS: ErrorSet = frozenset({CONVERSION_ERROR})


def _conversion(
    name: str,
    target: Type,
    module: str,
    sources: tuple[Type, ...],
    examples: tuple[FunctionExample, ...],
    words: str = "",
    errors: ErrorSet = _FAILS,
) -> Function:
    form = RuntimeCall(module, f"to_{name}")
    return Function(
        name,
        f"a value converted to {name}",
        tuple(Overload((("value", source),), target, form, errors=errors) for source in sources),
        examples,
        corrections=dict.fromkeys(words.split(), name),
    )


def _integer(
    name: str, target: Type, examples: tuple[FunctionExample, ...], words: str
) -> Function:
    sources = (*(n for n in _NUMBERS if n != target), STRING, BOOL, JSON)
    return _conversion(name, target, "values.numbers", sources, examples, words)


def _text() -> Function:
    plain = RuntimeCall("values.text", "to_string")
    simple = (BOOL, *_NUMBERS, BYTES, TIMESTAMP, DATE, DURATION, UUID)
    fails = frozenset({VALIDATION_ERROR})
    return Function(
        "string",
        "the text of a value, the same in every format",
        (
            *(Overload((("value", type),), STRING, plain, errors=NO_ERRORS) for type in simple),
            Overload((("value", JSON),), STRING, plain, errors=fails),
            Overload((("value", ListType(Ref("T"))),), STRING, plain, errors=fails),
            Overload((("value", MapType(Ref("T"))),), STRING, plain, errors=fails),
        ),
        (
            FunctionExample("string(12)", '"12"'),
            FunctionExample("string(true)", '"true"'),
            FunctionExample("string(2024-01-31)", '"2024-01-31"'),
        ),
        corrections=dict.fromkeys(
            ["str", "to_string", "tostring", "text", "varchar", "to_text", "to_str"], "string"
        ),
    )


FUNCTIONS = (
    _conversion(
        "bool",
        BOOL,
        "values.numbers",
        (STRING, *_NUMBERS, JSON),
        (
            FunctionExample('bool("TRUE")', "true"),
            FunctionExample("bool(2)", error="ConversionError"),
        ),
        "boolean to_bool to_boolean",
    ),
    _integer(
        "int",
        INT,
        (
            FunctionExample('int(" 12 ")', "12"),
            FunctionExample("int(3.0)", "3"),
            FunctionExample("int(3.5)", error="ConversionError"),
        ),
        "integer to_int to_integer toint long bigint64 parse_int int64",
    ),
    _integer(
        "int32", INT32, (FunctionExample('int32("3000000000")', error="ConversionError"),), "i32"
    ),
    _integer("uint32", UINT32, (FunctionExample("uint32(-1)", error="ConversionError"),), "u32"),
    _integer("uint64", UINT64, (FunctionExample('uint64("7")', "7"),), "u64 uint"),
    _integer(
        "bigint",
        BIGINT,
        (FunctionExample('bigint("9223372036854775808") > 1', "true"),),
        "i128 u256",
    ),
    _conversion(
        "float",
        FLOAT,
        "values.numbers",
        (STRING, *_INTEGERS, NUMBER, DECIMAL, BOOL, JSON),
        (
            FunctionExample('float("2.50")', "2.5"),
            FunctionExample('float("nan")', error="ConversionError"),
        ),
        "double to_float tofloat to_double parse_float real",
    ),
    _conversion(
        "number",
        NUMBER,
        "values.numbers",
        (STRING, UINT64, BIGINT, DECIMAL, JSON),
        (FunctionExample('number("2")', "2"), FunctionExample('number("2.0")', "2.0")),
        "to_number tonumber num",
    ),
    _conversion(
        "decimal",
        DECIMAL,
        "values.numbers",
        (STRING, *_INTEGERS, FLOAT, NUMBER, JSON),
        (
            FunctionExample('string(decimal("0.10"))', '"0.10"'),
            FunctionExample("string(decimal(0.1))", '"0.1"'),
        ),
        "numeric to_decimal money",
    ),
    _text(),
    _conversion(
        "bytes",
        BYTES,
        "values.text",
        (STRING, JSON),
        (
            FunctionExample('length(bytes("aGk="))', "2"),
            FunctionExample('bytes("?")', error="ConversionError"),
        ),
        "to_bytes",
    ),
    _conversion(
        "timestamp",
        TIMESTAMP,
        "values.time",
        (STRING, DATE, INT, FLOAT, NUMBER, JSON),
        (
            FunctionExample('timestamp("2024-01-31 10:00+01:00")', "2024-01-31T09:00:00Z"),
            FunctionExample("timestamp(60)", "1970-01-01T00:01:00Z"),
            FunctionExample('timestamp("today")', error="ConversionError"),
        ),
        "datetime to_datetime from_unixtime fromtimestamp to_timestamp_s",
    ),
    _conversion(
        "date",
        DATE,
        "values.time",
        (STRING, TIMESTAMP, JSON),
        (FunctionExample("date(2024-01-31T10:00Z)", "2024-01-31"),),
        "to_date todate",
    ),
    _conversion(
        "duration",
        DURATION,
        "values.time",
        (STRING, INT, FLOAT, NUMBER, JSON),
        (FunctionExample('duration("PT1H30M")', "1h30m"), FunctionExample("duration(90)", "1m30s")),
        "interval to_duration timedelta timespan",
    ),
    _conversion(
        "uuid",
        UUID,
        "values.text",
        (STRING, JSON),
        (FunctionExample('uuid("no")', error="ConversionError"),),
        "to_uuid guid",
    ),
    _conversion(
        "json",
        JSON,
        "values.text",
        (STRING,),
        (
            FunctionExample('int(json("{\\"a\\": 1}"))', error="ConversionError"),
            FunctionExample('json("[")', error="ConversionError"),
        ),
        "parse_json from_json json_parse",
    ),
)
