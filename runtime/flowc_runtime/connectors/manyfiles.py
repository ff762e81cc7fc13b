"""Files of records by a pattern: read one after another, in the order of their names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import msgspec

from ..codecs.base import Codec
from ..environment import Environment
from ..errors import Diagnosis, ResourceError
from ..records import Batch, Position, Range, RangeEndError, Reject
from ..values.lost import LOST, ZONELESS
from . import files
from .files import SourceOptions, diagnose
from .patterns import fixed_folder, matching_files, names_path
from .trouble import similar_names

__all__ = ["Source", "SourceOptions", "diagnose"]

_SHOWN = 5


class Source:
    """Reads records from the files of a pattern.

    The files and their sizes are settled when it is opened without a position, and are part of
    every position: `file` is the index of one of them in `files`, the rest is a position in it.
    The place of a reject has the file's name instead.
    """

    resource = ""
    endless = False

    def __init__(self, options: SourceOptions, codec: Codec, environment: Environment) -> None:
        self.label = options.path
        self.path = options.path
        self._options = options
        self._codec = codec
        self._environment = environment
        self._frozen = ""
        self._files: list[tuple[str, int]] = []
        self._position: Position = {}
        self._stop: Position = {}
        self._one: files.Source | None = None

    def reads(self, resource: str) -> bool:
        """Whether the file at a path, without links, is among them or would be in a later run."""
        return bool(resource) and names_path(self.path, resource)

    def open(self, position: Position | None) -> None:
        """Settle which files are read, and go to `position`. Raises ResourceError for none."""
        self._stop = {}
        self._position = position or {}
        if "files" in self._position:
            self._frozen = str(self._position["files"])
            self._files = msgspec.json.decode(self._frozen, type=list[tuple[str, int]])
        else:
            paths, _ = matching_files(self.path)
            if not paths:
                raise ResourceError(self._nothing())
            self._files = [(path, os.stat(path).st_size) for path in paths]
            self._frozen = msgspec.json.encode(self._files).decode()
        self._open(int(self._position.get("file", 0)), _inner(self._position))

    def batches(self) -> Iterator[Batch]:
        """Yield the records of all files; behind each one's comes an empty batch.

        Errors of reading are OSError or DamagedError.
        """
        for index in range(int(self._position.get("file", 0)), len(self._files)):
            if index == self._stop.get("file") and "offset" not in self._stop:
                raise RangeEndError
            if self._one is None:
                self._open(index, {})
            assert self._one is not None
            try:
                for batch in self._one.batches():
                    yield self._placed(index, batch)
            except ResourceError as error:
                found = error.diagnosis
                message = f"{self._one.path}: {found.message}"
                raise ResourceError(msgspec.structs.replace(found, message=message)) from error
            self.close()
            if index + 1 < len(self._files):
                yield Batch([], self._start(index + 1))

    @property
    def counted(self) -> tuple[str, ...]:
        """What the codec counts from where it begins to read."""
        return self._codec.counted

    @property
    def input_bytes(self) -> int:
        """The size of all files; 0 where they are decoded from their beginnings."""
        plain = self._options.compression == "none"
        return sum(size for _, size in self._files) if plain else 0

    def ranges(self, position: Position, size: int) -> list[Range]:
        """Ranges of several small files, or of a part of a large one."""
        at = int(position.get("file", 0))
        beginning: Position = {**position, **dict.fromkeys(self.counted, 0)}
        starts = [(beginning, False)]
        starts += [(cut, False) for cut in self._cuts(at, _inner(position), size)]
        held = size
        for index in range(at + 1, len(self._files)):
            length = self._files[index][1]
            if held + length > size:
                starts.append((self._start(index), True))
                held = 0
            if length > size:
                starts += [(cut, False) for cut in self._cuts(index, {}, size)]
            held += length
        stops = [*(start for start, _ in starts[1:]), Position()]
        return [
            Range(start, stop, fresh) for (start, fresh), stop in zip(starts, stops, strict=True)
        ]

    def open_range(self, range: Range) -> None:
        """Open the file in which a range starts."""
        self.open(range.start)
        self._stop = range.stop
        if "offset" in range.stop and self._one is not None:
            self._one.close()
            self._one.open_range(Range(_inner(range.start), _inner(range.stop)))

    def close(self) -> None:
        """Close the file that is open."""
        if self._one is not None:
            self._one.close()
            self._one = None

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of reading means."""
        if self._one is not None:
            return self._one.diagnose(error)
        path = error.filename if isinstance(error, OSError) and error.filename else self.path
        return diagnose(error, str(path), writing=False)

    def _source(self, index: int) -> files.Source:
        path, size = self._files[index]
        return files.Source(replace(self._options, path=path), self._codec, self._environment, size)

    def _open(self, index: int, position: Position) -> None:
        self.close()
        self._one = self._source(index)
        self._one.open(position)

    def _start(self, index: int) -> Position:
        return {"file": index, "files": self._frozen}

    def _placed(self, index: int, batch: Batch) -> Batch:
        rejects: Sequence[Reject] = batch.rejects
        if rejects:
            name: Position = {"file": self._files[index][0]}
            rejects = [
                msgspec.structs.replace(reject, position={**name, **reject.position})
                for reject in rejects
            ]
        position = {**self._start(index), **batch.position}
        return Batch(batch.records, position, rejects, batch.original)

    def _cuts(self, index: int, position: Position, size: int) -> list[Position]:
        """Where a file can be cut behind a position."""
        if self._options.compression != "none" or not self._codec.ends_lines:
            return []
        one = self._source(index)
        if "offset" not in position:
            found = self._behind_first_batch(one)
            if found is None:
                return []
            position = found
        return [{**self._start(index), **cut.start} for cut in one.ranges(position, size)[1:]]

    def _behind_first_batch(self, one: files.Source) -> Position | None:
        """A position in a file that knows what stands before its first record."""
        lost, zoneless = LOST.get(), ZONELESS.get()
        try:
            with closing(one):
                one.open({})
                batch = next(iter(one.batches()), None)
        except Exception:
            # It is raised again when the records are read, at its place among them.
            return None
        finally:
            LOST.set(lost)
            ZONELESS.set(zoneless)
        return None if batch is None else batch.position

    def _nothing(self) -> Diagnosis:
        folder = fixed_folder(self.path).rstrip("/")
        if folder and not os.path.isdir(folder):
            near = [f"Did you mean {name}?" for name in similar_names(folder)]
            near = near or ["Check the spelling of the folder"]
            why = f"there is no folder {folder}, seen from the current folder {os.getcwd()}"
            return Diagnosis("FC0801", f"no file matches {self.path}", why, tuple(near))
        names = sorted(os.listdir(folder or "."))
        more = ", …" if len(names) > _SHOWN else ""
        holds = f"holds {', '.join(names[:_SHOWN])}{more}" if names else "is empty"
        return Diagnosis(
            "FC0801",
            f"no file matches {self.path}",
            f"the folder {folder or os.getcwd()} {holds}",
            ("Check the spelling of the pattern",),
        )


def _inner(position: Position) -> Position:
    """A position in one file."""
    return {part: value for part, value in position.items() if part not in ("file", "files")}
