"""JSON: one value of any kind."""

from __future__ import annotations

from flowc.catalog.spec import CheckContext, Formatting, OperatorExample
from flowc.catalog.texts import WRITE_FAILS, Spelled, TextFormat, no_argument, type_argument
from flowc.model.typed import CodecForm, RuntimeCall, Typed
from flowc.model.types import JSON, STRING


class Json(TextFormat):
    name = "json"
    doc = (
        "A json value, or with a type behind it a value of that type, read as a source of JSON "
        "lines would read it: fields that the type does not name are left out. Written as in "
        "JSON lines; fields that are absent are not in it."
    )
    read_as = "json [Type]"
    written_as = "json"
    read_examples = (
        OperatorExample(
            "A body of a type that is known",
            "parse body as json {user: string, amount: int}",
            '{"id": 1, "body": "{\\"user\\": \\"ada\\", \\"amount\\": 3, \\"x\\": 0}"}\n'
            '{"id": 2, "body": "{\\"user\\": \\"bob\\"}"}\n{"id": 3, "body": "oops"}',
            '{"id": 1, "body": {"user": "ada", "amount": 3}}',
            dead=2,
        ),
        OperatorExample(
            "Any json",
            "parse body as json | set user = string(body.user)",
            '{"body": "{\\"user\\": \\"ada\\"}"}',
            '{"body": {"user": "ada"}, "user": "ada"}',
        ),
    )
    write_examples = (
        OperatorExample(
            "A field",
            "format who as json",
            '{"id": 1, "who": {"name": "ada", "age": 36}}',
            '{"id": 1, "who": "{\\"name\\":\\"ada\\",\\"age\\":36}"}',
        ),
        OperatorExample(
            "The whole record",
            "format row as json",
            '{"id": 1, "tags": ["a", "b"]}',
            '{"text": "{\\"id\\":1,\\"tags\\":[\\"a\\",\\"b\\"]}"}',
        ),
    )

    def reading(self, item: Formatting, check: CheckContext) -> Spelled | None:
        if item.argument is None:
            return Spelled(RuntimeCall("values.text", "to_json"), JSON)
        type = type_argument(
            item, check, "as in `parse body as json Payment`, or `as json {id: int}`"
        )
        return (
            None if type is None else Spelled(CodecForm("codecs.jsontext", "JsonText", type), type)
        )

    def writing(self, item: Formatting, value: Typed, check: CheckContext) -> Spelled | None:
        if not no_argument(item, check, "the type is known"):
            return None
        return Spelled(RuntimeCall("values.text", "json_text"), STRING, errors=WRITE_FAILS)


TEXT_FORMAT = Json()
