"""SQLite tables: ``sqlite://out.db/orders``, ``sqlite:///var/shop.db/orders``."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flowc.catalog.address import Located, overridden, path_option, split_options
from flowc.catalog.sampling import UNREADABLE_FILE, missing_file, type_needed
from flowc.catalog.spec import Address, Connector, SampleContext, Sampled
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.effects import Capabilities, Changes, Facts, Order, Truth
from flowc.model.expr import Template
from flowc.model.graph import EndpointBinding
from flowc.model.reads import looked_at
from flowc.model.source import Span
from flowc.model.tree import Option, Word
from flowc.model.types import (
    BOOL,
    BYTES,
    DATE,
    FLOAT,
    INT,
    JSON,
    NUMBER,
    STRING,
    TIMESTAMP,
    UUID,
    DecimalType,
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
from flowc_runtime.connectors import sqlite as runtime
from flowc_runtime.connectors.sqlite import Column, table_ddl
from flowc_runtime.connectors.sqlite_types import storage_class

MISSING_TABLE = declare("FC0731", "missing-table", "A source names no table of its database")
NO_FIT = declare("FC0732", "table-does-not-fit", "An existing table does not fit the records")

_PREFIX = "sqlite://"
#: Where the path of the database ends: behind the first segment with an extension.
_DATABASE = re.compile(r"^/?(?:[^/]*/)*?[^/]*\.[^/.]+(?=/|$)")


class Sqlite(Connector):
    name = "sqlite"
    schemes = ("sqlite",)
    summary = "a table of a SQLite database"
    doc = (
        "`sqlite://out.db/orders` is the table `orders` of `out.db` in the current folder; "
        "`sqlite:///var/shop.db/orders` is absolute. The path ends at the first part with an "
        "extension. A sink without a table writes to the one named after the record type; a "
        "table that is missing is created, one that exists must fit. `validate` and `build` "
        "read the schema of a database file that is there, read-only.\n\n"
        "How each type is kept:\n\n"
        "- bool: INTEGER 0 or 1; int, int32, uint32: INTEGER\n"
        "- uint64, bigint, decimal: TEXT with all their digits\n"
        "- float: REAL; number: a column without a type\n"
        "- string, uuid, enum: TEXT; bytes: BLOB\n"
        "- timestamp, date, duration: TEXT in ISO 8601\n"
        "- records, lists, maps, unions, json: TEXT in JSON\n\n"
        "How columns are read: BOOLEAN as bool, INT as int, REAL, FLOAT and DOUBLE as float, "
        "DECIMAL and NUMERIC as number, CHAR, TEXT and CLOB as string, BLOB as bytes, DATE as "
        "date, TIMESTAMP and DATETIME as timestamp, UUID as uuid, JSON and a column without a "
        "type as json. A value that is not of its column's type is a ConversionError.\n"
    )
    module = "connectors.sqlite"
    source_options = runtime.SourceOptions
    sink_options = runtime.SinkOptions
    capabilities = Capabilities(
        replayable=runtime.CAPABILITIES.replayable,
        ordered=runtime.CAPABILITIES.ordered,
        idempotent=runtime.CAPABILITIES.idempotent,
        transactional=runtime.CAPABILITIES.transactional,
    )
    packages = ()
    examples = (
        "orders.jsonl | filter amount > 100 | sqlite://out.db/big_orders",
        "sqlite://shop.db/orders | select id, amount | orders.jsonl",
    )
    named_after = "table"
    exclusive = False

    def address(self, text: Template, *, sink: bool, reporter: Reporter) -> Address:
        located = Located.of(text)
        start = len(_PREFIX) if located.text.startswith(_PREFIX) else 0
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
        options = binding.options
        assert isinstance(options, runtime.SourceOptions)
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
            with closing(_open(full)) as database:
                columns = _columns(database, table)
                if not columns:
                    _missing_table(table, path, _tables(database), span, context)
                    return None
        except sqlite3.Error as error:
            _unreadable(error, path, span, context)
            return None
        where = f"table {table} of {path}"
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
        options = binding.options
        assert isinstance(options, runtime.SinkOptions)
        _check_names(row, span, context)
        if "path" in binding.symbolic or "table" in binding.symbolic:
            return
        full = context.folder / options.path
        # Not noted as looked at: a run changes it, and compares the table anew when it starts.
        if not full.is_file() or not full.stat().st_size:
            return
        try:
            with closing(_open(full)) as database:
                columns = _columns(database, options.table)
        except sqlite3.Error as error:
            _unreadable(error, options.path, span, context)
            return
        if columns:
            _check_table(columns, row, options, span, context)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of an existing table."""

    name: str
    declared: str
    required: bool
    default: bool
    key: bool

    def field(self, where: str, span: Span) -> Field:
        type = _type_of(self.declared)
        kept = type if self.required else nullable(type)
        shown = f"is {self.declared} in {where}" if self.declared else f"has no type in {where}"
        return Field(self.name, kept, origin=(Origin(shown, span),))


