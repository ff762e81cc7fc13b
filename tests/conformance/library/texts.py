"""Functions of texts: patterns by RE2, the rest letter by letter."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Any

import re2

from conformance.conversions import conversion_error, exactly, text_of


def substr(text: str, start: int, length: int | None = None) -> str:
    first = max(0, len(text) + start) if start < 0 else start
    characters = [c for i, c in enumerate(text) if i >= first]
    return "".join(characters if length is None else characters[: max(0, length)])


def split(text: str, separator: str) -> list[str]:
    if not separator:
        raise conversion_error("an empty separator")
    parts, rest = [], text
    while separator in rest:
        part, _, rest = rest.partition(separator)
        parts.append(part)
    return [*parts, rest]


def stripped(left: bool, right: bool) -> Any:
    def strip(text: str, characters: str | None = None) -> str:
        def goes(char: str) -> bool:
            return char.isspace() if characters is None else char in characters

        chars = list(text)
        while left and chars and goes(chars[0]):
            del chars[0]
        while right and chars and goes(chars[-1]):
            del chars[-1]
        return "".join(chars)

    return strip


def padded(before: bool) -> Any:
    def pad(text: str, length: int, fill: str = " ") -> str:
        if length > 2**24:
            raise conversion_error("too long")
        filling = ""
        while fill and len(text) + len(filling) < length:
            filling += fill[len(filling) % len(fill)]
        return (filling if before else "") + text[: max(0, length)] + ("" if before else filling)

    return pad


def repeat(text: str, count: int) -> str:
    if len(text) * count > 2**24:
        raise conversion_error("too long")
    return "".join(text for _ in range(count))


def index_of(whole: Any, part: Any) -> int | None:
    if isinstance(whole, str):
        places = (i for i in range(len(whole) + 1) if whole[i : i + len(part)] == part)
    else:
        places = (i for i, each in enumerate(whole) if each == part)
    return next(places, None)


def title(text: str) -> str:
    made, inside = "", False
    for place, char in enumerate(text):
        after = text[place + 1 : place + 2]
        made += char.lower() if inside else char.capitalize()
        inside = char.isalpha() or (inside and char in "'’" and after.isalpha())
    return made


def translate(text: str, these: str, those: str) -> str:
    return "".join(
        char if char not in these else those[these.index(char) : these.index(char) + 1]
        for char in text
    )


def chr_(number: int) -> str:
    try:
        char = chr(number)
        char.encode()
    except (ValueError, OverflowError):
        raise conversion_error("no character") from None
    return char


def format_number(number: Any, digits: int | None = None) -> str:
    if digits is not None and not 0 <= digits <= 100:
        raise conversion_error("so many digits")
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if digits is not None:
        exact = exactly(Fraction(round(Fraction(exact) * 10**digits), 10**digits), digits)
    sign, whole, point, rest = re.fullmatch(r"(-?)(\d+)(\.?)(\d*)", f"{exact:f}").groups()  # type: ignore[union-attr]
    groups = []
    while whole:
        whole, group = whole[:-3], whole[-3:]
        groups.insert(0, group)
    return sign + ",".join(groups) + point + rest


# --- patterns --------------------------------------------------------------------------


def extract(text: str, pattern: str, group: int = 0) -> str | None:
    found = re2.search(pattern, text)
    return None if found is None else taken(found, group)


def taken(found: Any, group: int) -> str | None:
    if not 0 <= group <= len(found.groups()):
        raise conversion_error("no such group")
    return found.group(group)


def replace_pattern(text: str, pattern: str, by: str) -> str:
    if not re.fullmatch(r"(?:[^\\]|\\[0-9\\])*", by):
        raise conversion_error("a lone backslash")
    parts = re.split(r"(\\.)", by)

    def replaced(found: Any) -> str:
        return "".join(
            part
            if part[:1] != "\\"
            else "\\"
            if part == "\\\\"
            else taken(found, int(part[1:])) or ""
            for part in parts
        )

    made, at = "", 0
    for found in re2.finditer(pattern, text):
        made += text[at : found.start()] + replaced(found)
        at = found.end()
    return made + text[at:]


def split_pattern(text: str, pattern: str) -> list[str]:
    parts, at = [], 0
    for found in re2.finditer(pattern, text):
        if found.group(0):
            parts.append(text[at : found.start()])
            at = found.end()
    return [*parts, text[at:]]


# --- encodings -------------------------------------------------------------------------


def octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise conversion_error("not UTF-8") from None


def unhex(text: str) -> bytes:
    plain = re.sub("^0[xX]", "", text.strip())
    if not re.fullmatch("([0-9A-Fa-f]{2})*", plain):
        raise conversion_error("not hexadecimal")
    return bytes.fromhex(plain)


def from_base64(text: str) -> bytes:
    plain = text.strip().rstrip("=").translate(str.maketrans("-_", "+/"))
    if not re.fullmatch("[A-Za-z0-9+/]*", plain) or len(plain) % 4 == 1:
        raise conversion_error("not base64")
    return binascii.a2b_base64(plain + "===")


def url_encode(text: str) -> str:
    kept = re.compile(rb"[A-Za-z0-9_.~-]")
    return "".join(
        chr(each) if kept.fullmatch(bytes([each])) else f"%{each:02X}" for each in text.encode()
    )


def url_decode(text: str) -> str:
    data = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found.group(1), 16)]), text.encode()
    )
    return decode(data)


def crc32(value: Any) -> int:
    rest = 0xFFFFFFFF
    for each in octets(value):
        rest ^= each
        for _ in range(8):
            rest = rest >> 1 ^ (0xEDB88320 if rest & 1 else 0)
    return rest ^ 0xFFFFFFFF


def digest(name: str) -> Any:
    return lambda value: hashlib.new(name, octets(value)).hexdigest()


FUNCTIONS: dict[str, Any] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": stripped(True, True),
    "ltrim": stripped(True, False),
    "rtrim": stripped(False, True),
    "length": len,
    "len": len,
    "contains": lambda whole, part: part in whole,
    "starts_with": lambda text, start: text[: len(start)] == start,
    "ends_with": lambda text, end: not end or text[-len(end) :] == end,
    "replace": lambda text, part, by: by.join(text.split(part)) if part else text.replace(part, by),
    "split": split,
    "substr": substr,
    "concat": lambda *parts: "".join(parts),
    "lpad": padded(True),
    "rpad": padded(False),
    "repeat": repeat,
    "reverse": lambda whole: (
        "".join(reversed(whole)) if isinstance(whole, str) else [*reversed(whole)]
    ),
    "left": lambda text, count: text[: count if count >= 0 else max(0, len(text) + count)],
    "right": lambda text, count: text[max(0, len(text) - count) if count >= 0 else -count :],
    "index_of": index_of,
    "occurrences": lambda text, part: len(text.split(part)) - 1 if part else len(text) + 1,
    "remove_prefix": lambda text, start: text[len(start) :] if text.startswith(start) else text,
    "remove_suffix": lambda text, end: text[: len(text) - len(end)] if text.endswith(end) else text,
    "capitalize": lambda text: text[:1].title() + text[1:].lower(),
    "title": title,
    "squeeze": lambda text: " ".join(text.split()),
    "normalize": lambda text: unicodedata.normalize("NFC", text),
    "strip_accents": lambda text: unicodedata.normalize(
        "NFC",
        "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.combining(c) == 0),
    ),
    "translate": translate,
    "is_blank": lambda text: text.strip() == "",
    "is_empty": lambda value: len(value) == 0,
    "code_point": lambda text: int.from_bytes(text[0].encode("utf-32-be")) if text else None,
    "chr": chr_,
    "concat_ws": lambda separator, *parts: (separator or "").join(
        p for p in parts if p is not None
    ),
    "format_number": format_number,
    "regex_extract": extract,
    "regex_extract_all": lambda text, pattern, group=0: [
        taken(found, group) for found in re2.finditer(pattern, text)
    ],
    "regex_replace": replace_pattern,
    "regex_split": split_pattern,
    "regex_count": lambda text, pattern: len(list(re2.finditer(pattern, text))),
    "hash": lambda value: hashlib.sha256(text_of(value).encode()).hexdigest(),
    "sha256": digest("sha256"),
    "sha512": digest("sha512"),
    "sha1": digest("sha1"),
    "md5": digest("md5"),
    "crc32": crc32,
    "encode": str.encode,
    "decode": decode,
    "base64_encode": lambda value: base64.standard_b64encode(octets(value)).decode(),
    "base64_decode": from_base64,
    "hex_encode": lambda value: "".join(f"{each:02x}" for each in octets(value)),
    "hex_decode": unhex,
    "url_encode": url_encode,
    "url_decode": url_decode,
}
