"""A route as a function that divides a list of records among its branches."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from flowc.model.plan import Route
from flowc.targets.python.records import RecordClass
from flowc.targets.python.slots import Resolver, construct, slots_of
from flowc.targets.python.stages import LOOP_DEPTH, Stage, StageWriter
from flowc.targets.python.syntax import (
    assign,
    attribute,
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
    writer: StageWriter,
    name: str,
    body: Route,
    takes: RecordClass,
    gives: Mapping[str, RecordClass],
) -> tuple[Stage, tuple[str, ...]]:
    """The function, and the ports in the order of the lists it returns.

    Args:
        gives: the class of the records that leave by a port, where it is another.
    """
    inside = writer.scope()
    scope = inside.names
    ports = [port for port, _ in body.branches]
    if body.otherwise is not None:
        ports.append(body.otherwise)
    lists = {
        port: scope.variable("otherwise" if port == "else" else f"branch_{port}", "branch")
        for port in ports
    }
    kinds = {port: gives.get(port, takes).name for port in ports}
    start: list[ast.stmt] = [
        assign(lists[port], empty_list(), list_of(kinds[port])) for port in ports
    ]
    slots = slots_of(takes)

    def append(port: str) -> ast.stmt:
        rest = attribute(ast.Name("record"), "rest_") if takes.keeps_rest else None
        same = port not in gives or gives[port].record.members is not None
        made = ast.Name("record") if same else construct(gives[port], slots, rest)
        return ast.Expr(method(lists[port], "append", made))

    end: list[ast.stmt] = []
    if body.otherwise is None:
        unmatched = scope.take("unmatched")
        start.append(assign(unmatched, ast.Constant(0)))
        decision: list[ast.stmt] = [count(unmatched)]
        reason = ast.Constant("no branch")
        drop = method("tally", "drop", ast.Constant(body.node), ast.Name(unmatched), reason)
        end.append(ast.Expr(drop))
    else:
        decision = [append(body.otherwise)]
    start.append(loop("record", ast.Name("records")))
    lowering = inside.lowering(Resolver(writer.classes, slots, takes.record.members))
    for port, condition in reversed(body.branches):
        test = lowering.condition(condition)
        decision = [ast.If(test, [append(port)], decision)]
    end.append(ast.Return(tuple_of(ast.Name(lists[port]) for port in ports)))
    reads = tuple(sorted(inside.reads))
    function = FunctionView(
        name,
        writer.comment(body.node),
        writer.signature(takes, reads),
        generic("tuple", *(list_of(kinds[port]) for port in ports)),
        (
            PartView(None, 1, tuple(start)),
            PartView(writer.comment(body.node), LOOP_DEPTH, tuple(decision)),
            PartView(None, 1, tuple(end)),
        ),
    )
    return Stage(function, takes, reads), tuple(ports)
