"""Records and settings to test with, made from the types."""

from __future__ import annotations

import datetime as dt

from late_report.settings import Settings
from late_report.types import Late, Report

LATE: list[Late] = [
    Late(
        carrier="text",
        hours=1234.5,
        distance=7,
        time_hour=dt.datetime(2024, 1, 31, 10, 30, tzinfo=dt.UTC),
    ),
    Late(carrier="", hours=None, distance=0, time_hour=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
    Late(
        carrier='ß "quoted" \\ \n 漢字',
        hours=-1.7e308,
        distance=9223372036854775807,
        time_hour=dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
    ),
]

REPORT: list[Report] = [
    Report(the_carrier="text", class_=1234.5, Distance=7, distance=7),
    Report(the_carrier="", class_=None, Distance=0, distance=0),
    Report(
        the_carrier='ß "quoted" \\ \n 漢字',
        class_=-1.7e308,
        Distance=9223372036854775807,
        distance=9223372036854775807,
    ),
]


SETTINGS = Settings()
