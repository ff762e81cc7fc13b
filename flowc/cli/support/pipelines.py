"""What the words of a command stand for: pipeline files, DSL, or every pipeline there is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowc.cli.support.command import (
    ENVIRONMENT,
    FINDINGS,
    OK,
    USAGE,
    Invocation,
    Refused,
    UsageError,
)
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Diagnostic, Fix, Severity
from flowc.model.source import SourceFile

if TYPE_CHECKING:
    from flowc.compile import Request

NO_SUCH_FILE = declare("FC0786", "no-such-file", "A pipeline file does not exist")
UNREADABLE = declare("FC0787", "unreadable-file", "A pipeline file cannot be read")
NO_PIPELINES = declare("FC0785", "no-pipelines", "There is no pipeline in the project")

#: The names of codes that speak of the surroundings, not of the pipeline.
_ENVIRONMENT = frozenset({"missing-source", "source-not-a-file", "unreadable-source"})
_ENDINGS = (".yaml", ".yml", ".flow")
#: The first line that is no comment begins with a key: what stdin gives is YAML.
_YAML_START = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?:---|[\w-]+[ \t]*:(?:\s|$))")
#: A pipeline for others to build on: never what a command without words means.
_ABSTRACT = re.compile(r"^abstract[ \t]*:[ \t]*(?:true|True|TRUE)[ \t]*(?:#.*)?$", re.M)
_NOT_PIPELINES = (".schema.yaml", ".schema.yml")
#: What a pipeline file says that no compose file, workflow or API description does.
_PIPELINE_KEY = re.compile(
    r"^[{\"']*(sources?|process(ors)?|sinks?|streams|pipelines|extends|abstract)[\"']?\s*:", re.M
)
_TOP_KEY = re.compile(r"^[\w\"'-]+\s*:", re.M)


def project_root(cwd: Path) -> Path:
    """The nearest folder at or above with ``flowc.toml``, else the folder itself."""
    for folder in (cwd, *cwd.parents):
        if (folder / "flowc.toml").is_file():
            return folder
    return cwd


def pipeline_files(cwd: Path) -> tuple[Path, ...]:
    """The pipelines of the project, relative to ``cwd`` where they lie below it.

    They are the YAML and flow files beside ``flowc.toml`` and in ``pipelines/``; without
    that file, those of the current folder. YAML of other programs may lie beside it.
    """
    root = project_root(cwd)
    found = [
        path
        for folder in (root, root / "pipelines")
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if path.name.endswith(_ENDINGS)
        and not path.name.endswith(_NOT_PIPELINES)
        and not path.name.startswith(".")
        and path.is_file()
        and (folder != root or _may_be_pipeline(path))
    ]
    return tuple(p.relative_to(cwd) if p.is_relative_to(cwd) else p for p in found)


def _may_be_pipeline(path: Path) -> bool:
    """Whether a file is not plainly another program's: YAML with keys, none of them ours."""
    if path.suffix == ".flow":
        return True
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return _TOP_KEY.search(text) is None or _PIPELINE_KEY.search(text) is not None


def _missing(word: str, cwd: Path) -> Refused:
    names = {path.stem: str(path) for path in pipeline_files(cwd)}
    stem = Path(word).stem
    close = [names[stem]] if stem in names else [names[s] for s in nearest(stem, names)]
    return Refused(
        Diagnostic(
            NO_SUCH_FILE,
            Severity.ERROR,
            f"there is no file {word}",
            notes=(f"looked in {cwd}",),
            fixes=tuple(Fix(f"did you mean {name}?") for name in close)
            or (Fix("flowc init --demo makes a pipeline to play with"),),
        ),
        exit_code=USAGE,
    )


def _unreadable(path: Path, why: str, exit_code: int, fix: str) -> Refused:
    return Refused(
        Diagnostic(UNREADABLE, Severity.ERROR, f"{path} cannot be read: {why}", fixes=(Fix(fix),)),
        exit_code=exit_code,
    )


def _read(path: Path, cwd: Path) -> SourceFile:
    """A pipeline file, under the name it was given by.

    Raises:
        Refused: it is missing, no file, unreadable, or no UTF-8 text.
    """
    try:
        data = (cwd / path).read_bytes()
    except FileNotFoundError:
        raise _missing(str(path), cwd) from None
    except IsADirectoryError:
        raise _unreadable(
            path, "it is a folder", USAGE, "name a file in it, or run flowc inside it"
        ) from None
    except OSError as error:
        raise _unreadable(
            path, (error.strerror or str(error)).lower(), ENVIRONMENT, "check its permissions"
        ) from None
    return _decoded(data, str(path))


def _decoded(data: bytes, name: str) -> SourceFile:
    from flowc.diagnostics.reporter import Reporter
    from flowc.syntax.limits import decode

    reporter = Reporter()
    source = decode(data, name, reporter)
    if source is None:
        raise Refused(*reporter.sorted())
    return source


