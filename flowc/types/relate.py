"""How types relate: the one import for those who ask.

`explain` and `is_subtype` say whether values of one type fit another (`subtype`), with
the place and the reason where not (`mismatch`); `join` and `meet` find the common type
(`lattice`); `resolve` takes the names off (`resolve`); `widens` is the exact numeric
order (`numeric`).
"""

from __future__ import annotations

from flowc.types.lattice import join, join_all, meet
from flowc.types.mismatch import ITEM, VALUE, Inside, Mismatch, Reason, Step, show_path
from flowc.types.numeric import common_narrow, common_wide, is_integer, is_numeric, widens
from flowc.types.resolve import NO_NAMES, Env, head, resolve
from flowc.types.subtype import changes_value, explain, is_json_like, is_subtype, is_textual

__all__ = [
    "ITEM",
    "NO_NAMES",
    "VALUE",
    "Env",
    "Inside",
    "Mismatch",
    "Reason",
    "Step",
    "changes_value",
    "common_narrow",
    "common_wide",
    "explain",
    "head",
    "is_integer",
    "is_json_like",
    "is_numeric",
    "is_subtype",
    "is_textual",
    "join",
    "join_all",
    "meet",
    "resolve",
    "show_path",
    "widens",
]
