"""Functions of time. Timestamps are UTC."""

from __future__ import annotations

from flowc.catalog.spec import Function, FunctionExample, Overload
from flowc.model.effects import CONVERSION_ERROR
from flowc.model.typed import AttributeForm, RuntimeCall
from flowc.model.types import DATE, INT, STRING, TIMESTAMP, Type

_CODES = "%Y %y %m %d %H %I %M %S %f %j %p %b %B %a %A %z %s %%"


def _part(name: str, of: tuple[Type, ...], value: str) -> Function:
    return Function(
        name,
        f"the {name} of a time, in UTC",
        tuple(Overload((("time", type),), INT, AttributeForm(name)) for type in of),
        (FunctionExample(f"{name}(2024-03-05T06:07:08Z)", value),),
        corrections={f"get_{name}": name, f"extract_{name}": name, f"{name}_of": name},
    )


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
        },
    ),
    _part("year", (TIMESTAMP, DATE), "2024"),
    _part("month", (TIMESTAMP, DATE), "3"),
    _part("day", (TIMESTAMP, DATE), "5"),
    _part("hour", (TIMESTAMP,), "6"),
    Function(
        "format_time",
        f"a time as text, in English and UTC, by the codes {_CODES}",
        tuple(
            Overload(
                (("time", type), ("format", STRING)),
                STRING,
                RuntimeCall("values.time", "format_time"),
                errors=frozenset({CONVERSION_ERROR}),
            )
            for type in (TIMESTAMP, DATE)
        ),
        (
            FunctionExample(
                'format_time(2024-03-05T06:07Z, "%d.%m.%Y %H:%M")', '"05.03.2024 06:07"'
            ),
        ),
        corrections={
            "strftime": "format_time",
            "date_format": "format_time",
            "to_char": "format_time",
        },
    ),
    Function(
        "parse_time",
        f"a timestamp read from text by the codes {_CODES}; UTC where the text has no zone",
        (
            Overload(
                (("text", STRING), ("format", STRING)),
                TIMESTAMP,
                RuntimeCall("values.time", "parse_time"),
                errors=frozenset({CONVERSION_ERROR}),
            ),
        ),
        (
            FunctionExample(
                'parse_time("5/3/2024 06:07", "%d/%m/%Y %H:%M")', "2024-03-05T06:07:00Z"
            ),
            FunctionExample('parse_time("soon", "%Y")', error="ConversionError"),
        ),
        corrections={
            "strptime": "parse_time",
            "to_timestamp": "parse_time",
            "parse_date": "parse_time",
        },
    ),
)
