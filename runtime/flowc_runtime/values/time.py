"""Time: timestamps are aware datetimes in UTC with microseconds; more digits are cut off, counted.

A time without a zone is UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from ..errors import ConversionError, OverflowError_, shorten
from .lost import LOST, note_zoneless

__all__ = [
    "add_duration",
    "check_time_format",
    "date_text",
    "divide_duration",
    "duration_text",
    "format_time",
    "parse_time",
    "scale_duration",
    "scaled_duration",
    "timestamp_text",
    "to_date",
    "to_duration",
    "to_timestamp",
    "written_time",
]

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,30}))?)?[ ]?([Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_ISO_DURATION = re.compile(
    r"([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,30}))?S)?)?",
    re.ASCII,
)
_SHORT_DURATION = re.compile(r"(\d+)(ms|us|w|d|h|m|s)", re.ASCII)
_UNITS = {
    "us": timedelta(microseconds=1),
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def _fail(value: object, target: str, why: str = "") -> ConversionError:
    return ConversionError(f"{shorten(value)} is not {target}{why and ': ' + why}")


def _micros(digits: str | None) -> int:
    return int((digits or "")[:6].ljust(6, "0"))


def _counted(moment: datetime, digits: str | None) -> datetime:
    """The moment, after counting it if some of its digits are cut off."""
    if digits is not None and len(digits) > 6 and digits[6:].strip("0"):
        LOST.set(LOST.get() + 1)
    return moment


def _zone(text: str | None) -> timedelta:
    if not text or text in "Zz":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59 or int(digits[:2]) > 23:
        raise ValueError(f"{text} is no time zone")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if text[0] == "-" else offset


def to_timestamp(value: object) -> datetime:
    """From ISO 8601 text (a date alone is its midnight), a date, or seconds since 1970."""
    try:
        match value:
            case datetime():
                if value.tzinfo is None:
                    return value.replace(tzinfo=UTC)
                return value.astimezone(UTC)
            case date():
                return datetime(value.year, value.month, value.day, tzinfo=UTC)
            case bool():
                pass
            case int() | float():
                return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
            case str():
                found = _TIMESTAMP.fullmatch(value.strip())
                if found is not None:
                    year, month, day, hour, minute, second, part, zone = found.groups()
                    if hour is not None and not zone:
                        note_zoneless()
                    moment = datetime(
                        int(year),
                        int(month),
                        int(day),
                        int(hour or 0),
                        int(minute or 0),
                        int(second or 0),
                        _micros(part),
                        UTC,
                    )
                    return _counted(moment - _zone(zone), part)
    except (ValueError, OverflowError) as error:
        raise _fail(value, "a timestamp", str(error)) from None
    raise _fail(value, "a timestamp", "write it like 2024-01-31T10:00:00Z")


def to_date(value: object) -> date:
    """From ISO 8601 text or a timestamp, whose day in UTC it is."""
    match value:
        case datetime():
            return to_timestamp(value).date()
        case date():
            return value
        case str():
            text = value.strip()
            try:
                if len(text) == 10 and text.isascii():
                    return date.fromisoformat(text)
                return to_timestamp(text).date()
            except (ValueError, ConversionError):
                raise _fail(value, "a date", "write it like 2024-01-31") from None
    raise _fail(value, "a date")


def to_duration(value: object) -> timedelta:
    """From ISO 8601 text (`P1DT2H`), short text (`1h30m`, `250ms`), or a number of seconds."""
    try:
        match value:
            case timedelta():
                return value
            case bool():
                pass
            case int() | float():
                return timedelta(seconds=value)
            case str():
                return _duration(value.strip())
    except (OverflowError, ValueError):
        pass
    raise _fail(value, "a duration", "write it like 1h30m or PT1H30M")


def _duration(text: str) -> timedelta:
    found = _ISO_DURATION.fullmatch(text)
    if found is not None and text[-1] not in "PT":
        sign, weeks, days, hours, minutes, seconds, part = found.groups()
        length = timedelta(
            weeks=int(weeks or 0),
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=_micros(part),
        )
        return -length if sign == "-" else length
    negative = text.startswith("-")
    parts = _SHORT_DURATION.findall(text)
    if not parts or "".join(a + b for a, b in parts) != text.removeprefix("-"):
        raise ValueError(text)
    length = sum((int(count) * _UNITS[unit] for count, unit in parts), timedelta())
    return -length if negative else length


def timestamp_text(value: datetime) -> str:
    """RFC 3339 in UTC with Z, with a fraction only where there is one."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def date_text(value: date) -> str:
    """ISO 8601."""
    return value.isoformat()


def duration_text(value: timedelta) -> str:
    """ISO 8601 in days and seconds, as in `P1DT3.5S`."""
    micros = value // timedelta(microseconds=1)
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    days, rest = divmod(micros, 86_400_000_000)
    seconds, part = divmod(rest, 1_000_000)
    text = f"{sign}P{days}D" if days else f"{sign}P"
    if part:
        return f"{text}T{seconds}.{part:06d}".rstrip("0") + "S"
    return f"{text}T{seconds}S" if seconds or not days else text


def add_duration(moment: datetime, length: timedelta) -> datetime:
    """The moment `length` later; a year outside 1 to 9999 is an error of the record."""
    try:
        return moment + length
    except OverflowError:
        raise OverflowError_(
            f"{timestamp_text(moment)} + {duration_text(length)} is outside the years 1 to 9999"
        ) from None


