"""Texts and bytes written as other texts, and digests of them. A text counts as its UTF-8."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from urllib.parse import quote, unquote_to_bytes

from ..errors import ConversionError, shorten

__all__ = [
    "base64_decode",
    "base64_encode",
    "crc32",
    "decode",
    "encode",
    "hex_decode",
    "hex_encode",
    "md5",
    "sha1",
    "sha256",
    "sha512",
    "url_decode",
    "url_encode",
]


def encode(text: str) -> bytes:
    """The text in UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ConversionError(f"{shorten(text)} is not Unicode: {error.reason}") from None


def decode(data: bytes) -> str:
    """The text that bytes hold in UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConversionError(f"{shorten(data)} is not UTF-8: {error.reason}") from None


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else encode(value)


def base64_encode(value: str | bytes) -> str:
    """The value in base64."""
    return base64.b64encode(_bytes(value)).decode("ascii")


def base64_decode(text: str) -> bytes:
    """The bytes that base64 holds, also that of URLs, and without its padding."""
    plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ConversionError(f"{shorten(text)} is not base64") from None


def hex_encode(value: str | bytes) -> str:
    """The value in hexadecimal, two small letters or digits a byte."""
    return _bytes(value).hex()


def hex_decode(text: str) -> bytes:
    """The bytes that hexadecimal holds; `0x` may stand before it."""
    plain = text.strip()
    plain = plain[2:] if plain[:2] in ("0x", "0X") else plain
    try:
        return binascii.unhexlify(plain)
    except (binascii.Error, ValueError):
        raise ConversionError(f"{shorten(text)} is not hexadecimal") from None


def url_encode(text: str) -> str:
    """The text as it may stand in a URL."""
    return quote(encode(text), safe="")


def url_decode(text: str) -> str:
    """What such a text says; `+` stays as it is."""
    return decode(unquote_to_bytes(encode(text)))


def md5(value: str | bytes) -> str:
    """The MD5 in hexadecimal."""
    return hashlib.md5(_bytes(value), usedforsecurity=False).hexdigest()


def sha1(value: str | bytes) -> str:
    """The SHA-1 in hexadecimal."""
    return hashlib.sha1(_bytes(value), usedforsecurity=False).hexdigest()


def sha256(value: str | bytes) -> str:
    """The SHA-256 in hexadecimal."""
    return hashlib.sha256(_bytes(value)).hexdigest()


def sha512(value: str | bytes) -> str:
    """The SHA-512 in hexadecimal."""
    return hashlib.sha512(_bytes(value)).hexdigest()


def crc32(value: str | bytes) -> int:
    """The CRC-32, as an integer from 0."""
    return zlib.crc32(_bytes(value))
