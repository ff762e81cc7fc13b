"""What a schema states of a field beyond its type: bounds, pattern, unit, labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template
from flowc.model.tree import Option
from flowc.model.types import DATE, STRING, TIMESTAMP, Poison, Ref, Refinement, Type, strip_null
from flowc.types.numeric import is_numeric
from flowc.types.show import show

REFINEMENT = declare("FC0359", "malformed-refinement", "A field's refinement makes no sense")

REFINEMENT_KEYS = ("min", "max", "pattern", "unit", "pii", "secret")


def read_flag(option: Option | None, reporter: Reporter) -> bool:
    """``true`` or ``false``; anything else is reported and read as false."""
    if option is None:
        return False
    text = _text(option)
    if text not in ("true", "false"):
        reporter.error(REFINEMENT, f"`{option.key.text}` is `true` or `false`", option.value.span)
    return text == "true"


def read_refinement(options: Mapping[str, Option], type: Type, reporter: Reporter) -> Refinement:
    """The refinement that a field's keys state; what makes no sense is reported and left out."""
    low = _bound(options.get("min"), type, reporter)
    high = _bound(options.get("max"), type, reporter)
    known = not isinstance(strip_null(type), Ref | Poison)
    if known and low and high and _ordinal(low, type) > _ordinal(high, type):
        reporter.error(
            REFINEMENT,
            f"no value is at least {low} and at most {high}",
            options["min"].value.span,
        )
        low = high = None
    return Refinement(
        low,
        high,
        _pattern(options.get("pattern"), type, reporter),
        _text(options["unit"]) if "unit" in options else None,
        read_flag(options.get("pii"), reporter),
        read_flag(options.get("secret"), reporter),
    )


def _text(option: Option) -> str | None:
    return option.value.plain if isinstance(option.value, Template) else None


def _ordinal(text: str, type: Type) -> Decimal:
    """A number that orders the bounds of a type.

    Raises:
        ValueError: the text is no value of the type.
    """
    if strip_null(type) in (DATE, TIMESTAMP):
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Decimal(moment.timestamp())
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite():
        raise ValueError(text)
    return number


def _bound(option: Option | None, type: Type, reporter: Reporter) -> str | None:
    if option is None:
        return None
    bare = strip_null(type)
    if isinstance(bare, Ref | Poison):
        return _text(option)
    if not is_numeric(bare) and bare not in (DATE, TIMESTAMP):
        reporter.error(
            REFINEMENT,
            f"`{option.key.text}` bounds numbers, dates and timestamps, not {show(type, width=40)}",
            option.key.span,
        )
        return None
    text = _text(option)
    try:
        if text is None:
            raise ValueError
        _ordinal(text, type)
    except (ValueError, OverflowError):
        what = "a number" if is_numeric(bare) else f"a {show(bare)}"
        reporter.error(REFINEMENT, f"`{option.key.text}` must be {what}", option.value.span)
        return None
    return text


def _pattern(option: Option | None, type: Type, reporter: Reporter) -> str | None:
    if option is None:
        return None
    bare = strip_null(type)
    if bare != STRING and not isinstance(bare, Ref | Poison):
        reporter.error(
            REFINEMENT, f"`pattern` is for strings, not {show(type, width=40)}", option.key.span
        )
        return None
    text = _text(option)
    try:
        if text is None:
            raise re.error("it must be a text")
        # RE2 has classes that `re` lacks; what stands in such a pattern is left to RE2.
        if not re.search(r"\\[pPzCQ]", text):
            re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        reporter.error(REFINEMENT, f"the pattern cannot be read: {error}", option.value.span)
        return None
    return text
