"""The parts of a pipeline as calls of the runtime's constructors."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass

from flowc.model.expr import Template, Variable
from flowc.model.plan import (
    Align,
    CallProgram,
    CallRuntime,
    CallUser,
    Hold,
    Made,
    Merge,
    NodeInfo,
    Read,
    Tabulate,
    Write,
)
from flowc.model.types import Field, ListType, MapType, Record, Ref, Union, may_be_null, strip_null
from flowc.targets.base import EmissionError
from flowc.targets.names import Names, identifier
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClass, RecordClasses
from flowc.targets.python.refinements import RefinementWriter
from flowc.targets.python.rows import RowWriter
from flowc.targets.python.settings import constant
from flowc.targets.python.syntax import attribute, call, strings, tuple_of
from flowc.targets.python.views import CommentView, FunctionView, SettingView
from flowc.types.show import show


class Wiring:
    """Writes the segments of one module; ``functions`` gathers the row functions they need.

    ``settings`` are those of the plan, by variable.
    """

    def __init__(
        self,
        imports: Imports,
        classes: RecordClasses,
        settings: Mapping[str, SettingView],
        nodes: Sequence[NodeInfo],
        names: Names,
    ) -> None:
        self.functions: list[FunctionView] = []
        self._imports = imports
        self._classes = classes
        self._settings = settings
        self._nodes = {node.id: node for node in nodes}
        self._names = names
        self._rows = RowWriter(imports, classes, names)
        self._refinements = RefinementWriter(imports, classes, names)

    def source(self, read: Read, record: RecordClass) -> ast.expr:
        """``SourceSegment(connector.Source(…), node)``."""
        connector = self._connector(read.module)
        options = self._options(connector, read.options, read.symbolic)
        name = f"{identifier(read.node, 'source')}_from_row"
        arguments: list[ast.expr]
        comment = self._comment(read.node)
        check = self._refinements.check(
            f"check_{identifier(read.node, 'source')}", comment, read.decode.record, record.name
        )
        if check is not None:
            self.functions.append(check)
        checked = None if check is None else check.name
        match read.decode.format:
            case "rows":
                make = self._rows.from_values(name, comment, record, checked)
                self.functions.append(make)
                arguments = [self._columns(connector, record.record, record), ast.Name(make.name)]
            case "csv":
                make = self._rows.from_texts(name, comment, record, checked)
                self.functions.append(make)
                codec = self._csv(record.record, read.decode.codec)
                codec.keywords.insert(0, ast.keyword("make", ast.Name(make.name)))
                arguments = [codec]
            case format:
                arguments = [self._json(format, record, read.decode.codec, checked)]
        source = call(attribute(connector, "Source"), options, *arguments, ast.Name("environment"))
        return self._segment("SourceSegment", source, node=ast.Constant(read.node))

    def sink(self, write: Write, record: RecordClass) -> ast.expr:
        """``SinkSegment(connector.Sink(…), node)``."""
        connector = self._connector(write.module)
        options = self._options(connector, write.options, write.symbolic)
        name = f"{identifier(write.node, 'sink')}_to_row"
        environment = ast.Name("environment")
        make = attribute(connector, "Sink")
        match write.format:
            case "rows":
                row = self._rows.to_row(name, self._comment(write.node), record)
                self.functions.append(row)
                columns = self._columns(connector, write.record, record)
                sink = call(make, options, columns, environment, row=ast.Name(row.name))
            case "csv":
                row = self._rows.to_row(name, self._comment(write.node), record)
                self.functions.append(row)
                codec = self._csv(write.record, write.codec)
                codec.keywords.insert(0, ast.keyword("row", ast.Name(row.name)))
                sink = call(make, options, codec, environment)
            case format:
                sink = call(make, options, self._json(format, record, write.codec), environment)
        return self._segment("SinkSegment", sink, node=ast.Constant(write.node))

    def state(
        self,
        body: CallRuntime,
        takes: RecordClass,
        gives: RecordClass,
        judging: Sequence[ast.expr] = (),
    ) -> ast.expr:
        """``Stateful(Limit(10), node)``, or ``Gather(…)`` for a class that knows its records.

        ``judging``: the class of what it finds in all of them, and its conditions.
        """
        made = self._imports.runtime(body.module, body.name)
        classes: list[ast.expr] = []
        if body.reads or body.makes or body.holds or judging:
            classes.append(ast.Name(takes.name))
        if body.makes:
            classes.append(ast.Name(gives.name))
        if judging:
            classes += [judging[0], tuple_of(judging[1:])]
        state = call(made, *classes, *map(self._argument, body.arguments))
        if body.timed:
            state.keywords.append(ast.keyword("environment", ast.Name("environment")))
        keywords: dict[str, ast.expr] = {"node": ast.Constant(body.node)}
        if body.prepared:
            keywords["prepared"] = ast.Constant(True)
        if body.judge is not None and body.judge.whole:
            keywords["whole"] = ast.Constant(True)
        common = "Gather" if classes else "Stateful"
        return self._segment(body.segment or common, state, **keywords)

    def _argument(self, value: object) -> ast.expr:
        if not isinstance(value, Made):
            return constant(value, self._imports)
        made = call(self._imports.runtime(value.module, value.name))
        made.keywords += [
            ast.keyword(name, constant(one, self._imports)) for name, one in value.arguments
        ]
        return made

    def table(
        self, body: Tabulate, kind: ast.expr, takes: RecordClass, gives: RecordClass
    ) -> ast.expr:
        """``UniqueTable(Airports, ("iata",), label="airports.csv")``."""
        made = call(kind, ast.Name(gives.name), strings(body.keys))
        if takes is not gives:
            made.keywords.append(ast.keyword("takes", ast.Name(takes.name)))
        made.keywords += self._keywords(body.arguments)
        return made

    def tabulate(self, body: Tabulate, table: str, reader: str) -> ast.expr:
        """``Tabulate(table, node, reader)``."""
        keywords: dict[str, ast.expr] = {
            "node": ast.Constant(body.node),
            "reader": ast.Constant(reader),
        }
        if body.prepared:
            keywords["prepared"] = ast.Constant(True)
        return self._segment("Tabulate", ast.Name(table), **keywords)

    def hold(self, body: Hold, record: RecordClass) -> ast.expr:
        """``Hold(Held(Orders), node, table)``."""
        held = call(self._imports.runtime("state.tables", "Held"), ast.Name(record.name))
        node, table = ast.Constant(body.node), ast.Constant(body.table)
        return self._segment("Hold", held, node=node, table=table)

    def user(self, body: CallUser, module: str, gives: RecordClass) -> ast.expr:
        """``UserCode(module.process, …)``: ``module`` is one of the project's processors."""
        processor = body.processor
        owner = self._imports.name(".processors", module)
        return self._segment(
            "UserCode",
            attribute(owner, processor.function),
            takes=attribute(owner, processor.input_class),
            gives=ast.Name(gives.name),
            kind=ast.Constant(processor.kind),
            node=ast.Constant(body.node),
        )

    def program(self, body: CallProgram, takes: RecordClass, gives: RecordClass) -> ast.expr:
        """``Piped(Program(words, takes, gives), node)``."""
        made = call(
            self._imports.runtime("state.program", "Program"),
            tuple_of(map(self._word, body.command)),
            self._json("jsonlines", takes, {}),
            self._json("jsonlines", gives, {}),
        )
        if body.live:
            made.keywords.append(ast.keyword("live", ast.Constant(True)))
        return self._segment("Piped", made, node=ast.Constant(body.node))

    def _word(self, template: Template) -> ast.expr:
        plain = template.plain
        if plain is not None or not template.parts:
            return ast.Constant(plain or "")
        text = self._template(template)
        only = len(template.parts) == 1 and isinstance(template.parts[0], Variable)
        return call(ast.Name("str"), text) if only else text

    def fused(self, function: str, nodes: Sequence[str], reads: Sequence[str]) -> ast.expr:
        """``Fused(function, nodes)``."""
        made = self.function(function, reads)
        return self._segment("Fused", made, nodes=strings(nodes))

    def route(
        self, function: str, targets: Sequence[str | None], node: str, reads: Sequence[str]
    ) -> ast.expr:
        """``Route(function, branches, node)``."""
        made = self.function(function, reads)
        branches = tuple_of(ast.Constant(target) for target in targets)
        return self._segment("Route", made, branches=branches, node=ast.Constant(node))

    def fork(self, node: str) -> ast.expr:
        """``Fork(node)``."""
        return self._segment("Fork", node=ast.Constant(node))

    def by_clock(self, body: Merge, record: RecordClass) -> ast.expr:
        """``ByClock(Orders, ("at",), (Lane(lag=timedelta(seconds=2)), Lane()), environment)``."""
        return call(
            self._imports.runtime("state.merging", "ByClock"),
            ast.Name(record.name),
            strings(body.clock),
            tuple_of(map(self._argument, body.lanes)),
            ast.Name("environment"),
        )

    def align(self, body: Align, merged: str) -> ast.expr:
        """``Aligned(merged.inlet(0), node)``."""
        inlet = call(attribute(ast.Name(merged), "inlet"), ast.Constant(body.number))
        return self._segment("Aligned", inlet, node=ast.Constant(body.node))

    def merge(self) -> ast.expr:
        """``Merge()``."""
        return self._segment("Merge")

    def _segment(self, segment: str, /, *arguments: ast.expr, **keywords: ast.expr) -> ast.expr:
        return call(self._imports.runtime("segments", segment), *arguments, **keywords)

    def function(self, function: str, reads: Sequence[str]) -> ast.expr:
        """A generated function, with what it reads from outside."""
        if not reads:
            return ast.Name(function)
        partial = self._imports.name("functools", "partial")
        return call(partial, ast.Name(function), **{name: ast.Name(name) for name in reads})

    def _comment(self, node: str) -> CommentView:
        return CommentView(self._nodes[node].place, self._nodes[node].text)

    def _connector(self, module: str) -> ast.Name:
        package, _, name = module.rpartition(".")
        return self._imports.runtime(package, name)

    def _json(
        self,
        format: str,
        record: RecordClass,
        options: Mapping[str, object],
        checked: str | None = None,
    ) -> ast.Call:
        if format == "jsonarray":
            lines = self._json("jsonlines", record, options, checked)
            return call(self._imports.runtime("codecs.jsonarray", "JsonArray"), lines)
        if format != "jsonlines":
            raise EmissionError(f"no codec is called {format}")
        module, name = "codecs.jsonlines", "JsonLines"
        if record.keeps_rest:
            module, name = "codecs.openlines", "OpenJsonLines"
        codec = call(self._imports.runtime(module, name), ast.Name(record.name))
        if checked is not None:
            codec.keywords.append(ast.keyword("check", ast.Name(checked)))
        codec.keywords += self._keywords(options)
        return codec

    def _csv(self, record: Record, options: Mapping[str, object]) -> ast.Call:
        codec = call(self._imports.runtime("codecs.csv", "Csv"), strings(record.names))
        codec.keywords += self._keywords(options)
        return codec

    def _keywords(self, options: Mapping[str, object]) -> list[ast.keyword]:
        return [
            ast.keyword(name, constant(options[name], self._imports)) for name in sorted(options)
        ]

    def _columns(self, connector: ast.expr, declared: Record, record: RecordClass) -> ast.expr:
        return tuple_of(
            self._column(connector, field, record.attributes[field.name])
            for field in declared.fields
        )

    def _column(self, connector: ast.expr, field: Field, attribute_name: str) -> ast.expr:
        type = strip_null(field.type)
        column = call(
            attribute(connector, "Column"), ast.Constant(field.name), ast.Constant(show(type))
        )
        if not (field.optional or may_be_null(field.type)):
            column.keywords.append(ast.keyword("nullable", ast.Constant(False)))
        if attribute_name != field.name:
            column.keywords.append(ast.keyword("attribute", ast.Constant(attribute_name)))
        if isinstance(type, ListType | MapType | Record | Union | Ref):
            shape = self._classes.annotation(type, field.name, imports=self._imports)
            column.keywords.append(ast.keyword("shape", shape))
        return column

    def _options(
        self, connector: ast.expr, options: object, symbolic: Mapping[str, Template]
    ) -> ast.expr:
        if not is_dataclass(options) or isinstance(options, type):
            raise EmissionError(f"{type(options).__name__} are no options")
        made = call(attribute(connector, type(options).__name__))
        for field in fields(options):
            given = getattr(options, field.name)
            if field.name in symbolic:
                value = self._template(symbolic[field.name])
            elif field.default is not MISSING and given == field.default:
                continue
            else:
                value = constant(given, self._imports)
            made.keywords.append(ast.keyword(field.name, value))
        return made

    def _template(self, template: Template) -> ast.expr:
        """A text with settings in it, put together when the pipeline starts."""
        parts = [part for part in template.parts if part != ""]
        if len(parts) == 1 and isinstance(parts[0], Variable):
            return self._setting(parts[0])
        texts: list[ast.expr] = []
        for part in parts:
            match part:
                case str():
                    texts.append(ast.Constant(part))
                case Variable():
                    setting = self._setting(part)
                    kind = self._settings[part.name].annotation
                    texts.append(setting if _is_text(kind) else call(ast.Name("str"), setting))
        return call(attribute(ast.Constant(""), "join"), tuple_of(texts))

    def _setting(self, variable: Variable) -> ast.expr:
        setting = self._settings[variable.name]
        value = attribute(ast.Name("settings"), setting.attribute)
        return call(attribute(value, "reveal")) if setting.secret else value


def _is_text(annotation: ast.expr) -> bool:
    """Whether ``Annotated[T, …]`` is of a text, secret or not."""
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    return bool(names & {"str", "Secret"})
