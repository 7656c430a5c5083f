"""One concept, many names: finds the concepts that a text speaks of, whatever language it names them in.

The names are data (`glossary.toml`, and any file of the same form that the user adds). This module reads them
and matches them; it does not rank, expand queries or decide what is covered.

How a name matches:

* Text and names are compared folded: NFKC where that keeps one character one character (Ｂ = B), lower case,
  -isation = -ization. Offsets are those of the text as given.
* A Latin name begins and ends where Latin letters or digits meet anything else: BN is in 用BN and in BN和IN,
  not in bnb. Its plural matches too.
* Where a name has a space or hyphen, and where letters, digits and Chinese meet in it, the text may have one
  space, line end, hyphen or underscore, or nothing: "batch norm" is also batchnorm, Batch-Norm, batch_norm.
* A Chinese name matches as a substring.
* A name listed in `[exact_case]` matches only as written: IN is instance normalization, "in" is a word.
* The leftmost match wins, then the longest, and matches never overlap: 反卷积 is not also 卷积.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from operator import add
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from corpus.concepts import SEPARATOR, WIDTH, Concept, Kind, fold, fold_case, without_separators
from corpus.errors import UnknownName
from corpus.glossary_file import AMBIGUOUS, EXACT, check_links, clash, nearest, read_glossary_file

_NOTES = "note:"
# By so many characters the names are looked up first: by two, "co" alone has thirty lengths to try.
_HEAD = 4


@dataclass(frozen=True, slots=True)
class Match:
    """A concept named at `text[start:end]`; `name` is the glossary's spelling of it.

    For a name that several concepts share, `concept` is the usual meaning and `also` the others.
    """

    concept: str
    start: int
    end: int
    name: str
    also: tuple[str, ...] = ()


class _Spelling(NamedTuple):
    """A name to look for: the concepts it means, and how it must be written where its case matters.

    A tuple, because making 6,500 frozen dataclasses would be a fifth of the time to load.
    """

    name: str
    concepts: tuple[str, ...]
    exact: str


@dataclass(frozen=True, slots=True)
class Glossary:
    """The concepts by id, and the matcher over their names. Immutable; safe to share between threads.

    `fingerprint` differs for another shipped file and for other content of the user's files (their comments
    do not count), so that an index built with one glossary can tell that it meets another.
    """

    concepts: Mapping[str, Concept]
    fingerprint: str
    # Folded name without separators -> spellings; how names begin -> lengths of such names, longest first.
    _spellings: Mapping[str, tuple[_Spelling, ...]] = field(repr=False)
    _lengths: Mapping[str, tuple[int, ...]] = field(repr=False)

    def names(self, concept_id: str) -> tuple[str, ...]:
        """Return every name of a concept. Raises `UnknownName` with the nearest ids."""
        if concept_id not in self.concepts:
            raise UnknownName(
                f"there is no concept called {concept_id!r}", nearest(concept_id, self.concepts)
            )
        return self.concepts[concept_id].names

    @staticmethod
    def note_concept(title: str) -> str:
        """Return the id of a concept that only the notes know; it cannot be an id of a glossary file."""
        return f"{_NOTES}{fold(title)}"

    def extended(self, names: Mapping[str, Iterable[str]]) -> Glossary:
        """Return this glossary with further names by concept id; an unknown id becomes a concept of its own.

        A name that the glossary has already is left as it is, and so is one that two of them claim.
        """
        concepts, spellings, lengths = dict(self.concepts), dict(self._spellings), dict(self._lengths)
        for concept_id, given in names.items():
            fresh = {
                without_separators(fold(name)): name
                for name in given
                if without_separators(fold(name)) not in spellings
            }
            known = concepts.get(concept_id, Concept(concept_id))
            concepts[concept_id] = replace(known, given=(*known.given, *fresh.values()))
            for folded, name in fresh.items():
                # Latin of one or two letters is as often a word: only as the notes write it.
                exact = without_separators(name.translate(WIDTH)) if len(name) < 3 and name.isascii() else ""
                spellings[folded] = (_Spelling(name, (concept_id,), exact),)
            for head, more in _lengths(fresh).items():
                lengths[head] = tuple(sorted({*lengths.get(head, ()), *more}, reverse=True))
        digest = hashlib.sha256(self.fingerprint.encode())
        digest.update(json.dumps([[c, *concepts[c].given] for c in sorted(names)]).encode())
        return Glossary(MappingProxyType(concepts), digest.hexdigest()[:16], spellings, lengths)

    def find(self, text: str) -> tuple[Match, ...]:
        """Return the concepts that `text` names, from left to right, leftmost-longest and without overlap.

        Time is linear in the text, half a second per million characters. A trie or a regex would have to
        carry every optional separator as a branch; taking the separators out of the text, and asking on a
        hit where they stood, needs two dictionaries only.
        """
        wide = text.translate(WIDTH)
        folded = fold_case(wide)
        breaks = [m.start() - i for i, m in enumerate(SEPARATOR.finditer(folded))]
        broken = frozenset(breaks)
        compact = SEPARATOR.sub("", folded)

        def is_edge(at: int) -> bool:
            inside = 0 < at < len(compact) and compact[at - 1] in _LATIN and compact[at] in _LATIN
            return not inside or at in broken

        def longest(at: int, lengths: Iterable[int]) -> tuple[int, Match] | None:
            for length in lengths:
                spellings = self._spellings.get(compact[at : at + length])
                if not spellings:
                    continue
                stop = at + length
                plural = "" if is_edge(stop) else _plural_ending(compact[stop - 2 : stop])
                stop += len(plural)
                if not compact.startswith(plural, stop - len(plural)) or not is_edge(stop):
                    continue
                start, end = at + bisect_right(breaks, at), stop + bisect_right(breaks, stop - 1)
                inner = {i - at for i in range(at + 1, stop) if i in broken}
                for spelling in spellings:
                    as_written = (
                        not spelling.exact or without_separators(wide[start:end]) == spelling.exact + plural
                    )
                    if as_written and inner <= _joints(spelling.name):
                        concept, *also = spelling.concepts
                        return stop - at, Match(concept, start, end, spelling.name, tuple(also))
            return None

        matches: list[Match] = []
        heads, none, stop = self._lengths, (), 0
        # The one step taken for every character; in a comprehension it costs a fifth of a loop's.
        pairs = map(add, compact, compact[1:] + "\n")
        for at in [at for at, pair in enumerate(pairs) if pair in heads or pair[0] in heads]:
            if at < stop or (at and compact[at] in _LATIN and compact[at - 1] in _LATIN and at not in broken):
                continue
            lengths = heads.get(compact[at : at + _HEAD])
            found = longest(at, lengths) if lengths else None
            for size in range(_HEAD - 1, 0, -1):
                if found:
                    break
                if size in heads.get(compact[at : at + size], none):
                    found = longest(at, (size,))
            if found:
                matches.append(found[1])
                stop = at + found[0]
        return tuple(matches)


def load_glossary(*extra: Path) -> Glossary:
    """Return the shipped glossary, enlarged by the user's files in the order given.

    A table with a known id adds its names and related ids to that concept and replaces `kind` and `broader`.
    Raises `StudyError` naming file and key for a file that cannot be read or breaks a rule of the format.
    """
    shipped = (files("corpus") / "glossary.toml").read_text(encoding="utf-8")
    data, digest = _read_shipped(shipped), hashlib.sha256(shipped.encode())
    origin: dict[str, Path] = {}
    for path in extra:
        for table, content in read_glossary_file(path).items():
            digest.update(json.dumps([table, content]).encode())
            origin[table] = path
            merged = data.setdefault(table, {})
            for key, value in content.items():
                listed = isinstance(value, list) and table != AMBIGUOUS
                merged[key] = list(dict.fromkeys([*merged.get(key, []), *value])) if listed else value
    exact = frozenset(name for names in data.pop(EXACT, {}).values() for name in names)
    shared = data.pop(AMBIGUOUS, {})
    concepts = _concepts(data, shared)
    if extra:
        check_links(concepts, shared, origin)
    spellings = _spellings(concepts, shared, exact, origin)
    return Glossary(MappingProxyType(concepts), digest.hexdigest()[:16], spellings, _lengths(spellings))


_LATIN = frozenset(char for char in map(chr, range(0x250)) if char.isalnum())


def _plural_ending(tail: str) -> str:
    # That of y is not an ending: entropies is entered beside entropy as a spelling of its own.
    return "es" if tail.endswith(("s", "x", "z", "ch", "sh")) else "s"


@cache
def _joints(name: str) -> frozenset[int]:
    """Where the text may have a separator in a name: offsets into the name without its separators."""
    folded = fold(name)
    compact = without_separators(folded)
    written = {m.start() - i for i, m in enumerate(SEPARATOR.finditer(folded))}
    kinds = [(char in _LATIN, char.isdigit()) for char in compact]
    return frozenset(written | {i for i in range(1, len(kinds)) if kinds[i - 1] != kinds[i]})


def _concepts(data: Mapping[str, Mapping[str, Any]], shared: Mapping[str, list[str]]) -> dict[str, Concept]:
    related: dict[str, dict[str, None]] = {concept: {} for concept in data}  # dicts as ordered sets
    for concept, table in data.items():
        for other in table.get("related", ()):
            related[concept][other] = None
            related.setdefault(other, {})[concept] = None
    meanings: dict[str, list[str]] = {}
    for name, ids in shared.items():
        for concept in ids:
            meanings.setdefault(concept, []).append(name)
    return {
        concept: Concept(
            concept,
            zh=tuple(table.get("zh", ())),
            en=tuple(table.get("en", ())),
            abbr=tuple(table.get("abbr", ())),
            shared=tuple(meanings.get(concept, ())),
            kind=Kind(table["kind"]) if "kind" in table else None,
            broader=table.get("broader", ""),
            related=tuple(related[concept]),
        )
        for concept, table in data.items()
    }


def _spellings(
    concepts: Mapping[str, Concept],
    shared: Mapping[str, list[str]],
    exact: frozenset[str],
    origin: Mapping[str, Path],
) -> dict[str, tuple[_Spelling, ...]]:
    """Return folded name without separators -> spellings.

    Raises `StudyError` for a name of two concepts that is not listed as ambiguous.
    """
    named = [(name, tuple(ids)) for name, ids in shared.items()]
    named += [(name, (c.concept_id,)) for c in concepts.values() for name in c.zh + c.en + c.abbr]
    # All names in one string: folding them one by one would be most of the time to load.
    folded_names = without_separators(fold("\0".join(name for name, _ in named))).split("\0")
    owners: dict[str, tuple[str, ...]] = {}
    found: dict[str, tuple[_Spelling, ...]] = {}
    for (name, ids), folded in zip(named, folded_names, strict=True):
        written = without_separators(name.translate(WIDTH)) if name in exact else ""
        owner = owners.setdefault(written or folded, ids)
        if owner is not ids and not set(ids) <= set(owner):
            raise clash(name, ids[0], owner, origin)
        spelling = (_Spelling(name, owner, written),)
        found[folded] = found.get(folded, ()) + spelling
        if folded[-1] == "y" and not written:
            found.setdefault(folded[:-1] + "ies", spelling)
    return found


def _lengths(compact_names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return beginning -> how long the names with it are, longest first.

    A beginning is a name's first `_HEAD` characters, or all of a shorter name. The first two characters of
    each are there too, without lengths: most of a text is told apart by them.
    """
    lengths: dict[str, set[int]] = {}
    for name in compact_names:
        lengths.setdefault(name[:2], set())
        lengths.setdefault(name[:_HEAD], set()).add(len(name))
    return {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}


def _read_shipped(text: str) -> dict[str, dict[str, Any]]:
    """Read the part of TOML that the shipped file keeps to: tables, and one JSON value a line.

    `tomllib` takes 37 ms for it, this 6; a test holds that both read the same.
    """
    table = ""
    places, values = [], []
    for line in text.splitlines():
        if line.startswith("["):
            table = line[1:-1]
        elif line and not line.startswith("#"):
            key, _, value = line.partition(" = ")
            places.append((table, key.strip('"')))
            values.append(value)
    data: dict[str, dict[str, Any]] = {}
    for (table, key), value in zip(places, json.loads(f"[{','.join(values)}]"), strict=True):
        data.setdefault(table, {})[key] = value
    return data
