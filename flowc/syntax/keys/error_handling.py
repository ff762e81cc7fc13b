"""``error_handling:``: what is done with errors of each class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from flowc.syntax.keys.base import Keys, key
from flowc.syntax.keys.kinds import Duration, ErrorClass, Uri
from flowc.syntax.keys.retrying import Retry

Action: TypeAlias = Literal["retry-then-dead-letter", "retry", "dead-letter", "drop", "stop"]


class Measures(Keys):
    """``action:`` of a policy, in detail."""

    retry: Retry | None = key("try again")
    pause: Literal["dynamic"] | Duration | None = key(
        "stop reading for a while; `dynamic`: as long as the other side asks for"
    )
    resume: Literal["gradual", "immediate"] | None = key("how reading goes on after a pause")

    @classmethod
    def conflicts(cls, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        if "resume" in values and "pause" not in values:
            yield "resume", "`resume` needs `pause`: without one there is nothing to go on from"


class Policy(Keys):
    """An item of ``policies:`` of `error_handling`; the first that matches counts."""

    match: ErrorClass | list[ErrorClass] | None = key("the classes of errors it is for")
    action: Action | Measures | None = key("what is done")
    notify: Uri | None = key("who is told")


class ErrorHandling(Keys):
    """``error_handling:``."""

    default: Action | Measures | None = key("what is done where no policy matches")
    policies: list[Policy] | None = key("what is done with errors of a class")
