"""OpenAPI 3.0 and 3.1, and Swagger 2.0: where their named schemas stand."""

from __future__ import annotations

from collections.abc import Iterator

from flowc.model.source import Span
from flowc.types.importers.document import Node


def is_openapi(root: Node) -> bool:
    """Whether a document is one of OpenAPI."""
    return bool({"openapi", "swagger"} & root.map.keys())


def schemas_of(root: Node) -> Iterator[tuple[str, Node, Span]]:
    """The named schemas of a document, each with where its name stands."""
    components = root.get("components")
    schemas = components.get("schemas") if components is not None else root.get("definitions")
    if schemas is not None:
        for name, node in schemas.map.items():
            yield name, node, schemas.at(name)
