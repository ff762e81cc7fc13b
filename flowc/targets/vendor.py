"""The part of the runtime that a project needs, byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from flowc.model.files import File, Owner
from flowc.resources import runtime_dir
from flowc.targets.base import EmissionError


def vendored(modules: Iterable[str], folder: str) -> dict[str, File]:
    """The runtime's modules and all that they import, by path below ``folder``.

    Args:
        modules: dotted names relative to the runtime (``codecs.jsonlines``).
        folder: where they are to lie, as a POSIX path.

    Raises:
        EmissionError: there is no such module, or one imports in a way that cannot be copied.
    """
    found: dict[str, File] = {}
    waiting = sorted(set(modules))
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        path, text, needs = _module(module)
        found[f"{folder}/{path}"] = File(text, Owner.VENDORED)
        waiting.extend(needs)
    found[f"{folder}/__init__.py"] = File(_module("")[1], Owner.VENDORED)
    found[f"{folder}/py.typed"] = File("", Owner.VENDORED)
    return found


@cache
def _module(module: str) -> tuple[str, str, tuple[str, ...]]:
    """Path below the runtime, text, and the runtime's modules it imports (its packages too)."""
    root = runtime_dir()
    path = _path(root, module)
    if path is None:
        raise EmissionError(f"the runtime has no module {module}")
    text = path.read_bytes().decode()
    is_package = path.name == "__init__.py"
    parts = tuple(module.split(".")) if module else ()
    package = parts if is_package else parts[:-1]
    needs = {".".join(parts[:size]) for size in range(1, len(parts))}
    for node in _statements(ast.parse(text).body):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            origin = (*base, *(node.module or "").split(".")) if node.module else base
            needs.update(_imported(root, origin, [name.name for name in node.names]))
    return path.relative_to(root).as_posix(), text, tuple(sorted(needs - {""}))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements and those inside them; what stands in expressions imports nothing."""
    for statement in body:
        yield statement
        for part in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, part, []))
        for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _statements(branch.body)


def _imported(root: Path, origin: tuple[str, ...], names: list[str]) -> Iterable[str]:
    """``from origin import names``: the origin, and those of the names that are modules."""
    module = ".".join(origin)
    yield module
    for name in names:
        inner = f"{module}.{name}" if module else name
        if _path(root, inner) is not None:
            yield inner


def _path(root: Path, module: str) -> Path | None:
    base = root.joinpath(*module.split(".")) if module else root
    for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
        if path.is_file():
            return path
    return None
