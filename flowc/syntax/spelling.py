"""Trees to pipe text, in the canonical spelling.

Brackets where precedence asks for them, quotes where a name or a path needs them, one
blank where one can stand. What these functions give is read back as the same tree.
"""

from __future__ import annotations

import re
from typing import assert_never

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
    Variable,
)
from flowc.model.tree import As, Branch, BrokenStage, Clause, Endpoint, Item, Stage, TypeExpr
from flowc.model.types import Ref
from flowc.syntax import literals
from flowc.syntax.scan import BLOCKS, COMPONENT, is_path
from flowc.types.notation import show

_NAME = re.compile(r"[^\W\d]\w*")
_RESERVED = frozenset({"if", "not", "true", "false", "null"})
_CLAUSES = (
    "by every on with from into using lag idle late within until key time order message over keep"
)
_FLAGS = "ties all first last empty tumbling sliding session asc desc nulls as where"
#: Words that the grammar may read as more than a field, in front of an operand.
_WORDS = frozenset(f"{_CLAUSES} {_FLAGS} and or in is matches group".split())
_CLAUSE = re.compile(
    rf"(?:{'|'.join(_CLAUSES.split())})"
    r"(?=\s*[\"'`$]|\s+[\[(.{\d]|\s+(?!(?:and|or|in|is|matches|as|asc|desc|nulls|then|else)\b"
    r"|not\s+in\b)[^\W\d]|(?<=by)\(|(?<=on)\()"
)
_COUNT = re.compile(
    r"(?!(?:and|or|in|not|is|matches|as|by|over|where|with|on|from|every|keep|within|until"
    r"|asc|desc|nulls|ties|all|first|last)\b)(?:[^\W\d]|`|\.\"|\()"
)
_BARE = re.compile(r"""(?:\$\{[^}\n]*\}|\{[^\s{}]*\}|[^\s|,;"'{}])+""")
_WORD = re.compile(r"[^\W\d][\w-]*")

#: How tightly an operator binds; an operand that binds less stands in brackets.
_LOOSEST, _OR, _AND, _NOT, _COMPARE, _DEFAULT, _SUM, _PRODUCT, _SIGN, _PRIMARY = range(10)


