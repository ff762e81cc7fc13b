"""Emitted files as an importable package: nothing is written to disk.

Each load has a package of its own name, so that two pipelines, or two versions of one, can
live side by side and a pipeline called ``json`` hides nothing. Its ``_runtime`` is the
installed runtime, the same for all.
"""

from __future__ import annotations

import importlib
import linecache
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from itertools import count
from types import ModuleType

from flowc.model.files import FileSet

_NUMBERS = count(1)
_RUNTIME = "flowc_runtime"


def load(fileset: FileSet) -> ModuleType:
    """The package of a file set, imported; ``unload`` removes it.

    Raises:
        ImportError: the file set has no package.
        SyntaxError: a file of it is not Python (our bug, or the user's in a copied file).
    """
    name = f"_flowc_{next(_NUMBERS)}_{fileset.package}"
    finder = _Finder(name, fileset)
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(name)
    except BaseException:
        _remove(name)
        raise


def loaded_files(package: ModuleType) -> frozenset[str]:
    """The names under which tracebacks show the modules loaded so far."""
    finders = (f for f in sys.meta_path if isinstance(f, _Finder))
    return frozenset().union(*(f.filenames for f in finders if f.package == package.__name__))


def unload(package: ModuleType) -> None:
    """Forget a loaded package, its modules and their source lines."""
    _remove(package.__name__)


def _remove(name: str) -> None:
    for finder in [f for f in sys.meta_path if isinstance(f, _Finder) and f.package == name]:
        sys.meta_path.remove(finder)
        for filename in finder.filenames:
            linecache.cache.pop(filename, None)
    for module in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
        del sys.modules[module]


class _Finder(MetaPathFinder, Loader):
    """Finds and loads the modules of one file set."""

    def __init__(self, package: str, fileset: FileSet) -> None:
        self.package = package
        self._root = f"src/{fileset.package}"
        self._shown = f"<{package.removeprefix('_flowc_')}>"
        self._files = fileset.files
        self.filenames: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.package and not fullname.startswith(f"{self.package}."):
            return None
        inner = tuple(fullname.split(".")[1:])
        if inner[:1] == ("_runtime",):
            return ModuleSpec(fullname, self)
        for parts, is_package in ((*inner, "__init__"), True), (inner, False):
            place = "/".join((self._root, *parts)) + ".py"
            if place in self._files:
                origin = f"{self._shown}/{place.removeprefix('src/')}"
                spec = ModuleSpec(fullname, self, origin=origin, is_package=is_package)
                spec.loader_state = place
                spec.has_location = True
                return spec
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        assert spec is not None
        if spec.origin is None:
            # What ``build`` copies are the bytes of the installed runtime.
            inner = spec.name.removeprefix(f"{self.package}._runtime")
            sys.modules[spec.name] = importlib.import_module(_RUNTIME + inner)
            return
        text = self._files[spec.loader_state].text
        lines = text.splitlines(keepends=True)
        # Without a time of change, linecache never looks for the file on disk.
        linecache.cache[spec.origin] = (len(text), None, lines, spec.origin)
        self.filenames.add(spec.origin)
        exec(compile(text, spec.origin, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
