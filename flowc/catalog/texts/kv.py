"""Names and values: `level=warn msg="disk full"`, as in logfmt."""

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
from flowc.model.typed import CodecForm, RuntimeCall, Typed
from flowc.model.types import STRING, ListType, MapType, Record, Type, nullable, strip_null


class PairsFormat(TextFormat):
    """Names and values: a map of texts, or a record of a type that is known.

    ``codec`` and ``function`` read and write it; ``lists``: a name may be there several times.
    """

    module: ClassVar[str]
    codec: ClassVar[str]
    function: ClassVar[str]
    lists: ClassVar[bool] = False

    def reading(self, item: Formatting, check: CheckContext) -> Spelled | None:
        if item.argument is None:
            return self._read(MapType(nullable(STRING)))
        type = type_argument(item, check, f"as in `as {self.name} {{level: string, ms: int?}}`")
        if type is None:
            return None
        match type:
            case Record() if type.fields:
                return self._read(type) if flat(type, item, check, lists=self.lists) else None
            case MapType(value=value) if self._is_value(value):
                return self._read(type)
            case _:
                wrong_argument(
                    f"what `{self.name}` holds is a record or a map", item.argument.span, check
                )
                return None

    def _read(self, type: Type) -> Spelled:
        return Spelled(CodecForm(self.module, self.codec, type), type)

    def _is_value(self, type: Type) -> bool:
        inner = strip_null(type)
        return not has_no_cell(type) or (
            self.lists and isinstance(inner, ListType) and not has_no_cell(inner.item)
        )

    def writing(self, item: Formatting, value: Typed, check: CheckContext) -> Spelled | None:
        if not no_argument(item, check, "the type is known"):
            return None
        type = strip_null(value.type)
        match type:
            case Record():
                if not flat(type, item, check, lists=self.lists):
                    return None
            case MapType(value=inner) if self._is_value(inner):
                pass
            case _:
                not_written(item, type, check, "records and maps of plain values")
                return None
        return Spelled(RuntimeCall(self.module, self.function), STRING, errors=WRITE_FAILS)


class KeyValue(PairsFormat):
    name = "kv"
    spellings = ("logfmt",)
    module = "codecs.kvtext"
    codec = "KvText"
    function = "kv_text"
    doc = (
        'Names and values, `level=warn msg="disk full"`, as in logfmt (`logfmt` is '
        "the same word). A record type behind it converts them and leaves out what it does not name; "
        "alone it gives `map<string?>`. A name without `=` is null. The last of a name wins."
    )
    read_as = "kv [Type]"
    written_as = "kv"
    read_examples = (
        OperatorExample(
            "A line in logfmt",
            "parse line as kv {level: string, ms: int?}",
            '{"line": "level=warn msg=\\"disk full\\" ms=12"}\n{"line": "level=info"}',
            '{"line": {"level": "warn", "ms": 12}}\n{"line": {"level": "info", "ms": null}}',
        ),
    )
    write_examples = (
        OperatorExample(
            "As a line in logfmt",
            "format row as kv",
            '{"level": "warn", "msg": "disk full", "ms": 12}',
            '{"text": "level=warn msg=\\"disk full\\" ms=12"}',
        ),
    )


TEXT_FORMAT = KeyValue()
