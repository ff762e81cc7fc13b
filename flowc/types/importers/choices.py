"""``oneOf`` and ``anyOf``: nullable types, enums, and unions told apart by a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowc.model.types import (
    JSON,
    NEVER,
    NULL,
    STRING,
    UUID,
    EnumType,
    MapType,
    Poison,
    Record,
    Scalar,
    Type,
    Union,
    Variant,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.importers.document import Node
from flowc.types.importers.keywords import STRUCTURE
from flowc.types.lattice import join_all

if TYPE_CHECKING:
    from flowc.types.importers.jsonschema import JsonSchemas

_WRITE = "give each schema a required field with one `const` or `enum` text of its own"


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A record to choose, by name or written out, and what is in it."""

    node: Node
    type: Type
    record: Record


def choice(schemas: JsonSchemas, node: Node, key: str, base: Type | None, depth: int) -> Type:
    """The type of a schema whose keyword ``key`` gives it a choice of others.

    ``base`` is what the schema says itself, beside the choice, of all of them.
    """
    branches = node.map[key].items
    if base is not None and not any(STRUCTURE & b.map.keys() - {"required"} for b in branches):
        schemas.unchecked.note(f"`{key}` of `required` is not checked", node.at(key))
        return base
    found = [schemas.shape(branch, depth + 1) for branch in branches]
    if base is not None:
        found = [schemas.both(base, type, branch) for type, branch in zip(found, branches)]
    null = any(may_be_null(type) and type != JSON for type in found)
    types = [strip_null(type) for type in found]
    kept = [(t, b) for i, (t, b) in enumerate(zip(types, branches)) if t not in (NEVER, *types[:i])]
    type = _of(schemas, node, key, kept, depth)
    return nullable(type) if null else type


def _of(
    schemas: JsonSchemas, node: Node, key: str, kept: Sequence[tuple[Type, Node]], depth: int
) -> Type:
    types = tuple(dict.fromkeys(type for type, _ in kept))
    if not types:
        return NULL
    if JSON in types:
        return JSON
    if len(types) == 1 and "discriminator" not in node.map:
        return types[0]
    opened = [(type, branch, schemas.glimpse(type)) for type, branch in kept]
    if any(isinstance(inner, Poison) for _, _, inner in opened):
        return next(inner for _, _, inner in opened if isinstance(inner, Poison))
    if all(isinstance(inner, Record | Union) for _, _, inner in opened):
        return _union(schemas, node, key, opened)
    inner_types = tuple(inner for _, _, inner in opened)
    joined: Type | None = STRING if all(map(_is_text, inner_types)) else None
    if all(isinstance(inner, EnumType) for inner in inner_types) or joined is None:
        joined = None if any(isinstance(t, MapType) for t in types) else join_all(inner_types)
    return joined or schemas.wider(f"`{key}` of different kinds of values", node.at(key))


def _is_text(type: Type) -> bool:
    """Whether each value is a text in JSON, so that any of them is a string."""
    return (
        type in (STRING, UUID)
        or isinstance(type, EnumType)
        or (
            isinstance(type, Scalar)
            and type.kind.value in ("timestamp", "date", "duration", "bytes")
        )
    )


def _union(
    schemas: JsonSchemas, node: Node, key: str, opened: Sequence[tuple[Type, Node, Type]]
) -> Type:
    field, named = _discriminator(schemas, node)
    flat: list[_Tagged] = []
    for type, branch, inner in opened:
        if isinstance(inner, Record):
            flat.append(_Tagged(branch, type, inner))
        elif isinstance(inner, Union):
            field = field or inner.discriminator
            for variant in inner.variants:
                record = schemas.glimpse(variant.type)
                if inner.discriminator != field or not isinstance(record, Record):
                    return schemas.wider(f"`{key}` of unions", node.at(key), _WRITE)
                tag = EnumType((variant.tag,))
                flat.append(_Tagged(branch, variant.type, schemas.tagged(record, field, tag)))
    for name in (field,) if field else _candidates(flat):
        variants = _variants(flat, name, named)
        if variants is not None:
            return Union(name, variants)
    return schemas.wider(f"`{key}` of records that no field tells apart", node.at(key), _WRITE)


def _discriminator(schemas: JsonSchemas, node: Node) -> tuple[str | None, Mapping[Node, list[str]]]:
    """The field that OpenAPI says, and the tags of each schema that it names."""
    written = node.get("discriminator")
    field = written.text("propertyName") if written is not None else None
    if written is None or field is None:
        return None, {}
    named: dict[Node, list[str]] = {}
    mapping = written.get("mapping")
    for tag, reference in mapping.map.items() if mapping is not None else ():
        if not isinstance(reference.value, str):
            continue
        target = schemas.mapped(reference.value, reference.span)
        if target is not None:
            named.setdefault(target, []).append(tag)
    tags: dict[Node, list[str]] = {}
    for key in ("oneOf", "anyOf"):
        for branch in node.map[key].items if key in node.map else ():
            target = schemas.target(branch)
            reference_text = branch.text("$ref")
            if target in named:
                tags[branch] = named[target]
            elif reference_text is not None:
                tags[branch] = [reference_text.rpartition("/")[2]]
    return field, tags


def _candidates(flat: Sequence[_Tagged]) -> Sequence[str]:
    """Fields of the first record that may tell, the usual ones first."""
    names = [
        field.name
        for field in flat[0].record.fields
        if isinstance(field.type, EnumType) and not field.optional
    ]
    return sorted(names, key=lambda name: name not in ("type", "kind"))


def _variants(
    flat: Sequence[_Tagged], name: str, named: Mapping[Node, list[str]]
) -> tuple[Variant, ...] | None:
    variants: dict[str, Variant] = {}
    for one in flat:
        field = one.record.field(name)
        stated = field.type if field is not None else None
        own = isinstance(stated, EnumType) and field is not None and not field.optional
        tags: Sequence[str] = named.get(one.node, ())
        if isinstance(stated, EnumType) and own and (not tags or len(stated.values) == 1):
            tags = stated.values
        if not tags:
            return None
        for tag in tags:
            if tag in variants:
                return None
            variants[tag] = Variant(tag, one.type)
    return tuple(variants.values())
