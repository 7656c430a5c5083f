"""The mistakes that a note lists itself: who says what it calls wrong contradicts it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.grading.contradiction import Checked, Stance
from assistant.grading.key_points import citation_of, lines_of
from assistant.grading.lexicon import lexicon
from assistant.grading.matching import credit
from assistant.grading.meaning import Meaning
from assistant.grading.reading import Statement
from assistant.grading.types import KeyPoint
from corpus.glossary import Glossary
from corpus.types import Topic

_HEADING = re.compile(r"常见错误|误区|易错|mistakes?|pitfalls?|misconceptions?", re.IGNORECASE)
# What is called wrong, and what is so instead.
_CLAIM = re.compile(
    r"^\W*(?:误区|易错点?|错误)?[:：]?\s*(?:有人|很多人|常有人)?(?:会|常)?"
    r"(?:说|认为|以为|误以为|觉得|把)(?P<claim>.+?)(?:都|也|就)?(?:是|并)(?:错误?的?|不(?:对|准确|成立)的?)\s*(?:[:：,，。]|$)"
    r"|^\W*it is (?:wrong|inaccurate|not true|a mistake) to (?:say|think|claim|believe) that "
    r"(?P<english>.+?)(?::|\.\s*$)",
    re.IGNORECASE,
)
# Many a mistake is one only because it says so of everything.
_ABSOLUTE = re.compile(
    r"只|仅|总|一定|永远|所有|全部|都|任何|完全|必须|必然|肯定|绝对|唯一|才|越.*越|"
    r"\b(?:only|always|never|all|every|any|must|entirely|completely|just)\b"
)
#: Of what is called wrong so much has to be said, of the clause so much has to be that, and so much at least.
_SAID, _OF_CLAUSE, _LEAST = 0.6, 0.6, 1.2


def mistakes(topic: Topic) -> tuple[KeyPoint, ...]:
    """Return what `topic` calls wrong: shown as its line, compared as what is claimed."""
    listing = [passage for passage in topic.passages if _HEADING.search(passage.heading_path[-1])]
    lines = ((line, _CLAIM.search(line.text)) for passage in listing for line in lines_of(passage))
    return tuple(
        KeyPoint(
            line.text.strip(" \t-*+•"),
            citation_of(line),
            wordings=((match["claim"] or match["english"]).strip(),),
        )
        for line, match in lines
        if match
    )


def mistaken(
    checks: Sequence[Checked], listed: Sequence[Statement], glossary: Glossary, first: int
) -> list[Checked]:
    """Return `checks`, those denied that make a mistake of `listed`; the place of the n-th is `first` + n."""
    return [_mistaken(check, listed, glossary, first) for check in checks]


def _mistaken(check: Checked, listed: Sequence[Statement], glossary: Glossary, first: int) -> Checked:
    folded = check.clause.clause.folded
    if check.contradicts or lexicon().words["negation"].search(folded):
        return check
    for place, statement in enumerate(listed):
        claim = statement.meanings
        if any(_ABSOLUTE.search(m.clause.folded) for m in claim) and not _ABSOLUTE.search(folded):
            continue
        said, wanted = _shared(claim, [check.clause], glossary)
        back, own = _shared([check.clause], claim, glossary)
        if said >= max(_LEAST, _SAID * wanted, check.strength) and back >= _OF_CLAUSE * own:
            return Checked(check.clause, Stance.DENIES, said, first + place)
    return check


def _shared(of: Sequence[Meaning], by: Sequence[Meaning], glossary: Glossary) -> tuple[float, float]:
    """Return how much of what `of` says is said in `by`, and how much it says."""
    shared = whole = 0.0
    for meaning in of:
        for fact in meaning.facts:
            worths = [credit(fact, other, glossary) for m in by for other in m.facts]
            whole += fact.weight
            shared += fact.weight * max(worths, default=0.0)
        for word, weight in meaning.words.items():
            whole += weight
            shared += weight * any(word in m.words for m in by)
    return shared, whole
