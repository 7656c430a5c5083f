"""The one seam: built-ins and other people's packages are found the same way, without being imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus import plugins, reading
from corpus.errors import UnknownName
from index.embedders import open_embedder
from tests.index.embedding import GLOSSARY

Install = Callable[[str, str, dict[str, str]], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package as pip would leave it: modules, and metadata with an entry point."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    before = set(sys.modules)

    def installed(package: str, group: str, modules: dict[str, str]) -> None:
        (site / package).mkdir()
        (site / package / "__init__.py").write_text("")
        for name, source in modules.items():
            (site / package / f"{name}.py").write_text(source)
        metadata = site / f"{package}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{package} = {package}\n")
        forget()

    def forget() -> None:
        plugins.items.cache_clear()
        reading._readers.cache_clear()

    yield installed
    for name in set(sys.modules) - before:
        if name.split(".")[0].startswith("theirs"):
            del sys.modules[name]
    monkeypatch.undo()
    forget()


GROUPS = {
    "assistant.readers": {"markdown": "corpus.readers.markdown", "text": "corpus.readers.text"},
    "assistant.embedders": {
        "bundled": "index.embedders.bundled",
        "hashed": "index.embedders.hashed",
        "sentence_transformers": "index.embedders.sentence_transformers",
    },
    "assistant.models": {"ollama": "assistant.llm.backends.ollama"},
    "assistant.commands": {"ask": "assistant.cli.commands.ask", "serve": "api.commands.serve"},
    "assistant.demos": {"pooling": "assistant.demos.pooling"},
}


@pytest.mark.parametrize("group", GROUPS)
def test_the_built_ins_come_in_by_the_public_seam(group: str) -> None:
    found = plugins.items(group)
    assert GROUPS[group].items() <= found.items()
    assert list(found) == sorted(found)
    assert not any(name.startswith("_") for name in found)


def test_a_third_partys_module_is_found_without_being_imported(install: Install) -> None:
    install("theirs_a", "assistant.demos", {"entropy": "raise RuntimeError('imported')", "_private": ""})
    assert plugins.items("assistant.demos")["entropy"] == "theirs_a.entropy"
    assert "_private" not in plugins.items("assistant.demos")
    assert "theirs_a.entropy" not in sys.modules
    with pytest.raises(RuntimeError, match="imported"):
        plugins.load("assistant.demos", "entropy", kind="demo")


def test_a_third_partys_embedder_works_by_its_name_in_the_setting(install: Install) -> None:
    source = (
        "from index.embedders.hashed import HashedEmbedder\n"
        "def open_embedder(argument, glossary):\n"
        "    embedder = HashedEmbedder(glossary)\n"
        "    embedder.name = 'mine:' + argument\n"
        "    return embedder\n"
    )
    install("theirs_b", "assistant.embedders", {"mine": source})
    assert open_embedder("mine:large", GLOSSARY).name == "mine:large"


def test_a_third_partys_reader_reads_its_files(install: Install, tmp_path: Path) -> None:
    source = (
        "from corpus.types import Note\n"
        "SUFFIXES = ('.shout',)\n"
        "def read(path, data):\n"
        "    return Note(path, data.decode().lower())\n"
    )
    install("theirs_c", "assistant.readers", {"shout": source})
    file = tmp_path / "a.shout"
    file.write_text("# DROPOUT")
    assert reading.read_notes([file]).notes[0].text == "# dropout"


def test_of_two_items_of_one_name_the_entry_point_first_by_name_wins(install: Install) -> None:
    install("a_theirs", "assistant.demos", {"pooling": ""})
    assert plugins.items("assistant.demos")["pooling"] == "a_theirs.pooling"
    install("theirs_z", "assistant.models", {"ollama": ""})
    assert plugins.items("assistant.models")["ollama"] == "assistant.llm.backends.ollama"


def test_an_entry_point_of_a_package_that_is_gone_hides_nothing_else(
    install: Install, tmp_path: Path
) -> None:
    install("theirs_d", "assistant.demos", {"entropy": ""})
    entry_points = tmp_path / "site" / "theirs_d-1.0.dist-info" / "entry_points.txt"
    for gone in ("nosuch_package", "nosuch_package.inner"):
        entry_points.write_text(f"[assistant.demos]\ntheirs_d = {gone}\n")
        plugins.items.cache_clear()
        assert "pooling" in plugins.items("assistant.demos")


def test_a_group_that_nobody_enters_is_empty() -> None:
    assert plugins.items("assistant.nosuch") == {}


@pytest.mark.parametrize(
    ("name", "hint"), [("poling", "Did you mean 'pooling'"), ("zzz", "Known: "), ("", "Known: ")]
)
def test_an_unknown_name_is_refused_with_what_is_nearest_or_known(name: str, hint: str) -> None:
    with pytest.raises(UnknownName, match=f"there is no demo called '{name}'") as caught:
        plugins.load("assistant.demos", name, kind="demo")
    assert caught.value.hint.startswith(hint)
    assert "pooling" in caught.value.hint
