"""The dead letter file: every record that could not go on, with what is needed to replay it."""

from __future__ import annotations

import base64
import os
from typing import Any, BinaryIO

import msgspec

from .environment import Environment
from .errors import Diagnosis, ResourceError, error_name
from .records import Node, Position

__all__ = ["DeadLetters", "Envelope", "GatheredLetters"]


class Envelope(msgspec.Struct, omit_defaults=True):
    """One dead record, and why it is dead."""

    pipeline: str
    hash: str
    node: str
    place: str
    error: str
    message: str
    attempt: int
    time: str
    position: Position | None = None
    original: str | None = None
    original_base64: str | None = None
    record: Any = None


def _last_resort(value: object) -> str:
    return repr(value)


class DeadLetters:
    """Appends envelopes to a JSON lines file that is made when the first one comes.

    Raises ResourceError when the file cannot be written: a run must not lose what it rejects.
    """

    def __init__(self, path: str, pipeline: str, digest: str, environment: Environment) -> None:
        self.path = path
        self.count = 0
        self._pipeline = pipeline
        self._digest = digest
        self._environment = environment
        self._encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_last_resort)
        self._file: BinaryIO | None = None
        self._pending: list[bytes] = []

    def add(
        self,
        node: Node,
        error: Exception,
        *,
        original: bytes | None = None,
        record: object = None,
        position: Position | None = None,
        attempt: int = 1,
    ) -> None:
        """Note one dead record: by its original bytes if they are known, else as it is now."""
        envelope = Envelope(
            pipeline=self._pipeline,
            hash=self._digest,
            node=node.name,
            place=node.place,
            error=error_name(error),
            message=str(error),
            attempt=attempt,
            time=self._environment.now().isoformat(timespec="microseconds").replace("+00:00", "Z"),
            position=position or None,
        )
        if original is None:
            envelope.record = record
        else:
            try:
                envelope.original = original.decode()
            except UnicodeDecodeError:
                envelope.original_base64 = base64.b64encode(original).decode("ascii")
        self.take(envelope)

    def take(self, envelope: Envelope) -> None:
        """Note a dead record that is in its envelope already, where bytes are a record's JSON."""
        if isinstance(envelope.record, bytes):
            envelope.record = msgspec.Raw(envelope.record)
        self._pending.append(self._encode(envelope))
        self.count += 1

    def _encode(self, envelope: Envelope) -> bytes:
        try:
            return self._encoder.encode(envelope)
        except (UnicodeEncodeError, ValueError, TypeError, RecursionError):
            envelope.message = envelope.message.encode("utf-8", "backslashreplace").decode()
            envelope.record = repr(envelope.record).encode("utf-8", "backslashreplace").decode()
            return self._encoder.encode(envelope)

    def flush(self) -> None:
        """Write what is pending."""
        if not self._pending:
            return
        data = b"\n".join(self._pending) + b"\n"
        try:
            if self._file is None:
                self._file = self._environment.open_append(self.path)
            self._environment.write(self._file, data)
        except OSError as error:
            raise ResourceError(self._unwritable(error)) from error
        self._pending.clear()

    def close(self) -> None:
        """Write what is pending and make it durable."""
        self.flush()
        if self._file is not None:
            try:
                self._environment.sync(self._file)
                self._file.close()
            except OSError as error:
                raise ResourceError(self._unwritable(error)) from error
            self._file = None

    def _unwritable(self, error: OSError) -> Diagnosis:
        return Diagnosis(
            "FC0812",
            f"cannot write the dead letter file {self.path}",
            f"{os.strerror(error.errno or 0)}; going on would lose the records that failed",
            (
                "Choose another file: --dead-letter PATH",
                "Free space or mend the permissions of its folder",
            ),
        )


class GatheredLetters(DeadLetters):
    """Keeps envelopes to be handed over, and writes none."""

    def __init__(self, pipeline: str, digest: str, environment: Environment) -> None:
        super().__init__("", pipeline, digest, environment)
        self.envelopes: list[Envelope] = []

    def take(self, envelope: Envelope) -> None:
        """Keep an envelope, its record as the JSON that it will be written as."""
        # Encoded once for what cannot be written: that changes the envelope.
        self._encode(envelope)
        if envelope.record is not None:
            envelope.record = self._encoder.encode(envelope.record)
        self.envelopes.append(envelope)
        self.count += 1
