"""Reads the beginnings of several files, to find the one type of their records."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from flowc.catalog import registry
from flowc.catalog.address import resource_name
from flowc.catalog.sampling import (
    MISSING_FILE,
    contents,
    first_bytes,
    judge,
    place_in,
    read_sample,
    telling_what_is_wrong,
)
from flowc.catalog.spec import SampleContext, Sampled
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.graph import EndpointBinding
from flowc.model.reads import listed, looked_at
from flowc.model.source import Span
from flowc.types.show import show_name
from flowc_runtime.connectors.patterns import fixed_folder, matching_files

HEADERS_DIFFER = declare("FC0726", "headers-differ", "Files that are read as one differ in columns")

_HEADING_BYTES = 1 << 16
#: So many files are compared before the run; the others when they are read.
_COMPARED = 1_000
_NAMED = 5


def read_files(
    pattern: str, binding: EndpointBinding, compression: str, span: Span, context: SampleContext
) -> Sampled | None:
    """The record type of the files of a pattern, as that of one file; problems are reported."""
    with telling_what_is_wrong(pattern, span, context):
        return _read_files(pattern, binding, compression, span, context)
    return None  # type: ignore[unreachable]  # it tells instead of raising


def _read_files(
    pattern: str, binding: EndpointBinding, compression: str, span: Span, context: SampleContext
) -> Sampled | None:
    paths, folders = matching_files(pattern, str(context.folder))
    for folder in folders:
        listed(context.folder / folder)
    if not paths:
        _nothing(pattern, span, context)
        return None
    together = _Together(paths, binding, compression, context.folder)
    if not _alike(together, pattern, span, context):
        return None
    sizes = [(context.folder / path).stat().st_size for path in paths]
    count = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
    where = f"{count} {pattern}"
    reading = read_sample(
        together.read,
        sum(sizes) if compression == "none" else None,
        binding,
        resource_name(pattern) or "file",
        where,
        span,
    )
    together.close()
    if reading is None:
        return None
    place = None
    if reading.unreadable:
        path, offset = together.place(reading.unreadable[0].offset)
        place = place_in(context.folder / path, compression, path, offset)
    used = tuple(looked_at(context.folder / path) for path in together.used)
    return judge(reading, where, used, place, span, context)


class _Together:
    """The files as one: headings of all but the first are left out, and each ends its line."""

    def __init__(
        self, paths: Sequence[str], binding: EndpointBinding, compression: str, folder: Path
    ) -> None:
        self.paths = paths
        self.used: list[str] = []
        self._format = registry.format(binding.format)
        self._options = binding.codec
        self._compression = compression
        self._folder = folder
        self._starts: list[tuple[int, str, int]] = []
        self._given = 0
        self._pieces = self._all()

    def read(self, size: int) -> bytes:
        return next(self._pieces, b"")

    def close(self) -> None:
        self._pieces.close()

    def place(self, offset: int) -> tuple[str, int]:
        """The file in which an offset of the whole lies, and the offset in that file."""
        start, path, left_out = next(s for s in reversed(self._starts) if s[0] <= offset)
        return path, offset - start + left_out

    def headings(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The names at the beginning of each file that is not empty."""
        for path in self.paths[:_COMPARED]:
            with closing(open(self._folder / path, "rb")) as file:
                names, _ = self._heading(contents(file, self._compression))[1]
            if names:
                yield path, names

    def _heading(self, read: Callable[[int], bytes]) -> tuple[bytes, tuple[tuple[str, ...], int]]:
        begin = first_bytes(read, _HEADING_BYTES)
        if self._format is None:
            return begin, ((), 0)
        return begin, self._format.heading(begin, self._options)

    def _all(self) -> Generator[bytes, None, None]:
        headed = False
        for path in self.paths:
            self.used.append(path)
            with closing(open(self._folder / path, "rb")) as file:
                read = contents(file, self._compression)
                begin, (names, size) = self._heading(read)
                left_out = size if headed else 0
                headed = headed or bool(names)
                self._starts.append((self._given, path, left_out))
                last = b"\n"
                rest = io.BytesIO(begin[left_out:])
                while data := rest.read() or read(_HEADING_BYTES):
                    last = data[-1:]
                    self._given += len(data)
                    yield data
                if last != b"\n":
                    self._given += 1
                    yield b"\n"


def _alike(together: _Together, pattern: str, span: Span, context: SampleContext) -> bool:
    headings = together.headings()
    first_path, first = next(headings, ("", ()))
    for path, names in headings:
        if names == first:
            continue
        less = [show_name(name) for name in first if name not in names]
        more = [show_name(name) for name in names if name not in first]
        notes = [
            *([f"{path} lacks {', '.join(less[:_NAMED])}"] if less else []),
            *([f"{path} also has {', '.join(more[:_NAMED])}"] if more else []),
        ]
        order = ", ".join(map(show_name, names[:_NAMED]))
        context.reporter.error(
            HEADERS_DIFFER,
            f"the files {pattern} differ in their columns",
            span,
            at=f"{path} is not like {first_path}",
            notes=notes or [f"{path} has them in another order: {order}"],
            fixes=(
                Fix(
                    "say which columns to read: they are found by their names",
                    (Edit(span.at_end(), " as {…}"),),
                    Safety.DISPLAY,
                ),
            ),
        )
        return False
    return True


def _nothing(pattern: str, span: Span, context: SampleContext) -> None:
    folder = fixed_folder(pattern)
    full = context.folder / folder
    try:
        names = sorted(os.listdir(full))
    except OSError:
        notes = [f"the folder {folder or '.'} does not exist, seen from {context.folder}"]
        names = []
    else:
        shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        notes = [f"the folder {folder or '.'} " + (f"holds {shown}" if names else "is empty")]
    stem, dot, suffix = pattern.rpartition(".")
    suffixes = sorted({name.rpartition(".")[2] for name in names if "." in name})
    near = nearest(suffix, suffixes) if dot else ()
    at = span.text.find(pattern)
    fixes: list[Fix] = []
    for better in near if at >= 0 else ():
        start = span.start + at + len(stem) + 1
        place = Span(span.source, start, start + len(suffix))
        fixes.append(Fix(f"did you mean {stem}.{better}?", (Edit(place, better),), Safety.UNSAFE))
    context.reporter.error(
        MISSING_FILE,
        f"no file matches {pattern}",
        span,
        at="a pattern",
        notes=notes,
        fixes=tuple(fixes),
    )
