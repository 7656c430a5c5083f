"""Makes the data that misspelt questions are read by: `python -m index.training.slips --data FOLDER --english FILE`.

`corpus/sounds.txt` has the readings of the characters of GB 2312, from pypinyin (MIT), which takes them from Unihan.
`index/ordinary.txt` has what is within reach of a name of the glossary and yet no slip: English words of a
word list (SCOWL, as Debian's wamerican installs it) and words of the training text. To be run again when the
glossary has grown.
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise, product
from pathlib import Path

from corpus import sounds
from corpus.glossary import Glossary, load_glossary
from index.slips import SlipFinder
from index.training import reading

_ROOT = Path(__file__).resolve().parent.parent.parent
SOUNDS, ORDINARY = _ROOT / "corpus" / "sounds.txt", _ROOT / "index" / "ordinary.txt"

# A character's readings stand in the order of their use; further ones are those of old texts and names.
_READINGS = 3
# Rarer words of the training text may be slips themselves; the Chinese ones that it makes more often are listed.
_LATIN_SEEN, _CHINESE_SEEN = 20, 2
_SLIPS = re.compile(
    "规一|收连|收敛行|鲁邦|正太分布|罗辑|线形|卷机|链接层|联接层|可变性卷|雅格|裁减|偏执|示例分割|晓波|剪知|举类|梯度累计"
)
#: Names that no list of words has: models, tools and people.
NAMES = "gemma yolov yolor labml".split()

_NOTICE = """\
# No slips, though near a name: English words, then Chinese. Made by `python -m index.training.slips`.
# The English words come from SCOWL, Copyright 2000-2011 by Kevin Atkinson. Permission to use, copy, modify,
# distribute and sell these word lists, the associated scripts, the output created from the scripts, and its
# documentation for any purpose is hereby granted without fee, provided that the above copyright notice appears
# in all copies and that both that copyright notice and this permission notice appear in supporting documentation.
# Kevin Atkinson makes no representations about the suitability of this array for any purpose. It is provided "as is"
# without express or implied warranty.
"""


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(prog="python -m index.training.slips", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training text")
    parser.add_argument("--english", type=Path, required=True, help="list of English words, one a line")
    given = parser.parse_args()
    SOUNDS.write_text("".join(f"{sound} {of}\n" for sound, of in sorted(readings().items())), "utf-8")
    glossary = load_glossary()
    finder = SlipFinder(glossary, lambda term: False, ordinary=())
    texts = list(reading.read(given.data).texts())
    english = given.english.read_text("utf-8").splitlines()
    latin = [word for word in (*_latin(texts), *map(str.lower, english), *NAMES) if finder.find(word)]
    chinese = [w for w in _chinese(texts, glossary) if any(slip.written == w for slip in finder.find(w))]
    ORDINARY.write_text(f"{_NOTICE}{_lines(latin)}\n{_lines(chinese)}\n", "utf-8")
    sys.stdout.write(f"{len(set(latin)):,} English words, {len(set(chinese)):,} Chinese\n")


def readings() -> dict[str, str]:
    """Return syllable -> the characters of GB 2312 read so, without tones, with v for ü."""
    from pypinyin.constants import PINYIN_DICT

    found: dict[str, str] = defaultdict(str)
    for code in product(range(0xB0, 0xF8), range(0xA1, 0xFF)):
        character = bytes(code).decode("gb2312", "ignore")
        toned = PINYIN_DICT.get(ord(character), "").split(",") if character else []
        for syllable in list(dict.fromkeys(map(_toneless, filter(None, toned))))[:_READINGS]:
            found[syllable] += character
    return found


def _toneless(syllable: str) -> str:
    plain = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in plain if letter.isascii())


def _latin(texts: Iterable[str]) -> Iterator[str]:
    counts = Counter(word for text in texts for word in re.findall(r"(?<!\w)[a-z]{5,}(?!\w)", text.lower()))
    return (word for word, count in counts.items() if count >= _LATIN_SEEN)


def _chinese(texts: Iterable[str], glossary: Glossary) -> Iterator[str]:
    """Yield what stands in the texts, begins as a name sounds and is as long."""
    lengths: dict[tuple[str, str], set[int]] = defaultdict(set)
    names = {name for concept in glossary.concepts.values() for name in concept.zh}
    known, none = sounds.readings(), frozenset[str]()
    for name in names:
        for beginning in product(*(known.get(character, none) for character in name[:2])):
            lengths[beginning[0], beginning[-1]].add(len(name))
    counts: Counter[str] = Counter()
    for run in (run for text in texts for run in re.findall("[一-鿿]{2,}", text)):
        for at, (one, other) in enumerate(pairwise(run)):
            beginnings = product(known.get(one, none), known.get(other, none))
            possible = {length for beginning in beginnings for length in lengths.get(beginning, ())}
            counts.update(run[at : at + length] for length in possible if at + length <= len(run))
    seen = {window for window, count in counts.items() if count >= _CHINESE_SEEN}
    return (window for window in sorted(seen - names) if not _SLIPS.search(window))


def _lines(words: Iterable[str]) -> str:
    return "\n".join(sorted(set(words)))


if __name__ == "__main__":
    main()
