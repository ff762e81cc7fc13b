"""What schema files import: foreign documents as types of the project."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.reads import listening
from flowc.model.types import Record, Refinement
from flowc.project.load import load_project
from flowc.types.show import show


class Project:
    def __init__(self, folder: Path, imports: str, files: dict[str, Any]) -> None:
        texts = {"flowc.toml": "", "schemas/a.schema.yaml": imports, **files}
        for name, content in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        reporter = Reporter()
        with listening() as reads:
            project = load_project(folder, environ={}, settings={}, strict=False, reporter=reporter)
        self.read = {path.name for path in reads.paths}
        self.named = project.types
        self.diagnostics: tuple[Diagnostic, ...] = reporter.sorted()

    @property
    def types(self) -> dict[str, str]:
        return {name: show(named.type) for name, named in self.named.items()}

    @property
    def codes(self) -> list[str]:
        return [d.code.id for d in self.diagnostics]

    def stated(self, name: str, field: str) -> Refinement:
        type = self.named[name].type
        assert isinstance(type, Record)
        found = type.field(field)
        assert found is not None
        return found.refinement


ONE = "types: {T: {$import: t.json}}"


def one(folder: Path, schema: Any) -> Project:
    return Project(folder, ONE, {"schemas/t.json": schema})


A = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "a"}}}
B = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"enum": ["b", "c"]}, "x": {"type": "integer"}},
}

B_REF = "#/definitions/B"

CASES: list[tuple[Any, str]] = [
    ({"type": "string"}, "string"),
    ({"type": "integer"}, "int"),
    ({"type": "integer", "format": "int32"}, "int32"),
    ({"type": "integer", "format": "uint64"}, "uint64"),
    ({"type": "integer", "minimum": 0, "maximum": 2**64 - 1}, "uint64"),
    ({"type": "integer", "maximum": 10**30}, "bigint"),
    ({"type": "number"}, "number"),
    ({"type": "number", "format": "double"}, "float"),
    ({"type": "string", "format": "decimal"}, "decimal"),
    ({"type": "boolean"}, "bool"),
    ({"type": "string", "format": "date-time"}, "timestamp"),
    ({"type": "string", "format": "date"}, "date"),
    ({"type": "string", "format": "uuid"}, "uuid"),
    ({"type": "string", "format": "duration"}, "duration"),
    ({"type": "string", "format": "email"}, "string"),
    ({"type": "string", "contentEncoding": "base64"}, "bytes"),
    ({"type": ["string", "null"]}, "string?"),
    ({"type": ["integer", "number"]}, "number"),
    ({"type": "string", "nullable": True}, "string?"),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "int?"),
    ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
    ({"anyOf": [{"type": "string", "format": "uuid"}, {"enum": ["x"]}]}, "string"),
    ({"enum": ["a", "b", None]}, 'enum("a", "b")?'),
    ({"enum": [True]}, "bool"),
    ({"enum": [True, False]}, "bool"),
    ({"enum": [1, 2.5]}, "number"),
    ({"const": "a"}, 'enum("a")'),
    ({"oneOf": [{"const": "a"}, {"const": "b"}]}, 'enum("a", "b")'),
    ({"type": "array", "items": {"type": "integer"}}, "list<int>"),
    ({"type": "array"}, "list<json>"),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "number"}]}, "list<number>"),
    ({"type": "array", "items": [{"type": "string"}]}, "list<string>"),
    ({"type": "object"}, "map<json>"),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, "map<int>"),
    ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}}, "map<int>"),
    ({"type": "object", "additionalProperties": False}, "{}"),
    (
        {"properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]},
        "{a: int, b?: json}",
    ),
    ({"properties": {"a": {}}, "required": ["b"]}, "{a?: json, b: json}"),
    ({"properties": {"a": {}, "b": False}, "additionalProperties": True}, "{a?: json, ...}"),
    ({"properties": {"a b": {"type": "string"}}}, "{`a b`?: string}"),
    ({"oneOf": [A, A]}, '{kind: enum("a")}'),
    ({"oneOf": [A, B]}, 'union<kind: a = {kind: enum("a")}, b = %s, c = %s>'),
    (
        {"allOf": [A, {"properties": {"y": {"type": "string"}}, "required": ["y"]}]},
        '{kind: enum("a"), y: string}',
    ),
    (
        {"allOf": [{"properties": {"k": {"type": "string"}}}, A, {"required": ["k"]}]},
        '{k: string, kind: enum("a")}',
    ),
    ({"allOf": [{"$ref": "#/$defs/x"}], "nullable": True, "$defs": {"x": {"enum": ["a"]}}}, "x?"),
    ({"properties": {"a": {"$ref": "#"}}}, "{a?: T}"),
    (True, "json"),
]
CASES = [(s, t % (('{kind: enum("b", "c"), x?: int}',) * 2) if "%s" in t else t) for s, t in CASES]


@pytest.mark.parametrize(("schema", "type"), CASES, ids=[json.dumps(s)[:70] for s, _ in CASES])
def test_a_schema_is_the_type_that_says_it(schema: Any, type: str, tmp_path: Path) -> None:
    document = {"properties": {"v": schema}, "required": ["v"]}
    if isinstance(schema, dict) and "$ref" not in json.dumps(schema):
        found = one(tmp_path, document)
        expected = type.replace(", ...}", "}")
        assert found.types["T"] == f"{{v: {expected}}}"
        assert {d.severity.value for d in found.diagnostics} <= {"note"}
    if schema is not True:
        found = one(tmp_path, schema)
        assert found.types["T"] == type
        assert {d.severity.value for d in found.diagnostics} <= {"note"}


@pytest.mark.parametrize(
    ("schema", "stated"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 5}, Refinement("1", "5")),
        ({"type": "integer", "exclusiveMinimum": 1, "maximum": 5.5}, Refinement("2", "5")),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, Refinement("2")),
        ({"type": "number", "minimum": -1e2}, Refinement("-100")),
        ({"type": "string", "pattern": "^a+$"}, Refinement(pattern="^a+$")),
        ({"type": ["string", "null"], "pattern": "a"}, Refinement(pattern="a")),
    ],
)
def test_bounds_and_patterns_are_stated(schema: Any, stated: Refinement, tmp_path: Path) -> None:
    found = one(tmp_path, {"properties": {"v": schema}})
    assert found.stated("T", "v") == stated
    assert found.codes == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 1},
        {"type": "string", "pattern": "(?=a)b"},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "(a)\\1"},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "number", "maximum": 1e308 * 10, "minimum": 1},
        {"type": "integer", "minimum": 5, "maximum": 1},
        {"type": "integer", "multipleOf": 5},
        {"type": "array", "items": {"type": "integer", "minimum": 1}},
        {"enum": [1, 2]},
        {"not": {"type": "string"}},
        {"properties": {"a": {}}, "discriminator": {"propertyName": "a"}},
        {"properties": {"a": {}}, "additionalProperties": True},
    ],
)
def test_what_a_type_does_not_say_is_noted(schema: Any, tmp_path: Path) -> None:
    text = json.dumps({"properties": {"v": schema}}).replace("Infinity", "1e999")
    found = Project(tmp_path, ONE, {"schemas/t.json": text})
    assert found.codes == ["FC0753"]
    assert found.diagnostics[0].span is not None


def test_a_kind_of_constraint_is_noted_once(tmp_path: Path) -> None:
    short = {"type": "string", "maxLength": 3}
    found = one(tmp_path, {"properties": {"a": short, "b": short}})
    assert [d.message for d in found.diagnostics] == ["`maxLength` is not checked; so at 2 places"]


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        {"type": ["integer", "string"]},
        {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]},
        {
            "oneOf": [
                A,
                {**A, "minProperties": 1, "properties": {**B["properties"], **A["properties"]}},
            ]
        },
        {"enum": ["a", 1]},
        {"enum": [{}]},
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
        {"allOf": [{"type": "integer"}, {"type": "string"}]},
        {"$dynamicRef": "#x"},
    ],
)
def test_what_no_type_says_is_json_with_a_warning(schema: Any, tmp_path: Path) -> None:
    found = one(tmp_path, {"properties": {"v": schema}})
    assert found.types["T"] in ("{v?: json}", "{v?: list<json>}")
    (warned,) = (d for d in found.diagnostics if d.code.id == "FC0752")
    assert warned.span is not None


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ("[1, 2", "FC0751"),
        ('{"a": 1, "a": 2}', "FC0751"),
        ('{"a": "\\ud800"}', "FC0751"),
        ("", "FC0751"),
        ("[]", "FC0751"),
        ("{}", "FC0751"),
        ("[" * 100_000, "FC0754"),
        ({"type": "strnig"}, "FC0751"),
        ({"type": 5}, "FC0751"),
        ({"type": "object", "properties": []}, "FC0751"),
        ({"enum": []}, "FC0751"),
        ({"enum": "a"}, "FC0751"),
        ({"properties": {"a": 3}}, "FC0751"),
        ({"properties": {"a": {"$ref": 3}}}, "FC0751"),
        ({"properties": {"a": {"$ref": "#/$defs/a"}}}, "FC0750"),
        ({"properties": {"a": {"$ref": "#a"}}}, "FC0750"),
        ({"properties": {"a": {"$ref": "https://example.com/a.json"}}}, "FC0750"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "FC0750"),
        ({"properties": {"a": {"$ref": "/etc/passwd"}}}, "FC0750"),
        ({"properties": {"a": {"$ref": "b.json"}}}, "FC0750"),
        ({"properties": {"a": {"$ref": "../../../../../../etc/hostname"}}}, "FC0750"),
        ({"allOf": [{"$ref": "#"}, {"type": "object"}]}, "FC0751"),
        ({"types": {"A": {"x": "int"}}}, "FC0751"),
    ],
)
def test_mistakes_have_a_place(schema: Any, code: str, tmp_path: Path) -> None:
    found = one(tmp_path, schema)
    assert found.codes in ([code], ["FC0704"])
    assert found.diagnostics[0].span is not None or found.codes == ["FC0704"]
    assert "T" in found.types


def test_recursion_and_cycles_end(tmp_path: Path) -> None:
    schema = {
        "$ref": "#/$defs/expr",
        "$defs": {
            "expr": {"oneOf": [{"$ref": "#/$defs/num"}, {"$ref": "#/$defs/add"}]},
            "num": {
                "properties": {"op": {"const": "num"}, "v": {"type": "number"}},
                "required": ["op"],
            },
            "add": {
                "properties": {
                    "op": {"const": "add"},
                    "left": {"$ref": "#/$defs/expr"},
                    "right": {"oneOf": [{"$ref": "#/$defs/num"}, {"$ref": "#/$defs/add"}]},
                },
                "required": ["op", "left"],
            },
        },
    }
    found = one(tmp_path, schema)
    union = "union<op: num = num, add = add>"
    assert found.types == {
        "T": "expr",
        "expr": union,
        "num": '{op: enum("num"), v?: number}',
        "add": f'{{op: enum("add"), left: expr, right?: {union}}}',
    }
    assert found.codes == []


def test_parts_of_parts_end_in_bounded_time(tmp_path: Path) -> None:
    twice = {f"s{i}": {"allOf": [{"$ref": f"#/$defs/s{i + 1}"}] * 2} for i in range(30)}
    schema = {"$ref": "#/$defs/s0", "$defs": {**twice, "s30": A}}
    assert one(tmp_path, schema).codes == []
    endless = {f"s{i}": {"allOf": [{"$ref": f"#/$defs/s{i + 1}"}, A]} for i in range(500)}
    assert "FC0754" in one(tmp_path, {"$ref": "#/$defs/s0", "$defs": {**endless, "s500": A}}).codes


def test_references_cross_files_anchors_and_ids(tmp_path: Path) -> None:
    found = Project(
        tmp_path,
        "types: {T: {$import: ../api/t.json}}",
        {
            "api/t.json": {
                "$id": "https://example.com/t",
                "properties": {
                    "a": {"$ref": "deep/b.yaml#/x~1y"},
                    "c": {"$ref": "#here"},
                    "d": {"$ref": "https://example.com/known"},
                },
                "$defs": {
                    "n": {"$anchor": "here", "enum": ["h"]},
                    "k": {"$id": "/known", "enum": ["k"]},
                },
            },
            "api/deep/b.yaml": "x/y: {properties: {up: {$ref: '../t.json'}}}",
        },
    )
    assert found.codes == []
    assert found.types == {
        "T": "{a?: XY, c?: here, d?: known}",
        "XY": "{up?: T}",
        "here": 'enum("h")',
        "known": 'enum("k")',
    }
    assert {"t.json", "b.yaml"} <= found.read


OPENAPI = """\
openapi: 3.0.3
paths:
  /pets/{id}: {get: {responses: {200: {description: 'ok ${no} variable'}}}}
