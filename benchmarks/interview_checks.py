"""What must hold in any interview, read off its state by other means than the interviewer's own.

Leaks are looked for here with cuts, stop words and an idea of what is known that share nothing with
`assistant.interview.leaks`, so that a fault there does not hide itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from assistant.grading.types import KeyPoint, Verdict
from assistant.interview.candidates import Candidate, Plant
from assistant.interview.records import dump, load, log_of, replay
from assistant.interview.simulating import planted
from assistant.interview.types import Act, Phase, Plan, Probe, State

_CHINESE = re.compile("[\u4e00-\u9fff]{5,}")
_BLANK_IN_CHINESE = re.compile("(?<=[\u4e00-\u9fff])\\s+(?=[\u4e00-\u9fff])")
_RUN, _CONTENT_WORDS = 5, 3
#: What the last answer may take beyond the end, in seconds: nobody is cut off in mid-sentence.
_LAST_ANSWER = 240


@dataclass(frozen=True, slots=True)
class Leak:
    """What the interviewer said, and the words in it that give away a point that nobody has said."""

    text: str
    words: str
    point: str


def leaks(state: State) -> Iterator[Leak]:
    """Yield what gives a point away that was not said yet and stands in no title, its question or anything said."""
    known = "\n".join([*(topic.topic for topic in state.plan.topics), *_names(state.plan)])
    hit: set[str] = set()
    points = _points(state.plan)
    for turn in state.turns:
        if turn.heard:
            known += "\n" + turn.heard.text
            hit |= {f.point.text for f in turn.heard.findings if f.verdict is Verdict.HIT}
        for move in turn.moves:
            new = _grams(move.text) - _grams(known)
            for point, question in points:
                if point.text in hit:
                    continue
                given = new & _grams("\n".join((point.text, *point.wordings))) - _grams(question)
                runs = [gram for gram in given if not gram.isascii()]
                words = [gram for gram in given if gram.isascii()]
                if runs or len(words) >= _CONTENT_WORDS:
                    yield Leak(move.text, " ".join(sorted(runs or words)), point.text)
            known += "\n" + move.text


def _names(plan: Plan) -> Iterator[str]:
    for topic in plan.topics:
        for item in topic.items:
            yield item.name


def _points(plan: Plan) -> Sequence[tuple[KeyPoint, str]]:
    """Return every point of the plan with the questions that ask for it."""
    asked: dict[str, tuple[KeyPoint, str]] = {}
    for topic in plan.topics:
        for item in topic.items:
            asks = [(item.prompt, item.points), *((one.prompt, one.points) for one in item.deeper)]
            for prompt, points in asks:
                for point in points:
                    asked[point.text] = (point, f"{asked.get(point.text, (point, ''))[1]}\n{prompt}")
    return list(asked.values())


_GRAMS: dict[str, frozenset[str]] = {}


def _grams(text: str) -> frozenset[str]:
    """Return every five Chinese characters in a row of `text`, and its content words."""
    if text not in _GRAMS:
        plain = _BLANK_IN_CHINESE.sub("", unicodedata.normalize("NFKC", text)).casefold()
        runs = {r[at : at + _RUN] for r in _CHINESE.findall(plain) for at in range(len(r) - _RUN + 1)}
        words = {w for w in re.findall("[a-z]{3,}", plain) if w not in ENGLISH_STOP_WORDS}
        if len(_GRAMS) > 20_000:
            _GRAMS.clear()
        _GRAMS[text] = frozenset(runs | words)
    return _GRAMS[text]


def repeats(state: State) -> list[str]:
    """Return the questions that were put twice as if they were new."""
    put = [
        "".join(text.casefold().split())
        for turn in state.turns
        for move in turn.moves
        if move.act in (Act.QUESTION, Act.FOLLOW_UP) and move.asked
        for text in {move.text, move.asked.prompt}
    ]
    return [text for text in dict.fromkeys(put) if put.count(text) > 1]


def overruns(state: State) -> bool:
    """Whether the interview did not end, or went on asking when its time was over."""
    if state.phase is not Phase.ENDED:
        return True
    end = state.started_at.timestamp() + state.plan.seconds + state.paused_seconds
    asked_late = any(
        turn.at.timestamp() > end and any(move.asked for move in turn.moves) for turn in state.turns
    )
    return asked_late or state.turns[-1].at.timestamp() > end + _LAST_ANSWER


def replays(state: State) -> bool:
    """Whether the log gives the same interview again, byte for byte, and the store reads what it wrote."""
    stored = dump(state)
    return dump(replay(state.plan, state.started_at, log_of(state))) == stored and load(stored) == state


def probed(state: State, candidate: Candidate, seed: int) -> list[tuple[str, bool]]:
    """Return for each planted fault the answer that held it, and whether a follow-up asked about it."""
    found = []
    for fault in planted(state, candidate, seed):
        asked = [move.asked for turn in fault.following for move in turn.moves if move.asked]
        at_once = [move.asked for move in fault.turn.moves if move.asked]
        if fault.line.plant is Plant.CONTRADICTION:
            is_probed = any(one.probe is Probe.CONTRADICTION for one in at_once)
        else:
            is_probed = any(
                one.probe in (Probe.MISSING, Probe.VAGUE) and _is_about(one.points, fault.line.point)
                for one in asked
            )
        found.append((fault.line.text, is_probed))
    return found


def wrongly_doubted(state: State) -> list[str]:
    """Return what was asked about as a contradiction; of somebody who only says what the note says, none should be."""
    return [
        move.text
        for turn in state.turns
        for move in turn.moves
        if move.asked and move.asked.probe is Probe.CONTRADICTION
    ]


def _is_about(points: Sequence[KeyPoint], point: KeyPoint | None) -> bool:
    return point is not None and any(one.text == point.text for one in points)
