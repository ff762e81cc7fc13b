"""Calendar arithmetic: parts of times, units they are cut to and counted in, months."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from ..errors import ConversionError, OverflowError_, shorten
from .time import timestamp_text, to_timestamp

__all__ = [
    "add_days",
    "add_months",
    "date_diff",
    "date_trunc",
    "day_name",
    "day_of_year",
    "epoch",
    "epoch_ms",
    "epoch_us",
    "from_epoch_ms",
    "from_epoch_us",
    "iso_year",
    "last_day",
    "make_date",
    "make_timestamp",
    "millisecond",
    "month_name",
    "quarter",
    "time_bucket",
    "week",
]

_Time = TypeVar("_Time", datetime, date)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LENGTHS = {"second": 1, "minute": 60, "hour": 3_600}


def quarter(time: date) -> int:
    """1 to 4."""
    return (time.month + 2) // 3


def week(time: date) -> int:
    """The week of the ISO year, 1 to 53."""
    return time.isocalendar().week


def iso_year(time: date) -> int:
    """The year that its ISO week belongs to."""
    return time.isocalendar().year


def day_of_year(time: date) -> int:
    """1 to 366."""
    return time.timetuple().tm_yday


def millisecond(time: datetime) -> int:
    """0 to 999."""
    return time.microsecond // 1_000


def day_name(time: date) -> str:
    """The day of the week, in English."""
    return _DAYS[time.weekday()]


def month_name(time: date) -> str:
    """The month, in English."""
    return _MONTHS[time.month - 1]


def last_day(time: date) -> date:
    """The last day of its month."""
    return date(time.year, time.month, calendar.monthrange(time.year, time.month)[1])


def add_months(time: _Time, months: int) -> _Time:
    """The same day so many months later, or the last one that the month has."""
    year, month = divmod(time.year * 12 + time.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError_(f"{time} and {months} months is outside the years 1 to 9999")
    most = calendar.monthrange(year, month + 1)[1]
    return time.replace(year=year, month=month + 1, day=min(time.day, most))


def add_days(time: _Time, days: int) -> _Time:
    """So many days later."""
    try:
        return time + timedelta(days=days)
    except OverflowError:
        raise OverflowError_(f"{time} and {days} days is outside the years 1 to 9999") from None


def date_trunc(unit: str, time: _Time) -> _Time:
    """The start of the unit that a time is in."""
    if not isinstance(time, datetime):
        return _first_day(unit, time)
    if unit in _LENGTHS:
        return time - timedelta(
            seconds=(time.minute * 60 + time.second) % _LENGTHS[unit], microseconds=time.microsecond
        )
    day = time.replace(hour=0, minute=0, second=0, microsecond=0)
    return _first_day(unit, day)


def _first_day(unit: str, day: _Time) -> _Time:
    match unit:
        case "year":
            return day.replace(month=1, day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "month":
            return day.replace(day=1)
        case "week":
            return add_days(day, -day.weekday())
    return day


def date_diff(unit: str, start: date, end: date) -> int:
    """How many times a unit begins after the start, up to the end; negative backwards."""
    match unit:
        case "year":
            return end.year - start.year
        case "quarter":
            return (end.year - start.year) * 4 + quarter(end) - quarter(start)
        case "month":
            return (end.year - start.year) * 12 + end.month - start.month
        case "week":
            return (_day_number(end) - 1) // 7 - (_day_number(start) - 1) // 7
        case "day":
            return _day_number(end) - _day_number(start)
    seconds = _LENGTHS[unit]
    return epoch(to_timestamp(end)) // seconds - epoch(to_timestamp(start)) // seconds


def _day_number(time: date) -> int:
    return time.toordinal()


def epoch(time: datetime) -> int:
    """Whole seconds since 1970, floored."""
    return (time - _EPOCH) // timedelta(seconds=1)


def epoch_ms(time: datetime) -> int:
    """Whole milliseconds since 1970, floored."""
    return (time - _EPOCH) // timedelta(milliseconds=1)


def epoch_us(time: datetime) -> int:
    """Microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def from_epoch_ms(count: int) -> datetime:
    """The time so many milliseconds after 1970."""
    return _since(timedelta(milliseconds=1), count, "milliseconds")


def from_epoch_us(count: int) -> datetime:
    """The time so many microseconds after 1970."""
    return _since(_MICROSECOND, count, "microseconds")


def _since(unit: timedelta, count: int, name: str) -> datetime:
    try:
        return _EPOCH + unit * count
    except OverflowError:
        raise ConversionError(f"{shorten(count)} {name} is outside the years 1 to 9999") from None


def make_date(year: int, month: int, day: int) -> date:
    """The date of a year, a month and a day."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise ConversionError(f"there is no day {year}-{month}-{day}") from None


def make_timestamp(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    """The time of its parts, in UTC."""
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        text = f"{year}-{month}-{day} {hour}:{minute}:{second}"
        raise ConversionError(f"there is no time {text}") from None


def time_bucket(width: timedelta, time: datetime) -> datetime:
    """The start of the interval of that width, counted from 1970, that a time is in."""
    if width <= timedelta():
        raise ArithmeticError("an interval is longer than zero")
    try:
        return time - (time - _EPOCH) % width
    except OverflowError:
        raise OverflowError_(f"the interval of {timestamp_text(time)} begins too early") from None
