"""Processors read from their files, without running them."""

from __future__ import annotations

from textwrap import dedent

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.project import ProcessorCode
from flowc.model.source import SourceFile
from flowc.types.importers.python_signature import read_processor
from flowc.types.notation import show

OUT = """
@dataclass
class Out:
    x: int
"""
HEAD = "from __future__ import annotations\nfrom dataclasses import dataclass, field\n"


def attempt(text: str) -> tuple[ProcessorCode | None, list[Diagnostic]]:
    reporter = Reporter()
    source = SourceFile("processors/add_vat.py", dedent(text))
    code = read_processor(source, "add-vat", "processors/add_vat.py", reporter)
    return code, list(reporter)


def read(text: str) -> ProcessorCode:
    code, found = attempt(text)
    assert not found
    assert code is not None
    return code


def one_error(text: str) -> Diagnostic:
    _, found = attempt(text)
    (diagnostic,) = found
    assert diagnostic.span is not None
    assert diagnostic.notes
    return diagnostic


def annotated(annotation: str, head: str = "") -> tuple[str, str]:
    """What an annotation says on input and on output."""
    text = (
        f"{HEAD}import datetime as dt, typing as t, uuid, decimal, enum, msgspec\n"
        "from typing import *\nfrom collections.abc import Sequence\nfrom decimal import Decimal\n"
        "from typing import Any, Optional, Union, Literal, Annotated, NewType, TypeAlias\n"
        f"{dedent(head)}\n"
        f"@dataclass\nclass Row:\n    x: {annotation}\n\n"
        "def process(record: Row) -> Row:\n    return record\n"
    )
    code = read(text)
    return show(code.input)[len("{x: ") : -1], show(code.output)[len("{x: ") : -1]


def test_a_processor_of_dataclasses() -> None:
    code = read(
        """
        from dataclasses import dataclass
        import requests, yaml, json
        from .helper import thing

        @dataclass
        class Order:
            id: int
            amount: float
            note: str | None = None

        @dataclass
        class Priced(Order):
            gross: float = 0.0

        # Adds the tax.
        # flowc: pure
        def process(record: Order) -> Priced:
            raise SystemExit("never run")
        """
    )
    assert show(code.input) == "{id: bigint, amount: number, note?: string?}"
    assert show(code.output) == "{id: int, amount: float, note: string?, gross: float}"
    assert (code.input.name, code.output.name) == ("Order", "Priced")
    assert (code.kind, code.function, code.pure) == ("one", "process", True)
    assert (code.input_class, code.input_style) == ("Order", "attributes")
    assert code.packages == ("pyyaml", "requests")
    assert code.span.text == "process"
    origin = code.input.fields[2].origin[-1]
    assert origin.verb == "is annotated `str | None`"
    assert origin.span is not None
    assert origin.span.position.line == 10


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ("Out", "one"),
        ('"Out"', "one"),
        ("Out | None", "maybe"),
        ('"Out | None"', "maybe"),
        ("None | Out", "maybe"),
        ("Optional[Out]", "maybe"),
        ("typing.Optional[Out]", "maybe"),
        ("Union[Out, None]", "maybe"),
        ("Iterator[Out]", "many"),
        ("typing.Iterable[Out]", "many"),
        ("collections.abc.Iterator[Out]", "many"),
        ("Generator[Out, None, None]", "many"),
        ("list[Out]", "many"),
        ('list["Out"]', "many"),
        ("Result", "maybe"),
    ],
)
def test_how_many_records_a_processor_gives(result: str, kind: str) -> None:
    code = read(
        f"{HEAD}import typing, collections.abc\nfrom typing import *\n"
        f"from typing import Optional, Union, Iterator, Generator\n{OUT}"
        f"Result = Optional[Out]\ndef process(record: Out) -> {result}: ...\n"
    )
    assert code.kind == kind
    assert code.output_class == "Out"


@pytest.mark.parametrize(
    ("annotation", "types"),
    [
        ("int", ("bigint", "int")),
        ("float", ("number", "float")),
        ("str", ("string", "string")),
        ("bool", ("bool", "bool")),
        ("bytes", ("bytes", "bytes")),
        ("Decimal", ("decimal", "decimal")),
        ("decimal.Decimal", ("decimal", "decimal")),
        ("dt.datetime", ("timestamp", "timestamp")),
        ("dt.date", ("date", "date")),
        ("dt.timedelta", ("duration", "duration")),
        ("uuid.UUID", ("uuid", "uuid")),
        ("Any", ("json", "json")),
        ("t.Any", ("json", "json")),
        ("int | None", ("bigint?", "int?")),
        ('"int | None"', ("bigint?", "int?")),
        ("Optional[str]", ("string?", "string?")),
        ("Union[int, float]", ("number", "number")),
        ('Literal["a", "b"]', ('enum("a", "b")', 'enum("a", "b")')),
        ('Literal["a", None]', ('enum("a")?', 'enum("a")?')),
        ("Literal[1, 2]", ("bigint", "int")),
        ("list[int]", ("list<bigint>", "list<int>")),
        ("t.List[str]", ("list<string>", "list<string>")),
        ("Sequence[str]", ("list<string>", "list<string>")),
        ("tuple[str, ...]", ("list<string>", "list<string>")),
        ("dict[str, float]", ("map<number>", "map<float>")),
        ("list", ("list<json>", "list<json>")),
        ("dict", ("map<json>", "map<json>")),
        ('Annotated[int, "bigint"]', ("bigint", "bigint")),
        ('Annotated[Decimal, "decimal(10, 2)"]', ("decimal(10, 2)", "decimal(10, 2)")),
        ('Annotated[str, "a doc text"]', ("string", "string")),
    ],
)
def test_annotations(annotation: str, types: tuple[str, str]) -> None:
    # `from typing import *` binds nothing that is known; the names are imported one by one.
    assert annotated(annotation) == tuple(types)


