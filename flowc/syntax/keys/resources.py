"""``resources:``: memory, processors and accelerators of a node or an environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from flowc.syntax.keys.base import Keys, key
from flowc.syntax.keys.kinds import Cpu, Size


class _Range(Keys):
    @classmethod
    def conflicts(cls, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        least, most = values.get("request"), values.get("limit")
        numbers = isinstance(least, int | float) and isinstance(most, int | float)
        if numbers and least > most:  # type: ignore[operator]
            yield "limit", "`limit` is less than `request`"


class Memory(_Range):
    """``memory:`` of `resources`, in detail."""

    request: Size | None = key("what is set aside")
    limit: Size | None = key("what is never exceeded")
    oom_action: Literal["restart", "stop"] | None = key("what is done when it would be")


class Cpus(_Range):
    """``cpu:`` of `resources`, in detail."""

    request: Cpu | None = key("what is set aside")
    limit: Cpu | None = key("what is never exceeded")


class Resources(Keys):
    """``resources:`` of a node."""

    gpu: bool | Literal["optional", "required"] | None = key("whether an accelerator is used")
    memory: Size | Memory | None = key("memory: a size, or a map")
    cpu: Cpu | Cpus | None = key("processors: a number, or a map")


class EnvironmentResources(Resources):
    """``resources:`` of an environment."""

    limit: bool | None = key("whether the limits of the nodes are enforced")
