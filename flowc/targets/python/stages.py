"""A run of pure steps as one function over a list of records.

Computed columns are locals, so nothing is evaluated twice; a column that nobody reads is
left out unless computing it can fail, because dead letters must not depend on that.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from flowc.model.plan import CallPure, Expand, Keep, NodeInfo, Project, Route, Step
from flowc.model.typed import Apply, Column, Const, Typed, children, columns
from flowc.model.types import ListType, Record, Type, strip_null
from flowc.targets.base import EmissionError
from flowc.targets.names import Names
from flowc.targets.python.expressions import Expressions
from flowc.targets.python.records import RecordClass, RecordClasses, shape
from flowc.targets.python.syntax import (
    assign,
    attribute,
    call,
    count,
    list_of,
    method,
    when,
)
from flowc.targets.python.views import CommentView, FunctionView, PartView

#: Depth of the statements of the loop over the records.
_LOOP_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a column of the current row is found, and its type there."""

    value: ast.expr
    type: Type
    optional: bool = False


def can_fail(expression: Typed) -> bool:
    """Whether evaluating the expression can raise a record error."""
    stack = [expression]
    while stack:
        here = stack.pop()
        if isinstance(here, Apply) and (here.errors or here.checked):
            return True
        stack.extend(children(here))
    return False


class StageWriter:
    """Writes the functions of one module. ``places`` tells where each node was written."""

    def __init__(
        self,
        classes: RecordClasses,
        expressions: Expressions,
        nodes: Sequence[NodeInfo],
        names: Names,
    ) -> None:
        self.classes = classes
        self.expressions = expressions
        self.names = names
        self.nodes = {node.id: node for node in nodes}

    def comment(self, node: str) -> CommentView:
        info = self.nodes[node]
        return CommentView(info.place, info.text)

    def fused(
        self,
        name: str,
        steps: Sequence[Step],
        nodes: Sequence[str],
        takes: RecordClass,
        gives: RecordClass,
    ) -> FunctionView:
        """The function that does the work of ``steps`` on a list of records."""
        body = _Body(self, takes, gives)
        body.run(steps)
        parts = body.finish()
        return FunctionView(
            name,
            CommentView(
                self.nodes[nodes[0]].place, " | ".join(self.nodes[node].text for node in nodes)
            ),
            self._signature(takes, uses_settings=body.uses_settings),
            list_of(gives.name),
            parts,
        )

    def route(self, name: str, body: Route, takes: RecordClass) -> FunctionView:
        """The function that divides a list of records by the conditions of a route."""
        scope = self.names.child()
        for word in ("records", "record", "tally", "settings"):
            scope.take(word)
        row = {
            f.name: Slot(
                attribute(ast.Name("record"), takes.attributes[f.name]), f.type, f.optional
            )
            for f in takes.record.fields
        }
        ports = [port for port, _ in body.branches]
        if body.otherwise is not None:
            ports.append(body.otherwise)
        lists = {port: scope.variable(f"branch_{port}", "branch") for port in ports}
        start: list[ast.stmt] = [
            assign(lists[port], ast.List([], ast.Load()), list_of(takes.name)) for port in ports
        ]
        if body.otherwise is None:
            unmatched = scope.take("unmatched")
            start.append(assign(unmatched, ast.Constant(0)))
            rest: ast.stmt = count(unmatched)
        else:
            rest = ast.Expr(method(lists[body.otherwise], "append", ast.Name("record")))
        decision = [rest]
        resolver = Resolver(self.classes, row)
        for port, condition in reversed(body.branches):
            test = self.expressions.condition(condition, resolver)
            append = ast.Expr(method(lists[port], "append", ast.Name("record")))
            decision = [ast.If(test, [append], decision)]
        uses_settings = self.expressions.take_settings_used()
        end: list[ast.stmt] = []
        if body.otherwise is None:
            end.append(
                ast.Expr(
                    method(
                        "tally",
                        "drop",
                        ast.Constant(body.node),
                        ast.Name(unmatched),
                        ast.Constant("no branch"),
                    )
                )
            )
        end.append(
            ast.Return(ast.Tuple([ast.Name(lists[port]) for port in ports], ast.Load()))
        )
        parts = (
            PartView(None, 1, tuple(start)),
            PartView(None, 1, (_loop("record", ast.Name("records")),)),
            PartView(self.comment(body.node), _LOOP_DEPTH, tuple(decision)),
            PartView(None, 1, tuple(end)),
        )
        returns = ast.Subscript(
            ast.Name("tuple"),
            ast.Tuple([list_of(takes.name) for _ in ports], ast.Load()),
            ast.Load(),
        )
        return FunctionView(
            name,
            self.comment(body.node),
            self._signature(takes, uses_settings=uses_settings),
            returns,
            parts,
        )

    def _signature(self, takes: RecordClass, *, uses_settings: bool) -> ast.arguments:
        tally = self.expressions.imports.runtime("tally", "Tally")
        arguments = [ast.arg("records", list_of(takes.name)), ast.arg("tally", tally)]
        if uses_settings:
            settings = self.expressions.imports.name(".settings", "Settings")
            arguments.append(ast.arg("settings", settings))
        return ast.arguments([], arguments, None, [], [], None, [])


