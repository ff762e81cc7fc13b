"""The keys of a pipeline file. Closed: a key that does not stand here is an error.

The models name the keys and say what they are for; the JSON Schema that editors use is
made from them. `document` reads the files, so that a message has its place.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field

from flowc.syntax.keys.base import Keys, holds, later
from flowc.syntax.keys.checkpoint import Checkpoint
from flowc.syntax.keys.error_handling import ErrorHandling
from flowc.syntax.keys.kinds import Address, Count, Duration
from flowc.syntax.keys.monitoring import Monitoring
from flowc.syntax.keys.resources import Resources
from flowc.syntax.keys.retrying import RetryPolicy
from flowc.syntax.keys.running import Deployment, Execution, Resilience

Scalar: TypeAlias = str | int | float
Options: TypeAlias = dict[str, Any]


class Branch(Keys):
    """A branch of `tee`, or of `route` with its condition."""

    when: str | None = Field(default=None, description="the condition of a branch of `route`")
    process: Any = holds("stages", "stages: pipe text, or a list of stages")
    sink: Any = holds("sink", "where the branch ends; `discard` drops its records")
    sinks: list[Any] | None = holds("sinks", "where the branch ends, several")
    otherwise: Any = holds("else", "what no other branch of `route` takes", alias="else")


class Stream(Keys):
    """A named stream: read once, used often."""

    source: Any = holds("source", "where the records come from")
    process: Any = holds("stages", "stages: pipe text, or a list of stages")


class Node(Keys):
    """Keys that any source, stage or sink may have; others are its options."""

    name: str | None = Field(default=None, description="the name of the node, unique")
    type: str | None = Field(
        default=None, description="the connector or operator; without it, `name` names it"
    )
    config: Options | None = Field(default=None, description="the options, as a map")
    inputs: str | list[str] | None = Field(
        default=None, alias="from", description="the names of the nodes it reads from"
    )
    enabled: bool = Field(default=True, description="`false` leaves the node out")
    retry_policy: RetryPolicy | None = later("how often and when a failed step is tried again")
    resources: Resources | None = later("memory, processor and accelerator limits")
    parallelize: bool | Count | None = later("whether records are worked on side by side")
    timeout: Duration | None = later("how long a step may take")
    endpoint: Address | None = later("where an external processor listens")


class Source(Node):
    """Keys that any source may have beside those of every node."""

    record: str | None = Field(default=None, alias="schema", description="the record type")
    key: str | list[str] | None = Field(default=None, description="the fields that are unique")
    time: str | None = Field(
        default=None, description="the clock of the stream: `field lag 2s idle 1m`"
    )


class Pipeline(Keys):
    """One pipeline."""

    name: str | None = Field(default=None, description="the name of the pipeline")
    version: Scalar | None = Field(default=None, description="the version of the pipeline")
    enabled: bool = Field(default=True, description="`false` leaves the pipeline out")
    source: Any = holds("source", "where the records come from")
    sources: list[Any] | None = holds("sources", "several sources, merged")
    process: Any = holds("stages", "stages: pipe text, or a list of stages")
    processors: list[Any] | None = holds("stages", "the stages, one an item")
    sink: Any = holds("sink", "where the records go")
    sinks: list[Any] | None = holds("sinks", "several sinks, each gets all")
    streams: dict[str, Any] | None = holds("streams", "named streams: read once, used often")
    monitoring: bool | Monitoring | None = later("dashboard, metrics, alerts")
    resilience: Resilience | None = later("checkpoints, circuit breaker, dead letters")
    deployment: Deployment | None = later("scaling")
    execution: Execution | None = later("how it runs in each environment")
    error_handling: ErrorHandling | None = later("what is done with errors of each class")
    checkpoint: bool | Checkpoint | None = later("how positions and state are kept")
    guarantee: Literal["effectively_once", "at_least_once", "at_most_once"] | None = later(
        "the delivery that is asked for"
    )
    extends: str | None = Field(default=None, description="the pipeline that this one builds on")
    abstract: bool = Field(default=False, description="`true`: it is for others to build on")
    overrides: dict[str, Any] | None = Field(
        default=None, description="changes of nodes, by name or path, after all is put together"
    )


class PipelineFile(Pipeline):
    """A pipeline file: one pipeline, or several by name."""

    pipelines: dict[str, Pipeline] | None = Field(
        default=None, description="several pipelines, by name"
    )
