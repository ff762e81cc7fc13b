"""Databases that are one file: ``sqlite://out.db/orders``, ``duckdb://out.duckdb/orders``."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, cast

from flowc.catalog.address import Located, overridden, path_option, split_options
from flowc.catalog.sampling import UNREADABLE_FILE, missing_file, type_needed
from flowc.catalog.spec import Address, Connector, SampleContext, Sampled
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.effects import Changes, Facts, Order, Truth
from flowc.model.expr import Template
from flowc.model.graph import EndpointBinding
from flowc.model.reads import looked_at
from flowc.model.source import Span
from flowc.model.tree import Option, Word
from flowc.model.types import (
    JSON,
    DecimalType,
    EnumType,
    Field,
    Openness,
    Origin,
    Record,
    Scalar,
    Type,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.show import show, show_name
from flowc_runtime.connectors.databases import create_table
from flowc_runtime.connectors.table_values import Column
from flowc_runtime.errors import Diagnosis, ResourceError

MISSING_TABLE = declare("FC0731", "missing-table", "A source names no table of its database")
NO_FIT = declare("FC0732", "table-does-not-fit", "An existing table does not fit the records")
NO_TYPE = declare("FC0780", "column-type-unknown", "A column's type is none that flowc has")

#: Where the path of the database ends: behind the first segment with an extension.
_DATABASE = re.compile(r"^/?(?:[^/]*/)*?[^/]*\.[^/.]+(?=/|$)")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of an existing table; ``type`` is None where flowc has none like it.

    ``required`` means that it is never null, ``default`` that a row need not bring a value,
    ``key`` that the database makes one where a row brings none.
    """

    name: str
    declared: str
    type: Type | None
    required: bool
    default: bool
    key: bool = False

    def field(self, where: str, span: Span) -> Field:
        type = JSON if self.type is None else self.type
        kept = type if self.required else nullable(type)
        shown = f"is {self.declared} in {where}" if self.declared else f"has no type in {where}"
        return Field(self.name, kept, origin=(Origin(shown, span),))


class _Options(Protocol):
    @property
    def path(self) -> str: ...

    @property
    def table(self) -> str: ...


