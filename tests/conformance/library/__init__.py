"""The functions of the language, a second time: by other means than the runtime's where there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.conversions import CONVERSIONS
from conformance.library import collections, numbers, texts, times

#: Each function by its name, over arguments of which none is null.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **CONVERSIONS,
    **texts.FUNCTIONS,
    **numbers.FUNCTIONS,
    **times.FUNCTIONS,
    **collections.FUNCTIONS,
}

#: Those that are called with null too.
SEES_NULL = frozenset({"concat_ws", "nullif", "is_null", "is_not_null", "json_type"})
