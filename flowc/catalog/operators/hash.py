"""``hash email with "${SALT}"``: values replaced by what only tells equal from different."""

from __future__ import annotations

from dataclasses import replace

from flowc.catalog.assigning import lower_assigned
from flowc.catalog.replacing import replace_fields
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.diagnostics.codes import declare
from flowc.model.effects import CONVERSION_ERROR, Facts
from flowc.model.expr import Literal, Path, Template, Variable
from flowc.model.typed import Apply, Column, Const, RuntimeCall, Setting, Typed
from flowc.model.types import STRING, Record, may_be_null, nullable

MIXED_SALT = declare(
    "FC0369", "mixed-salt", "The salt of `hash` is neither one variable nor a plain text"
)

_FAILS = frozenset({CONVERSION_ERROR})


class Hash(Operator):
    name = "hash"
    kind = "protect"
    summary = "replaces values by their hashes"
    doc = (
        "The field becomes a text of 64 hexadecimal digits: the HMAC-SHA256 of the value's "
        "text under the salt, or its SHA-256 where there is none. Equal values have equal "
        "hashes, so that they can still be counted and joined. Without a salt, values that "
        "can be guessed can be found again; give one as a variable, which is then a secret "
        "of the run. Null stays null, and an absent field becomes null."
    )
    form = 'hash a, b.c [with "${SALT}"]'
    parameters = (
        Parameter("fields", Form.PATHS, "the fields to hash"),
        Parameter("with", Form.TEXT, "the salt: a variable", clause="with", required=False),
    )
    corrections = {"pseudonymize": "hash", "digest": "hash", "encrypt": "hash"}
    examples = (
        OperatorExample(
            "With a salt",
            'hash email with "${SALT:-pepper}"',
            '{"id": 1, "email": "ada@example.org"}',
            '{"id": 1, "email": "eddcbc0c0fa8cbf6d4cfd93ecdb9462505368148b51d85cd49b960068295db40"}',
        ),
        OperatorExample(
            "Without one",
            "hash name",
            '{"name": "a"}\n{"name": null}',
            '{"name": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}\n'
            '{"name": null}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        paths: tuple[Path, ...] = arguments.get("fields")
        salt = _salt(arguments.get("with"), check)

        def hashed(column: Column, path: Path) -> Typed:
            made = nullable(STRING) if may_be_null(column.type) else STRING
            form = RuntimeCall("values.text", "hash_value")
            given: tuple[Typed, ...] = (column,)
            if salt is not None:
                form = RuntimeCall("values.protect", "keyed_hash")
                given = (column, salt)
            return Apply("hash", form, given, made, errors=_FAILS, span=path.span)

        return replace_fields(arguments, paths, row, facts, check, hashed)

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        return lower_assigned(outcome, context)


def _salt(written: Template | Literal | None, check: CheckContext) -> Typed | None:
    """The salt, a secret where it is a variable; None where there is none."""
    if written is None:
        return None
    text = written.text if isinstance(written, Literal) else written.plain
    if text:
        return Const(text, STRING, written.span)
    parts = written.parts if isinstance(written, Template) else ()
    if len(parts) == 1 and isinstance(parts[0], Variable):
        name = parts[0]
        setting = Setting(name.name, STRING, name.span, name.default, name.message)
        return replace(setting, secret=True)
    check.reporter.error(
        MIXED_SALT,
        "the salt is empty" if text == "" else "the salt is one variable, and nothing beside it",
        written.span,
        notes=('write `with "${SALT}"`, and set SALT where the pipeline runs',),
    )
    return None


OPERATOR = Hash()
