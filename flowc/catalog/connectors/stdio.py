"""Standard input and output: ``-``, ``-?format=csv``, ``-?endless=true``."""

from __future__ import annotations

from flowc.catalog.address import Located, overridden, split_options
from flowc.catalog.encoding import choose
from flowc.catalog.registry import format as format_named
from flowc.catalog.sampling import read_bytes, type_needed
from flowc.catalog.spec import Address, Connector, SampleContext, Sampled
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.effects import Capabilities, Changes, Facts, Order, Truth
from flowc.model.expr import Template
from flowc.model.graph import EndpointBinding
from flowc.model.source import Span
from flowc.model.tree import Option
from flowc.model.types import Record
from flowc_runtime.connectors import stdio as runtime

UNFIT_RESOURCE = declare(
    "FC0277", "unfit-resource", "A connector that has no resource is given one"
)

_NAMES = frozenset(
    {"", "-", *(f"{n}{end}" for n in ("stdin", "stdout") for end in ("", ":", "://"))}
)


class Stdio(Connector):
    name = "stdio"
    schemes = ("-", "stdin", "stdout")
    summary = "standard input as a source, standard output as a sink"
    doc = (
        "`-` is JSON lines, `-?format=csv` is CSV. Standard input ends when its writer "
        "closes it; `-?endless=true` says that it never does. `validate` and `build` do not "
        "touch standard input, so they want its type: `- as {id: int}`. A run reads ahead, "
        "finds the type and replays what it read. How each type is kept depends on the "
        "format: see `flowc list formats`."
    )
    module = "connectors.stdio"
    source_options = runtime.SourceOptions
    sink_options = runtime.SinkOptions
    capabilities = Capabilities(
        replayable=runtime.CAPABILITIES.replayable,
        ordered=runtime.CAPABILITIES.ordered,
        idempotent=runtime.CAPABILITIES.idempotent,
        transactional=runtime.CAPABILITIES.transactional,
    )
    packages = ()
    examples = ("- as {level: string} | filter level == 'error' | -",)
    named_after = ""
    exclusive = False

    def address(self, text: Template, *, sink: bool, reporter: Reporter) -> Address:
        options = _options(text, reporter)
        return _settled(options, text.span, reporter)

    def from_map(
        self,
        resource: Template | None,
        options: tuple[Option, ...],
        *,
        sink: bool,
        reporter: Reporter,
    ) -> Address:
        written: tuple[Option, ...] = ()
        span = options[0].span if options else None
        if resource is not None:
            written = _options(resource, reporter)
            span = resource.span
        if span is None:
            return Address((), None, "jsonlines")
        return _settled(overridden(written, options), span, reporter)

    def record_type(
        self, binding: EndpointBinding, span: Span, context: SampleContext
    ) -> Sampled | None:
        data = context.read_ahead
        if data is None:
            type_needed("standard input is not touched before the run", span, context)
            return None
        return read_bytes(data, binding, span, context)

    def facts(self, binding: EndpointBinding) -> Facts:
        options = binding.options
        assert isinstance(options, runtime.SourceOptions)
        ends = Truth.NO if options.endless else Truth.YES
        return Facts(
            bounded=Truth.UNKNOWN if "endless" in binding.symbolic else ends,
            changes=Changes.APPEND,
            order=Order.SOURCE,
            deterministic=Truth.UNKNOWN,
        )

    def format(self, binding: EndpointBinding, *, sink: bool) -> str:
        return binding.format

    def check_sink(
        self, binding: EndpointBinding, row: Record, span: Span, context: SampleContext
    ) -> None:
        format = format_named(binding.format)
        if format is not None:
            format.check(row, binding.shown, span, context.reporter)


def _options(text: Template, reporter: Reporter) -> tuple[Option, ...]:
    """The options of `-?name=value`; a resource before them is reported."""
    located = Located.of(text)
    end, options = split_options(located, reporter)
    if located.text[:end] not in _NAMES:
        reporter.error(
            UNFIT_RESOURCE,
            "standard input and output have no name or path",
            located.span(0, end),
            notes=("`-` is all there is to say; a file is written ./name",),
        )
    return options


def _settled(options: tuple[Option, ...], span: Span, reporter: Reporter) -> Address:
    encoding = choose(options, None, span, reporter, "jsonlines")
    return Address(encoding.rest, None, encoding.format, encoding.codec)


CONNECTOR = Stdio()
