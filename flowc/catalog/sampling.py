"""Reads the beginning of a source, or all of it, to find the type of its records."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from flowc.catalog import registry
from flowc.catalog.address import without_compression
from flowc.catalog.formats import Reading
from flowc.catalog.spec import SampleContext, Sampled
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.graph import EndpointBinding
from flowc.model.reads import looked_at
from flowc.model.source import SourceFile, Span
from flowc_runtime.compression import DamagedError, decompressed
from flowc_runtime.errors import ResourceError

MISSING_FILE = declare("FC0720", "missing-source", "The file or table of a source is not there")
NOT_A_FILE = declare("FC0721", "source-not-a-file", "A source names something that is no file")
UNREADABLE_FILE = declare("FC0722", "unreadable-source", "The file of a source cannot be read")
EMPTY_SAMPLE = declare("FC0723", "empty-sample", "A source has no record to find its type from")
BAD_SAMPLE = declare("FC0724", "unreadable-record", "A source holds what is not of its format")
TYPE_NEEDED = declare(
    "FC0725", "source-type-needed", "The type of a source can only be told by its user"
)

#: What messages call the stream that a run has read ahead of.
STANDARD_INPUT = "standard input"

#: A bounded local file up to this size is read whole.
WHOLE_BYTES = 8 << 20
#: Of a larger one, so many records.
FIRST_RECORDS = 10_000

_AS_TYPE = "say the type behind the source: as {id: int, name: string}"


def read_file(
    path: str, binding: EndpointBinding, compression: str, span: Span, context: SampleContext
) -> Sampled | None:
    """The record type of a file, from all of it or its first records; problems are reported.

    ``path`` is the file as written, relative to the context's folder or absolute.
    """
    full = context.folder / path
    if not _is_file(full, path, span, context):
        return None
    with telling_what_is_wrong(path, span, context), closing(open(full, "rb")) as file:
        read = contents(file, compression)
        size = full.stat().st_size if compression == "none" else None
        reading = read_sample(read, size, binding, Path(without_compression(path)).stem, path, span)
        if reading is not None:
            place = None
            if reading.unreadable:
                place = place_in(full, compression, path, reading.unreadable[0].offset)
            return judge(reading, path, (full,), place, span, context)
    return None


def read_sample(
    read: Callable[[int], bytes],
    size: int | None,
    binding: EndpointBinding,
    name: str,
    where: str,
    span: Span,
) -> Reading | None:
    """What the format finds in all that ``read`` gives, or in its first records if it is long.

    ``size`` is how long it is; where it is None, it is told by reading.
    """
    begin = b"" if size is not None else first_bytes(read, WHOLE_BYTES + 1)
    whole = (len(begin) if size is None else size) <= WHOLE_BYTES
    limit = 1 << 62 if whole else FIRST_RECORDS
    return _read(_after(begin, read), binding, limit, name, where, span)


@contextmanager
def telling_what_is_wrong(path: str, span: Span, context: SampleContext) -> Iterator[None]:
    """Report what keeps a file from being read."""
    notes: list[str] = []
    try:
        yield
    except OSError as error:
        _cannot_read(error, path, span, context)
    except DamagedError as error:
        notes = [str(error)]
    except ResourceError as error:
        notes = [error.diagnosis.message, *error.diagnosis.suggestions]
    if notes:
        context.reporter.error(UNREADABLE_FILE, f"{path} cannot be read", span, notes=notes)


def contents(file: BinaryIO, compression: str) -> Callable[[int], bytes]:
    """A ``read`` of what a file holds."""
    return file.read if compression == "none" else decompressed(file.read, compression)


def first_bytes(read: Callable[[int], bytes], size: int) -> bytes:
    """So many bytes, or all there are."""
    found = bytearray()
    while len(found) < size and (data := read(size - len(found))):
        found += data
    return bytes(found)


def _after(begin: bytes, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """``read`` with what was read of it before."""
    held = io.BytesIO(begin)
    return lambda size: held.read(size) or read(size)


def read_bytes(
    data: bytes, binding: EndpointBinding, span: Span, context: SampleContext
) -> Sampled | None:
    """The record type of what was read ahead of standard input; more may follow."""
    rest = [data]

    def read(_: int) -> bytes:
        return rest.pop() if rest else b""

    reading = _read(read, binding, FIRST_RECORDS, "stdin", STANDARD_INPUT, span)
    if reading is None:
        return None
    # The end of what was read ahead is not known to be the end of the stream.
    partial = replace(reading, ended=False)
    return judge(partial, STANDARD_INPUT, (), None, span, context)


def type_needed(why: str, span: Span, context: SampleContext) -> None:
    """Report that only ``as Type`` can tell the type of a source."""
    context.reporter.error(
        TYPE_NEEDED,
        "the type of these records is not known",
        span,
        at="add `as Type`",
        notes=(why, _AS_TYPE),
        fixes=(Fix("write the type", (Edit(span.at_end(), " as {…}"),), Safety.DISPLAY),),
    )


def missing_file(path: str, full: Path, span: Span, context: SampleContext, what: str) -> None:
    """Report a file that is not there, with what is like it and where it may lie instead."""
    notes = [f"seen from the current folder, {context.folder}"]
    fixes: list[Fix] = []
    beside = Path(span.source.name).parent / path
    if not Path(path).is_absolute() and beside != Path(path) and (context.folder / beside).exists():
        notes.append(
            f"it lies beside the pipeline, as {beside}; endpoints are read from the current folder"
        )
    for near in _similar(full):
        better = str(Path(path).parent / near) if Path(path).parent != Path() else near
        fixes.append(Fix(f"did you mean {better}?", _replace(span, path, better), Safety.UNSAFE))
    if not full.parent.exists():
        notes.append(f"the folder {Path(path).parent} does not exist either")
    context.reporter.error(MISSING_FILE, f"no such {what}: {path}", span, notes=notes, fixes=fixes)


def folder_named(path: str, full: Path, span: Span, reporter: Reporter) -> None:
    """Report a folder where a file must stand."""
    inside = _first_files(full)
    reporter.error(
        NOT_A_FILE,
        f"{path} is a folder",
        span,
        at="name a file in it",
        notes=(f"it holds {', '.join(inside)}" if inside else "it is empty",),
    )


def _replace(span: Span, old: str, new: str) -> tuple[Edit, ...]:
    at = span.text.find(old)
    if at < 0:
        return ()
    return (Edit(Span(span.source, span.start + at, span.start + at + len(old)), new),)


def _similar(full: Path) -> tuple[str, ...]:
    try:
        with os.scandir(full.parent) as entries:
            names = [entry.name for _, entry in zip(range(10_000), entries)]
    except OSError:
        return ()
    same_stem = sorted(name for name in names if Path(name).stem == full.stem)
    return tuple(dict.fromkeys((*nearest(full.name, names), *same_stem)))[:3]


def _is_file(full: Path, path: str, span: Span, context: SampleContext) -> bool:
    try:
        if looked_at(full).is_file():
            return True
        exists, folder = full.exists(), full.is_dir()
    except OSError as error:
        _cannot_read(error, path, span, context)
        return False
    if not exists:
        missing_file(path, full, span, context, "file")
    elif folder:
        folder_named(path, full, span, context.reporter)
    else:
        type_needed(f"{path} is a device or a pipe: it is not read before the run", span, context)
    return False


def _first_files(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(folder))[:5])
    except OSError:
        return ()


def _cannot_read(error: OSError, path: str, span: Span, context: SampleContext) -> None:
    notes = [error.strerror or str(error)]
    if error.errno in (errno.EACCES, errno.EPERM):
        notes.append(f"see who may: ls -l {path}")
    context.reporter.error(UNREADABLE_FILE, f"{path} cannot be read", span, notes=notes)


def _read(
    read: Callable[[int], bytes],
    binding: EndpointBinding,
    limit: int,
    name: str,
    where: str,
    span: Span,
) -> Reading | None:
    format = registry.format(binding.format)
    if format is None:
        return None
    return format.read(read, binding.codec, limit, name, where, span)


def judge(
    reading: Reading,
    where: str,
    read: tuple[Path, ...],
    place: Span | None,
    span: Span,
    context: SampleContext,
) -> Sampled | None:
    """The type that was found in the files that were ``read``; what is wrong is reported.

    ``place`` is where the first record stands that cannot be read.
    """
    if reading.problems:
        context.reporter.error(BAD_SAMPLE, f"{where} cannot be read", span, notes=reading.problems)
        return None
    if reading.unreadable:
        _bad_records(reading, where, place, span, context)
    if reading.record is None:
        if not reading.unreadable:
            context.reporter.error(
                EMPTY_SAMPLE,
                f"{where} holds no record",
                span,
                at="its type cannot be seen",
                notes=(_AS_TYPE,),
            )
        return None
    total = f"{reading.seen:,} record{'' if reading.seen == 1 else 's'}"
    if reading.ended:
        evidence = f"typed from {reading.seen:,} of {total} of {where}"
    else:
        evidence = f"typed from the first {total} of {where}"
    return Sampled(reading.record, reading.ended, evidence, reading.notes, read)


def _bad_records(
    reading: Reading, where: str, place: Span | None, span: Span, context: SampleContext
) -> None:
    """One finding for all of them, at the first: the run would set each aside."""
    first = reading.unreadable[0]
    labels = () if place is None else (Label(place, first.reason),)
    count = len(reading.unreadable)
    if reading.record is None:
        context.reporter.error(
            BAD_SAMPLE,
            f"no record of {where} can be read",
            span,
            labels=labels,
            notes=(
                f"the first: {first.reason}",
                "if it has another format, say which: ?format=csv",
            ),
        )
        return
    total = f"{reading.seen + count:,}"
    among = f"{count:,} of {total}" if reading.ended else f"{count:,} of the first {total}"
    context.reporter.warning(
        BAD_SAMPLE,
        f"{among} records of {where} cannot be read",
        span,
        labels=labels,
        notes=(f"the first: {first.reason}", "a run sets them aside as dead letters"),
    )


def place_in(full: Path, compression: str, where: str, offset: int) -> Span | None:
    """The line that a record begins in, as a place in its file."""
    if offset > WHOLE_BYTES:
        return None
    with closing(open(full, "rb")) as file:
        read = contents(file, compression)
        before = first_bytes(read, offset)
        rest = first_bytes(read, 4096).partition(b"\n")[0]
    head = before.decode("utf-8", "replace")
    line = rest.decode("utf-8", "replace").rstrip("\r\n")
    source = SourceFile(where, head + line)
    return Span(source, len(head), len(head) + max(1, min(len(line), 80)))
