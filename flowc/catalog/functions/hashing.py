"""Functions that hash."""

from __future__ import annotations

from flowc.catalog.signatures import CONVERTS, examples, gives
from flowc.catalog.spec import Function, FunctionExample, Overload
from flowc.model.effects import CONVERSION_ERROR
from flowc.model.typed import RuntimeCall
from flowc.model.types import BYTES, INT, JSON, STRING, Ref

_HASH = RuntimeCall("values.text", "hash_value")
_ERRORS = frozenset({CONVERSION_ERROR})

FUNCTIONS = (
    Function(
        "hash",
        "the sha256 of a value's text, in hexadecimal: the same everywhere and in every run",
        (
            Overload((("value", Ref("T")),), STRING, _HASH, errors=_ERRORS),
            Overload((("value", JSON),), STRING, _HASH, errors=_ERRORS),
        ),
        (
            FunctionExample(
                'hash("a")',
                '"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"',
            ),
        ),
        corrections={"digest": "hash", "fingerprint": "hash"},
    ),
    *(
        Function(
            name,
            f"the {title} of a text (its UTF-8) or of bytes, {form}",
            tuple(
                gives(result, RuntimeCall("values.encodings", name), CONVERTS, value=type)
                for type in (STRING, BYTES)
            ),
            examples((f'{name}("abc")', shown)),
            corrections=dict.fromkeys(words.split(), name),
        )
        for name, title, form, result, words, shown in (
            (
                "sha256",
                "SHA-256",
                "in hexadecimal",
                STRING,
                "sha2 sha_256 sha256_hex",
                '"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"',
            ),
            (
                "sha512",
                "SHA-512",
                "in hexadecimal",
                STRING,
                "sha_512 sha512_hex",
                '"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a'
                '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"',
            ),
            (
                "sha1",
                "SHA-1, which other systems may want and nobody should trust,",
                "in hexadecimal",
                STRING,
                "sha sha_1",
                '"a9993e364706816aba3e25717850c26c9cd0d89d"',
            ),
            (
                "md5",
                "MD5, which other systems may want and nobody should trust,",
                "in hexadecimal",
                STRING,
                "md5_hex",
                '"900150983cd24fb0d6963f7d28e17f72"',
            ),
            ("crc32", "CRC-32", "as an int from 0", INT, "checksum crc", "891568578"),
        )
    ),
)