#: What a declared type means, by a word in it; the first that fits counts.
_DECLARED: tuple[tuple[str, Type], ...] = (
    ("BOOL", BOOL),
    ("INT", INT),
    ("TIMESTAMP", TIMESTAMP),
    ("DATETIME", TIMESTAMP),
    ("DATE", DATE),
    ("UUID", UUID),
    ("JSON", JSON),
    ("CHAR", STRING),
    ("CLOB", STRING),
    ("TEXT", STRING),
    ("BLOB", BYTES),
    ("REAL", FLOAT),
    ("FLOA", FLOAT),
    ("DOUB", FLOAT),
    ("NUMERIC", NUMBER),
    ("DECIMAL", NUMBER),
)


def _type_of(declared: str) -> Type:
    upper = declared.upper()
    return next((type for word, type in _DECLARED if word in upper), JSON)


def _open(path: Path) -> sqlite3.Connection:
    """The database, read-only: nothing is created or changed."""
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=2.0)


def _columns(database: sqlite3.Connection, table: str) -> tuple[_Column, ...]:
    rows = database.execute(
        'SELECT name, type, "notnull", dflt_value IS NOT NULL, pk FROM pragma_table_info(?)',
        (table,),
    )
    # The key of a rowid table is never null, though it need not say so.
    return tuple(
        _Column(
            name,
            declared,
            bool(required) or (pk > 0 and "INT" in declared.upper()),
            bool(default),
            pk > 0,
        )
        for name, declared, required, default, pk in rows
    )


def _tables(database: sqlite3.Connection) -> tuple[str, ...]:
    rows = database.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_flowc!_%' ESCAPE '!' "
        "ORDER BY name LIMIT 1000"
    )
    return tuple(name for (name,) in rows)


def _missing_table(
    table: str, path: str, tables: tuple[str, ...], span: Span, context: SampleContext
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
            notes=(*notes, f"write sqlite://{path}/{first}"),
        )
        return
    at = span.text.rfind(table)
    place = Span(span.source, span.start + at, span.start + at + len(table)) if at >= 0 else span
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


def _unreadable(error: sqlite3.Error, path: str, span: Span, context: SampleContext) -> None:
    found = runtime.diagnose(error, path, "")
    if found is None:
        context.reporter.error(UNREADABLE_FILE, f"{path} cannot be read", span, notes=(str(error),))
        return
    context.reporter.error(
        UNREADABLE_FILE,
        found.message,
        span,
        notes=(found.why,),
        fixes=tuple(Fix(advice, (), Safety.DISPLAY) for advice in found.suggestions),
    )


def _check_names(row: Record, span: Span, context: SampleContext) -> None:
    """Columns of SQLite are one whether in capitals or not."""
    first: dict[str, str] = {}
    for field in row.fields:
        other = first.setdefault(field.name.lower(), field.name)
        if other != field.name:
            context.reporter.error(
                NO_FIT,
                f"'{other}' and '{field.name}' would be one column: SQLite does not tell "
                "capitals apart",
                span,
                fixes=(
                    Fix(
                        f"rename one: `rename other = {show_name(field.name)}`", (), Safety.DISPLAY
                    ),
                ),
            )


def _check_table(
    columns: tuple[_Column, ...],
    row: Record,
    options: runtime.SinkOptions,
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
        written = _written(field)
        storage = storage_class(written.type)
        if column is None:
            wrong.append(f"it has no column {field.name}")
            added.append(
                f'ALTER TABLE "{options.table}" ADD COLUMN "{field.name}" {storage}'.rstrip()
            )
            continue
        if not _keeps(_affinity(column.declared), storage):
            wrong.append(
                f"column {field.name} is {column.declared or 'untyped'}, but the field is "
                f"{show(field.type, width=40)}"
            )
            labels += [
                Label(o.span, f"'{field.name}' {o.verb}")
                for o in field.origin[-1:]
                if o.span is not None and o.span != span
            ]
        elif column.required and not column.key and written.nullable:
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
        ddl = " ".join(table_ddl(options.table, [_written(f) for f in row.fields]).split())
        fixes.append(Fix(f"a table that fits: {ddl}", (), Safety.DISPLAY))
        fixes.append(Fix("change the fields with `cast`, `select` or `??`", (), Safety.DISPLAY))
    context.reporter.error(
        NO_FIT,
        f"table {options.table} of {options.path} does not fit the records",
        span,
        labels=labels,
        notes=wrong,
        fixes=fixes,
    )


def _affinity(declared: str) -> str:
    """What a declared type prefers to keep: SQLite's documented rule."""
    upper = declared.upper()
    if "INT" in upper:
        return "INTEGER"
    if any(part in upper for part in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if not upper or "BLOB" in upper:
        return "BLOB"
    return "REAL" if any(part in upper for part in ("REAL", "FLOA", "DOUB")) else "NUMERIC"


def _keeps(affinity: str, storage: str) -> bool:
    """Whether a column of this affinity keeps values of this storage class unchanged."""
    if affinity in (storage, "BLOB") or storage == "BLOB":
        return True
    return affinity == "NUMERIC" and storage == "INTEGER"


def _written(field: Field) -> Column:
    """The runtime's column for a field."""
    may_lack = field.optional or may_be_null(field.type)
    inner = field.type if field.type == JSON else strip_null(field.type)
    name = "decimal" if isinstance(inner, DecimalType) else show(inner)
    return Column(field.name, name if isinstance(inner, Scalar | DecimalType) else "json", may_lack)


CONNECTOR = Sqlite()
