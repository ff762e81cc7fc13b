"""From the parser's reductions to the tree: one method for each rule of ``flow.lark``.

The parser calls a rule's method when the rule is complete, from the leaves up, so nothing
here recurses. What the grammar lets through only to be told well (chained comparisons,
operators of other languages, lists in round brackets) is reported here, and goes on with
what was meant.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import (
    Arithmetic,
    Call,
    Coalesce,
    Comparison,
    Conditional,
    Expr,
    FieldStep,
    Hole,
    IndexStep,
    Inside,
    ListExpr,
    Literal,
    LiteralKind,
    Logic,
    Membership,
    NullTest,
    Path,
    RecordExpr,
    Template,
    Unary,
)
from flowc.model.source import SourceFile, Span, Text
from flowc.model.tree import As, Clause, Item, TypeExpr, Word
from flowc.model.types import DECIMAL, Kind, Ref, Scalar, Type
from flowc.syntax import literals
from flowc.syntax.limits import DEEPEST
from flowc.types.notation import parse_type

FOREIGN_OPERATOR = declare(
    "FC0110", "foreign-operator", "An operator is written as another language writes it"
)
CHAINED = declare("FC0111", "chained-comparison", "Two comparisons stand in one chain")
LONE_EQUALS = declare("FC0112", "misplaced-equals", "`=` stands where nothing is assigned")
ROUND_LIST = declare("FC0113", "round-list", "A list stands in round brackets")
BAD_NUMBER = declare("FC0114", "malformed-number", "A number, date or duration cannot be read")
REPEATED = declare("FC0115", "repeated-part", "A part of a stage is written twice")

#: Digits that a number may have.
MOST_DIGITS = 400

_HOME = {"&&": "and", "||": "or", "===": "==", "!==": "!=", ":=": "="}
_TYPES: dict[str, Type] = {**{kind.value: Scalar(kind) for kind in Kind}, "decimal": DECIMAL}
_KINDS = {kind.name: kind for kind in LiteralKind} | {
    "TRUE": LiteralKind.BOOL,
    "FALSE": LiteralKind.BOOL,
}
_RATE = re.compile(r"\d[\d_]*/(?:ms|s|m|h|d)")


class Token(Protocol):
    """A token of the parser: a text with its place."""

    type: str
    start_pos: int
    end_pos: int

    def __str__(self) -> str: ...


#: What the methods of this module get: tokens and what other methods gave.
Children: TypeAlias = list[Any]


class TooDeep(Exception):
    """An expression is deeper than `DEEPEST`; it is not built any further."""

    def __init__(self, span: Span) -> None:
        super().__init__("too deep")
        self.span = span


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands behind a stage's name."""

    items: tuple[Item, ...]
    clauses: tuple[Clause, ...]
    as_: As | None


@dataclass(frozen=True, slots=True)
class _Order:
    descending: bool | None
    nulls_first: bool | None
    span: Span


@dataclass(frozen=True, slots=True)
class _Where:
    condition: Expr
    span: Span


_NOWHERE = Text.whole(SourceFile("", ""))