def _is_file(word: str, cwd: Path) -> bool:
    """Whether a word names a pipeline file rather than being DSL.

    What ends like a pipeline does, also where it does not exist; and a folder. A data file
    is a source, so it is DSL.
    """
    if "|" in word or "\n" in word:
        return False
    return word.endswith(_ENDINGS) or (cwd / word).is_dir()


def requests(call: Invocation) -> tuple[Request, ...]:
    """What the compiler is asked: a request for each word; without words, for each pipeline
    of the project. ``-`` is a pipeline on stdin.

    Raises:
        Refused: there is no pipeline, or a file cannot be read.
    """
    from flowc.compile import COMMAND_LINE

    if not call.words:
        files = pipeline_files(call.cwd)
        if not files:
            raise _none(call.cwd)
        read = (_request(call, _read(path, call.cwd), path) for path in files)
        return tuple(replace(request, listed=True) for request in read)
    found: list[Request] = []
    for word in call.words:
        if word == "-":
            found.append(_from_stdin(call))
        elif _is_file(word, call.cwd):
            found.append(_request(call, _read(Path(word), call.cwd), Path(word)))
        elif _names_a_pipeline(word, call.cwd):
            raise _missing(word, call.cwd)
        else:
            found.append(_request(call, SourceFile(COMMAND_LINE, word), None))
    return tuple(found)


def _from_stdin(call: Invocation) -> Request:
    source = _decoded(sys.stdin.buffer.read(), "<stdin>")
    if not _YAML_START.match(source.text):
        return _request(call, source, None)
    name = "<stdin>.yaml"
    return _request(call, SourceFile(name, source.text), Path(name))


def on_disk(request: Request) -> Path | None:
    """The file that a request was read from; None for DSL and for stdin."""
    return None if request.source.name.startswith("<") else request.path


def only(call: Invocation) -> tuple[Request, ...]:
    """The one pipeline of the project.

    Raises:
        UsageError: there are several.
        Refused: there is none.
    """
    every = pipeline_files(call.cwd)
    files = [path for path in every if not _ABSTRACT.search(_read(path, call.cwd).text)] or every
    if len(files) > 1:
        raise UsageError(
            "there are several pipelines here: say which", *(f"flowc run {path}" for path in files)
        )
    if len(files) == 1:
        return (_request(call, _read(files[0], call.cwd), files[0]),)
    return requests(call)


def _names_a_pipeline(word: str, cwd: Path) -> bool:
    """Whether a lone word is a pipeline's name without its ending."""
    is_word = word.replace("-", "").replace("_", "").isalnum()
    return is_word and any(path.stem == word for path in pipeline_files(cwd))


def _none(cwd: Path) -> Refused:
    return Refused(
        Diagnostic(
            NO_PIPELINES,
            Severity.ERROR,
            f"there is no pipeline in {project_root(cwd)}",
            notes=("a project's pipelines are its *.yaml and *.flow, also in pipelines/",),
            fixes=(
                Fix("name a file, or write the pipeline in quotes: 'a.jsonl | limit 3 | -'"),
                Fix("flowc init --demo makes one to play with"),
            ),
        ),
        exit_code=USAGE,
    )


def _request(call: Invocation, source: SourceFile, path: Path | None) -> Request:
    from flowc.compile import Request

    return Request(
        source=source,
        path=call.cwd / path if path is not None else None,
        folder=call.cwd,
        settings=call.pairs("set"),
        environment=call.environ,
        strict=call.flag("strict"),
    )


def fails(diagnostics: Iterable[Diagnostic], *, strict: bool) -> bool:
    """Whether something is wrong: an error, or under ``--strict`` a warning."""
    wrong = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(diagnostic.severity in wrong for diagnostic in diagnostics)


def exit_code(diagnostics: Iterable[Diagnostic], *, strict: bool) -> int:
    """What a command that could not go on ends with: 3 where only what the pipeline reads is
    missing, else 1; 0 where nothing is wrong."""
    found = tuple(diagnostics)
    if not fails(found, strict=strict):
        return OK
    names = {diagnostic.code.name for diagnostic in found if diagnostic.is_error}
    return ENVIRONMENT if names and names <= _ENVIRONMENT else FINDINGS


def tell_of_fixes(call: Invocation, diagnostics: Iterable[Diagnostic]) -> None:
    """Say how the fixes of what was shown are applied, where there are any."""
    from flowc.cli.support.mend import fixable

    safe, unsafe = fixable(d for d in diagnostics if d.is_error)
    if safe or unsafe:
        flag = "--fix" if safe else "--unsafe-fixes"
        call.terminal.say(f"flowc validate {flag} applies the fix{'es' * (safe + unsafe > 1)}\n")


def show_diagnostics(call: Invocation, diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics to stderr; under ``--quiet`` without the notes."""
    to = call.terminal
    shown = [d for d in diagnostics if not (to.quiet and d.severity is Severity.NOTE)]
    if shown:
        from flowc.diagnostics.render.text import render

        to.out.flush()
        to.complain(render(shown, colour=to.colour_err, width=to.width, ascii=to.ascii_err))
