"""The stages of vat and how they are joined."""

from __future__ import annotations

from ._runtime.codecs.jsonlines import JsonLines
from ._runtime.connectors import stdio
from ._runtime.environment import Environment
from ._runtime.errors import ValidationError
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment, UserCode
from ._runtime.tally import Tally
from .processors import add_vat
from .settings import Settings
from .types import Stdin, WithVat

NODES = (
    Node("stdin", "source", "vat.flow:1:3", "-"),
    Node("validate", "stage", "vat.flow:2:3", "validate amount < 1e6"),
    Node("add-vat", "stage", "vat.flow:3:3", "add-vat"),
    Node("stdout", "sink", "vat.flow:4:3", "-"),
)


# vat.flow:2:3  validate amount < 1e6
def validate(records: list[Stdin], tally: Tally) -> list[Stdin]:
    kept: list[Stdin] = []
    for record in records:
        # vat.flow:2:3  validate amount < 1e6
        if not record.amount < 1000000.0:
            tally.reject("validate", record, ValidationError("amount < 1e6 is false"))
            continue
        kept.append(record)
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "stdin": SourceSegment(
            stdio.Source(stdio.SourceOptions(), JsonLines(Stdin), environment), node="stdin"
        ),
        "validate": Fused(validate, nodes=("validate",)),
        "add-vat": UserCode(
            add_vat.process, takes=add_vat.Order, gives=WithVat, kind="maybe", node="add-vat"
        ),
        "stdout": SinkSegment(
            stdio.Sink(stdio.SinkOptions(), JsonLines(WithVat), environment), node="stdout"
        ),
    }
    return Pipeline(
        name="vat",
        nodes=NODES,
        segments=segments,
        links=(("stdin", "validate"), ("validate", "add-vat"), ("add-vat", "stdout")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