class DatabaseFile(Connector):
    """What the connectors of databases in one file share. ``product`` is the database's name;
    its options have ``path`` and ``table``."""

    prefix: ClassVar[str]
    product: ClassVar[str]
    named_after = "table"
    exclusive = False

    @abstractmethod
    def look(
        self, full: Path, path: str, table: str
    ) -> tuple[tuple[TableColumn, ...], tuple[str, ...]]:
        """The columns of a table, or else the names of the tables that there are.

        The file is read, not changed; messages call it ``path``. Raises a ResourceError where it cannot be."""

    @abstractmethod
    def declared(self, column: Column) -> str:
        """The type of a column that keeps a field."""

    @abstractmethod
    def keeps(self, declared: str, column: Column) -> bool:
        """Whether an existing column so declared keeps a field's values unchanged."""

    def address(self, text: Template, *, sink: bool, reporter: Reporter) -> Address:
        located = Located.of(text)
        start = len(self.prefix) if located.text.startswith(self.prefix) else 0
        # Four slashes, as other programs write an absolute path, are three here.
        start += located.text.startswith("//", start)
        end, options = split_options(located, reporter, start)
        rest = located.text[start:end]
        database = _DATABASE.match(rest)
        cut = start + (database.end() if database is not None else len(rest))
        path = located.slice(start, cut, decoded=True)
        made: tuple[Option, ...] = (path_option(path),)
        resource = path
        table = located.text[cut:end].strip("/")
        if table:
            at = located.text.index(table, cut)
            resource = located.slice(at, at + len(table), decoded=True)
            made = (*made, Option(Word("table", resource.span), resource, resource.span))
        if not path.parts:
            made = ()
        return Address((*made, *options), resource, "rows")

    def from_map(
        self,
        resource: Template | None,
        options: tuple[Option, ...],
        *,
        sink: bool,
        reporter: Reporter,
    ) -> Address:
        if resource is not None:
            written = self.address(resource, sink=sink, reporter=reporter)
            return Address(overridden(written.options, options), written.resource, "rows")
        made = tuple(
            path_option(option.value)
            if option.key.text == "path" and isinstance(option.value, Template)
            else option
            for option in options
        )
        table = next((o.value for o in made if o.key.text in ("table", "path")), None)
        return Address(made, table if isinstance(table, Template) else None, "rows")

    def record_type(
        self, binding: EndpointBinding, span: Span, context: SampleContext
    ) -> Sampled | None:
        options = cast(_Options, binding.options)
        path = binding.found.get("path") if "path" in binding.symbolic else options.path
        table = binding.found.get("table") if "table" in binding.symbolic else options.table
        if path is None or table is None:
            type_needed("its address holds a secret, or a variable that is not set", span, context)
            return None
        full = context.folder / path
        if not looked_at(full).exists():
            missing_file(path, full, span, context, "database")
            return None
        try:
            columns, tables = self.look(full, path, table)
        except ResourceError as error:
            _unreadable(error.diagnosis, path, span, context)
            return None
        if not columns:
            self._missing_table(table, path, tables, span, context)
            return None
        where = f"table {table} of {path}"
        unknown = [column for column in columns if column.type is None]
        if unknown:
            _no_type(unknown, where, span, context)
            return None
        record = Record(
            tuple(column.field(where, span) for column in columns), Openness.CLOSED, table, span
        )
        return Sampled(record, True, f"typed from the columns of {where}", (), (full,))

    def facts(self, binding: EndpointBinding) -> Facts:
        return Facts(
            bounded=Truth.YES,
            changes=Changes.APPEND,
            order=Order.SOURCE,
            deterministic=Truth.YES,
        )

    def format(self, binding: EndpointBinding, *, sink: bool) -> str:
        return "rows"

    def check_sink(
        self, binding: EndpointBinding, row: Record, span: Span, context: SampleContext
    ) -> None:
        options = cast(_Options, binding.options)
        self._check_names(row, span, context)
        if "path" in binding.symbolic or "table" in binding.symbolic:
            return
        full = context.folder / options.path
        # Not noted as looked at: a run changes it, and compares the table anew when it starts.
        if not full.is_file() or not full.stat().st_size:
            return
        try:
            columns, _ = self.look(full, options.path, options.table)
        except ResourceError as error:
            _unreadable(error.diagnosis, options.path, span, context)
            return
        if columns:
            self._check_table(columns, row, options.path, options.table, span, context)

    def _missing_table(
        self, table: str, path: str, tables: tuple[str, ...], span: Span, context: SampleContext
    ) -> None:
        near = nearest(table, tables)
        shown = ", ".join(tables[:10]) + (", …" if len(tables) > 10 else "")
        notes = (f"it has {shown}" if tables else "it has no tables",)
        if not table:
            first = tables[0] if len(tables) == 1 else "TABLE"
            context.reporter.error(
                MISSING_TABLE,
                f"which table of {path}?",
                span,
                at="name it behind the path",
                notes=(*notes, f"write {self.prefix}{path}/{first}"),
            )
            return
        at = span.text.rfind(table)
        place = (
            Span(span.source, span.start + at, span.start + at + len(table)) if at >= 0 else span
        )
        context.reporter.error(
            MISSING_TABLE,
            f"{path} has no table '{table}'",
            place,
            at=f"did you mean '{near[0]}'?" if near else "",
            notes=notes,
            fixes=tuple(
                Fix(f"write {better}", (Edit(place, better),), Safety.UNSAFE)
                for better in near
                if at >= 0
            ),
        )

    def _check_names(self, row: Record, span: Span, context: SampleContext) -> None:
        """Names of columns are one whether in capitals or not."""
        first: dict[str, str] = {}
        for field in row.fields:
            other = first.setdefault(field.name.lower(), field.name)
            if other != field.name:
                context.reporter.error(
                    NO_FIT,
                    f"'{other}' and '{field.name}' would be one column: {self.product} does not "
                    "tell capitals apart",
                    span,
                    fixes=(
                        Fix(
                            f"rename one: `rename other = {show_name(field.name)}`",
                            (),
                            Safety.DISPLAY,
                        ),
                    ),
                )

    def _check_table(
        self,
        columns: tuple[TableColumn, ...],
        row: Record,
        path: str,
        table: str,
        span: Span,
        context: SampleContext,
    ) -> None:
        """Report what keeps the records from going into the table, one finding for all of it."""
        by_name = {column.name.lower(): column for column in columns}
        wrong: list[str] = []
        added: list[str] = []
        labels: list[Label] = []
        for field in row.fields:
            column = by_name.get(field.name.lower())
            kept = written(field)
            declared = self.declared(kept)
            if column is None:
                wrong.append(f"it has no column {field.name}")
                added.append(f'ALTER TABLE "{table}" ADD COLUMN "{field.name}" {declared}'.rstrip())
                continue
            if not self.keeps(column.declared, kept):
                wrong.append(
                    f"column {field.name} is {column.declared or 'untyped'}, but the field is "
                    f"{show(field.type, width=40)}"
                )
                labels += [
                    Label(o.span, f"'{field.name}' {o.verb}")
                    for o in field.origin[-1:]
                    if o.span is not None and o.span != span
                ]
            elif column.required and not column.key and kept.nullable:
                wrong.append(f"column {field.name} is NOT NULL, but the field may be null")
        ours = {field.name.lower() for field in row.fields}
        for column in columns:
            needs = column.required and not column.default and not column.key
            if needs and column.name.lower() not in ours:
                wrong.append(f"its column {column.name} is NOT NULL, and the records have none")
        if not wrong:
            return
        fixes = [Fix(statement, (), Safety.DISPLAY) for statement in added]
        if len(added) < len(wrong):
            kept_all = [written(f) for f in row.fields]
            made = create_table(table, [(each, self.declared(each)) for each in kept_all])
            ddl = " ".join(made.split())
            fixes.append(Fix(f"a table that fits: {ddl}", (), Safety.DISPLAY))
            fixes.append(Fix("change the fields with `cast`, `select` or `??`", (), Safety.DISPLAY))
        context.reporter.error(
            NO_FIT,
            f"table {table} of {path} does not fit the records",
            span,
            labels=labels,
            notes=wrong,
            fixes=fixes,
        )


