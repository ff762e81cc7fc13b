"""Makes ``grammar/flow.tables.json`` when flowc is built: a wheel, or an editable install.

The tables are JSON and carry a hash of the grammar, lark's version and its options; flowc
reads them only where all three are its own (`flowc.syntax.dsl`), else it makes tables in
memory. Nothing of flowc is imported here: a build environment holds hatchling and lark.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_HERE = Path(__file__).resolve().parent
_OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "contextual",
    "start": ["arguments", "expr"],
    "maybe_placeholders": False,
}


class TablesBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before it collects the files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the tables; the wheel takes them along by ``force-include``."""
        if self.target_name == "wheel":
            (_HERE / "flow.tables.json").write_text(tables(), "utf-8")


def tables() -> str:
    """The tables of ``flow.lark``, as JSON."""
    import lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = (_HERE / "flow.lark").read_text("utf-8")
    data, memo = lark.Lark(grammar, **_OPTIONS).memo_serialize([TerminalDef, Rule])
    saved = {
        "grammar": hashlib.sha256(grammar.encode()).hexdigest(),
        "lark": lark.__version__,
        "options": _OPTIONS,
        "data": data,
        "memo": memo,
    }
    return json.dumps(saved, separators=(",", ":"))
