"""TSV: one row of cells between tabs."""

from __future__ import annotations

from flowc.catalog.spec import OperatorExample
from flowc.catalog.texts.csv import Csv


class Tsv(Csv):
    name = "tsv"
    delimiter = "\t"
    doc = "As `csv`, with tabs between the cells."
    read_as = 'tsv [Type] · tsv "a, b"'
    written_as = "tsv"
    read_examples = (
        OperatorExample(
            "Cells between tabs",
            "parse line as tsv {id: int, name: string}",
            '{"line": "1\\tAda"}',
            '{"line": {"id": 1, "name": "Ada"}}',
        ),
    )
    write_examples = ()


TEXT_FORMAT = Tsv()
