"""Functions of time: days counted from 1970, months counted from year 0."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conformance.conversions import arithmetic_error, conversion_error, to_timestamp

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def parse_time(text: str, form: str, zone: str | None = None) -> datetime:
    try:
        read = datetime.strptime(text, form)
    except ValueError:
        raise conversion_error(f"{text!r} is no time like {form}") from None
    # What the form lacks is that of 1970; strptime takes 1900.
    if "%Y" not in form and "%y" not in form:
        read = read.replace(year=1970)
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    return read.replace(tzinfo=UTC if zone is None else zone_of(zone)).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise conversion_error(f"{name} is no zone") from None


def local(time: Any, zone: str | None) -> Any:
    return time if zone is None else time.astimezone(zone_of(zone))


def part(name: str) -> Any:
    return lambda time, zone=None: getattr(local(time, zone), name)


def format_time(time: Any, form: str, zone: str | None = None) -> str:
    # The C library does not pad years below 1000.
    return local(to_timestamp(time), zone).strftime(form.replace("%Y", f"{time.year:04d}"))


def days(time: Any) -> int:
    day = time.date() if isinstance(time, datetime) else time
    return (day - date(1970, 1, 1)).days


def months(time: Any) -> int:
    return time.year * 12 + time.month - 1


def last_of_month(year: int, month: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    return date(9999, 12, 31) if after is None else after - timedelta(days=1)


def add_months(time: Any, count: int) -> Any:
    year, month = divmod(months(time) + count, 12)
    if not 1 <= year <= 9999:
        raise arithmetic_error("no such year")
    day = min(time.day, last_of_month(year, month + 1).day)
    return time.replace(year=year, month=month + 1, day=day)


def date_trunc(unit: str, time: Any, zone: str | None = None) -> Any:
    unit = unit.lower().removesuffix("s")
    here = local(time, zone)
    day = here.date() if isinstance(here, datetime) else here
    if unit in UNIT_SECONDS and isinstance(time, datetime):
        past = here.minute * 60 + here.second
        micros = past % UNIT_SECONDS[unit] * 10**6 + here.microsecond
        return time - timedelta(microseconds=micros)
    if unit in MONTHS:
        year, month = divmod(months(day) // MONTHS[unit] * MONTHS[unit], 12)
        day = date(year, month + 1, 1)
    if unit == "week":
        # 1970 began on a Thursday.
        day = date(1970, 1, 1) + timedelta(days=(days(day) + 3) // 7 * 7 - 3)
    if not isinstance(time, datetime):
        return day
    midnight = datetime(day.year, day.month, day.day)
    return midnight.replace(tzinfo=UTC if zone is None else zone_of(zone)).astimezone(UTC)


def date_diff(unit: str, start: Any, end: Any) -> int:
    unit = unit.lower().removesuffix("s")
    if unit in MONTHS:
        return months(end) // MONTHS[unit] - months(start) // MONTHS[unit]
    if unit in ("week", "day"):
        step, first = (7, 3) if unit == "week" else (1, 0)
        return (days(end) + first) // step - (days(start) + first) // step
    step = UNIT_SECONDS[unit]
    return (
        int(
            (
                date_trunc(unit, to_timestamp(end)) - date_trunc(unit, to_timestamp(start))
            ).total_seconds()
        )
        // step
    )


def add_days(time: Any, count: int) -> Any:
    try:
        return time + timedelta(days=count)
    except OverflowError:
        raise arithmetic_error("no such day") from None


def since(micros: int) -> Any:
    def made(count: int) -> datetime:
        try:
            return EPOCH + timedelta(microseconds=count * micros)
        except OverflowError:
            raise conversion_error("too far") from None

    return made


def until(micros: int) -> Any:
    return lambda time: (time - EPOCH) // timedelta(microseconds=1) // micros


def make_date(year: int, month: int, day: int) -> date:
    if 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= last_of_month(year, month).day:
        return date(year, month, day)
    raise conversion_error("no such day")


def make_timestamp(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise conversion_error("no such time")
    made = to_timestamp(make_date(year, month, day))
    return made + timedelta(hours=hour, minutes=minute, seconds=second)


def time_bucket(width: timedelta, time: datetime) -> datetime:
    if width <= timedelta():
        raise arithmetic_error("no width")
    try:
        return EPOCH + (time - EPOCH) // width * width
    except OverflowError:
        raise arithmetic_error("too early") from None


FUNCTIONS: dict[str, Any] = {
    "year": part("year"),
    "month": part("month"),
    "day": part("day"),
    "hour": part("hour"),
    "minute": part("minute"),
    "second": part("second"),
    "millisecond": lambda time: time.microsecond // 1000,
    "microsecond": part("microsecond"),
    "quarter": lambda time: months(time) % 12 // 3 + 1,
    "week": lambda time: int(time.strftime("%V")),
    "iso_year": lambda time: int(time.strftime("%G")),
    "day_of_week": lambda time, zone=None: int(local(time, zone).strftime("%u")),
    "day_of_year": lambda time: days(time) - days(date(time.year, 1, 1)) + 1,
    "format_time": format_time,
    "parse_time": parse_time,
    "at_zone": lambda time, zone: local(time, zone).isoformat(),
    "local_date": lambda time, zone: local(time, zone).date(),
    "assume_zone": lambda time, zone: time.replace(tzinfo=zone_of(zone)).astimezone(UTC),
    "utc_offset": lambda time, zone: local(time, zone).replace(tzinfo=UTC) - time,
    "date_trunc": date_trunc,
    "date_diff": date_diff,
    "add_days": add_days,
    "add_months": add_months,
    "last_day": lambda time: last_of_month(time.year, time.month),
    "day_name": lambda time: time.strftime("%A"),
    "month_name": lambda time: time.strftime("%B"),
    "time_bucket": time_bucket,
    "epoch": until(10**6),
    "epoch_ms": until(1000),
    "epoch_us": until(1),
    "from_epoch_ms": since(1000),
    "from_epoch_us": since(1),
    "make_date": make_date,
    "make_timestamp": make_timestamp,
    "seconds": lambda length: length / timedelta(seconds=1),
}
