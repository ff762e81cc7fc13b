"""What other languages call our types: accepted nowhere, understood everywhere.

A word maps to the type that its language means, so that the fix writes it down. Words
are looked up without regard to case.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    NULL,
    NUMBER,
    SCALAR_NAMES,
    STRING,
    TIMESTAMP,
    UINT32,
    UINT64,
    UUID,
    DecimalType,
    Kind,
    ListType,
    MapType,
    Scalar,
    Type,
)

#: The words of the notation that take arguments, each with an example.
CONSTRUCTORS: Mapping[str, str] = {
    "enum": 'enum("a", "b")',
    "list": "list<string>",
    "map": "map<string>",
    "union": "union<kind: card = Card, cash = Cash>",
}

#: Every word that means a type by itself.
BUILTINS: Mapping[str, Type] = {
    **{kind.value: Scalar(kind) for kind in Kind},
    "decimal": DECIMAL,
    "null": NULL,
}

#: The words to propose for a misspelt one.
SCALARS: tuple[str, ...] = SCALAR_NAMES

#: Names that a schema may not give to a type of its own.
RESERVED: frozenset[str] = frozenset({*SCALAR_NAMES, *CONSTRUCTORS, "null", "never", "row"})

_FOREIGN: Mapping[Type, str] = {
    STRING: "str text varchar nvarchar char character clob utf8 keyword symbol",
    INT: "integer long int64 i64 smallint tinyint mediumint short int16 int8 i16 i8 serial",
    INT32: "i32 sint32 sfixed32",
    UINT32: "u32 uint16 uint8 u16 u8 fixed32",
    UINT64: "u64 uint ulong fixed64 unsigned",
    BIGINT: "biginteger int128 int256 i128 i256 uint128 uint256 u128 u256 hugeint",
    FLOAT: "double real float64 float32 f64 f32",
    NUMBER: "num numerical",
    DECIMAL: "numeric money bigdecimal dec",
    BOOL: "boolean bit",
    TIMESTAMP: "datetime timestamptz timestamp_tz instant datetime64 time_instant",
    DATE: "localdate date32",
    DURATION: "timedelta interval timespan",
    BYTES: "binary varbinary blob bytea bytearray byte_array",
    UUID: "guid uuid4",
    JSON: "any object unknown dynamic mixed jsonb variant struct document",
    NULL: "none nil void nulltype",
    ListType(JSON): "array list seq sequence vector vec",
    MapType(JSON): "dict dictionary map mapping hashmap",
}

_BY_WORD: Mapping[str, Type] = {
    **{word: type for type, words in _FOREIGN.items() for word in words.split()},
    **BUILTINS,
}

_GENERIC: Mapping[str, str] = {
    "list": "list array seq sequence vector vec set iterable frozenset slice",
    "map": "map dict mapping hashmap dictionary record hash",
    "?": "optional nullable option maybe",
}
_GENERIC_BY_WORD = {word: form for form, words in _GENERIC.items() for word in words.split()}


def meant_by(word: str) -> Type | None:
    """The type that a word of another language means, or a type's name in other case."""
    return _BY_WORD.get(word.casefold())


def generic(word: str) -> str | None:
    """``list``, ``map`` or ``?`` for the generic types of other languages; else None."""
    return _GENERIC_BY_WORD.get(word.casefold())


def sized(word: str, sizes: tuple[int, ...]) -> Type | None:
    """``varchar(20)``, ``int(11)``, ``numeric(10, 2)``: what they mean here; None if nothing."""
    type = meant_by(word)
    if type == DECIMAL and 1 <= len(sizes) <= 2:
        return DecimalType(sizes[0], sizes[1] if len(sizes) == 2 else 0)
    return type
