"""The JSON Schema of pipeline files, for editors: from the models of keys and the catalogue.

It refuses what it knows to be wrong and nothing else: unknown keys, values of the wrong kind,
options that no connector in the file has. What stands inside of pipe text is for `validate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote

from flowc.catalog import registry
from flowc.catalog.spec import Form, Operator, Parameter
from flowc.model.project import Project
from flowc.syntax import keys
from flowc.syntax.scan import BLOCKS
from flowc_runtime.records import Option

Schema = dict[str, Any]

#: A text with a variable in it stands for a value of any kind.
_VARIABLE: Schema = {"type": "string", "pattern": r"\$\{"}
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_TEXTS: Schema = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
_WHOLE: Schema = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
_FLAG: Schema = {"anyOf": [{"type": "boolean"}, _VARIABLE]}


def pipeline_schema(project: Project) -> Schema:
    """The schema of a pipeline file; processors and stages of the project are stages, too."""
    made = keys.PipelineFile.model_json_schema(by_alias=True)
    models = (keys.Source, keys.Node, keys.Branch, keys.Stream)
    definitions: Schema = made.pop("$defs", {})
    for model in models:
        schema = model.model_json_schema(by_alias=True)
        definitions |= schema.pop("$defs", {})
        definitions[model.__name__] = schema
    cleaned: Schema = {name: _cleaned(schema) for name, schema in definitions.items()}
    common = cleaned.pop("Node")["properties"]
    source_keys = cleaned.pop("Source")["properties"]
    processors = [word for file in project.processors for word in (file, file.replace("_", "-"))]
    names = (*processors, *project.stages)
    cleaned |= {
        "source": _endpoint(source_keys, cleaned, sink=False),
        "sources": {"type": "array", "items": _ref("source")},
        "sink": _endpoint(common, cleaned, sink=True),
        "sinks": {"type": "array", "items": _ref("sink")},
        "stage": _stage(common, cleaned, names),
        "stages": {
            "anyOf": [
                {"type": "string", "description": "stages as pipe text"},
                {"type": "array", "items": _ref("stage")},
                _ref("stage"),
                {"type": "null"},
            ]
        },
        "streams": {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "string"}, _ref("Stream")]},
        },
        "else": {"anyOf": [{"type": "string"}, _ref("Branch")]},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A pipeline file of flowc",
        **{key: value for key, value in _cleaned(made).items() if key != "title"},
        "definitions": cleaned,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{quote(name)}"}


def _cleaned(schema: Any) -> Any:
    """A model's schema as draft 7 and an editor like it: without titles and nulls of keys that
    may be left out; what a key holds is a reference; a key that is not done yet is refused."""
    if isinstance(schema, list):
        return [_cleaned(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "holds" in schema:
        return {"description": schema.get("description", ""), "allOf": [_ref(schema["holds"])]}
    if schema.get("later"):
        return {"description": f"{schema['description']} (not supported yet)", "not": {}}
    out: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            out[key] = {name: _cleaned(one) for name, one in value.items()}
        elif key == "$ref":
            out[key] = value.replace("#/$defs/", "#/definitions/")
        elif key == "description":
            out[key] = value.replace("``", "`")
        elif key == "anyOf":
            kept = [_cleaned(one) for one in value if one != {"type": "null"}]
            if len(kept) > 1:
                out[key] = kept
                continue
            told = [t for t in (schema.get("description"), kept[0].get("description")) if t]
            return {**kept[0], **({"description": ": ".join(told)} if told else {})}
        elif key == "default" and value is None:
            continue
        elif key == "type" and value == "boolean":
            out |= _FLAG
        elif key == "type" and value == "string" and "const" not in schema and "enum" not in schema:
            # YAML reads a plain `2.10` as a number; flowc reads a text where one is wanted.
            out |= _SCALAR
        elif key != "title" or not isinstance(value, str):
            out[key] = _cleaned(value)
    return out


# --- endpoints ------------------------------------------------------------------------


def _endpoint(common: Schema, definitions: Schema, *, sink: bool) -> Schema:
    """A source or a sink: text, or a map with the connector's options."""
    end = "sink" if sink else "source"
    properties = dict(common)
    rules: list[Schema] = []
    known: list[str] = []
    definitions[f"keys of a {end}"] = {"enum": sorted(common)}
    for connector in registry.connectors().values():
        kind = connector.sink_options if sink else connector.source_options
        if kind is None:
            continue
        options = _options(kind)
        name = f"{connector.name} {end}"
        definitions[name] = {"type": "object", "properties": options}
        for word in dict.fromkeys((connector.name, *connector.schemes)):
            if word == "-":
                continue
            known.append(word)
            closed = _closed(name, options)
            properties[word] = {
                "description": connector.summary,
                "anyOf": [{"type": "string"}, closed, {"type": "null"}],
            }
            rules += _rules(word, name, f"keys of a {end}", options)
    what = "where records go" if sink else "where records come from"
    return {
        "anyOf": [
            {"type": "string", "description": f"{what}: a path, a URI, `-` or a name"},
            {
                "type": "object",
                "description": f"{what}: a connector with its options",
                "properties": properties,
                "anyOf": [{"required": [key]} for key in ("type", "name", *known)],
                "allOf": rules,
            },
        ]
    }


