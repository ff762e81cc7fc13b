"""Standard input as a source, standard output as a sink."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from ..codecs.base import Codec
from ..environment import Environment
from ..errors import Diagnosis, OutputClosedError
from ..records import Batch, Capabilities, Option, Position
from .trouble import diagnose_os

__all__ = ["CAPABILITIES", "Sink", "SinkOptions", "Source", "SourceOptions", "diagnose"]

CAPABILITIES = Capabilities(replayable=False, ordered=True, idempotent=False, transactional=False)


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How to read standard input."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    endless: Annotated[bool, Option("the input has no end of its own, as from `tail -f`")] = False


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """How to write standard output: nothing to choose."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}


def diagnose(error: Exception, path: str, *, writing: bool) -> Diagnosis | None:
    """Say what an error about a standard stream means, or nothing if it is not about files."""
    return diagnose_os(error, path, writing=writing) if isinstance(error, OSError) else None


class Source:
    """Reads records from standard input as they come. It has no positions to resume from."""

    label = "standard input"
    resource = ""

    def __init__(self, options: SourceOptions, codec: Codec, environment: Environment) -> None:
        self.endless = options.endless
        self._codec = codec
        self._environment = environment

    def open(self, position: Position | None) -> None:
        """Nothing to do: standard input is open."""

    def batches(self) -> Iterator[Batch]:
        """Yield records as soon as their lines have come."""
        for batch in self._codec.decode(self._environment.read_stdin, {}):
            yield Batch(batch.records, {}, batch.rejects, batch.original)

    def close(self) -> None:
        """Nothing to do: whoever opened standard input closes it."""

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of reading means."""
        return diagnose(error, self.label, writing=False)


class Sink:
    """Writes records to standard output at once, batch by batch."""

    label = "standard output"
    resource = ""

    def __init__(self, options: SinkOptions, codec: Codec, environment: Environment) -> None:
        self.confirmed = 0
        self._codec = codec
        self._environment = environment
        self._begun = self._ended = False

    def open(self) -> None:
        """Write what stands before the first record."""
        self._put(self._codec.header())

    def write(self, records: list[Any]) -> None:
        """Write the records. Raises OutputClosedError when nobody reads any more."""
        self.append(*self.encode(records))

    def encode(self, records: list[Any]) -> tuple[bytes, int]:
        """The records as bytes, and how many these hold."""
        data = self._codec.encode(records)
        return data, self._codec.count(data, records)

    def append(self, data: bytes, count: int) -> None:
        """Write what was encoded. Raises OutputClosedError when nobody reads any more."""
        if data:
            self._put(data if self._begun else data[len(self._codec.lead) :])
            self._begun = True
        self.confirmed += count

    def _put(self, data: bytes) -> None:
        try:
            self._environment.write_stdout(data)
        except BrokenPipeError:
            raise OutputClosedError from None

    def flush(self) -> None:
        """Nothing to do: nothing is held back."""

    def close(self, complete: bool) -> None:
        """Write what stands behind the last record; whoever opened standard output closes it."""
        if complete and not self._ended:
            self._ended = True
            if footer := self._codec.footer():
                with suppress(OutputClosedError):
                    self._put(footer)

    def diagnose(self, error: Exception) -> Diagnosis | None:
        """Say what an error of writing means."""
        return diagnose(error, self.label, writing=True)
