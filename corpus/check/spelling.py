"""Which Latin words are right, and the technical term nearest to one that is not.

Right are the words of the glossary's names, what is regularly formed from them, British spellings, and the
real words that lie near one of them (`real_words.txt`). It is no dictionary: of a word that resembles no
term nothing is said. Distance is that of Damerau in its restricted form: insert, delete, replace, or swap
two neighbours (optimal string alignment).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files

from corpus.glossary import Glossary

#: Names that the glossary holds so that a misspelt note is still found. They are nobody's correction.
COLLOQUIAL = frozenset("adapation leakly noramlization seperable".split())

MIN_LETTERS, TWO_EDITS = 6, 10
"""A term of fewer letters is too near to other words; from `TWO_EDITS` letters on two slips are believed."""

#: Short terms that are mistyped too; only a neighbouring key or two swapped letters count as a slip in them.
SHORT = frozenset("conv relu gelu layer batch epoch model token logit".split())
_KEYS = {
    char: (row, column + row / 2)
    for row, keys in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
    for column, char in enumerate(keys)
}
_PREFIXES = tuple(
    "un re pre non sub over under multi de anti auto inter co mis super semi self hyper bi uni meta dis in".split()
)
#: How words are formed from words that are right: an ending, and what stood in its place.
_SUFFIXES = tuple(
    (ending, stem)
    for rule in """
    ies:y ied:y ying:ie s: es: d: ed: ing: ing:e r: rs: er: er:e ers: ers:e or: or:e ors:e est: en: y:
    ly: ily:y ally: ness: able: able:e ably:able ability:able ful: less: like: wise: ion: ion:e ions: ions:e
    ive:ion ment: ments: al: al:e ational:ation ist: ity: ity:e ities: ian: ians: ized: ization: izer:ization
    ize:ization izes:ization ized:ization izing:ization ses:sis a:um i:us ices:ex ices:ix
    """.split()
    for ending, _, stem in [rule.partition(":")]
)
_DOUBLED = re.compile(r"(?:[^aeiou]|^)[aeiou]([bdgklmnprtv])\1(?:ed|ing|er|ers|able)$")
_BRITISH = tuple(
    (re.compile(british), american)
    for british, american in (
        ("is(?=ation|e|ing)", "iz"),
        ("ys(?=e|ing)", "yz"),
        ("our", "or"),
        ("re(?=s?$|d$)", "er"),
        ("(?<=[^aeiou][aeiou]l)l(?=ed$|ing$|er$)", ""),
        ("ogue$", "og"),
        ("ence$", "ense"),
        ("mme(?=s?$)", "m"),
    )
)


@dataclass(frozen=True, slots=True)
class Slip:
    """A word taken for a misspelling: the term meant, the edits between, and how many terms are as near."""

    term: str
    edits: int
    rivals: int


@dataclass(frozen=True, slots=True)
class Spelling:
    """The words that are right, and the terms by what is left of them after deletions. Immutable."""

    right: frozenset[str]
    _terms: dict[str, tuple[str, ...]] = field(repr=False)
    _doubled: frozenset[str] = field(repr=False)

    def knows(self, word: str) -> bool:
        """Whether `word` (lower case) is right as far as is known here."""
        if word in self.right:
            return True
        if any(
            (us := pattern.sub(new, word)) != word and _is_formed(us, self.right) for pattern, new in _BRITISH
        ):
            return True
        # Of a term with a letter doubled or not (overfiting, poolling) no rule of formation makes a word.
        return _undoubled(word) not in self._doubled and _is_formed(word, self.right)

    def nearest(self, word: str) -> Slip | None:
        """Return the term that `word`, lower case and not right, was meant to be; None where none is near."""
        if word in COLLOQUIAL:
            rest = [t for t in self._near(word, 2) if t not in COLLOQUIAL]
            return Slip(rest[0], distance(word, rest[0]), 0) if rest else None
        if len(word) < MIN_LETTERS:
            short = [term for term in SHORT if _mistyped(word, term)]
            if len(short) == 1:
                return Slip(short[0], 1, 0)
        near = self._near(word, 2)
        if word.endswith("s") and (singular := self._near(word[:-1], 1)):
            plural = f"{singular[0]}s"
            if not near or distance(word, plural) < distance(word, near[0]):
                near = [plural]
        if not near:
            return None
        best = distance(word, near[0])
        likeliest = only_shuffled(word, near[0])
        rivals = [t for t in near[1:] if distance(word, t) == best and only_shuffled(word, t) >= likeliest]
        return Slip(near[0], best, len(rivals))

    def _near(self, word: str, most: int) -> list[str]:
        """Return the terms near enough to `word`, nearest first."""
        found = {term for key in _deletions(word, most) for term in self._terms.get(key, ())}
        near = [
            (edits, not only_shuffled(word, term), abs(len(term) - len(word)), term)
            for term in found
            if (edits := distance(word, term)) <= _allowed(word, term) and not _is_prefixed(word, term)
        ]
        return [term for *_, term in sorted(near)]


def spelling(glossary: Glossary) -> Spelling:
    """Return the spelling of a glossary's words; made once for a glossary, in a quarter of a second."""
    if glossary.fingerprint not in _MADE:
        _MADE[glossary.fingerprint] = _make(glossary)
    return _MADE[glossary.fingerprint]


