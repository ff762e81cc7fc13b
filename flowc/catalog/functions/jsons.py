"""Functions of json values."""

from __future__ import annotations

from flowc.catalog.signatures import examples, gives
from flowc.catalog.spec import Constant, Function, Overload
from flowc.model.effects import VALIDATION_ERROR
from flowc.model.typed import RuntimeCall
from flowc.model.types import BOOL, INT, JSON, STRING, ListType, Ref, nullable


def _call(name: str) -> RuntimeCall:
    return RuntimeCall("values.jsonpath", name)


_TEXT = RuntimeCall("values.text", "json_text")
_FAILS = frozenset({VALIDATION_ERROR})

FUNCTIONS = (
    Function(
        "json_get",
        "what is at a path inside a json value; null where there is nothing",
        (gives(JSON, _call("json_get"), value=JSON, path=STRING),),
        examples(
            ('json_get(json(r\'{"a": {"b": [1, 2]}}\'), "$.a.b[-1]")', 'json("2")'),
            ('json_get(json("[1]"), "a.b")', "null"),
        ),
        constant={1: Constant("path", written=True)},
        corrections=dict.fromkeys(
            ["json_extract", "json_query", "get_json_object", "json_extract_scalar", "json_value"],
            "json_get",
        ),
    ),
    Function(
        "json_has",
        "whether a json value is an object with a key, whatever is under it",
        (gives(BOOL, _call("json_has"), value=JSON, key=STRING),),
        examples(
            ('json_has(json(r\'{"a": null}\'), "a")', "true"),
        ),
        corrections={"json_exists": "json_has", "json_contains": "json_has"},
    ),
    Function(
        "json_type",
        'the kind of a json value: "object", "array", "string", "number", "bool" or "null"',
        (Overload((("value", JSON),), STRING, _call("json_type"), takes_null=True),),
        examples(('json_type(json("[1]"))', '"array"'), ('json_type(json("null"))', '"null"')),
        corrections={"type_of": "json_type", "typeof": "json_type", "json_typeof": "json_type"},
    ),
    Function(
        "json_length",
        "how many items or keys a json value has; null of another kind",
        (gives(nullable(INT), _call("json_length"), value=JSON),),
        examples(('json_length(json("[1, 2]"))', "2"), ('json_length(json("3"))', "null")),
        corrections={"json_array_length": "json_length", "array_length_json": "json_length"},
    ),
    Function(
        "json_keys",
        "the keys of a json object; null of another kind",
        (gives(nullable(ListType(STRING)), _call("json_keys"), value=JSON),),
        examples(
            ('json_keys(json(r\'{"a": 1, "b": 2}\'))', '["a", "b"]'),
        ),
        corrections={"json_object_keys": "json_keys"},
    ),
    Function(
        "json_items",
        "the items of a json array; null of another kind",
        (gives(nullable(ListType(JSON)), _call("json_items"), value=JSON),),
        examples(('length(json_items(json("[1, 2]")))', "2"), ('json_items(json("1"))', "null")),
        corrections={"json_array_elements": "json_items", "json_each": "json_items"},
    ),
    Function(
        "json_merge",
        "a json value with changes made to it: keys are replaced, or removed where the change is null",
        (gives(JSON, _call("json_merge"), value=JSON, changes=JSON),),
        examples(
            (
                'string(json_merge(json(r\'{"a": 1, "b": 2}\'), json(r\'{"b": null, "c": 3}\')))',
                'r\'{"a":1,"c":3}\'',
            ),
        ),
        corrections={"json_merge_patch": "json_merge", "json_concat": "json_merge"},
    ),
    Function(
        "to_json",
        "a value written as JSON, a text in its quotes",
        (
            gives(STRING, _TEXT, _FAILS, value=Ref("T")),
            gives(STRING, _TEXT, _FAILS, value=JSON),
        ),
        examples(('to_json("a")', "r'\"a\"'"), ("to_json([1, 2])", '"[1,2]"')),
        corrections=dict.fromkeys(
            ["json_stringify", "to_json_string", "tojson", "json_encode"], "to_json"
        ),
    ),
)
