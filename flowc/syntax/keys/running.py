"""``resilience:``, ``deployment:`` and ``execution:``: how a pipeline is kept running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from flowc.syntax.keys.base import Keys, key
from flowc.syntax.keys.checkpoint import Checkpoint
from flowc.syntax.keys.kinds import Count, CountFrom0, Duration, Name, Path, Percent, Rate, Share
from flowc.syntax.keys.resources import EnvironmentResources


class CircuitBreaker(Keys):
    """``circuit_breaker:`` of `resilience`."""

    threshold: Share | None = key("the share of failures at which nothing is tried any more")
    timeout: Duration | None = key("after how long it is tried again")


class DeadLetter(Keys):
    """``dead_letter:`` of `resilience`: one place for what cannot go on."""

    topic: Name | None = key("a topic of the message queue")
    path: Path | None = key("a file")

    @classmethod
    def conflicts(cls, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        if "topic" in values and "path" in values:
            yield "path", "dead letters go to one place: `topic` or `path`"


class Resilience(Keys):
    """``resilience:``."""

    checkpointing: Checkpoint | None = key("the same as `checkpoint` of the pipeline")
    circuit_breaker: CircuitBreaker | None = key("when a failing service is left alone")
    dead_letter: DeadLetter | None = key("where records go that cannot go on")


class Autoscaling(Keys):
    """``autoscaling:`` of `deployment`."""

    least: CountFrom0 | None = key("how many replicas there are at least", alias="min")
    most: Count | None = key("how many replicas there are at most", alias="max")
    target_cpu: Percent | None = key("the load of a processor that is aimed at, in percent")
    target_throughput: Rate | None = key("the records a second that are aimed at")

    @classmethod
    def conflicts(cls, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        least, most = values.get("min"), values.get("max")
        if isinstance(least, int) and isinstance(most, int) and least > most:
            yield "max", "`max` is less than `min`"


class Deployment(Keys):
    """``deployment:``."""

    autoscaling: Autoscaling | None = key("more replicas under load")


class Environment(Keys):
    """One environment of ``execution:``."""

    mode: Literal["in-process", "containers", "distributed"] | None = key(
        "one process, containers on one machine, or services on several"
    )
    hot_reload: bool | None = key("whether a change of the file restarts it")
    debug: bool | None = key("whether it can be looked into")
    resources: EnvironmentResources | None = key("limits of the environment")
    orchestrator: Literal["kubernetes", "compose"] | None = key("what starts the services")


class Execution(Keys):
    """``execution:``."""

    development: Environment | None = key("on the machine of a developer")
    staging: Environment | None = key("where a version is tried")
    production: Environment | None = key("where it counts")
