"""``checkpoint:``: how positions and state are kept across restarts."""

from __future__ import annotations

from typing import Literal

from flowc.syntax.keys.base import Keys, key
from flowc.syntax.keys.kinds import Count, Duration, Name, Path, Text, Uri


class Storage(Keys):
    """``storage:`` of `checkpoint`, in detail."""

    type: Name | None = key("the kind of store: `local`, `redis`, …")
    connection: Uri | None = key("where the store is")
    ttl: Duration | None = key("how long a checkpoint is kept")
    compression: bool | None = key("whether checkpoints are compressed")


class Triggers(Keys):
    """``triggers:`` of `checkpoint`: each makes one."""

    interval: Duration | None = key("the time between two checkpoints")
    records: Count | None = key("the records between two checkpoints")
    on_shutdown: bool | None = key("whether one is made at shutdown")


class Distributed(Keys):
    """``distributed:`` of `checkpoint`: several workers on one pipeline."""

    enabled: bool | None = key("whether there are several")
    coordination: Uri | None = key("what they agree through")
    partition_strategy: Literal["consistent-hash", "range", "round-robin"] | None = key(
        "how the partitions are dealt out"
    )
    worker_id: Text | None = key("which of them this one is; a variable")


class Barriers(Keys):
    """``barriers:`` of `checkpoint`: all workers make theirs together."""

    enabled: bool | None = key("whether they do")
    timeout: Duration | None = key("how long one waits for the others")
    min_workers: Count | None = key("how many there must be")


class RecoveryStrategy(Keys):
    """``strategy:`` of `recovery`: what is done for each kind of trouble."""

    missing: Literal["start-fresh", "fail"] | None = key("there is no checkpoint")
    corrupted: Literal["use-previous", "start-fresh", "fail"] | None = key("it is damaged")
    partial: Literal["best-effort", "start-fresh", "fail"] | None = key("a part of it is missing")


class RecoveryChecks(Keys):
    """``validate:`` of `recovery`: what a checkpoint must pass before it is used."""

    fits: bool | None = key("whether its form fits the pipeline", alias="schema")
    integrity: bool | None = key("whether its checksum is right")
    age: Duration | None = key("how old it may be")


class Recovery(Keys):
    """``recovery:`` of `checkpoint`."""

    mode: Literal["auto", "manual"] | None = key("whether a start goes on by itself")
    strategy: RecoveryStrategy | None = key("what is done where that is not possible")
    checks: RecoveryChecks | None = key("what is checked before", alias="validate")


class Checkpoint(Keys):
    """``checkpoint:``."""

    enabled: bool | None = key("whether checkpoints are made")
    interval: Duration | None = key("the time between two checkpoints")
    storage: Name | Uri | Storage | None = key("where they are kept: `local`, a URI, or a map")
    directory: Path | None = key("the folder of a local store")
    strategy: Literal["fixed", "adaptive"] | None = key("whether the interval follows the load")
    include: (
        list[Literal["position", "ledger_sequence", "processor_state", "metrics", "errors"]] | None
    ) = key("what stands in a checkpoint")
    triggers: Triggers | None = key("what makes one")
    distributed: Distributed | None = key("several workers")
    barriers: Barriers | None = key("several workers, in step")
    recovery: Recovery | None = key("how a start goes on from one")
