"""The formats of texts: what ``parse`` and ``format`` share."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.catalog.spec import CheckContext, Formatting
from flowc.catalog.texts import TextFormat
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety

UNKNOWN_FORMAT = declare(
    "FC0379", "unknown-text-format", "A text is not read or written in this format"
)


def known_format(
    item: Formatting, formats: Sequence[TextFormat], done: str, check: CheckContext
) -> TextFormat | None:
    """The format that an item names, of ``formats``; reported where it is none of them.

    ``done`` says what is done in them: "read from a text".
    """
    words = {word: one for one in formats for word in (one.name, *one.spellings)}
    if item.format.text in words:
        return words[item.format.text]
    near = nearest(item.format.text, tuple(words))
    listed = ", ".join(f"`{one.name}`" for one in formats)
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
    return None
