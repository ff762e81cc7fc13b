"""How often something is tried again, and after how long: of a node and of a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from flowc.syntax.keys.base import Keys, key
from flowc.syntax.keys.kinds import Count, Duration


class Waiting(Keys):
    """How long is waited between two attempts."""

    backoff: Literal["fixed", "linear", "exponential"] | None = key("how the waiting time grows")
    delay: Duration | None = key("how long is waited at first")
    max_delay: Duration | None = key("how long is waited at most")
    jitter: bool | None = key("whether the waiting time varies by chance")

    @classmethod
    def conflicts(cls, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        first, most = values.get("delay"), values.get("max_delay")
        if isinstance(first, timedelta) and isinstance(most, timedelta) and first > most:
            yield "max_delay", "`max_delay` is shorter than `delay`"


class RetryPolicy(Waiting):
    """``retry_policy:`` of a node."""

    max_attempts: Count | None = key("how often it is tried in all")


class Retry(Waiting):
    """``retry:`` of a policy of `error_handling`."""

    times: Count | None = key("how often it is tried again")
