"""Files of records: one file, read in blocks or written under its name only when complete."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, ClassVar, Literal

from ..codecs.base import Codec
from ..environment import Environment
from ..errors import Diagnosis
from ..records import Batch, Capabilities, Option, Position, Range, RangeEndError
from .trouble import diagnose_os

if TYPE_CHECKING:
    from ..compression import Compressor

__all__ = [
    "CAPABILITIES",
    "Compression",
    "Sink",
    "SinkOptions",
    "Source",
    "SourceOptions",
    "diagnose",
]

Compression = Literal["none", "gzip", "zstd"]

_PIECE = 1 << 16

CAPABILITIES = Capabilities(replayable=True, ordered=True, idempotent=True, transactional=False)


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How to read a file."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    path: Annotated[str, Option("the file to read, relative to the current folder or absolute")]
    endless: Annotated[bool, Option("the path is a pipe whose writer never closes it")] = False
    compression: Annotated[
        Compression, Option("how the file is compressed; the suffixes .gz and .zst tell it")
    ] = "none"


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """How to write a file."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    path: Annotated[str, Option("the file to write; replaced when the run is complete")]
    compression: Annotated[
        Compression, Option("how to compress the file; the suffixes .gz and .zst tell it")
    ] = "none"


def diagnose(error: Exception, path: str, *, writing: bool) -> Diagnosis | None:
    """Say what an error about the file at `path` means, or nothing if it is not about files."""
    from ..compression import DamagedError, diagnose_damage

    if isinstance(error, DamagedError):
        return diagnose_damage(error, path)
    return diagnose_os(error, path, writing=writing) if isinstance(error, OSError) else None


