"""Quoted texts, `${VAR}` in texts, and numbers: from their spelling to their value.

Escapes of quoted texts: ``\\\\ \\" \\' \\n \\r \\t \\u{…}``. ``${VAR}`` interpolates, ``$$``
is a dollar sign; ``r"…"`` does neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Literal, LiteralKind, Template, Variable
from flowc.model.source import Span, Text

UNKNOWN_ESCAPE = declare("FC0102", "unknown-escape", "A quoted text holds an unknown escape")
BAD_VARIABLE = declare("FC0103", "malformed-variable", "A `${…}` is not written as a variable")

#: From character ``start`` to ``end`` of the text at hand to its place in the file.
Place = Callable[[int, int], Span]

_SIMPLE = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "r": "\r", "t": "\t"}
_NAMED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PIECE = re.compile(
    r"(?P<escape>\\(?:u\{(?P<hex>[0-9A-Fa-f]{1,6})\}|(?P<char>.)|\Z))"
    r"|(?P<dollar>\$\$)"
    r"|(?P<variable>\$\{(?P<inside>[^}]*)\})"
    r"|(?P<open>\$\{)",
    re.DOTALL,
)
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::(?:(-)|(\?))(.*))?", re.DOTALL)


def variable(inside: str, span: Span, reporter: Reporter) -> Variable | None:
    """The variable that stands between ``${`` and ``}``; None where it is malformed."""
    match = _VARIABLE.fullmatch(inside)
    if match is not None:
        name, default, message, rest = match.groups()
        return Variable(name, rest if default else None, rest if message else None, span)
    fixes = []
    word = re.match(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:(:?[-=+?])(.*))?\Z", inside, re.DOTALL)
    if word is not None:
        name, mark, rest = word.group(1), word.group(2), word.group(3) or ""
        kind = "" if mark is None else (":?" if "?" in mark else ":-") + rest
        edit = Edit(span, "${" + name + kind + "}")
        fixes.append(Fix(f"write `{edit.text}`", (edit,), Safety.UNSAFE))
    reporter.error(
        BAD_VARIABLE,
        f"`${{{inside[:40]}}}` is not a variable",
        span,
        at="a name stands here, then `:-default` or `:?message`",
        notes=("`$$` is a plain dollar sign",),
        fixes=fixes,
    )
    return None


def template_parts(
    value: str, place: Place, reporter: Reporter, *, escapes: bool
) -> tuple[str | Variable, ...]:
    """The texts and variables of a text; escapes are read where ``escapes`` says so."""
    if "$" not in value and not (escapes and "\\" in value):
        return (value,) if value else ()
    parts: list[str | Variable] = []
    plain: list[str] = []
    at = 0
    while True:
        match = _PIECE.search(value, at)
        if match is None:
            break
        if match["escape"] is not None and not escapes:
            plain.append(value[at : match.start() + 1])
            at = match.start() + 1
            continue
        plain.append(value[at : match.start()])
        at = match.end()
        span = place(match.start(), match.end())
        if match["dollar"] is not None:
            plain.append("$")
        elif match["variable"] is not None:
            inside = match["inside"]
            found = variable(_unescaped(inside) if escapes else inside, span, reporter)
            if found is None:
                plain.append(match.group())
            else:
                if any(plain):
                    parts.append("".join(plain))
                plain = []
                parts.append(found)
        elif match["open"] is not None:
            _unclosed(span, reporter)
            plain.append("${")
        else:
            plain.append(_escape(match, value, place, reporter))
    plain.append(value[at:])
    if any(plain):
        parts.append("".join(plain))
    return tuple(parts)


def _unclosed(span: Span, reporter: Reporter) -> None:
    reporter.error(
        BAD_VARIABLE,
        "`${` is not closed by `}`",
        span,
        notes=("`$$` is a plain dollar sign: `$${` gives `${`",),
        fixes=(Fix("write `$${` for the text `${`", (Edit(span, "$${"),), Safety.UNSAFE),),
    )


def _unescaped(text: str) -> str:
    """``text`` with the escapes that are known read; others stay as they are."""

    def plain(match: re.Match[str]) -> str:
        if match["hex"]:
            code = int(match["hex"], 16)
            return chr(code) if code <= 0x10FFFF else match.group()
        return _SIMPLE.get(match["char"] or "", match.group())

    return re.sub(r"\\(?:u\{(?P<hex>[0-9A-Fa-f]{1,6})\}|(?P<char>.))", plain, text, flags=re.DOTALL)


def _escape(match: re.Match[str], value: str, place: Place, reporter: Reporter) -> str:
    if match["hex"]:
        code = int(match["hex"], 16)
        if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
    known = _SIMPLE.get(match["char"] or "")
    if known is not None:
        return known
    reporter.error(
        UNKNOWN_ESCAPE,
        f"`{match.group()}` is not an escape",
        place(match.start(), match.end()),
        notes=("the escapes are `\\\\ \\\" \\' \\n \\r \\t \\u{1F600}`",),
        fixes=_escape_fixes(match, value, place),
    )
    return match.group()


def _escape_fixes(match: re.Match[str], value: str, place: Place) -> tuple[Fix, ...]:
    """Raw where no other escape and no variable loses its meaning by it, else doubled."""
    others = [found for found in re.findall(r"\\(.)", value, re.DOTALL) if found in _SIMPLE]
    quote = place(-1, 0)
    if not others and "$" not in value and quote.text in ('"', "'") and quote.text not in value:
        start = Span(quote.source, quote.start, quote.start)
        return (Fix('make it a raw text: r"…"', (Edit(start, "r"),)),)
    edit = Edit(place(match.start(), match.start() + 1), "\\\\")
    return (Fix("double the backslash", (edit,)),)


def quoted(spelling: str, place: Place, span: Span, reporter: Reporter) -> Literal | Template:
    """The value of ``"…"``, ``'…'``, ``r"…"`` or ``r'…'``.

    ``place`` counts from the first character of ``spelling``.
    """
    if spelling.startswith("r"):
        return Literal(LiteralKind.STRING, spelling[2:-1], span, raw=True)
    parts = template_parts(spelling[1:-1], lambda a, b: place(a + 1, b + 1), reporter, escapes=True)
    if any(isinstance(part, Variable) for part in parts):
        return Template(parts, span)
    return Literal(LiteralKind.STRING, "".join(p for p in parts if isinstance(p, str)), span)


def quoted_name(spelling: str, place: Place, reporter: Reporter) -> str:
    """The name in ``"a-b"``; a variable cannot name a field and stays text."""
    parts = template_parts(spelling[1:-1], lambda a, b: place(a + 1, b + 1), reporter, escapes=True)
    return "".join(part if isinstance(part, str) else part.span.text for part in parts)


def template(text: Text, span: Span, reporter: Reporter, *, bare: bool) -> Template:
    """An unquoted text with its variables: an endpoint, a YAML scalar, an option."""
    return Template(template_parts(text.value, text.span, reporter, escapes=False), span, bare)


_UNITS = (
    ("microsecond", "us"),
    ("millisecond", "ms"),
    ("sec", "s"),
    ("min", "m"),
    ("hour", "h"),
    ("day", "d"),
    ("week", "w"),
)


def number(kind: LiteralKind, spelling: str) -> str:
    """The canonical spelling of a number, a duration, a size or a time.

    ``1_000`` is ``1000``, ``5 minutes`` is ``5m``; digits are never lost.
    """
    match kind:
        case LiteralKind.DURATION if not spelling[-1].isalpha() or " " in spelling:
            return _worded(spelling)
        case LiteralKind.DURATION:
            return _worded(spelling) if re.search(r"[a-z]{3}", spelling) else spelling
        case LiteralKind.TIMESTAMP:
            return spelling.replace("t", "T").replace("z", "Z")
        case LiteralKind.FLOAT:
            return spelling.replace("_", "").replace("E", "e")
        case _:
            return spelling.replace("_", "")


def _worded(spelling: str) -> str:
    """``5 minutes`` as ``5m``."""
    match = re.fullmatch(r"([\d.]+)\s*([a-z]+)", spelling)
    if match is None:
        return spelling
    unit = next((short for word, short in _UNITS if match[2].startswith(word)), match[2])
    return match[1] + unit


def escaped(text: str, quote: str, *, braces: bool = True) -> str:
    """``text`` with the escapes it needs between ``quote``s; dollar signs stay.

    ``braces`` False: it stands inside ``${…}``, where no ``}`` can.
    """
    found = []
    for char in text:
        if char in "\"'":
            found.append("\\" + char if char == quote else char)
        elif char in _NAMED:
            found.append(_NAMED[char])
        elif braces and (char < " " or char in "\x7f\x85\u2028\u2029\ufeff"):
            found.append(f"\\u{{{ord(char):x}}}")
        else:
            found.append(char)
    return "".join(found)


def dollars(text: str, *, before_variable: bool = False) -> str:
    """``text`` with the dollar signs doubled that would begin a variable.

    ``before_variable``: one follows, so that a dollar sign at the end is doubled.
    """
    follows = r"(?=[${]|\Z)" if before_variable else r"(?=[${])"
    return re.sub(r"\$" + follows, "$$", text)


def spell_inside(text: str, quote: str, *, before_variable: bool = False) -> str:
    """What stands between ``quote``s to give ``text``."""
    return dollars(escaped(text, quote), before_variable=before_variable)
