"""What a run needs of a compilation, made anew or taken from the cache.

A warm run must start at once, so nothing here imports the compiler before it has to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from flowc.compile import Request
from flowc.launch.cache import Cache, key
from flowc.model.diagnostic import Diagnostic
from flowc.model.files import File, FileSet
from flowc.model.reads import Variables, listening

if TYPE_CHECKING:
    from flowc.compile import Emitted
    from flowc.model.graph import TypedPipeline
    from flowc.model.plan import Plan
    from flowc.model.tree import Endpoint

#: Characters of an inferred type that are printed.
_TYPE = 400


class Prepared(msgspec.Struct, frozen=True):
    """One pipeline, ready to be loaded.

    ``settings`` are the names that ``--set`` may fill at start; ``bounded`` says that the
    pipeline may end by itself.
    """

    name: str
    package: str
    files: dict[str, str]
    settings: tuple[str, ...]
    bounded: bool

    @property
    def fileset(self) -> FileSet:
        return FileSet(self.package, {path: File(text) for path, text in self.files.items()})


class Preparation(msgspec.Struct, frozen=True):
    """The pipelines of a request; none where there are errors.

    ``said`` is what the pipeline did not say and flowc took for granted, a line each.
    ``sample`` is a hash of what was read ahead of standard input, empty where nothing was.
    """

    pipelines: tuple[Prepared, ...]
    diagnostics: tuple[Diagnostic, ...]
    said: tuple[str, ...]
    sample: str = ""


def prepare(request: Request, ahead: Callable[[], bytes]) -> tuple[Preparation, bytes]:
    """Compile a request, or take what was compiled of it before.

    Args:
        ahead: reads the beginning of standard input, for a pipeline that is typed from it.

    Returns:
        What to run, and what was read ahead of standard input.
    """
    cache = Cache(request.environment)
    name = key(
        request.source.name,
        request.source.text,
        request.path,
        request.folder,
        sorted(request.settings.items()),
        request.strict,
    )
    read: bytes | None = None
    kept = cache.find(name)
    if kept is not None:
        found = msgspec.json.decode(kept, type=Preparation)
        if not found.sample:
            return found, b""
        read = ahead()
        if found.sample == _hash(read):
            return found, read
    with listening() as reads:
        if read is None and _reads_untyped_stdin(request):
            read = ahead()
        made, emitted = _compiled(request, read)
    if made.pipelines and not _holds_secret(request, emitted):
        cache.keep(name, reads, made)
    return made, read or b""


def _compiled(request: Request, read: bytes | None) -> tuple[Preparation, Emitted]:
    from flowc.compile import emit

    environment = Variables(request.environment)
    emitted = emit(replace(request, environment=environment, read_ahead=read), formatted=False)
    checked = emitted.checked
    pipelines = tuple(
        _prepared(typed, plan, emitted.filesets[plan.name])
        for typed, plan in zip(checked.typed, emitted.plans)
    )
    sample = "" if read is None else _hash(read)
    return Preparation(pipelines, checked.diagnostics, _said(emitted), sample), emitted


def _prepared(typed: TypedPipeline, plan: Plan, fileset: FileSet) -> Prepared:
    from flowc.model.effects import Truth

    return Prepared(
        plan.name,
        fileset.package,
        {path: file.text for path, file in fileset},
        tuple(sorted({n for s in plan.settings for n in (s.name, s.variable)})),
        all(types.facts.bounded is not Truth.NO for types in typed.types.values()),
    )


def _said(emitted: Emitted) -> tuple[str, ...]:
    from flowc.catalog.spec import Sampled
    from flowc.types.show import show

    said: list[str] = []
    for end in emitted.checked.document.assumed:
        where = "stdin" if end == "source" else "stdout"
        said.append(f"no {end} is named: {where} it is")
    for typed in emitted.checked.typed:
        if typed.pipeline.parts:
            said.append(
                f"run together, since they read the same: {', '.join(typed.pipeline.parts)}"
            )
        for node in typed.pipeline.nodes:
            types = typed.types.get(node.id)
            sampled = None if types is None else types.outcome
            if isinstance(sampled, Sampled) and sampled.evidence:
                said.append(f"{sampled.evidence}: {show(sampled.record, width=_TYPE)}")
    return tuple(said)


def _holds_secret(request: Request, emitted: Emitted) -> bool:
    """Whether a secret was given with the request: it must not reach a file."""
    return any(
        setting.secret and not request.settings.keys().isdisjoint((setting.name, setting.variable))
        for plan in emitted.plans
        for setting in plan.settings
    )


def _reads_untyped_stdin(request: Request) -> bool:
    from flowc.catalog import registry
    from flowc.diagnostics.reporter import Reporter
    from flowc.project.compose import read_document

    document = read_document(
        request.source,
        request.path,
        Reporter(),
        operators=registry.operator_words(),
        is_connector=registry.has_connector,
    )
    chains = [tree.chain for tree in document.pipelines] + [let.chain for let in document.lets]
    return any(_is_untyped_stdin(source) for chain in chains for source in chain.sources)


def _is_untyped_stdin(source: Endpoint) -> bool:
    text = source.text.plain if source.text is not None else None
    return source.type is None and text is not None and (text == "-" or text.startswith("-?"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