components:
  schemas:
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: petType, mapping: {cat: '#/components/schemas/Cat', dog: Dog}}
    Base: {type: object, required: [petType], properties: {petType: {type: string}}}
    Cat:
      allOf:
        - $ref: '#/components/schemas/Base'
        - {type: object, properties: {lives: {type: integer, format: int32, maximum: 9}}}
    Dog: {allOf: [{$ref: '#/components/schemas/Base'}]}
    string: {type: object, properties: {owner: {$ref: '#/components/schemas/card-holder'}}}
    card-holder: {type: object, nullable: true, properties: {name: {type: string}}}
    CardHolder: {type: string, enum: [x]}
"""


def test_openapi_brings_all_its_schemas(tmp_path: Path) -> None:
    found = Project(tmp_path, "$import: [../api.yaml]", {"api.yaml": OPENAPI})
    assert found.codes == []
    assert found.types == {
        "Pet": "union<petType: cat = Cat, dog = Dog>",
        "Base": "{petType: string}",
        "Cat": "{petType: string, lives?: int32}",
        "Dog": "Base",
        "String": "{owner?: CardHolder}",
        "CardHolder": "{name?: string}?",
        "CardHolder2": 'enum("x")',
    }


def test_one_type_of_openapi_brings_what_it_needs(tmp_path: Path) -> None:
    imports = """\
