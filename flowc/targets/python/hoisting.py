"""Values that Python would make anew for each record, made once above the functions."""

from __future__ import annotations

import ast
import re

from flowc.targets.names import Names
from flowc.targets.python.syntax import assign

#: Codecs of texts, made once for a type: ``JsonText`` is ``JSON_TEXT``.
_CODEC = re.compile(r"([A-Z][a-z0-9]+)Text")

#: Constructors of values that never change, and what their constants are called.
_KINDS = {
    "datetime": "TIMESTAMP",
    "date": "DATE",
    "timedelta": "DURATION",
    "Decimal": "DECIMAL",
    "UUID": "UUID",
}


class Constants(ast.NodeTransformer):
    """Replaces constructor calls of plain values by names of the module."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._made: dict[str, tuple[str, ast.expr]] = {}

    def hoisted(self, value: ast.expr) -> ast.expr:
        """The expression, its constants named."""
        made: ast.expr = self.visit(value)
        return made

    @property
    def statements(self) -> tuple[ast.stmt, ...]:
        """``TIMESTAMP = dt.datetime(…)`` for each, in the order of first use."""
        return tuple(assign(name, value) for name, value in self._made.values())

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        kind = _constructor(node)
        if kind is None:
            return node
        key = ast.dump(node)
        if key not in self._made:
            self._made[key] = (self._names.take(kind), node)
        return ast.Name(self._made[key][0])


def _constructor(node: ast.Call) -> str | None:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="dt"), attr=name):
            pass
        case _:
            return None
    if codec := _CODEC.fullmatch(name):
        return f"{codec[1].upper()}_TEXT"
    arguments = [*node.args, *(k.value for k in node.keywords if k.arg != "tzinfo")]
    return _KINDS.get(name) if all(map(_is_plain, arguments)) else None


def _is_plain(value: ast.expr) -> bool:
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    return isinstance(value, ast.Constant)
