"""Mechanical checks of a question, whoever made it: what fails one is never asked.

They find what is broken, not what is dull: whether a question is worth asking only a reader can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from assistant.language import Language, language_of
from assistant.quiz.types import Form, Question

#: Characters of a prompt, by language.
LENGTHS = {Language.ZH: (5, 260), Language.EN: (12, 520)}
#: From this share of the answer's words on the question answers itself.
_GIVEN_AWAY = 0.8
#: How many times as long as another a choice may be, and the right one as the longest of the others.
_UNLIKE, _STANDS_OUT = 2.6, 1.35
_SHINGLE, _DUPLICATE = 4, 0.8
_CHOICES = range(3, 6)

_DANGLING = re.compile(
    r"[上下]图|见图|如图|如下|如上|见下|见上|[上下]表|上式|下式|前面提到|前文|上文|下文|上一节|"
    r"\b(?:as above|see below|the figure|the table|the previous|following figure|mentioned above)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://|www\.|!?\[[^\]]*\]\([^)]*\)|<img", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]{2,}|[㐀-鿿]", re.IGNORECASE)
_ORDERS = re.compile(
    r"说说|讲讲|聊聊|比较|解释|判断|填空|列举|推导|写出|举例|求|计算|"
    r"\b(?:name|compare|explain|true or false|fill|derive|list|describe|give|compute|take|state|write)\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"[㐀-鿿]")
_ALL_OF_THEM = re.compile(r"以上都|都对|都不对|all of the above|none of the above", re.IGNORECASE)


class Fault(StrEnum):
    """What is wrong with a question."""

    NOT_IN_NOTE = "not_in_note"
    GIVEN_AWAY = "given_away"
    NOT_ONE_QUESTION = "not_one_question"
    LENGTH = "length"
    CHOICES = "choices"
    LANGUAGE = "language"
    DANGLING = "dangling"
    LINK_OR_STUB = "link_or_stub"
    BROKEN = "broken"
    INCOMPLETE = "incomplete"


def faults(question: Question, text_of: Callable[[str], str | None]) -> tuple[Fault, ...]:
    """Return what is wrong with `question`; `text_of` gives the text of a passage by its id, None for no such."""
    found = {
        Fault.NOT_IN_NOTE: not _is_in_note(question, text_of),
        Fault.GIVEN_AWAY: _gives_away(question),
        Fault.NOT_ONE_QUESTION: not _is_one_question(question),
        Fault.LENGTH: not LENGTHS[question.language][0]
        <= len(question.prompt)
        <= LENGTHS[question.language][1],
        Fault.CHOICES: bool(question.choices or question.form is Form.CHOICE) and not _are_fair(question),
        Fault.LANGUAGE: not _is_in_language(question),
        Fault.DANGLING: any(_DANGLING.search(text) for text in _shown(question)),
        Fault.LINK_OR_STUB: any(_LINK.search(text) for text in _shown(question))
        or len(_WORD.findall(question.model_answer)) < 1,
        Fault.BROKEN: any(_is_broken(text) for text in _shown(question)),
        Fault.INCOMPLETE: not _is_complete(question),
    }
    return tuple(fault for fault, is_there in found.items() if is_there)


def is_near_duplicate(one: Question, other: Question) -> bool:
    """Whether two questions of one kind ask the same in nearly the same characters."""
    if one.kind != other.kind or one.language is not other.language:
        return False
    first, second = _shingles(one), _shingles(other)
    return len(first & second) >= _DUPLICATE * len(first | second)


def without_duplicates(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Return `questions` in order, without those that come again, in the same words or nearly so."""
    kept: list[Question] = []
    ids: set[str] = set()
    for question in questions:
        if question.question_id in ids or any(is_near_duplicate(question, other) for other in kept):
            continue
        ids.add(question.question_id)
        kept.append(question)
    return tuple(kept)


