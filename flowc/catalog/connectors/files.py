"""Files of records: ``orders.jsonl``, ``flights.csv?null_text=NA``, ``file:///var/x.jsonl``."""

from __future__ import annotations

import re

from flowc.catalog.address import (
    MALFORMED_ADDRESS,
    Located,
    names_files,
    overridden,
    path_option,
    split_options,
)
from flowc.catalog.encoding import choose, compression
from flowc.catalog.grouping import NOT_YET
from flowc.catalog.registry import format as format_named
from flowc.catalog.sampling import read_file, type_needed
from flowc.catalog.sampling_many import read_files
from flowc.catalog.spec import Address, Connector, ForeignStage, Meant, SampleContext, Sampled
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Safety
from flowc.model.effects import Capabilities, Changes, Facts, Order, Truth
from flowc.model.expr import Template
from flowc.model.graph import EndpointBinding
from flowc.model.source import Span
from flowc.model.tree import Option
from flowc.model.types import Record
from flowc.syntax.foreign import inside, parts
from flowc_runtime.compression import PACKAGES
from flowc_runtime.connectors import files as runtime
from flowc_runtime.connectors.patterns import is_pattern

_PREFIX = "file://"


def _paths(text: str) -> list[str]:
    """Files by their paths; a bare word is a file of JSON lines."""
    found = [part.strip("\"'`") for part in parts(inside(text.lstrip("= ")))]
    if not all(re.fullmatch(r"[\w./~*:-]+", path) for path in found):
        return []
    return [path if re.search(r"[./]", path) or path == "-" else f"{path}.jsonl" for path in found]


def _from(stage: ForeignStage) -> str | None:
    """``from orders``, ``cat orders.jsonl``, ``FROM a, b``"""
    found = _paths(stage.rest)
    if not stage.first or not found:
        return None
    return found[0] if len(found) == 1 else f"{{ {', '.join(found)} }}"


def _union(stage: ForeignStage) -> Meant | None:
    """``union b.jsonl`` behind a source: both are read."""
    found = _paths(stage.rest) or ([stage.rest] if " as " in stage.rest else [])
    why = "a pipeline reads several sources where it begins"
    return Meant("", why, Safety.UNSAFE, tuple(found)) if found else None


def _into(stage: ForeignStage) -> str | None:
    """``save out.jsonl``"""
    found = _paths(stage.rest)
    return found[0] if len(found) == 1 and not stage.first else None


