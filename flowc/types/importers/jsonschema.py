"""JSON Schema (draft 4 to 2020-12) as types; the schemas of OpenAPI are the same, and a bit more.

What a schema says is followed only as far as a type is made of it. A schema of one scalar
type is written out where it is referred to; everything else that is referred to has a name,
so that recursion ends. What no type says becomes `json` with a warning, or is noted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from flowc.diagnostics.reporter import Reporter
from flowc.model.project import NamedType
from flowc.model.source import Span
from flowc.model.types import (
    BOOL,
    JSON,
    NULL,
    POISON,
    EnumType,
    Field,
    ListType,
    MapType,
    Openness,
    Record,
    Ref,
    Refinement,
    Type,
    Union,
    nullable,
    strip_null,
)
from flowc.types.importers.choices import choice
from flowc.types.importers.document import (
    APPROXIMATED,
    DEEPEST_TYPE,
    MALFORMED,
    MOST_TYPES,
    OVERSIZED,
    Node,
)
from flowc.types.importers.keywords import (
    STRUCTURE,
    Keywords,
    Unchecked,
    is_plain,
    type_of_word,
    word_list,
)
from flowc.types.importers.merging import Merge, both_stated
from flowc.types.importers.naming import Names, is_name
from flowc.types.importers.references import References
from flowc.types.lattice import join_all
from flowc.types.show import show_name

_CHOICES = ("oneOf", "anyOf")
#: Where definitions stand, in new drafts and old ones.
_DEFINITIONS = ("$defs", "definitions")
_LOOSE_ENDS = ("if", "dependentSchemas", "dependencies", "patternProperties")
_NOTHING = Refinement()


@dataclass(frozen=True, slots=True)
class Shape:
    """A type, and what is stated beyond it."""

    type: Type
    refinement: Refinement = _NOTHING


class JsonSchemas:
    """Makes named types of schemas; all imports of a project share one, so that what two of
    them refer to is one type."""

    def __init__(self, references: References, names: Names, reporter: Reporter) -> None:
        self._references = references
        self._names = names
        self._reporter = reporter
        self.unchecked = Unchecked()
        self._keywords = Keywords(self.unchecked)
        self._name_of: dict[Node, str] = {}
        self._nodes: dict[str, Node] = {}
        self._places: dict[str, Span] = {}
        self._todo: deque[str] = deque()
        self._made: dict[str, Type] = {}
        self._opened: dict[Node, Type] = {}
        self._opening: list[Node] = []
        self._inside: set[str] = set()

    def bring(self, node: Node, name: str, place: Span) -> None:
        """A schema to make a type of, under a name that is not taken by another."""
        if node in self._name_of:
            self._made[name] = Ref(self._name_of[node])
            self._places[name] = place
            return
        self._name_of[node] = name
        self._nodes[name] = node
        self._places[name] = place
        self._todo.append(name)

    def has(self, node: Node) -> bool:
        """Whether the schema has a name already."""
        return node in self._name_of

    def types(self) -> Mapping[str, NamedType]:
        """The types that were brought, and those that they refer to."""
        while self._todo:
            if len(self._made) >= MOST_TYPES:
                span = self._places[self._todo[0]]
                self._reporter.error(
                    OVERSIZED, f"more than {MOST_TYPES:,} types are imported", span
                )
                self._made.update(dict.fromkeys(self._todo, POISON))
                break
            name = self._todo.popleft()
            self._made[name] = self._opened_node(self._nodes[name])
        found = {
            name: NamedType(name, self._closed(name, type), self._places[name])
            for name, type in self._made.items()
        }
        self.unchecked.report(self._reporter)
        return found

    def _closed(self, name: str, type: Type) -> Type:
        """The type with its name; only whole records keep fields that they do not name."""
        if isinstance(type, Record) and type.openness is Openness.REST and name in self._inside:
            self._left_out(self._nodes[name].span)
            type = replace(type, openness=Openness.CLOSED)
        return replace(type, name=name) if isinstance(type, Record | Union) else type

    def _left_out(self, span: Span) -> None:
        self.unchecked.note(
            "further fields of a record inside another are left out",
            span,
            "only a record that is a whole itself keeps fields that its type does not name",
        )

    # For choices too

    def target(self, node: Node) -> Node:
        """The schema that a reference leads to; the node where there is none."""
        reference = node.get("$ref")
        if reference is None or not isinstance(reference.value, str):
            return node
        found = self._references.find(reference.value, reference.span)
        return node if found is None else found[0]

    def mapped(self, reference: str, span: Span) -> Node | None:
        """The schema that a discriminator maps to: a reference, or the name of a schema."""
        if not any(char in reference for char in "#/."):
            reference = f"#/components/schemas/{reference}"
        found = self._references.find(reference, span)
        return None if found is None else found[0]

    def opened_type(self, type: Type) -> Type:
        """A type that may be a name, as what the name stands for."""
        seen: set[str] = set()
        while isinstance(type, Ref) and type.name in self._nodes and type.name not in seen:
            seen.add(type.name)
            type = strip_null(self._opened_node(self._nodes[type.name]))
        return type

    def glimpse(self, type: Type) -> Type:
        """As `opened_type`; a type that is being made shows its texts to tell it by."""
        bare = strip_null(type)
        node = self._nodes.get(bare.name) if isinstance(bare, Ref) else None
        if node is None or node not in self._opening:
            return self.opened_type(type)
        return Record(tuple(self._texts_of(node, set())))

    def _texts_of(self, node: Node, seen: set[Node]) -> Iterator[Field]:
        """The required fields of a schema that list the texts they may be."""
        if node in seen or len(seen) > DEEPEST_TYPE:
            return
        seen.add(node)
        required = {item.value for item in self._list(node, "required")}
        for name, schema in node.map["properties"].map.items() if "properties" in node.map else ():
            values = (schema.map["const"],) if "const" in schema.map else self._list(schema, "enum")
            texts = tuple(one.value for one in values if isinstance(one.value, str))
            if texts and len(texts) == len(values) and name in required:
                yield Field(name, EnumType(texts))
        for part in self._list(node, "allOf"):
            yield from self._texts_of(self.target(part), seen)

    def tagged(self, record: Record, field: str, tag: EnumType) -> Record:
        """The record with the field that tells it."""
        others = (one for one in record.fields if one.name != field)
        return replace(record, fields=(Field(field, tag), *others))

    def both(self, a: Type, b: Type, node: Node) -> Type:
        """The type of what is of two types at once."""
        merge = Merge(self.opened_type)
        found = merge.of(a, b)
        for field in merge.conflicts:
            place = field.origin[-1].span if field.origin else None
            why = f"no type is all that the field `{show_name(field.name)}` must be"
            self.wider(why, place or node.span)
        if found is None:
            return self.wider("no type is all that this schema must be", node.span)
        return found

    def shape(self, node: Node, depth: int) -> Type:
        """The type of a schema that has no field of its own to state more about."""
        found = self._shape(node, depth)
        if found.refinement != _NOTHING:
            self.unchecked.note(
                "a bound or a `pattern` is not checked",
                node.span,
                "only those of a record's fields are checked",
            )
        return found.type

    def wider(self, why: str, span: Span, *notes: str) -> Type:
        """`json`, where a schema says what no type does; which is reported."""
        self._reporter.warning(APPROXIMATED, f"{why}: taken as `json`", span, notes=notes)
        return JSON

    # Schemas

    def _opened_node(self, node: Node, depth: int = 0) -> Type:
        if node in self._opening:
            self._reporter.error(MALFORMED, "this schema is a part of itself", node.span)
            return POISON
        if len(self._opening) > DEEPEST_TYPE:
            self._reporter.error(OVERSIZED, "schemas are parts of too many others", node.span)
            return POISON
        if node not in self._opened:
            self._opening.append(node)
            try:
                self._opened[node] = self._shape(node, depth).type
            finally:
                self._opening.pop()
        return self._opened[node]

    def _shape(self, node: Node, depth: int) -> Shape:
        if isinstance(node.value, bool):
            return Shape(JSON) if node.value else Shape(self.wider("no value fits", node.span))
        if not isinstance(node.value, Mapping):
            self._reporter.error(MALFORMED, "a schema is a map", node.span)
            return Shape(POISON)
        if depth > DEEPEST_TYPE:
            return Shape(self.wider(f"types nest deeper than {DEEPEST_TYPE} levels", node.span))
        self._keywords.constraints(node)
        parts = list(self._parts(node, depth))
        shape = parts[0] if parts else Shape(JSON)
        if len(parts) > 1:
            shape = self._merged(parts, node)
        flag = node.get("nullable")
        if flag is not None and flag.value is True:
            shape = replace(shape, type=nullable(shape.type))
        return shape

    def _parts(self, node: Node, depth: int) -> Sequence[Shape]:
        """What must all hold of a value: what is referred to, `allOf`, and the schema itself."""
        written = [*([node] if "$ref" in node.map else ()), *self._list(node, "allOf")]
        itself = self._beside(node)
        if len(written) + itself == 1 and written:
            return [
                self._referred(node, depth)
                if written[0] is node
                else self._shape(written[0], depth)
            ]
        parts: list[Shape] = []
        for part in written:
            one = self._referred(node, depth) if part is node else self._shape(part, depth)
            bare = strip_null(one.type)
            opened = self.opened_type(bare)
            parts.append(replace(one, type=opened if one.type == bare else nullable(opened)))
        return [*parts, self._own(node, depth)] if itself else parts

    def _beside(self, node: Node) -> bool:
        """Whether a schema says something itself, beside what it refers to."""
        said = STRUCTURE & node.map.keys() - {"$ref", "allOf"}
        return bool(said) if "$ref" in node.map or "allOf" in node.map else True

    def _merged(self, parts: Sequence[Shape], node: Node) -> Shape:
        whole = parts[0]
        for part in parts[1:]:
            type = self.both(whole.type, part.type, node)
            whole = Shape(type, both_stated(whole.refinement, part.refinement))
        return whole

    def _referred(self, node: Node, depth: int) -> Shape:
        written = node.map["$ref"]
        if not isinstance(written.value, str):
            self._reporter.error(MALFORMED, "a `$ref` is a text", written.span)
            return Shape(POISON)
        found = self._references.find(written.value, written.span)
        if found is None:
            return Shape(POISON)
        target, name = found
        if is_plain(target):
            return self._shape(target, depth + 1)
        if target not in self._name_of:
            wanted = name or target.text("title") or "Type"
            fresh = self._names.fresh(wanted, target.span.source.name)
            self.bring(target, fresh, target.span)
        if depth > 0:
            self._inside.add(self._name_of[target])
        return Shape(Ref(self._name_of[target]))

    def _own(self, node: Node, depth: int) -> Shape:
        """What the keywords of a schema say, but for references and `allOf`."""
        if "const" in node.map:
            return Shape(self._values(node, (node.map["const"],), "const"))
        if "enum" in node.map:
            values = self._some(node, "enum")
            if not values:
                return Shape(POISON)
            return Shape(self._values(node, values, "enum"))
        for key in _CHOICES:
            if key in node.map:
                base = self._by_type(node, depth) if self._is_typed(node) else None
                if not self._some(node, key):
                    return Shape(POISON)
                type = choice(self, node, key, base.type if base else None, depth)
                return Shape(type, base.refinement if base and base.type == type else _NOTHING)
        if "$dynamicRef" in node.map or "$recursiveRef" in node.map:
            return Shape(self.wider("a dynamic reference", node.span))
        return self._by_type(node, depth)

    def _is_typed(self, node: Node) -> bool:
        return bool({"properties", "type", "additionalProperties"} & node.map.keys())

    def _by_type(self, node: Node, depth: int) -> Shape:
        words = word_list(node)
        if not words and "type" in node.map:
            self._reporter.error(
                MALFORMED, "a `type` is a text or a list of texts", node.at("type")
            )
            return Shape(POISON)
        if not words:
            return Shape(JSON)
        shapes = [self._of_word(word, node, depth) for word in words]
        plain = [shape for shape in shapes if shape.type != NULL]
        if not plain:
            return Shape(NULL)
        if len(plain) == 1:
            shape = plain[0]
        else:
            joined = join_all(tuple(shape.type for shape in plain))
            shape = Shape(joined or self.wider("values of several kinds", node.at("type")))
        return replace(shape, type=nullable(shape.type)) if len(plain) < len(shapes) else shape

    def _of_word(self, word: str, node: Node, depth: int) -> Shape:
        scalar = type_of_word(word, node)
        if scalar is not None:
            return Shape(scalar, self._keywords.refinement(node, scalar))
        match word:
            case "boolean":
                return Shape(BOOL)
            case "null":
                return Shape(NULL)
            case "array":
                return Shape(self._array(node, depth))
            case "object":
                return Shape(self._object(node, depth))
            case "any":
                return Shape(JSON)
        self._reporter.error(MALFORMED, "JSON Schema has no such type", node.map["type"].span)
        return Shape(POISON)

    def _values(self, node: Node, values: Sequence[Node], key: str) -> Type:
        """The type of listed values: texts are an enum, others what they have in common."""
        found = [value.value for value in values]
        some = [value for value in found if value is not None]
        texts = tuple(dict.fromkeys(value for value in some if isinstance(value, str)))
        type: Type
        if not some:
            return NULL
        if len(texts) == len(set(map(str, some))) and all(isinstance(v, str) for v in some):
            type = EnumType(texts)
        else:
            kinds = {_kind_of(value) for value in some}
            if kinds <= {"integer", "number"}:
                kinds = {max(kinds)}
            if len(kinds) > 1 or "" in kinds:
                return self.wider("values of several kinds", node.at(key))
            (kind,) = kinds
            type = type_of_word(kind, Node({}, node.span)) or BOOL
            if kind != "boolean" or len(set(some)) == 1:
                self.unchecked.note(
                    f"that a value is one of `{key}` is not checked", node.at(key), _TEXTS
                )
        return nullable(type) if len(some) < len(found) else type

    def _array(self, node: Node, depth: int) -> Type:
        items = node.get("items")
        listed = self._list(node, "prefixItems") if "prefixItems" in node.map else ()
        if items is not None and not isinstance(items.value, Mapping | bool):
            listed, items = self._list(node, "items"), node.get("additionalItems")
        all = [*listed, *([items] if items is not None and items.value is not False else ())]
        types = tuple(self.shape(item, depth + 1) for item in all)
        if not listed:
            return ListType(types[0] if types else JSON)
        joined = join_all(types)
        return ListType(joined or self.wider("items of several types", node.span))

    def _object(self, node: Node, depth: int) -> Type:
        properties = node.get("properties")
        extra = node.get("additionalProperties")
        if properties is not None and not isinstance(properties.value, Mapping):
            self._reporter.error(MALFORMED, "`properties` is a map of schemas", properties.span)
            return POISON
        required = {n.value for n in self._list(node, "required") if isinstance(n.value, str)}
        written = properties.map if properties is not None else {}
        if not written and not required:
            return self._map(node, extra, depth)
        fields = [
            self._field(name, schema, properties.at(name), name not in required, depth)
            for name, schema in written.items()
            if properties is not None and schema.value is not False
        ]
        fields += [
            Field(name, JSON).because("was declared", node.at("required"))
            for name in sorted(required - written.keys())
        ]
        open = extra is not None and extra.value is not False
        loose = extra is None and any(key in node.map for key in _LOOSE_ENDS)
        if open and extra is not None and extra.map:
            self.unchecked.note("the type of further fields is not checked", extra.span)
        if "discriminator" in node.map and not {*_CHOICES} & node.map.keys():
            self.unchecked.note(
                "a `discriminator` without `oneOf` is not followed",
                node.at("discriminator"),
                "list the schemas under `oneOf`, or import each of them",
            )
        openness = Openness.REST if open or loose else Openness.CLOSED
        if openness is Openness.REST and depth > 0:
            self._left_out(node.span)
            openness = Openness.CLOSED
        return Record(tuple(fields), openness, None, node.span)

    def _field(self, name: str, schema: Node, place: Span, optional: bool, depth: int) -> Field:
        shape = self._shape(schema, depth + 1)
        refinement = _NOTHING if shape.type == JSON else shape.refinement
        return Field(name, shape.type, optional, refinement).because("was declared", place)

    def _map(self, node: Node, extra: Node | None, depth: int) -> Type:
        patterns = node.get("patternProperties")
        values = [*([extra] if extra is not None and extra.map else ())]
        values += patterns.map.values() if patterns is not None else ()
        if not values:
            closed = extra is not None and extra.value is False
            return Record((), Openness.CLOSED, None, node.span) if closed else MapType(JSON)
        joined = join_all(tuple(self.shape(value, depth + 1) for value in values))
        return MapType(joined or self.wider("values of several types", node.span))

    def _some(self, node: Node, key: str) -> Sequence[Node]:
        """The items of a list that holds at least one; none after a report."""
        if node.map[key].value == ():
            self._reporter.error(MALFORMED, f"`{key}` holds nothing", node.at(key))
        return self._list(node, key)

    def _list(self, node: Node, key: str) -> Sequence[Node]:
        found = node.get(key)
        if found is None:
            return ()
        if isinstance(found.value, bool) and key == "required":
            return ()  # Draft 3, and a mistake that many documents have: it says nothing here.
        if isinstance(found.value, str) or not isinstance(found.value, Sequence):
            self._reporter.error(MALFORMED, f"`{key}` is a list", found.span)
            return ()
        return found.items


_TEXTS = "an enum is of texts"


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Decimal):
        return "integer" if value == value.to_integral_value() else "number"
    return ""


def is_schema(root: Node) -> bool:
    """Whether a document looks like a JSON Schema."""
    return bool({*STRUCTURE, *_DEFINITIONS, "$schema", "$id"} & root.map.keys())


def schemas_of(root: Node, stem: str) -> Iterator[tuple[str, Node, Span]]:
    """The schemas of a document: the whole, if it says something, by its title or else the
    file's name, and its definitions. Each with its name and where that stands."""
    if STRUCTURE & root.map.keys():
        title = root.text("title") or ""
        yield (title if is_name(title) else stem), root, root.span
    for key in _DEFINITIONS:
        definitions = root.get(key)
        if definitions is not None:
            for name, node in definitions.map.items():
                yield name, node, definitions.at(name)
