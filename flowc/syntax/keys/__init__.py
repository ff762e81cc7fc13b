"""The keys of a pipeline file. Closed: a key that does not stand here is an error.

The models name the keys and say what they are for; the JSON Schema that editors use is
made from them. `document` reads the files and `blocks` what stands in a block, so that a
message has its place.
"""

from __future__ import annotations

from flowc.syntax.keys.base import Keys, names, refused
from flowc.syntax.keys.pipeline import Branch, Node, Pipeline, PipelineFile, Source, Stream

__all__ = [
    "Branch",
    "Keys",
    "Node",
    "Pipeline",
    "PipelineFile",
    "Source",
    "Stream",
    "names",
    "refused",
]
