"""The key models agree with the reader, since editors get a JSON Schema of them."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from flowc.syntax import keys
from tests.syntax import corpus

_YAML = [
    (case.name, source)
    for case in corpus.cases()
    for source in corpus.inputs(case)
    if source.name == "input.yaml"
]


@pytest.mark.parametrize(("name", "source"), _YAML, ids=[name for name, _ in _YAML])
def test_the_models_accept_what_is_read(name: str, source: object) -> None:
    reading = corpus.read(source)  # type: ignore[arg-type]
    codes = {found.code.id for found in reading.findings} - {"FC0161"}
    if codes:
        pytest.skip("a file with errors")
    for document in yaml.load_all(reading.source.text, Loader=yaml.BaseLoader):
        keys.PipelineFile.model_validate(document)


def test_the_models_refuse_unknown_keys() -> None:
    with pytest.raises(ValidationError):
        keys.PipelineFile.model_validate({"sourc": "a.jsonl"})


def test_every_key_says_what_it_is_for() -> None:
    for model in (keys.PipelineFile, keys.Source, keys.Stream, keys.Branch):
        for field in model.model_fields.values():
            assert field.description


def test_a_json_schema_can_be_made() -> None:
    schema = keys.PipelineFile.model_json_schema(by_alias=True)
    assert schema["additionalProperties"] is False
    assert {"source", "sinks", "streams"} <= set(schema["properties"])
