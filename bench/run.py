"""Time W1 by flowc and by others, alternately in one run, and print a Markdown table.

    python -m bench.run
    python -m bench.run --records 100000 --rounds 3 --only flowc --json

Every program is a whole process, run once unmeasured (its output is compared, as data, with the
reference's) and then once in each round: A B C, A B C, … Exits 1 when a program fails or its output
differs; a missed mark is only printed, since a busy machine can cause it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from bench import orders
from bench.contestants import (
    REFERENCE,
    SHAPES,
    Absent,
    Contestant,
    Shape,
    data_file,
    flowc,
    flowc_missing,
    others,
    script,
)
from bench.measure import Sample, available_cores, machine, run
from bench.results import as_json, digest, markdown, marks, rows, without_compiling

SEED = 1
HEAD_RECORDS = 10_000


def prepare(folder: Path, records: int, head: int, shapes: Sequence[Shape]) -> None:
    """Write the inputs that the shapes need, where they are not there in this size already."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "records"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != str(records):
        for old in folder.glob("*.jsonl"):
            old.unlink()
    stamp.write_text(str(records), encoding="utf-8")
    variants: set[orders.Variant] = {"base" if shape == "swapped" else shape for shape in shapes}
    for variant in sorted(variants):
        whole = folder / data_file(variant, head=False)
        if not whole.exists():
            say(f"writing {whole.name}: {records} records")
            partial = whole.with_suffix(".part")
            orders.write(partial, records, SEED, variant, "jsonl")
            partial.rename(whole)
        with whole.open("rb") as lines:
            (folder / data_file(variant, head=True)).write_bytes(b"".join(islice(lines, head)))


def enter(
    folder: Path, only: list[str], records: int, head: int
) -> tuple[list[Contestant], list[Absent]]:
    """The contestants whose name holds one of the words, with the references they need first.

    Writes the inputs they read, since flowc infers the types from them when it builds.
    """

    def wanted(name: str) -> bool:
        return not only or any(word in name for word in only)

    chosen: list[Contestant] = []
    absent: list[Absent] = []
    sides: tuple[Literal["run", "built"], ...] = ("run", "built")
    kinds = [kind for kind in sides if wanted(f"flowc {kind}")]
    missing = flowc_missing() if kinds else ""
    if missing:
        absent += [Absent(f"flowc {kind}", "base", missing) for kind in kinds]
        kinds = []
    prepare(folder, records, head, SHAPES if kinds else ("base",))
    for kind in kinds:
        entries = [(shape, False) for shape in SHAPES]
        if kind == "run":
            entries.append(("base", True))
        for shape, head in entries:
            entry = flowc(folder, shape, kind, head)
            if isinstance(entry, Absent):
                absent.append(entry)
            else:
                chosen.append(entry)
    chosen += [entry for entry in others(len(available_cores())) if wanted(entry.name)]
    needed = {("base", False)} | {(entry.shape, entry.head) for entry in chosen}
    order: list[Contestant] = []
    for shape in SHAPES:
        for head in (True, False):
            if (shape, head) in needed:
                # A program runs soon after its reference: the machine changes within a round too.
                order.append(script(REFERENCE, "best_loop", shape, head=head))
                order += [e for e in chosen if e.shape == shape and e.head == head]
    return order, absent


def measure(entry: Contestant, folder: Path) -> Sample:
    cores = available_cores()[: entry.cores]
    return run(entry.command, folder=folder, cores=cores, variables=entry.variables())


def check(entries: list[Contestant], folder: Path) -> tuple[list[Contestant], list[Absent]]:
    """Run each once and compare its output with its reference's; return who passed and who not."""
    expected: dict[tuple[Shape, bool], tuple[int, str]] = {}
    passed: list[Contestant] = []
    failed: list[Absent] = []
    for entry in entries:
        say(f"checking {entry.name}, {entry.shape}{', head' if entry.head else ''}")
        output = folder / entry.output
        output.unlink(missing_ok=True)
        sample = measure(entry, folder)
        key = (entry.shape, entry.head)
        if sample.code != 0:
            failed.append(Absent(entry.name, entry.shape, sample.failure))
        elif not output.exists():
            failed.append(Absent(entry.name, entry.shape, f"wrote no {entry.output}"))
        elif (found := digest(output)) != expected.setdefault(key, found):
            reason = f"wrong output: {found[0]} records, {expected[key][0]} expected"
            failed.append(Absent(entry.name, entry.shape, reason))
        else:
            passed.append(entry)
    return passed, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WORD",
        help="only programs whose name holds WORD (repeatable); the reference always runs",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="work in DIR, use the inputs found there, and leave inputs and outputs",
    )
    parser.add_argument("--json", action="store_true", help="print JSON in place of Markdown")
    arguments = parser.parse_args()
    if arguments.records < 10 or arguments.rounds < 1:
        parser.error("at least 10 records and 1 round")
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="flowc-bench-"))
    folder = folder.resolve()
    head = min(HEAD_RECORDS, arguments.records // 10)
    try:
        entered, absent = enter(folder, arguments.only, arguments.records, head)
        entries, failed = check(entered, folder)
        broken = [gone for gone in failed if gone.name == REFERENCE]
        if broken:
            say(f"the reference failed on {broken[0].shape}: {broken[0].reason}")
            return 1
        samples: dict[Contestant, list[Sample]] = {entry: [] for entry in entries}
        for number in range(1, arguments.rounds + 1):
            say(f"round {number} of {arguments.rounds}")
            for entry, taken in samples.items():
                taken.append(measure(entry, folder))
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder)
    compiling, net = without_compiling(samples, arguments.records, head)
    table = rows(samples) + net
    found = marks(table)
    gone = absent + failed
    about = {
        "machine": machine(),
        "records": arguments.records,
        "rounds": arguments.rounds,
        "flowc compiles in": compiling if net else None,
    }
    if arguments.json:
        print(json.dumps({**about, **as_json(table, found, gone)}, indent=2))
    else:
        print(f"W1, {arguments.records} records, {arguments.rounds} rounds; {about['machine']}")
        if net:
            print(f"flowc run compiles in {compiling:.3f} s")
        print(f"\n{markdown(table, found, gone)}")
    return 1 if failed else 0


def say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
