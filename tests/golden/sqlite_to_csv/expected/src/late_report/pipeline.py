"""The stages of late_report and how they are joined."""

from __future__ import annotations

from typing import Any

from ._runtime.codecs.csv import Csv
from ._runtime.connectors import files, sqlite
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment
from ._runtime.tally import Tally
from ._runtime.values.null import required
from .settings import Settings
from .types import Late, Report

NODES = (
    Node("late", "source", "late_report.flow:1:3", "late.db"),
    Node("map", "stage", "late_report.flow:2:3", "map `the carrier` = carrier, class = hours, …"),
    Node("report", "sink", "late_report.flow:3:3", "report.csv"),
)


# late_report.flow:1:3  late.db
def late_from_row(row: tuple[Any, ...]) -> Late:
    carrier, hours, distance, time_hour = row
    return Late(
        carrier=required(carrier, "carrier"),
        hours=hours,
        distance=required(distance, "distance"),
        time_hour=required(time_hour, "time_hour"),
    )


# late_report.flow:3:3  report.csv
def report_to_row(record: Report) -> tuple[object, ...]:
    return (record.the_carrier, record.class_, record.Distance, record.distance)


# late_report.flow:2:3  map `the carrier` = carrier, class = hours, …
def map_(records: list[Late], tally: Tally) -> list[Report]:
    return [
        Report(
            the_carrier=record.carrier,
            class_=record.hours,
            Distance=record.distance,
            distance=record.distance,
        )
        for record in records
    ]


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "late": SourceSegment(
            sqlite.Source(
                sqlite.SourceOptions(path="late.db", table="late"),
                (
                    sqlite.Column("carrier", "string", nullable=False),
                    sqlite.Column("hours", "float"),
                    sqlite.Column("distance", "int", nullable=False),
                    sqlite.Column("time_hour", "timestamp", nullable=False),
                ),
                late_from_row,
                environment,
            ),
            node="late",
        ),
        "map": Fused(map_, nodes=("map",)),
        "report": SinkSegment(
            files.Sink(
                files.SinkOptions(path="report.csv"),
                Csv(("the carrier", "class", "Distance", "distance"), row=report_to_row),
                environment,
            ),
            node="report",
        ),
    }
    return Pipeline(
        name="late_report",
        nodes=NODES,
        segments=segments,
        links=(("late", "map"), ("map", "report")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
