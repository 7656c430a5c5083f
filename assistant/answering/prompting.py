"""What a model is told, made to fit its window: rules, earlier turns in big steps, the best passages, the question.

Only the end differs from turn to turn: tools and rules never change, earlier turns are only ever added to, and when
they grow too long many of them go at once, so that the server's prefix cache holds in between. Pure functions of
the request; counting is in `assistant/answering/budget.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.budget import UNMEASURED, Budget, weight
from assistant.answering.premises import reminder_for
from assistant.answering.types import Request
from assistant.llm.base import ContextOverflow, Message, Role, ToolSchema
from assistant.prompts import fill
from corpus.types import Passage

#: Passages given to the model, best first; a small model does not read more of them.
MAX_PASSAGES = 6
#: Parts of the prompt's room that earlier turns may take. The next one is tried where no passage fits beside them.
HISTORY_SHARES = (0.4, 0.2, 0.1, 0.0)
#: The part of the room that is kept for the results of tools.
TOOL_SHARE = 0.15
#: The part of the room for earlier turns that one answer may take; the rest of it was read long ago. The smaller,
#: the more turns pass between two big steps.
EARLIER_SHARE = 0.1
#: Of turns that are left out, the questions are kept: so many, and so many characters of each.
MAX_RECALLED, MAX_RECALLED_LENGTH = 12, 80
#: What a template writes around a question and its answer, as weight.
_TURN = 16.0
#: A passage cut shorter than this many tokens is not worth quoting.
_SHORTEST = 60


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that fits. `passages` are numbered from 1 in it; the other counts say what had to stay out."""

    messages: tuple[Message, ...]
    passages: tuple[Passage, ...]
    passages_left_out: int = 0
    turns_left_out: int = 0
    is_cut: bool = False


def compose(request: Request, budget: Budget, tools: Sequence[ToolSchema] = ()) -> Prompt:
    """Return the longest prompt that fits beside `tools` and the answer: passages go first, then earlier turns.

    Raises `ContextOverflow` where not even the beginning of the best passage fits beside the question.
    """
    candidates = _candidates(request)
    system = Message(Role.SYSTEM, fill("system"))
    longest = EARLIER_SHARE * _limit(budget, HISTORY_SHARES[0])
    history = [(turn.question, _shortened(turn.answer, longest)) for turn in request.history]
    weights = [weight(question) + weight(answer) + _TURN for question, answer in history]
    for share in HISTORY_SHARES:
        start = kept_from(weights, _limit(budget, share))
        opening = [system, *_earlier(history, start)]
        kept = round(budget.window.prompt * TOOL_SHARE) if tools else 0
        for reserve in (kept, 0):
            passages, is_cut = _fitting(request, candidates, budget, opening, tools, reserve)
            if (passages and not (is_cut and share)) or not candidates:
                return Prompt(
                    (*opening, _question(request, passages)),
                    tuple(candidates[: len(passages)]),
                    len(candidates) - len(passages),
                    start,
                    is_cut,
                )
            if share:  # earlier turns give way before the room for results does
                break
    asked = budget.count([system, _question(request, ())], tools)
    raise ContextOverflow(
        f"rules and question take {asked} of {budget.window.prompt} tokens, which leaves no room for the notes",
        "Ask more briefly, or raise num_ctx.",
        prompt_tokens=asked,
        num_ctx=budget.window.num_ctx,
    )


def kept_from(weights: Sequence[float], limit: float) -> int:
    """Return the first turn that is kept: whenever the kept ones exceed `limit`, the oldest go until half is left.

    What it says of a conversation it also says of one that goes on, until the next big step.
    """
    start, kept = 0, 0.0
    for newest, own in enumerate(weights):
        kept += own
        if kept > limit:
            while start <= newest and kept > limit / 2:
                kept -= weights[start]
                start += 1
    return start


def _limit(budget: Budget, share: float) -> float:
    """The weight that earlier turns may have. Not what was measured decides, since that changes from turn to turn."""
    return share * budget.window.prompt / UNMEASURED


def _candidates(request: Request) -> list[Passage]:
    """Every hit's best passage, best first, with the rest of the best topic after its own."""
    best = [hit.passage for hit in request.found.hits]
    more = [p for hit in request.found.hits[:1] for p in hit.topic.passages if p not in best]
    return [*best[:1], *more, *best[1:]][:MAX_PASSAGES]


def _fitting(
    request: Request,
    candidates: Sequence[Passage],
    budget: Budget,
    opening: Sequence[Message],
    tools: Sequence[ToolSchema],
    reserve: int,
) -> tuple[list[Passage], bool]:
    """Return as many passages as fit, and whether the only one had to be cut."""
    for most in range(len(candidates), 0, -1):
        if budget.room([*opening, _question(request, candidates[:most])], tools) >= reserve:
            return list(candidates[:most]), False
    if not candidates:
        return [], False
    room = budget.room([*opening, _question(request, ())], tools) - reserve
    heading = budget.count([Message(Role.USER, _numbered(1, replace(candidates[0], text="")))])
    if room - heading < _SHORTEST:
        return [], False
    return [replace(candidates[0], text=budget.cut(candidates[0].text, room - heading))], True


def _question(request: Request, passages: Sequence[Passage]) -> Message:
    numbered = "\n\n".join(_numbered(number, passage) for number, passage in enumerate(passages, start=1))
    reminder = reminder_for(request.question, request.language)
    return Message(
        Role.USER, fill("question", passages=numbered, reminder=reminder, question=request.question)
    )


def _numbered(number: int, passage: Passage) -> str:
    return f"[{number}] {' > '.join(passage.heading_path)}\n{passage.text}"


def _earlier(history: Sequence[tuple[str, str]], start: int) -> list[Message]:
    """The questions and answers that are kept, and before them the questions of those that are not."""
    messages = []
    if recalled := [question for question, _ in history[:start][-MAX_RECALLED:]]:
        asked = "\n".join(f"- {' '.join(question.split())[:MAX_RECALLED_LENGTH]}" for question in recalled)
        messages += [Message(Role.USER, fill("recalled", questions=asked)), Message(Role.ASSISTANT, "…")]
    for question, answer in history[start:]:
        messages += [Message(Role.USER, question), Message(Role.ASSISTANT, answer)]
    return messages


def _shortened(answer: str, heaviest: float) -> str:
    heavy = weight(answer)
    return answer if heavy <= heaviest else answer[: int(len(answer) * heaviest / heavy)] + " …"
