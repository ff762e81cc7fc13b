"""Records of late-flights."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from ._runtime.records import Int64


class Flights(Struct, gc=False):
    """What flights reads: the fields that are used."""

    year: Int64
    carrier: str
    dep_delay: float | None
    distance: Int64
    time_hour: dt.datetime
    cancelled: bool | None


class Late(Struct, gc=False):
    """What late is given."""

    carrier: str
    hours: float | None
    distance: Int64
    time_hour: dt.datetime
