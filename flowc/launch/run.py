"""Running emitted files in this process, by the engine that a built project uses."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import cast

from flowc.launch.memory import load, loaded_files, unload
from flowc.launch.trace import annotated
from flowc.model.files import FileSet
from flowc_runtime.engine import Observer, Result, RunOptions
from flowc_runtime.engine import run as run_pipeline
from flowc_runtime.environment import Environment
from flowc_runtime.records import Sink
from flowc_runtime.segments import Pipeline, SinkSegment
from flowc_runtime.settings import load_settings
from flowc_runtime.usercode import importing


def run(
    fileset: FileSet,
    options: RunOptions,
    observer: Observer | None = None,
    *,
    sinks: Mapping[str, Sink] | None = None,
    settings: Mapping[str, str] | None = None,
    environment: Environment | None = None,
) -> Result:
    """Load a package and run its pipeline to the end.

    Args:
        sinks: for a sink's node, what is written to in its place (a table on a terminal).
        settings: values from ``--set``, over the environment's variables.

    Raises:
        RunError: a setting is missing or wrong, or a file of the user cannot be imported.
    """
    world = environment or Environment()
    package = load(fileset)
    try:
        pipeline = assemble(package, world, settings)
        for name, sink in (sinks or {}).items():
            pipeline.segments[name] = SinkSegment(sink, name)
        result = run_pipeline(pipeline, options, world, observer)
        return replace(result, details=annotated(result.details, loaded_files(package)))
    finally:
        unload(package)


def assemble(
    package: ModuleType, environment: Environment, settings: Mapping[str, str] | None = None
) -> Pipeline:
    """The pipeline of a loaded package, its settings read; nothing is opened yet.

    Raises:
        RunError: a setting is missing or wrong, or a file of the user cannot be imported.
    """
    with importing():
        wired = importlib.import_module(f"{package.__name__}.pipeline")
    declared = importlib.import_module(f"{package.__name__}.settings")
    loaded = load_settings(declared.Settings, environment.variables, settings)
    return cast(Pipeline, wired.pipeline(loaded, environment))
