"""Changes of a document: a value for a path, or for a node by its name.

``--set`` gives them on the command line, ``overrides`` in a file. The paths are those of the
document: ``source.path``, ``sinks.1.table``, ``process.0``, ``filter-2.condition``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowc.catalog import registry
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template
from flowc.model.source import Text
from flowc.model.tree import (
    BrokenStage,
    Chain,
    Document,
    Endpoint,
    Let,
    MapValue,
    Option,
    PipelineTree,
    Stage,
    TypeExpr,
    Value,
    Word,
)
from flowc.resolve.endpoints import is_name, last_part
from flowc.syntax import dsl
from flowc.types.notation import parse_type

WRONG_SETTING = declare("FC0282", "wrong-setting", "A value that changes the pipeline does not fit")

Stages = tuple[Stage | BrokenStage, ...]
Path = tuple[Word, ...]

_SOURCES = ("source", "sources")
_STAGES = ("process", "processors", "stages")
_SINKS = ("sink", "sinks")


def paths(document: Document) -> Iterator[str]:
    """The paths that a value can be put at, for did-you-mean."""
    several = len(document.pipelines) > 1
    for tree in document.pipelines:
        prefix = f"{tree.name.text}." if several and tree.name is not None else ""
        yield from (prefix + path for path in chain_paths(tree.chain))
    for let in document.lets:
        yield let.name.text


def chain_paths(chain: Chain) -> Iterator[str]:
    """The paths of a chain: its ends and stages, by place and by name."""
    for (one, many), ends in ((_SOURCES, chain.sources), (_SINKS, chain.sinks)):
        if len(ends) == 1:
            yield one
        else:
            yield from (f"{many}.{index}" for index in range(len(ends)))
        names = (end.label.text if end.label else default_name(end) for end in ends)
        yield from (name for name in names if name)
    yield from (f"process.{index}" for index in range(len(chain.stages)))
    for name, stage in named_stages(chain.stages):
        if name:
            yield name
        if isinstance(stage, Stage):
            sinks = [sink for branch in stage.block or () for sink in branch.sinks]
            yield from (sink.label.text for sink in sinks if sink.label is not None)


def named_stages(stages: Stages) -> list[tuple[str, Stage | BrokenStage]]:
    """Every stage by its name, those of branches behind the one they belong to.

    A stage without a written name is called by its operator, or by the last part of its
    component's name; what is called alike is counted: ``filter``, ``filter-2``.
    """
    found: list[tuple[str, Stage | BrokenStage]] = []
    waiting: list[Stage | BrokenStage] = list(reversed(stages))
    while waiting:
        stage = waiting.pop()
        found.append((_called(stage), stage))
        if isinstance(stage, Stage):
            inner = [one for branch in stage.block or () for one in branch.stages]
            waiting += reversed(inner)
    written = {stage.label.text for _, stage in found if isinstance(stage, Stage) and stage.label}
    counts: dict[str, int] = {}
    named: list[tuple[str, Stage | BrokenStage]] = []
    for name, stage in found:
        if isinstance(stage, Stage) and stage.label is None and name:
            count = counts.get(name, 0) + 1
            while (id := name if count == 1 else f"{name}-{count}") in written:
                count += 1
            counts[name], name = count, id
        named.append((name, stage))
    return named


def _called(stage: Stage | BrokenStage) -> str:
    if isinstance(stage, BrokenStage):
        return ""
    if stage.label is not None:
        return stage.label.text
    operator = registry.operator(stage.name.text)
    return operator.name if operator else stage.name.text.rpartition("/")[2]


class Change:
    """A value for a path. Methods give None where the document has no such path.

    Args:
        path: the parts of the path; their places are those of messages.
        value: what is put there.
        text: the value as text to parse; None where it is a list or a map.
    """

    def __init__(self, path: Path, value: Value, text: Text | None, reporter: Reporter) -> None:
        self.path = path
        self.value = value
        self.text = text
        self.reporter = reporter

    def apply(self, document: Document) -> Document | None:
        """The document with the value at the path."""
        head, rest = self.path[0].text, self.path[1:]
        trees = document.pipelines
        named = [i for i, tree in enumerate(trees) if tree.name and tree.name.text == head]
        if len(named) == 1 and rest:
            changed = self.tree(trees[named[0]], rest)
            if changed is not None:
                return _with_tree(document, named[0], changed)
        if len(trees) == 1:
            changed = self.tree(trees[0], self.path)
            if changed is not None:
                return _with_tree(document, 0, changed)
        return self._in_streams(document)

    def _in_streams(self, document: Document) -> Document | None:
        path = self.path[1:] if self.path[0].text == "streams" else self.path
        for index, let in enumerate(document.lets):
            named = bool(path) and path[0].text == let.name.text
            chain = (
                self._stream(let.chain)
                if named and len(path) == 1
                else self._chain(let.chain, path[1:] if named else path)
            )
            if chain is not None:
                lets: list[Let] = list(document.lets)
                lets[index] = replace(let, chain=chain)
                return replace(document, lets=tuple(lets))
        return None

    def _stream(self, before: Chain) -> Chain:
        text = self._text("a stream, as text,")
        return before if text is None else dsl.parse_chain(text, self.reporter, place="stream")

    def tree(self, tree: PipelineTree, path: Path) -> PipelineTree | None:
        """One pipeline with the value at the path."""
        head = path[0].text
        if len(path) == 1 and head == "name" and tree.name is not None:
            word = self._word()
            return tree if word is None else replace(tree, name=word)
        if len(path) == 1 and head == "version" and tree.version is not None:
            return replace(tree, version=self._template() or tree.version)
        if len(path) == 1 and head == "enabled":
            return replace(tree, enabled=self._flag(tree.enabled))
        chain = self._chain(tree.chain, path)
        return None if chain is None else replace(tree, chain=chain)

    def _chain(self, chain: Chain, path: Path) -> Chain | None:
        if not path:
            return None
        head, rest = path[0].text, path[1:]
        if head in _SOURCES:
            ends = self._ends(chain.sources, rest, sink=False)
            return None if ends is None else replace(chain, sources=ends)
        if head in _SINKS:
            ends = self._ends(chain.sinks, rest, sink=True)
            return None if ends is None else replace(chain, sinks=ends)
        if head in _STAGES and rest and rest[0].text.isdecimal():
            index = int(rest[0].text)
            if index >= len(chain.stages):
                return None
            made = self._stage(chain.stages[index], rest[1:])
            return (
                None
                if made is None
                else replace(chain, stages=_in_place(chain.stages, index, made))
            )
        return self._by_name(chain, rest if head in _STAGES else path)

    def _by_name(self, chain: Chain, path: Path) -> Chain | None:
        """A node by its name: a stage, also in branches, else a labelled end."""
        if not path:
            return None
        name, rest = path[0].text, path[1:]
        wanted = next((s for called, s in named_stages(chain.stages) if called == name), None)
        if wanted is not None:
            made = self._stage(wanted, rest)
            if made is None:
                return None
            return replace(chain, stages=_instead(chain.stages, wanted, made))
        if _labelled(chain.sources, name) is not None:
            sources = self._ends(chain.sources, path, sink=False)
            return None if sources is None else replace(chain, sources=sources)
        if _labelled(chain.sinks, name) is not None:
            sinks = self._ends(chain.sinks, path, sink=True)
            return None if sinks is None else replace(chain, sinks=sinks)
        stages = self._in_branches(chain.stages, path)
        if stages is not None:
            return replace(chain, stages=stages)
        return self._by_default_name(chain, name, rest)

    def _by_default_name(self, chain: Chain, name: str, path: Path) -> Chain | None:
        """A value of the one end that is called so without having a written name."""
        if not path:
            return None
        ends = (*chain.sources, *chain.sinks)
        found = [end for end in ends if end.label is None and default_name(end) == name]
        if len(found) != 1:
            return None
        is_sink = any(end is found[0] for end in chain.sinks)
        made = self._end(found[0], path, sink=is_sink)
        if made is None:
            return None
        return replace(
            chain,
            sources=tuple(made if end is found[0] else end for end in chain.sources),
            sinks=tuple(made if end is found[0] else end for end in chain.sinks),
        )

    def _in_branches(self, stages: Stages, path: Path) -> Stages | None:
        """The stages with a change of a sink that is named in one of their branches."""
        for index, stage in enumerate(stages):
            if isinstance(stage, BrokenStage) or stage.block is None:
                continue
            for at, branch in enumerate(stage.block):
                if _labelled(branch.sinks, path[0].text) is not None:
                    sinks = self._ends(branch.sinks, path, sink=True)
                    made = None if sinks is None else replace(branch, sinks=sinks)
                else:
                    inner = self._in_branches(branch.stages, path)
                    made = None if inner is None else replace(branch, stages=inner)
                if made is not None:
                    block = (*stage.block[:at], made, *stage.block[at + 1 :])
                    return _in_place(stages, index, (replace(stage, block=block),))
        return None

    # --- ends -------------------------------------------------------------------------

    def _ends(
        self, ends: tuple[Endpoint, ...], path: Path, *, sink: bool
    ) -> tuple[Endpoint, ...] | None:
        """The ends with one of them changed: the only one, or one by index or name."""
        index = 0 if len(ends) == 1 else None
        if path and path[0].text.isdecimal():
            index, path = int(path[0].text), path[1:]
        elif path and (by_name := _labelled(ends, path[0].text)) is not None:
            index, path = by_name, path[1:]
        if index is None or index >= len(ends):
            return None
        changed = self._end(ends[index], path, sink=sink)
        return None if changed is None else (*ends[:index], changed, *ends[index + 1 :])

    def _end(self, end: Endpoint, path: Path, *, sink: bool) -> Endpoint | None:
        if not path:
            return self._whole_end(end, sink=sink)
        key = path[0].text
        if len(path) == 1:
            if key == "enabled":
                return replace(end, enabled=self._flag(end.enabled))
            if key == "from":
                return replace(end, inputs=self._words() or end.inputs)
            if key == "type":
                word = self._word()
                return end if word is None else replace(end, connector=word, text=None)
            if key == "path" and all(option.key.text != "path" for option in end.options):
                if end.text is not None:
                    return replace(end, text=self._template() or end.text, quoted=True)
                if end.resource is not None:
                    return replace(end, resource=self._template() or end.resource)
            if not sink and key in ("schema", "key", "time"):
                return self._fact(end, key)
            if key == (end.connector.text if end.connector else "") or self._is_other(end, key):
                return replace(
                    end,
                    connector=path[0],
                    resource=self._template() or end.resource,
                    text=None,
                    options=() if self._is_other(end, key) else end.options,
                )
        if self._is_common(key):
            return replace(end, common=self._common(end.common, path))
        if key == "config":
            path = path[1:]
        return replace(end, options=self._with_option(end.options, path)) if path else None

    def _is_other(self, end: Endpoint, key: str) -> bool:
        return registry.has_connector(key) and (end.connector is None or end.connector.text != key)

    def _whole_end(self, end: Endpoint, *, sink: bool) -> Endpoint:
        text = self._text("a sink, as text," if sink else "a source, as text,")
        written = None if text is None else dsl.parse_endpoint(text, self.reporter, sink=sink)
        if written is None:
            return end
        return replace(
            written,
            type=written.type or end.type,
            keys=written.keys or end.keys,
            clock=written.clock or end.clock,
            label=end.label,
            inputs=end.inputs,
            enabled=end.enabled,
        )

    def _fact(self, end: Endpoint, key: str) -> Endpoint:
        """``schema``, ``key`` or ``time`` of a source."""
        text = self._text(f"`{key}`, as text,")
        if text is None:
            return end
        if key == "key":
            return replace(end, keys=dsl.parse_fields(text, self.reporter))
        if key == "time":
            return replace(end, clock=dsl.parse_clock(text, self.reporter))
        return replace(end, type=TypeExpr(parse_type(text, self.reporter), self.value.span))

    @staticmethod
    def _is_common(key: str) -> bool:
        # A pipeline without YAML does not pay for its models.
        from flowc.syntax import keys

        return key in keys.refused(keys.Node)

    def _common(self, options: tuple[Option, ...], path: Path) -> tuple[Option, ...]:
        """The further keys of a node with one changed, which is then read anew."""
        from flowc.syntax import blocks, keys

        made = self._with_option(options, path)
        changed = next(option for option in made if option.key.text == path[0].text)
        blocks.read(keys.Node, changed, self.reporter)
        return made

    # --- stages -----------------------------------------------------------------------

    def _stage(self, stage: Stage | BrokenStage, path: Path) -> Stages | None:
        """What stands in the place of a stage."""
        if not path:
            return self._whole_stage(stage)
        if isinstance(stage, BrokenStage):
            return None
        key = path[0].text
        if len(path) == 1:
            if key == "enabled":
                return (replace(stage, enabled=self._flag(stage.enabled)),)
            if key == "from":
                return (replace(stage, inputs=self._words() or stage.inputs),)
            if key == "type":
                return (replace(stage, name=self._word() or stage.name),)
            if key == stage.name.text:
                return (self._arguments(stage),)
        if self._is_common(key):
            return (replace(stage, common=self._common(stage.common, path)),)
        if key == "config":
            path = path[1:]
        return (self._parameter(stage, path),) if path else None

    def _whole_stage(self, stage: Stage | BrokenStage) -> Stages:
        text = self._text("a stage, as text,")
        written = () if text is None else dsl.parse_stages(text, self.reporter)
        if not written:
            return (stage,)
        if isinstance(stage, Stage) and len(written) == 1 and isinstance(written[0], Stage):
            kept = replace(
                written[0], label=stage.label, inputs=stage.inputs, enabled=stage.enabled
            )
            written = (kept,)
        return written

    def _arguments(self, stage: Stage) -> Stage:
        text = self._text("the arguments, as text,")
        if text is None:
            return stage
        read = dsl.parse_stage_arguments(stage.name, text, self.reporter)
        if isinstance(read, BrokenStage):
            return stage
        return replace(stage, items=read.items, clauses=read.clauses, as_=read.as_, options=())

    def _parameter(self, stage: Stage, path: Path) -> Stage:
        """The stage with one parameter as an option, in place of how it was written."""
        name = path[0].text
        operator = registry.operator(stage.name.text)
        parameters = operator.parameters if operator is not None else ()
        parameter = next((p for p in parameters if p.name == name), None)
        items, clauses = stage.items, stage.clauses
        if parameter is not None and parameter.clause is None:
            items = ()
        elif parameter is not None:
            clauses = tuple(c for c in clauses if c.word.text != parameter.clause)
        options = self._with_option(stage.options, path)
        return replace(stage, items=items, clauses=clauses, options=options)

    # --- values -----------------------------------------------------------------------

    def _with_option(self, options: tuple[Option, ...], path: Path) -> tuple[Option, ...]:
        """The options with the value under a key, or in the map under it."""
        key, rest = path[0], path[1:]
        before = next((one for one in options if one.key.text == key.text), None)
        value = self.value
        if rest:
            inside = before.value.entries if before and isinstance(before.value, MapValue) else ()
            value = MapValue(self._with_option(inside, rest), self.value.span)
        option = Option(key, value, self.value.span)
        if before is None:
            return (*options, option)
        return tuple(option if one is before else one for one in options)

    def _text(self, what: str) -> Text | None:
        if self.text is None:
            self._refuse(f"{what} stands here")
        return self.text

    def _template(self) -> Template | None:
        if isinstance(self.value, Template):
            return self.value
        self._refuse("a text stands here")
        return None

    def _word(self) -> Word | None:
        template = self._template()
        if template is None:
            return None
        if not template.plain:
            self._refuse("a name stands here")
            return None
        return Word(template.plain, template.span)

    def _words(self) -> tuple[Word, ...]:
        word = self._word()
        return () if word is None else (word,)

    def _flag(self, before: bool) -> bool:
        plain = self.value.plain if isinstance(self.value, Template) else None
        if plain in ("true", "false"):
            return plain == "true"
        path = ".".join(word.text for word in self.path)
        self._refuse(f"{path} takes true or false, not '{plain or 'this'}'")
        return before

    def _refuse(self, message: str) -> None:
        self.reporter.error(WRONG_SETTING, message, self.value.span)


def default_name(end: Endpoint) -> str:
    """What an end is called by its address, else by its connector; empty for a name, which
    may be a stream's."""
    if end.text is not None and is_name(end.text, quoted=end.quoted):
        return ""
    address = end.text or end.resource
    called = "" if address is None else last_part(address)
    return called or (end.connector.text if end.connector is not None else "")


def _with_tree(document: Document, index: int, tree: PipelineTree) -> Document:
    trees = document.pipelines
    return replace(document, pipelines=(*trees[:index], tree, *trees[index + 1 :]))


def _labelled(ends: tuple[Endpoint, ...], name: str) -> int | None:
    found = [i for i, end in enumerate(ends) if end.label is not None and end.label.text == name]
    return found[0] if found else None


def _in_place(stages: Stages, index: int, made: Stages) -> Stages:
    return (*stages[:index], *made, *stages[index + 1 :])


def _instead(stages: Stages, wanted: Stage | BrokenStage, made: Stages) -> Stages:
    """The stages with others in the place of one, which may stand in a branch."""
    for index, stage in enumerate(stages):
        if stage is wanted:
            return _in_place(stages, index, made)
        if isinstance(stage, BrokenStage) or stage.block is None:
            continue
        block = tuple(
            replace(branch, stages=_instead(branch.stages, wanted, made)) for branch in stage.block
        )
        if any(after.stages is not before.stages for after, before in zip(block, stage.block)):
            return _in_place(stages, index, (replace(stage, block=block),))
    return stages
