"""Fields replaced where they stand: what ``mask``, ``hash`` and ``redact`` share."""

from __future__ import annotations

from collections.abc import Callable

from flowc.catalog.assigning import Assigned, place, with_field
from flowc.catalog.shared import carried_column, names_of, stage_text, unique_names, without_key
from flowc.catalog.spec import Arguments, CheckContext, Outcome
from flowc.model.effects import NO_ERRORS, ErrorSet, Facts
from flowc.model.expr import Path
from flowc.model.graph import Lineage
from flowc.model.typed import Column, Typed, columns, errors
from flowc.model.types import POISON, Field, Origin, Poison, Record

#: What becomes of a field, or None where it was reported that nothing can.
Replacing = Callable[[Column, Path], Typed | None]


def replace_fields(
    arguments: Arguments,
    paths: tuple[Path, ...],
    row: Record,
    facts: Facts,
    check: CheckContext,
    making: Replacing,
) -> Outcome:
    """Each field of ``paths``, also one inside a record, made anew in its place.

    ``making`` is given the field as a column, null where it is absent. What a schema stated
    of the field (that it is personal, say) ends here.
    """
    unique_names(
        [(".".join(path.names or ()), path.span) for path in paths], check, arguments.word.text
    )
    made: list[Assigned] = []
    reads: set[tuple[str, ...]] = set()
    computed: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {}
    raised: ErrorSet = NO_ERRORS
    now = row
    for path in dict.fromkeys(paths):
        names = names_of(path, check)
        found = check.field(path, now) if names is not None else None
        if names is None or found is None:
            continue
        value: Typed | None = None
        if not isinstance(found.type, Poison):
            value = making(carried_column(names, found, path.span), path)
        origin = Origin(f"was made by `{stage_text(arguments.span)}`", arguments.span)
        if value is None:
            now = with_field(now, Field(names[0], POISON))
            continue
        field = Field(names[-1], value.type, origin=(*found.origin, origin))
        top, whole = place(names, field, value, now, path.span, check)
        # The other fields of a record that is made anew are read, too.
        reads |= columns(whole)
        computed[names] = columns(value)
        raised |= errors(value)
        now = with_field(now, top)
        made.append(Assigned(names[0], whole, now))
    changed = frozenset(assigned.name for assigned in made)
    return Outcome(
        ports={"out": now},
        facts=without_key(facts, changed),
        lineage=Lineage(reads=frozenset(reads), computed=computed),
        errors=raised,
        outcome=tuple(made),
    )
