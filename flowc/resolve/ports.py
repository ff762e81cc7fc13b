"""The ports of tee and route: one for each branch."""

from __future__ import annotations

from flowc.catalog.spec import Form, Operator, Port
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Expr
from flowc.model.tree import Item, Stage
from flowc.resolve.forms import condition


def ports_of(stage: Stage, reporter: Reporter | None) -> tuple[Port, ...]:
    """The ports of a stage's branches; conditions are checked where there is a reporter."""
    ports: list[Port] = []
    for index, branch in enumerate(stage.block or ()):
        name = "else" if branch.otherwise else str(index)
        test: Expr | None = branch.condition
        if test is not None and reporter is not None:
            test = condition(Item(test, branch.span), reporter)
        ports.append(Port(name, test, branch.otherwise, branch.discards, branch.span))
    return tuple(ports)


def is_route(operator: Operator, stage: Stage) -> bool:
    """Whether records leave by branches only: a route."""
    has_branches = any(p.form is Form.BRANCHES for p in operator.parameters)
    return has_branches and any(b.condition is not None or b.otherwise for b in stage.block or ())
