"""Runs pipelines by one process and by several, over awkward inputs cut into small ranges.

A program of its own, since processes are only copied where no other thread runs. Prints what
differs, and how many inputs were worked on in ranges to their end.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from flowc.compile import COMMAND_LINE, Request, emit
from flowc.launch.run import run
from flowc.model.files import FileSet
from flowc.model.source import SourceFile
from flowc_runtime import parallel
from flowc_runtime.engine import RunOptions
from flowc_runtime.environment import Environment

ORDER = "{id: int, amount: number, kind?: string?, at: timestamp, pair?: {x: float}}"
PIPELINES = {
    "computed": f"IN as {ORDER} | filter amount > 3 | set half = amount / 2, q = 10 // id | OUT",
    "routed": (
        f"IN as {ORDER} | route {{ amount > 5: set big = true | OUT; "
        "else: explode pairs = [id, id + 1] | select id, pairs | OUT2 }"
    ),
    "grouped": (
        f"IN as {ORDER} | aggregate n = count(), s = sum(amount), m = avg(amount), a = min(id), "
        "z = max(at), f = first(id), l = last(kind), all = collect(id), d = count_distinct(kind), "
        "some = sum(amount) where id > 3 by kind | set n2 = n * 2 | OUT"
    ),
    "teed": (
        f"IN as {ORDER} | tee {{ explode n = [id, id + 1] | set q = 10 // n | OUT; "
        "filter amount < 1e15 | set q = 10 // (id - 1), r = int(amount) | OUT2 }"
    ),
    "windows": (
        f"IN as {ORDER} time at | aggregate n = count(), s = sum(amount), l = last(id) by kind "
        "over tumbling 2d | OUT"
    ),
    "sliding": f"IN as {ORDER} time at | top 2 amount desc, id over sliding 3d every 1d | OUT",
    "whole": f"IN as {ORDER} | aggregate n = count(), s = sum(pair.x) | OUT",
    "matched": (
        f"IN as {ORDER} | lookup TABLE_BY_KIND as a on kind == a.kind | join TABLE_BY_N as b on id == b.n"
        " | set label = a.label ?? b.label | OUT"
    ),
}
CSV = {
    "computed": "IN as {id: int, amount: float, kind: string?} | set q = 10 // id | OUT",
    "grouped": (
        "IN as {id: int, amount: float, kind: string?} "
        "| aggregate n = count(), s = sum(amount), f = first(id) by kind | OUT"
    ),
}


class Fixed(Environment):
    """A world in which it is always the same time, and files give a few bytes at once."""

    def __init__(self, most: int) -> None:
        super().__init__({})
        self._most = most

    def now(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC)

    def reading(self, file: BinaryIO) -> Callable[[int], bytes]:
        return lambda size: file.read(min(size, self._most))


def lines(random: random.Random, awkward: bool) -> str:
    """JSON lines; awkward ones have values over several lines and what is no JSON."""
    made: list[str] = []
    for number in range(random.randrange(3, 60)):
        amount = random.choice(["0.1", "1e16", "-1e16", "3", "7.25", str(number)])
        kind = random.choice(['"a"', '"b"', "null", '"\\u2028é"', '"a\\nb"'])
        at = f'"2024-01-0{random.randrange(1, 9)}T00:00:00.1234567Z"'
        value = f'{{"id": {number % 5}, "amount": {amount}, "kind": {kind}, "at": {at}}}'
        if random.random() < 0.2:
            value = value[:-1] + f', "pair": {{"x": {random.random()}}}}}'
        if random.random() < 0.1:
            value = value.replace(f'"kind": {kind}, ', "")
        made.append(value)
        if awkward and random.random() < 0.25:
            made.append(
                random.choice(
                    [
                        '{"id": "x", "amount": 1}',
                        "{",
                        "}",
                        "",
                        "   ",
                        '{"id": 1,\n "amount": 4,\n "at": "2024-01-01T00:00:00Z"\n}',
                        '{"id": 1, "amount": 4, "at": "2024-01-01T00:00:00Z"} {"id": 2}',
                        "no json",
                        '"text',
                        "\x00",
                    ]
                )
            )
    return "\n".join(made) + random.choice(["\n", "", "\n\n"])


def table(random: random.Random, awkward: bool) -> str:
    """CSV; awkward tables have quoted line ends and rows of another width."""
    made = ["id,amount,kind"]
    for number in range(random.randrange(3, 60)):
        kind = random.choice(["a", "b", "", '""', '"a,b"'])
        if awkward and random.random() < 0.2:
            kind = random.choice(['"two\nlines"', '"a\n\n,b"', 'a"b', '"open', "c,d"])
        made.append(f"{number % 4},{random.choice([0.1, 2.5, 1e16])},{kind}")
    return "\n".join(made) + random.choice(["\n", ""])


def compiled(text: str) -> FileSet:
    emitted = emit(Request(SourceFile(COMMAND_LINE, text)), formatted=False)
    assert emitted.filesets, emitted.checked.diagnostics
    (fileset,) = emitted.filesets.values()
    return fileset


def outcome(
    fileset: FileSet, folder: Path, workers: int, size: int, most: int = 64
) -> tuple[object, ...]:
    """What a run gives: code, books, and every byte that it writes."""
    for name in ("out.jsonl", "out2.jsonl", "dead.jsonl"):
        (folder / name).unlink(missing_ok=True)
    options = RunOptions(workers=workers, range_bytes=size, dead_letter=str(folder / "dead.jsonl"))
    result = run(fileset, options, environment=Fixed(most))
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name not in ("in.jsonl", "in.csv")
    }
    books = [
        (name, account.received, account.passed, dict(account.dropped), account.dead,
         account.absorbed, account.produced, account.confirmed)
        for name, account in result.accounts.nodes.items()
    ]  # fmt: skip
    said = "" if result.diagnosis is None else result.diagnosis.message
    return result.exit_code, said, result.details, result.accounts.cut_timestamps, books, files


def main(seed: int, count: int) -> int:
    found = 0
    in_ranges = 0
    reads = parallel.Parallel.read

    def counted(*words: object, **more: object) -> object:
        nonlocal in_ranges
        rest = reads(*words, **more)  # type: ignore[arg-type]
        in_ranges += rest is None
        return rest

    parallel.Parallel.read = counted  # type: ignore[method-assign,assignment]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = folder / "names.csv"
        names.write_text("kind,n,label\na,1,one\nb,3,\n,4,four\n")
        by = f"{names} as {{kind: string?, n: int, label: string?}} key"
        for ending, texts, write in (("jsonl", PIPELINES, lines), ("csv", CSV, table)):
            data = folder / f"in.{ending}"
            for kind, text in texts.items():
                for word, path in (("OUT2", "out2.jsonl"), ("OUT", "out.jsonl")):
                    text = text.replace(word, str(folder / path))
                for word, key in (("TABLE_BY_KIND", "kind"), ("TABLE_BY_N", "n")):
                    text = text.replace(word, f'"{by} {key}"')
                fileset = compiled(text.replace("IN", str(data), 1))
                for number in range(seed, seed + count):
                    chosen = random.Random(f"{kind} {number}")
                    with data.open("w", encoding="utf-8", newline="") as file:
                        file.write(write(chosen, number % 2 == 1))
                    size = chosen.choice([16, 100, 1024])
                    expected = outcome(fileset, folder, 1, size)
                    for workers, most in ((2, 64), (3, 64), (1, 1 << 20), (1, 1000)):
                        got = outcome(fileset, folder, workers, size, most)
                        if got != expected:
                            found += 1
                            print(
                                f"{ending} {kind} {number}, {workers} workers, ranges of {size}, {most} bytes:"
                            )
                            if found == 1:
                                print(data.read_text(), expected, got, sep="\n---\n")
    print(f"{found} differ; {in_ranges} in ranges")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
