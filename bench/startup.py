"""Time what a person waits for: `flowc --help`, and `flowc validate` of pipelines of many stages.

    python -m bench.startup
    python -m bench.startup --stages 10 100 1000 --rounds 3 --json

Exits 1 when a command fails. Each command is a whole process on one core, the median over the rounds. The growth of validate is
its time less that of the smallest pipeline, over n log n, with 1.00 for the largest pipeline of at
most 1,000 stages: a column that stays near 1 says that it grows like n log n.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from math import log2
from pathlib import Path
from statistics import median

from bench.measure import available_cores, machine, run

HELP_MARK_SECONDS = 0.2
VALIDATE_MARK_SECONDS = 1.0
VALIDATE_MARK_STAGES = 1000
FLOWC = (sys.executable, "-m", "flowc")

# Fields are replaced, not added: the row stays as wide however many stages there are.
STAGES = (
    "filter amount > {n}",
    "set net = round(amount * 0.8, 2)",
    "set status = lower(trim(status)), amount = amount + {n}.5",
    "rename buyer = customer",
    'validate net < 1e9 and status != "lost{n}"',
    "rename customer = buyer",
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command to time; `stages` is 0 where it is not about a pipeline."""

    what: str
    stages: int
    line: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """A command's median wall time in seconds and its peak memory in bytes."""

    what: str
    stages: int
    wall: float
    peak: int


def pipeline(stages: int) -> str:
    """The text of a valid pipeline of so many stages."""
    # A whole number of rounds of STAGES leaves `customer` named as at the start.
    body = [text.format(n=n) for n, text in enumerate(islice(cycle(STAGES), stages))]
    record = "{id: int, customer: string, amount: float, status: string, net: float}"
    return "\n| ".join([f"orders.jsonl as {record}", *body, "out.jsonl"]) + "\n"


def write_project(folder: Path, stages: Sequence[int]) -> None:
    """Write one pipeline file for each size, and the input that all of them name."""
    order = {"id": 1, "customer": "Ada", "amount": 120.5, "status": "paid", "net": 0.0}
    (folder / "orders.jsonl").write_text(json.dumps(order) + "\n", encoding="utf-8")
    for size in stages:
        (folder / f"stages_{size}.flow").write_text(pipeline(size), encoding="utf-8")


def growth(timings: Sequence[Timing]) -> dict[int, float]:
    """By the number of stages: the time beyond the smallest's over n log n, scaled to 1.00."""
    if not timings:
        return {}
    smallest, *larger = timings
    rates = {
        timing.stages: (timing.wall - smallest.wall)
        / (timing.stages * log2(timing.stages) - smallest.stages * log2(smallest.stages))
        for timing in larger
    }
    anchors = [size for size in rates if size <= VALIDATE_MARK_STAGES] or list(rates)
    if not anchors or rates[max(anchors)] <= 0:
        return {}
    return {size: rate / rates[max(anchors)] for size, rate in rates.items()}


def measure(folder: Path, commands: Sequence[Command], rounds: int) -> list[Timing]:
    """Time the commands alternately; one that fails is reported on standard error and left out."""
    walls: dict[Command, list[float]] = {}
    peaks: dict[Command, int] = {}
    core = available_cores()[:1]
    # A first round, not counted, warms the disk cache and writes the bytecode.
    for command in commands:
        sample = run(command.line, folder=folder, cores=core)
        if sample.code == 0:
            walls[command], peaks[command] = [], sample.peak
        else:
            stages = f" of {command.stages} stages" if command.stages else ""
            print(f"Left out: {command.what}{stages}: {sample.failure}", file=sys.stderr)
    for _ in range(rounds):
        for command, taken in walls.items():
            sample = run(command.line, folder=folder, cores=core)
            taken.append(sample.wall)
            peaks[command] = max(peaks[command], sample.peak)
    return [
        Timing(command.what, command.stages, median(taken), peaks[command])
        for command, taken in walls.items()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stages", type=int, nargs="+", default=[10, 30, 100, 300, 1000, 5000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON in place of Markdown")
    arguments = parser.parse_args()
    stages = sorted(set(arguments.stages))
    if stages[0] < 1 or arguments.rounds < 1:
        parser.error("at least 1 stage and 1 round")
    commands = [Command("python -c pass", 0, (sys.executable, "-c", "pass"))]
    commands.append(Command("flowc --help", 0, (*FLOWC, "--help")))
    for size in stages:
        line = (*FLOWC, "validate", f"stages_{size}.flow")
        commands.append(Command("flowc validate", size, line))
    with tempfile.TemporaryDirectory(prefix="flowc-bench-") as name:
        folder = Path(name)
        write_project(folder, stages)
        timings = measure(folder, commands, arguments.rounds)
    rates = growth([timing for timing in timings if timing.stages])
    code = 0 if len(timings) == len(commands) else 1
    if arguments.json:
        rows = [{**asdict(timing), "growth": rates.get(timing.stages)} for timing in timings]
        print(
            json.dumps({"machine": machine(), "rounds": arguments.rounds, "rows": rows}, indent=2)
        )
        return code
    print(f"{arguments.rounds} rounds; {machine()}\n")
    print(
        "| command | stages | wall s | to `python -c pass` | growth over n log n | peak MB | mark |"
    )
    print("|---|---|---|---|---|---|---|")
    for timing in timings:
        print(
            f"| {timing.what} | {timing.stages or ''} | {timing.wall:.3f} "
            f"| {timing.wall / timings[0].wall:.1f} "
            f"| {format(rates[timing.stages], '.2f') if timing.stages in rates else ''} "
            f"| {timing.peak / 1e6:.0f} | {mark(timing)} |"
        )
    return code


def mark(timing: Timing) -> str:
    """What a row says about the limit that it has, if it has one."""
    limits = {
        ("flowc --help", 0): HELP_MARK_SECONDS,
        ("flowc validate", VALIDATE_MARK_STAGES): VALIDATE_MARK_SECONDS,
    }
    limit = limits.get((timing.what, timing.stages))
    if limit is None:
        return ""
    return f"under {limit:g} s: {'met' if timing.wall < limit else 'MISSED'}"


if __name__ == "__main__":
    raise SystemExit(main())
