"""The stages of class and how they are joined."""

from __future__ import annotations

from ._runtime.codecs.jsonlines import JsonLines
from ._runtime.connectors import files
from ._runtime.environment import Environment
from ._runtime.records import Node
from ._runtime.segments import Fused, Pipeline, Segment, SinkSegment, SourceSegment
from ._runtime.tally import Tally
from ._runtime.values.numbers import int64
from .settings import Settings
from .types import None_

NODES = (
    Node("import", "source", "class.flow:1:3", "in.jsonl"),
    Node("lambda", "stage", "class.flow:2:3", "set …"),
    Node("filter", "stage", "class.flow:3:3", "filter `from` > 0"),
    Node("print", "sink", "class.flow:4:3", "out.jsonl"),
)


# class.flow:2:3  set … | filter `from` > 0
def lambda__to_filter(records: list[None_], tally: Tally) -> list[None_]:
    kept: list[None_] = []
    for record in records:
        # class.flow:2:3  set …
        from_ = int64(record.from_ * 2)
        class_ = int64(record.class_ * 2)
        a_b = int64(record.a_b_2 * 2)
        a_b_2 = int64(record.a_b * 2)
        column = int64(record.field_ * 2)
        _init = int64(record._init * 2)
        id_ = int64(record.id * 2)
        ID = int64(record.ID * 2)
        date = int64(record.date * 2)
        str_ = int64(record.str * 2)
        record_2 = int64(record.record * 2)
        kept_2 = int64(record.kept * 2)
        finite_2 = int64(record.finite * 2)
        finite_3 = int64(record.finite_2 * 2)
        gro_e = int64(record.gro_e * 2)
        Gro_e = int64(record.Gro_e * 2)
        column_1st = int64(record.field_1st * 2)
        match_ = int64(record.match_ * 2)
        column_2 = int64(record.field_2 * 2)
        _x = int64(record._x * 2)
        UNSET_2 = int64(record.UNSET_ * 2)
        tally_2 = int64(record.tally * 2)
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx = int64(
            record.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx * 2
        )
        # class.flow:3:3  filter `from` > 0
        if not from_ > 0:
            continue
        kept.append(
            None_(
                from_=from_,
                class_=class_,
                a_b_2=a_b,
                a_b=a_b_2,
                field_=column,
                _init=_init,
                id=id_,
                ID=ID,
                date=date,
                str=str_,
                record=record_2,
                kept=kept_2,
                finite=finite_2,
                finite_2=finite_3,
                gro_e=gro_e,
                Gro_e=Gro_e,
                field_1st=column_1st,
                match_=match_,
                field_2=column_2,
                _x=_x,
                UNSET_=UNSET_2,
                tally=tally_2,
                xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,
            )
        )
    tally.drop("filter", len(records) - len(kept))
    return kept


def pipeline(settings: Settings, environment: Environment) -> Pipeline:
    """Wire the parts together; nothing is opened before it runs."""
    segments: dict[str, Segment] = {
        "import": SourceSegment(
            files.Source(files.SourceOptions(path="in.jsonl"), JsonLines(None_), environment),
            node="import",
        ),
        "lambda": Fused(lambda__to_filter, nodes=("lambda", "filter")),
        "print": SinkSegment(
            files.Sink(files.SinkOptions(path="out.jsonl"), JsonLines(None_), environment),
            node="print",
        ),
    }
    return Pipeline(
        name="class",
        nodes=NODES,
        segments=segments,
        links=(("import", "lambda"), ("lambda", "print")),
        digest="0000000000000000000000000000000000000000000000000000000000000000",
    )
