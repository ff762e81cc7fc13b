"""`aggregate … over tumbling 1h`, `top 10 price over session 5m`: what leaves with each window."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import replace

from ..environment import Environment
from ..tally import Receipt
from .aggregate import Function, Groups
from .order import FirstOfGroups, Order
from .saving import Keys, fields_by_name
from .windows import Fixed, Session, Windowed

__all__ = ["WindowedAggregation", "WindowedTop"]


class _Aggregated:
    def __init__(self, groups: Groups, keys: tuple[str, ...], makes: Any, window: Any) -> None:
        self.groups = groups
        self.add = groups.add
        self.settle = groups.settle
        self.save = groups.save
        self.restore = groups.restore
        self._keys = keys
        self._makes = makes
        self._window = window

    def merge(self, later: _Aggregated) -> None:
        self.groups.merge(later.groups)

    def results(self, start: datetime, end: datetime, receipt: Receipt) -> list[Any]:
        made: list[Any] = []
        for key, values in self.groups.results():
            if isinstance(values, list):
                made.append(self._makes(*key, self._window(start, end), *values))
            else:
                window = self._window(start, end)
                receipt.spoil({**dict(zip(self._keys, key)), "window": window}, values)
        return made


class WindowedAggregation(Windowed):
    """One record for each group and window: the keys, the window, then the functions' results.

    `takes` and `makes` are the classes of the records that come in and leave; `time` is the field
    of the clock.
    """

    def __init__(
        self,
        takes: Any,
        makes: type[msgspec.Struct],
        keys: tuple[str, ...],
        functions: tuple[Function, ...],
        time: str,
        over: Fixed | Session,
        environment: Environment | None = None,
    ) -> None:
        window = fields_by_name(makes)["window"].type

        groups = Groups(takes, keys, functions)

        def content() -> _Aggregated:
            return _Aggregated(groups.another(), keys, makes, window)

        clock = attrgetter(fields_by_name(takes)[time].name)
        super().__init__(over, clock, Keys(takes, keys), content, environment)


class _First:
    def __init__(self, groups: FirstOfGroups, attribute: str, window: Any) -> None:
        self.groups = groups
        self.add = groups.add
        self.save = groups.save
        self.restore = groups.restore
        self._attribute = attribute
        self._window = window

    def merge(self, later: _First) -> None:
        self.groups.merge(later.groups)

    def settle(self) -> None:
        pass

    def results(self, start: datetime, end: datetime, receipt: Receipt) -> list[Any]:
        window = {self._attribute: self._window(start, end)}
        return [replace(record, **window) for record in self.groups.results()[0]]


class WindowedTop(Windowed):
    """The first records of each group and window, as in `FirstOfGroups`, with their window.

    The records that come in have their time as the start of their field `window`.
    """

    def __init__(
        self,
        takes: Any,
        count: int,
        orders: tuple[Order, ...],
        keys: tuple[str, ...],
        ties: bool,
        rank: str | None,
        over: Fixed | Session,
        environment: Environment | None = None,
    ) -> None:
        field = fields_by_name(takes)["window"]

        def content() -> _First:
            groups = FirstOfGroups(takes, count, orders, keys, ties, rank)
            return _First(groups, field.name, field.type)

        time = attrgetter(f"{field.name}.{fields_by_name(field.type)['start'].name}")
        super().__init__(over, time, Keys(takes, keys), content, environment)
