"""``mask``, ``hash``, ``redact``: nested, null, absent; the salt; what they refuse."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from flowing import codes, ran, request

from flowc import compile as road
from flowc.types.show import show
from flowc_runtime.values.protect import keyed_hash, mask

SOURCE = "in.jsonl as {id: int, c: {n: string, z: int}, m?: string?, e: enum('a', 'b')} key id"
LINES = (
    '{"id":1,"c":{"n":"12345","z":9},"m":"xyz","e":"a"}\n'
    '{"id":2,"c":{"n":"","z":9},"m":null,"e":"b"}\n{"id":3,"c":{"n":"ab","z":9},"e":"b"}\n'
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text(LINES)


@pytest.mark.parametrize(
    ("text", "keep", "masked"),
    [
        ("1234", 0, "****"),
        ("1234", 3, "*234"),
        ("1234", 4, "****"),
        ("1234", 9, "****"),
        ("", 2, ""),
        ("äöü€", 1, "***€"),
    ],
)
def test_mask(text: str, keep: int, masked: str) -> None:
    assert mask(text, keep) == masked


def test_mask_in_a_record_null_and_absent(tmp_path: Path) -> None:
    got = ran(f"{SOURCE} | mask c.n, m, e keep 2 | drop id | out.jsonl", tmp_path)
    assert got.rows == [
        {"c": {"n": "***45", "z": 9}, "m": "*yz", "e": "*"},
        {"c": {"n": "", "z": 9}, "m": None, "e": "*"},
        {"c": {"n": "**", "z": 9}, "m": None, "e": "*"},
    ]


def test_redact_by_type(tmp_path: Path) -> None:
    chain = f"{SOURCE} | redact c.n, c.z, m, e | out.jsonl"
    assert ran(chain, tmp_path).rows == [
        {"id": 1, "c": {"n": "[redacted]", "z": None}, "m": "[redacted]", "e": None},
        {"id": 2, "c": {"n": "[redacted]", "z": None}, "m": None, "e": None},
        {"id": 3, "c": {"n": "[redacted]", "z": None}, "m": None, "e": None},
    ]
    row = road.check(request(chain, tmp_path)).typed[0].types["redact"].ports["out"]
    assert show(row) == ('{id: int, c: {n: string, z: int?}, m: string?, e: enum("a", "b")?}')


def test_hash_with_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEPPER", "s3")
    chain = f'{SOURCE} | hash c.n, m with "${{PEPPER}}" | select n = c.n, m | out.jsonl'
    expected = [hmac.new(b"s3", text, "sha256").hexdigest() for text in (b"12345", b"", b"ab")]
    got = ran(chain, tmp_path)
    assert [row["n"] for row in got.rows] == expected
    assert [row["m"] for row in got.rows] == [
        hmac.new(b"s3", b"xyz", "sha256").hexdigest(),
        None,
        None,
    ]


def test_a_salt_is_a_secret_whatever_it_is_called(tmp_path: Path) -> None:
    chain = f'{SOURCE} | hash m with "${{PEPPER:-x1y2}}" | out.jsonl'
    emitted = road.emit(request(chain, tmp_path))
    (plan,) = emitted.plans
    assert [(setting.variable, setting.secret) for setting in plan.settings] == [("PEPPER", True)]
    (fileset,) = emitted.filesets.values()
    (settings,) = (file.text for path, file in fileset if path.endswith("pipeline/settings.py"))
    assert "pepper: Annotated[Secret, " in settings
    assert "x1y2" not in settings


def test_hash_of_any_type(tmp_path: Path) -> None:
    got = ran(f"{SOURCE} | hash id, c | select id, c | limit 1 | out.jsonl", tmp_path)
    assert got.rows == [
        {
            "id": hashlib.sha256(b"1").hexdigest(),
            "c": hashlib.sha256(b'{"n":"12345","z":9}').hexdigest(),
        }
    ]
    assert keyed_hash({"b": 1, "a": 2}, "k") == keyed_hash({"a": 2, "b": 1}, "k")


@pytest.mark.parametrize("stage", ["mask e", "hash id", "redact id"])
def test_what_is_replaced_is_no_key_any_more(stage: str, tmp_path: Path) -> None:
    checked = road.check(request(f"{SOURCE} | {stage} | out.jsonl", tmp_path))
    keys = checked.typed[0].types[stage.split()[0]].facts.keys
    assert keys == ({("id",)} if "id" not in stage else frozenset())


@pytest.mark.parametrize(
    ("stage", "rows"),
    [
        ("mask: c.n keep 1", ["****5", "", "*b"]),
        ("mask: {fields: c.n, keep: 1}", ["****5", "", "*b"]),
        ("redact: [c.n, m]", ["[redacted]"] * 3),
    ],
)
def test_yaml(stage: str, rows: list[str], tmp_path: Path) -> None:
    source = SOURCE.replace("'", "''")
    text = f"source: '{source}'\nprocess:\n  - {stage}\nsink: out.jsonl\n"
    assert [row["c"]["n"] for row in ran(text, tmp_path, name="p.yaml").rows] == rows


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("mask id", ["FC0367"]),
        ("mask c keep 2", ["FC0367"]),
        ("mask e keep 99999999999", ["FC0368"]),
        ("mask e, e", ["FC0331"]),
        ("mask nope", ["FC0302"]),
        ('hash m with "a${B}"', ["FC0369"]),
        ('hash m with ""', ["FC0369"]),
        ("hash c[0]", ["FC0332"]),
        ("redact c.nope", ["FC0302"]),
    ],
)
def test_refused(stage: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(f"{SOURCE} | {stage} | out.jsonl", tmp_path) == expected


def test_the_other_fields_of_a_record_are_there_when_only_one_is_used(tmp_path: Path) -> None:
    got = ran(f"{SOURCE} | set c.n = upper(c.n) | select n = c.n | limit 1 | out.jsonl", tmp_path)
    assert got.rows == [{"n": "12345"}]
