"""A Python file, read and never run: its names, classes and places."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator

from flowc.model.source import SourceFile, Span

#: Packages whose name is not that of the module they bring.
_PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jwt": "pyjwt",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}

_LINE = re.compile(r"\r\n|\r|\n")


class Unreadable(Exception):
    """The file is no Python; ``span`` is where reading stopped."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class PythonFile:
    """The syntax tree of a file, what its names are bound to, and where its nodes stand.

    Raises:
        Unreadable: it cannot be parsed.
    """

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        # A byte order mark is no part of the program, but it takes a place in the text.
        self._first = len(source.text) - len(source.text.removeprefix("\ufeff"))
        text = source.text[self._first :]
        self._starts = [self._first] + [self._first + match.end() for match in _LINE.finditer(text)]
        self.tree = self._parse(text)
        self.imports = dict(self._bindings())
        self.classes = dict(_classes(self.tree.body, ""))
        self.assigned = dict(_assigned(self.tree.body))

    def _parse(self, text: str) -> ast.Module:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(text)
        except SyntaxError as error:
            line, column = error.lineno or 1, (error.offset or 1) - 1
            start = min(self._starts[min(line, len(self._starts)) - 1] + max(column, 0), self._end)
            span = Span(self.source, start, min(start + 1, self._end))
            raise Unreadable(error.msg or "invalid syntax", span) from None
        except ValueError as error:
            raise Unreadable(str(error), self.source.span(0, 0)) from None
        except (RecursionError, MemoryError):
            raise Unreadable("it nests too deep", self.source.span(0, 0)) from None

    @property
    def _end(self) -> int:
        return len(self.source.text)

    # Places

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> Span:
        """The place of a node."""
        end_line = node.end_lineno or node.lineno
        end_column = node.end_col_offset or node.col_offset
        return Span(
            self.source,
            self._offset(node.lineno, node.col_offset),
            self._offset(end_line, end_column),
        )

    def name_span(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Span:
        """The place of the name behind ``def`` or ``class``."""
        start = self._offset(node.lineno, node.col_offset)
        at = self.source.text.find(node.name, start + len("def"))
        return Span(self.source, at, at + len(node.name)) if at >= 0 else self.span(node)

    def line(self, number: int) -> str:
        """The text of a line, from 1; empty outside the file."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else self._end
        return self.source.text[self._starts[number - 1] : end].rstrip("\r\n")

    def _offset(self, line: int, column: int) -> int:
        """The offset of a column that the parser counts in bytes of UTF-8."""
        start = self._starts[min(line, len(self._starts)) - 1]
        text = self.line(line)
        if text.isascii():
            return start + column
        return start + len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))

    # Names

    def qualified(self, node: ast.expr) -> str | None:
        """The dotted name that an expression stands for: ``typing.Optional``, ``int``."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        bound = self.imports.get(node.id, node.id)
        if node.id in self.classes or node.id in self.assigned:
            bound = node.id
        return ".".join([bound, *reversed(parts)])

    def _bindings(self) -> Iterator[tuple[str, str]]:
        for node in ast.walk(self.tree):
            match node:
                case ast.Import(names):
                    for alias in names:
                        name = alias.name if alias.asname else alias.name.split(".")[0]
                        yield alias.asname or name, name
                case ast.ImportFrom(module, names, level):
                    for alias in names:
                        origin = "." * (level or 0) + (module or "")
                        yield alias.asname or alias.name, f"{origin}.{alias.name}"
                case _:
                    pass

    def packages(self) -> tuple[str, ...]:
        """The packages, beyond the standard library, that the file imports, in order of name."""
        found: set[str] = set()
        for node in _run_time(self.tree):
            match node:
                case ast.Import(names):
                    found |= {alias.name.split(".")[0] for alias in names}
                case ast.ImportFrom(str(module), _, 0):
                    found.add(module.split(".")[0])
                case _:
                    pass
        outside = found - sys.stdlib_module_names - {"flowc", "flowc_runtime"}
        return tuple(sorted(_PACKAGES.get(name, name) for name in outside))


def _run_time(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker sees."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            stack.extend(node.orelse)
        else:
            stack.extend(ast.iter_child_nodes(node))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, with those under ``if`` and ``try``."""
    for statement in body:
        yield statement
        match statement:
            case ast.If(_, inner, orelse):
                yield from _statements([*inner, *orelse])
            case ast.Try(inner, handlers, orelse, _):
                caught = [line for handler in handlers for line in handler.body]
                yield from _statements([*inner, *orelse, *caught])
            case _:
                pass


def _classes(body: list[ast.stmt], outer: str) -> Iterator[tuple[str, ast.ClassDef]]:
    """Classes by name, those inside others as ``Outer.Inner``."""
    for statement in _statements(body):
        if isinstance(statement, ast.ClassDef):
            name = f"{outer}{statement.name}"
            yield name, statement
            yield from _classes(statement.body, f"{name}.")


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """What plain names of the module are assigned: aliases of types, among others."""
    for statement in _statements(body):
        match statement:
            case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, value):
                if value is not None:
                    yield name, value
            case _:
                pass
