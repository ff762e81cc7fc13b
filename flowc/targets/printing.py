"""The printing press: guarded templates, formatting, and the check of what came out.

A template may print two things only: a syntax tree, and text that passed the filter of
its context. Everything else raises, so nothing that a user wrote becomes code.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import jinja2
from markupsafe import Markup

from flowc.resources import templates_dir
from flowc.targets.base import EmissionError

#: A comment says where code comes from; what follows the place is cut at this length.
_COMMENT_LENGTH = 160

# --- contexts -------------------------------------------------------------------------


def ident(value: object) -> Markup:
    """A Python identifier, dotted or not. Raises for anything else."""
    if not isinstance(value, str) or not re.fullmatch(r"\.*[A-Za-z_]\w*(\.\w+)*|\.+", value, re.A):
        raise EmissionError(f"{value!r} is not an identifier")
    return Markup(value)


def literal(value: object) -> Markup:
    """A Python literal of a text, number, truth value or None; nothing in it is invisible."""
    if not isinstance(value, str | int | float | bool | None):
        raise EmissionError(f"{type(value).__name__} has no literal")
    return Markup(repr(value))


def one_line(text: str, limit: int | None = None) -> str:
    """The text without line ends, control and direction characters; cut at ``limit``."""
    shown = "".join(c if _is_plain(c) else c.encode("unicode_escape").decode() for c in text)
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1] + "…"


def _is_plain(c: str) -> bool:
    return c == " " or unicodedata.category(c) not in _INVISIBLE


#: Control, format (direction), surrogate, private, unassigned, line, paragraph, odd blanks.
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"))


def comment(value: str) -> Markup:
    """What stands behind ``# `` in Python, TOML or a Dockerfile: one visible line."""
    return Markup(one_line(value, _COMMENT_LENGTH).rstrip("\\"))


def docstring(value: str) -> Markup:
    """What stands in triple quotes: one visible line without quotes or backslashes that act."""
    return Markup(one_line(value).replace("\\", "\\\\").replace('"', '\\"'))


def toml(value: object) -> Markup:
    """A TOML basic string. What no TOML can hold (half a surrogate pair) is shown escaped."""
    return Markup('"' + "".join(map(_toml_character, _text(value))) + '"')


def _toml_character(c: str) -> str:
    if c in '"\\':
        return f"\\{c}"
    if " " <= c <= "~":
        return c
    if unicodedata.category(c) == "Cs":
        return f"\\\\u{ord(c):04x}"
    return f"\\U{ord(c):08x}"


def dockerfile(value: object) -> Markup:
    """A string of an instruction's JSON form; ``$`` is not expanded there."""
    return Markup(json.dumps(_text(value)))


def shell(value: object) -> Markup:
    """One word of a shell command line."""
    return Markup(shlex.quote(one_line(_text(value))))


def markdown(value: object) -> Markup:
    """Inline text of Markdown: nothing in it is markup or HTML."""
    return Markup(re.sub(r"([\\`*_{}\[\]#|<>&~])", r"\\\1", one_line(_text(value))))


def code(value: object) -> Markup:
    """Inline code of Markdown, with as many backticks around it as it takes."""
    text = one_line(_text(value))
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return Markup(f"{fence}{pad}{text}{pad}{fence}")


def cell(value: object) -> Markup:
    """Inline code in a cell of a Markdown table."""
    return Markup(code(value).replace("|", "\\|"))


def statements(nodes: Iterable[ast.stmt], depth: int) -> Markup:
    """Statements, one below the other, each line indented by ``depth`` levels."""
    indent = "    " * depth
    lines = (line for node in nodes for line in ast.unparse(node).split("\n"))
    return Markup("\n".join(f"{indent}{line}" for line in lines))


class Placed(Protocol):
    """Where code comes from."""

    @property
    def place(self) -> str: ...

    @property
    def text(self) -> str: ...


def placed(value: Placed, depth: int) -> Markup:
    """``# place  text`` as a line of its own: the source map of the code below it."""
    return Markup("    " * depth + "# ") + comment(f"{value.place}  {value.text}")


def join(values: Iterable[object], separator: str) -> Markup:
    """Marked texts and syntax trees, joined. Raises for anything else."""
    return Markup(separator).join(finalize(value) for value in values)


def finalize(value: object) -> Markup:
    """What a template prints: marked text, or the source of a syntax tree."""
    match value:
        case Markup():
            return value
        case ast.AST():
            return Markup(ast.unparse(value))
        case _:
            raise EmissionError(f"a template prints {type(value).__name__} without a filter")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise EmissionError(f"{type(value).__name__} is not text")
    return value


#: The filters of the templates. `each` applies one of them to every item.
FILTERS: dict[str, Callable[..., object]] = {
    "ident": ident,
    "literal": literal,
    "docstring": docstring,
    "comment": comment,
    "toml": toml,
    "dockerfile": dockerfile,
    "shell": shell,
    "markdown": markdown,
    "code": code,
    "cell": cell,
    "placed": placed,
    "statements": statements,
    "join": join,
}


def each(values: Iterable[Any], name: str) -> tuple[object, ...]:
    """Every item through the filter ``name``, for ``join``."""
    return tuple(FILTERS[name](value) for value in values)


# --- templates ------------------------------------------------------------------------


@cache
def environment(target: str) -> jinja2.Environment:
    """The templates of a target, behind the guard."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_dir() / target),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters = {**FILTERS, "each": each}
    made.globals = {}
    return made


def render(target: str, template: str, view: object) -> str:
    """The text of a template, given its one ``view``."""
    return environment(target).get_template(template).render(view=view)


def format_python(text: str) -> str:
    """The text as black writes it, 100 columns wide."""
    from black import Mode, format_str
    from black.mode import TargetVersion

    return format_str(text, mode=Mode(line_length=100, target_versions={TargetVersion.PY311}))


# --- the check ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a file may import (``module:name``), and the names it may call."""

    imports: frozenset[str]
    calls: frozenset[str]


def checked_tree(path: str, text: str, prediction: Prediction) -> ast.Module:
    """The syntax tree of a printed file.

    Raises:
        EmissionError: it does not parse, or it imports, calls or decorates what was not
            predicted.
    """
    try:
        tree = ast.parse(text, path)
    except (SyntaxError, ValueError) as error:
        raise EmissionError(f"{path} does not parse: {error}") from error
    for node in ast.walk(tree):
        unexpected = sorted(set(_uses(node, prediction)))
        if unexpected:
            line = getattr(node, "lineno", 0)
            raise EmissionError(f"{path}:{line} has what no plan asked for: {unexpected}")
    return tree


def _uses(node: ast.AST, prediction: Prediction) -> Iterable[str]:
    match node:
        case ast.Import(names=names):
            return (f"import {n.name}" for n in names if n.name not in prediction.imports)
        case ast.ImportFrom(module=module, names=names, level=level):
            origin = "." * level + (module or "")
            wanted = (f"{origin}:{n.name}" for n in names)
            return (f"import {name}" for name in wanted if name not in prediction.imports)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return () if name in prediction.calls else (f"call {name}",)
        case ast.Call():
            return ("call of an expression",)
        case ast.FunctionDef(decorator_list=marks) | ast.ClassDef(decorator_list=marks):
            bare = [mark for mark in marks if not isinstance(mark, ast.Call)]
            shown = [mark.id if isinstance(mark, ast.Name) else "…" for mark in bare]
            return (f"decorator {mark}" for mark in shown if mark not in prediction.calls)
        case ast.Await() | ast.Global() | ast.Nonlocal() | ast.Delete():
            return (type(node).__name__,)
        case _:
            return ()
