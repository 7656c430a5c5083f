"""Marks an answer to a quiz question by the question's form; a free answer is left to the grader.

Whatever the mark, the feedback says what was missing and gives the model answer with the line it stands on: right or
wrong alone teaches next to nothing (Van der Kleij et al. 2015, doi:10.3102/0034654314564881).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.drills import grading as drills
from assistant.drills import wording as drill_wording
from assistant.drills.drawing import Plan, draw
from assistant.drills.drill import Graded
from assistant.grading.grader import Grader
from assistant.grading.screening import is_echo
from assistant.grading.types import Grade, Level, Verdict
from assistant.language import Language
from assistant.quiz import reading
from assistant.quiz.types import Form, Marked, Question
from corpus.errors import UnknownName
from corpus.types import Topic

_SCORES = {Level.WRONG: 0.0, Level.PARTIAL: 0.5, Level.CORRECT: 1.0}
_RULES = "notes"

_TOLD = {
    "correct": ("✓ 对。", "✓ Right."),
    "wrong": ("✗ 不对。", "✗ Wrong."),
    "none": ("没有作答也没关系，先看看笔记怎么说。", "No answer is a start, too; see what your notes say."),
    "chosen": ("正确的是 {letter}：{right}", "The right choice is {letter}: {right}"),
    "is_true": ("这句话是对的。", "The statement is true."),
    "is_false": ("这句话是错的。", "The statement is false."),
    "why": ("{topic}：为什么？", "{topic}: why?"),
    "no_reason": ("判断对了，但没有说理由。", "The verdict is right; the reason is missing."),
    "weak_reason": ("判断对了，理由没有说到点子上。", "The verdict is right; the reason misses the point."),
    "no_verdict": ("没有说对还是错。", "It is not said whether this is true or false."),
    "misspelt": ("意思对，写法是「{right}」。", "Right, but it is written “{right}”."),
    "begun": ("对了一半，空里是「{right}」。", "Half of it; the gap holds “{right}”."),
    "gap": ("空里是「{right}」。", "The gap holds “{right}”."),
    "model": ("参考答案：{answer}", "Model answer: {answer}"),
    "whole": ("笔记原文：{answer}", "Your notes: {answer}"),
    "place": ("出处：《{topic}》{file}{lines}", "From “{topic}”, {file}{lines}"),
    "lines": (" 第 {lines} 行", " line {lines}"),
    "code": (
        "写代码的题在命令行里做：assistant code {name}",
        "Code is written and checked on the command line: assistant code {name}",
    ),
}


def mark(question: Question, answer: str, grader: Grader, *, allow_code: bool = False) -> Marked:
    """Return what `answer` is worth. Any text is an answer; see `reading.unreadable` for what may be typed again.

    Code is run only where the caller allows it: on the command line. Raises `AnswerTooLong` for an endless answer.
    """
    if question.form is Form.CODE:
        return _code(question, answer, allow_code=allow_code)
    if reading.is_given_up(answer):
        return _marked(question, answer, Level.WRONG, [_say("none", question), *_solution(question)])
    return _FORMS[question.form](question, answer, grader)


def _open(question: Question, answer: str, grader: Grader) -> Marked:
    grade = grader.grade_points(question.prompt, answer, question.points, _topic(question, grader))
    lines = [grade.feedback]
    if grade.level is Level.CORRECT and question.model_answer.rstrip("。.") not in grade.feedback:
        lines.append(_say("model", question, answer=question.model_answer))
    lines += [*grade.notices, _place(question)]
    return _marked(question, answer, grade.level, lines, grade=grade, score=grade.score, mode=grade.mode)


def _choice(question: Question, answer: str, grader: Grader) -> Marked:
    chosen, right = reading.read_choice(question, answer), question.right
    assert right is not None, "a question with choices has a right one"
    level = Level.CORRECT if chosen == right else Level.WRONG
    lines = [_say(level.value, question)]
    if level is Level.WRONG:
        told = _say("chosen", question, letter="ABCDEFGH"[right], right=question.choices[right])
        lines = [_joined(question, lines[0], told)]
    return _marked(question, answer, level, [*lines, *_solution(question)])


def _true_false(question: Question, answer: str, grader: Grader) -> Marked:
    """A right verdict without a reason is half an answer: it could be a guess."""
    verdict = reading.read_verdict(answer)
    truth = _say("is_true" if question.is_true else "is_false", question)
    if verdict.is_true is not None and verdict.is_true is not question.is_true:
        head = _joined(question, _say("wrong", question), truth)
        return _marked(question, answer, Level.WRONG, [head, *_solution(question)])
    grade = _reason(question, verdict.reason, grader)
    is_reason = (
        grade is not None
        and grade.level is not Level.WRONG
        and all(judged.verdict is not Verdict.CONTRADICTED for judged in grade.points)
    )
    if verdict.is_true is None:
        level = Level.PARTIAL if is_reason else Level.WRONG
        head = _joined(question, _say("no_verdict", question), truth)
    elif is_reason:
        level, head = Level.CORRECT, _joined(question, _say("correct", question), truth)
    else:
        level, head = Level.PARTIAL, _say("weak_reason" if verdict.reason else "no_reason", question)
    lines = [head, *_solution(question)]
    return _marked(question, answer, level, lines, grade=grade, mode=grade.mode if grade else _RULES)


def _reason(question: Question, reason: str, grader: Grader) -> Grade | None:
    """Grade the reason by itself: what the statement says already is no reason, unless the statement was false."""
    if reading.is_given_up(reason) or (question.is_true and is_echo(question.prompt, reason)):
        return None
    asked = _say("why", question, topic=question.topic)
    return grader.grade_points(asked, reason, question.points, _topic(question, grader))


def _topic(question: Question, grader: Grader) -> Topic:
    """Return the topic of a question; one that the notes lack by now has its title and no text."""
    try:
        return grader.topic(question.topic)
    except UnknownName:
        place = question.citation
        return Topic(question.topic, place.heading_path, Path(place.path), place.location, ())


def _cloze(question: Question, answer: str, grader: Grader) -> Marked:
    glossary = grader.library.glossary
    if reading.fills(question, answer, glossary):
        level, head = Level.CORRECT, _say("correct", question)
    elif reading.is_misspelt(question, answer, glossary):
        level, head = Level.CORRECT, _say("misspelt", question, right=question.accepted[0])
    elif reading.is_begun(question, answer):
        level, head = Level.PARTIAL, _say("begun", question, right=question.accepted[0])
    else:
        gap = _say("gap", question, right=question.accepted[0])
        level, head = Level.WRONG, _joined(question, _say("wrong", question), gap)
    whole = _say("whole", question, answer=question.model_answer)
    return _marked(question, answer, level, [head, whole, _place(question)])


def _number(question: Question, answer: str, grader: Grader) -> Marked:
    demo, seed, level_of = question.reference.split("/")
    exercise = draw(Plan((demo,), int(seed), 1, int(level_of)), 0)
    graded = Graded(1, exercise, drills.grade(exercise, answer))
    level = Level.CORRECT if graded.grade.verdict is drills.Verdict.CORRECT else Level.WRONG
    if graded.grade.verdict in (drills.Verdict.ROUNDED, drills.Verdict.SCALE):
        level = Level.PARTIAL
    steps = drill_wording.steps(exercise, question.language)
    lines = [drill_wording.verdict(graded, question.language)]
    lines += [f"  {n}. {step}" for n, step in enumerate(steps, 1)]
    return _marked(question, answer, level, [*lines, drill_wording.check(exercise), _place(question)])


def _code(question: Question, answer: str, *, allow_code: bool) -> Marked:
    if not allow_code:
        told = _say("code", question, name=question.reference)
        return _marked(question, answer, Level.WRONG, [told])
    from assistant.coding.marking import mark_code

    return mark_code(question, answer)


_FORMS: Mapping[Form, Callable[[Question, str, Grader], Marked]] = {
    Form.OPEN: _open,
    Form.CHOICE: _choice,
    Form.TRUE_FALSE: _true_false,
    Form.CLOZE: _cloze,
    Form.NUMBER: _number,
}


def solution(question: Question) -> str:
    """Return the model answer and where it stands, as shown to somebody who gives up."""
    return "\n".join(_solution(question))


def _solution(question: Question) -> list[str]:
    return [_say("model", question, answer=question.model_answer), _place(question)]


def _place(question: Question) -> str:
    citation = question.citation
    lines = citation.location.lines
    shown = ""
    if lines:
        shown = str(lines[0]) if lines[0] == lines[1] else f"{lines[0]}–{lines[1]}"
        shown = _say("lines", question, lines=shown)
    return _say("place", question, topic=citation.topic, file=Path(citation.path).name, lines=shown)


def _marked(
    question: Question,
    answer: str,
    level: Level,
    lines: list[str],
    *,
    grade: Grade | None = None,
    score: float | None = None,
    mode: str = _RULES,
) -> Marked:
    worth = _SCORES[level] if score is None else score
    return Marked(question, answer, level, worth, "\n".join(filter(None, lines)), mode, grade)


def _joined(question: Question, *sentences: str) -> str:
    """Return sentences as one line: English parts them with a blank, Chinese does not."""
    return (" " if question.language is Language.EN else "").join(sentences)


def _say(phrase: str, question: Question, **values: object) -> str:
    return _TOLD[phrase][question.language is Language.EN].format(**values)