class Resolver:
    """Columns of the current row as Python expressions."""

    def __init__(self, classes: RecordClasses, row: dict[str, Slot]) -> None:
        self._classes = classes
        self._row = row

    def __call__(self, column: Column) -> ast.expr:
        slot = self._row[column.path[0]]
        value, type = slot.value, slot.type
        for name in column.path[1:]:
            record = strip_null(type)
            if not isinstance(record, Record):
                raise EmissionError(f"the column {'.'.join(column.path)} is no record's field")
            field = record.field(name)
            assert field is not None
            value = attribute(value, self._classes.of(record).attributes[name])
            type = field.type
        return value


class _Body:
    """The statements of one fused function, step by step."""

    def __init__(self, writer: StageWriter, takes: RecordClass, gives: RecordClass) -> None:
        self.writer = writer
        self.takes = takes
        self.gives = gives
        self.scope = writer.names.child()
        for word in ("records", "record", "tally", "settings", "kept"):
            self.scope.take(word)
        self.depth = _LOOP_DEPTH
        self.parts: list[PartView] = []
        self.counters: list[tuple[str, str, str]] = []
        self.uses_settings = False
        record = ast.Name("record")
        self.row = {
            f.name: Slot(attribute(record, takes.attributes[f.name]), f.type, f.optional)
            for f in takes.record.fields
        }
        self.untouched: ast.expr | None = record

    def run(self, steps: Sequence[Step]) -> None:
        needed = _needed(steps, self.gives.record)
        for step, after in zip(steps, needed, strict=True):
            statements: list[ast.stmt]
            depth = self.depth
            match step:
                case Keep():
                    statements = self._keep(step)
                case Project():
                    statements = self._project(step, after)
                case Expand():
                    statements = self._expand(step)
                case CallPure():
                    raise EmissionError("pure user code inside a fused function")
                case _:
                    assert_never(step)
            if statements:
                comment = self.writer.comment(step.node)
                self.parts.append(PartView(comment, depth, tuple(statements)))
        self.uses_settings = self.writer.expressions.take_settings_used()

    def finish(self) -> tuple[PartView, ...]:
        start: list[ast.stmt] = [
            assign("kept", ast.List([], ast.Load()), list_of(self.gives.name)),
            *(assign(counter, ast.Constant(0)) for counter, _, _ in self.counters),
            _loop("record", ast.Name("records")),
        ]
        end: list[ast.stmt] = [
            *(self._drop(*counter) for counter in self.counters),
            ast.Return(ast.Name("kept")),
        ]
        append = ast.Expr(method("kept", "append", self._result()))
        return (
            PartView(None, 1, tuple(start)),
            *self.parts,
            PartView(None, self.depth, (append,)),
            PartView(None, 1, tuple(end)),
        )

    def _drop(self, counter: str, node: str, reason: str) -> ast.stmt:
        arguments: list[ast.expr] = [ast.Constant(node), ast.Name(counter)]
        if reason != "filtered":
            arguments.append(ast.Constant(reason))
        return ast.Expr(method("tally", "drop", *arguments))

    def _result(self) -> ast.expr:
        if self.untouched is not None and self.gives == self.takes:
            return self.untouched
        keywords = [
            ast.keyword(self.gives.attributes[f.name], self.row[f.name].value)
            for f in self.gives.record.fields
        ]
        return ast.Call(ast.Name(self.gives.name), [], keywords)

    def _resolver(self) -> Resolver:
        return Resolver(self.writer.classes, self.row)

    def _keep(self, step: Keep) -> list[ast.stmt]:
        expressions = self.writer.expressions
        test = ast.UnaryOp(ast.Not(), expressions.condition(step.condition, self._resolver()))
        if step.message is None:
            counter = self.scope.variable(f"{step.node}_dropped", "dropped")
            self.counters.append((counter, step.node, step.reason))
            return [when(test, count(counter), ast.Continue())]
        error = call(
            expressions.imports.runtime("errors", "ValidationError"), ast.Constant(step.message)
        )
        reject = method("tally", "reject", ast.Constant(step.node), ast.Name("record"), error)
        return [when(test, ast.Expr(reject), ast.Continue())]

    def _project(self, step: Project, needed: frozenset[str]) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        row: dict[str, Slot] = {}
        resolver = self._resolver()
        for name, value in step.columns:
            field = step.row.field(name)
            assert field is not None
            if isinstance(value, Column) and len(value.path) == 1:
                row[name] = self.row[value.path[0]]
                continue
            wanted = name in needed
            if not wanted and not can_fail(value):
                continue
            made = self.writer.expressions.value(value, resolver)
            if isinstance(value, Const) and isinstance(made, ast.Constant):
                row[name] = Slot(made, field.type)
                continue
            if not wanted:
                statements.append(made_only_to_fail(made))
                continue
            local = self.scope.variable(name, "column")
            statements.append(assign(local, made))
            row[name] = Slot(ast.Name(local), field.type)
        if shape(step.row) != shape(self.takes.record) or not self._same_columns(row):
            self.untouched = None
        self.row = row
        return statements

    def _same_columns(self, row: dict[str, Slot]) -> bool:
        return row.keys() == self.row.keys() and all(
            row[name].value is self.row[name].value for name in row
        )

    def _expand(self, step: Expand) -> list[ast.stmt]:
        expressions = self.writer.expressions
        items = self.scope.variable(f"{step.name}_items", "items")
        item = self.scope.variable(step.name, "item")
        source = expressions.value(step.items, self._resolver())
        statements: list[ast.stmt] = [assign(items, source)]
        empty = ast.UnaryOp(ast.Not(), ast.Name(items))
        produced = ast.BinOp(call(ast.Name("len"), ast.Name(items)), ast.Sub(), ast.Constant(1))
        if step.keep_empty:
            none = ast.List([ast.Constant(None)], ast.Load())
            statements.append(assign(items, ast.BoolOp(ast.Or(), [ast.Name(items), none])))
        else:
            counter = self.scope.variable(f"{step.node}_empty", "empty")
            self.counters.append((counter, step.node, "empty"))
            statements.append(when(empty, count(counter), ast.Continue()))
        statements.append(ast.Expr(method("tally", "produce", ast.Constant(step.node), produced)))
        statements.append(_loop(item, ast.Name(items)))
        self.depth += 1
        of = strip_null(step.items.type)
        item_type = of.item if isinstance(of, ListType) else of
        field = step.row.field(step.name)
        self.row = {
            **self.row,
            step.name: Slot(ast.Name(item), item_type if field is None else field.type),
        }
        self.untouched = None
        return statements


def made_only_to_fail(value: ast.expr) -> ast.stmt:
    """An expression evaluated for the error it may raise."""
    return ast.Expr(value) if isinstance(value, ast.Call) else assign("_", value)


def _loop(name: str, values: ast.expr) -> ast.stmt:
    """The head of a loop; what stands in it are the following parts, one level deeper."""
    return ast.For(ast.Name(name), values, [], [], lineno=0)


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
                needed = frozenset().union(
                    *(_tops(value) for name, value in made if name in needed or can_fail(value))
                )
            case Expand(items=items, name=name):
                needed = (needed - {name}) | _tops(items)
            case CallPure(processor=processor):
                needed = frozenset(processor.input.names)
            case _:
                assert_never(step)
    return found[::-1]


def _tops(expression: Typed) -> frozenset[str]:
    return frozenset(path[0] for path in columns(expression))
