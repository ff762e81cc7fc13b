"""A route as a function that divides a list of records among its branches."""

from __future__ import annotations

import ast

from flowc.model.plan import Route
from flowc.targets.python.records import RecordClass
from flowc.targets.python.stages import LOOP_DEPTH, Resolver, Stage, StageWriter, slots_of
from flowc.targets.python.syntax import (
    assign,
    count,
    empty_list,
    generic,
    list_of,
    loop,
    method,
    tuple_of,
)
from flowc.targets.python.views import FunctionView, PartView


def route_function(
    writer: StageWriter, name: str, body: Route, takes: RecordClass
) -> tuple[Stage, tuple[str, ...]]:
    """The function, and the ports in the order of the lists it returns."""
    inside = writer.scope()
    scope = inside.names
    ports = [port for port, _ in body.branches]
    if body.otherwise is not None:
        ports.append(body.otherwise)
    lists = {
        port: scope.variable("otherwise" if port == "else" else f"branch_{port}", "branch")
        for port in ports
    }
    start: list[ast.stmt] = [
        assign(lists[port], empty_list(), list_of(takes.name)) for port in ports
    ]
    end: list[ast.stmt] = []
    if body.otherwise is None:
        unmatched = scope.take("unmatched")
        start.append(assign(unmatched, ast.Constant(0)))
        decision: list[ast.stmt] = [count(unmatched)]
        reason = ast.Constant("no branch")
        drop = method("tally", "drop", ast.Constant(body.node), ast.Name(unmatched), reason)
        end.append(ast.Expr(drop))
    else:
        decision = [ast.Expr(method(lists[body.otherwise], "append", ast.Name("record")))]
    start.append(loop("record", ast.Name("records")))
    lowering = inside.lowering(Resolver(writer.classes, slots_of(takes)))
    for port, condition in reversed(body.branches):
        test = lowering.condition(condition)
        append = ast.Expr(method(lists[port], "append", ast.Name("record")))
        decision = [ast.If(test, [append], decision)]
    end.append(ast.Return(tuple_of(ast.Name(lists[port]) for port in ports)))
    reads = tuple(sorted(inside.reads))
    function = FunctionView(
        name,
        writer.comment(body.node),
        writer.signature(takes, reads),
        generic("tuple", *(list_of(takes.name) for _ in ports)),
        (
            PartView(None, 1, tuple(start)),
            PartView(writer.comment(body.node), LOOP_DEPTH, tuple(decision)),
            PartView(None, 1, tuple(end)),
        ),
    )
    return Stage(function, takes, reads), tuple(ports)
