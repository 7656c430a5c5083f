"""What a typed answer says where few answers are possible: a choice, a verdict with its reason, the text of a gap."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from assistant.drills.reading import read_answer
from assistant.grading.screening import is_empty, is_no_answer
from assistant.quiz.types import Form, Question
from corpus.errors import StudyError
from corpus.glossary import Glossary

_LETTERS = "abcdefgh"
_CHOICE = re.compile(
    r"^(?:我?选择?|答案?[是为:]?|应该是|第|option|answer|choice|i choose|it is|it's)?\s*"
    r"[(\[]?(?P<sign>[a-h]|\d|[一二三四五])[)\].、:,，。]?(?:\s*(?:项|个|条))?(?:$|(?=[\s.、:,，。)]))",
    re.IGNORECASE,
)
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_OPENING = re.compile(
    r"^(?:我?觉得|我?认为|这句话|这个?说法|说法|这|答案?[是为:]?|i think|it is|it's|this is|that is|that's|"
    r"the statement is|\s|[,，:：])*",
    re.IGNORECASE,
)
_FALSE = re.compile(
    r"是?(?:不(?:太|完全|是)?(?:对(?!称)|正确|准确|同意|成立)|错误?|有误)(?:的|了)?|否|不是|×|✗|"
    r"(?:false|wrong|incorrect|not (?:true|right|correct)|untrue|no|disagree|f)(?![a-z])",
    re.IGNORECASE,
)
_TRUE = re.compile(
    r"是?(?:对(?![于称齐比])|正确|没错|成立)(?:的|了)?|同意|是的|是(?=[,，。\s]|$)|√|✓|"
    r"(?:true|right|correct|yes|agree|t)(?![a-z])",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^[\s,，。.:：;；!！、\-—]*(?:(?:理由|原因)(?:是|:|：)?|因为|because|since|reason:?)?\s*", re.IGNORECASE
)
#: How like the right word a misspelt one is.
_LIKE = 0.85
_LEAST_TYPED = 5
_TOLERANCE = 0.01


class UnreadableAnswer(StudyError):
    """An answer that is none of the possible ones; it may be typed again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a statement was called true, None where neither was said, and the reason given."""

    is_true: bool | None
    reason: str


def is_given_up(answer: str) -> bool:
    """Whether the answer is none: nothing, or that one does not know."""
    return is_empty(answer) or is_no_answer(answer)


def unreadable(question: Question, answer: str) -> UnreadableAnswer | None:
    """Return what is to be told of an answer that cannot be one, so that it may be typed again."""
    if is_given_up(answer):
        return None
    is_chinese = question.language.value == "zh"
    if question.form is Form.CHOICE and read_choice(question, answer) is None:
        letters = ", ".join(_LETTERS[: len(question.choices)].upper())
        hint = f"请输入选项的字母：{letters}。" if is_chinese else f"Type the letter of a choice: {letters}."
        return UnreadableAnswer(
            f"没看懂「{answer[:40]}」" if is_chinese else f"{answer[:40]!r} is no choice", hint
        )
    if question.form is Form.TRUE_FALSE and read_verdict(answer).is_true is None:
        return UnreadableAnswer(
            "没说对还是错" if is_chinese else "it is not said whether this is true or false",
            "先写「对」或「错」，再写理由，例如：错，因为……"
            if is_chinese
            else "For example: false, because …",
        )
    return None


def read_choice(question: Question, answer: str) -> int | None:
    """Return the place of the choice that is meant: by letter, number or its text; None for no such choice."""
    text = unicodedata.normalize("NFKC", answer).strip().casefold()
    found = _CHOICE.match(text)
    if found and (len(text) <= 12 or found.end() < len(text)):
        sign = found["sign"]
        place = (
            _LETTERS.find(sign)
            if sign in _LETTERS
            else _CHINESE.get(sign, int(sign) if sign.isdigit() else 0) - 1
        )
        if 0 <= place < len(question.choices):
            return place
    bare = _bare(answer)
    named = [at for at, choice in enumerate(question.choices) if len(bare) > 3 and bare in _bare(choice)]
    named = named or [
        at for at, choice in enumerate(question.choices) if _bare(choice) and _bare(choice) in bare
    ]
    return named[0] if len(named) == 1 else None


def read_verdict(answer: str) -> Verdict:
    """Return the verdict that an answer begins with and the reason behind it."""
    text = unicodedata.normalize("NFKC", answer).strip()
    opening = _OPENING.match(text)
    at = opening.end() if opening else 0
    for pattern, is_true in ((_FALSE, False), (_TRUE, True)):
        if found := pattern.match(text, at):
            return Verdict(is_true, _LEADING.sub("", text[found.end() :]).strip())
    return Verdict(None, text)


def fills(question: Question, answer: str, glossary: Glossary) -> bool:
    """Whether `answer` is what stands in the gap: a name of the same thing, or the number within one part in 100."""
    bare = _bare(answer)
    if bare in {_bare(text) for text in question.accepted}:
        return True
    wanted = read_answer(question.accepted[0]).values
    if wanted:
        given = read_answer(answer).values
        return len(given) == 1 and abs(given[0] - wanted[0]) <= _TOLERANCE * abs(wanted[0])
    meant = {match.concept for match in glossary.find(question.accepted[0])}
    named = glossary.find(answer)
    covered = sum(match.end - match.start for match in named)
    return bool(meant) and {m.concept for m in named} == meant and covered >= len(answer.strip()) - 1


def is_misspelt(question: Question, answer: str, glossary: Glossary) -> bool:
    """Whether `answer` is a slip of the pen for what stands in the gap, and no name of anything else."""
    bare = _bare(answer)
    if len(bare) < _LEAST_TYPED or glossary.find(answer) or read_answer(answer).values:
        return False
    return any(SequenceMatcher(None, bare, _bare(text)).ratio() >= _LIKE for text in question.accepted)


def is_begun(question: Question, answer: str) -> bool:
    """Whether `answer` is the first words of the English term in the gap: forward, where forward pass is wanted.

    Its last words alone are no half: bound tells neither memory bound from compute bound.
    """
    given = answer.casefold().split()
    wanted = question.accepted[0].casefold().split()
    return 0 < len(given) < len(wanted) and wanted[: len(given)] == given


def _bare(text: str) -> str:
    return re.sub(r"[^\w.%+-]+|_", "", unicodedata.normalize("NFKC", text).casefold())
