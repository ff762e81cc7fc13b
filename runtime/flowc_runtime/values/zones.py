"""Times as clocks show them in a time zone. Timestamps themselves stay UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..errors import ConversionError, OverflowError_, shorten
from .calendars import date_trunc
from .time import parse_time, timestamp_text, written_time

__all__ = [
    "assume_zone",
    "at_zone",
    "date_trunc_in",
    "day_in",
    "day_of_week_in",
    "format_time_in",
    "hour_in",
    "local_date",
    "minute_in",
    "month_in",
    "parse_time_in",
    "utc_offset",
    "year_in",
]


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # Names may be anything that a record holds: no such file, a folder, a path outside.
    except (OSError, ValueError, KeyError):
        raise ConversionError(f"{shorten(name)} is no time zone that is known here") from None


def _local(time: datetime, zone: str) -> datetime:
    try:
        return time.astimezone(_zone(zone))
    except OverflowError:
        raise OverflowError_(
            f"{timestamp_text(time)} in {zone} is outside the years 1 to 9999"
        ) from None


def at_zone(time: datetime, zone: str) -> str:
    """The time as a clock in the zone shows it, with its offset from UTC."""
    return _local(time, zone).isoformat()


def local_date(time: datetime, zone: str) -> date:
    """The day that it is in the zone."""
    return _local(time, zone).date()


def utc_offset(time: datetime, zone: str) -> timedelta:
    """How far the zone's clocks are ahead of UTC at that time."""
    return _local(time, zone).utcoffset() or timedelta()


def assume_zone(time: datetime, zone: str) -> datetime:
    """The moment at which clocks in the zone show what the time, read as UTC, says.

    The first of two such moments; where clocks skip it, as if they had not yet.
    """
    try:
        return time.replace(tzinfo=_zone(zone)).astimezone(UTC)
    except OverflowError:
        raise OverflowError_(
            f"{timestamp_text(time)} in {zone} is outside the years 1 to 9999"
        ) from None


def year_in(time: datetime, zone: str) -> int:
    """The year in the zone."""
    return _local(time, zone).year


def month_in(time: datetime, zone: str) -> int:
    """The month in the zone."""
    return _local(time, zone).month


def day_in(time: datetime, zone: str) -> int:
    """The day of the month in the zone."""
    return _local(time, zone).day


def hour_in(time: datetime, zone: str) -> int:
    """The hour in the zone."""
    return _local(time, zone).hour


def minute_in(time: datetime, zone: str) -> int:
    """The minute in the zone."""
    return _local(time, zone).minute


def day_of_week_in(time: datetime, zone: str) -> int:
    """The day of the week in the zone, from 1 for Monday."""
    return _local(time, zone).isoweekday()


def date_trunc_in(unit: str, time: datetime, zone: str) -> datetime:
    """The start, as the zone's clocks tell it, of the unit that a time is in."""
    local = _local(time, zone)
    if unit in ("minute", "second"):
        return date_trunc(unit, time)
    if unit == "hour":
        # By the clock, not by its offset: the hour that is shown twice is two hours.
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return time - past
    return assume_zone(date_trunc(unit, local.replace(tzinfo=UTC)), zone)


def format_time_in(time: datetime, form: str, zone: str) -> str:
    """Write a time as `form` says, as a clock in the zone shows it."""
    return written_time(_local(time, zone), form)


def parse_time_in(text: str, form: str, zone: str) -> datetime:
    """Read a time that, where it names no zone itself, a clock in this one showed."""
    read = parse_time(text, form)
    return read if "%z" in form or "%s" in form else assume_zone(read, zone)
