"""Records and settings to test with, made from the types."""

from __future__ import annotations

import datetime as dt

from late_flights.settings import Settings
from late_flights.types import Flights, Late

FLIGHTS: list[Flights] = [
    Flights(
        year=7,
        carrier="text",
        dep_delay=1234.5,
        distance=7,
        time_hour=dt.datetime(2024, 1, 31, 10, 30, tzinfo=dt.UTC),
        cancelled=True,
    ),
    Flights(
        year=0,
        carrier="",
        dep_delay=None,
        distance=0,
        time_hour=dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        cancelled=None,
    ),
    Flights(
        year=9223372036854775807,
        carrier='ß "quoted" \\ \n 漢字',
        dep_delay=-1.7e308,
        distance=9223372036854775807,
        time_hour=dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
        cancelled=True,
    ),
]

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


SETTINGS = Settings()
