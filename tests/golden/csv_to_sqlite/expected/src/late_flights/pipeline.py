"""The stages of late-flights and how they are joined."""

from __future__ import annotations

from ._runtime.codecs.csv import Csv
from ._runtime.codecs.fields import read_bool, read_float, read_int, read_timestamp
from ._runtime.connectors import files, sqlite
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment, Stateful
from ._runtime.state.limit import Limit
from ._runtime.tally import Tally
from ._runtime.values.null import required
from ._runtime.values.numbers import finite
from .settings import Settings
from .types import Flights, Late

NODES = (
    Node("flights", "source", "late-flights.flow:1:3", "flights.csv"),
    Node("filter", "stage", "late-flights.flow:2:3", "filter dep_delay > 15"),
    Node("set", "stage", "late-flights.flow:3:3", "set hours = dep_delay / 60"),
    Node("select", "stage", "late-flights.flow:4:3", "select carrier, hours, distance, time_hour"),
    Node("limit", "stage", "late-flights.flow:5:3", "limit"),
    Node("late", "sink", "late-flights.flow:6:3", "late.db"),
)


# late-flights.flow:1:3  flights.csv
def flights_from_row(row: tuple[str | None, ...]) -> Flights:
    year, carrier, dep_delay, distance, time_hour, cancelled = row
    return Flights(
        year=read_int(year, "year"),
        carrier=required(carrier, "carrier"),
        dep_delay=None if dep_delay is None else read_float(dep_delay, "dep_delay"),
        distance=read_int(distance, "distance"),
        time_hour=read_timestamp(time_hour, "time_hour"),
        cancelled=None if cancelled is None else read_bool(cancelled, "cancelled"),
    )


# late-flights.flow:6:3  late.db
def late_to_row(record: Late) -> tuple[object, ...]:
    return (record.carrier, record.hours, record.distance, record.time_hour)


# late-flights.flow:2:3  filter dep_delay > 15 | set hours = dep_delay / 60 | select carrier, hours, distance, time_hour
def filter_to_select(records: list[Flights], tally: Tally) -> list[Late]:
    kept: list[Late] = []
    for record in records:
        # late-flights.flow:2:3  filter dep_delay > 15
        if not (record.dep_delay is not None and record.dep_delay > 15):
            continue
        # late-flights.flow:3:3  set hours = dep_delay / 60
        hours = None if record.dep_delay is None else finite(record.dep_delay / 60)
        kept.append(
            Late(
                carrier=record.carrier,
                hours=hours,
                distance=record.distance,
                time_hour=record.time_hour,
            )
        )
    tally.drop("filter", len(records) - len(kept))
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "flights": SourceSegment(
            files.Source(
                files.SourceOptions(path="flights.csv"),
                Csv(
                    ("year", "carrier", "dep_delay", "distance", "time_hour", "cancelled"),
                    make=flights_from_row,
                    null_text="NA",
                ),
                environment,
            ),
            node="flights",
        ),
        "filter": Fused(filter_to_select, nodes=("filter", "set", "select")),
        "limit": Stateful(Limit(1000), node="limit"),
        "late": SinkSegment(
            sqlite.Sink(
                sqlite.SinkOptions(path="late.db", table="late"),
                (
                    sqlite.Column("carrier", "string", nullable=False),
                    sqlite.Column("hours", "float"),
                    sqlite.Column("distance", "int", nullable=False),
                    sqlite.Column("time_hour", "timestamp", nullable=False),
                ),
                environment,
                row=late_to_row,
            ),
            node="late",
        ),
    }
    return Pipeline(
        name="late-flights",
        nodes=NODES,
        segments=segments,
        links=(("flights", "filter"), ("filter", "limit"), ("limit", "late")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
