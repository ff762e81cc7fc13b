"""Functions of time. Timestamps are UTC."""

from __future__ import annotations

from collections.abc import Sequence

from flowc.catalog.signatures import COMPUTES, CONVERTS, examples, gives
from flowc.catalog.spec import CallContext, Constant, Function, FunctionExample, Overload
from flowc.model.expr import Call
from flowc.model.typed import Apply, AttributeForm, MethodCall, PythonForm, RuntimeCall, Typed
from flowc.model.types import DATE, DURATION, FLOAT, INT, STRING, TIMESTAMP, Type
from flowc_runtime.values.units import UNITS

_CODES = "%Y %y %m %d %H %I %M %S %f %j %p %b %B %a %A %z %s %%"


_CALENDAR = "values.calendars"
_ZONES = "values.zones"
_ZONE = Constant("time zone", settles=True)
_BOTH = (TIMESTAMP, DATE)


def _part(
    name: str, of: tuple[Type, ...], value: str, zoned: str = "", form: PythonForm | None = None
) -> Function:
    """A part of a time: a field of Python's, or what ``form`` says; ``zoned`` is the function
    that takes a time zone too."""
    plain = form or AttributeForm(name)
    overloads = [gives(INT, plain, time=type) for type in of]
    shown = [(f"{name}(2024-03-05T06:07:08.009Z)", value)]
    if zoned:
        overloads.append(
            gives(INT, RuntimeCall(_ZONES, zoned), CONVERTS, time=TIMESTAMP, zone=STRING)
        )
    words = [f"get_{name}", f"extract_{name}", f"{name}_of"]
    return Function(
        name,
        f"the {name.replace('_', ' ')} of a time, in UTC" + (" or in a time zone" if zoned else ""),
        tuple(overloads),
        examples(*shown, *_ZONED.get(name, ())),
        corrections=dict.fromkeys((*words, *_WORDS.get(name, ())), name),
        constant={1: _ZONE} if zoned else {},
    )


_ZONED = {
    "hour": (('hour(2024-07-01T22:30Z, "Asia/Kolkata")', "4"),),
    "day_of_week": (("day_of_week(2024-03-10)", "7"),),
}
_WORDS = {
    "day": ("day_of_month", "dayofmonth"),
    "day_of_week": ("dayofweek", "isodow", "weekday", "dow", "isoweekday"),
    "day_of_year": ("dayofyear", "doy"),
    "week": ("weekofyear", "isoweek", "iso_week", "week_of_year"),
    "iso_year": ("isoyear",),
    "millisecond": ("milliseconds_of",),
    "microsecond": ("microseconds_of",),
}


def _datediff(arguments: Sequence[str]) -> str | None:
    """Two dates, the later first, or a unit and two times."""
    if len(arguments) == 2:
        return f'date_diff("day", {arguments[1]}, {arguments[0]})'
    return f"date_diff({', '.join(arguments)})" if len(arguments) == 3 else None


def _today(call: Call, arguments: Sequence[Typed], check: CallContext) -> Typed:
    now = Apply(
        "now", RuntimeCall("environment", "now"), (), TIMESTAMP, deterministic=False, span=call.span
    )
    return Apply("today", RuntimeCall("values.time", "to_date"), (now,), DATE, span=call.span)


