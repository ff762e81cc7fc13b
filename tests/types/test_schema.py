"""Schema files, read from YAML as the project reads them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.source import SourceFile
from flowc.model.types import Record, Refinement
from flowc.syntax.yamldoc import load, text_of
from flowc.types.notation import show
from flowc.types.schema import Schema, merge_schemas, read_schema


def attempt(*files: str) -> tuple[Schema, list[Diagnostic]]:
    reporter = Reporter()
    schemas = []
    for i, text in enumerate(files):
        source = SourceFile(f"schemas/{'ab'[i]}.schema.yaml", dedent(text))
        for value in load(source, reporter):
            schemas.append(read_schema(value, reporter, text_of=text_of))
    return merge_schemas(schemas, reporter), list(reporter)


def read(*files: str) -> Schema:
    schema, found = attempt(*files)
    assert not found
    return schema


def shown(schema: Schema) -> dict[str, str]:
    return {name: show(named.type) for name, named in schema.types.items()}


def field_type(written: str) -> str:
    """The type of a field written so, shown."""
    types = shown(read(f"types:\n  Row:\n    x: {written}\n"))
    return types["Row"][len("{x: ") : -1]


def test_the_visions_example() -> None:
    schema, found = attempt(
        """
        types:
          Payment:
            amount: number
            currency: string
            from: string
            to: string

        processors:
          validate-payment:
            input: RawTransaction
            output: Payment
            errors: [ValidationError]
        """
    )
    payment = schema.types["Payment"]
    assert show(payment.type) == "{amount: number, currency: string, from: string, to: string}"
    assert isinstance(payment.type, Record)
    assert payment.type.name == "Payment"
    assert payment.span.text == "Payment"
    declared = schema.processors["validate-payment"]
    assert declared.errors == ("ValidationError",)
    assert declared.output is not None
    # Only the processor's file can say what a RawTransaction is.
    assert declared.input is None
    (warning,) = found
    assert not warning.is_error
    assert warning.span is not None
    assert warning.span.text == "RawTransaction"


def test_a_field_remembers_where_it_was_declared() -> None:
    payment = read("types:\n  Payment:\n    amount: number\n").types["Payment"].type
    assert isinstance(payment, Record)
    (origin,) = payment.fields[0].origin
    assert origin.verb == "was declared"
    assert origin.span is not None
    assert origin.span.place == "schemas/a.schema.yaml:3:5"


@pytest.mark.parametrize(
    ("written", "type"),
    [
        ("int?", "int?"),
        ("list<string>", "list<string>"),
        ('"{a: int, b?: string}"', "{a: int, b?: string}"),
        ("{a: int, b?: string}", "{a: int, b?: string}"),
        ("{a: {b: int}}", "{a: {b: int}}"),
        ("{a: int, '...': }", "{a: int, ...}"),
        ("decimal(10, 2)", "decimal(10, 2)"),
        ("{type: 'decimal(10, 2)'}", "decimal(10, 2)"),
        ("{type: {a: int}, doc: text}", "{a: int}"),
        ("{fields: {type: string, doc: string}}", "{type: string, doc: string}"),
        ("{type: string, at: timestamp}", "{type: string, at: timestamp}"),
        ("{enum: [EUR, USD]}", 'enum("EUR", "USD")'),
        ("{enum: string, x: int}", "{enum: string, x: int}"),
        ("{type: {enum: [a]}}", 'enum("a")'),
        (
            "{union: kind, variants: {card: {no: string}, cash: {}}}",
            "union<kind: card = {no: string}, cash = {}>",
        ),
    ],
)
def test_forms_of_a_field(written: str, type: str) -> None:
    assert field_type(written) == type


def test_refinements() -> None:
    schema = read(
        """
        types:
          Row:
            amount: {type: number, min: 0, max: 1e6, unit: EUR}
            email: {type: string, pattern: "@", pii: true, optional: true}
            token: {type: string?, secret: true}
            day: {type: date, min: 2020-01-01, max: 2030-01-01}
        """
    )
    row = schema.types["Row"].type
    assert isinstance(row, Record)
    amount, email, token, day = row.fields
    assert amount.refinement == Refinement("0", "1e6", None, "EUR")
    assert email.refinement == Refinement(pattern="@", pii=True)
    assert email.optional
    assert token.refinement.secret
    assert (day.refinement.minimum, day.refinement.maximum) == ("2020-01-01", "2030-01-01")


def test_types_may_stand_in_other_files_and_be_recursive() -> None:
    schema = read(
        "types: {Order: {customer: Customer, lines: list<Line>}, Line: {n: int}}",
        "types: {Customer: {referrer?: Customer, friends: map<Customer>}}",
    )
    assert shown(schema)["Order"] == "{customer: Customer, lines: list<Line>}"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("type: {}", "FC0353", "type"),
        ("types: {A: {x: {type: int, mim: 0}}}", "FC0353", "mim"),
        ("processors: {p: {inputs: int}}", "FC0353", "inputs"),
        ("types: [A]", "FC0354", "[A]"),
        ("- a", "FC0354", "- a"),
        ("types: {A: {x: [int]}}", "FC0354", "[int]"),
        ("types: {A: {x: }}", "FC0354", ""),
        ("types: {A: {x: '${TYPE}'}}", "FC0354", "'${TYPE}'"),
        ("types: {A: {enum: []}}", "FC0354", "[]"),
        ("types: {A: {enum: [a, a]}}", "FC0354", "a"),
        ("types: {A: {x: int, x?: int}}", "FC0355", "x?"),
        ("types: {A: {x: A}}", "FC0356", "A"),
        ("types: {A: B, B: A}", "FC0356", "A"),
        ("types: {A: {x: B}, B: {y: {z: A}}}", "FC0356", "A"),
        ("$import: {a: b}", "FC0354", "{a: b}"),
        ("types: {A: {x: int, $import: api.json}}", "FC0357", "$import"),
        ("types: {A: {x: {$import: api.json}}}", "FC0357", "$import"),
        ("types: {A: {$import: ''}}", "FC0354", "''"),
        ("types: {string: {x: int}}", "FC0358", "string"),
        ("types: {A: {x: {type: int, min: a}}}", "FC0359", "a"),
        ("types: {A: {x: {type: int, min: 2, max: 1}}}", "FC0359", "2"),
        ("types: {A: {x: {type: string, max: 1}}}", "FC0359", "max"),
        ("types: {A: {x: {type: int, pattern: a}}}", "FC0359", "pattern"),
        ("types: {A: {x: {type: string, pattern: '('}}}", "FC0359", "'('"),
        ("types: {A: {x: {type: int, pii: yes}}}", "FC0359", "yes"),
        ("types: {A: {x: str}}", "FC0351", "str"),
        ("types: {A: {x: 'list<Paymnt>'}, Payment: {y: int}}", "FC0351", "Paymnt"),
        ("types: {A: {y: int}}\nprocessors: {p: {input: Aa}}", "FC0351", "Aa"),
        ("types: {A: {x: 'list<'}}", "FC0350", ""),
    ],
)
def test_mistakes_are_reported_once_and_at_their_place(text: str, code: str, at: str) -> None:
    _, found = attempt(text)
    assert [diagnostic.code.id for diagnostic in found] == [code]
    assert found[0].is_error
    span = found[0].span
    assert span is not None
    assert span.text == at


def test_a_name_that_two_files_define_is_an_error_at_both_places() -> None:
    _, found = attempt("types: {A: {x: int}}", "types: {A: {y: int}}")
    (error,) = found
    assert error.code.id == "FC0355"
    assert error.span is not None
    assert error.span.source.name == "schemas/b.schema.yaml"
    assert error.labels[0].span.source.name == "schemas/a.schema.yaml"


def test_fixes_inside_folded_scalars_edit_their_own_characters() -> None:
    text = "types:\n  A:\n    x: >\n      map<List[int]>\n"
    _, found = attempt(text)
    (error,) = found
    (edit,) = error.fixes[0].edits
    assert edit.span.text == "List[int]"
    assert edit.text == "list<int>"


@pytest.mark.parametrize(
    ("written", "type"),
    [
        ("{x: {type: decimal(10, 2)}}", "{x: decimal(10, 2)}"),
        ("{x: decimal(10, 2), y: int}", "{x: decimal(10, 2), y: int}"),
    ],
)
def test_a_type_that_yaml_cuts_at_its_comma_is_quoted(written: str, type: str) -> None:
    schema, found = attempt(f"types: {{B: {written}, A: {{z: int}}}}")
    assert [diagnostic.code.id for diagnostic in found] == ["FC0354"]
    assert shown(schema)["B"] == type
    (edit,) = found[0].fixes[0].edits
    assert edit.text == f"'{edit.span.text}'"


def test_an_empty_file_defines_nothing() -> None:
    assert read("# nothing\n", "types:\n  A: {x: int}\n").types.keys() == {"A"}
