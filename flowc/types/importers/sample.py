"""Record types from samples: the one import for those who read them.

Reading files is the connector's work; here come decoded JSON values, or rows of cells.
"""

from __future__ import annotations

from flowc.types.importers.evidence import FieldEvidence, Inference
from flowc.types.importers.sample_csv import CsvSampler, infer_csv
from flowc.types.importers.sample_json import JsonSampler, infer_json

__all__ = ["CsvSampler", "FieldEvidence", "Inference", "JsonSampler", "infer_csv", "infer_json"]