_MADE: dict[str, Spelling] = {}


def _make(glossary: Glossary) -> Spelling:
    words = {
        word.lower()
        for concept in glossary.concepts.values()
        for name in concept.names
        for word in re.findall("[A-Za-z]+", name)
    }
    terms: dict[str, set[str]] = defaultdict(set)
    for word in words - COLLOQUIAL:
        if len(word) >= MIN_LETTERS:
            for key in _deletions(word, 2 if len(word) >= TWO_EDITS else 1):
                terms[key].add(word)
    return Spelling(
        frozenset(words - COLLOQUIAL | set(_real_words())),
        {key: tuple(sorted(near)) for key, near in terms.items()},
        frozenset(_undoubled(word) for word in words - COLLOQUIAL if len(word) >= MIN_LETTERS),
    )


def distance(a: str, b: str) -> int:
    """Return the edits between `a` and `b`, swapped neighbours counting as one."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            edits = min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                edits = min(edits, before[j - 2] + 1)
            row.append(edits)
        before = above
    return row[-1]


def only_shuffled(word: str, term: str) -> bool:
    """Whether letters were only swapped, doubled or undoubled: the likeliest slip, and never two names."""
    return sorted(word) == sorted(term) or _undoubled(word) == _undoubled(term)


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def _real_words() -> Iterator[str]:
    text = (files("corpus") / "check" / "real_words.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            yield from line.split()


def _is_formed(word: str, right: frozenset[str]) -> bool:
    """Whether `word` is right or regularly formed from what is."""
    if word in right or _is_inflected(word, right):
        return True
    for prefix in _PREFIXES:
        rest = word.removeprefix(prefix)
        if len(rest) < len(word) and len(rest) >= 4 and (rest in right or _is_inflected(rest, right)):
            return True
    # Two words written as one: feedforward, minibatch. Short ones would let any slip pass.
    return any(word[:i] in right and word[i:] in right for i in range(4, len(word) - 3))


def _is_inflected(word: str, right: frozenset[str]) -> bool:
    if (match := _DOUBLED.search(word)) and word[: match.start(1) + 1] in right:
        return True
    return any(
        word.endswith(ending) and len(word) - len(ending) >= 3 and word[: -len(ending)] + stem in right
        for ending, stem in _SUFFIXES
    )


def _allowed(word: str, term: str) -> int:
    """Return how many edits are believed: two in long terms that begin alike, else one."""
    long = min(len(term), len(word) + 1) >= TWO_EDITS and term[0] == word[0]
    return 2 if long else 1


def _is_prefixed(word: str, term: str) -> bool:
    """Whether `word` is a term with one letter before it or without its first: a variable such as nsamples."""
    return (word[1:] == term and word[0] != term[0]) or term[1:] == word


def _mistyped(word: str, term: str) -> bool:
    """Whether one key was missed for its neighbour, or two letters swapped."""
    if len(word) != len(term) or word == term:
        return False
    differ = [i for i, (x, y) in enumerate(zip(word, term, strict=True)) if x != y]
    if len(differ) == 2:
        i, j = differ
        return j == i + 1 and word[i] == term[j] and word[j] == term[i]
    if len(differ) != 1 or word[differ[0]] not in _KEYS:
        return False
    (row, column), (other_row, other) = _KEYS[word[differ[0]]], _KEYS[term[differ[0]]]
    return abs(row - other_row) <= 1 and abs(column - other) <= 1


def _deletions(word: str, most: int) -> set[str]:
    """Return `word` without up to `most` of its letters, in every way."""
    found = last = {word}
    for _ in range(most):
        last = {w[:i] + w[i + 1 :] for w in last for i in range(len(w))}
        found = found | last
    return found
