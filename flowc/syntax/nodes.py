"""Sources, stages and sinks of a YAML file.

filter: "amount > 100"                    one key: the operator, its arguments as text
select: [a, b.c, n = e]                   … or a list of them
dedupe: {by: id, within: 1h}              … or its options as a map
type: postgres / config: {table: t}       options in `config` or beside `type`
stellar: pubnet / start: latest           a connector, its resource, further options
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Path, Template
from flowc.model.source import Span
from flowc.model.tree import (
    BrokenStage,
    Endpoint,
    Item,
    ListValue,
    MapValue,
    NullValue,
    Option,
    Stage,
    TypeExpr,
    Value,
    Word,
)
from flowc.syntax import blocks, branches, dsl, keys, keyslips, yamldoc, yamlslips
from flowc.syntax.scan import BLOCKS
from flowc.syntax.values import Values, first_line
from flowc.types.notation import parse_type


@dataclass(slots=True)
class _Parts:
    """A node's map taken apart: what every node may have, and the rest."""

    label: Word | None = None
    type: Word | None = None
    inputs: tuple[Word, ...] = ()
    enabled: bool = True
    config: Option | None = None
    rest: tuple[Option, ...] = ()
    common: dict[str, Option] = field(default_factory=dict)
    later: tuple[Option, ...] = ()