class Speller:
    """Spells trees; ``quote`` is what texts stand between where either does."""

    def __init__(self, quote: str = '"') -> None:
        self._quote = quote

    # Expressions

    def expression(self, node: Expr, least: int = _LOOSEST) -> str:
        """The expression, in brackets where it binds less than ``least``."""
        text, level = self._expression(node)
        return f"({text})" if level < least else text

    def _expression(self, node: Expr) -> tuple[str, int]:
        match node:
            case Literal():
                return self._literal(node), _PRIMARY
            case Template():
                return self._template(node), _PRIMARY
            case Variable():
                return variable_text(node), _PRIMARY
            case Path():
                return self.path(node), _PRIMARY
            case Call(name=name, arguments=arguments):
                return f"{name}({self._list(arguments)})", _PRIMARY
            case ListExpr(items=items):
                return f"[{self._list(items)}]", _PRIMARY
            case RecordExpr(fields=fields):
                pairs = (f"{self._key(key)}: {self.expression(value)}" for key, value in fields)
                return "{" + ", ".join(pairs) + "}", _PRIMARY
            case Hole(span=span):
                return span.text, _PRIMARY
            case Unary(operator="not", operand=operand):
                return f"not {self.expression(operand, _NOT)}", _NOT
            case Unary(operator=sign, operand=operand):
                least = _PRIMARY if isinstance(operand, Unary) else _SIGN
                return sign + self.expression(operand, least), _SIGN
            case Arithmetic(operator=operator, left=left, right=right):
                level = _SUM if operator in ("+", "-") else _PRODUCT
                first = self.expression(left, level)
                return f"{first} {operator} {self.expression(right, level + 1)}", level
            case Coalesce(value=value, default=default):
                first = self.expression(value, _DEFAULT)
                return f"{first} ?? {self.expression(default, _SUM)}", _DEFAULT
            case Comparison(operator=operator, left=left, right=right):
                first = self.expression(left, _DEFAULT)
                return f"{first} {operator} {self.expression(right, _DEFAULT)}", _COMPARE
            case NullTest(value=value, negated=negated):
                test = "is not null" if negated else "is null"
                return f"{self.expression(value, _DEFAULT)} {test}", _COMPARE
            case Membership(value=value, collection=collection, negated=negated):
                word = "not in" if negated else "in"
                first = self.expression(value, _DEFAULT)
                return f"{first} {word} {self._collection(collection)}", _COMPARE
            case Logic(operator=operator, operands=operands):
                level = _OR if operator == "or" else _AND
                joined = f" {operator} ".join(self.expression(o, level + 1) for o in operands)
                return joined, level
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                parts = [self.expression(part) for part in (condition, then, otherwise)]
                return "if {} then {} else {}".format(*parts), _LOOSEST
            case _:
                assert_never(node)

    def _list(self, items: tuple[Expr, ...]) -> str:
        return ", ".join(self.expression(item) for item in items)

    def _collection(self, node: Expr) -> str:
        if isinstance(node, ListExpr) and node.items:
            return f"({self._list(node.items)})"
        return self.expression(node, _DEFAULT)

    def _literal(self, node: Literal) -> str:
        if node.kind is not LiteralKind.STRING:
            return node.text
        return self.text(node.text)

    def text(self, text: str) -> str:
        """A text between quotes: raw where it holds backslashes and can be."""
        quotes = [self._quote, "'" if self._quote == '"' else '"']
        free = [quote for quote in quotes if quote not in text]
        printable = all(char.isprintable() for char in text)
        if "\\" in text and free and printable:
            return f"r{free[0]}{text}{free[0]}"
        quote = free[0] if free else self._quote
        return quote + literals.spell_inside(text, quote) + quote

    def _template(self, node: Template) -> str:
        texts = "".join(part for part in node.parts if isinstance(part, str))
        quotes = [self._quote, "'" if self._quote == '"' else '"']
        quote = next((q for q in quotes if q not in texts), self._quote)
        return quote + self._parts(node, quote) + quote

    def _parts(self, node: Template, quote: str) -> str:
        found = []
        for index, part in enumerate(node.parts):
            if isinstance(part, Variable):
                found.append(variable_text(part, quote))
            else:
                following = node.parts[index + 1 : index + 2]
                before = bool(following) and isinstance(following[0], Variable)
                found.append(literals.spell_inside(part, quote, before_variable=before))
        return "".join(found)

    # Names

    def path(self, node: Path) -> str:
        """A field: bare where it can be, else in backticks."""
        found: list[str] = []
        for index, step in enumerate(node.steps):
            if isinstance(step, IndexStep):
                found.append(f"[{self.expression(step.index)}]")
            elif index == 0:
                found.append(self._field(step))
            else:
                plain = _NAME.fullmatch(step.name)
                found.append("." + (step.name if plain else self._odd(step.name).lstrip(".")))
        return "".join(found)

    def _field(self, step: FieldStep) -> str:
        if _NAME.fullmatch(step.name) and step.name not in _RESERVED:
            return step.name
        return self._odd(step.name)

    def _odd(self, name: str) -> str:
        if name and "`" not in name and name.isprintable():
            return f"`{name}`"
        return f'."{literals.spell_inside(name, chr(34))}"'

    def _key(self, key: str) -> str:
        return key if _NAME.fullmatch(key) else self._spelled(key)

    def _spelled(self, text: str) -> str:
        return self._quote + literals.spell_inside(text, self._quote) + self._quote

    # Items, clauses, stages

    def type(self, node: TypeExpr) -> str:
        """A written type, or the name behind `as`."""
        if isinstance(node.type, Ref):
            name = node.type.name
            return name if _NAME.fullmatch(name) else self._odd(name)
        return show(node.type)

    def alias(self, node: As) -> str:
        text = f"as {self.type(node.type)}"
        match node.argument:
            case None:
                return text
            case TypeExpr():
                return f"{text} {self.type(node.argument)}"
            case _:
                return f"{text} {self.expression(node.argument)}"

    def item(self, node: Item) -> str:
        parts = [self.expression(node.value)]
        if node.target is not None:
            parts[0] = f"{self.path(node.target)} = {parts[0]}"
        if node.as_ is not None:
            parts.append(self.alias(node.as_))
        if node.descending is not None:
            parts.append("desc" if node.descending else "asc")
        if node.nulls_first is not None:
            parts.append("nulls first" if node.nulls_first else "nulls last")
        if node.where is not None:
            parts.append(f"where {self.expression(node.where)}")
        return " ".join(parts)

    def _items(self, items: tuple[Item, ...]) -> str:
        return ", ".join(self.item(item) for item in items)

    def arguments(self, stage: Stage) -> str:
        """What stands behind the stage's name, without a block."""
        pieces: list[str] = []
        as_ = self.alias(stage.as_) if stage.as_ is not None else ""
        for clause in reversed(stage.clauses):
            if as_ and stage.items and not clause.items:
                pieces.insert(0, as_)
                as_ = ""
            pieces.insert(0, self._clause(clause, " ".join(pieces)))
        if as_:
            pieces.insert(0, as_)
        if stage.items:
            pieces.insert(0, self._lead(stage.items, " ".join(pieces)))
        return " ".join(pieces)

    def _clause(self, clause: Clause, rest: str) -> str:
        words = [clause.word.text, *(word.text for word in clause.modifiers)]
        if not clause.items:
            return " ".join(words)
        text = self._items(clause.items)
        strict = clause.word.text in _FLAGS.split() or clause.word.text in ("over", "keep")
        return " ".join([*words, self._unmistaken(text, rest, strict=strict)])

    def _lead(self, items: tuple[Item, ...], rest: str) -> str:
        first = items[0]
        is_count = first == Item(first.value, first.span) and (
            isinstance(first.value, Variable)
            or (isinstance(first.value, Literal) and first.value.kind is LiteralKind.INT)
        )
        if is_count and len(items) > 1:
            others = self._unmistaken(self._items(items[1:]), rest, strict=True)
            if _COUNT.match(others):
                return f"{self.item(first)} {others}"
        return self._unmistaken(self._items(items), rest, strict=False)

    def _unmistaken(self, text: str, rest: str, *, strict: bool) -> str:
        """The items with a leading field in backticks where it would be a clause's word."""
        name = _NAME.match(text)
        if name is None or name.group() not in _WORDS or text[name.end() :].startswith("("):
            return text
        if strict or _CLAUSE.match(f"{text} {rest}".rstrip()):
            return f"`{name.group()}`{text[name.end() :]}"
        return text

    def stage(self, node: Stage | BrokenStage) -> str:
        """A stage on one line, its branches too."""
        if isinstance(node, BrokenStage):
            return node.span.text
        if node.block is not None:
            branches = "; ".join(self.branch(branch) for branch in node.block)
            return f"{node.name.text} {{ {branches} }}"
        arguments = self.arguments(node)
        return f"{node.name.text} {arguments}" if arguments else node.name.text

    def branch(self, node: Branch) -> str:
        """A branch on one line."""
        return self.condition(node) + " | ".join(self.branch_steps(node))

    def condition(self, node: Branch) -> str:
        """What a branch begins with: ``cond: ``, ``else: `` or nothing."""
        if node.otherwise:
            return "else: "
        if node.condition is None:
            return ""
        text = self.expression(node.condition)
        return f"{'`else`' if text == 'else' else text}: "

    def branch_steps(self, node: Branch) -> list[str]:
        """The stages of a branch and what ends it."""
        steps = [self.stage(stage) for stage in node.stages]
        if node.discards:
            steps.append("discard")
        elif node.sinks:
            steps.append(self.group(node.sinks, "branch"))
        return steps

    # Endpoints

    def group(self, ends: tuple[Endpoint, ...], place: str) -> str:
        """One endpoint, or several in braces. ``place``: source, sink or branch."""
        texts = [self.endpoint(end, place if len(ends) == 1 else "group") for end in ends]
        if len(texts) == 1:
            return texts[0]
        tails = any(end.type or end.keys or end.clock for end in ends)
        return "{ " + ("; " if tails else ", ").join(texts) + " }"

    def endpoint(self, node: Endpoint, place: str) -> str:
        """A source or a sink with what stands behind it."""
        parts = [self._address(node.text, place) if node.text else ""]
        if node.type is not None:
            parts.append(f"as {self.type(node.type)}")
        if node.keys:
            parts.append("key " + ", ".join(self.path(key) for key in node.keys))
        if node.clock is not None:
            parts.append(f"time {self._unmistaken(self.path(node.clock.path), '', strict=True)}")
            for word, value in (("lag", node.clock.lag), ("idle", node.clock.idle)):
                if value is not None:
                    parts.append(f"{word} {self.expression(value)}")
        return " ".join(parts)

    def _address(self, node: Template, place: str) -> str:
        """The address bare where the scanner reads it so, else quoted."""
        spelled = []
        for index, part in enumerate(node.parts):
            following = node.parts[index + 1 : index + 2]
            before = bool(following) and isinstance(following[0], Variable)
            if isinstance(part, Variable):
                spelled.append(variable_text(part))
            else:
                spelled.append(literals.dollars(part, before_variable=before))
        text = "".join(spelled)
        if self._is_bare(text, place):
            return text
        return self._template(node)

    def _is_bare(self, text: str, place: str) -> bool:
        if not text.isprintable() or text[:1] in ("#", "`") or not _BARE.fullmatch(text):
            return False
        if is_path(text):
            group = text[0] == "{" and text[-1] == "}"
            glued = _WORD.match(text)
            block = glued and glued.group() in BLOCKS and text[glued.end() :].startswith("{")
            component = place != "source" and COMPONENT.fullmatch(text)
            return not (group or block or component)
        if place == "branch" or text in ("discard", "let", *BLOCKS):
            return False
        return _WORD.fullmatch(text) is not None


def variable_text(node: Variable, quote: str = "") -> str:
    """``${NAME}`` with its default or message; inside quotes these are escaped."""
    more = ""
    if node.default is not None:
        more = ":-" + node.default
    elif node.message is not None:
        more = ":?" + node.message
    if quote:
        more = literals.escaped(more, quote)
    return "${" + node.name + more + "}"
