"""Sources and sinks: what may stand behind them, and what is said where they do not stand."""

from __future__ import annotations

from dataclasses import replace

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Expr, Hole, Literal, LiteralKind, Path, Variable
from flowc.model.source import Span
from flowc.model.tree import Clause, ClockSpec, Endpoint, Item
from flowc.syntax.builder import Arguments

MISPLACED = declare("FC0120", "misplaced-endpoint", "An endpoint stands where a stage stands")
BAD_ENDPOINT = declare("FC0121", "malformed-endpoint", "A source or a sink cannot be read")
BAD_FACT = declare("FC0122", "malformed-source", "What stands behind a source cannot be read")


def with_tail(endpoint: Endpoint, tail: Arguments | None, reporter: Reporter) -> Endpoint:
    """The source with what stands behind it: ``as T``, ``key a, b``, ``time t lag 2s``."""
    if tail is None:
        return endpoint
    if tail.items:
        _wrong(tail.items[0].span, "a source ends with `as`, `key` and `time`", reporter)
        return endpoint
    if tail.as_ is not None:
        if tail.as_.argument is not None:
            _wrong(tail.as_.argument.span, "one type stands behind `as`", reporter)
        endpoint = replace(endpoint, type=tail.as_.type)
    for index, clause in enumerate(tail.clauses):
        match clause.word.text:
            case "key":
                keys = tuple(p for i in clause.items if (p := _field(i.value, reporter)))
                endpoint = replace(endpoint, keys=keys)
            case "time":
                following = tail.clauses[index + 1 :]
                found = clock(clause.items, following, clause.span, reporter)
                return replace(endpoint, clock=found)
            case word:
                _wrong(clause.span, f"`{word}` does not stand behind a source here", reporter)
    return endpoint


def clock(
    items: tuple[Item, ...], clauses: tuple[Clause, ...], span: Span, reporter: Reporter
) -> ClockSpec | None:
    """``field lag 2s idle 1m``; None after a report."""
    path = _field(items[0].value, reporter) if len(items) == 1 else None
    if len(items) != 1:
        _wrong(span, "the clock of a stream is one field", reporter)
    lag: Expr | None = None
    idle: Expr | None = None
    for clause in clauses:
        word = clause.word.text
        if word not in ("lag", "idle") or len(clause.items) != 1 or clause.modifiers:
            _wrong(clause.span, f"`{word}` does not stand behind a source's clock", reporter)
            continue
        value = clause.items[0].value
        if not _is_duration(value):
            _wrong(value.span, "a duration stands here: `2s`, `1h30m`", reporter)
        elif word == "lag":
            lag = value
        else:
            idle = value
        span = span.to(clause.span)
    return ClockSpec(path, lag, idle, span) if path else None


def _is_duration(value: Expr) -> bool:
    if isinstance(value, Literal):
        return value.kind is LiteralKind.DURATION
    return isinstance(value, Variable | Hole)


def _field(value: Expr, reporter: Reporter) -> Path | None:
    if isinstance(value, Path):
        return value
    _wrong(value.span, "a field stands here", reporter)
    return None


def _wrong(span: Span, message: str, reporter: Reporter) -> None:
    reporter.error(
        BAD_FACT,
        message,
        span,
        notes=("a source reads `orders.jsonl as Order key id time seen lag 2s idle 1m`",),
    )


def trailing(endpoint: Span, rest: Span, sink: bool, reporter: Reporter) -> None:
    """Something behind an endpoint that does not belong there."""
    text = rest.text.strip()
    start = Span(endpoint.source, endpoint.start, endpoint.start)
    if text.startswith(","):
        reporter.error(
            BAD_ENDPOINT,
            f"several {'sinks' if sink else 'sources'} stand in braces",
            rest,
            notes=("`{ a.jsonl, b.jsonl }`; a comma inside one endpoint is quoted with it",),
            fixes=(Fix("put braces around them", (Edit(start, "{ "), Edit(rest.at_end(), " }"))),),
        )
        return
    message = "a sink" if sink else "a source"
    notes = ["an endpoint with a blank in it is quoted"]
    if not sink:
        notes.append("behind a source stand `as Type`, `key a, b` and `time field`")
    reporter.error(
        BAD_ENDPOINT,
        f"something stands behind {message}: is a `|` missing?",
        rest,
        labels=(Label(endpoint, message),),
        notes=notes,
        fixes=(Fix("put `|` between them", (Edit(endpoint.at_end(), " |"),), Safety.UNSAFE),),
    )


def sink_tail(rest: Span, reporter: Reporter) -> None:
    reporter.error(
        BAD_ENDPOINT,
        "`as`, `key` and `time` stand behind a source",
        rest,
        notes=("a sink stores the records as they come: `cast` or `select` before it",),
        fixes=(Fix("remove it", (Edit(rest, ""),), Safety.UNSAFE),),
    )


def chain_in_group(span: Span, reporter: Reporter) -> None:
    reporter.error(
        BAD_ENDPOINT,
        "braces around sources or sinks hold endpoints alone",
        span,
        notes=("`let clean = a.jsonl | filter ok` names a stream that may stand there",),
    )


def empty_group(span: Span, reporter: Reporter) -> None:
    reporter.error(BAD_ENDPOINT, "no endpoint stands in the braces", span)


def chain_inside(span: Span, sink: bool, reporter: Reporter) -> None:
    key = "sink" if sink else "source"
    reporter.error(
        BAD_ENDPOINT,
        f"one endpoint stands under `{key}:`",
        span,
        notes=("stages stand under `process:`",),
    )


def not_an_endpoint(span: Span, reporter: Reporter) -> None:
    reporter.error(
        BAD_ENDPOINT,
        "this is not an endpoint",
        span,
        notes=("an endpoint is a URI, a path, `-` or a name; anything else is quoted",),
    )


def misplaced(span: Span, place: str, last: bool, reporter: Reporter) -> None:
    """An endpoint in the middle of a chain, or among stages."""
    notes = ["a source stands first and a sink last; between them are stages"]
    if place == "stages":
        notes = ["under `process:` stand stages; the sink stands under `sink:`"]
    elif place == "stream":
        notes = ["a named stream has no sink: it is read by its name"]
    elif not last:
        notes.append("`tee { out.jsonl; … }` writes on the way")
    reporter.error(MISPLACED, "an endpoint stands where a stage stands", span, notes=notes)
