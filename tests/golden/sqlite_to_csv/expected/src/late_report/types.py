"""Records of late_report."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct, field

from ._runtime.records import Int64


class Late(Struct, gc=False):
    """What late reads: the fields that are used."""

    carrier: str
    hours: float | None
    distance: Int64
    time_hour: dt.datetime


class Report(Struct, gc=False):
    """What report is given."""

    the_carrier: str = field(name="the carrier")
    class_: float | None = field(name="class")
    Distance: Int64
    distance: Int64
