"""CSV: one row of cells. TSV is the same with tabs."""

from __future__ import annotations

from typing import ClassVar

from flowc.catalog.spec import CheckContext, Formatting, OperatorExample
from flowc.catalog.texts import (
    WRITE_FAILS,
    Spelled,
    TextFormat,
    flat,
    has_no_cell,
    no_argument,
    not_written,
    type_argument,
    wrong_argument,
)
from flowc.model.source import Span
from flowc.model.tree import TypeExpr
from flowc.model.typed import CodecForm, Const, RuntimeCall, Typed
from flowc.model.types import (
    STRING,
    Field,
    ListType,
    Record,
    Type,
    nullable,
    strip_null,
)


class Csv(TextFormat):
    """Rows of cells between ``delimiter``."""

    name = "csv"
    delimiter: ClassVar[str] = ","
    doc = (
        "One row of cells. A record type behind it takes the cells in the order of its fields; "
        'names in a text (`csv "id, name"`) give a record of texts; alone it gives '
        "`list<string?>`. A cell that is empty and not quoted is null. A row with too few or too "
        "many cells is a ConversionError. Written are records, cell by cell, and lists."
    )
    read_as = 'csv [Type] · csv "a, b"'
    written_as = "csv"
    read_examples: ClassVar[tuple[OperatorExample, ...]] = (
        OperatorExample(
            "A row of a type that is known",
            "parse line as csv {id: int, name: string?, born: date}",
            '{"line": "1,\\"Lovelace, Ada\\",1815-12-10"}\n{"line": "2,,1912-06-23"}\n'
            '{"line": "three,Grace,1906-12-09"}\n{"line": "4"}',
            '{"line": {"id": 1, "name": "Lovelace, Ada", "born": "1815-12-10"}}\n'
            '{"line": {"id": 2, "name": null, "born": "1912-06-23"}}',
            dead=2,
        ),
        OperatorExample(
            "Named cells, and a row of any length",
            'parse a as csv "x, y", b as csv',
            '{"a": "1,2", "b": "p,\\"\\",,q"}',
            '{"a": {"x": "1", "y": "2"}, "b": ["p", "", null, "q"]}',
        ),
    )
    write_examples: ClassVar[tuple[OperatorExample, ...]] = (
        OperatorExample(
            "The whole record as a row",
            "format row as csv",
            '{"id": 1, "name": "Lovelace, Ada", "note": null}\n{"id": 2, "name": "", "note": "x"}',
            '{"text": "1,\\"Lovelace, Ada\\","}\n{"text": "2,\\"\\",x"}',
        ),
    )

    def reading(self, item: Formatting, check: CheckContext) -> Spelled | None:
        argument = item.argument
        if argument is None:
            return self._read(ListType(nullable(STRING)))
        if not isinstance(argument, TypeExpr):
            return self._named(item, check)
        type = type_argument(item, check)
        if type is None:
            return None
        if isinstance(type, ListType):
            if has_no_cell(type.item):
                wrong_argument("a cell is one plain text", argument.span, check)
                return None
            return self._read(type)
        if not isinstance(type, Record) or not type.fields:
            wrong_argument(
                f"a row of {self.name} is a record or a list",
                argument.span,
                check,
                f"as in `as {self.name} {{id: int, name: string}}`",
            )
            return None
        return self._read(type) if flat(type, item, check) else None

    def _read(self, type: Type) -> Spelled:
        form = CodecForm("codecs.csvtext", "CsvText", type, (self.delimiter,))
        return Spelled(form, type)

    def _named(self, item: Formatting, check: CheckContext) -> Spelled | None:
        from flowc.catalog.texts import text_argument

        found = text_argument(item, check, f'names of cells, as in `as {self.name} "id, name"`')
        if found is None:
            return None
        text, span = found
        names = [name.strip() for name in text.split(",")]
        twice = next((name for name in names if not name or names.count(name) > 1), None)
        if twice is not None:
            problem = f"'{twice}' stands here twice" if twice else "a name is empty"
            wrong_argument(problem, span, check, 'the names are divided by commas: `"id, name"`')
            return None
        return self._read(texts_record(names, span, self.name))

    def writing(self, item: Formatting, value: Typed, check: CheckContext) -> Spelled | None:
        if not no_argument(item, check, "the type is known"):
            return None
        type = strip_null(value.type)
        match type:
            case Record() if not type.fields:
                not_written(item, type, check, "at least one cell")
                return None
            case Record():
                if not flat(type, item, check):
                    return None
            case ListType(item=one) if not has_no_cell(one):
                pass
            case _:
                not_written(item, type, check, "records and lists of plain values")
                return None
        form = RuntimeCall("codecs.csvtext", "csv_text")
        delimiter = Const(self.delimiter, STRING)
        return Spelled(form, STRING, (delimiter,), errors=WRITE_FAILS)


def texts_record(names: list[str], span: Span, format: str) -> Record:
    """A record of texts that may be null."""
    from flowc.model.types import Origin

    origin = (Origin(f"is a cell of `{format}`", span),)
    return Record(tuple(Field(name, nullable(STRING), origin=origin) for name in names))


TEXT_FORMAT = Csv()