class Files(Connector):
    name = "file"
    schemes = ("file",)
    summary = "files of records, read in blocks or written whole"
    doc = (
        "A path is read from the current folder; `file://out/x.jsonl` is the same path and "
        "`file:///out/x.jsonl` is absolute. The format is told by the suffix, or by "
        "`?format=`. A named pipe is read as it is written, until its writer closes it; "
        "`?endless=true` says that it never does. A sink writes beside its file and gives it its name when the run is "
        "complete. A name that ends in `.gz` or `.zst` is a compressed file, and `?compression=` says "
        "so of another: it is read and written as a stream, from its beginning.\n\n"
        "A source may read several files: in `data/*.csv`, `logs/**/{a,b}-?.jsonl`, `*` is any part "
        "of a name, `?` one character, `**` any folders or none and `{a,b}` one of these. The files "
        "are read in the order of their paths, which and how far is settled when the run begins; "
        "headers must be the same in all. Hidden files, unfinished ones (`.partial`) and dead "
        "letters (`.dead.jsonl`) are left out.\n\n"
        "How each type is kept depends on the format: see `flowc list formats`."
    )
    module = "connectors.files"
    source_options = runtime.SourceOptions
    sink_options = runtime.SinkOptions
    capabilities = Capabilities(
        replayable=runtime.CAPABILITIES.replayable,
        ordered=runtime.CAPABILITIES.ordered,
        idempotent=runtime.CAPABILITIES.idempotent,
        transactional=runtime.CAPABILITIES.transactional,
    )
    packages = ()
    compiled = ("compression",)
    examples = (
        "orders.jsonl | filter amount > 100 | large.jsonl",
        "data/*.jsonl.gz | filter amount > 100 | large.jsonl",
        '"flights.csv?null_text=NA" | filter distance > 1000 | far.csv',
    )
    named_after = ""
    exclusive = True
    corrections = {
        "from": _from,
        "cat": _from,
        "open": _from,
        "inputlookup": _from,
        "source": _from,
        "union": _union,
        "append": _union,
        "save": _into,
        "into": _into,
        "outputlookup": _into,
        "outputcsv": _into,
    }

    def address(self, text: Template, *, sink: bool, reporter: Reporter) -> Address:
        path, options = _parts(text, reporter)
        return _settled(path, options, text.span, reporter, sink)

    def from_map(
        self,
        resource: Template | None,
        options: tuple[Option, ...],
        *,
        sink: bool,
        reporter: Reporter,
    ) -> Address:
        if resource is not None:
            path, written = _parts(resource, reporter)
            return _settled(path, overridden(written, options), resource.span, reporter, sink)
        path_written = next((option for option in options if option.key.text == "path"), None)
        if path_written is None or not isinstance(path_written.value, Template):
            return Address(options, None)
        rest = tuple(option for option in options if option is not path_written)
        return _settled(path_written.value, rest, path_written.value.span, reporter, sink)

    def requirements(self, binding: EndpointBinding) -> tuple[str, ...]:
        options = binding.options
        assert isinstance(options, runtime.SourceOptions | runtime.SinkOptions)
        return PACKAGES.get(options.compression, ())

    def runtime_module(self, binding: EndpointBinding) -> str:
        options = binding.options
        if not isinstance(options, runtime.SourceOptions):
            return self.module
        path = options.path
        if "path" in binding.symbolic:
            parts = binding.symbolic["path"].parts
            written = "".join(part for part in parts if isinstance(part, str))
            path = binding.found.get("path", written)
        return "connectors.manyfiles" if is_pattern(path) else self.module

    def record_type(
        self, binding: EndpointBinding, span: Span, context: SampleContext
    ) -> Sampled | None:
        options = binding.options
        assert isinstance(options, runtime.SourceOptions)
        path = binding.found.get("path") if "path" in binding.symbolic else options.path
        if path is None:
            type_needed("its path holds a secret, or a variable that is not set", span, context)
            return None
        if is_pattern(path):
            return read_files(path, binding, options.compression, span, context)
        return read_file(path, binding, options.compression, span, context)

    def facts(self, binding: EndpointBinding) -> Facts:
        options = binding.options
        assert isinstance(options, runtime.SourceOptions)
        ends = Truth.NO if options.endless else Truth.YES
        return Facts(
            bounded=Truth.UNKNOWN if "endless" in binding.symbolic else ends,
            changes=Changes.APPEND,
            order=Order.SOURCE,
            deterministic=Truth.YES,
        )

    def format(self, binding: EndpointBinding, *, sink: bool) -> str:
        return binding.format

    def check_sink(
        self, binding: EndpointBinding, row: Record, span: Span, context: SampleContext
    ) -> None:
        format = format_named(binding.format)
        if format is not None:
            format.check(row, binding.shown, span, context.reporter)


def _parts(text: Template, reporter: Reporter) -> tuple[Template, tuple[Option, ...]]:
    """The path of an endpoint's text, and its options."""
    located = Located.of(text)
    uri = located.text.startswith(_PREFIX)
    start = len(_PREFIX) if uri else 0
    end, options = split_options(located, reporter, start)
    return located.slice(start, end, decoded=uri), options


def _settled(
    path: Template, options: tuple[Option, ...], span: Span, reporter: Reporter, sink: bool
) -> Address:
    if not names_files(path, reporter, several=not sink):
        return Address((path_option(path),), path)
    watch = next((option for option in options if option.key.text == "watch"), None)
    if watch is not None and not sink:
        reporter.error(
            NOT_YET,
            "`watch` is not supported yet",
            watch.key.span,
            notes=("the files that are there are read once: leave it out to do so",),
        )
        return Address((path_option(path),), path)
    endless = next((option for option in options if option.key.text == "endless"), None)
    if endless is not None and is_pattern(Located.of(path).text):
        reporter.error(
            MALFORMED_ADDRESS,
            "a pattern stands for several files, one read after the other",
            endless.span,
            at="files that end",
        )
    encoding = choose(options, path, span, reporter)
    rest = compression(encoding.rest, path)
    return Address((path_option(path), *rest), path, encoding.format, encoding.codec)


CONNECTOR = Files()
