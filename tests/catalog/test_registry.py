"""Finding entries of the catalogue by their files and entry points."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import SimpleNamespace

import pytest

from flowc.catalog import registry
from flowc.catalog.registry import Shelf


def names_imported(code: str) -> set[str]:
    """The modules of the catalogue that a fresh interpreter has imported after ``code``."""
    script = f"import sys\n{code}\nprint(*[m for m in sys.modules if 'flowc.catalog.' in m])"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{root}:{root / 'runtime'}"},
    )
    return {name.removeprefix("flowc.catalog.") for name in done.stdout.split()}


def test_asking_for_an_operator_imports_its_file_alone() -> None:
    found = names_imported("from flowc.catalog import registry\nregistry.operator('filter')")
    assert {name for name in found if name.startswith("operators.")} == {"operators.filter"}


def test_the_words_of_operators_import_none_of_them() -> None:
    found = names_imported(
        "from flowc.catalog import registry\nassert 'filter' in registry.operator_words()"
    )
    assert not {name for name in found if name.startswith("operators.")}


def test_operators_by_name_and_by_spelling() -> None:
    limit = registry.operator("limit")
    assert limit is not None
    assert limit.name == "limit"
    assert registry.operator("take") is limit
    assert registry.operator("nope") is None
    assert registry.operators()["limit"] is limit


def test_connectors_by_name_and_by_scheme() -> None:
    assert registry.connector("file") is registry.connectors()["file"]
    assert registry.connector("-") is registry.connector("stdout")
    assert registry.connector("kafka") is None


def test_formats_by_name_and_by_spelling() -> None:
    assert registry.format("tsv") is registry.formats()["csv"]
    assert registry.format("xlsx") is None


def test_functions_of_a_family_are_found_one_by_one() -> None:
    lower = registry.function("lower")
    assert lower is not None
    assert lower.name == "lower"
    assert registry.functions()["lower"] is lower
    assert registry.function("nope") is None


def test_words_of_other_languages_are_corrected() -> None:
    assert registry.correction("operator", "having") == "filter"
    assert registry.correction("operator", "qwertz") is None
    assert registry.correction("function", "qwertz") is None


def test_no_word_means_two_things() -> None:
    operators = registry.operators().values()
    words = [word for entry in operators for word in (entry.name, *entry.spellings)]
    words += [
        word
        for entry in (*operators, *registry.connectors().values())
        for word in entry.corrections
        if word not in {"", entry.name, *getattr(entry, "spellings", ())}
    ]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    connectors = registry.connectors().values()
    schemes = [scheme for entry in connectors for scheme in entry.schemes]
    assert [word for word, count in Counter(schemes).items() if count > 1] == []
    formats = registry.formats().values()
    spelled = [word for entry in formats for word in (entry.name, *entry.spellings)]
    assert [word for word, count in Counter(spelled).items() if count > 1] == []
    suffixes = [suffix for entry in formats for suffix in entry.suffixes]
    assert [word for word, count in Counter(suffixes).items() if count > 1] == []
    assert all(registry.format(suffix) for suffix in suffixes)


def test_a_file_is_called_like_its_operator() -> None:
    for name, entry in registry.operators().items():
        assert type(entry).__module__ == f"flowc.catalog.operators.{name.replace('-', '_')}"


class Entry:
    def __init__(self, name: str, *words: str) -> None:
        self.name = name
        self.words = (name, *words)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package of two entries, a helper and a file with a fault."""
    folder = tmp_path / "shelf_of_tests"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    head = "from types import SimpleNamespace as N\nENTRY = "
    (folder / "keep_first.py").write_text(head + "N(name='keep-first', words=('keep-first', 'k'))")
    (folder / "other.py").write_text(head + "N(name='other', words=('other', 'o'))")
    (folder / "_helper.py").write_text("raise RuntimeError('never imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "shelf_of_tests"
    for name in [name for name in sys.modules if name.startswith("shelf_of_tests")]:
        del sys.modules[name]


def shelf(package: str) -> Shelf[SimpleNamespace]:
    return Shelf(package, "ENTRY", "flowc.tests", lambda value: (value,), lambda e: e.words)


def installed(monkeypatch: pytest.MonkeyPatch, **modules: str) -> None:
    """Entry points of the group ``flowc.tests``: name to ``module:attribute``."""
    points = EntryPoints(
        EntryPoint(name.replace("_", "-"), value, "flowc.tests") for name, value in modules.items()
    )
    monkeypatch.setattr(registry, "installed", lambda group: points.select(group=group))


def test_a_dash_in_a_name_is_an_underscore_in_the_file(package: str) -> None:
    found = shelf(package)
    assert found.names() >= {"keep-first", "other"}
    entry = found.find("keep-first")
    assert entry is not None
    assert found.find("k") is entry
    assert list(found.all()) == ["keep-first", "other"]


def test_entries_of_installed_packages(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(ENTRY=Entry("theirs", "t"), OTHER=Entry("other"))
    monkeypatch.setitem(sys.modules, "third_party", module)
    installed(monkeypatch, theirs="third_party:ENTRY", other="third_party:OTHER")
    found = shelf(package)
    assert found.find("theirs") is module.ENTRY
    assert found.find("t") is module.ENTRY
    assert found.find("other") is not module.OTHER
    assert list(found.all()) == ["keep-first", "other", "theirs"]
    assert "theirs" in found.names()


def test_a_broken_package_harms_nobody_else(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, theirs="no_such_module:ENTRY")
    found = shelf(package)
    assert found.find("other") is not None
    assert found.broken == []
    assert found.find("theirs") is None
    (broken,) = found.broken
    assert broken.name == "theirs"
    assert "no_such_module" in broken.reason
    assert list(found.all()) == ["keep-first", "other"]
