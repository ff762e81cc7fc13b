"""Types as text: every form, what is understood of other languages, and each mistake."""

from __future__ import annotations

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic, Safety
from flowc.model.source import SourceFile, Text
from flowc.model.types import (
    INT,
    POISON,
    STRING,
    DecimalType,
    EnumType,
    Field,
    ListType,
    Openness,
    Record,
    Ref,
    Type,
    Union,
    Variant,
    nullable,
)
from flowc.types.names import check_names
from flowc.types.notation import label, parse_type, show, show_lines, type_of


def attempt(text: str, known: tuple[str, ...] = ()) -> tuple[Type, list[Diagnostic]]:
    reporter = Reporter()
    type = parse_type(Text.whole(SourceFile("types", text)), reporter)
    return check_names(type, known, reporter), list(reporter)


def fixed(text: str, found: list[Diagnostic]) -> str:
    """The text with the safe fixes of all diagnostics."""
    edits = [
        edit
        for diagnostic in found
        for fix in diagnostic.fixes
        if fix.safety is Safety.SAFE
        for edit in fix.edits
    ]
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def test_each_form() -> None:
    assert type_of("int?") == nullable(INT)
    assert type_of("decimal(10,2)") == DecimalType(10, 2)
    assert type_of("decimal(10)") == DecimalType(10, 0)
    assert type_of("decimal") == DecimalType()
    assert type_of("enum('a', \"b\\u{e4}\")") == EnumType(("a", "bä"))
    assert type_of("list<int?>") == ListType(nullable(INT))
    assert type_of("{}") == Record(())
    assert type_of('{a: int, b?: string, `a-b`: Ref, "c d": {x: int}, ...}') == Record(
        (
            Field("a", INT),
            Field("b", STRING, optional=True),
            Field("a-b", Ref("Ref")),
            Field("c d", Record((Field("x", INT),))),
        ),
        Openness.REST,
    )
    assert type_of("union<kind: card = Card, cash = {a: int}>") == Union(
        "kind", (Variant("card", Ref("Card")), Variant("cash", Record((Field("a", INT),))))
    )


def test_blanks_line_breaks_comments_and_a_last_comma_do_not_matter() -> None:
    text = "{ # the order\n  id : int ,\n  note ?: string , # free\n}"
    assert type_of(text) == type_of("{id: int, note?: string}")


def test_words_of_the_language_are_names_of_fields_all_the_same() -> None:
    assert (
        show(type_of("{list: int, int: string, by: bool}")) == "{list: int, int: string, by: bool}"
    )


def test_a_constant_that_is_no_type_raises() -> None:
    with pytest.raises(ValueError, match="not a type"):
        type_of("list<")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("str", "string"),
        ("Integer", "int"),
        ("long", "int"),
        ("double", "float"),
        ("datetime", "timestamp"),
        ("boolean", "bool"),
        ("String", "string"),
        ("TIMESTAMP", "timestamp"),
        ("numeric(10, 2)", "decimal(10, 2)"),
        ("varchar(20)", "string"),
        ("array<long>", "list<int>"),
        ("array<varchar(20)>", "list<string>"),
        ("List[int]", "list<int>"),
        ("list[int]", "list<int>"),
        ("Optional[int]", "int?"),
        ("Dict[str, List[Optional[float]]]", "map<list<float?>>"),
        ("map<string, int>", "map<int>"),
        ("int[]", "list<int>"),
        ("str[]", "list<string>"),
        ("int | None", "int?"),
        ("null | string", "string?"),
        ("?int", "int?"),
        ("{a: str, b: List[int]}", "{a: string, b: list<int>}"),
    ],
)
def test_other_languages_are_understood_and_corrected(written: str, meant: str) -> None:
    type, found = attempt(written)
    assert found
    assert all(diagnostic.is_error for diagnostic in found)
    assert show(type) == meant
    assert fixed(written, found) == meant


