"""The parts of `flowc run` that face the terminal."""

from __future__ import annotations

import io
import os
import threading
import time
from dataclasses import replace

import pytest

from flowc.cli.support.show import output, progress
from flowc.cli.support.show.output import TerminalEnvironment, read_sample
from flowc.cli.support.show.progress import Progress
from flowc.cli.support.show.summary import as_diagnostic, summary
from flowc.cli.support.terminal import Terminal
from flowc_runtime.engine import Result
from flowc_runtime.errors import Diagnosis
from flowc_runtime.records import Node
from flowc_runtime.tally import Accounts, Tally


def books() -> Accounts:
    nodes = (
        Node("orders", "source", "orders.flow:1:1", "orders.jsonl"),
        Node("filter", "stage", "orders.flow:1:16", "filter amount > 100"),
        Node("big", "sink", "orders.flow:1:40", "big.jsonl"),
    )
    accounts = Accounts(nodes)
    tally = Tally()
    tally.drop("filter", 700)
    accounts.settle(("orders",), 1000, 1000, Tally())
    accounts.settle(("filter",), 1000, 300, tally)
    accounts["big"].received = accounts["big"].confirmed = 300
    return accounts


RESULT = Result(books(), 0, 2.0, 0, "orders.dead.jsonl")


def test_the_summary_shows_every_node() -> None:
    assert summary(RESULT) == (
        "             in    out\n"
        "  orders  1,000  1,000\n"
        "  filter  1,000    300  700 filtered\n"
        "  big       300    300\n"
        "1,000 records in 2.00 s (500/s)\n"
    )


def test_the_summary_names_dead_letters_and_signals() -> None:
    last = summary(replace(RESULT, dead_letters=1, signal=2)).splitlines()[-1]
    assert last.endswith("; 1 dead letter in orders.dead.jsonl; stopped by SIGINT")


def test_a_diagnosis_becomes_a_diagnostic() -> None:
    found = as_diagnostic(
        Diagnosis("FC0801", "no file", "it is not there", ("Check the path", "SQLite it"))
    )
    assert found.code.id == "FC0801"
    assert found.notes == ("it is not there",)
    assert [fix.title for fix in found.fixes] == ["check the path", "SQLite it"]


class Kept(TerminalEnvironment):
    """Keeps what goes through to the real stdout."""

    def __init__(self, *, as_table: bool) -> None:
        super().__init__({}, as_table=as_table)
        self.gone = io.BytesIO()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    made = Kept(as_table=True)
    monkeypatch.setattr(
        output.Environment, "write_stdout", lambda self, data: self.gone.write(data)
    )
    return made


def test_rows_become_a_table_however_they_come(kept: Kept) -> None:
    data = b"".join(b'{"id": %d, "name": "n%d"}\n' % (i, i) for i in range(100))
    for at in range(0, len(data), 7):
        kept.write_stdout(data[at : at + 7])
    text = kept.table(width=80, ascii=True)
    assert kept.gone.getvalue() == b""
    assert text.splitlines()[0] == "id  name"
    assert text.splitlines()[2] == " 0  n0"
    assert "... and 80 more" in text
    assert len(text.splitlines()) == 2 + 20 + 1


def test_other_output_goes_through(kept: Kept) -> None:
    kept.write_stdout(b"id,name\n")
    kept.write_stdout(b"1,a\n")
    assert kept.gone.getvalue() == b"id,name\n1,a\n"
    assert kept.table(width=80, ascii=True) == ""


def test_output_that_turns_out_other_loses_nothing(kept: Kept) -> None:
    kept.write_stdout(b'{"a": 1}\n7\n{"a": 2}\n')
    assert kept.gone.getvalue() == b'{"a": 1}\n7\n{"a": 2}\n'


def test_what_was_read_ahead_is_read_again() -> None:
    world = TerminalEnvironment({}, ahead=b"abcdef")
    assert world.read_stdin(4) == b"abcd"
    assert world.read_stdin(4) == b"ef"


def test_a_sample_ends_with_the_input_or_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_PATIENCE", 0.05)
    read, write = os.pipe()
    os.write(write, b'{"a": 1}\n{"a"')
    assert read_sample(read) == b'{"a": 1}\n{"a"'
    os.write(write, b"rest")
    os.close(write)
    assert read_sample(read) == b"rest"
    os.close(read)


def test_a_sample_waits_for_a_whole_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_PATIENCE", 0.02)
    read, write = os.pipe()
    os.write(write, b'{"a": ')

    def later() -> None:
        time.sleep(0.2)
        os.write(write, b"1}\n")

    thread = threading.Thread(target=later)
    thread.start()
    assert read_sample(read) == b'{"a": 1}\n'
    thread.join()
    os.close(read)
    os.close(write)


def terminal(*, live: bool, quiet: bool = False) -> tuple[Terminal, io.StringIO]:
    err = io.StringIO()
    made = Terminal(io.StringIO(), err, False, live, False, False, True, True, 80, quiet)
    return made, err


def test_plain_progress_is_sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    to, err = terminal(live=False)
    with Progress(to) as watched:
        for second in range(100):
            now[0] = float(second)
            watched.progress("orders", books())
    lines = err.getvalue().splitlines()
    assert lines[0] == "1,000 read, 300 to sinks (100 records/s, 10 s)"
    assert len(lines) == 4


def test_quiet_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    to, err = terminal(live=False, quiet=True)
    with Progress(to) as watched:
        now[0] = 1000.0
        watched.progress("orders", books())
    assert err.getvalue() == ""


def test_a_terminal_has_a_live_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_FIRST_LIVE", 0.0)
    to, err = terminal(live=True)
    with Progress(to) as watched:
        watched.progress("orders", books())
    assert "1,000 read" in err.getvalue()
