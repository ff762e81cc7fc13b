"""What a pipeline needs from outside: its variables, and the packages of its codecs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from flowc.model.expr import Template, Variable
from flowc.model.plan import (
    Align,
    Block,
    CallProgram,
    CallRuntime,
    CallUser,
    Expand,
    Find,
    Fork,
    Hold,
    Keep,
    Merge,
    Project,
    Pure,
    Read,
    Route,
    SettingDecl,
    Step,
    Tabulate,
    Write,
)
from flowc.model.typed import Apply, CodecForm, Setting, Typed, children
from flowc.model.types import STRING
from flowc.syntax.interpolate import is_secret


def settings_of(blocks: Iterable[Block]) -> tuple[SettingDecl, ...]:
    """Each variable once, by name, in the order of first use.

    A default or a message may stand at any of its uses; the first one counts. A variable that
    is a secret at one of them is one everywhere.
    """
    found: dict[str, SettingDecl] = {}
    for decl in _declared(blocks):
        known = found.get(decl.variable)
        if known is None:
            found[decl.variable] = decl
            continue
        known = replace(known, secret=known.secret or decl.secret)
        found[decl.variable] = known
        if known.default is None and known.message is None:
            found[decl.variable] = SettingDecl(
                known.name,
                known.variable,
                known.type if known.type != STRING else decl.type,
                decl.default,
                decl.message,
                known.secret,
                known.span,
            )
    return tuple(found.values())


def packages_of(blocks: Iterable[Block]) -> frozenset[str]:
    """The requirements of the codecs that expressions name."""
    found: set[str] = set()
    for block in blocks:
        if not isinstance(block.body, Pure):
            continue
        stack = [value for step in block.body.steps for value in _expressions(step)]
        while stack:
            here = stack.pop()
            if isinstance(here, Apply) and isinstance(here.python, CodecForm):
                found.update(here.python.packages)
            stack.extend(children(here))
    return frozenset(found)


def _declared(blocks: Iterable[Block]) -> Iterator[SettingDecl]:
    for block in blocks:
        match block.body:
            case Read(symbolic=symbolic) | Write(symbolic=symbolic):
                for template in symbolic.values():
                    yield from _of_template(template)
            case CallProgram(command=command):
                for template in command:
                    yield from _of_template(template)
            case Pure(steps=steps):
                for step in steps:
                    yield from _of_expressions(_expressions(step))
            case Route(branches=branches):
                yield from _of_expressions([test for _, test in branches])
            case CallRuntime(judge=judge):
                yield from _of_expressions(list(judge.conditions) if judge is not None else [])
            case Tabulate() | Hold() | Align() | CallUser() | Fork() | Merge():
                pass


def _expressions(step: Step) -> list[Typed]:
    match step:
        case Keep(condition=condition):
            return [condition]
        case Project(columns=columns):
            return [value for _, value in columns]
        case Expand(items=items):
            return [items]
        case Find(keys=keys, condition=condition):
            return [*keys, *([] if condition is None else [condition])]


def _of_template(template: Template) -> Iterator[SettingDecl]:
    for part in template.parts:
        if isinstance(part, Variable):
            yield SettingDecl(
                part.name,
                part.name,
                STRING,
                part.default,
                part.message,
                is_secret(part.name),
                part.span,
            )


def _of_expressions(expressions: list[Typed]) -> Iterator[SettingDecl]:
    stack = list(reversed(expressions))
    while stack:
        here = stack.pop()
        if isinstance(here, Setting):
            yield SettingDecl(
                here.name,
                here.name,
                here.type,
                here.default,
                here.message,
                here.secret or is_secret(here.name),
                here.span,
            )
        stack.extend(reversed(children(here)))