def scale_duration(length: timedelta, factor: float) -> timedelta:
    """The length so many times, to the nearest microsecond."""
    return length * factor


def scaled_duration(factor: float, length: timedelta) -> timedelta:
    """The same with its arguments the other way round."""
    return length * factor


def divide_duration(length: timedelta, divisor: float) -> timedelta:
    """One of so many equal parts of a length, to the nearest microsecond."""
    return length / divisor


_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d\d)",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,30})",
    "j": r"(?P<j>\d{1,3})",
    "p": r"(?P<p>[AaPp][Mm])",
    "b": r"(?P<b>[A-Za-z]{3})",
    "B": r"(?P<B>[A-Za-z]+)",
    "a": r"(?P<a>[A-Za-z]{3})",
    "A": r"(?P<A>[A-Za-z]+)",
    "z": r"(?P<z>[Zz]|[+-]\d\d:?\d\d)",
    "s": r"(?P<s>-?\d{1,12})",
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@lru_cache(maxsize=256)
def _parser(form: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    while at < len(form):
        if form[at] != "%":
            parts.append(re.escape(form[at]))
            at += 1
            continue
        code = form[at + 1 : at + 2]
        if code != "%" and code not in _DIRECTIVES:
            raise ConversionError(
                f"the time format {shorten(form)} has the unknown code %{code}; "
                f"known are {' '.join('%' + known for known in _DIRECTIVES)} %%"
            )
        parts.append("%" if code == "%" else _DIRECTIVES[code])
        at += 2
    try:
        return re.compile("".join(parts), re.ASCII)
    except re.error:
        raise ConversionError(f"the time format {shorten(form)} has a code twice") from None


def check_time_format(form: str) -> None:
    """Raises ConversionError for a form with an unknown code or one code twice."""
    _parser(form)


def parse_time(text: str, form: str) -> datetime:
    """Read a timestamp written as `form` says, in English, in UTC where it has no zone.

    Codes: %Y %y %m %d %H %I %M %S %f (any number of digits) %j %p %b %B %a %A %z %s (seconds
    since 1970) %%. A part that the form lacks is that of 1970-01-01T00:00:00.
    """
    found = _parser(form).fullmatch(text.strip())
    if found is None:
        raise _fail(text, f"a time like {form}")
    part = found.groupdict()
    try:
        if "s" in part:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(part["s"]))
        day = _day(part)
        moment = datetime(
            day.year,
            day.month,
            day.day,
            _hour(part),
            int(part.get("M", 0)),
            int(part.get("S", 0)),
            _micros(part.get("f", "0")),
            UTC,
        )
        return _counted(moment - _zone(part.get("z")), part.get("f"))
    except (ValueError, OverflowError) as error:
        raise _fail(text, f"a time like {form}", str(error)) from None


def _day(part: dict[str, str]) -> date:
    year = int(part.get("Y", 1970))
    if "y" in part and "Y" not in part:
        short = int(part["y"])
        year = short + (1900 if short >= 69 else 2000)
    month = int(part.get("m", 1))
    for code, length in (("B", None), ("b", 3)):
        if code in part:
            names = [name[:length].lower() for name in _MONTHS]
            month = names.index(part[code].lower()) + 1
    for code, length in (("A", None), ("a", 3)):
        if code in part and part[code].lower() not in [name[:length].lower() for name in _DAYS]:
            raise ValueError(f"{part[code]} is no day of the week")
    if "j" in part:
        day = date(year, 1, 1) + timedelta(days=int(part["j"]) - 1)
        if day.year != year:
            raise ValueError(f"the year has no day {part['j']}")
        return day
    return date(year, month, int(part.get("d", 1)))


def _hour(part: dict[str, str]) -> int:
    if "I" not in part:
        return int(part.get("H", 0))
    hour = int(part["I"])
    if not 1 <= hour <= 12:
        raise ValueError("hour must be in 1..12")
    return hour % 12 + (12 if part.get("p", "am").lower() == "pm" else 0)


def format_time(moment: datetime | date, form: str) -> str:
    """Write a time as `form` says, in English and UTC; the codes are those of `parse_time`."""
    return written_time(to_timestamp(moment), form)


def written_time(moment: datetime, form: str) -> str:
    """The same in the zone that the time is in."""
    _parser(form)
    return re.sub("%(.)", lambda found: _formatted(moment, found.group(1)), form)


def _formatted(moment: datetime, code: str) -> str:
    match code:
        case "Y":
            return f"{moment.year:04d}"
        case "y":
            return f"{moment.year % 100:02d}"
        case "m":
            return f"{moment.month:02d}"
        case "d":
            return f"{moment.day:02d}"
        case "H":
            return f"{moment.hour:02d}"
        case "I":
            return f"{moment.hour % 12 or 12:02d}"
        case "M":
            return f"{moment.minute:02d}"
        case "S":
            return f"{moment.second:02d}"
        case "f":
            return f"{moment.microsecond:06d}"
        case "j":
            return f"{moment.timetuple().tm_yday:03d}"
        case "p":
            return "AM" if moment.hour < 12 else "PM"
        case "b" | "B":
            name = _MONTHS[moment.month - 1]
            return name if code == "B" else name[:3]
        case "a" | "A":
            name = _DAYS[moment.weekday()]
            return name if code == "A" else name[:3]
        case "z":
            return moment.strftime("%z")
        case "s":
            return str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))
        case _:
            return code