def _unreadable(found: Diagnosis, path: str, span: Span, context: SampleContext) -> None:
    context.reporter.error(
        UNREADABLE_FILE,
        found.message,
        span,
        notes=(found.why,),
        fixes=tuple(Fix(advice, (), Safety.DISPLAY) for advice in found.suggestions),
    )


def _no_type(
    columns: Sequence[TableColumn], where: str, span: Span, context: SampleContext
) -> None:
    first = columns[0]
    said = [f"column {show_name(c.name)} is {c.declared}" for c in columns[1:]]
    context.reporter.error(
        NO_TYPE,
        f"column {show_name(first.name)} of {where} is {first.declared}, which no type of flowc "
        "keeps exactly",
        span,
        notes=said,
        fixes=(
            Fix(
                f"read it as text: name the columns behind the source, as "
                f"{{{show_name(first.name)}: string?, …}}",
                (),
                Safety.DISPLAY,
            ),
            Fix("or leave it out of them", (), Safety.DISPLAY),
        ),
    )


def written(field: Field) -> Column:
    """The runtime's column for a field."""
    may_lack = field.optional or may_be_null(field.type)
    inner = field.type if field.type == JSON else strip_null(field.type)
    return Column(
        field.name,
        show(inner) if isinstance(inner, Scalar | DecimalType | EnumType) else "json",
        may_lack,
    )
