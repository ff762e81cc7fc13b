"""Where the grammar, the templates, the runtime and the pages of the error codes lie.

The only module that knows. A wheel carries them under ``flowc/_data``; a checkout and an
editable install read them from the repository. The runtime is an importable package in
all three.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_DATA = _PACKAGE / "_data"
_ROOT = _DATA if _DATA.is_dir() else _PACKAGE.parent


def grammar_dir() -> Path:
    """The folder with ``flow.lark`` and, where it was made, ``flow.tables.json``."""
    return _ROOT / "grammar"


def templates_dir() -> Path:
    """The folder with one folder of templates for each target."""
    return _ROOT / "templates"


def errors_dir() -> Path:
    """The folder with one page for each error code, ``FC0312.md``."""
    return _DATA / "errors" if _ROOT == _DATA else _ROOT / "docs" / "errors"


def runtime_dir() -> Path:
    """The folder of the package ``flowc_runtime``, whose files are vendored unchanged.

    Raises:
        RuntimeError: the package is not installed beside flowc.
    """
    spec = find_spec("flowc_runtime")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("flowc is not installed whole: the package flowc_runtime is missing")
    return Path(next(iter(spec.submodule_search_locations)))