class Source:
    """Reads records from one file. Its positions are byte offsets, in what is decompressed.

    `size` is how many bytes of the file are read; all of them if it is None.
    """

    def __init__(
        self,
        options: SourceOptions,
        codec: Codec,
        environment: Environment,
        size: int | None = None,
    ) -> None:
        self.endless = options.endless
        self.label = options.path
        self.resource = os.path.realpath(options.path)
        self.path = options.path
        self._size = size
        self._compression = options.compression
        self._codec = codec
        self._environment = environment
        self._file: BinaryIO | None = None
        self._position: Position = {}
        self._left: int | None = None

    def open(self, position: Position | None) -> None:
        """Open the file and go to `position`."""
        self._file = self._environment.open_read(self.path)
        self._position = position or {}
        self._left = None
        offset = int(self._position.get("offset", 0))
        if offset and self._compression == "none":
            self._file.seek(offset)

    def batches(self) -> Iterator[Batch]:
        """Yield the file's records; errors of reading are OSError or DamagedError."""
        assert self._file is not None, "open comes before batches"
        read = self._environment.reading(self._file)
        if self._size is not None:
            read = _up_to(read, self._size - self._file.tell())
        if self._compression != "none":
            from ..compression import decompressed

            read = decompressed(read, self._compression)
            _skip(read, int(self._position.get("offset", 0)))
        if self._left is not None:
            read = _limited(read, self._left)
        return self._codec.decode(read, self._position)

    @property
    def counted(self) -> tuple[str, ...]:
        """What the codec counts from where it begins to read."""
        return self._codec.counted

    @property
    def input_bytes(self) -> int:
        """The size of the file; 0 where it is decoded from its beginning."""
        plain = self._compression == "none" and os.path.isfile(self.path)
        return os.path.getsize(self.path) if plain else 0

    def ranges(self, position: Position, size: int) -> list[Range]:
        """Ranges that end behind a line, as nearly all records do; of a regular file only.

        A compressed file has none: it is decoded from its beginning."""
        plain = self._compression == "none" and self._codec.ends_lines
        if not plain or not os.path.isfile(self.path):
            return []
        found: list[Range] = []
        with self._environment.open_read(self.path) as file:
            end = os.fstat(file.fileno()).st_size if self._size is None else self._size
            start: Position = {**position, **dict.fromkeys(self.counted, 0)}
            at = int(position.get("offset", 0))
            while (following := _line_end(file, at + size, end)) < end:
                stop: Position = {**start, "offset": following}
                found.append(Range(start, stop))
                start, at = stop, following
        return [*found, Range(start, {})]

    def open_range(self, range: Range) -> None:
        """Open the file at the start of a range."""
        self.open(range.start)
        if range.stop:
            self._left = int(range.stop["offset"]) - int(range.start.get("offset", 0))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of reading means."""
        if isinstance(error, _ShorterError):
            return Diagnosis(
                "FC0838",
                f"{self.path} became shorter while it was read",
                f"it had {self._size:,} bytes when the run began",
                ("Run again when nothing writes to the files",),
            )
        return diagnose(error, self.path, writing=False)


class _ShorterError(Exception):
    """A file ends before the size it had."""


def _up_to(read: Callable[[int], bytes], left: int) -> Callable[[int], bytes]:
    """A `read` that ends after so many bytes, and raises _ShorterError for fewer."""

    def reading(size: int) -> bytes:
        nonlocal left
        if left <= 0:
            return b""
        data = read(min(size, left))
        if not data:
            raise _ShorterError
        left -= len(data)
        return data

    return reading


def _skip(read: Callable[[int], bytes], left: int) -> None:
    """Read so many bytes, which were used before."""
    while left:
        data = read(min(_PIECE, left))
        if not data:
            return
        left -= len(data)


def _limited(read: Callable[[int], bytes], left: int) -> Callable[[int], bytes]:
    """A `read` that gives so many bytes and then raises RangeEndError."""

    def limited(size: int) -> bytes:
        nonlocal left
        if not left:
            raise RangeEndError
        data = read(min(size, left))
        left -= len(data)
        return data

    return limited


def _line_end(file: BinaryIO, at: int, end: int) -> int:
    """The offset behind the first line end from `at` on, at most `end`."""
    if at >= end:
        return end
    # A line that ends right before `at` ends there.
    file.seek(at - 1)
    at -= 1
    while piece := file.read(_PIECE):
        found = piece.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(piece)
    return end


class Sink:
    """Writes records to NAME.partial, which becomes NAME when the run is complete.

    A target that is no regular file (a device, a pipe) is written directly.
    """

    def __init__(self, options: SinkOptions, codec: Codec, environment: Environment) -> None:
        self.label = options.path
        self.resource = os.path.realpath(options.path)
        self.path = options.path
        self.confirmed = 0
        self._codec = codec
        self._environment = environment
        self._file: BinaryIO | None = None
        self._compression = options.compression
        self._compressor: Compressor | None = None
        self._unsynced = False
        self._begun = False
        self._target = options.path

    def open(self) -> None:
        """Create the partial file and write what stands before the first record."""
        if os.path.isdir(self.path):
            raise IsADirectoryError(21, os.strerror(21), self.path)
        if self._compression != "none":
            from ..compression import new_compressor

            self._compressor = new_compressor(self._compression)
        direct = os.path.exists(self.path) and not os.path.isfile(self.path)
        self._target = self.path if direct else self.path + ".partial"
        self._file = self._environment.open_write(self._target)
        self._put(self._codec.header())

    def write(self, records: list[Any]) -> None:
        """Append the records; all are encoded before the first byte is written."""
        self.append(*self.encode(records))

    def encode(self, records: list[Any]) -> tuple[bytes, int]:
        """The records as bytes, and how many these hold."""
        data = self._codec.encode(records)
        return data, self._codec.count(data, records)

    def append(self, data: bytes, count: int) -> None:
        """Append what was encoded."""
        if data:
            self._put(data if self._begun else data[len(self._codec.lead) :])
            self._begun = True
        self.confirmed += count

    def _put(self, data: bytes) -> None:
        assert self._file is not None, "open comes before write"
        self._unsynced = True
        if self._compressor is not None:
            data = self._compressor.compress(data)
        self._environment.write(self._file, data)

    def flush(self) -> None:
        """Make durable what was written."""
        if self._file is not None and self._unsynced:
            if self._compressor is not None:
                self._environment.write(self._file, self._compressor.sync())
            self._environment.sync(self._file)
            self._unsynced = False

    def close(self, complete: bool) -> None:
        """Make the file durable and, if `complete`, give it its final name."""
        if self._file is None:
            return
        try:
            if complete:
                self._put(self._codec.footer())
            compressor, self._compressor = self._compressor, None
            if compressor is not None:
                self._unsynced = True
                self._environment.write(self._file, compressor.finish())
            self.flush()
        finally:
            file, self._file = self._file, None
            file.close()
        if complete and self._target != self.path:
            self._environment.publish(self._target, self.path)

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of writing means."""
        return diagnose(error, self.path, writing=True)