class Nodes:
    def __init__(self, reporter: Reporter, operators: frozenset[str]) -> None:
        self._reporter = reporter
        self._operators = operators
        self._values = Values(reporter)

    # Endpoints

    def endpoints(self, option: Option, *, sink: bool) -> Iterator[Endpoint | BrokenStage]:
        """The endpoints under ``source:``, ``sources:``, ``sink:`` or ``sinks:``."""
        key, value = option.key.text, option.value
        if not key.endswith("s"):
            if isinstance(value, ListValue):
                keyslips.list_under_one(option.key, self._reporter)
                yield from (self.endpoint(item, sink=sink) for item in value.items)
                return
            yield self.endpoint(value, sink=sink)
            return
        if not isinstance(value, ListValue):
            if isinstance(value, Template | MapValue) and value.span.text[:1] != "{":
                keyslips.one_under_list(option.key, self._reporter)
                yield self.endpoint(value, sink=sink)
                return
            self._values.expected(f"a list of {key}", value)
            yield BrokenStage(value.span)
            return
        yield from (self.endpoint(item, sink=sink) for item in value.items)

    def endpoint(self, value: Value, *, sink: bool) -> Endpoint | BrokenStage:
        """One source or sink: a text, or a map."""
        if isinstance(value, Template):
            return self._written(value, sink=sink) or BrokenStage(value.span)
        if isinstance(value, MapValue) and value.entries:
            return self._mapped(value, sink=sink)
        what = "a sink" if sink else "a source"
        self._values.expected(f"{what}, as text or as a map,", value)
        return BrokenStage(value.span)

    def _written(self, value: Template, *, sink: bool) -> Endpoint | None:
        """An endpoint as text: the whole of it, unless it says more in blanks."""
        text = yamldoc.text_of(value)
        stripped = text.value.strip()
        if not stripped:
            keyslips.empty_endpoint(value.span, sink, self._reporter)
            return None
        outside = _outside(value).strip()
        if stripped[0] not in "\"'{" and len(outside.split()) == 1:
            found = self._values.template(value)
            return Endpoint(value.span, found) if found else None
        if stripped[0] not in "\"'{" and not keyslips.has_tail(outside) and " | " not in outside:
            keyslips.blank_in_endpoint(value.span, sink, self._reporter)
            return None
        endpoint = dsl.parse_endpoint(text, self._reporter, sink=sink)
        return replace(endpoint, span=value.span) if endpoint else None

    def _mapped(self, value: MapValue, *, sink: bool) -> Endpoint | BrokenStage:
        parts = self._parts(value, keys.Node if sink else keys.Source)
        if _is_braces(value):
            yamlslips.braces(value.span, self._reporter)
            return BrokenStage(value.span)
        kind, resource, rest = parts.type, None, parts.rest
        options: list[Option] = []
        if kind is None:
            main = rest[0] if rest else None
            if main is None and parts.label is not None:
                return self._named(value, parts)
            if main is None:
                keyslips.no_connector(value.span, sink, self._reporter)
                return BrokenStage(value.span)
            kind, rest = main.key, rest[1:]
            match main.value:
                case Template():
                    resource = self._values.template(main.value)
                case MapValue(entries=entries):
                    options += entries
                    self._not_both(main, rest)
                case NullValue():
                    pass
                case ListValue():
                    options.append(main)
        options += self._options(parts.config, rest)
        endpoint = Endpoint(
            value.span,
            connector=kind,
            resource=resource,
            options=tuple(self._values.option(option) for option in options),
            label=parts.label,
            inputs=parts.inputs,
            enabled=parts.enabled,
            common=parts.later,
        )
        return endpoint if sink else self._facts(endpoint, parts.common)

    def _named(self, value: MapValue, parts: _Parts) -> Endpoint:
        """``{name: orders}``: what the project calls so."""
        assert parts.label is not None
        name = Template((parts.label.text,), parts.label.span, bare=True)
        endpoint = Endpoint(
            value.span,
            name,
            options=tuple(map(self._values.option, self._options(parts.config, ()))),
            label=parts.label,
            inputs=parts.inputs,
            enabled=parts.enabled,
            common=parts.later,
        )
        return self._facts(endpoint, parts.common)

    def _facts(self, endpoint: Endpoint, common: dict[str, Option]) -> Endpoint:
        """``schema``, ``key`` and ``time`` of a source."""
        if (option := common.get("schema")) is not None:
            if isinstance(option.value, Template):
                text = yamldoc.text_of(option.value)
                written = TypeExpr(parse_type(text, self._reporter), option.value.span)
                endpoint = replace(endpoint, type=written)
            else:
                self._values.expected("a type, as text,", option.value)
        if (option := common.get("key")) is not None:
            endpoint = replace(endpoint, keys=tuple(self._fields(option.value)))
        if (option := common.get("time")) is not None:
            if isinstance(option.value, Template):
                text = yamldoc.text_of(option.value)
                endpoint = replace(endpoint, clock=dsl.parse_clock(text, self._reporter))
            else:
                self._values.expected("a clock as `field lag 2s idle 1m`", option.value)
        return endpoint

    def _fields(self, value: Value) -> Iterator[Path]:
        """``key: id``, ``key: "a, b"``, ``key: [a, b.c]``."""
        items = value.items if isinstance(value, ListValue) else (value,)
        for item in items:
            if isinstance(item, Template):
                yield from dsl.parse_fields(yamldoc.text_of(item), self._reporter)
            else:
                self._values.expected("a field", item)

    # What every node may have

    def _parts(self, value: MapValue, model: type[keys.Node]) -> _Parts:
        """The map of a node taken apart; keys that are not done yet are read all the same.

        Where nothing else could name the operator, such a key is taken for its name.
        """
        common, later = keys.names(model), keys.refused(model)
        found = _Parts()
        rest = [entry for entry in value.entries if entry.key.text not in common]
        names_itself = bool(rest) or any(e.key.text in ("type", "name") for e in value.entries)
        for entry in value.entries:
            key = entry.key.text
            if key in later and names_itself:
                blocks.read(model, entry, self._reporter)
                found.later += (entry,)
            elif key in later:
                rest.append(entry)
            elif key in common:
                found.common[key] = entry
        given = found.common
        if (option := given.get("name")) is not None:
            found.label = self._values.word(option.value)
        if (option := given.get("type")) is not None:
            found.type = self._values.word(option.value)
        if (option := given.get("from")) is not None:
            found.inputs = self._values.words(option.value)
        if (option := given.get("enabled")) is not None:
            found.enabled = self._values.flag(option.value, default=True)
        found.config = given.get("config")
        found.rest = tuple(rest)
        return found

    def _options(self, config: Option | None, beside: tuple[Option, ...]) -> list[Option]:
        """The options of a node: in ``config`` or beside, not both."""
        if config is None:
            return list(beside)
        self._not_both(config, beside)
        if isinstance(config.value, MapValue):
            return [*config.value.entries, *beside]
        if not isinstance(config.value, NullValue):
            self._values.expected("a map of options", config.value)
        return list(beside)

    def _not_both(self, inside: Option, beside: tuple[Option, ...]) -> None:
        if beside:
            keyslips.options_twice(inside.key, beside[0].key, self._reporter)

    # Stages

    def stages(self, option: Option) -> list[Stage | BrokenStage]:
        """The stages under ``process:`` or ``processors:``."""
        value = option.value
        if isinstance(value, Template):
            return list(self._chain(value))
        if isinstance(value, NullValue):
            return []
        if isinstance(value, ListValue):
            cut = keyslips.cut_by_comma(value, self._operators)
            if cut is not None:
                keyslips.list_for_stage(value.span, cut, self._reporter)
                return [BrokenStage(value.span)]
            return [stage for item in value.items for stage in self.stage(item)]
        if value.entries and _is_braces(value):
            yamlslips.braces(value.span, self._reporter)
            return [BrokenStage(value.span)]
        if len(value.entries) > 1 and all(e.key.text in self._operators for e in value.entries):
            keyslips.map_of_stages(option.key, value.entries[1].key, self._reporter)
            return [s for entry in value.entries for s in self._operator(entry, entry.span)]
        return list(self.stage(value))

    def _chain(self, value: Template) -> tuple[Stage | BrokenStage, ...]:
        text = yamldoc.text_of(value)
        cut = keyslips.comment_behind(value, text.value)
        if cut is not None:
            yamlslips.cut_by_comment(value.span, cut, self._reporter)
            return (BrokenStage(value.span),)
        return dsl.parse_stages(text, self._reporter, operators=self._operators)

    def stage(self, value: Value) -> Iterator[Stage | BrokenStage]:
        """An item of a list of stages: pipe text, or a map."""
        match value:
            case Template():
                yield from self._chain(value)
            case MapValue(entries=entries) if entries:
                yield from self._mapped_stage(value)
            case ListValue():
                self._values.expected("a stage", value, "a stage is a text, or a map with one key")
                yield BrokenStage(value.span)
            case MapValue() | NullValue():
                self._values.expected("a stage", value)
                yield BrokenStage(value.span)

    def _mapped_stage(self, value: MapValue) -> Iterator[Stage | BrokenStage]:
        parts = self._parts(value, keys.Node)
        if parts.type is None and parts.rest:
            main = self._main(parts.rest)
            if main.key.text.partition(" ")[0] in self._operators and " " in main.key.text:
                yamlslips.colon_in_stage(main.key.span.to(main.value.span), self._reporter)
                yield BrokenStage(value.span)
                return
            beside = tuple(option for option in parts.rest if option is not main)
            found = list(self._operator(main, value.span))
            if parts.config is not None:
                keyslips.options_twice(parts.config.key, main.key, self._reporter)
            for stage in found:
                yield self._with(stage, parts, main, beside)
            return
        name = parts.type if parts.type and parts.type.text != "builtin" else parts.label
        if name is None:
            keyslips.no_operator(value.span, self._reporter)
            yield BrokenStage(value.span)
            return
        options = self._options(parts.config, parts.rest)
        yield Stage(
            name,
            value.span,
            options=tuple(self._values.option(option) for option in options),
            label=parts.label,
            inputs=parts.inputs,
            enabled=parts.enabled,
            common=parts.later,
        )

    def _main(self, rest: tuple[Option, ...]) -> Option:
        """The entry that names the operator: the first that does, else the first."""
        return next((option for option in rest if option.key.text in self._operators), rest[0])

    def _with(
        self, stage: Stage | BrokenStage, parts: _Parts, main: Option, beside: tuple[Option, ...]
    ) -> Stage | BrokenStage:
        if isinstance(stage, BrokenStage):
            return stage
        if isinstance(main.value, MapValue):
            self._not_both(main, beside)
        options = tuple(self._values.option(option) for option in beside)
        return replace(
            stage,
            options=(*stage.options, *options),
            label=parts.label,
            inputs=parts.inputs,
            enabled=parts.enabled,
            common=parts.later,
        )

    def _operator(self, option: Option, span: Span) -> Iterator[Stage | BrokenStage]:
        """``filter: …`` with what its value says."""
        name, value = option.key, option.value
        if name.text in BLOCKS:
            yield branches.block(name, value, span, self, self._values, self._reporter)
            return
        match value:
            case Template():
                cut = keyslips.comment_behind(value, yamldoc.text_of(value).value)
                if cut is not None:
                    yamlslips.cut_by_comment(value.span, cut, self._reporter)
                    yield BrokenStage(span)
                    return
                text = yamldoc.text_of(value)
                stage = dsl.parse_stage_arguments(name, text, self._reporter)
                yield replace(stage, span=span)
            case ListValue(items=items):
                yield self._listed(name, items, span)
            case MapValue(entries=entries):
                if _is_braces(value):
                    yamlslips.braces(value.span, self._reporter)
                    yield BrokenStage(span)
                    return
                options = tuple(self._values.option(entry) for entry in entries)
                yield Stage(name, span, options=options)
            case NullValue():
                yield Stage(name, span)

    def _listed(self, name: Word, items: tuple[Value, ...], span: Span) -> Stage | BrokenStage:
        """``select: [a, b.c, n = e]``: the items of the arguments, one a text."""
        found: list[Item] = []
        for item in items:
            if not isinstance(item, Template):
                self._values.expected("an argument, as text,", item)
                return BrokenStage(span)
            stage = dsl.parse_stage_arguments(name, yamldoc.text_of(item), self._reporter)
            if isinstance(stage, BrokenStage):
                return BrokenStage(span)
            if stage.clauses or stage.as_ is not None:
                keyslips.clause_in_list(first_line(item.span), name, self._reporter)
                return BrokenStage(span)
            found += stage.items
        return Stage(name, span, tuple(found))


def _is_braces(value: MapValue) -> bool:
    """Whether a map was meant as text: ``{ a.jsonl, b.jsonl }``, ``[${A}]``."""
    return value.span.text.startswith("{") and all(
        isinstance(entry.value, NullValue) for entry in value.entries
    )


def _outside(value: Template) -> str:
    """The text of a scalar without its variables."""
    return "".join(part if isinstance(part, str) else "x" for part in value.parts)
