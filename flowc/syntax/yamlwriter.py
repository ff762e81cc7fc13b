"""Trees to YAML that gives the same trees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from flowc.model.expr import Template, Variable
from flowc.model.tree import (
    Branch,
    BrokenStage,
    Chain,
    Document,
    Endpoint,
    ListValue,
    MapValue,
    NullValue,
    Option,
    PipelineTree,
    Stage,
    Value,
)
from flowc.syntax import literals, spelling
from flowc.syntax.layout import one_line
from flowc.syntax.spelling import Speller

_PLAIN = re.compile(r"[\w./$(+][^\n\t\x00-\x1f\x7f\x85\u2028\u2029\ufeff]*")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

_speller = Speller()


def scalar(text: str) -> str:
    """A YAML scalar that is read as ``text``: plain where it can be, else quoted."""
    plain = (
        _PLAIN.fullmatch(text)
        and text not in _NULLS
        and not re.search(r": |:\Z| #|\s\Z|,\s*\Z", text)
        and text.isprintable()
    )
    if plain:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    code = ord(char)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def document(tree: Document) -> str:
    """The document as YAML; several pipelines stand between ``---``."""
    texts = []
    for index, pipeline in enumerate(tree.pipelines or ()):
        lines = list(_pipeline(pipeline, tree if index == 0 else None))
        texts.append("\n".join(lines) + "\n")
    return "---\n".join(texts)


def _pipeline(pipeline: PipelineTree, tree: Document | None) -> Iterator[str]:
    if pipeline.name is not None:
        yield f"name: {scalar(pipeline.name.text)}"
    if pipeline.version is not None:
        yield f"version: {_template(pipeline.version)}"
    if not pipeline.enabled:
        yield "enabled: false"
    if pipeline.extends is not None:
        yield f"extends: {scalar(pipeline.extends.text)}"
    if pipeline.abstract is not None:
        yield "abstract: true"
    if tree is not None and tree.lets:
        yield "streams:"
        for let in tree.lets:
            yield from _entry(scalar(let.name.text), let.chain, 1)
    yield from _chain(pipeline.chain, 0)
    if pipeline.overrides:
        yield "overrides:"
        for option in pipeline.overrides:
            yield from _option(option, 1)
    for block in pipeline.blocks:
        yield from _option(block, 0)


def _entry(key: str, chain: Chain, level: int) -> Iterator[str]:
    """A named stream: pipe text where that says all of it."""
    if not any(_obstacle(stage) for stage in chain.stages) and _is_text(chain.sources):
        yield f"{'  ' * level}{key}: {scalar(one_line(chain))}"
        return
    yield f"{'  ' * level}{key}:"
    yield from _chain(chain, level + 1)


def _is_text(ends: Sequence[Endpoint]) -> bool:
    return all(end.text is not None and not _extras(end) for end in ends)


def _chain(chain: Chain, level: int) -> Iterator[str]:
    yield from _ends("source", chain.sources, level)
    if chain.stages:
        yield f"{'  ' * level}process:"
        for stage in chain.stages:
            yield from _stage(stage, level + 1)
    yield from _ends("sink", chain.sinks, level)


def _ends(key: str, ends: Sequence[Endpoint], level: int) -> Iterator[str]:
    pad = "  " * level
    if len(ends) == 1:
        yield from _under(f"{pad}{key}:", _endpoint(ends[0], key), level)
    elif ends:
        yield f"{pad}{key}s:"
        for end in ends:
            yield from _item(_endpoint(end, key), level + 1)


def _under(head: str, made: str | list[str], level: int) -> Iterator[str]:
    """A key with a scalar beside it, or with the lines of a map below it."""
    if isinstance(made, str):
        yield f"{head} {made}"
        return
    yield head
    yield from ("  " * (level + 1) + line for line in made)


def _item(made: str | list[str], level: int) -> Iterator[str]:
    """An item of a list."""
    pad = "  " * level
    if isinstance(made, str):
        yield f"{pad}- {made}"
        return
    for index, line in enumerate(made):
        yield f"{pad}{'- ' if index == 0 else '  '}{line}"


def _extras(node: Endpoint | Stage) -> list[str]:
    """The lines of what every node may have."""
    lines = []
    if node.label is not None:
        lines.append(f"name: {scalar(node.label.text)}")
    if node.inputs:
        names = [scalar(word.text) for word in node.inputs]
        lines.append(f"from: {names[0]}" if len(names) == 1 else "from:")
        lines += [f"  - {name}" for name in names] if len(names) > 1 else []
    if not node.enabled:
        lines.append("enabled: false")
    lines += [line for option in node.common for line in _option(option, 0)]
    return lines


def _endpoint(node: Endpoint, key: str) -> str | list[str]:
    extras = _extras(node)
    if node.text is not None and not extras and not node.options:
        tail = node.type or node.keys or node.clock
        if tail:
            return scalar(_speller.endpoint(node, key))
        return _address(node)
    facts = [] if node.type is None else [f"schema: {scalar(_speller.type(node.type))}"]
    if node.keys:
        facts.append(f"key: {scalar(_speller.fields(node.keys))}")
    if node.clock is not None:
        only = Endpoint(node.span, clock=node.clock)
        facts.append(f"time: {scalar(_speller.endpoint(only, key).strip().removeprefix('time '))}")
    options = [line for option in node.options for line in _option(option, 0)]
    if node.connector is None:
        config = ["config:", *("  " + line for line in options)] if options else []
        return [*extras, *facts, *config]
    name = scalar(node.connector.text)
    if node.resource is not None:
        return [f"{name}: {_template(node.resource)}", *options, *extras, *facts]
    return [f"type: {name}", *extras, *facts, *_config(options)]


def _config(options: list[str]) -> list[str]:
    return ["config:", *("  " + line for line in options)] if options else []


def _address(node: Endpoint) -> str:
    """An endpoint as a scalar: as it is, or quoted as in pipe text where it has blanks."""
    assert node.text is not None
    text = template_text(node.text)
    outside = "".join(part if isinstance(part, str) else "x" for part in node.text.parts)
    plain = (
        text not in ("", "discard")
        and not re.search(r"\s", outside)
        and text[0] not in "\"'{"
        and outside.strip()
    )
    if plain:
        return scalar(text)
    return scalar(_speller.endpoint(Endpoint(node.span, node.text), "group"))


def template_text(node: Template) -> str:
    """A text with its variables written out."""
    found = []
    for index, part in enumerate(node.parts):
        following = node.parts[index + 1 : index + 2]
        before = bool(following) and isinstance(following[0], Variable)
        if isinstance(part, Variable):
            found.append(spelling.variable_text(part))
        else:
            found.append(literals.dollars(part, before_variable=before))
    return "".join(found)


def _template(node: Template) -> str:
    return scalar(template_text(node))


def _obstacle(stage: Stage | BrokenStage) -> bool:
    """Whether a stage says what pipe text has no words for."""
    if isinstance(stage, BrokenStage):
        return False
    inside = stage.block or ()
    return bool(_extras(stage) or stage.options) or any(
        any(_obstacle(inner) for inner in branch.stages) or not _is_text(branch.sinks)
        for branch in inside
    )


def _stage(stage: Stage | BrokenStage, level: int) -> Iterator[str]:
    yield from _item(_stage_lines(stage), level)


def _stage_lines(stage: Stage | BrokenStage) -> str | list[str]:
    if isinstance(stage, BrokenStage):
        return scalar(stage.span.text)
    extras = _extras(stage)
    name = scalar(stage.name.text)
    if stage.block is not None:
        branches = [line for branch in stage.block for line in _branch(branch)]
        return [f"{name}:", *("  " + line for line in branches), *extras]
    options = [line for option in stage.options for line in _option(option, 0)]
    arguments = _speller.arguments(stage)
    if arguments:
        if not extras and not options:
            return scalar(_speller.stage(stage))
        return [f"{name}: {scalar(arguments)}", *options, *extras]
    if not extras and not options:
        return scalar(stage.name.text)
    return [f"type: {name}", *extras, *_config(options)]


def _branch(branch: Branch) -> Iterator[str]:
    lines: list[str] = []
    if branch.condition is not None:
        lines.append(f"when: {scalar(_speller.expression(branch.condition))}")
    inside: list[str] = []
    if branch.stages:
        inside.append("process:")
        inside += [line for stage in branch.stages for line in _stage(stage, 1)]
    if branch.discards:
        inside.append("sink: discard")
    else:
        inside += list(_ends("sink", branch.sinks, 0))
    if branch.otherwise:
        lines += ["else:", *("  " + line for line in inside)]
    else:
        lines += inside
    yield from _item(lines, 0)


def _option(option: Option, level: int) -> Iterator[str]:
    yield from _value(f"{'  ' * level}{scalar(option.key.text)}:", option.value, level)


def _value(head: str, value: Value, level: int) -> Iterator[str]:
    match value:
        case Template():
            yield f"{head} {_template(value)}"
        case NullValue():
            yield f"{head} null"
        case ListValue(items=items):
            yield head if items else f"{head} []"
            for item in items:
                yield from _value(f"{'  ' * (level + 1)}-", item, level + 1)
        case MapValue(entries=entries):
            yield head if entries else f"{head} {{}}"
            for entry in entries:
                yield from _option(entry, level + 1)