def test_aliases_enums_and_nested_classes() -> None:
    head = """
    Amount = float
    Cents: TypeAlias = "int"
    Id = NewType("Id", str)
    class Currency(str, enum.Enum):
        EUR = "eur"
        USD = "usd"
    class Side(enum.StrEnum):
        BUY = enum.auto()
    @dataclass
    class Address:
        city: str
    @dataclass
    class Customer:
        @dataclass
        class Name:
            first: str
        name: Name
        home: "Address | None" = None
    """
    assert annotated("Amount", head) == ("number", "float")
    assert annotated("Cents", head) == ("bigint", "int")
    assert annotated("Id", head) == ("string", "string")
    assert annotated("Currency", head)[0] == 'enum("eur", "usd")'
    assert annotated("Side", head)[0] == 'enum("buy")'
    assert annotated("list[Customer]", head) == (
        "list<{name: {first: string}, home?: {city: string}?}>",
        "list<{name: {first: string}, home: {city: string}?}>",
    )


def test_typed_dicts() -> None:
    code = read(
        """
        from typing import TypedDict, NotRequired, Required
        class Base(TypedDict):
            id: int
        class Order(Base, total=False):
            note: str
            amount: Required[float]
        Out = TypedDict("Out", {"from": str, "odd-name": NotRequired[int]})
        def process(record: Order) -> Out: ...
        """
    )
    assert show(code.input) == "{id: bigint, note?: string, amount: number}"
    assert show(code.output) == "{from: string, `odd-name`?: int}"
    assert (code.input_style, code.output_style) == ("items", "items")


def test_structs_and_their_names() -> None:
    code = read(
        """
        import msgspec
        from msgspec import Struct, field, UNSET, UnsetType
        class Order(Struct, rename="camel", kw_only=True):
            order_id: int
            odd: str = field(name="odd-name")
            note: str | UnsetType = UNSET
            tags: list[str] = msgspec.field(default_factory=list)
        class Out(Struct):
            from_: str
        def process(record: Order) -> Out: ...
        """
    )
    assert show(code.input) == (
        "{orderId: bigint, `odd-name`: string, note?: string, tags?: list<string>}"
    )
    assert show(code.output) == "{from: string}"


@pytest.mark.parametrize("style", ["lower", "upper", "camel", "pascal", "kebab"])
@pytest.mark.parametrize("name", ["my_field_name", "_private_x", "x", "trail_", "a__b", "fooBar_b"])
def test_structs_are_renamed_as_msgspec_does_it(style: str, name: str) -> None:
    code = read(
        f"""
        import msgspec
        class Row(msgspec.Struct, rename="{style}"):
            {name}: int
        def process(record: Row) -> Row: ...
        """
    )
    real = msgspec.defstruct("Row", [(name, int)], rename=style)  # type: ignore[arg-type]
    assert code.input.names == real.__struct_encode_fields__


def test_what_a_dataclass_does_not_take() -> None:
    code = read(
        f"""{HEAD}
from typing import ClassVar
from dataclasses import KW_ONLY
@dataclass
class Row:
    kept: int
    rate: ClassVar[float] = 0.2
    _: KW_ONLY
    made: str = field(init=False)
    listed: list[int] = field(default_factory=list)
def process(record: Row) -> Row: ...
"""
    )
    assert show(code.input) == "{kept: bigint, listed?: list<bigint>}"
    assert show(code.output) == "{kept: int, made: string, listed: list<int>}"


@pytest.mark.parametrize(
    ("before", "pure"),
    [
        ("# flowc: pure\n", True),
        ("#flowc:pure\n# and more\n@cache\n", True),
        ("# flowc: pure\n\n", False),
        ("# not flowc: pure\n", False),
        ("", False),
    ],
)
def test_purity_stands_right_above_the_function(before: str, pure: bool) -> None:
    text = f"{HEAD}from functools import cache\n{OUT}\n{before}def process(r: Out) -> Out: ...\n"
    assert read(text).pure is pure


