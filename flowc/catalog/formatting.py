"""The formats of texts: what ``parse`` and ``format`` share."""

from __future__ import annotations

from flowc.catalog.spec import CheckContext, Formatting
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety

UNKNOWN_FORMAT = declare(
    "FC0379", "unknown-text-format", "A text is not read or written in this format"
)
WRONG_ARGUMENT = declare(
    "FC0329", "wrong-format-argument", "What stands behind a format does not fit it"
)


def known_format(
    item: Formatting, formats: tuple[str, ...], done: str, check: CheckContext
) -> bool:
    """Whether the format is one of ``formats``; reported where it is not.

    ``done`` says what is done in them: "read from a text".
    """
    if item.format.text in formats:
        return True
    near = nearest(item.format.text, formats)
    listed = ", ".join(f"`{name}`" for name in formats)
    check.reporter.error(
        UNKNOWN_FORMAT,
        f"a value is not {done} as '{item.format.text}'",
        item.format.span,
        at=f"did you mean '{near[0]}'?" if near else "",
        notes=(f"formats: {listed}", "a type is given by `cast a as int`"),
        fixes=tuple(
            Fix(f"write {name}", (Edit(item.format.span, name),), Safety.UNSAFE) for name in near
        ),
    )
    return False
