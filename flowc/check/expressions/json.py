"""Where json must become a type before it can be used."""

from __future__ import annotations

from flowc.check.expressions.context import Walk
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Edit, Fix
from flowc.model.typed import Typed
from flowc.model.types import DecimalType, Scalar, Type, strip_null
from flowc.types.show import label

JSON_USED = declare("FC0309", "json-needs-cast", "A json value is used where a type is needed")


def needs_cast(walk: Walk, value: Typed, wanted: Type, who: str) -> None:
    """Report a json value where ``wanted`` is needed, with the conversion as the fix."""
    target = strip_null(wanted)
    function = conversion(target)
    fixes: tuple[Fix, ...] = ()
    if value.span is not None and function is not None:
        call = f"{function}({value.span.text})"
        fixes = (Fix(f"convert it: `{call}`", (Edit(value.span, call),)),)
    walk.reporter.error(
        JSON_USED,
        f"{who} needs {label(target)}, and json may be of any kind",
        value.span,
        at="this is json",
        notes=("a conversion gives it a type; what cannot be converted is a ConversionError",),
        fixes=fixes,
    )


def conversion(type: Type) -> str | None:
    """The name of the function that converts to a scalar type."""
    match type:
        case Scalar(kind):
            return kind.value
        case DecimalType():
            return "decimal"
        case _:
            return None
