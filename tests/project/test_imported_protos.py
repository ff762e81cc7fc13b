"""What schema files import of Protocol Buffers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.project.test_imported_schemas import Project

ORDER = """\
syntax = "proto3";
package shop.v1;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "shop/money.proto";
message Order {
  enum Status { UNKNOWN = 0; PAID = 1; }
  message Item { string sku = 1; uint32 count = 2; }
\tint64 id = 1;
  Status status = 2;
  repeated Item items = 3;
  map<string, Money> totals = 4;
  google.protobuf.Timestamp at = 5;
  oneof pay { string card = 6; bool cash = 7; }
  optional string note = 8;
  google.protobuf.Int64Value limit = 9;
  Order parent = 10;
  google.protobuf.Struct more = 11;
  repeated google.protobuf.Duration gaps = 12;
  bytes raw = 13; float f = 14; double d = 15; fixed64 u = 16; sint32 s = 17; bool b = 18;
}
message Other { google.protobuf.Any extra = 1; }
"""
MONEY = """\
syntax = "proto2";
package shop.v1;
message Money {
  required string currency = 1;
  optional double amount = 2;
  repeated int32 parts = 3;
}
"""
FILES = {"proto/shop/order.proto": ORDER, "proto/shop/money.proto": MONEY}


@pytest.fixture(autouse=True)
def _protoc() -> None:
    pytest.importorskip("grpc_tools")


def test_messages_are_types(tmp_path: Path) -> None:
    imports = "types: {Buy: {$import: ../proto/shop/order.proto#Order}}"
    found = Project(tmp_path, imports, FILES)
    assert found.codes == []
    assert found.types == {
        "Buy": (
            "{id: int, status: OrderStatus, items: list<OrderItem>, totals: map<Money>,"
            " at?: timestamp, card?: string, cash?: bool, note?: string, limit?: int?,"
            " parent?: Buy, more?: map<json>, gaps: list<duration>, raw: bytes, f: float,"
            " d: float, u: uint64, s: int32, b: bool}"
        ),
        "OrderStatus": 'enum("UNKNOWN", "PAID")',
        "OrderItem": "{sku: string, count: uint32}",
        "Money": "{currency: string, amount?: float, parts: list<int32>}",
    }
    assert {"order.proto", "money.proto"} <= found.read
    place = found.named["Money"].span
    assert (place.source.name.endswith("money.proto"), place.text) == (True, "Money")


def test_all_messages_and_names_with_a_package(tmp_path: Path) -> None:
    found = Project(tmp_path, "$import: ../proto/shop/order.proto", FILES)
    assert list(found.types) == ["Order", "OrderStatus", "OrderItem", "Other", "Money"]
    assert found.types["Other"] == "{extra?: json}"
    (warning,) = found.diagnostics
    assert warning.code.id == "FC0752"
    assert warning.span is not None
    assert warning.span.text == "extra"
    imports = "types: {A: {$import: ../proto/shop/money.proto#shop.v1.Money}, Money: {x: int}}"
    assert set(Project(tmp_path, imports, FILES).types) == {"A", "Money"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('syntax = "proto3"; message A { B b = 1; }', "FC0755"),
        ('syntax = "proto3"; import "no.proto"; message A {}', "FC0755"),
        ('syntax = "proto3"; message B {}', "FC0750"),
        ("", "FC0750"),
    ],
)
def test_what_cannot_be_compiled_is_told(text: str, code: str, tmp_path: Path) -> None:
    found = Project(tmp_path, "types: {A: {$import: a.proto}}", {"schemas/a.proto": text})
    assert found.codes == [code]
    assert found.types == {"A": "unknown"}


def test_an_import_does_not_leave_the_project(tmp_path: Path) -> None:
    (tmp_path / "out.proto").write_text('syntax = "proto3"; message Out { string secret = 1; }')
    text = 'syntax = "proto3"; import "link.proto"; message A { Out out = 1; }'
    folder = tmp_path / "p"
    (folder / "schemas").mkdir(parents=True)
    (folder / "schemas/link.proto").symlink_to(tmp_path / "out.proto")
    imports = "types: {A: {$import: a.proto}}"
    assert Project(folder, imports, {"schemas/a.proto": text}).codes == ["FC0704"]
    above = text.replace("link.proto", "../../out.proto")
    assert Project(folder, imports, {"schemas/a.proto": above}).codes == ["FC0755"]


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grpc_tools", None)
    monkeypatch.setattr("flowc.project.protoc.find_spec", lambda name: None)
    found = Project(tmp_path, "$import: ../proto/shop/order.proto", FILES)
    (error,) = found.diagnostics
    assert error.code.id == "FC0755"
    assert "grpcio-tools" in error.message
