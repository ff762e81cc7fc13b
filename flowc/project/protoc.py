"""Compiles proto files with the protoc of `grpcio-tools`, an optional package."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.reads import looked_at
from flowc.model.source import SourceFile, Span
from flowc.project.places import inside, read_text, shown

PROTO = declare("FC0755", "unreadable-proto", "A proto file cannot be compiled")

#: Seconds.
_LONGEST = 60
#: Lines of what protoc says that are shown.
_LINES = 5


@dataclass(frozen=True)
class Compiled:
    """What protoc made of a file: a FileDescriptorSet, and the texts by the files' names."""

    descriptors: Any
    sources: dict[str, SourceFile]

    def source_of(self, name: str) -> SourceFile | None:
        return self.sources.get(name)


def compiled(file: Path, root: Path, place: Span, reporter: Reporter) -> Compiled | None:
    """The file and what it imports; None after a report at ``place``.

    What it imports is looked for beside the file, in the folders above it up to the project's
    root, and in the root's ``proto/`` and ``protos/``.
    """
    if find_spec("grpc_tools") is None or find_spec("google.protobuf") is None:
        reporter.error(
            PROTO,
            "proto files are read with the package `grpcio-tools`, which is not installed",
            place,
            notes=("install it: pip install 'flowc[proto]'",),
        )
        return None
    roots = tuple(_roots(file, root.resolve()))
    with tempfile.TemporaryDirectory(prefix="flowc-") as folder:
        output = Path(folder) / "types.bin"
        said = _protoc(file, roots, output)
        if said is not None:
            reporter.error(PROTO, f"{shown(file)} cannot be compiled", place, notes=said)
            return None
        data = output.read_bytes()
    descriptors = import_module("google.protobuf.descriptor_pb2").FileDescriptorSet.FromString(data)
    sources: dict[str, SourceFile] = {}
    for one in descriptors.file:
        path = next((r / one.name for r in roots if looked_at(r / one.name).is_file()), None)
        if path is None:
            continue
        if not inside(path, root, reporter):
            return None
        source = read_text(path, reporter)
        if source is not None:
            sources[one.name] = source
    return Compiled(descriptors, sources)


def _roots(file: Path, root: Path) -> Iterator[Path]:
    yield file.parent
    for folder in file.parent.parents:
        if not folder.is_relative_to(root):
            break
        yield folder
    for name in ("proto", "protos"):
        if (root / name).is_dir() and root / name not in (file.parent, *file.parent.parents):
            yield root / name


def _protoc(file: Path, roots: tuple[Path, ...], output: Path) -> tuple[str, ...] | None:
    """Run protoc; None if it went well, else what it said."""
    common = Path(str(import_module("grpc_tools").__file__)).parent / "_proto"
    command = [
        sys.executable,
        *("-I", "-c", _MAIN),
        os.path.pathsep.join(filter(None, sys.path)),
        *(f"--proto_path={one}" for one in (*roots, common)),
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={output}",
        str(file),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=file.parent,
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return (f"protoc took longer than {_LONGEST} s",)
    except OSError as error:
        return (error.strerror or str(error),)
    if done.returncode == 0 and output.is_file():
        return None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return tuple(lines[:_LINES]) or ("protoc gave no reason",)


#: Isolated from the folder it runs in: nothing there is imported.
_MAIN = (
    "import sys; sys.path[:] = sys.argv.pop(1).split(__import__('os').pathsep); "
    "from grpc_tools import protoc; sys.exit(protoc.main(sys.argv))"
)