class Builder:
    """Builds one tree at a time: `begin`, the parser's calls, `finish`."""

    def __init__(self) -> None:
        self.begin(_NOWHERE, Reporter())

    def begin(self, text: Text, reporter: Reporter) -> None:
        """Forget the last tree; what comes now stands in ``text``."""
        self._text = text
        self._reporter = reporter
        #: How deep the expressions that are not leaves are, by identity.
        self._depths: dict[int, int] = {}
        #: Expressions in brackets of their own, by identity.
        self._closed: set[int] = set()
        self._tuples: dict[int, ListExpr] = {}
        #: Keeps what was replaced alive, so that an identity is never used twice.
        self._kept: list[object] = []

    def finish(self) -> None:
        """Report what only the whole tree shows."""
        for found in self._tuples.values():
            start = Span(found.span.source, found.span.start, found.span.start + 1)
            end = Span(found.span.source, found.span.end - 1, found.span.end)
            self._reporter.error(
                ROUND_LIST,
                "a list stands in square brackets",
                found.span,
                notes=("only behind `in` may it stand in round ones",),
                fixes=(Fix("write `[…]`", (Edit(start, "["), Edit(end, "]"))),),
            )

    # Places and depths

    def _span(self, token: Token) -> Span:
        return self._text.span(token.start_pos, token.end_pos)

    def _between(self, first: Token, last: Token) -> Span:
        return self._text.span(first.start_pos, last.end_pos)

    def _deep(self, node: Expr, children: Sequence[Expr]) -> Expr:
        depths = self._depths
        depth = 1 + max((depths.get(id(child), 1) for child in children), default=0)
        if depth > DEEPEST:
            raise TooDeep(node.span)
        depths[id(node)] = depth
        return node

    def _foreign(self, token: Token) -> str:
        """The operator; one of another language is reported and read as ours."""
        spelling = str(token)
        home = _HOME.get(spelling)
        if home is None:
            return " ".join(spelling.split())
        span = self._span(token)
        self._reporter.error(
            FOREIGN_OPERATOR,
            f"`{spelling}` is written `{home}`",
            span,
            fixes=(Fix(f"write `{home}`", (Edit(span, home),)),),
        )
        return home

    # Arguments, items, clauses

    def arguments(self, children: Children) -> Arguments:
        items: tuple[Item, ...] = ()
        clauses: list[Clause] = []
        as_: As | None = None
        for child in children:
            if isinstance(child, Clause):
                clauses.append(child)
            elif isinstance(child, As):
                if as_ is not None:
                    self._twice("`as`", child.span)
                as_ = child
            else:
                items = tuple(child)
        if len(items) == 1:
            items = (self._rate(items[0]),)
        return Arguments(items, tuple(clauses), as_)

    def _twice(self, what: str, span: Span) -> None:
        self._reporter.error(REPEATED, f"{what} is written twice", span, at="the second one")

    def _rate(self, item: Item) -> Item:
        """``100/s`` alone is a rate; anywhere else it is a division."""
        value = item.value
        if (
            isinstance(value, Arithmetic)
            and item == Item(value, item.span)
            and _RATE.fullmatch(value.span.text)
        ):
            rate = Literal(LiteralKind.RATE, value.span.text.replace("_", ""), value.span)
            return replace(item, value=rate)
        return item

    def counted(self, children: Children) -> list[Item]:
        token, items = children
        spelling, span = str(token), self._span(token)
        value: Expr
        if spelling.startswith("$"):
            value = literals.variable(spelling[2:-1], span, self._reporter) or Hole(span)
        else:
            value = Literal(LiteralKind.INT, spelling.replace("_", ""), span)
        return [Item(value, span), *items]

    def items(self, children: Children) -> list[Item]:
        return children

    def assignment(self, children: Children) -> Item:
        path, equals, value, *suffixes = children
        self._foreign(equals)
        return self._item(value, path, path.span, suffixes)

    def bare_item(self, children: Children) -> Item:
        value, *suffixes = children
        return self._item(value, None, value.span, suffixes)

    def _item(self, value: Expr, target: Path | None, start: Span, suffixes: Children) -> Item:
        if not suffixes:
            return Item(value, start.to(value.span), target)
        as_: As | None = None
        order: _Order | None = None
        where: _Where | None = None
        for suffix in suffixes:
            if isinstance(suffix, As):
                if as_ is not None:
                    self._twice("`as`", suffix.span)
                as_ = suffix
            elif isinstance(suffix, _Order):
                if order is not None:
                    self._twice("the order", suffix.span)
                order = suffix
            else:
                if where is not None:
                    self._twice("`where`", suffix.span)
                where = suffix
        return Item(
            value,
            start.to(suffixes[-1].span),
            target,
            as_,
            order.descending if order else None,
            order.nulls_first if order else None,
            where.condition if where else None,
        )

    def order(self, children: Children) -> _Order:
        descending: bool | None = None
        nulls: bool | None = None
        for token in children:
            if token.type == "DIRECTION":
                descending = str(token) == "desc"
            else:
                nulls = str(token).endswith("first")
        return _Order(descending, nulls, self._between(children[0], children[-1]))

    def where(self, children: Children) -> _Where:
        token, condition = children
        return _Where(condition, self._span(token).to(condition.span))

    def clause(self, children: Children) -> Clause:
        token, *rest = children
        word = Word("by" if str(token).startswith("group") else str(token), self._span(token))
        modifiers: tuple[Word, ...] = ()
        items: tuple[Item, ...] = ()
        end = word.span
        for child in rest:
            if isinstance(child, list):
                items = tuple(child)
                end = items[-1].span
            else:
                modifiers = (Word(str(child), self._span(child)),)
                end = modifiers[0].span
        return Clause(word, modifiers, items, word.span.to(end))

    flag = clause

    # Types

    def alias(self, children: Children) -> As:
        token, type = children
        return As(type, None, self._span(token).to(type.span))

    def format_type(self, children: Children) -> As:
        token, type, argument = children
        return As(type, argument, self._span(token).to(argument.span))

    format_text = format_type

    def written_type(self, children: Children) -> TypeExpr:
        first, last = children[0], children[-1]
        span = self._between(first, last)
        if first is not last or first.type == "LBRACE":
            text = self._text.slice(first.start_pos, last.end_pos)
            return TypeExpr(parse_type(text, self._reporter), span)
        if first.type == "NAME":
            name = str(first)
            return TypeExpr(_TYPES.get(name) or Ref(name, span), span)
        return TypeExpr(Ref(self._name(first), span), span)

    def type_mark(self, children: Children) -> Any:
        return children[-1]

    type_part = type_mark

    # Expressions

    def conditional(self, children: Children) -> Expr:
        start, condition, _, then, _, otherwise = children
        span = self._span(start).to(otherwise.span)
        node = Conditional(condition, then, otherwise, span)
        return self._deep(node, (condition, then, otherwise))

    def disjunction(self, children: Children) -> Expr:
        for token in children[1::2]:
            self._foreign(token)
        operands = tuple(children[::2])
        node = Logic("or", operands, operands[0].span.to(operands[-1].span))
        return self._deep(node, operands)

    def conjunction(self, children: Children) -> Expr:
        for token in children[1::2]:
            self._foreign(token)
        operands = tuple(children[::2])
        node = Logic("and", operands, operands[0].span.to(operands[-1].span))
        return self._deep(node, operands)

    def negation(self, children: Children) -> Expr:
        token, operand = children
        return self._deep(Unary("not", operand, self._span(token).to(operand.span)), (operand,))

    def signed(self, children: Children) -> Expr:
        token, operand = children
        span = self._span(token).to(operand.span)
        return self._deep(Unary(str(token), operand, span), (operand,))

    def compare(self, children: Children) -> Expr:
        left, token, right = children
        operator = self._foreign(token)
        span = left.span.to(right.span)
        if isinstance(left, Comparison) and id(left) not in self._closed:
            return self._chained(left, token, operator, right)
        self._lone(left, token)
        if operator == "=" and (not isinstance(left, Path) or id(left) in self._closed):
            edit = Edit(self._span(token), "==")
            self._reporter.error(
                LONE_EQUALS,
                "`=` has a field to its left; values are compared by `==`",
                edit.span,
                fixes=(Fix("write `==`", (edit,)),),
            )
            operator = "=="
        return self._deep(self._comparison(left, operator, right, token, span), (left, right))

    def _comparison(
        self, left: Expr, operator: str, right: Expr, token: Token, span: Span
    ) -> Comparison | NullTest:
        if operator == "<>":
            operator = "!="
        if operator in ("==", "!=", "is", "is not"):
            for value, other in ((left, right), (right, left)):
                if isinstance(other, Literal) and other.kind is LiteralKind.NULL:
                    return NullTest(value, operator in ("!=", "is not"), span)
        return Comparison(operator, left, right, span, self._span(token))

    def _chained(self, left: Comparison, token: Token, operator: str, right: Expr) -> Expr:
        """``1 <= x <= 10``: told, and read as what it means elsewhere."""
        middle = left.right
        insert = Edit(left.span.at_end(), f" and {middle.span.text}")
        self._reporter.error(
            CHAINED,
            "comparisons do not chain",
            self._span(token),
            at="a second comparison",
            notes=(f"`{left.span.text}` is true or false, not `{middle.span.text}`",),
            fixes=(
                Fix(f"write `{left.span.text} and {middle.span.text} {operator} …`", (insert,)),
            ),
        )
        second = self._comparison(middle, operator, right, token, middle.span.to(right.span))
        self._deep(second, (middle, right))
        node = Logic("and", (left, second), left.span.to(right.span))
        return self._deep(node, (left, second))

    def _lone(self, left: Expr, token: Token) -> None:
        """Report a comparison as the operand of another one, unless brackets say so."""
        if isinstance(left, Comparison | NullTest | Membership) and id(left) not in self._closed:
            start = Span(left.span.source, left.span.start, left.span.start)
            edits = (Edit(start, "("), Edit(left.span.at_end(), ")"))
            self._reporter.error(
                CHAINED,
                "comparisons do not chain",
                self._span(token),
                at="a second comparison",
                fixes=(Fix(f"write `({left.span.text})`", edits, Safety.UNSAFE),),
            )

    def membership(self, children: Children) -> Expr:
        value, token, collection = children
        self._lone(value, token)
        negated = str(token).startswith("not")
        span = value.span.to(collection.span)
        self._tuples.pop(id(collection), None)
        if id(collection) in self._closed and not isinstance(collection, ListExpr):
            single = ListExpr((collection,), collection.span)
            collection = self._deep(single, (collection,))
        node = Membership(value, collection, negated, span)
        return self._deep(node, (value, collection))

    def default(self, children: Children) -> Expr:
        value, _, default = children
        node = Coalesce(value, default, value.span.to(default.span))
        return self._deep(node, (value, default))

    def arithmetic(self, children: Children) -> Expr:
        left, token, right = children
        node = Arithmetic(str(token), left, right, left.span.to(right.span), self._span(token))
        return self._deep(node, (left, right))

    def paren(self, children: Children) -> Expr:
        start, inner, end = children
        self._kept.append(inner)
        node: Expr = replace(inner, span=self._between(start, end))
        self._depths[id(node)] = self._depths.get(id(inner), 1)
        if id(inner) in self._tuples:
            self._tuples[id(node)] = self._tuples.pop(id(inner))
        self._closed.add(id(node))
        return node

    def round_list(self, children: Children) -> Expr:
        start, first, *rest, end = children
        items = (first, *(rest[0] if rest else ()))
        node = ListExpr(items, self._between(start, end))
        self._tuples[id(node)] = node
        return self._deep(node, items)

    def list_expr(self, children: Children) -> Expr:
        start, *rest, end = children
        items = tuple(rest[0]) if rest else ()
        return self._deep(ListExpr(items, self._between(start, end)), items)

    def record_expr(self, children: Children) -> Expr:
        start, *pairs, end = children
        node = RecordExpr(tuple(pairs), self._between(start, end))
        return self._deep(node, tuple(value for _, value in pairs))

    def pair(self, children: Children) -> tuple[str, Expr]:
        token, _, value = children
        return (self._name(token), value)

    def values(self, children: Children) -> list[Expr]:
        return children

    def call(self, children: Children) -> Expr:
        name, *rest = children
        arguments = tuple(rest[1]) if len(rest) == 3 else ()
        span = self._between(name, rest[-1])
        return self._deep(Call(str(name), arguments, span, self._span(name)), arguments)

    # Paths and leaves

    def _name(self, token: Token) -> str:
        """The field that a word, a backtick or a quoted text names."""
        spelling = str(token)
        if token.type == "NAME":
            return spelling
        if token.type == "BACKTICK":
            return spelling[1:-1]
        skip = 1 if token.type == "ODD" else 0
        start = token.start_pos + skip

        def place(a: int, b: int) -> Span:
            return self._text.span(start + a, start + b)

        return literals.quoted_name(spelling[skip:], place, self._reporter)

    def field(self, children: Children) -> Path:
        token = children[0]
        span = self._span(token)
        return Path((FieldStep(self._name(token), span, token.type != "NAME"),), span)

    def step(self, children: Children) -> Path:
        path, _, token = children
        span = self._span(token)
        step = FieldStep(self._name(token), span, token.type != "NAME")
        return self._longer(path, step, path.span.to(span))

    def index(self, children: Children) -> Path:
        path, _, index, end = children
        span = path.span.to(self._span(end))
        return self._longer(path, IndexStep(index, index.span), span, index)

    def inside_step(self, children: Children) -> Expr:
        base, _, token = children
        span = self._span(token)
        step = FieldStep(self._name(token), span, token.type != "NAME")
        return self._deep(Inside(base, step, base.span.to(span)), (base,))

    def inside_index(self, children: Children) -> Expr:
        base, _, index, end = children
        node = Inside(base, IndexStep(index, index.span), base.span.to(self._span(end)))
        return self._deep(node, (base, index))

    def _longer(
        self, path: Path, step: FieldStep | IndexStep, span: Span, index: Expr | None = None
    ) -> Path:
        if len(path.steps) >= DEEPEST:
            raise TooDeep(span)
        self._kept.append(path)
        node = Path((*path.steps, step), span)
        inside = max(self._depths.get(id(path), 1), self._depths.get(id(index), 0) + 1)
        if inside > DEEPEST:
            raise TooDeep(span)
        self._depths[id(node)] = inside
        return node

    def variable(self, children: Children) -> Expr:
        token = children[0]
        span = self._span(token)
        return literals.variable(str(token)[2:-1], span, self._reporter) or Hole(span)

    def string(self, children: Children) -> Literal | Template:
        token = children[0]
        start = token.start_pos

        def place(a: int, b: int) -> Span:
            return self._text.span(start + a, start + b)

        return literals.quoted(str(token), place, self._span(token), self._reporter)

    def literal(self, children: Children) -> Expr:
        token = children[0]
        kind, spelling, span = _KINDS[token.type], str(token), self._span(token)
        if kind in (LiteralKind.INT, LiteralKind.FLOAT):
            return self._number(kind, spelling, span)
        if kind in (LiteralKind.DATE, LiteralKind.TIMESTAMP) and not _is_time(kind, spelling):
            self._malformed(f"`{spelling}` is no day of the calendar or no time of a day", span)
            return Hole(span)
        return Literal(kind, literals.number(kind, spelling), span)

    def _number(self, kind: LiteralKind, spelling: str, span: Span) -> Expr:
        text = literals.number(kind, spelling)
        if len(text) > MOST_DIGITS:
            self._malformed(f"a number has at most {MOST_DIGITS} digits", span)
            return Hole(span)
        plain = re.sub(r"^0+(?=\d)", "", text)
        if plain != text:
            self._malformed("a number does not begin with 0", span, plain)
        elif "__" in spelling or re.search(r"_(?!\d)", spelling):
            self._malformed("`_` stands between two digits", span, text)
        return Literal(kind, plain, span)

    def _malformed(self, message: str, span: Span, better: str = "") -> None:
        fix = Fix(f"write `{better}`", (Edit(span, better),), Safety.UNSAFE)
        self._reporter.error(BAD_NUMBER, message, span, fixes=(fix,) if better else ())


def _is_time(kind: LiteralKind, spelling: str) -> bool:
    try:
        if kind is LiteralKind.DATE:
            datetime.date.fromisoformat(spelling)
        else:
            datetime.datetime.fromisoformat(spelling)
    except ValueError:
        return False
    return True
