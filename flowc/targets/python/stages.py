"""A run of pure steps as one function over a list of records.

Computed columns are locals, so nothing is evaluated twice; a column that nobody reads is
left out unless computing it can fail, because dead letters must not depend on that.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from flowc.lower.pyast import is_plain
from flowc.model.plan import Expand, Find, Keep, NodeInfo, Project, Step
from flowc.model.typed import Column, Const, Typed, columns
from flowc.model.typed import errors as errors_of
from flowc.model.types import (
    ListType,
    Record,
    Union,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.targets.base import EmissionError
from flowc.targets.names import Names
from flowc.targets.python.expressions import Lowering, Scope
from flowc.targets.python.hoisting import Constants
from flowc.targets.python.imports import Imports
from flowc.targets.python.records import RecordClass, RecordClasses
from flowc.targets.python.slots import (
    Resolver,
    Slot,
    construct,
    made_record,
    real_type,
    slots_of,
)
from flowc.targets.python.syntax import (
    annotated,
    assign,
    attribute,
    call,
    count,
    empty_list,
    list_of,
    loop,
    method,
    negated,
    tuple_of,
    when,
)
from flowc.targets.python.views import CommentView, FunctionView, PartView

#: Names that every stage function binds itself.
LOCALS = ("records", "record", "tally", "settings", "environment", "kept")

#: Depth of the statements of the loop over the records.
LOOP_DEPTH = 2

#: Why a record of a join was dropped.
_NO_MATCH = "no match"

#: The class of a made record, chosen when its columns are known; the second argument says
#: that they are those that came in, as they came.
Chooser = Callable[[Record, bool], RecordClass]


@dataclass(frozen=True, slots=True)
class TableView:
    """A table that functions read: what code calls it, the class of the runtime that it is, the
    classes of the records that come and of those that are found, and how it is made."""

    name: str
    kind: ast.Name
    takes: RecordClass
    gives: RecordClass
    made: ast.expr

    @property
    def annotation(self) -> ast.expr:
        """``UniqueTable[Airports]``."""
        return ast.Subscript(self.kind, ast.Name(self.gives.name), ast.Load())


@dataclass(frozen=True, slots=True)
class Stage:
    """A written function and the class it makes.

    ``reads``: the parameters behind its records and tally: ``settings``, ``environment``, tables.
    """

    function: FunctionView
    gives: RecordClass
    reads: tuple[str, ...]


class StageWriter:
    """Writes the functions of one module. ``settings``: variable -> attribute."""

    def __init__(
        self,
        imports: Imports,
        classes: RecordClasses,
        settings: Mapping[str, str],
        nodes: Sequence[NodeInfo],
        names: Names,
    ) -> None:
        self.imports = imports
        self.classes = classes
        self.constants = Constants(names)
        #: The tables of the module, by the block that fills them.
        self.tables: dict[str, TableView] = {}
        self._settings = settings
        self._names = names
        self._nodes = {node.id: node for node in nodes}

    def comment(self, node: str) -> CommentView:
        """Where a node was written."""
        info = self._nodes[node]
        return CommentView(info.place, info.text)

    def scope(self) -> Scope:
        """The inside of a new function."""
        names = self._names.child()
        for word in LOCALS:
            names.take(word)
        return Scope(self.imports, self.classes, self._settings, self.constants, names)

    def fused(
        self,
        name: str,
        steps: Sequence[Step],
        nodes: Sequence[str],
        takes: RecordClass,
        row: Record,
        choose: Chooser,
    ) -> Stage:
        """The function that does the work of ``steps`` on a list of records.

        Args:
            takes: the class of the records that come in.
            row: the record type that leaves; ``choose`` gives its class.
        """
        body = _Body(self, takes)
        body.run(steps, row)
        gives = choose(made_record(row, body.row, self.classes), body.is_untouched(row))
        parts = body.finish(gives)
        reads = tuple(sorted(body.scope.reads))
        texts = " | ".join(self._nodes[node].text for node in nodes)
        first = self._nodes[nodes[0] if nodes else steps[0].node]
        function = FunctionView(
            name,
            CommentView(first.place, texts or first.text),
            self.signature(takes, reads),
            list_of(gives.name),
            parts,
        )
        return Stage(function, gives, reads)

    def signature(self, takes: RecordClass, reads: Sequence[str]) -> ast.arguments:
        """``records: list[Takes], tally: Tally``, and what else the function reads."""
        given: dict[str, ast.expr] = {
            "records": list_of(takes.name),
            "tally": self.imports.runtime("tally", "Tally"),
        }
        tables = {table.name: table for table in self.tables.values()}
        for name in reads:
            if name in tables:
                given[name] = tables[name].annotation
            elif name == "settings":
                given[name] = self.imports.name(".settings", "Settings")
            else:
                given[name] = self.imports.runtime("environment", "Environment")
        return annotated(**given)


class _Body:
    """The statements of one fused function, step by step."""

    def __init__(self, writer: StageWriter, takes: RecordClass) -> None:
        self.writer = writer
        self.takes = takes
        self.scope = writer.scope()
        self.depth = LOOP_DEPTH
        self.parts: list[PartView] = []
        self.counters: list[tuple[str, str, str]] = []
        # The one step that ends records: what is missing at the end was dropped there.
        self.only_drop: Keep | None = None
        self.came = slots_of(takes)
        self.row = self.came
        self.named = dict.fromkeys(takes.record.names)

    def run(self, steps: Sequence[Step], last: Record) -> None:
        needed = _needed(steps, last)
        ends = [step for step in steps if not isinstance(step, Project)]
        if len(ends) == 1 and isinstance(ends[0], Keep) and ends[0].message is None:
            self.only_drop = ends[0]
        before = ""
        for step, after in zip(steps, needed, strict=True):
            depth = self.depth
            statements = self._step(step, after)
            if statements:
                comment = None if step.node == before else self.writer.comment(step.node)
                self.parts.append(PartView(comment, depth, tuple(statements)))
                before = step.node

    def is_untouched(self, row: Record) -> bool:
        """Whether the record that leaves has the columns that came in, as they came."""
        if row.members is not None:
            return self.row is self.came
        return row.names == self.takes.record.names and all(
            self.row[name].value is self.came[name].value for name in row.names
        )

    def finish(self, gives: RecordClass) -> tuple[PartView, ...]:
        if not self.parts:
            return (PartView(None, 1, (ast.Return(self._all(gives)),)),)
        start: list[ast.stmt] = [
            assign("kept", empty_list(), list_of(gives.name)),
            *(assign(counter, ast.Constant(0)) for counter, _, _ in self.counters),
            loop("record", ast.Name("records")),
        ]
        end = [_drop(node, ast.Name(name), reason) for name, node, reason in self.counters]
        if self.only_drop is not None:
            end.append(_drop(self.only_drop.node, _missing(), self.only_drop.reason))
        end.append(ast.Return(ast.Name("kept")))
        append = ast.Expr(method("kept", "append", self._result(gives)))
        return (
            PartView(None, 1, tuple(start)),
            *self.parts,
            PartView(None, self.depth, (append,)),
            PartView(None, 1, tuple(end)),
        )

    def _all(self, gives: RecordClass) -> ast.expr:
        """The records that leave where nothing is tested or computed."""
        result = self._result(gives)
        if isinstance(result, ast.Name):
            return ast.Name("records")
        each = ast.comprehension(ast.Name("record"), ast.Name("records"), [], 0)
        return ast.ListComp(result, [each])

    def _result(self, gives: RecordClass) -> ast.expr:
        if gives is self.takes and self.is_untouched(gives.record):
            return ast.Name("record")
        if gives.record.members is not None:
            return self._member(gives.record.members)
        return construct(gives, self.row, self._rest(gives))

    def _member(self, gives: Union) -> ast.expr:
        """The record of each member that came in as the one that leaves."""
        came = self.takes.record.members
        if came is None:
            (only,) = self.writer.classes.members(gives).values()
            return construct(only, self.row)
        before = self.writer.classes.members(came)
        result: ast.expr | None = None
        for tag, made in reversed(self.writer.classes.members(gives).items()):
            value = construct(made, self.row)
            if result is None:
                result = value
                continue
            test = call(ast.Name("isinstance"), ast.Name("record"), ast.Name(before[tag].name))
            result = ast.IfExp(test, value, result)
        assert result is not None
        return result

    def _rest(self, gives: RecordClass) -> ast.expr | None:
        """The rest of the record that came in, without what was dropped or renamed."""
        if not (self.takes.keeps_rest and gives.keeps_rest):
            return None
        rest = attribute(ast.Name("record"), "rest_")
        gone = [name for name in self.named if name not in gives.record.names]
        if not gone:
            return rest
        without = self.writer.imports.runtime("codecs.openlines", "without")
        return call(without, rest, *map(ast.Constant, gone))

    def _union(self) -> Union | None:
        """The union that the records which came in are of, while its tag is a column."""
        union = self.takes.record.members
        tag = None if union is None else self.row.get(union.discriminator)
        if union is None or tag is None:
            return None
        return union if tag.value is self.came[union.discriminator].value else None

    def _resolver(self) -> Resolver:
        return Resolver(self.writer.classes, self.row, self._union())

    def _lowering(self) -> Lowering:
        return self.scope.lowering(self._resolver())

    def _step(self, step: Step, needed: frozenset[str]) -> list[ast.stmt]:
        match step:
            case Keep():
                return self._keep(step)
            case Project():
                return self._project(step, needed)
            case Expand():
                return self._expand(step)
            case Find():
                return self._find(step)
            case _:
                assert_never(step)

    def _keep(self, step: Keep) -> list[ast.stmt]:
        test = self._lowering().failing(step.condition)
        if step is self.only_drop:
            return [when(test, ast.Continue())]
        if step.message is None:
            return [when(test, count(self._counter(step.node, step.reason)), ast.Continue())]
        error = call(
            self.writer.imports.runtime("errors", "ValidationError"), ast.Constant(step.message)
        )
        reject = method("tally", "reject", ast.Constant(step.node), ast.Name("record"), error)
        return [when(test, ast.Expr(reject), ast.Continue())]

    def _counter(self, node: str, reason: str) -> str:
        what = "dropped" if reason == "filtered" else reason
        counter = self.scope.names.variable(f"{node}_{what}", "dropped")
        self.counters.append((counter, node, reason))
        return counter

    def _project(self, step: Project, needed: frozenset[str]) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        self.named |= dict.fromkeys(step.row.names)
        row: dict[str, Slot] = {}
        resolver = self._resolver()
        lowering = self._lowering()
        for name, value in step.columns:
            field = step.row.field(name)
            if field is None:
                raise EmissionError(f"{step.node} makes a column {name} that its row lacks")
            if isinstance(value, Column) and name not in needed:
                continue
            if isinstance(value, Column) and (field.optional or _is_there(value, resolver)):
                slot = resolver.slot(value.path)
                type = real_type(field.type, slot.type, self.writer.classes)
                kept = lowering.carried(value, field) if field.optional else slot.value
                if not is_plain(kept):
                    local = self.scope.names.variable(name, "column")
                    statements.append(assign(local, kept))
                    kept = ast.Name(local)
                row[name] = Slot(kept, type, field.optional)
                continue
            if name not in needed and not errors_of(value):
                continue
            made = lowering.value(value)
            if name not in needed:
                statements.append(_for_its_errors(made))
            elif isinstance(value, Const) and isinstance(made, ast.Constant):
                row[name] = Slot(made, field.type)
            else:
                local = self.scope.names.variable(name, "column")
                statements.append(assign(local, made))
                row[name] = Slot(ast.Name(local), field.type)
        if self.takes.record.members is not None:
            # What only some members have goes on, where the stage names nothing like it.
            row = {**self.row, **row}
        self.row = row
        return statements

    def _expand(self, step: Expand) -> list[ast.stmt]:
        items = self.scope.names.variable(f"{step.name}_items", "items")
        item = self.scope.names.variable(step.name, "item")
        source = self._lowering().value(step.items)
        if step.keep_empty:
            # A tuple, since a list of null is none of the list's own type.
            none = ast.Tuple([ast.Constant(None)], ast.Load())
            source = ast.BoolOp(ast.Or(), [source, none])
        statements: list[ast.stmt] = [assign(items, source)]
        statements += self._one_for_each(
            step.node, items, item, "empty", can_be_empty=not step.keep_empty
        )
        of = strip_null(step.items.type)
        field = step.row.field(step.name)
        if field is None or not isinstance(of, ListType):
            raise EmissionError(f"{step.node} expands what is no list")
        self.row = {**self.row, step.name: Slot(ast.Name(item), field.type)}
        return statements

    def _find(self, step: Find) -> list[ast.stmt]:
        """What a table holds under a key, as a local."""
        table = self.writer.tables[step.table]
        self.scope.reads.add(table.name)
        lowering = self._lowering()
        values = [lowering.value(key) for key in step.keys]
        key = values[0] if len(values) == 1 else tuple_of(values)
        local = self.scope.names.variable(step.name, "found")
        outside = self.row
        held = table.gives.record
        self.row = {**outside, step.name: Slot(ast.Name(local), held)}
        inside = self._lowering()
        if step.keep:
            self.row = {**outside, step.name: Slot(ast.Name(local), nullable(held))}
        many = method(table.name, "all", key)
        if not step.several:
            return self._found_one(step, local, method(table.name, "get", key), inside)
        if step.condition is None:
            matches: ast.expr = many
        else:
            test = inside.condition(step.condition)
            each = ast.comprehension(ast.Name(local), many, [test], 0)
            matches = (ast.ListComp if step.many else ast.GeneratorExp)(ast.Name(local), [each])
        if not step.many:
            first = call(ast.Name("next"), matches, ast.Constant(None))
            return self._found_one(replace(step, condition=None), local, first, inside)
        found = self.scope.names.variable(f"{step.name}_matches", "matches")
        if step.keep:
            # A tuple, since a list of null is none of the table's own type.
            none = ast.Tuple([ast.Constant(None)], ast.Load())
            matches = ast.BoolOp(ast.Or(), [matches, none])
        return [
            assign(found, matches),
            *self._one_for_each(step.node, found, local, _NO_MATCH, can_be_empty=not step.keep),
        ]

    def _found_one(
        self, step: Find, local: str, found: ast.expr, inside: Lowering
    ) -> list[ast.stmt]:
        """``local = found``, and what happens where it is nothing or not as it must be."""
        here = ast.Name(local)
        statements: list[ast.stmt] = [assign(local, found)]
        failing = None if step.condition is None else inside.failing(step.condition)
        if step.keep:
            if failing is not None:
                there = ast.Compare(here, [ast.IsNot()], [ast.Constant(None)])
                wrong = ast.BoolOp(ast.And(), [there, failing])
                statements.append(when(wrong, assign(local, ast.Constant(None))))
            return statements
        nothing: ast.expr = ast.Compare(here, [ast.Is()], [ast.Constant(None)])
        if failing is not None:
            nothing = ast.BoolOp(ast.Or(), [nothing, failing])
        counter = self._counter(step.node, _NO_MATCH)
        return [*statements, when(nothing, count(counter), ast.Continue())]

    def _one_for_each(
        self, node: str, items: str, item: str, reason: str, *, can_be_empty: bool
    ) -> list[ast.stmt]:
        """A loop over the list ``items``, with its records accounted."""
        statements: list[ast.stmt] = []
        if can_be_empty:
            counter = self._counter(node, reason)
            statements.append(when(negated(ast.Name(items)), count(counter), ast.Continue()))
        more = ast.BinOp(call(ast.Name("len"), ast.Name(items)), ast.Sub(), ast.Constant(1))
        statements.append(ast.Expr(method("tally", "produce", ast.Constant(node), more)))
        statements.append(loop(item, ast.Name(items)))
        self.depth += 1
        return statements


def _drop(node: str, count: ast.expr, reason: str) -> ast.stmt:
    arguments: list[ast.expr] = [ast.Constant(node), count]
    if reason != "filtered":
        arguments.append(ast.Constant(reason))
    return ast.Expr(method("tally", "drop", *arguments))


def _missing() -> ast.expr:
    """``len(records) - len(kept)``."""
    came, kept = (call(ast.Name("len"), ast.Name(name)) for name in ("records", "kept"))
    return ast.BinOp(came, ast.Sub(), kept)


def _is_there(value: Column, resolver: Resolver) -> bool:
    """Whether a column can be read by its attribute alone: no step of it may be missing."""
    way = (resolver.slot(value.path[:size]) for size in range(1, len(value.path)))
    known = all(not step.optional and not may_be_null(step.type) for step in way)
    return known and not resolver.slot(value.path).optional


def _for_its_errors(value: ast.expr) -> ast.stmt:
    """An expression evaluated for the error it may raise."""
    return ast.Expr(value) if isinstance(value, ast.Call) else assign("_", value)


def _needed(steps: Sequence[Step], last: Record) -> list[frozenset[str]]:
    """The columns that are read after each step."""
    needed = frozenset(last.names)
    found: list[frozenset[str]] = []
    for step in reversed(steps):
        found.append(needed)
        match step:
            case Keep(condition=condition):
                needed |= _tops(condition)
            case Project(columns=made):
                needed = frozenset[str]().union(
                    *(_tops(value) for name, value in made if name in needed or errors_of(value))
                )
            case Expand(items=items, name=name):
                needed = (needed - {name}) | _tops(items)
            case Find(keys=keys, name=name, condition=condition):
                asked = frozenset() if condition is None else _tops(condition)
                needed = ((needed | asked) - {name}).union(*map(_tops, keys))
            case _:
                assert_never(step)
    return found[::-1]


def _tops(expression: Typed) -> frozenset[str]:
    return frozenset(path[0] for path in columns(expression))