def _is_in_note(question: Question, text_of: Callable[[str], str | None]) -> bool:
    """Whether the citation stands in its passage word for word, and each point has a citation that does."""
    for citation in (question.citation, *(p.citation for p in question.points if p.citation)):
        text = text_of(citation.passage_id)
        if not citation.quote.strip() or text is None or citation.quote not in text:
            return False
    return True


def _gives_away(question: Question) -> bool:
    """Whether the question holds what would answer it."""
    if question.form is Form.CLOZE:
        shown = question.prompt.casefold()
        return any(len(text) > 1 and text.casefold() in shown for text in question.accepted)
    if question.form is Form.OPEN or (question.form is Form.TRUE_FALSE and question.is_true):
        asked, answer = _words(question.prompt), _words(question.model_answer)
        return bool(answer) and len(answer & asked) >= _GIVEN_AWAY * len(answer)
    return False


def _is_one_question(question: Question) -> bool:
    """Whether there is one question mark, or an order such as 比较 instead."""
    marks = len(re.findall(r"[?？]", re.sub(r"「[^」]*」|“[^”]*”", "", question.prompt)))
    if question.form in (Form.CLOZE, Form.CODE):
        return marks <= 1
    return marks == 1 or (marks == 0 and bool(_ORDERS.search(question.prompt)))


def _are_fair(question: Question) -> bool:
    """Whether the choices differ, are of like length, none refers to the others and the right one is among them."""
    choices, right = question.choices, question.right
    if len(choices) not in _CHOICES or right is None or not 0 <= right < len(choices):
        return False
    if len({_bare(choice) for choice in choices}) < len(choices) or any(map(_ALL_OF_THEM.search, choices)):
        return False
    lengths = [len(choice) for choice in choices]
    others = [length for at, length in enumerate(lengths) if at != right]
    return max(lengths) <= _UNLIKE * min(lengths) and lengths[right] <= _STANDS_OUT * max(others)


def _is_in_language(question: Question) -> bool:
    asked = (question.prompt, *question.choices)
    if question.language is Language.EN:
        return all(_han_share(text) < 0.05 for text in (*asked, question.model_answer))
    return language_of(question.prompt) is Language.ZH and bool(
        _HAN.search(question.model_answer) or question.form in (Form.NUMBER, Form.CLOZE, Form.CODE)
    )


def _is_broken(text: str) -> bool:
    """Whether a bracket, a quotation or a formula is cut open."""
    pairs = (("（", "）"), ("「", "」"), ("“", "”"), ("《", "》"))
    plain = re.sub(r"\$[^$]*\$", "", text)
    odd = text.count("$") % 2 or text.count("`") % 2 or "**" in plain
    return bool(odd) or any(text.count(a) != text.count(b) for a, b in pairs)


def _is_complete(question: Question) -> bool:
    """Whether everything that the form is marked by is there."""
    needed = {
        Form.OPEN: bool(question.points),
        Form.CHOICE: question.right is not None,
        Form.TRUE_FALSE: question.is_true is not None and bool(question.points),
        Form.CLOZE: bool(question.accepted) and "____" in question.prompt,
        Form.NUMBER: bool(question.reference),
        Form.CODE: bool(question.reference),
    }
    return needed[question.form]


def _shown(question: Question) -> Sequence[str]:
    return (question.prompt, *question.choices, question.model_answer)


def _shingles(question: Question) -> frozenset[str]:
    text = _bare(question.prompt + "".join(sorted(question.choices)))
    return frozenset(text[at : at + _SHINGLE] for at in range(max(1, len(text) - _SHINGLE + 1)))


def _words(text: str) -> frozenset[str]:
    """Return the English words and the pairs of Chinese characters."""
    folded = text.casefold()
    runs = re.findall(r"[㐀-鿿]+", folded)
    pairs = {run[at : at + 2] for run in runs for at in range(len(run) - 1)}
    return frozenset(pairs | set(re.findall(r"[a-z0-9]{2,}", folded)))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold()) + ("_" if "____" in text else "")


def _han_share(text: str) -> float:
    return len(_HAN.findall(text)) / max(1, len(text))
