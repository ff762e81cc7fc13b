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
    Variable,
)
from flowc.model.tree import (
    As,
    Branch,
    BrokenStage,
    Clause,
    Endpoint,
    Item,
    Stage,
    TypeExpr,
    Word,
)
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
#: Words that are no name behind `as`.
_NOT_NAMES = frozenset(
    ["and", "or", "in", "is", "matches", "as", "asc", "desc", "nulls", "then", "else"]
)
_CLAUSE = re.compile(
    rf"(?:{'|'.join(_CLAUSES.split())})"
    r"(?=\s*[\"'`$]|\s+[\[(.{\d]|\s+(?!(?:and|or|in|is|matches|as|asc|desc|nulls|then|else)\b"
    r"|not\s+in\b)[^\W\d]|(?<=by)\(|(?<=on)\()"
)
#: What a clause's word looks for behind it, so as not to be a field.
_OPERAND = re.compile(
    r"(?=\s*[\"'`$]|\s+[\[(.{\d]|\s+(?!(?:and|or|in|is|matches|as|asc|desc|nulls|then|else)\b"
    r"|not\s+in\b)[^\W\d])"
)
_WINDOWED = re.compile(
    r"""(?=\s*[\d$"'`(]|\s+\.["']|\s+(?!(?:and|or|in|is|not|matches|as)\b)[^\W\d])"""
)
_COUNT = re.compile(
    rf"(?!(?:and|or|in|not|is|matches|{_FLAGS.replace(' ', '|')})\b|{_CLAUSE.pattern})"
    r"(?:[^\W\d]|`|\.\"|\()"
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
            case Inside(base=base, step=step):
                return self._base(base) + self._step(step), _PRIMARY
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
        lone = isinstance(node, ListExpr) and len(node.items) == 1
        if isinstance(node, ListExpr) and node.items:
            if lone and isinstance(node.items[0], ListExpr):
                return self.expression(node)
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

    def path(self, node: Path, *, closed: bool = False) -> str:
        """A field: bare where it can be (``closed``: never), else in backticks."""
        found: list[str] = []
        for index, step in enumerate(node.steps):
            if index == 0 and isinstance(step, FieldStep):
                found.append(self._odd(step.name) if closed else self._field(step))
            else:
                found.append(self._step(step))
        return "".join(found)

    def _base(self, node: Expr) -> str:
        """What a step leads into: a call as it is, anything else in brackets."""
        text = self.expression(node)
        return text if isinstance(node, Call | Inside) else f"({text})"

    def _step(self, step: FieldStep | IndexStep) -> str:
        if isinstance(step, IndexStep):
            return f"[{self.expression(step.index)}]"
        plain = _NAME.fullmatch(step.name)
        return "." + (step.name if plain else self._odd(step.name).lstrip("."))

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
            plain = _NAME.fullmatch(name) and name not in _NOT_NAMES
            return name if plain else self._odd(name)
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

    def item(self, node: Item, *, closed: bool = False) -> str:
        """An item; ``closed``: nothing at its start can be taken for a word of the grammar."""
        text = _dashed_name(node) or self.expression(node.value)
        if node.target is not None:
            text = f"{self.path(node.target, closed=closed)} = {text}"
        elif closed and isinstance(node.value, Path):
            text = self.path(node.value, closed=True)
        elif closed:
            text = f"({text})"
        parts = [text]
        if node.as_ is not None:
            parts.append(self.alias(node.as_))
        if node.descending is not None:
            parts.append("desc" if node.descending else "asc")
        if node.nulls_first is not None:
            parts.append("nulls first" if node.nulls_first else "nulls last")
        if node.where is not None:
            parts.append(f"where {self.expression(node.where)}")
        return " ".join(parts)

    def _items(self, items: tuple[Item, ...], *, closed: bool = False) -> str:
        rest = (self.item(item) for item in items[1:])
        return ", ".join([self.item(items[0], closed=closed), *rest])

    def fields(self, paths: tuple[Path, ...]) -> str:
        """Fields with commas between them, as `key:` of a YAML file has them."""
        return self._lead(tuple(Item(path, path.span) for path in paths), "")

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
        flag = clause.word.text in _FLAGS.split()
        strict = flag or clause.word.text in ("over", "keep")
        text = self._unmistaken(self._items(clause.items), rest, strict=strict)
        unseen = not flag and not _OPERAND.match(f" {text}")
        if unseen or (clause.modifiers and not _WINDOWED.match(f" {text}")):
            text = self._items(clause.items, closed=True)
        return " ".join([*words, text])

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
        if strict or name.group() == "as" or _CLAUSE.match(f"{text} {rest}".rstrip()):
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
        tail = self.arguments(_tail(node))
        return " ".join(part for part in (*parts, tail) if part)

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
        if not text.isprintable() or text[:1] in tuple("#`:()[]") or not _BARE.fullmatch(text):
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


def _tail(node: Endpoint) -> Stage:
    """What stands behind a source, as the arguments of a stage."""
    clauses: list[tuple[str, tuple[Expr, ...]]] = []
    if node.keys:
        clauses.append(("key", node.keys))
    if node.clock is not None:
        clauses.append(("time", (node.clock.path,)))
        clauses += [("lag", (node.clock.lag,))] if node.clock.lag else []
        clauses += [("idle", (node.clock.idle,))] if node.clock.idle else []
    made = (
        Clause(Word(word, node.span), (), tuple(Item(v, node.span) for v in values), node.span)
        for word, values in clauses
    )
    as_ = As(node.type, None, node.span) if node.type is not None else None
    return Stage(Word("", node.span), node.span, clauses=tuple(made), as_=as_)


def variable_text(node: Variable, quote: str = "") -> str:
    """``${NAME}`` with its default or message; inside quotes these are escaped."""
    more = ""
    if node.default is not None:
        more = ":-" + node.default
    elif node.message is not None:
        more = ":?" + node.message
    if quote:
        more = literals.escaped(more, quote, braces=False)
    return "${" + node.name + more + "}"


def _dashed_name(item: Item) -> str:
    """A bare item written like a name with dashes: to the grammar it is a subtraction, but an
    operator may read it as a processor's name (``enrich add-usd-value``). Else empty."""
    names: list[str] = []
    here = item.value
    while isinstance(here, Arithmetic) and here.operator == "-":
        right = here.right.names if isinstance(here.right, Path) else None
        if right is None or len(right) != 1:
            return ""
        names.append(right[0])
        here = here.left
    first = here.names if isinstance(here, Path) else None
    if not names or first is None or len(first) != 1 or item.target or item.as_:
        return ""
    name = "-".join([*first, *reversed(names)])
    return name if item.value.span.text == name else ""
