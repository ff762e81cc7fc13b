"""Texts and bytes in other forms."""

from __future__ import annotations

from flowc.catalog.signatures import CONVERTS, examples, gives
from flowc.catalog.spec import Function
from flowc.model.typed import RuntimeCall
from flowc.model.types import BYTES, STRING, Type


def _call(name: str) -> RuntimeCall:
    return RuntimeCall("values.encodings", name)


def _function(
    name: str,
    summary: str,
    result: Type,
    of: tuple[Type, ...],
    words: str,
    *shown: tuple[str, str],
) -> Function:
    return Function(
        name,
        summary,
        tuple(gives(result, _call(name), CONVERTS, value=type) for type in of),
        examples(*shown),
        corrections=dict.fromkeys(words.split(), name),
    )


FUNCTIONS = (
    _function(
        "encode",
        "the bytes of a text in UTF-8",
        BYTES,
        (STRING,),
        "to_utf8 encode_utf8 string_to_bytes",
        ('length(encode("né"))', "3"),
    ),
    _function(
        "decode",
        "the text that bytes hold in UTF-8",
        STRING,
        (BYTES,),
        "from_utf8 decode_utf8 bytes_to_string",
        ('decode(bytes("aGk="))', '"hi"'),
        ('decode(bytes("/w=="))', "ConversionError"),
    ),
    _function(
        "base64_encode",
        "a text (its UTF-8) or bytes in base64",
        STRING,
        (STRING, BYTES),
        "to_base64 base64 b64encode tobase64",
        ('base64_encode("hi")', '"aGk="'),
    ),
    _function(
        "base64_decode",
        "the bytes that base64 holds, also that of URLs, and without its padding",
        BYTES,
        (STRING,),
        "from_base64 unbase64 b64decode frombase64",
        ('decode(base64_decode("aGk"))', '"hi"'),
        ('base64_decode("?")', "ConversionError"),
    ),
    _function(
        "hex_encode",
        "a text (its UTF-8) or bytes in hexadecimal",
        STRING,
        (STRING, BYTES),
        "hex bytes_to_hex tohex",
        ('hex_encode("hi")', '"6869"'),
    ),
    _function(
        "hex_decode",
        "the bytes that hexadecimal holds; `0x` may stand before it",
        BYTES,
        (STRING,),
        "unhex from_hex hex_to_bytes fromhex",
        ('decode(hex_decode("0x6869"))', '"hi"'),
        ('hex_decode("6")', "ConversionError"),
    ),
    _function(
        "url_encode",
        "a text as it may stand in a URL",
        STRING,
        (STRING,),
        "urlencode percent_encode encodeuricomponent uri_encode",
        ('url_encode("a b/c")', '"a%20b%2Fc"'),
    ),
    _function(
        "url_decode",
        "what such a text says; `+` stays as it is",
        STRING,
        (STRING,),
        "urldecode percent_decode decodeuricomponent uri_decode",
        ('url_decode("a%20b+c")', '"a b+c"'),
        ('url_decode("%ff")', "ConversionError"),
    ),
)
