"""Who takes part in W1, and how each is started."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from bench.measure import ROOT, environment, run

Shape: TypeAlias = Literal["base", "renamed", "nested", "swapped"]

SHAPES: tuple[Shape, ...] = ("base", "renamed", "nested", "swapped")
REFERENCE = "best_loop"

STAGES: dict[Shape, str] = {
    "base": """\
| filter amount > 100
| set net = round(amount * 0.8, 2)
| select id, customer_id, country, status, net
""",
    "swapped": """\
| filter 100 < amount
| set net = round(amount * 0.8, 2)
| select id, customer_id, country, status, net
""",
    "renamed": """\
| filter gross > 100
| set net = round(gross * 0.8, 2)
| select nr, buyer_nr, land, state, net
""",
    "nested": """\
| filter amount > 100
| set net = round(amount * 0.8, 2)
| select id, customer_id = customer.id, country = customer.country, status, net
""",
}


@dataclass(frozen=True, slots=True)
class Contestant:
    """One program on one shape of the input.

    `output` is the file it writes, relative to the work folder; `paths` goes in front of
    PYTHONPATH; `cores` is how many it may use. On the head it reads the first records only, which
    tells the time of starting and compiling from the time a record takes.
    """

    name: str
    shape: Shape
    command: tuple[str, ...]
    output: str
    cores: int = 1
    head: bool = False
    paths: tuple[str, ...] = ()

    def variables(self) -> dict[str, str]:
        """The environment variables it runs with."""
        variables = environment()
        variables["PYTHONPATH"] = ":".join((*self.paths, variables["PYTHONPATH"]))
        return variables


@dataclass(frozen=True, slots=True)
class Absent:
    """A contestant that cannot take part, and why, in one line."""

    name: str
    shape: Shape
    reason: str


def data_file(shape: Shape, head: bool) -> str:
    """The name of the input in the work folder."""
    data = "base" if shape == "swapped" else shape
    return f"head-{data}.jsonl" if head else f"orders-{data}.jsonl"


def script(
    name: str, program: str, shape: Shape, *, head: bool = False, cores: int = 1, threads: str = ""
) -> Contestant:
    """A program of bench/w1."""
    output = f"{name}-{shape}{'-head' if head else ''}.out.jsonl"
    source = data_file(shape, head)
    path = str(ROOT / "bench" / "w1" / f"{program}.py")
    threads_argument = (threads,) if threads else ()
    command = (sys.executable, path, shape, source, output, *threads_argument)
    return Contestant(name, shape, command, output, cores, head)


def flowc(
    folder: Path, shape: Shape, kind: Literal["run", "built"], head: bool
) -> Contestant | Absent:
    """W1 by flowc: the pipeline file is written into the folder and, for `built`, compiled there."""
    name = f"flowc {kind}"
    stem = f"w1_{shape}{'_head' if head else ''}"
    output = f"{stem}.out.jsonl"
    file = folder / f"{stem}.flow"
    file.write_text(f"{data_file(shape, head)}\n{STAGES[shape]}| {output}\n", encoding="utf-8")
    python = (sys.executable, "-m")
    if kind == "run":
        return Contestant(name, shape, (*python, "flowc", "run", file.name), output, head=head)
    project = folder / "built" / stem
    build = (*python, "flowc", "build", file.name, "--target", "python", "-o", str(project))
    sample = run(build, folder=folder)
    if sample.code != 0:
        return Absent(name, shape, f"flowc build {sample.failure}")
    mains = sorted(project.glob("**/src/*/__main__.py"))
    if not mains:
        return Absent(name, shape, f"flowc build wrote no src/*/__main__.py under {project}")
    package = mains[0].parent
    command = (*python, package.name)
    return Contestant(name, shape, command, output, head=head, paths=(str(package.parent),))


def flowc_missing() -> str:
    """Why flowc cannot be run from this checkout, or the empty string when it can."""
    command = (sys.executable, "-m", "flowc", "--help")
    sample = run(command, folder=ROOT)
    if sample.code == 0:
        return ""
    return f"`python -m flowc --help` {sample.failure}"


def others(cores: int) -> list[Contestant]:
    """The contestants that are neither flowc nor the reference, on a machine of so many cores."""
    found = [script("naive_json", "naive_json", "base")]
    for program in ("duckdb_sql", "polars_lazy"):
        found.append(script(f"{program}, one core", program, "base", threads="1"))
        if cores > 1:
            found.append(script(f"{program}, {cores} cores", program, "base", cores=cores))
    return found