FUNCTIONS = (
    Function(
        "now",
        "the time at which the record is worked on, in UTC",
        (Overload((), TIMESTAMP, RuntimeCall("environment", "now")),),
        (FunctionExample("now() > 2024-01-01", "true"),),
        deterministic=False,
        corrections={
            "current_timestamp": "now",
            "getdate": "now",
            "sysdate": "now",
            "utcnow": "now",
            "ago": "now() - {0}",
        },
    ),
    Function(
        "today",
        "the day on which the record is worked on, in UTC",
        (Overload((), DATE, RuntimeCall("environment", "now")),),
        (FunctionExample("today() > 2024-01-01", "true"),),
        deterministic=False,
        rule=_today,
        corrections={"current_date": "today", "curdate": "today"},
    ),
    _part("year", _BOTH, "2024", "year_in"),
    _part("month", _BOTH, "3", "month_in"),
    _part("day", _BOTH, "5", "day_in"),
    _part("hour", (TIMESTAMP,), "6", "hour_in"),
    _part("minute", (TIMESTAMP,), "7", "minute_in"),
    _part("second", (TIMESTAMP,), "8"),
    _part("millisecond", (TIMESTAMP,), "9", form=RuntimeCall(_CALENDAR, "millisecond")),
    _part("microsecond", (TIMESTAMP,), "9000"),
    _part("quarter", _BOTH, "1", form=RuntimeCall(_CALENDAR, "quarter")),
    _part("week", _BOTH, "10", form=RuntimeCall(_CALENDAR, "week")),
    _part("iso_year", _BOTH, "2024", form=RuntimeCall(_CALENDAR, "iso_year")),
    _part("day_of_week", _BOTH, "2", "day_of_week_in", form=MethodCall("isoweekday")),
    _part("day_of_year", _BOTH, "65", form=RuntimeCall(_CALENDAR, "day_of_year")),
    Function(
        "format_time",
        f"a time as text, in English, in UTC or in a time zone, by the codes {_CODES}",
        (
            *(
                gives(
                    STRING,
                    RuntimeCall("values.time", "format_time"),
                    CONVERTS,
                    time=type,
                    format=STRING,
                )
                for type in _BOTH
            ),
            gives(
                STRING,
                RuntimeCall(_ZONES, "format_time_in"),
                CONVERTS,
                time=TIMESTAMP,
                format=STRING,
                zone=STRING,
            ),
        ),
        examples(
            ('format_time(2024-03-05T06:07Z, "%d.%m.%Y %H:%M")', '"05.03.2024 06:07"'),
            (
                'format_time(2024-07-05T22:07Z, "%d.%m. %H:%M %z", "Europe/Berlin")',
                '"06.07. 00:07 +0200"',
            ),
        ),
        constant={1: Constant("time format", settles=True), 2: _ZONE},
        corrections={
            "strftime": "format_time",
            "date_format": "format_time",
            "to_char": "format_time",
        },
    ),
    Function(
        "parse_time",
        f"a timestamp read from text by the codes {_CODES}; in UTC where no zone is said",
        (
            gives(
                TIMESTAMP,
                RuntimeCall("values.time", "parse_time"),
                CONVERTS,
                text=STRING,
                format=STRING,
            ),
            gives(
                TIMESTAMP,
                RuntimeCall(_ZONES, "parse_time_in"),
                CONVERTS,
                text=STRING,
                format=STRING,
                zone=STRING,
            ),
        ),
        examples(
            ('parse_time("5/3/2024 06:07", "%d/%m/%Y %H:%M")', "2024-03-05T06:07:00Z"),
            ('parse_time("5/3/2024", "%d/%m/%Y", "America/New_York")', "2024-03-05T05:00:00Z"),
            ('parse_time("soon", "%Y")', "ConversionError"),
        ),
        constant={1: Constant("time format"), 2: Constant("time zone")},
        corrections={
            "strptime": "parse_time",
            "to_timestamp": "parse_time",
            "parse_date": "parse_time",
        },
    ),
    Function(
        "at_zone",
        "a time as a clock in a time zone shows it, with its offset, as text",
        (gives(STRING, RuntimeCall(_ZONES, "at_zone"), CONVERTS, time=TIMESTAMP, zone=STRING),),
        examples(
            ('at_zone(2024-07-01T10:00Z, "Europe/Berlin")', '"2024-07-01T12:00:00+02:00"'),
        ),
        constant={1: _ZONE},
        corrections={
            "from_utc_timestamp": "at_zone",
            "to_zone": "at_zone",
            "timezone": "at_zone({1}, {0})",
        },
    ),
    Function(
        "local_date",
        "the day that it is in a time zone",
        (gives(DATE, RuntimeCall(_ZONES, "local_date"), CONVERTS, time=TIMESTAMP, zone=STRING),),
        examples(
            ('local_date(2024-07-01T23:00Z, "Europe/Berlin")', "2024-07-02"),
        ),
        constant={1: _ZONE},
        corrections={"date_in_zone": "local_date", "local_day": "local_date"},
    ),
    Function(
        "assume_zone",
        "the moment at which clocks in a time zone showed what a time, read as UTC, says; the first "
        "of two",
        (
            gives(
                TIMESTAMP, RuntimeCall(_ZONES, "assume_zone"), CONVERTS, time=TIMESTAMP, zone=STRING
            ),
        ),
        examples(
            ('assume_zone(2024-07-01T12:00Z, "Europe/Berlin")', "2024-07-01T10:00:00Z"),
        ),
        constant={1: _ZONE},
        corrections=dict.fromkeys(
            ["to_utc_timestamp", "from_zone", "replace_time_zone", "tz_localize"], "assume_zone"
        ),
    ),
    Function(
        "utc_offset",
        "how far the clocks of a time zone are ahead of UTC at a time",
        (
            gives(
                DURATION, RuntimeCall(_ZONES, "utc_offset"), CONVERTS, time=TIMESTAMP, zone=STRING
            ),
        ),
        examples(
            ('utc_offset(2024-01-01T00:00Z, "America/New_York") == -5h', "true"),
        ),
        constant={1: _ZONE},
        corrections={"timezone_offset": "utc_offset"},
    ),
    Function(
        "date_trunc",
        f"the start of the unit that a time is in, in UTC or in a time zone: {', '.join(UNITS)}",
        (
            *(
                gives(type, RuntimeCall(_CALENDAR, "date_trunc"), unit=STRING, time=type)
                for type in _BOTH
            ),
            gives(
                TIMESTAMP,
                RuntimeCall(_ZONES, "date_trunc_in"),
                CONVERTS,
                unit=STRING,
                time=TIMESTAMP,
                zone=STRING,
            ),
        ),
        examples(
            ('date_trunc("hour", 2024-03-05T06:07:08Z)', "2024-03-05T06:00:00Z"),
            ('date_trunc("week", 2024-03-10)', "2024-03-04"),
            ('date_trunc("day", 2024-07-01T23:30Z, "Europe/Berlin")', "2024-07-01T22:00:00Z"),
        ),
        constant={0: Constant("unit", written=True, settles=True), 2: _ZONE},
        corrections={
            "datetrunc": "date_trunc",
            "timestamp_trunc": "date_trunc({1}, {0})",
            "startofday": 'date_trunc("day", {0})',
            "startofmonth": 'date_trunc("month", {0})',
        },
    ),
    Function(
        "date_diff",
        "how many times a unit begins after one time, up to another; negative if that is earlier",
        tuple(
            gives(INT, RuntimeCall(_CALENDAR, "date_diff"), unit=STRING, start=type, end=type)
            for type in _BOTH
        ),
        examples(
            ('date_diff("day", 2024-02-28, 2024-03-01)', "2"),
            ('date_diff("month", 2024-01-31T23:00Z, 2024-02-01T00:00Z)', "1"),
            ('date_diff("hour", 2024-01-02T00:00Z, 2024-01-01T00:00Z)', "-24"),
        ),
        constant={0: Constant("unit", written=True)},
        corrections={"datediff": _datediff, "months_between": 'date_diff("month", {1}, {0})'},
    ),
    Function(
        "add_days",
        "a time so many days later, or earlier",
        tuple(
            gives(type, RuntimeCall(_CALENDAR, "add_days"), COMPUTES, time=type, days=INT)
            for type in _BOTH
        ),
        examples(
            ("add_days(2024-02-28, 2)", "2024-03-01"),
        ),
        corrections={"date_add": "add_days", "adddate": "add_days", "plus_days": "add_days"},
    ),
    Function(
        "add_months",
        "the same day so many months later, or earlier; the last of the month where it has no such",
        tuple(
            gives(type, RuntimeCall(_CALENDAR, "add_months"), COMPUTES, time=type, months=INT)
            for type in _BOTH
        ),
        examples(
            ("add_months(2024-01-31, 1)", "2024-02-29"),
            ("add_months(2024-01-31T10:00Z, -2)", "2023-11-30T10:00:00Z"),
        ),
        corrections={
            "plus_months": "add_months",
            "edate": "add_months",
            "add_years": "add_months({0}, 12 * {1})",
        },
    ),
    Function(
        "last_day",
        "the last day of the month that a time is in",
        tuple(gives(DATE, RuntimeCall(_CALENDAR, "last_day"), time=type) for type in _BOTH),
        examples(
            ("last_day(2024-02-05)", "2024-02-29"),
        ),
        corrections={"eomonth": "last_day", "end_of_month": "last_day"},
    ),
    Function(
        "day_name",
        "the day of the week of a time, in English",
        tuple(gives(STRING, RuntimeCall(_CALENDAR, "day_name"), time=type) for type in _BOTH),
        examples(
            ("day_name(2024-03-05)", '"Tuesday"'),
        ),
        corrections={"dayname": "day_name"},
    ),
    Function(
        "month_name",
        "the month of a time, in English",
        tuple(gives(STRING, RuntimeCall(_CALENDAR, "month_name"), time=type) for type in _BOTH),
        examples(
            ("month_name(2024-03-05)", '"March"'),
        ),
        corrections={"monthname": "month_name"},
    ),
    Function(
        "time_bucket",
        "the start of the interval, counted from 1970 in steps of a length, that a time is in",
        (
            gives(
                TIMESTAMP,
                RuntimeCall(_CALENDAR, "time_bucket"),
                COMPUTES,
                width=DURATION,
                time=TIMESTAMP,
            ),
        ),
        examples(
            ("time_bucket(15m, 2024-03-05T06:37:08Z)", "2024-03-05T06:30:00Z"),
        ),
        corrections={"date_bin": "time_bucket", "bin": "time_bucket({1}, {0})"},
    ),
    *(
        Function(
            name,
            f"the whole {unit} from 1970 to a time, floored",
            (gives(INT, RuntimeCall(_CALENDAR, name), time=TIMESTAMP),),
            examples((f"{name}(2024-03-05T06:07:08.009Z)", value)),
            corrections=dict.fromkeys(words.split(), name),
        )
        for name, unit, value, words in (
            ("epoch", "seconds", "1709618828", "unix_timestamp to_unix epoch_s unixtime"),
            ("epoch_ms", "milliseconds", "1709618828009", "unix_millis to_unix_ms"),
            ("epoch_us", "microseconds", "1709618828009000", "unix_micros to_unix_us"),
        )
    ),
    *(
        Function(
            name,
            f"the time so many {unit} after 1970",
            (gives(TIMESTAMP, RuntimeCall(_CALENDAR, name), CONVERTS, count=INT),),
            examples((f"{name}({count})", "1970-01-01T00:01:30Z")),
            corrections=dict.fromkeys(words.split(), name),
        )
        for name, unit, count, words in (
            (
                "from_epoch_ms",
                "milliseconds",
                "90000",
                "timestamp_millis fromunixtimestampmillis from_unix_ms",
            ),
            ("from_epoch_us", "microseconds", "90000000", "timestamp_micros from_unix_us"),
        )
    ),
    Function(
        "make_date",
        "the date of a year, a month and a day",
        (gives(DATE, RuntimeCall(_CALENDAR, "make_date"), CONVERTS, year=INT, month=INT, day=INT),),
        examples(
            ("make_date(2024, 2, 29)", "2024-02-29"), ("make_date(2023, 2, 29)", "ConversionError")
        ),
        corrections={"datefromparts": "make_date", "date_from_parts": "make_date"},
    ),
    Function(
        "make_timestamp",
        "the time of its parts, in UTC; the hour, minute and second are 0 where they are left out",
        (
            gives(
                TIMESTAMP,
                RuntimeCall(_CALENDAR, "make_timestamp"),
                CONVERTS,
                year=INT,
                month=INT,
                day=INT,
                hour=INT,
                minute=INT,
                second=INT,
                optional_=3,
            ),
        ),
        examples(
            ("make_timestamp(2024, 2, 29, 12)", "2024-02-29T12:00:00Z"),
            ("make_timestamp(2024, 2, 29, 24)", "ConversionError"),
        ),
        corrections={"make_datetime": "make_timestamp", "timestamp_from_parts": "make_timestamp"},
    ),
    Function(
        "seconds",
        "the length of a duration in seconds",
        (gives(FLOAT, MethodCall("total_seconds"), length=DURATION),),
        examples(("seconds(1m30s)", "90.0"), ("seconds(1500ms)", "1.5")),
        corrections={"total_seconds": "seconds", "to_seconds": "seconds"},
    ),
)