def test_a_types_own_name_wins_over_another_languages_word() -> None:
    type, found = attempt("{a: Long}", known=("Long",))
    assert not found
    assert show(type) == "{a: Long}"


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("", "a type is missing", ""),
        ("list<", "expected a type", ""),
        ("list<int", "expected `>`", ""),
        ("list<int, int>", "expected `>`", ","),
        ("map<int, string>", "keys of a map are strings", "int"),
        ("int int", "the type ends before this", "int"),
        ("int>", "closes nothing", ">"),
        ("{a int}", "expected `:`", "int"),
        ("{a-b: int}", "a name with a dash is quoted", "-"),
        ("{a: int b: int}", "expected `,` or `}`", "b"),
        ("{a: int, a: int}", "stands twice", "a"),
        ("{..., a: int}", "stands last", "a"),
        ("enum()", "at least one value", ")"),
        ("enum(a)", "are texts", "a"),
        ('enum("a", "a")', "stands twice", '"a"'),
        (r'enum("\q")', "unknown escape", r'"\q"'),
        ("decimal(99)", "1 to 76 digits", "99"),
        ("decimal(3, 5)", "at most 3", "5"),
        ("union<kind>", "expected `:`", ">"),
        ("union<kind: a>", "expected `=`", ">"),
        ("union<kind: a = A, a = B>", "stands twice", "a"),
        ("Union[int, str]", "takes no arguments", "["),
        ("A | B", "needs a field that tells", "|"),
        ('"x"', "not a text", '"x"'),
        ("int(11", "to close", ""),
        ("%", "expected a type", "%"),
        ("list<" * 60 + "int" + ">" * 60, "deeper than 50", "list"),
    ],
)
def test_what_cannot_be_read_is_reported_once_and_in_its_place(
    text: str, message: str, at: str
) -> None:
    type, (diagnostic,) = attempt(text)
    assert type == POISON
    assert message in diagnostic.message
    assert diagnostic.span is not None
    assert diagnostic.span.text == at


def test_very_deep_text_neither_raises_nor_takes_long() -> None:
    for text in ("{a:" * 100_000, "list<" * 100_000, "?" * 100_000, "int" + "?" * 100_000):
        type, found = attempt(text)
        assert found or type == nullable(INT)


def test_an_unknown_name_is_compared_with_all_that_could_be_meant() -> None:
    type, (diagnostic,) = attempt("list<Paymnt>", known=("Payment", "Order"))
    assert type == ListType(POISON)
    assert diagnostic.code.id == "FC0351"
    assert diagnostic.at == "did you mean `Payment`?"
    assert diagnostic.span is not None
    assert diagnostic.span.text == "Paymnt"
    _, (diagnostic,) = attempt("tiemstamp")
    assert diagnostic.at == "did you mean `timestamp`?"


def test_an_unfinished_form_says_what_it_holds() -> None:
    type, (diagnostic,) = attempt("{tags: list}")
    assert "`list` is not complete" in diagnostic.message
    assert "list<string>" in diagnostic.notes[0]
    assert show(type) == "{tags: unknown}"


def test_places_in_a_text_inside_another() -> None:
    source = SourceFile("file", 'x: "{a: strng}"')
    reporter = Reporter()
    check_names(parse_type(Text(source.text[4:-1], source, 4), reporter), (), reporter)
    (diagnostic,) = reporter
    assert diagnostic.span is not None
    assert diagnostic.span.text == "strng"


def test_wide_types_are_cut_in_messages_and_broken_into_lines() -> None:
    wide = type_of("{" + ", ".join(f"column_{i}: string" for i in range(30)) + "}")
    cut = show(wide, width=60)
    assert len(cut) <= 60
    assert cut.endswith("more}")
    lines = show_lines(type_of("list<{id: int, customer: {name: string, city: string?}}>"), 30)
    assert lines == (
        "list<{",
        "  id: int,",
        "  customer: {",
        "    name: string,",
        "    city: string?,",
        "  },",
        "}>",
    )


def test_messages_call_a_record_by_its_name() -> None:
    order = Record((Field("id", INT),), name="Order")
    assert label(order) == "Order"
    assert label(nullable(order)) == "Order?"
    assert label(Record((Field("id", INT),))) == "{id: int}"
