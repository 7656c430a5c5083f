"""The interview as a pure state machine: `advance(state, heard, now)` gives the next state and what is said.

Nothing here reads a clock, a file or a model, and chance comes from the plan's seed, so the same lines at the same
times give the same interview, byte for byte. Judging answers is done before (`judging`), wording by `phrases`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from assistant.grading.types import Level, Verdict
from assistant.interview import probing, standing
from assistant.interview.choosing import choose
from assistant.interview.phrases import Speaker, aspect_of
from assistant.interview.types import (
    Act,
    Asked,
    Heard,
    Item,
    Manner,
    Move,
    Phase,
    Plan,
    State,
    Turn,
)
from corpus.errors import StudyError

#: Lines that are no answer before a question is given up, hints to a question, 不知道 in a row before going down.
MOST_REDIRECTS, MOST_HINTS, MOST_NO_IDEAS = 2, 2, 2
_DEEPEST = 3
#: No follow-up is put in the last seconds, no main question either.
_LAST_SECONDS = 20
_ASKS = re.compile(
    r"[?？]|(?<!没)(?<!没有)(?:什么|怎么|多少|哪|吗|几)|\b(?:how|what|which|when|why|who|could you|tell me)\b"
)


class InterviewEnded(StudyError):
    """Something was said to an interview that is over."""


def begin(plan: Plan, now: datetime) -> tuple[State, tuple[Move, ...]]:
    """Return an interview that has just begun, with the opening and the first question said."""
    state = State(plan, Phase.OPENING, (), None)
    speaker = _speaker(state)
    minutes = str(max(1, round(plan.seconds / 60)))
    moves = [Move(Act.OPENING, speaker.say_anyway("opening", minutes=minutes))]
    state, following = _next_question(replace(state, phase=Phase.QUESTIONS), moves, now)
    return _turned(state, None, now, None, [*moves, *following])


def advance(state: State, heard: Heard, now: datetime) -> tuple[State, tuple[Move, ...]]:
    """Return the state after `heard`, and what the interviewer says to it. Raises `InterviewEnded`."""
    if state.phase is Phase.ENDED:
        raise InterviewEnded(
            "this interview is over",
            "See it with: assistant interview report; start anew: assistant interview",
        )
    now = max(now, state.turns[-1].at)  # a clock may be set back
    moves: list[Move] = []
    waiting = state.waiting
    if state.phase is Phase.PAUSED:
        state, moves = _resumed(state, heard, now)
    if heard.manner is Manner.END:
        state, moves = _closed(state)
    elif heard.manner is Manner.PAUSE:
        state, moves = _paused(state, now)
    elif state.phase is Phase.REVERSE:
        state, moves = _reversed(state, heard)
    elif not moves or heard.manner is Manner.ANSWER:
        state, moves = _answered(state, heard, now)
    return _turned(state, heard, now, waiting, moves)


def elapsed(state: State, now: datetime) -> float:
    """Return how many seconds the interview has run, without pauses."""
    paused = (now - state.paused_at).total_seconds() if state.paused_at else 0.0
    return max(0.0, (now - state.started_at).total_seconds() - state.paused_seconds - paused)


def _answered(state: State, heard: Heard, now: datetime) -> tuple[State, list[Move]]:
    """Go on after a line that was said to a question that waits."""
    assert state.waiting is not None
    item = state.plan.item(state.waiting.item_id)
    if heard.manner is not Manner.ANSWER and elapsed(state, now) > state.plan.seconds:
        return _closed(state, timed=True)
    match heard.manner:
        case Manner.ANSWER if heard.level is None:
            return state, [_said(state, Act.AGAIN, "unjudged")]
        case Manner.ANSWER:
            return _on_answer(replace(state, no_ideas=0, redirects=0), item, heard, now)
        case Manner.NO_IDEA:
            return _on_no_idea(state, item, heard, now)
        case Manner.SKIP:
            return _move_on(state, heard, now)
        case Manner.HINT:
            return _on_hint(state, item)
        case Manner.REPEAT | Manner.RESUME:
            return state, [_said(state, Act.AGAIN, "again", question=state.waiting.prompt)]
        case Manner.CLARIFY if state.redirects < MOST_REDIRECTS:
            return _redirected(state, Act.CLARIFY, "clarify", topic=item.name)
        case Manner.SILENCE if state.redirects < MOST_REDIRECTS:
            return _redirected(state, Act.AGAIN, "silence")
        case _ if state.redirects < MOST_REDIRECTS:
            return _redirected(state, Act.REDIRECT, "redirect")
        case _:
            return _move_on(state, heard, now)


def _on_answer(state: State, item: Item, heard: Heard, now: datetime) -> tuple[State, list[Move]]:
    told = [Move(Act.FEEDBACK, heard.feedback)] if state.plan.practice and heard.feedback else []
    # Before a follow-up only its first line is told: the rest would answer what is asked.
    brief = [replace(move, text=move.text.partition("\n")[0]) for move in told]
    # The verdicts of this answer count for what is asked next, so the turn is there before it is complete.
    with_answer = replace(state, turns=(*state.turns, Turn(heard, now, state.waiting, tuple(brief))))
    if not _is_late(state, now) and (move := _follow_up(with_answer, item)):
        return replace(state, waiting=move.asked), [*brief, move]
    level = standing.level(with_answer, item)
    step = {Level.CORRECT: 1, Level.WRONG: -1}.get(level or Level.PARTIAL, 0)
    state = replace(state, depth=min(_DEEPEST, max(1, state.depth + step)))
    after, moves = _next_question(state, told, now, linked=level is not Level.WRONG)
    return after, [*told, *moves]


def _on_no_idea(state: State, item: Item, heard: Heard, now: datetime) -> tuple[State, list[Move]]:
    """Go on after a 不知道: the second in a row goes down a level, a first one to a main question makes it smaller."""
    state = replace(state, no_ideas=state.no_ideas + 1, redirects=0)
    if state.no_ideas >= MOST_NO_IDEAS:
        return _move_on(replace(state, depth=max(1, state.depth - 1), no_ideas=0), heard, now)
    wish = None if _is_late(state, now) or standing.answered(state, item) else probing.simpler(state, item)
    if wish and (text := _speaker(state).say(wish.phrase, **dict(wish.slots))):
        asked = probing.asked(wish, item, text)
        return replace(state, waiting=asked), [Move(Act.FOLLOW_UP, text, asked)]
    return _move_on(state, heard, now)


def _on_hint(state: State, item: Item) -> tuple[State, list[Move]]:
    if state.hints >= MOST_HINTS:
        return state, [_said(state, Act.AGAIN, "no_more_hints")]
    state, speaker = replace(state, hints=state.hints + 1), _speaker(state)
    missed = [f.point for f in standing.findings(state, item) if f.verdict is Verdict.MISSED]
    for aspect in dict.fromkeys(aspect_of(point, state.plan.language) for point in missed):
        is_new = aspect and not any(aspect in said for said in state.said())
        if is_new and (text := speaker.say("hint", aspect=aspect)):
            return state, [Move(Act.HINT, text)]
    if text := speaker.say("hint_plain"):
        return state, [Move(Act.HINT, text)]
    return state, [_said(state, Act.AGAIN, "no_more_hints")]


def _follow_up(state: State, item: Item) -> Move | None:
    """Return the most urgent follow-up that can still be put without repeating or giving away anything."""
    speaker = _speaker(state)
    for wish in probing.wishes(state, item):
        if text := speaker.say(wish.phrase, **dict(wish.slots)):
            return Move(Act.FOLLOW_UP, text, probing.asked(wish, item, text))
    return None


def _move_on(state: State, heard: Heard, now: datetime) -> tuple[State, list[Move]]:
    lead = _said(state, Act.REDIRECT, "moving_on")
    after, moves = _next_question(state, [], now, linked=False)
    if moves[0].act is not Act.QUESTION:
        return after, moves
    return after, [replace(moves[0], text=f"{lead.text}{_gap(state)}{moves[0].text}"), *moves[1:]]


def _next_question(
    state: State, before: Sequence[Move], now: datetime, *, linked: bool = True
) -> tuple[State, list[Move]]:
    """Put the next main question, or where there is none left, or no time, come to the end."""
    done = state.asked_items()
    late = bool(state.turns) and elapsed(state, now) > state.plan.seconds - _LAST_SECONDS
    chosen = None if late or len(done) >= state.plan.questions else choose(state, linked=linked)
    state = replace(state, redirects=0, hints=0)
    if chosen is None:
        if late:
            return _closed(state, before, timed=True)
        text = _speaker(state, before).say_anyway("reverse")
        return replace(state, phase=Phase.REVERSE, waiting=None), [Move(Act.REVERSE, text)]
    item, is_link = chosen
    kind = "first" if not done else "linked" if is_link else "next"
    kind += "_plain" if item.name.strip("「」") in item.prompt else ""
    lead = _speaker(state, before).say_anyway(kind, topic=item.name)
    text = f"{lead}{_gap(state)}{item.prompt}"
    asked = Asked(item.item_id, None, item.prompt, item.points, item.drill if not item.points else None)
    return replace(state, waiting=asked), [Move(Act.QUESTION, text, asked)]


def _paused(state: State, now: datetime) -> tuple[State, list[Move]]:
    if state.phase is Phase.PAUSED:
        return state, [_said(state, Act.PAUSED, "paused")]
    after = replace(state, phase=Phase.PAUSED, paused_at=now, resumes=state.phase)
    return after, [_said(state, Act.PAUSED, "paused")]


def _resumed(state: State, heard: Heard, now: datetime) -> tuple[State, list[Move]]:
    assert state.paused_at is not None
    away = (now - state.paused_at).total_seconds()
    state = replace(
        state, phase=state.resumes, paused_at=None, paused_seconds=state.paused_seconds + max(0.0, away)
    )
    if state.waiting is None or heard.manner in (Manner.END, Manner.PAUSE):
        return state, []
    return state, [_said(state, Act.AGAIN, "resumed", question=state.waiting.prompt)]


def _reversed(state: State, heard: Heard) -> tuple[State, list[Move]]:
    """Answer the candidate's question, if there is one, and close."""
    if heard.manner in (Manner.RESUME, Manner.REPEAT):
        return state, [_said(state, Act.REVERSE, "reverse")]
    if not _ASKS.search(heard.text.casefold()):
        return _closed(state)
    answer = _said(state, Act.REVERSE, "reverse_answer")
    state, closing = _closed(state, [answer])
    return state, [answer, *closing]


