"""A stage or an expression that the grammar refuses: what was meant, and how to write it.

`report` gets the place where parsing stopped and looks at the text around it. Every slip
is one function that either reports or passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.source import Span, Text
from flowc.syntax.builder import BAD_NUMBER, FOREIGN_OPERATOR

UNREADABLE = declare("FC0123", "unreadable-stage", "A stage or an expression cannot be read")
INCOMPLETE = declare("FC0124", "incomplete-stage", "A stage or an expression ends too early")
UNKNOWN_SIGN = declare("FC0125", "unknown-sign", "A sign has no meaning in the language")
MISSING_BLANK = declare("FC0126", "missing-blank", "A blank is missing behind a stage's name")
RESERVED = declare("FC0127", "reserved-word", "A reserved word stands where a field stands")
MONTHS = declare("FC0128", "calendar-duration", "A duration is given in months or years")
SQL = declare("FC0129", "sql-query", "A query of SQL stands where a stage stands")
NOT_A_FIELD = declare("FC0130", "not-a-field", "A field is expected")
BARE_VARIABLE = declare("FC0131", "bare-variable", "A variable is written without braces")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a text was parsed: behind ``stage`` (empty: an expression), in a branch or not."""

    stage: str
    branch: bool
    name: Span | None = None


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where parsing stopped, and what stands around it."""

    text: Text
    at: int
    expected: frozenset[str]
    context: Context
    reporter: Reporter

    @property
    def before(self) -> str:
        return self.text.value[: self.at]

    @property
    def after(self) -> str:
        return self.text.value[self.at :]

    def span(self, start: int, end: int) -> Span:
        return self.text.span(start, end)

    @property
    def word(self) -> Span:
        """The word or sign at which parsing stopped."""
        match = re.match(r"\w+|[^\w\s]+?(?=[\w\s\"'`(]|\Z)|.", self.after, re.DOTALL)
        length = len(match.group()) if match else 0
        return self.span(self.at, self.at + length)

    @property
    def complete(self) -> bool:
        """Whether what stands before is complete: an operand could not follow."""
        return not ({"NAME", "INT"} & self.expected)


def report(
    text: Text, at: int, expected: frozenset[str], context: Context, reporter: Reporter
) -> None:
    """Report why ``text`` cannot be parsed beyond ``at``, once."""
    stop = _Stop(text, at, expected, context, reporter)
    for slip in _SLIPS:
        if slip(stop):
            return
    span = stop.word
    message = f"`{span.text[:40]}` does not fit here"
    reporter.error(UNREADABLE, message, span, notes=_hint(stop))


def _hint(stop: _Stop) -> tuple[str, ...]:
    if stop.complete:
        return ("behind a complete expression stands an operator, `,`, `as`, a clause or `|`",)
    return ("a field, a value, a call or `(` stands here",)


def _at_end(stop: _Stop) -> bool:
    """``filter amount >``"""
    if stop.after.strip():
        return False
    before = stop.before.rstrip()
    end = len(before)
    last = re.search(r"(\w+|[^\w\s]+)\Z", before)
    span = stop.span(end - len(last.group()) if last else 0, end) if last else stop.span(0, 0)
    if not last and stop.context.name is not None:
        span = stop.context.name
    if {"THEN", "ELSE"} & stop.expected and stop.complete:
        message = "`if` reads `if c then a else b`: " + (
            "`then` is missing" if "THEN" in stop.expected else "`else` is missing"
        )
    elif last:
        message = f"something is missing behind `{last.group()}`"
    else:
        message = "an expression is missing"
    stop.reporter.error(INCOMPLETE, message, span.at_end() if not last else span)
    return True


def _bad_number(stop: _Stop) -> bool:
    """``5mm``, ``0x1F``, ``.5``, ``3mo``, ``2 years``"""
    number = re.search(r"(?<![\w.])[\d_.]*\d\w*\Z", stop.before.rstrip())
    leading = re.match(r"\.(\d[\d_]*)", stop.after)
    if leading and not stop.before.endswith((")", "]")):
        span = stop.span(stop.at, stop.at + leading.end())
        _number(stop, span, f"`{span.text}` is written `0{span.text}`", f"0{span.text}")
        return True
    if number is None:
        return False
    unit = re.match(r"[^\W\d]\w*", stop.after)
    glued = not stop.before[-1:].isspace()
    if unit is None or stop.before[: number.start()].endswith("."):
        return False
    span = stop.span(number.start(), stop.at + unit.end())
    if re.fullmatch(r"(mo|mon|mons|month|months|y|yr|yrs|year|years)", unit.group()):
        stop.reporter.error(
            MONTHS,
            "months and years have no fixed length: a duration is given in days",
            span,
            notes=("`30d` is thirty days; units are `us ms s m h d w`, `m` is minutes",),
        )
        return True
    if not glued:
        return False
    if unit.group().lower() in ("ms", "s", "m", "h", "d", "w", "us"):
        low = span.text.lower()
        _number(stop, span, f"`{span.text}` is written `{low}`", low)
        return True
    _number(stop, span, f"`{span.text}` is neither a number nor a duration", "")
    return True


def _number(stop: _Stop, span: Span, message: str, better: str) -> None:
    fix = Fix(f"write `{better}`", (Edit(span, better),))
    stop.reporter.error(
        BAD_NUMBER,
        message,
        span,
        notes=("units are `us ms s m h d w` for durations, `KiB MiB GiB kB MB GB` for sizes",),
        fixes=(fix,) if better else (),
    )


def _glued_stage(stop: _Stop) -> bool:
    """``filter-x > 3``: the stage is called ``filter-x``"""
    name = stop.context.name
    if name is None or "-" not in stop.context.stage or stop.before.strip():
        return False
    if not re.match(r"[<>=!+*/%?]|(?:and|or|in|is|not|matches)\b", stop.after):
        return False
    word = stop.context.stage.partition("-")[0]
    dash = Span(name.source, name.start + len(word), name.start + len(word))
    stop.reporter.error(
        MISSING_BLANK,
        f"`{stop.context.stage}` is the name of a stage, and `{stop.word.text}` cannot follow it",
        name,
        notes=("names of stages may have dashes; in an expression a dash subtracts",),
        fixes=(Fix(f"put a blank behind `{word}`", (Edit(dash, " "),), Safety.UNSAFE),),
    )
    return True


def _reserved(stop: _Stop) -> bool:
    """``set if = 3``: a field called ``if``"""
    path = re.search(r"(?<![\w.`])(if|not|true|false|null)\s*\Z", stop.before)
    following = re.match(
        r"(=(?!=)|[<>]=?|[-+*/%,.)]|\Z|(?:and|or|in|is|as|desc|asc)\b)", stop.after
    )
    if (
        path is None
        or following is None
        or (path[1] in ("true", "false", "null") and (following[1] != "="))
    ):
        return False
    span = stop.span(path.start(1), path.end(1))
    stop.reporter.error(
        RESERVED,
        f"`{path[1]}` is a word of the language",
        span,
        notes=("backticks always mean a field",),
        fixes=(Fix("quote the field", (Edit(span, f"`{path[1]}`"),)),),
    )
    return True


_OPERATORS = (
    (r"=<", "<=", ""),
    (r"=>", ">=", ""),
    (r"=~", "matches", '`name matches r"^a"`'),
    (r"!~", "", '`not (name matches r"^a")`'),
    (r"!(?!=)", "not ", "`not done`"),
    (r"\+\+", "+", ""),
    (r"\^", "", "`a * a`"),
    (r"&(?!&)", "and", "`a and b`"),
    (r"\?(?!\?)", "", "`if c then a else b`"),
    (r"->", "", ""),
    (r"(?i:like)\b", "matches", '`name matches r"^a"` or `contains(name, "a")`'),
    (r"(?i:ilike)\b", "matches", '`lower(name) matches r"^a"`'),
    (r"(?i:between)\b", "", "`x >= a and x <= b`"),
    (r"(?:AND|OR|NOT|IN|IS|AS|BY|IF|THEN|ELSE|DESC|ASC|WHERE)\b", None, ""),
)


def _operator(stop: _Stop) -> bool:
    """``a => b``, ``!a``, ``a like "x"``, ``a AND b``"""
    if stop.after.startswith("*") and stop.before.endswith("*"):
        span = stop.span(stop.at - 1, stop.at + 1)
        notes: tuple[str, ...] = ("for example `a * a`",)
        stop.reporter.error(FOREIGN_OPERATOR, "`**` is no operator", span, notes=notes)
        return True
    for pattern, home, instead in _OPERATORS:
        match = re.match(pattern, stop.after)
        if match is None:
            continue
        if match.group()[0].isalpha() and not stop.complete:
            continue
        found = match.group()
        span = stop.span(stop.at, stop.at + match.end())
        write = found.lower() if home is None else home
        message = (
            f"`{found}` is written `{write.strip()}`" if write else f"`{found}` is no operator"
        )
        fixes: tuple[Fix, ...] = ()
        if write and home != "matches":
            fixes = (Fix(f"write `{write.strip()}`", (Edit(span, write),)),)
        notes = (f"for example {instead}",) if instead else ()
        stop.reporter.error(FOREIGN_OPERATOR, message, span, notes=notes, fixes=fixes)
        return True
    return False


def _variable(stop: _Stop) -> bool:
    """``filter amount > $LIMIT``"""
    match = re.match(r"\$([A-Za-z_]\w*)?", stop.after)
    if match is None:
        return False
    span = stop.span(stop.at, stop.at + match.end())
    name = match[1] or "NAME"
    braces = "${" + name + "}"
    stop.reporter.error(
        BARE_VARIABLE,
        f"a variable is written `{braces}`",
        span,
        fixes=(Fix(f"write `{braces}`", (Edit(span, braces),)),) if match[1] else (),
    )
    return True


_QUOTES = "“”„‟«»‘’‚‛"
_KNOWN_SIGNS = re.compile(r"[\w\s<>=!+\-*/%?.,:;|(){}\[\]\"'`$#&]")


def _unknown_sign(stop: _Stop) -> bool:
    """``filter name == “x”``, ``filter @x``"""
    char = stop.after[0]
    if _KNOWN_SIGNS.match(char):
        return False
    span = stop.span(stop.at, stop.at + 1)
    shown = f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}"
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    if char in _QUOTES:
        shown = f"the typographic quote {shown}"
        notes = ("a text stands between \" or '",)
        end = re.search(f"[{_QUOTES}]", stop.after[1:])
        if end:
            close = stop.span(stop.at + 1 + end.start(), stop.at + 1 + end.end())
            fixes = (Fix("use straight quotes", (Edit(span, '"'), Edit(close, '"'))),)
    elif not char.isprintable() or char == "\ufeff":
        fixes = (Fix("remove it", (Edit(span, ""),)),)
    stop.reporter.error(
        UNKNOWN_SIGN, f"{shown} has no meaning here", span, notes=notes, fixes=fixes
    )
    return True


def _branch_comma(stop: _Stop) -> bool:
    """``tee { set a = 1, filter b > 2 | x.jsonl }``: a comma meant to end a branch"""
    if not stop.context.branch:
        return False
    comma = re.search(r",(?=\s*[^\W\d][\w-]*\s*\Z)", stop.before)
    if comma is None or not stop.complete:
        return False
    span = stop.span(comma.start(), comma.end())
    stop.reporter.error(
        UNREADABLE,
        f"a comma goes on with the arguments of `{stop.context.stage}`",
        span,
        at="end the branch with `;`",
        fixes=(Fix("write `;`", (Edit(span, ";"),), Safety.UNSAFE),),
    )
    return True


def _clause(stop: _Stop) -> bool:
    """``aggregate n = count() by``: a clause without its operand"""
    match = re.match(
        r"(by|over|on|every|with|from|into|using|lag|idle|keep|late|within|until|key|time|order"
        r"|message|where|as)\b\s*",
        stop.after,
    )
    if match is None or not stop.complete:
        return False
    span = stop.span(stop.at, stop.at + len(match[1]))
    if {"CLAUSE", "AS"} & stop.expected:
        stop.reporter.error(INCOMPLETE, f"something is missing behind `{match[1]}`", span)
    else:
        stop.reporter.error(UNREADABLE, f"`{match[1]}` cannot stand here", span)
    return True


def _colon(stop: _Stop) -> bool:
    """``filter a: 3``"""
    if not stop.after.startswith(":"):
        return False
    notes = (
        ("end the branch before it with `;`",)
        if stop.context.branch
        else ("`name = value` assigns; conditions with `:` stand in `route { … }`",)
    )
    span = stop.span(stop.at, stop.at + 1)
    stop.reporter.error(UNREADABLE, "a `:` does not fit here", span, notes=notes)
    return True


def _adjacent(stop: _Stop) -> bool:
    """``select a b``; ``filter a > 1`` and, on the next line, ``select b``"""
    if not stop.complete or not re.match(r"[\w\"'`(\[{.]", stop.after):
        return False
    span = stop.word
    last = re.search(r"(\w+|[^\w\s]+)\s*\Z", stop.before)
    line = "\n" in stop.before[len(stop.before.rstrip()) :]
    if line:
        start = Span(span.source, span.start, span.start)
        stop.reporter.error(
            UNREADABLE,
            f"`{span.text}` begins a line but joins nothing",
            span,
            notes=("stages are joined by `|`",),
            fixes=(Fix("put `|` before it", (Edit(start, "| "),), Safety.UNSAFE),),
        )
        return True
    between = f" between `{last[1]}` and `{span.text}`" if last else f" before `{span.text}`"
    stop.reporter.error(
        UNREADABLE,
        f"something is missing{between}",
        span,
        at="an operator, a `,` or a `|`",
    )
    return True


_SLIPS: tuple[Callable[[_Stop], bool], ...] = (
    _reserved,
    _at_end,
    _bad_number,
    _glued_stage,
    _unknown_sign,
    _variable,
    _operator,
    _branch_comma,
    _clause,
    _colon,
    _adjacent,
)


def not_a_field(span: Span, reporter: Reporter) -> None:
    reporter.error(
        NOT_A_FIELD,
        f"a field stands here, not `{span.text[:40]}`",
        span,
        notes=("for example `id` or `address.city`",),
    )


def is_sql(name: str, rest: str) -> bool:
    """Whether a stage reads ``SELECT … FROM …``; ``select from, to`` does not."""
    if name.lower() != "select":
        return False
    return re.search(r"[\w*)\"'`]\s+from\s+[^\s,=|]", rest, re.IGNORECASE) is not None


def sql(span: Span, reporter: Reporter) -> None:
    """Report ``SELECT a FROM t WHERE c``; the line it stands for is said by who knows words."""
    notes = ("a pipeline begins with its source and ends with its sink",)
    reporter.error(SQL, "this is SQL", span, notes=notes)
