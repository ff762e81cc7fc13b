"""Endpoints and stages written as maps of options, as pipe text says them.

A stage's options become its items and clauses, an endpoint's become a URI. Each is taken only
where it is bound to the very same; what no pipe text can say stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from urllib.parse import quote

from flowc.catalog import registry
from flowc.catalog.spec import Form, Parameter
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Literal, LiteralKind, Template
from flowc.model.project import Project
from flowc.model.source import SourceFile, Span, Text
from flowc.model.tree import (
    Branch,
    BrokenStage,
    Chain,
    Document,
    Endpoint,
    ListValue,
    MapValue,
    NullValue,
    Stage,
    Value,
    Word,
)
from flowc.resolve.bind import bind
from flowc.resolve.endpoints import bind_endpoint
from flowc.resolve.ports import ports_of
from flowc.syntax.dsl import parse_endpoint, parse_stage_arguments
from flowc.syntax.format import endpoint_text, template_text

_TRUE = "true"


def piped(document: Document, project: Project, folder: Path) -> Document:
    """The document with what pipe text can say in the place of options.

    Args:
        folder: the current folder, against which relative endpoints are read.
    """
    piper = _Piper(project, folder)
    return replace(
        document,
        pipelines=tuple(replace(p, chain=piper.chain(p.chain)) for p in document.pipelines),
        lets=tuple(replace(let, chain=piper.chain(let.chain)) for let in document.lets),
    )


class _Piper:
    def __init__(self, project: Project, folder: Path) -> None:
        self._project = project
        self._folder = folder

    def chain(self, chain: Chain) -> Chain:
        return replace(
            chain,
            sources=tuple(self._endpoint(end, sink=False) for end in chain.sources),
            stages=tuple(self._stage(stage) for stage in chain.stages),
            sinks=tuple(self._endpoint(end, sink=True) for end in chain.sinks),
        )

    def _branch(self, branch: Branch) -> Branch:
        return replace(
            branch,
            stages=tuple(self._stage(stage) for stage in branch.stages),
            sinks=tuple(self._endpoint(end, sink=True) for end in branch.sinks),
        )

    # --- stages -----------------------------------------------------------------------

    def _stage(self, stage: Stage | BrokenStage) -> Stage | BrokenStage:
        if isinstance(stage, BrokenStage):
            return stage
        if stage.block is not None:
            return replace(stage, block=tuple(self._branch(branch) for branch in stage.block))
        operator = registry.operator(stage.name.text) if stage.options else None
        if operator is None or stage.items or stage.clauses or stage.as_:
            return stage
        text = _arguments(stage, {p.name: p for p in operator.parameters}, operator.parameters)
        if text is None:
            return stage
        reporter = Reporter()
        made = parse_stage_arguments(stage.name, Text.whole(SourceFile("", text)), reporter)
        if isinstance(made, BrokenStage) or reporter.has_errors:
            return stage
        made = replace(made, label=stage.label, inputs=stage.inputs, enabled=stage.enabled)
        one, other = (
            bind(each, operator, ports_of(each, None), self._project, Reporter())
            for each in (stage, made)
        )
        if one is None or other is None or not same(dict(one.values), dict(other.values)):
            return stage
        return made

    # --- endpoints --------------------------------------------------------------------

    def _endpoint(self, end: Endpoint, *, sink: bool) -> Endpoint:
        if end.connector is None:
            return end
        wanted = bind_endpoint(end, self._project, self._folder, Reporter(), sink=sink).binding
        if wanted is None:
            return end
        facts = replace(end, connector=None, resource=None, options=())
        for text in _addresses(end):
            reporter = Reporter()
            read = parse_endpoint(Text.whole(SourceFile("", text)), reporter, sink=sink)
            if read is None or reporter.has_errors:
                continue
            made = replace(facts, text=read.text, quoted=read.quoted)
            bound = bind_endpoint(made, self._project, self._folder, reporter, sink=sink).binding
            if bound is not None and same(_said(bound), _said(wanted)):
                return made
        return end


def _said(binding: object) -> dict[str, object]:
    """A binding but for how messages show it."""
    assert is_dataclass(binding)
    left_out = ("shown", "found")
    return {f.name: getattr(binding, f.name) for f in fields(binding) if f.name not in left_out}


def _arguments(
    stage: Stage, known: Mapping[str, Parameter], parameters: tuple[Parameter, ...]
) -> str | None:
    """The options of a stage as text behind its name; None where one has no such form."""
    options = {option.key.text: option.value for option in stage.options}
    if not set(options) & set(known):
        maps = [p for p in parameters if p.clause is None]
        if len(maps) != 1:
            return None
        options = {maps[0].name: MapValue(stage.options, stage.span)}
    if not set(options) <= set(known):
        return None
    pieces: list[str] = []
    last = ""
    for parameter in parameters:
        if parameter.name not in options:
            continue
        text = _argument(parameter, options[parameter.name])
        if text is None:
            return None
        if parameter.form is Form.ALIAS:
            last = f"as {text}"
        elif text:
            pieces.append(text)
    return " ".join([*pieces, *([last] if last else [])])


def _argument(parameter: Parameter, value: Value) -> str | None:
    plain = value.plain if hasattr(value, "plain") else None
    lead = f"{parameter.clause} " if parameter.clause else ""
    if parameter.form is Form.FLAG or (parameter.empty and plain in (_TRUE, "false")):
        return lead.strip() if plain == _TRUE else ""
    if parameter.form is Form.TEXT and plain is not None:
        return lead + _text(plain)
    if parameter.form is Form.WORD and plain is not None:
        return lead + plain
    match value:
        case ListValue(items=items):
            found = [_one(item) for item in items]
            return lead + ", ".join(text for text in found if text) if all(found) else None
        case MapValue(entries=entries):
            pairs = [(entry.key.text, _one(entry.value)) for entry in entries]
            if not all(text and _is_path(name) for name, text in pairs):
                return None
            between = " as " if parameter.form is Form.CASTS else " = "
            return lead + ", ".join(f"{name}{between}{text}" for name, text in pairs)
        case _:
            text = _one(value)
            return lead + text if text else None


def _one(value: Value) -> str | None:
    if isinstance(value, ListValue | MapValue | NullValue):
        return None
    return template_text(value).strip() or None


def _text(plain: str) -> str:
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _is_path(name: str) -> bool:
    return re.fullmatch(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", name) is not None


def _addresses(end: Endpoint) -> Iterator[str]:
    """Texts that may say what an endpoint with options says, the plainest first."""
    assert end.connector is not None
    options = {option.key.text: _one(option.value) for option in end.options}
    if any(text is None for text in options.values()):
        return
    connector = registry.connector(end.connector.text)
    schemes = connector.schemes if connector is not None else (end.connector.text,)
    written = {name: text or "" for name, text in options.items()}
    resource = template_text(end.resource).strip() if end.resource is not None else ""
    for ways in _resources(resource, written):
        path, rest = ways
        query = "&".join(f"{name}={quote(text, safe='${}:/.,-_')}" for name, text in rest.items())
        tail = f"?{query}" if query else ""
        for text in (path + tail, *(f"{scheme}://{path}{tail}" for scheme in schemes)):
            if text and text != tail:
                template = parse_endpoint(Text.whole(SourceFile("", _text(text))), Reporter())
                if template is not None and template.text is not None:
                    yield endpoint_text(Endpoint(end.span, template.text))


def _resources(resource: str, options: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """What may stand for the path of a URI, and the options that are left."""
    if resource:
        for name, text in options.items():
            left = {other: value for other, value in options.items() if other != name}
            yield f"{resource}/{text}", left
        yield resource, options
        return
    for name, text in options.items():
        left = {other: value for other, value in options.items() if other != name}
        for second, more in left.items():
            rest = {other: value for other, value in left.items() if other != second}
            yield f"{text}/{more}", rest
        yield text, left


def same(one: object, other: object) -> bool:
    """Whether two values are equal but for places."""
    if isinstance(one, Span) and isinstance(other, Span):
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Word) and isinstance(other, Word):
        return one.text == other.text
    if isinstance(one, Template | Literal) and type(one) is not type(other):
        return _plain(one) is not None and _plain(one) == _plain(other)
    if is_dataclass(one) and is_dataclass(other) and type(one) is type(other):
        compared = [field.name for field in fields(one) if field.compare]
        return all(same(getattr(one, name), getattr(other, name)) for name in compared)
    return one == other


def _plain(value: object) -> str | None:
    """The text that a value is, quoted or not."""
    if isinstance(value, Template):
        return value.plain
    quoted = isinstance(value, Literal) and value.kind is LiteralKind.STRING
    return value.text if quoted and isinstance(value, Literal) else None