def _closed(state: State, before: Sequence[Move] = (), *, timed: bool = False) -> tuple[State, list[Move]]:
    speaker = _speaker(state, before)
    closing = speaker.say_anyway("closing")
    if timed:
        closing = f"{speaker.say_anyway('time')}{_gap(state)}{closing}"
    ended = replace(state, phase=Phase.ENDED, waiting=None, paused_at=None)
    return ended, [Move(Act.CLOSING, closing)]


def _redirected(state: State, act: Act, kind: str, **slots: str) -> tuple[State, list[Move]]:
    assert state.waiting is not None
    after = replace(state, redirects=state.redirects + 1)
    return after, [_said(state, act, kind, question=state.waiting.prompt, **slots)]


def _said(state: State, act: Act, kind: str, **slots: str) -> Move:
    return Move(act, _speaker(state).say_anyway(kind, **slots))


def _turned(
    state: State, heard: Heard | None, now: datetime, asked: Asked | None, moves: Sequence[Move]
) -> tuple[State, tuple[Move, ...]]:
    turn = Turn(heard, now, asked, tuple(moves))
    return replace(state, turns=(*state.turns, turn)), turn.moves


def _speaker(state: State, before: Sequence[Move] = ()) -> Speaker:
    known = [topic.topic for topic in state.plan.topics]
    known += [turn.heard.text for turn in state.turns if turn.heard]
    said = [*state.said(), *(move.text for move in before)]
    return Speaker(state.plan.language, state.plan.seed, said, standing.secret_points(state), known)


def _is_late(state: State, now: datetime) -> bool:
    """Whether the interview is so far behind its plan that nothing more can be asked of this question."""
    ran, share = elapsed(state, now), len(state.asked_items()) / state.plan.questions
    return ran > state.plan.seconds - 2 * _LAST_SECONDS or ran > state.plan.seconds * min(1.0, share + 0.1)


def _gap(state: State) -> str:
    return "" if state.plan.language.value == "zh" else " "
