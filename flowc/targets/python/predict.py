"""What generated code may call, told from the plan alone, before a line is printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from flowc.model.plan import (
    Align,
    CallProgram,
    CallRuntime,
    CallUser,
    Expand,
    Find,
    Fork,
    Hold,
    Keep,
    Made,
    Merge,
    Plan,
    Project,
    Pure,
    Read,
    Route,
    Tabulate,
    Write,
)
from flowc.model.typed import (
    Apply,
    BuiltinCall,
    CodecForm,
    MethodCall,
    RecordsCall,
    RuntimeCall,
    Typed,
    children,
)
from flowc_runtime import environment, errors, records, segments, settings, tally, usercode
from flowc_runtime.codecs import csv, fields, jsonarray, jsonlines, openlines, refine
from flowc_runtime.values import null, numbers, text, time

#: The parts of the runtime that generated code calls whatever the plan says.
_CONTRACT: frozenset[str] = frozenset().union(
    *(
        module.__all__
        for module in (
            *(null, numbers, text, time, csv, fields, jsonarray, jsonlines, openlines, refine),
            *(environment, errors, records, segments, settings, tally, usercode),
        )
    )
)

#: Names that the generated modules bind themselves, or import from elsewhere.
_FRAME = frozenset(
    (
        *("NODES", "Settings", "pipeline", "main", "partial", "dt", "cast"),
        *("Struct", "Meta", "UNSET", "UnsetType", "field", "Any", "Literal", "Annotated"),
        *("ClassVar", "TypeAlias"),
        *("Decimal", "UUID", "dataclass"),
    )
)

#: Methods and builtins that every fused function, source and sink is made of.
_VERBS = frozenset(
    (
        *("append", "drop", "produce", "reject", "len", "str", "join", "reveal", "get", "float"),
        *("Source", "Sink", "SourceOptions", "SinkOptions", "Column", "SystemExit"),
        *("datetime", "date", "timedelta", "frozenset", "exit", "run", "isinstance"),
    )
)

#: What the fixed text of the generated tests calls beside that.
TEST_VERBS = frozenset(
    (
        *("parametrize", "deepcopy", "encode", "decode", "type", "isinstance", "stage", "sum"),
        *("map", "values", "items", "imbalances", "all", "tuple", "run", "Given", "Kept"),
        *("FixedTime", "RunOptions", "Receipt", "filled", "take", "complete", "Silent", "absorb"),
    )
)


def reserved_names(plan: Plan) -> frozenset[str]:
    """Names of a generated module that no class, function or variable may take."""
    return _CONTRACT | _FRAME | _called(plan)


def predicted_calls(plan: Plan) -> frozenset[str]:
    """Every name that the code of a plan may call, beside the classes it declares."""
    return _CONTRACT | _FRAME | _VERBS | _called(plan)


def _called(plan: Plan) -> frozenset[str]:
    found: set[str] = set()
    for block in plan.blocks:
        match block.body:
            case Read(module=module) | Write(module=module):
                found.add(module.rpartition(".")[2])
            case CallRuntime(name=name, arguments=arguments):
                found.add(name)
                found.update(value.name for value in arguments if isinstance(value, Made))
            case Tabulate(name=name):
                found |= {name, "get", "all", "next"}
            case Hold():
                found.add("Held")
            case CallProgram():
                found.add("Program")
            case Align():
                found |= {"ByClock", "inlet"}
            case Merge(lanes=lanes):
                found.update(lane.name for lane in lanes)
            case Pure() | Route() | CallUser() | Fork():
                pass
            case _:
                assert_never(block.body)
    for expression in expressions(plan):
        stack = [expression]
        while stack:
            here = stack.pop()
            stack.extend(children(here))
            if isinstance(here, Apply):
                match here.python:
                    case (
                        RuntimeCall(name=name)
                        | BuiltinCall(name=name)
                        | MethodCall(name=name)
                        | RecordsCall(name=name)
                    ):
                        found.add(name)
                    case CodecForm(name=name):
                        found.update((name, "decode"))
                    case _:
                        pass
    return frozenset(found)


def expressions(plan: Plan) -> Iterator[Typed]:
    """Every expression of a plan."""
    for block in plan.blocks:
        match block.body:
            case Route(branches=branches):
                yield from (condition for _, condition in branches)
            case Pure(steps=steps):
                for step in steps:
                    match step:
                        case Keep(condition=condition):
                            yield condition
                        case Project(columns=columns):
                            yield from (value for _, value in columns)
                        case Expand(items=items):
                            yield items
                        case Find(keys=keys, condition=condition):
                            yield from keys
                            if condition is not None:
                                yield condition
                        case _:
                            assert_never(step)
            case CallRuntime(judge=judge) if judge is not None:
                yield from judge.conditions
            case _:
                pass
