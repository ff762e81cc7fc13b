"""Applies the fixes of what is wrong with a pipeline, and looks at what came of it."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowc.cli.support.command import Invocation
from flowc.model.diagnostic import Diagnostic, Safety
from flowc.model.source import SourceFile

if TYPE_CHECKING:
    from flowc.compile import Request

#: A fix can make way for another; more rounds than this mean that two undo each other.
_ROUNDS = 10


def mended(call: Invocation, request: Request, *, unsafe: bool, dry: bool) -> Request:
    """Apply fixes and write the files they are in, until there is nothing more to apply.

    Args:
        unsafe: also fixes that may change the meaning.
        dry: write nothing; print what would change in the pipeline.

    Returns:
        The request with the text as it now is.
    """
    from flowc.cli.support.files import text_diff
    from flowc.cli.support.pipelines import on_disk
    from flowc.compile import check

    file, first = on_disk(request), request.source
    total = 0
    found = check(request).diagnostics
    for _ in range(_ROUNDS):
        count, texts = _applied(request, found, unsafe)
        if dry:
            texts = {name: text for name, text in texts.items() if name == first.name}
        if not texts:
            break
        total += count
        for name, text in texts.items():
            if name != first.name:
                _write(call.cwd / name, text)
            else:
                request = replace(request, source=SourceFile(name, text))
        found = check(request).diagnostics
    text = request.source.text
    if dry:
        for line in text_diff(first.text, text, first.name):
            call.terminal.write(line)
        return request
    if file is not None and text != first.text:
        _write(file, text)
    call.terminal.say(f"{first.name}: {total} fix{'' if total == 1 else 'es'} applied\n")
    if file is None and total:
        call.terminal.write(text.rstrip("\n") + "\n")
    return request


def fixable(diagnostics: Iterable[Diagnostic]) -> tuple[int, int]:
    """How many findings have a fix that is safe, and how many of the others have one."""
    safe = unsafe = 0
    for diagnostic in diagnostics:
        safeties = {fix.safety for fix in diagnostic.fixes if fix.edits}
        safe += Safety.SAFE in safeties
        unsafe += Safety.UNSAFE in safeties and Safety.SAFE not in safeties
    return safe, unsafe


def _applied(
    request: Request, found: tuple[Diagnostic, ...], unsafe: bool
) -> tuple[int, dict[str, str]]:
    """How many fixes were applied, and the new texts. Fixes that make a pipeline unreadable
    together are tried each alone."""
    from flowc.compile import check
    from flowc.diagnostics.apply import apply_fixes

    def fits(texts: dict[str, str]) -> bool:
        name = request.source.name
        if name not in texts:
            return True
        after = check(replace(request, source=SourceFile(name, texts[name]))).diagnostics
        return _unreadable(after) <= _unreadable(found)

    done = apply_fixes(found, unsafe=unsafe)
    texts = dict(done.texts)
    if not texts or fits(texts):
        return len(done.fixes), texts
    for diagnostic in found:
        alone = dict(apply_fixes((diagnostic,), unsafe=unsafe).texts)
        if alone and fits(alone):
            return 1, alone
    return 0, {}


def _unreadable(diagnostics: Iterable[Diagnostic]) -> int:
    return sum(d.is_error and d.code.id.startswith("FC01") for d in diagnostics)


def _write(path: Path, text: str) -> None:
    """A new text for a file, with the line ends and the byte order mark it had."""
    from flowc.cli.support.files import cannot_write, replace_text

    try:
        before = path.read_bytes()
        if b"\r\n" in before and "\r\n" not in text:
            text = text.replace("\n", "\r\n")
        if before.startswith(BOM_UTF8) and not text.startswith("\ufeff"):
            text = "\ufeff" + text
        replace_text(path, text)
    except OSError as error:
        raise cannot_write(path, error) from None