types:
  Base: {own: int}
  Animal: {$import: api.yaml#/components/schemas/Pet}
  Kitten: {$import: api.yaml#/components/schemas/Cat}
"""
    found = Project(tmp_path, imports, {"schemas/api.yaml": OPENAPI})
    assert found.codes == []
    assert found.types == {
        "Base": "{own: int}",
        "Animal": "union<petType: cat = Kitten, dog = Dog>",
        "Kitten": "{petType: string, lives?: int32}",
        "Dog": "ApiBase",
        "ApiBase": "{petType: string}",
    }


def test_only_a_whole_record_keeps_further_fields(tmp_path: Path) -> None:
    open = {"properties": {"a": {"type": "integer"}}, "additionalProperties": True}
    found = one(tmp_path, {"$ref": "#/$defs/x", "$defs": {"x": open}})
    assert (found.codes, found.types) == ([], {"T": "x", "x": "{a?: int, ...}"})
    found = one(tmp_path, {"properties": {"x": {"$ref": "#/$defs/x"}}, "$defs": {"x": open}})
    assert (found.codes, found.types["x"]) == (["FC0753"], "{a?: int}")


def test_swagger_brings_its_definitions(tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "swagger": "2.0",
        "definitions": {"A": {"properties": {"b": {"$ref": B_REF}}}},
    }
    document["definitions"]["B"] = {"enum": ["x"]}
    found = Project(tmp_path, "$import: t.json", {"schemas/t.json": document})
    assert (found.codes, found.types) == ([], {"A": "{b?: B}", "B": 'enum("x")'})
    found = one(tmp_path, document)
    assert found.codes == ["FC0357"]
    assert found.diagnostics[0].notes == ("for example `$import: t.json#/definitions/A`",)


@pytest.mark.parametrize(
    ("imports", "code"),
    [
        ("types: {T: {$import: api.yaml}}", "FC0357"),
        ("types: {T: {$import: t.avsc}}", "FC0357"),
        ("types: {T: {$import: api.yml}}", "FC0750"),
        ("types: {T: {$import: 'https://example.com/api.yaml'}}", "FC0750"),
        ("types: {T: {$import: api.yaml#/components/schemas/Pett}}", "FC0750"),
        ("$import: a.schema.yaml", "FC0751"),
    ],
)
def test_imports_that_lead_nowhere(imports: str, code: str, tmp_path: Path) -> None:
    found = Project(tmp_path, imports, {"schemas/api.yaml": OPENAPI, "schemas/t.avsc": "{}"})
    assert found.codes == [code]
    assert found.diagnostics[0].span is not None


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"type": "string"}')
    (tmp_path / "p/schemas").mkdir(parents=True)
    (tmp_path / "p/schemas/t.json").symlink_to(tmp_path / "secret.json")
    assert Project(tmp_path / "p", ONE, {}).codes == ["FC0704"]
    outside = Project(tmp_path / "p", "types: {T: {$import: ../../secret.json}}", {})
    assert outside.codes == ["FC0704"]


HOSTILE = ['a"b', "a'b", "a\nb", "a{b}", "{{ x }}", "\u202eevil", "a`b", "#{x}", "*/", "\\", "${X}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_names(name: str, tmp_path: Path) -> None:
    schema = {
        "title": name,
        "description": name,
        "properties": {name: {"enum": [name]}, "r": {"$ref": "#/$defs/r"}},
        "$defs": {"r": {"title": name, "properties": {name: {"type": "string"}}}},
    }
    found = one(tmp_path, schema)
    assert found.codes == []
    shown = found.types["T"]
    assert shown.isprintable()
    type = found.named["T"].type
    assert isinstance(type, Record)
    assert type.names[0] == name
    listed = Project(
        tmp_path, "$import: t.json", {"schemas/t.json": {"$defs": {name: {"enum": ["a"]}}}}
    )
    assert [n for n in listed.types if not n.isidentifier()] == []


_WORDS = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "items",
    "prefixItems",
    "oneOf",
    "anyOf",
    "allOf",
    "$ref",
    "enum",
    "const",
    "format",
    "pattern",
    "minimum",
    "exclusiveMinimum",
    "nullable",
    "discriminator",
    "$defs",
    "title",
    "$id",
    "$anchor",
    "minLength",
    "if",
    "propertyName",
    "mapping",
    "kind",
    "a",
]
_VALUES = st.sampled_from(
    [
        "string",
        "object",
        "integer",
        "array",
        "#",
        "#/$defs/a",
        "#/$defs/kind",
        "#/properties/a",
        "a",
        "(",
        "",
        0,
        -5,
        1e20,
        True,
        False,
        None,
    ]
)
_ANYTHING = st.recursive(
    _VALUES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(_WORDS), _ANYTHING), _ANYTHING, _ANYTHING)
@settings(deadline=None, max_examples=60)
def test_anything_ends_in_types_or_in_diagnostics(schema: Any, a: Any, kind: Any) -> None:
    schema = {"$defs": {"a": a, "kind": kind}, **schema}
    with TemporaryDirectory() as folder:
        imports = "types: {T: {$import: t.json}}\n$import: t.json"
        found = Project(Path(folder), imports, {"schemas/t.json": schema})
    assert "T" in found.types
    assert all(d.span is not None for d in found.diagnostics)
    errors = [d for d in found.diagnostics if d.is_error]
    assert errors or "unknown" not in found.types.values()
