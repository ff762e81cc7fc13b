"""Where a JSON value ends, found without decoding it: for blocks that do not decode as a whole.

The scanner knows the grammar of JSON around strings and scalars, and leaves judging those to the
decoder. It is never stricter than the decoder: what decodes, it finds complete.
"""

from __future__ import annotations

import re
from enum import Enum

import msgspec

__all__ = ["End", "end_in_line", "end_of_value", "is_unfinished", "skip_blanks"]

_BLANKS = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*')
_SCALAR = re.compile(rb'[^ \t\r\n"{}\[\],:]+')


class End(Enum):
    """How a scan ended."""

    COMPLETE = 1
    PARTIAL = 2
    MALFORMED = 3


class _Expect(Enum):
    VALUE = 1
    VALUE_OR_END = 2
    KEY = 3
    KEY_OR_END = 4
    COLON = 5
    COMMA_OR_END = 6


_SKIP = msgspec.json.Decoder(msgspec.Raw).decode
_TRAILING = re.compile(r"JSON is malformed: trailing characters \(byte (\d+)\)")


def _skipped(data: memoryview) -> tuple[End, int] | None:
    """Where the value at the beginning ends, by the decoder's word; nothing if it is no JSON.

    Its words are all that tells; should they change, the scanner below finds the same, slowly.
    """
    try:
        _SKIP(data)
        size = len(data)
    except msgspec.DecodeError as error:
        if str(error) == "Input data was truncated":
            return End.PARTIAL, len(data)
        trailing = _TRAILING.fullmatch(str(error))
        if trailing is None:
            return None
        size = int(trailing.group(1)) - 1
    except RecursionError:
        return None
    while data[size - 1] in b" \t\r\n":
        size -= 1
    return End.COMPLETE, size


def is_unfinished(data: bytearray) -> bool:
    """Whether more must come to know what the first value is: it, or its line, has no end yet."""
    if skip_blanks(data, 0) == len(data):
        return False
    with memoryview(data) as view:
        known = _skipped(view)
    return b"\n" not in data if known is None else known[0] is End.PARTIAL


def skip_blanks(data: bytes | bytearray, start: int) -> int:
    """The position of the next byte that is not JSON white space."""
    found = _BLANKS.match(data, start)
    return start if found is None else found.end()


def end_of_value(data: bytes, start: int, stop: int, final: bool) -> tuple[End, int]:
    """Scan the value that begins at `start`; `final` says that nothing follows `stop`.

    Gives COMPLETE and the position after the value, PARTIAL if `stop` comes first, or MALFORMED
    and the position where no JSON value can go on.
    """
    if start < stop and data[start] in b"{[":
        known = _skipped(memoryview(data)[start:stop])
        if known is not None:
            state, size = known
            return state, start + size
    stack: list[int] = []
    expect = _Expect.VALUE
    at = start
    while True:
        blanks = _BLANKS.match(data, at, stop)
        at = at if blanks is None else blanks.end()
        if at >= stop:
            return End.PARTIAL, at
        byte = data[at]
        if byte == 0x22:  # "
            if expect not in (_Expect.VALUE, _Expect.VALUE_OR_END, _Expect.KEY, _Expect.KEY_OR_END):
                return End.MALFORMED, at
            found = _STRING.match(data, at, stop)
            after = at + 1 if found is None else found.end()
            if after >= stop or (data[after] == 0x5C and after + 1 >= stop):
                return End.PARTIAL, at
            if data[after] != 0x22:
                return End.MALFORMED, after
            at = after + 1
            is_key = expect in (_Expect.KEY, _Expect.KEY_OR_END)
            expect = _Expect.COLON if is_key else _Expect.COMMA_OR_END
        elif byte in b"{[":
            if expect not in (_Expect.VALUE, _Expect.VALUE_OR_END):
                return End.MALFORMED, at
            stack.append(byte)
            expect = _Expect.KEY_OR_END if byte == 0x7B else _Expect.VALUE_OR_END
            at += 1
        elif byte in b"}]":
            opener = 0x7B if byte == 0x7D else 0x5B
            empty = _Expect.KEY_OR_END if byte == 0x7D else _Expect.VALUE_OR_END
            if not stack or stack[-1] != opener or expect not in (_Expect.COMMA_OR_END, empty):
                return End.MALFORMED, at
            stack.pop()
            expect = _Expect.COMMA_OR_END
            at += 1
        elif byte == 0x3A:  # :
            if expect is not _Expect.COLON:
                return End.MALFORMED, at
            expect = _Expect.VALUE
            at += 1
        elif byte == 0x2C:  # ,
            if expect is not _Expect.COMMA_OR_END or not stack:
                return End.MALFORMED, at
            expect = _Expect.KEY if stack[-1] == 0x7B else _Expect.VALUE
            at += 1
        else:
            if expect not in (_Expect.VALUE, _Expect.VALUE_OR_END):
                return End.MALFORMED, at
            found = _SCALAR.match(data, at, stop)
            after = stop if found is None else found.end()
            if after >= stop and not final:
                return End.PARTIAL, at
            at = after
            expect = _Expect.COMMA_OR_END
        if not stack and expect is _Expect.COMMA_OR_END:
            return End.COMPLETE, at


_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]')
_NEXT_RECORD = re.compile(rb"[{\[]")


def end_in_line(data: bytes, start: int, line_end: int) -> int:
    """How far a value that is no JSON reaches, so that what follows it on its line is kept.

    Something in brackets ends with its last bracket; anything else before the next bracket.
    """
    if data[start] not in b"{[":
        found = _NEXT_RECORD.search(data, start, line_end)
        return line_end if found is None else found.start()
    depth = 0
    for token in _BRACKET.finditer(data, start, line_end):
        text = token.group()
        if text in (b"{", b"["):
            depth += 1
        elif text in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return token.end()
    return line_end