def _closed(name: str, allowed: Iterable[str], beside: str = "") -> Schema:
    """A map of the options, or parameters, of a definition, and no others; ``beside`` names
    the keys that may stand there, too."""
    names: Schema = {"enum": sorted(allowed)}
    if beside:
        names = {"anyOf": [names, _ref(beside)]}
    return {"allOf": [_ref(name)], "propertyNames": names}


def _rules(word: str, name: str, beside: str, allowed: Schema) -> Iterator[Schema]:
    """What else may stand beside ``word:`` and ``type: word``, and in its ``config``."""
    typed = {"required": ["type"], "properties": {"type": {"const": word}}}
    yield {"if": {"required": [word]}, "then": _closed(name, {*allowed, word}, beside)}
    yield {"if": typed, "then": _closed(name, allowed, beside)}
    config = {"anyOf": [_closed(name, allowed), {"type": "null"}]}
    yield {
        "if": {**typed, "required": ["type", "config"]},
        "then": {"properties": {"config": config}},
    }


def _options(kind: type[Any]) -> Schema:
    """The options of a connector and of the formats it may be written in."""
    found = _fields(kind)
    for format in registry.formats().values():
        for name, schema in _fields(format.options).items():
            found.setdefault(name, schema)
    formats = [word for f in registry.formats().values() for word in (f.name, *f.spellings)]
    found.setdefault(
        "format", {"description": "how records are written down", "enum": sorted(formats)}
    )
    return found


def _fields(kind: type[Any]) -> Schema:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: _option(hints[field.name], field.default) for field in fields(kind)}


def _option(hint: Any, default: Any) -> Schema:
    notes = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    plain = get_args(hint)[0] if notes else hint
    kinds = list(_kinds(plain))
    if not any(kind == _SCALAR for kind in kinds):
        kinds.append(_VARIABLE)
    made: Schema = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    doc = next((note.doc for note in notes if isinstance(note, Option)), "")
    made = {"description": doc, **made} if doc else dict(made)
    if default is not MISSING and isinstance(default, str | int | float | bool) and default != "":
        made["default"] = default
    return made


def _kinds(hint: Any) -> Iterator[Schema]:
    """What may stand in a file for a value of a Python type."""
    if get_origin(hint) in (Union, UnionType):
        for one in get_args(hint):
            yield from _kinds(one)
    elif get_origin(hint) is Literal:
        yield {"enum": list(get_args(hint))}
    elif get_origin(hint) in (tuple, list):
        yield {"type": "array", "items": _SCALAR}
        yield {"type": "string"}
    elif hint is bool:
        yield {"type": "boolean"}
    elif hint in (int, float):
        yield {"type": "number"}
        yield {"type": "string", "pattern": r"^[-+\d]"}
    elif hint is not NoneType:
        yield _SCALAR


# --- stages ---------------------------------------------------------------------------


def _stage(common: Schema, definitions: Schema, names: Iterable[str]) -> Schema:
    """A stage: text, or a map with one key that names an operator."""
    properties = dict(common)
    rules: list[Schema] = []
    definitions["keys of a stage"] = {"enum": sorted(common)}
    for operator in registry.operators().values():
        name = f"stage {operator.name}"
        parameters = {p.name: _parameter(p) for p in operator.parameters}
        definitions[name] = {"type": "object", "properties": parameters}
        definitions[f"{name} arguments"] = _arguments(operator, _closed(name, parameters))
        for word in (operator.name, *operator.spellings):
            properties[word] = _ref(f"{name} arguments")
            rules += _rules(word, name, "keys of a stage", parameters)
    for name in names:
        properties.setdefault(name, {"description": "of this project"})
    return {
        "anyOf": [
            {"type": "string", "description": "a stage as pipe text, or several with `|`"},
            {
                "type": "object",
                "properties": properties,
                "anyOf": [
                    {"required": ["type"]},
                    {"required": ["name"]},
                    {"propertyNames": {"enum": sorted({*properties, *_parameters()})}},
                ],
                "allOf": rules,
            },
        ]
    }


def _parameters() -> Iterator[str]:
    for operator in registry.operators().values():
        yield from (parameter.name for parameter in operator.parameters)


def _arguments(operator: Operator, closed: Schema) -> Schema:
    """What stands behind an operator's word as a key."""
    told = "\n\n".join((operator.summary, operator.form, operator.doc))
    if operator.name in BLOCKS:
        branch: list[Schema] = [_ref("Branch")]
        if not BLOCKS[operator.name]:
            branch.append({"type": "string"})
        return {"description": told, "type": "array", "items": {"anyOf": branch}}
    return {"description": told, "anyOf": [*_TEXTS["anyOf"], closed, {"type": "null"}]}


def _parameter(parameter: Parameter) -> Schema:
    made: Schema
    match parameter.form:
        case Form.NUMBER:
            made = _WHOLE
        case Form.FLAG:
            made = _FLAG
        case Form.WORD if parameter.choices:
            made = {"enum": list(parameter.choices)}
        case Form.CONDITION | Form.EXPRESSION | Form.TEXT | Form.DURATION | Form.SHARE:
            made = _SCALAR
        case Form.BRANCHES:
            made = {"type": "array"}
        case _:
            made = {"anyOf": [*_TEXTS["anyOf"], {"type": "object"}]}
    return {"description": parameter.doc, **made}
