"""What is said to the learner: what was right, what was missing and where it stands, what contradicts the note.

A bare score teaches next to nothing, the right answer more, its explanation most (Van der Kleij et al. 2015,
doi:10.3102/0034654314564881), so feedback always ends with what the notes say. It follows the question's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.grading.key_points import in_language
from assistant.grading.types import Judged, Level, Remark, Verdict
from assistant.language import Language

#: Points of a kind that are told in full, and the characters of each.
_MOST, _LONGEST = 5, 160

_LEVELS = {
    Level.CORRECT: ("答对了。", "Correct."),
    Level.PARTIAL: ("部分正确。", "Partly correct."),
    Level.WRONG: ("还不对。", "Not correct yet."),
}
# Not one word is against the notes, and something of them was said.
_TOO_LITTLE = ("说得还不够。", "Not enough yet.")
_REMARKS = {
    Remark.EMPTY: ("没有写答案。", "There is no answer."),
    Remark.NO_ANSWER: (
        "不知道也没关系，先看看笔记怎么说。",
        "Not knowing is a start; see what your notes say.",
    ),
    Remark.ECHO: ("这只是把题目重复了一遍。", "This only repeats the question."),
    Remark.KEYWORDS: (
        "只列关键词不算回答，请用完整的句子说清楚。",
        "A row of keywords is no answer; say it in sentences.",
    ),
    Remark.PASTED: (
        "这是笔记原文，看不出你掌握了多少，请用自己的话再答一次。",
        "This is the note itself; say it in your own words.",
    ),
    Remark.ADDRESSED: (
        "写给评分者的话不计入答案。",
        "What is addressed to the grader is no part of the answer.",
    ),
    Remark.NOT_IN_NOTES: (
        "笔记没有讲到这个问题，没法评分。",
        "Your notes do not cover this question, so there is nothing to grade by.",
    ),
    Remark.STUB: (
        "笔记里这个主题只有标题或链接，没法评分。",
        "Your notes hold only a title or a link here, so there is nothing to grade by.",
    ),
}
_PARTS = {
    "hit": ("说到了：{points}", "You said: {points}"),
    "partial": ("只说到一部分：{points}", "Only in part: {points}"),
    "contradicted": (
        "和笔记不符：你写「{said}」，笔记写「{point}」{place}",
        "Against the notes: you wrote “{said}”, they say “{point}”{place}",
    ),
    "missed": ("还缺：{points}", "Missing: {points}"),
    "enough": ("还可以补充：{points}", "You could add: {points}"),
    "model": ("参考答案（来自笔记）：{points}", "Model answer, from the notes: {points}"),
    "place": ("（{file} 第 {lines} 行）", " ({file}, line {lines})"),
}


def feedback(level: Level, judged: Sequence[Judged], remarks: Sequence[Remark], language: Language) -> str:
    """Return the feedback, one thing a line."""
    lines = [_in(_heading(level, judged), language)] if judged else []
    lines += [_in(_REMARKS[remark], language) for remark in remarks]
    for one in _with(judged, Verdict.CONTRADICTED):
        lines.append(
            _in(_PARTS["contradicted"], language).format(
                said=_short(one.evidence), point=_text(one, language), place=_place(one, language)
            )
        )
    missed = "enough" if level is Level.CORRECT else "missed"
    for verdict, part in ((Verdict.HIT, "hit"), (Verdict.PARTIAL, "partial"), (Verdict.MISSED, missed)):
        if told := _with(judged, verdict):
            lines.append(_in(_PARTS[part], language).format(points=_listed(told, language)))
    if level is not Level.CORRECT and judged:
        lines.append(_in(_PARTS["model"], language).format(points=_model_answer(judged, language)))
    return "\n".join(lines)


def _heading(level: Level, judged: Sequence[Judged]) -> tuple[str, str]:
    verdicts = {one.verdict for one in judged}
    touched = bool(verdicts & {Verdict.HIT, Verdict.PARTIAL}) and Verdict.CONTRADICTED not in verdicts
    return _TOO_LITTLE if level is Level.WRONG and touched else _LEVELS[level]


def _with(judged: Sequence[Judged], verdict: Verdict) -> list[Judged]:
    return [one for one in judged if one.verdict is verdict]


def _listed(judged: Sequence[Judged], language: Language) -> str:
    return _joined([_text(one, language) + _place(one, language) for one in judged[:_MOST]], language)


def _model_answer(judged: Sequence[Judged], language: Language) -> str:
    """The points that were asked for, as the note has them, in its order."""
    return _joined([in_language(one.point, language).rstrip("。.;；") for one in judged[:_MOST]], language)


def _text(one: Judged, language: Language) -> str:
    return _short(in_language(one.point, language))


def _place(one: Judged, language: Language) -> str:
    citation = one.point.citation
    lines = citation.location.lines if citation else None
    if citation is None or lines is None:
        return ""
    shown = str(lines[0]) if lines[0] == lines[1] else f"{lines[0]}–{lines[1]}"
    return _in(_PARTS["place"], language).format(file=Path(citation.path).name, lines=shown)


def _joined(texts: Sequence[str], language: Language) -> str:
    return ("；" if language is Language.ZH else "; ").join(texts)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + "…"


def _in(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language is Language.ZH else pair[1]