def test_the_only_public_function_is_the_processor() -> None:
    text = f"{HEAD}{OUT}def _helper(): ...\ndef enrich(record: Out, rate=0.2) -> Out: ...\n"
    assert read(text).function == "enrich"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("def process(:\n", "FC0370", ":"),
        ("x = 1\n", "FC0371", ""),
        ("def a(r): ...\ndef b(r): ...\n", "FC0372", "a"),
        (f"{HEAD}{OUT}async def process(r: Out) -> Out: ...\n", "FC0373", "process"),
        (f"{HEAD}{OUT}def process(*rows: Out) -> Out: ...\n", "FC0373", "rows: Out"),
        (f"{HEAD}{OUT}def process(**rows: Out) -> Out: ...\n", "FC0373", "rows: Out"),
        (f"{HEAD}{OUT}def process(a: Out, b: int) -> Out: ...\n", "FC0373", "b: int"),
        (f"{HEAD}{OUT}def process(a: Out, *, b: int) -> Out: ...\n", "FC0373", "b: int"),
        (f"{HEAD}{OUT}def process() -> Out: ...\n", "FC0373", "process"),
        (f"{HEAD}{OUT}def process(record) -> Out: ...\n", "FC0374", "record"),
        (f"{HEAD}{OUT}def process(record: Out): ...\n", "FC0374", "process"),
        (f"{HEAD}{OUT}def process(record: dict) -> Out: ...\n", "FC0376", "dict"),
        (f"{HEAD}{OUT}def process(record: Out) -> None: ...\n", "FC0376", "None"),
        (f"{HEAD}{OUT}def process(record: Out) -> Out | int: ...\n", "FC0376", "Out | int"),
        (f"{HEAD}{OUT}def process(record: Out) -> list[int]: ...\n", "FC0376", "int"),
        (f"{HEAD}{OUT}class A: ...\ndef process(record: A) -> Out: ...\n", "FC0376", "A"),
        (
            f"{HEAD}@dataclass\nclass A:\n    x: complex\ndef process(r: A) -> A: ...\n",
            "FC0375",
            "complex",
        ),
        (
            f"{HEAD}@dataclass\nclass A:\n    x: set[int]\ndef process(r: A) -> A: ...\n",
            "FC0375",
            "set[int]",
        ),
        (
            f"{HEAD}@dataclass\nclass A:\n    x: list[A]\ndef process(r: A) -> A: ...\n",
            "FC0375",
            "A",
        ),
        (
            f"{HEAD}@dataclass\nclass A:\n    x: int | str\ndef process(r: A) -> A: ...\n",
            "FC0375",
            "int | str",
        ),
        (
            f"{HEAD}from x import B\n@dataclass\nclass A(B):\n    x: int\n"
            "def process(r: A) -> A: ...\n",
            "FC0375",
            "B",
        ),
        (
            f"{HEAD}@dataclass\nclass A:\n    x: dict[int, str]\ndef process(r: A) -> A: ...\n",
            "FC0375",
            "int",
        ),
    ],
)
def test_mistakes_are_reported_at_their_place(text: str, code: str, at: str) -> None:
    _, found = attempt(text)
    assert [diagnostic.code.id for diagnostic in found] == [code]
    span = found[0].span
    assert span is not None
    assert span.text == at
    assert code == "FC0370" or found[0].notes


def test_a_wrong_field_leaves_the_rest_typed() -> None:
    code, found = attempt(
        f"{HEAD}@dataclass\nclass A:\n    x: complex\n    y: str\ndef process(r: A) -> A: ...\n"
    )
    assert len(found) == 1
    assert code is not None
    assert show(code.input) == "{x: unknown, y: string}"


def test_places_are_right_behind_characters_of_several_bytes() -> None:
    error = one_error(
        f"{HEAD}@dataclass\nclass Größe:\n    'ä'; wé: complex\ndef process(r: Größe) -> Größe: ..."
    )
    assert error.span is not None
    assert error.span.text == "complex"


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    text = "\ufeff" + f"{HEAD}{OUT}def process(record: Out) -> Out: ...\n".replace("\n", "\r\n")
    reporter = Reporter()
    code = read_processor(SourceFile("p.py", text), "p", "p.py", reporter)
    assert code is not None
    assert code.span.text == "process"


@pytest.mark.parametrize(
    "text",
    ["\0", "(" * 5000, "x = " + "-" * 100_000 + "1", "def process(r: " + "list[" * 150 + "x"],
)
def test_hostile_files_are_findings(text: str) -> None:
    code, found = attempt(text)
    assert code is None
    assert found


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                "def process(",
                "r: ",
                "A",
                ") -> ",
                ":",
                " ...\n",
                "class A(",
                "TypedDict",
                "\n",
                "    x: int",
                "list[",
                "]",
                "|",
                "None",
                "'A'",
                "@dataclass\n",
                "=",
                "async ",
                "*",
                "from typing import TypedDict\n",
                "from dataclasses import dataclass\n",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_any_text_is_read_or_reported(text: str) -> None:
    code, found = attempt(text)
    assert code is not None or found
