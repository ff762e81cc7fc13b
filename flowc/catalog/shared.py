"""What several operators' rules have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog.spec import Arguments, CheckContext
from flowc.diagnostics.codes import declare
from flowc.model.diagnostic import Label
from flowc.model.effects import Clock, Facts, Truth
from flowc.model.expect import Expectation, PredicateMustBeBool
from flowc.model.expr import Path
from flowc.model.source import Span
from flowc.model.typed import Apply, Column, Const, Setting, Typed, children
from flowc.model.types import BOOL, Field, Record, Type, Union, nullable
from flowc.syntax.interpolate import is_secret
from flowc.types.members import member_field
from flowc.types.relate import Env, head

DUPLICATE_COLUMN = declare("FC0331", "duplicate-column", "A column is made twice by one stage")
NOT_A_FIELD_NAME = declare(
    "FC0332", "computed-target", "Only a field can be assigned to, not an item of a list"
)
COLUMN_EXISTS = declare(
    "FC0364", "column-exists", "A stage makes a column that the record already has"
)
SECRET_IN_RECORD = declare("FC0346", "secret-in-record", "A secret would become part of a record")
NESTED_IN_NON_RECORD = declare(
    "FC0333", "set-inside-non-record", "A field is set inside something that is not a record"
)


@dataclass(frozen=True, slots=True)
class Test:
    """A condition, and the message of the error where it does not hold (None: a drop)."""

    condition: Typed
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Branches:
    """The conditions by port, and the port of what is left (None: dropped)."""

    conditions: tuple[tuple[str, Typed], ...]
    otherwise: str | None


#: Where a secret may be: compared, hashed. Nothing of it can be read off what comes out.
_OPAQUE = frozenset({"==", "!=", "<", "<=", ">", ">=", "is", "is not", "matches", "hash"})


def refuse_secrets(value: Typed, check: CheckContext) -> None:
    """Report secrets that a value would carry into a record."""
    stack = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, Apply) and here.function in _OPAQUE:
            continue
        if isinstance(here, Setting) and (here.secret or is_secret(here.name)):
            check.reporter.error(
                SECRET_IN_RECORD,
                f"the secret ${{{here.name}}} would become part of a record",
                here.span,
                notes=(
                    "a secret may be compared, hashed and passed as an option, never stored",
                    "if it is no secret, give the variable a name without KEY, TOKEN, SECRET, "
                    "PASSWORD, SALT or AUTH",
                ),
            )
        stack.extend(children(here))


def both(facts: Facts, deterministic: bool) -> Truth:
    """Whether rows are still the same on every run, once an expression was evaluated."""
    return facts.deterministic if deterministic else Truth.NO


def condition(arguments: Arguments, name: str, row: Record, check: CheckContext) -> Typed:
    """The condition of an operator, typed: a bool, or one that may be null."""
    expectation = Expectation(
        nullable(BOOL), PredicateMustBeBool(arguments.word.text), arguments.word.span
    )
    return check.infer(arguments.get(name), row, expectation)


def names_of(path: Path, check: CheckContext) -> tuple[str, ...] | None:
    """The field names of a path that must be made of names; reported where it is not."""
    names = path.names
    if names is None:
        check.reporter.error(
            NOT_A_FIELD_NAME,
            "only a field can stand here",
            path.span,
            notes=("an item of a list cannot be assigned, dropped or renamed by itself",),
        )
    return names


def unique_names(pairs: list[tuple[str, Span]], check: CheckContext, what: str) -> bool:
    """Report columns that one stage makes twice; whether there were none."""
    first: dict[str, Span] = {}
    good = True
    for name, span in pairs:
        if name in first:
            good = False
            check.reporter.error(
                DUPLICATE_COLUMN,
                f"`{what}` makes the column '{name}' twice",
                span,
                labels=(Label(first[name], "made here first"),),
                notes=("give one of them another name: `name = expression`",),
            )
        else:
            first[name] = span
    return good


def taken(name: str, row: Record, span: Span, check: CheckContext, what: str) -> bool:
    """Report a column that the record already has under that name; whether it has one.

    ``row`` is the record without what the stage itself takes away.
    """
    field = row.field(name)
    if field is None:
        return False
    origins = [origin for origin in field.origin if origin.span is not None]
    check.reporter.error(
        COLUMN_EXISTS,
        f"`{what}` makes '{name}', and the record already has a field of that name",
        span,
        labels=tuple(
            Label(origin.span, f"'{name}' {origin.verb}") for origin in origins if origin.span
        ),
        notes=(f"choose another name, or take the other away first: `drop {name}`",),
    )
    return True


def stage_text(span: Span) -> str:
    """The stage as written, on one line and not too long, for origins and messages."""
    text = " ".join(span.text.split())
    return text if len(text) <= 60 else text[:57] + "…"


def carried_column(names: tuple[str, ...], field: Field, span: Span | None = None) -> Column:
    """A path handed on unchanged, absence included."""
    kind = nullable(field.type) if field.optional else field.type
    return Column(names, kind, present=not field.optional, span=span)


def is_reached(names: tuple[str, ...], row: Record, types: Env) -> bool:
    """Whether every step of a path before the last is proven to be there."""
    here: Type = row
    for name in names[:-1]:
        if isinstance(here, Record):
            field = here.field(name)
        else:
            field = member_field(here, name, types) if isinstance(here, Union) else None
        if field is None or field.optional:
            return False
        here, null = head(field.type, types)
        if null:
            return False
    return True


def without_key(facts: Facts, gone: frozenset[str]) -> Facts:
    """The facts once fields were overwritten or dropped: keys and clock that used them end."""
    keys = frozenset(key for key in facts.keys if not gone & set(key))
    time = facts.time
    if time is not None and time.field[0] in gone:
        time = replace(time, kept=False)
    return replace(facts, keys=keys, time=time)


def renamed_facts(facts: Facts, names: dict[str, str]) -> Facts:
    """The facts once fields have other names; a field not in ``names`` is gone."""
    keys = frozenset(
        tuple(names[part] for part in key)
        for key in facts.keys
        if all(part in names for part in key)
    )
    time = facts.time
    if time is not None:
        new = names.get(time.field[0])
        time = (
            Clock((new, *time.field[1:]), time.lag, time.idle, time.kept)
            if new is not None
            else replace(time, kept=False)
        )
    return replace(facts, keys=keys, time=time)


def constant_conditions(outcome: object) -> tuple[Const, ...]:
    """The conditions of an operator's outcome that are the same for every record."""
    match outcome:
        case Test(condition=condition):
            found: tuple[Typed, ...] = (condition,)
        case Branches(conditions=conditions):
            found = tuple(condition for _, condition in conditions)
        case _:
            found = ()
    return tuple(condition for condition in found if isinstance(condition, Const))
