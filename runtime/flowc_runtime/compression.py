"""Compressed files: gzip and Zstandard, decoded and encoded as a stream.

What is held is bounded whatever the data: input is decoded in pieces so small that what one can
become is bounded too.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from .errors import Diagnosis, ResourceError

__all__ = [
    "PACKAGES",
    "SUFFIXES",
    "Compressor",
    "DamagedError",
    "decompressed",
    "diagnose_damage",
    "new_compressor",
]

SUFFIXES = {"gz": "gzip", "zst": "zstd"}
"""The compression that the last suffix of a file's name tells."""

PACKAGES = {"zstd": ("zstandard>=0.22",)}
"""What a compression needs beyond the standard library."""

_BLOCK = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


class DamagedError(Exception):
    """A compressed file is cut off, or is not what its format says."""


class Compressor(Protocol):
    """Bytes in, compressed bytes out."""

    def compress(self, data: bytes) -> bytes:
        """What is ready of the data given so far."""

    def sync(self) -> bytes:
        """What makes all data given so far readable."""

    def finish(self) -> bytes:
        """What ends the stream."""


class _Decoder(Protocol):
    """One member of a compressed file, as zlib and zstandard decode it."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Kind(NamedTuple):
    """`piece` bytes become at most some megabytes; `padding` may stand behind a member."""

    decoder: Callable[[], _Decoder]
    broken: type[Exception]
    piece: int
    padding: bytes


def decompressed(read: Callable[[int], bytes], compression: str) -> Callable[[int], bytes]:
    """A `read` of what the bytes of `read` hold; members that follow each other are one stream.

    It raises DamagedError, after giving what was decoded before the damage. Raises ResourceError
    where a package is missing.
    """
    return _Reader(read, compression, _kind(compression)).read


def diagnose_damage(error: DamagedError, path: str) -> Diagnosis:
    """What a damaged file means for the person who runs a pipeline."""
    return Diagnosis(
        "FC0837",
        f"{path} is damaged",
        str(error),
        ("Fetch or write the file again", "If it is not compressed, say so: ?compression=none"),
    )


class _Reader:
    def __init__(self, read: Callable[[int], bytes], compression: str, kind: _Kind) -> None:
        self._read = read
        self._compression = compression
        self._kind = kind
        self._decoder: _Decoder | None = None
        self._members = 0
        self._input = b""
        self._at = 0
        self._output = b""
        self._given = 0

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        while self._given >= len(self._output):
            data = self._next()
            if not data:
                return b""
            self._output, self._given = self._decoded(data), 0
        found = self._output[self._given : self._given + size]
        self._given += len(found)
        return found

    def _next(self) -> bytes:
        """The next piece of a member; none behind the last one."""
        while True:
            if self._at >= len(self._input):
                self._input, self._at = self._read(_BLOCK), 0
                if not self._input:
                    self._check_end()
                    return b""
            piece = self._input[self._at : self._at + self._kind.piece]
            self._at += len(piece)
            if self._decoder is None and self._members:
                piece = piece.lstrip(self._kind.padding) if self._kind.padding else piece
            if piece:
                return piece

    def _decoded(self, data: bytes) -> bytes:
        if self._decoder is None:
            self._decoder = self._kind.decoder()
        try:
            found = self._decoder.decompress(data)
        except self._kind.broken as error:
            what = "is not" if not self._members else "goes on with what is not"
            reason = str(error).rpartition(": ")[2]
            raise DamagedError(f"it {what} sound {self._compression}: {reason}") from None
        if self._decoder.eof:
            unused = self._decoder.unused_data
            self._at -= len(unused)
            self._decoder = None
            self._members += 1
        return found

    def _check_end(self) -> None:
        if self._decoder is not None:
            raise DamagedError(f"its {self._compression} data is cut off")
        if not self._members:
            raise DamagedError(f"it is empty, where {self._compression} data should begin")


def new_compressor(compression: str) -> Compressor:
    """A compressor. Raises ResourceError where a package is missing."""
    return _Gzip() if compression == "gzip" else _Zstd()


class _Gzip:
    def __init__(self) -> None:
        # The header has no time and no name: the same records give the same bytes.
        self._stream = zlib.compressobj(wbits=_GZIP)
        self.compress = self._stream.compress

    def sync(self) -> bytes:
        return self._stream.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._stream.flush()


class _Zstd:
    def __init__(self) -> None:
        self._package = _zstandard()
        self._stream = self._package.ZstdCompressor(write_checksum=True).compressobj()
        self.compress: Callable[[bytes], bytes] = self._stream.compress

    def sync(self) -> bytes:
        data: bytes = self._stream.flush(self._package.COMPRESSOBJ_FLUSH_BLOCK)
        return data

    def finish(self) -> bytes:
        data: bytes = self._stream.flush()
        return data


def _kind(compression: str) -> _Kind:
    if compression == "gzip":
        # A byte of deflate becomes at most 1,032.
        return _Kind(lambda: zlib.decompressobj(_GZIP), zlib.error, 8192, b"\0")
    package = _zstandard()
    make = package.ZstdDecompressor().decompressobj
    # Four bytes of Zstandard become at most 128 kB.
    return _Kind(make, package.ZstdError, 512, b"")


def _zstandard() -> Any:
    try:
        return import_module("zstandard")
    except ModuleNotFoundError:
        raise ResourceError(
            Diagnosis(
                "FC0825",
                "the package zstandard is not installed",
                "files compressed by Zstandard are read and written by it",
                ("Install it: pip install zstandard", "Or use gzip, which needs no package"),
            )
        ) from None
