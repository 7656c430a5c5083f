"""A follow-up in a model's words in place of a template's: what the model is shown, and what of it is taken.

The model never sees a key point, so it cannot give one away knowingly; what it gives away by knowing the field is
caught by `leaks`. Whatever goes wrong, the template stays: nobody waits for a better sentence twice.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from assistant.grading.grader import for_model
from assistant.grading.model_points import StructuredCall, fenced
from assistant.interview import standing
from assistant.interview.leaks import leak
from assistant.interview.types import Act, Move, Probe, State
from assistant.language import Language, language_of
from assistant.llm.base import Message, ModelError, Role
from assistant.prompts import fill
from index.terms import fold

#: The longest sentence that is taken: Chinese in characters, English in words.
MOST_CHARACTERS, MOST_WORDS = 80, 40

#: What each kind of follow-up is for. An exercise is not here: its numbers are to stay as they are.
_MEANT = {
    Probe.CONTRADICTION: "to make the candidate think again about a claim, without telling which side is right",
    Probe.MISSING: "to bring out what is still missing",
    Probe.VAGUE: "to make the answer concrete",
    Probe.SIMPLER: "to make the question smaller",
    Probe.DEPTH: "to go deeper",
    Probe.BOUNDARY: "to find the limits",
    Probe.COMPARE: "to compare with something near",
    Probe.CONDITION: "to change one condition",
    Probe.PROJECT: "to bring in practice",
}
_LANGUAGES = {Language.ZH: "Chinese", Language.EN: "English"}
_ENDS = re.compile(r"[。！？!?]|[.](?=\s|$)|\n")
# What names a thing: any Latin word between Chinese ones, an abbreviation between English ones.
_NAMES = {
    Language.ZH: re.compile(r"[A-Za-z][A-Za-z0-9-]+"),
    Language.EN: re.compile(r"\b[A-Za-z]*[A-Z][A-Za-z0-9-]*[A-Z0-9][A-Za-z0-9-]*\b"),
}
_QUOTED = re.compile(r"「[^」]*」|“[^”]*”|\"[^\"]*\"")
# Whether the candidate is right is told in the report and, in practice, by the feedback; never by a question.
_JUDGES = re.compile(
    r"正确|不对|错|对的|很好|不错|准确|其实|实际上"
    r"|\b(?:right|wrong|(?:in)?correct|mistaken?|good|great|well done|exactly|actually|in fact)\b",
    re.IGNORECASE,
)


class FollowUp(BaseModel):
    """The follow-up in the model's words."""

    question: str = Field(
        min_length=4, max_length=400, description="the follow-up, one question in one sentence"
    )

    @field_validator("question")
    @classmethod
    def is_one_question(cls, question: str, info: ValidationInfo) -> str:
        """Refuse what is no single, short question in the language of the interview with the words to keep."""
        context = info.context or {}
        if fault := fault_of(question.strip(), context["language"], context["keep"]):
            raise ValueError(fault)
        return question.strip()


def fault_of(question: str, language: Language, keep: str = "") -> str:
    """Return what keeps `question` from being one short question in `language` that holds `keep`, "" for nothing."""
    if keep not in question:
        return f"the words “{keep}” have to stand in it as they are"
    if not question.endswith(("?", "？")):
        return "it has to end with a question mark"
    own = _QUOTED.sub("", question.replace(keep, "") if keep else question[:-1])
    if _ENDS.search(own):
        return "it has to be one sentence"
    is_long = (
        len(question) > MOST_CHARACTERS if language is Language.ZH else len(question.split()) > MOST_WORDS
    )
    if is_long:
        return f"at most {MOST_CHARACTERS} Chinese characters or {MOST_WORDS} words"
    if language_of(question) is not language:
        return f"it has to be in {_LANGUAGES[language]}"
    return ""


def wording_for(state: State, call: StructuredCall) -> str:
    """Return a model's sentence for the follow-up that was just put in `state`, "" where its template is to stay."""
    turn = state.turns[-1]
    move = next((move for move in turn.moves if move.act is Act.FOLLOW_UP), None)
    if move is None or move.asked is None or move.asked.probe not in _MEANT or turn.heard is None:
        return ""
    item = state.plan.item(move.asked.item_id)
    language = state.plan.language
    keep = next((deeper.prompt for deeper in item.deeper if deeper.prompt in move.text), "")
    message = fill(
        "follow_up",
        kind=_MEANT[move.asked.probe],
        topic=item.name.strip(),
        language=_LANGUAGES[language],
        keep=f"These words stand in it as they are: {keep}" if keep else "No word of it has to stay.",
        sentence=move.text,
        answer=fenced(for_model(turn.heard.text)),
    )
    try:
        context = {"language": language, "keep": keep}
        question = call([Message(Role.USER, message)], FollowUp, context=context).question
    except ModelError:
        return ""
    return "" if _tells_or_repeats(state, move, question, keep) else question


def _tells_or_repeats(state: State, move: Move, question: str, keep: str) -> bool:
    """Whether `question` gives a point away, judges, was asked before, or names what nobody spoke of."""
    if _JUDGES.search(question.replace(keep, "") if keep else question):
        return True
    if any(fold(question) in fold(said) for said in state.said() if said != move.text):
        return True
    known = [topic.topic for topic in state.plan.topics]
    known += [turn.heard.text for turn in state.turns if turn.heard]
    item = state.plan.item(move.asked.item_id) if move.asked else None
    near = fold("\n".join([move.text, *([item.prompt, item.name, item.topic] if item else []), *known]))
    if any(fold(name) not in near for name in _NAMES[state.plan.language].findall(question)):
        return True  # it asks about something else
    return bool(leak(question, standing.secret_points(state), [*known, *state.said()]))
