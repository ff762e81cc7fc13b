"""The keys of a pipeline file, as the models of `flowc.syntax.keys` have them, in tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from flowc.syntax import blocks, keys
from flowc.syntax.keys.base import Keys


def _said(annotation: Any) -> str:
    """What may stand under a key: a kind with an example, its words, or what is below it."""
    parts: list[str] = []
    for one in blocks.alternatives(annotation):
        kind = blocks.kind_of(one)
        words = get_args(one) if get_origin(one) not in (None, list, dict) and kind is None else ()
        if kind is not None:
            parts.append(f"{kind.what}, such as `{kind.example}`")
        elif words:
            parts.append(", ".join(f"`{word}`" for word in words))
        elif one is bool:
            parts.append("`true`, `false`")
        elif get_origin(one) is list:
            inside = _said(get_args(one)[0])
            parts.append(f"a list: {inside}" if inside != "a map" else "a list of maps")
        elif (isinstance(one, type) and issubclass(one, Keys)) or get_origin(one) is dict:
            parts.append("a map")
        elif one in (str, int, float):
            parts.append("a text" if one is str else "a number")
        elif one is Any:
            parts.append("see below")
    return "; ".join(dict.fromkeys(parts)).replace("|", "\\|")


def _models(annotation: Any) -> Iterator[type[Keys]]:
    for one in blocks.alternatives(annotation):
        if get_origin(one) is list:
            yield from _models(get_args(one)[0])
        elif isinstance(one, type) and issubclass(one, Keys):
            yield one


def _rows(model: type[Keys], lead: str, only: frozenset[str] | None) -> Iterator[str]:
    """A row for each key, and for those of the maps below it: ``triggers.records``."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    for key, annotation in blocks.annotated(model).items():
        if only is not None and key not in only:
            continue
        below = tuple(_models(annotation))
        many = (
            "[]"
            if below and any(get_origin(a) is list for a in blocks.alternatives(annotation))
            else ""
        )
        about = (fields[key].description or "").replace("|", "\\|")
        yield f"| `{lead}{key}{many}` | {_said(annotation)} | {about} |"
        for one in below:
            yield from _rows(one, f"{lead}{key}{many}.", None)


def _table(model: type[Keys], only: frozenset[str], head: str = "key") -> list[str]:
    return [f"| {head} | takes | is |", "|---|---|---|", *_rows(model, "", only)]


def pipeline_keys() -> list[str]:
    """The keys of a pipeline that this version does."""
    done = keys.names(keys.PipelineFile) - keys.refused(keys.PipelineFile)
    return _table(keys.PipelineFile, done)


def node_keys() -> list[str]:
    """The keys of a source, stage or sink that this version does; then those it refuses."""
    done = keys.names(keys.Source) - keys.refused(keys.Source)
    return _table(keys.Source, done)


def refused_keys() -> list[str]:
    """A section for each block of a pipeline, and of a node, that is read but not done yet."""
    lines: list[str] = []
    for model, where in ((keys.Pipeline, ""), (keys.Node, " of a node")):
        for key in blocks.annotated(model):
            if key not in keys.refused(model):
                continue
            lines += ["", f"### {key}{where}", "", *_table(model, frozenset({key}))]
    return lines[1:]
