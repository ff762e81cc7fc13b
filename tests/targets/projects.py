"""Emitted projects on disk, and what their runs need and leave behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowc.model.files import FileSet, Owner

_ORDERS = """{"id":1,"customer_id":7,"amount":150.25,"status":"paid","country":"DE","note":"x"}
{"id":2,"customer_id":8,"amount":99.0,"status":"paid","country":"DE"}
{"id":3,"customer_id":9,"amount":100,"status":"open","country":"FR"}
{"id":4,"customer_id":7,"amount":1e308,"status":"paid","country":"FR"}
{"id":"five","customer_id":9,"amount":500,"status":"open","country":"FR"}
not json
{"id":6,"customer_id":9,"amount":1e306,"status":"\\u0007 \\"q\\"","country":"日本"}
"""

_FLIGHTS = """year,month,carrier,dep_delay,distance,time_hour,cancelled
2013,1,UA,20,1400,2013-01-01T10:00:00Z,false
2013,1,AA,NA,1089,2013-01-01T10:00:00Z,NA
2013,1,"DL, Inc",15.5,762,2013-01-01 11:00,true
2013,1,B6,-3,944,2013-01-01T10:00:00Z,false
2013,1,B6,nan,944,2013-01-01T10:00:00Z,false
2013,1,NA,99,944,2013-01-01T10:00:00Z,false
2013,1,EV,1_0,229,2013-01-01T10:00:00Z,false
"""

_THINGS = """{"flag":true,"when":"2024-01-31T10:00:00+02:00","day":null,"price":1.10,\
"exact":1.2345678901234567890123,"wide":18446744073709551615,\
"tree":{"value":1,"left":{"value":2,"left":null,"right":null},"right":null},\
"key":"6a2f41a3-c54c-fce8-32d2-0324e1c32e22","kind":"a","tags":["x"],"counts":{"k":1},\
"address":{"city":"Köln"},"others":[null,{"city":"Ulm","zip":"89073"}],"extra":{"a":[1,null]},\
"paid":{"by":"card","number":"1"}}
{"flag":false,"note":"n","when":"2024-01-31T10:00:00Z","day":"2024-02-29","price":"2",\
"exact":3,"wide":0,"tree":{"value":1,"left":null,"right":null},\
"key":"6a2f41a3-c54c-fce8-32d2-0324e1c32e22","kind":"b\\"c","tags":[],"counts":{},\
"address":{"city":"Bonn","zip":"53111"},"others":[],"extra":null,\
"paid":{"currency":"EUR","by":"cash"}}
{"flag":false,"when":"2024-01-31T10:00:00Z","unknown":1}
"""

_OPEN = """{"x":1.10,"b":"text","a":1,"c":3,"gone":[1]}
{"a":2,"b":"","y":{"c":null}}
{"a":"3","b":""}
"""

_ODD = (
    '{"from":1,"class":2,"a-b":3,"a_b":4,"":5,"__init__":6,"id":7,"ID":8,"date":9,"str":10,'
    '"record":11,"kept":12,"finite":13,"\\ufb01nite":14,"gr\\u00f6\\u00dfe":15,'
    '"Gr\\u00f6\\u00dfe":16,"1st":17,"match":18,"_":19,"__x":20,"UNSET":21,"tally":22,"'
    + "x" * 300
    + '":23}\n'
)


@dataclass(frozen=True)
class Fixture:
    """What lies in the folder of a run, its stdin and variables, and the files it makes."""

    files: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    makes: tuple[str, ...] = ()
    table: tuple[str, str] | None = None


FIXTURES = {
    "w1": Fixture({"orders.jsonl": _ORDERS}, makes=("big_orders.jsonl",)),
    "csv_to_sqlite": Fixture({"flights.csv": _FLIGHTS}, table=("late.db", "late")),
    "sqlite_to_csv": Fixture(
        {
            "late.db": "CREATE TABLE late (carrier TEXT, hours REAL, distance INT, time_hour TEXT);"
            "INSERT INTO late VALUES ('UA', 0.5, 7, '2024-01-01T00:00:00Z');"
            "INSERT INTO late VALUES ('a, \"b\"', NULL, 8, '2024-01-01T00:00:00Z');"
            "INSERT INTO late VALUES (NULL, 1, 9, '2024-01-01T00:00:00Z');"
            "INSERT INTO late VALUES ('DL', 1, 'far', '2024-01-01T00:00:00Z');"
        },
        makes=("report.csv",),
    ),
    "route_and_tee": Fixture({"orders.jsonl": _ORDERS}, makes=("all.jsonl", "rest.jsonl")),
    "user_code": Fixture(
        stdin='{"id":1,"amount":100}\n{"id":2,"amount":0}\n{"id":3,"amount":-1}\n'
        '{"id":4,"amount":2e6}\n'
    ),
    "odd_names": Fixture({"in.jsonl": _ODD + '{"from":1,"other":2}\n'}, makes=("out.jsonl",)),
    "settings": Fixture(
        {"in/orders-2024-01-31.jsonl": _ORDERS},
        variables={"FOLDER": "in", "API_TOKEN": "out.jsonl", "MINIMUM": "99.5"},
        makes=("out.jsonl",),
    ),
    "every_type": Fixture({"things.jsonl": _THINGS}, makes=("copies.jsonl",)),
    "open_records": Fixture({"things.jsonl": _OPEN}, makes=("copies.jsonl",)),
}


def lay(fixture: Fixture, folder: Path) -> None:
    """Put a fixture's files into a folder."""
    folder.mkdir(parents=True)
    for name, text in fixture.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".db"):
            with sqlite3.connect(path) as connection:
                connection.executescript(text)
            connection.close()
        else:
            path.write_text(text, encoding="utf-8")


def made(fixture: Fixture, folder: Path) -> dict[str, object]:
    """What a run left: its files' bytes and its table's rows."""
    found: dict[str, object] = {name: (folder / name).read_bytes() for name in fixture.makes}
    if fixture.table is not None:
        path, table = fixture.table
        with sqlite3.connect(folder / path) as connection:
            found[table] = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
        connection.close()
    return found


def write(fileset: FileSet, folder: Path) -> None:
    """Write every file of a file set."""
    for path, file in fileset:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.text.encode())


def own_files(fileset: FileSet) -> dict[str, str]:
    """The files that a project would be reviewed by: not the runtime's, nor their hashes."""
    return {
        path: file.text
        for path, file in fileset
        if file.owner is not Owner.VENDORED and path != "flowc.lock.json"
    }
