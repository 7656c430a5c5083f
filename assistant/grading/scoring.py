"""From what was said to a score and a level. Only this module knows the bars; all of them were tuned together.

The bars were set on `benchmarks/data/graded_answers.jsonl`; `benchmarks/grading.py` measures them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.grading.matching import Mass
from assistant.grading.types import Level, Verdict

#: How much has to be said of a mass of content: nobody repeats a long note whole, and a short one wants all of it.
_SCALE, _BEND, _LEAST_WANTED = 1.05, 0.53, 1.0
#: Worth from which an answer is correct or partly so, and which no facet may fall below in a correct one.
_CORRECT, _PARTIAL, _WORST_FACET = 0.45, 0.22, 0.40
#: Scores shown for these bars.
CORRECT_SCORE, PARTIAL_SCORE = 0.75, 0.3
#: Below this share of the answer's facts that the note knows, the rest of them makes the answer worth less.
_KNOWN = 0.4
#: A clause that says so much of which the note says nothing is a claim of its own, and costs so much.
_CLAIM, _CLAIM_COST = 1.5, 0.5
#: One right side of a comparison is no comparison.
_ONE_SIDED = 0.6 * _CORRECT / 0.62
#: An answer that contradicts the note survives only if it says this much more that is right, and then by half.
_OUTWEIGHS, _CONTRADICTED = 2.0, 0.5
#: What has to be said in known words, of all that has to be said, for a correct answer.
_WORDED = 0.2
#: From this weight on what is right and bears on the question is a part of the answer, unless as much is made up.
_APT, _OWN_CLAIM = 1.4, 2.0
_HIT, _TOUCHED, _ENOUGH_TO_HIT = 0.5, 0.2, 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the score of an answer follows from, beside the worth of each facet.

    `known` is the share of its facts that the note knows; `claim` the most that a clause says without the note;
    `right` and `contradicted` weigh the clauses that the note supports and denies, `apt` those of the right ones that
    bear on the question; `half` tells of an answer that says too little to be whole, `hit` of a point said whole.
    """

    worths: tuple[float, ...]
    known: float = 1.0
    claim: float = 0.0
    right: float = 0.0
    contradicted: float = 0.0
    apt: float = 0.0
    one_sided: bool = False
    half: bool = False
    wrong_choice: bool = False
    hit: bool = False


def worth(asked: Mass, lines: Iterable[Mass] = ()) -> float:
    """Return in 0..1 how much of what a facet asks was said: of all of it, or of a line that is enough."""
    return max(_share(asked), *(_share(line) for line in lines), 0.0)


def _share(mass: Mass) -> float:
    if not mass.wanted:
        return 0.0
    demand: float = max(_SCALE * mass.wanted**_BEND, _LEAST_WANTED)
    share = min(1.0, mass.said / demand)
    # Nearness adds to what was said and is no answer by itself: a sentence stands near its own denial.
    return share if mass.worded >= _WORDED * demand else min(share, _CORRECT - 0.01)


def score(evidence: Evidence) -> float:
    """Return the score in 0..1; 0.75 and more is correct, 0.3 and more partly so."""
    value = sum(evidence.worths) / len(evidence.worths) if evidence.worths else 0.0
    value *= min(1.0, evidence.known / _KNOWN)
    if evidence.wrong_choice:
        return 0.0
    if evidence.contradicted:
        value = _CONTRADICTED * value if evidence.right > _OUTWEIGHS * evidence.contradicted else 0.0
        value = min(value, _CORRECT - 0.01)  # what is half false is not correct, however right the other half
    if evidence.one_sided:
        value = min(value, _ONE_SIDED)
    if evidence.claim >= _CLAIM and evidence.apt < _OUTWEIGHS * evidence.claim:
        value *= _CLAIM_COST
    if evidence.half or min(evidence.worths, default=0.0) < _WORST_FACET:
        value = min(value, _CORRECT - 0.01)
    if not evidence.contradicted and (evidence.hit or _says_a_half(evidence)):
        value = max(value, _PARTIAL)
    return _shown(value)


def _says_a_half(evidence: Evidence) -> bool:
    """Whether one of several facets is met, or enough is said that is right and bears on the question."""
    met = len(evidence.worths) > 1 and max(evidence.worths) >= _WORST_FACET and evidence.known >= _KNOWN
    return met or (evidence.apt >= _APT and evidence.claim < _OWN_CLAIM)


def level(shown: float) -> Level:
    """Return the level of a score."""
    if shown >= CORRECT_SCORE:
        return Level.CORRECT
    return Level.PARTIAL if shown >= PARTIAL_SCORE else Level.WRONG


def verdict(mass: Mass, *, contradicted: bool) -> Verdict:
    """Return the verdict on one point."""
    if contradicted:
        return Verdict.CONTRADICTED
    if mass.share >= _HIT and mass.said > _ENOUGH_TO_HIT:
        return Verdict.HIT
    return Verdict.PARTIAL if mass.share >= _TOUCHED else Verdict.MISSED


def total(parts: Sequence[Verdict]) -> float:
    """Return the score of verdicts that a model gave: a hit counts whole, a partial half, a contradiction against.

    Used where each verdict was given by itself; without a model the worth of the words decides.
    """
    worths = {Verdict.HIT: 1.0, Verdict.PARTIAL: 0.5, Verdict.MISSED: 0.0, Verdict.CONTRADICTED: -0.5}
    if not parts:
        return 0.0
    value = max(0.0, sum(worths[part] for part in parts) / len(parts))
    # What contradicts the note is not correct, however much else is right.
    return min(value, CORRECT_SCORE - 0.01) if Verdict.CONTRADICTED in parts else value


def _shown(value: float) -> float:
    """Stretch worth so that the bars lie where the scores are said to: between them, it rises in straight lines."""
    for low, high, least, most in (
        (0.0, _PARTIAL, 0.0, PARTIAL_SCORE),
        (_PARTIAL, _CORRECT, PARTIAL_SCORE, CORRECT_SCORE),
        (_CORRECT, 1.0, CORRECT_SCORE, 1.0),
    ):
        if value < high or high == 1.0:
            shown = least + (value - low) / (high - low) * (most - least)
            return round(min(1.0, max(0.0, shown)), 6)
    raise AssertionError("the last stretch takes every value")
