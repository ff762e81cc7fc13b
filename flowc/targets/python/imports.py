"""The imports of one generated module: asked for by name, printed in isort's order."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable

from flowc.targets.python.views import ImportView

#: Packages of the runtime whose members are modules.
_PACKAGES = ("connectors",)


class Imports:
    """What a module imports. Asking for a name twice imports it once.

    ``own`` are the top-level modules of the project itself.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        self._own = frozenset(own)
        self._names: dict[str, set[str]] = {}
        self._modules: dict[str, str] = {}

    def name(self, module: str, name: str) -> ast.Name:
        """``name``, imported from ``module``."""
        self._names.setdefault(module, set()).add(name)
        return ast.Name(name)

    def module(self, module: str, alias: str = "") -> ast.Name:
        """``module`` itself, under ``alias``."""
        self._modules[module] = alias
        return ast.Name(alias or module)

    def runtime(self, module: str, name: str) -> ast.Name:
        """``name`` of the vendored runtime's ``module``."""
        return self.name(f"._runtime.{module}", name)

    @property
    def predicted(self) -> frozenset[str]:
        """Every import as ``module:name`` or ``module``."""
        named = {f"{module}:{name}" for module, names in self._names.items() for name in names}
        return frozenset(named | set(self._modules))

    @property
    def runtime_modules(self) -> frozenset[str]:
        """The modules of the vendored runtime that are imported from."""
        prefix = "._runtime."
        found: set[str] = set()
        for module, names in self._names.items():
            if module.startswith(prefix):
                inner = module.removeprefix(prefix)
                found.add(inner)
                found.update(f"{inner}.{name}" for name in names if inner in _PACKAGES)
        return frozenset(found)

    def views(self) -> tuple[tuple[ImportView, ...], ...]:
        """The imports in groups: standard library, third party, the project's own."""
        groups: dict[int, list[ImportView]] = {}
        for module in sorted(self._modules):
            view = ImportView(module, alias=self._modules[module])
            groups.setdefault(self._group(module), []).append(view)
        for module in sorted(self._names):
            names = tuple(sorted(self._names[module], key=_member_order))
            groups.setdefault(self._group(module), []).append(ImportView(module, names))
        return tuple(tuple(groups[number]) for number in sorted(groups))

    def _group(self, module: str) -> int:
        root = module.split(".")[0]
        if not root:
            return 3
        if root in self._own:
            return 2
        return 0 if root in sys.stdlib_module_names else 1


def _member_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name
