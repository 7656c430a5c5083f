"""Misspelt names in a question: which stretch of it is a slip, and which name of the glossary was meant.

Only what the notes and the glossary do not know can be a slip. A Latin word is compared by edits (Damerau 1964, in
its restricted form), Chinese by sound and shape, and Latin letters that spell Chinese syllables are read as those.
What lies within reach of a name and is ordinary language ("later", "layer") is listed in `ordinary.txt`, made
by `python -m index.training.slips`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import islice, product

from corpus import concepts, sounds
from corpus.glossary import Glossary
from index import terms

# Fewer letters have too many neighbours: rule, role, rude.
_SHORTEST = 5
# From so many letters on, two edits are forgiven.
_LONG = 8
# The longest names have a dozen syllables; few letters can be read in more than a handful of ways.
_LONGEST_PINYIN, _MOST_WORDS, _MOST_READINGS = 60, 12, 64

_HAN = re.compile("[一-鿿]+")
_APART = r"(?<![^\W一-鿿])", r"(?![^\W一-鿿])"  # no letter, digit or underscore of another script beside it
_WORD = re.compile("[a-z]{5,}".join(_APART))
_SYLLABLES = re.compile("[a-zü]+(?:[ '’-][a-zü]+)*".join(_APART))

# Grammar, seldom a slip: 卷积和池化 does not mean the kernel 卷积核.
_FUNCTION = frozenset(
    "和与及跟或是也都就很的了在有不对为从到把被让给比用会能可这那其所以而但因则且之于将并又还再只"
)


@dataclass(frozen=True, slots=True)
class Slip:
    """`written` stands at `start:end` of the question and is read as `understood`, a name or a word of one."""

    written: str
    understood: str
    start: int
    end: int

    def to_dict(self) -> dict[str, str]:
        """Return the shape of the `search --json` contract."""
        return {"written": self.written, "understood": self.understood}


class SlipFinder:
    """Finds slips. `holds` says whether the notes hold a term; `ordinary` is what is no slip, None: as shipped.

    Names are read when the first question needs them.
    """

    def __init__(
        self, glossary: Glossary, holds: Callable[[str], bool], ordinary: Collection[str] | None = None
    ) -> None:
        self._glossary = glossary
        self._holds = holds
        self._given = ordinary

    def find(self, question: str) -> tuple[Slip, ...]:
        """Return the slips of `question` from left to right, without overlap."""
        folded = concepts.fold(question)
        named = [(match.start, match.end) for match in self._glossary.find(question)]
        found: list[Slip] = []
        for search in (self._pinyin, self._latin, self._chinese):
            for start, end, understood in search(folded, named):
                if not _overlap(start, end, [(slip.start, slip.end) for slip in found]):
                    found.append(Slip(question[start:end], understood, start, end))
        return tuple(sorted(found, key=lambda slip: slip.start))

    def meant(self, understood: str) -> str:
        """Return the term that a name, or a word of one, is looked for by."""
        matches = self._glossary.find(understood)
        known = terms.CONCEPT + matches[0].concept if matches else ""
        return known or min(terms.terms(understood, self._glossary), default="")

    def _is_known(self, word: str) -> bool:
        """Whether a Latin word is in the notes, or in the language: then it is as it should be."""
        found = terms.terms(word, self._glossary)
        asks = not found or any(term.startswith(terms.INTENT) for term in found)
        return asks or word in self._ordinary or any(map(self._holds, found))

    def _latin(self, folded: str, named: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
        for word in _WORD.finditer(folded):
            if _overlap(*word.span(), named) or self._is_known(word[0]):
                continue
            if understood := self._nearest(word[0]):
                yield *word.span(), understood

    def _nearest(self, word: str) -> str:
        """Return the one word within reach, "" for none or several: one the notes hold goes before others."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA  # edits, and two letters swapped as one

        edits = 1 if len(word) < _LONG else 2
        same, swapped = self._words[word[0]], self._words[word[1]]
        words = same | {key: swapped[key] for key in swapped if key[1] == word[0]}
        found = process.extract(word, words.keys(), scorer=OSA.distance, score_cutoff=edits, limit=None)
        near = [(away, key) for key, away, _ in found]
        stems = {key: terms.terms(key, self._glossary).keys() for _, key in near}
        if any(stems[key] == terms.terms(word, self._glossary).keys() for _, key in near):
            return ""  # an inflection
        best = [key for away, key in near if away == min(near)[0]]
        best = [key for key in best if any(map(self._holds, stems[key]))] or best
        return words[best[0]] if len({min(stems[key], default="") for key in best}) == 1 else ""

    def _pinyin(self, folded: str, named: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
        """Read words as the syllables of a name: `ganshouye`, `gan shou ye`."""
        for stretch in _SYLLABLES.finditer(folded):
            words = [
                (stretch.start() + word.start(), stretch.start() + word.end())
                for word in re.finditer("[a-zü]+", stretch[0])
            ]
            readable = [any(sounds.syllables(_typed(folded[start:end]))) for start, end in words]
            done = 0
            for first in range(len(words)):
                for last in range(min(len(words), first + _MOST_WORDS), first, -1):
                    if first < done or not all(readable[first:last]):
                        continue
                    start, end = words[first][0], words[last - 1][1]
                    if last - first < 3 and _overlap(start, end, named):
                        continue  # three words are no chance: gan shou ye is not about a GAN
                    if understood := self._spelt(_typed(folded[start:end]), last - first):
                        yield start, end, understood
                        done = last

    def _spelt(self, typed: str, words: int) -> str:
        if not _SHORTEST <= len(typed) <= _LONGEST_PINYIN or (words == 1 and self._is_known(typed)):
            return ""
        known, none = sounds.readings(), frozenset[str]()
        names = [
            name
            for read in islice(sounds.syllables(typed), _MOST_READINGS)
            for name in self._beginnings.get(read[:2], ())
            if len(name) == len(read) >= words
            and all(syllable in known.get(char, none) for syllable, char in zip(read, name, strict=True))
        ]
        return next((name for name in names if self._holds(self.meant(name))), names[0] if names else "")

    def _chinese(self, folded: str, named: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
        """Take the longest names first, then those that keep most characters, then those that the notes hold."""
        found = []
        for run in _HAN.finditer(folded):
            for start in range(run.start(), run.end() - 1):
                for name in self._sounding_like(folded[start], folded[start + 1]):
                    end = start + len(name)
                    if end <= run.end() and self._is_slip(folded, start, name, named):
                        kept = sum(map(str.__eq__, folded[start:end], name))
                        found.append((-len(name), -kept, not self._holds(self.meant(name)), start, end, name))
        taken: list[tuple[int, int]] = []
        for *_, start, end, name in sorted(set(found)):
            if not _overlap(start, end, taken):
                taken.append((start, end))
                yield start, end, name

    def _sounding_like(self, one: str, other: str) -> Iterator[str]:
        """Yield the names that begin like two characters."""
        known, none = sounds.readings(), frozenset[str]()
        for beginning in product(known.get(one, none), known.get(other, none)):
            yield from self._beginnings.get(beginning, ())

    def _is_slip(self, text: str, start: int, name: str, named: Sequence[tuple[int, int]]) -> bool:
        """Whether the text from `start` on is `name` but for slips, and not something else that is said."""
        end = start + len(name)
        window = text[start:end]
        changed = [start + at for at, char in enumerate(name) if char != window[at]]
        if not changed or not all(self._alike(text[at], name[at - start]) for at in changed):
            return False
        if 2 * (len(name) - len(changed)) < len(name) - 1 or window in self._ordinary:
            return False
        inside = [span for span in named if _overlap(start, end, [span])]
        if any(first < start or last > end for first, last in inside) or (inside and len(name) < 3):
            return False
        if any(_overlap(at, at + 1, inside) for at in changed):
            return False
        if (inside or len(name) != 3) and any(text[at] in _FUNCTION for at in changed):
            return False
        if all(self._holds(text[at : at + 2]) for at in range(start, end - 1)):
            return False
        # 局部下降: what begins before the window and is in the notes is a word of its own.
        before, after = text[max(start - 1, 0) : start + 1], text[end - 1 : end + 1]
        edges = [before] * (start in changed) + [after] * (end - 1 in changed)
        return not any(len(edge) == 2 and self._holds(edge) for edge in edges)

    @staticmethod
    def _alike(one: str, other: str) -> bool:
        known, none = sounds.readings(), frozenset[str]()
        return not known.get(one, none).isdisjoint(known.get(other, none))

    @property
    def _ordinary(self) -> Collection[str]:
        return _shipped() if self._given is None else self._given

    @cached_property
    def _words(self) -> Mapping[str, dict[str, str]]:
        """First letter -> the words of Latin names, and the names closed up, lower-case -> as first written."""
        names = "\n".join(name for concept in self._glossary.concepts.values() for name in concept.names)
        folded = concepts.fold(names)
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for word in re.finditer("[a-z]{5,}", folded):
            found[word[0][0]].setdefault(word[0], names[word.start() : word.end()])
        for name in re.finditer("^[a-z]+(?:[ -][a-z]+)+$", folded, re.MULTILINE):
            closed, written = (
                re.sub("[ -]", "", text[name.start() : name.end()]) for text in (folded, names)
            )
            if len(closed) >= _SHORTEST:
                found[closed[0]].setdefault(closed, written)
        return found

    @cached_property
    def _beginnings(self) -> Mapping[tuple[str, ...], list[str]]:
        """How the first two characters of a Chinese name may be taken -> the names."""
        known, none = sounds.readings(), frozenset[str]()
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        names = (name for concept in self._glossary.concepts.values() for name in concept.names)
        for name in dict.fromkeys(name for name in names if len(name) > 1 and _HAN.fullmatch(name)):
            for beginning in product(known.get(name[0], none), known.get(name[1], none)):
                found[beginning].append(name)
        return found


@cache
def _shipped() -> frozenset[str]:
    lines = (files("index") / "ordinary.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _typed(written: str) -> str:
    return re.sub("[^a-z]", "", written.replace("ü", "v"))


def _overlap(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in spans)
