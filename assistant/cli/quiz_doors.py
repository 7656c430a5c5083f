"""The two ways a quiz is shown: lines for a person, or one JSON event per line for a program.

Both only show. What follows on an answer is `assistant.quiz`' business.
"""

from __future__ import annotations

import shlex
from typing import Any, Protocol

from assistant.cli.rendering import Terminal
from assistant.cli.session import print_json
from assistant.grading.types import Level
from assistant.language import Language
from assistant.quiz.session import Asked, Quiz, QuizPlan, Turned
from assistant.quiz.types import Form, Question
from corpus.errors import StudyError

LETTERS = "ABCDEFGH"

_TOLD = {
    "heading": ("第 {n}/{of} 题 · {topic} · {kind}", "{n} of {of} · {topic} · {kind}"),
    "choice": ("输入字母", "type a letter"),
    "true_false": ("先写对或错，再写理由", "true or false first, then the reason"),
    "cloze": ("填空", "fill the gap"),
    "number": ("输入数字", "type a number"),
    "open": ("用自己的话回答，一行写完", "answer in your own words, on one line"),
    "code": ("输入文件的路径", "type the path of your file"),
    "keys": (
        "/hint 提示，/show 看答案，/skip 跳过，/keep /edit /reject 处理这道题，/quit 结束",
        "/hint, /show, /skip; /keep, /edit or /reject the question; /quit",
    ),
    "hint": ("提示：{hint}", "Hint: {hint}"),
    "kept": ("这道题已保留。", "The question is kept."),
    "edited": ("已改为：{prompt}", "It now reads: {prompt}"),
    "rejected": ("这道题不会再出。", "This question will not come again."),
    "skipped": ("跳过。", "Skipped."),
    "summary": (
        "做了 {done} 题：答对 {correct}，部分正确 {partial}，没答对 {wrong}，看答案 {shown}，跳过 {skipped}。",
        "{done} done: {correct} right, {partial} in part, {wrong} wrong, {shown} shown, {skipped} skipped.",
    ),
    "weak": ("再练练：{command}", "Practise: {command}"),
    "again": ("再做同一套：{command}", "The same again: {command}"),
    "other_language": ("（这些笔记没有中文题，用英文出题。）", "(The notes give no English question here.)"),
}
_KINDS = {
    "cloze": "填空", "code_reading": "读代码", "compare": "比较", "compute": "计算", "define": "概念",
    "derive": "推导", "diagnose": "诊断", "explain": "解释", "how_to_fix": "怎么解决", "limits": "适用边界",
    "multiple_choice": "选择", "predict_the_change": "会怎么变", "pros_and_cons": "优缺点",
    "true_false": "判断", "use": "实践", "why": "为什么", "write_code": "手撕代码",
}  # fmt: skip
_STYLES = {Level.CORRECT: "green", Level.PARTIAL: "yellow", Level.WRONG: "yellow"}


class QuizDoor(Protocol):
    """Shows what happens in a quiz, in its language."""

    language: Language

    def asked(self, asked: Asked) -> None:
        """Show a question."""

    def hinted(self, asked: Asked) -> None:
        """Show the hint of a question."""

    def marked(self, turned: Turned) -> None:
        """Show what an answer is worth."""

    def shown(self, turned: Turned, solution: str) -> None:
        """Show the solution of a question that was given up."""

    def skipped(self, turned: Turned) -> None:
        """Tell that a question was skipped."""

    def decided(self, question: Question, decision: str) -> None:
        """Tell what was decided of a question: kept, edited or rejected."""

    def refused(self, error: StudyError) -> None:
        """Show that a line was not understood."""

    def ended(self, quiz: Quiz) -> None:
        """Show the summary."""


class LinesDoor:
    """A quiz for a person, in `language`; `words` are the topic it was asked for by."""

    def __init__(self, terminal: Terminal, language: Language, words: str) -> None:
        self._terminal = terminal
        self.language = language
        self._words = words

    def asked(self, asked: Asked) -> None:
        """Show which question it is, the question with its choices, and how it is to be answered."""
        question = asked.question
        if asked.n > 1:
            self._terminal.line()
        kind = (
            _KINDS.get(question.kind, question.kind) if self._is_chinese else question.kind.replace("_", " ")
        )
        heading = self._say("heading", n=asked.n, of=asked.of, topic=question.topic, kind=kind)
        self._terminal.line(heading, "bold")
        if question.language is not self.language and asked.n == 1:
            self._terminal.line(self._say("other_language"), "dim")
        for line in question.prompt.split("\n"):
            self._terminal.line(line)
        for letter, choice in zip(LETTERS, question.choices, strict=False):
            self._terminal.line(f"  {letter}. {choice}")
        keys = ("；" if self._is_chinese else ". ") + self._say("keys") if asked.n == 1 else ""
        form = "choice" if question.choices else question.form.value
        self._terminal.line(self._say(form) + keys, "dim")

    def hinted(self, asked: Asked) -> None:
        """Show the hint."""
        self._terminal.line(self._say("hint", hint=asked.question.hint), "cyan")

    def marked(self, turned: Turned) -> None:
        """Show the feedback."""
        assert turned.marked is not None
        first, *rest = turned.marked.feedback.split("\n")
        self._terminal.line(first, _STYLES[turned.marked.level])
        for line in rest:
            self._terminal.line(line)

    def shown(self, turned: Turned, solution: str) -> None:
        """Show the solution."""
        for line in solution.split("\n"):
            self._terminal.line(line)

    def skipped(self, turned: Turned) -> None:
        """Tell that it was skipped."""
        self._terminal.line(self._say("skipped"), "dim")

    def decided(self, question: Question, decision: str) -> None:
        """Tell the decision."""
        self._terminal.line(self._say(decision, prompt=question.prompt), "cyan")

    def refused(self, error: StudyError) -> None:
        """Show what was wrong with a line."""
        self._terminal.line(f"✗ {error.message}", "yellow")
        self._terminal.line(f"  {error.hint}", "dim")

    def ended(self, quiz: Quiz) -> None:
        """Show the score, what to practise, and how to get the same questions again."""
        self._terminal.line()
        self._terminal.line(self._say("summary", **counts(quiz)), "bold")
        if weak := quiz.weak_topics:
            self._terminal.line(self._say("weak", command=f"assistant quiz {shlex.quote(weak[0])}"), "dim")
        self._terminal.line(self._say("again", command=again(quiz.plan, self._words)), "dim")

    @property
    def _is_chinese(self) -> bool:
        return self.language is Language.ZH

    def _say(self, phrase: str, **values: object) -> str:
        return _TOLD[phrase][not self._is_chinese].format(**values)


class JsonDoor:
    """A quiz for a program: every event is one JSON object on a line of its own (docs/quiz.md)."""

    def __init__(self, language: Language, words: str) -> None:
        self.language = language
        self._words = words

    def asked(self, asked: Asked) -> None:
        """Write the question, without what would answer it."""
        question = asked.question
        print_json(
            self._event("question", asked)
            | {
                "of": asked.of,
                "kind": question.kind,
                "form": question.form.value,
                "topic": question.topic,
                "group": question.group,
                "language": question.language.value,
                "prompt": question.prompt,
                "choices": dict(zip(LETTERS, question.choices, strict=False)),
            }
        )

    def hinted(self, asked: Asked) -> None:
        """Write the hint."""
        print_json(self._event("hint", asked) | {"hint": asked.question.hint})

    def marked(self, turned: Turned) -> None:
        """Write the mark."""
        assert turned.marked is not None
        marked, question = turned.marked, turned.asked.question
        points = [judged.to_dict() for judged in marked.grade.points] if marked.grade else []
        right = (
            LETTERS[question.right] if question.form is Form.CHOICE and question.right is not None else None
        )
        print_json(
            self._event("marked", turned.asked)
            | {
                "answer": marked.answer,
                "level": marked.level.value,
                "score": round(marked.score, 4),
                "feedback": marked.feedback,
                "right": right,
                "points": points,
                "mode": marked.mode,
                "hinted": turned.asked.hinted,
                **_solved(question),
            }
        )

    def shown(self, turned: Turned, solution: str) -> None:
        """Write the solution."""
        print_json(self._event("shown", turned.asked) | _solved(turned.asked.question))

    def skipped(self, turned: Turned) -> None:
        """Write that it was skipped."""
        print_json(self._event("skipped", turned.asked))

    def decided(self, question: Question, decision: str) -> None:
        """Write the decision."""
        print_json({"event": decision, "id": question.question_id, "prompt": question.prompt})

    def refused(self, error: StudyError) -> None:
        """Write the error."""
        print_json({"event": "error", "message": error.message, "hint": error.hint})

    def ended(self, quiz: Quiz) -> None:
        """Write the summary."""
        print_json(
            {
                "event": "summary",
                **counts(quiz),
                "of": quiz.plan.count,
                "seed": quiz.plan.seed,
                "weak_topics": list(quiz.weak_topics),
                "command": again(quiz.plan, self._words),
            }
        )

    @staticmethod
    def _event(name: str, asked: Asked) -> dict[str, Any]:
        return {"event": name, "n": asked.n, "id": asked.question.question_id}


def _solved(question: Question) -> dict[str, Any]:
    return {"model_answer": question.model_answer, "citation": question.citation.to_dict()}


def counts(quiz: Quiz) -> dict[str, int]:
    """Return how the questions of `quiz` went."""
    shown = sum(turned.shown for turned in quiz.counted)
    marked = sum(turned.marked is not None for turned in quiz.counted)
    return {
        "done": len(quiz.counted),
        "correct": quiz.with_level(Level.CORRECT),
        "partial": quiz.with_level(Level.PARTIAL),
        "wrong": quiz.with_level(Level.WRONG),
        "shown": shown,
        "skipped": len(quiz.counted) - shown - marked,
        "hinted": sum(turned.asked.hinted for turned in quiz.counted),
        "rejected": sum(turned.rejected for turned in quiz.done),
    }


def again(plan: QuizPlan, words: str) -> str:
    """Return the command that asks the same questions."""
    topic = f" {shlex.quote(words)}" if words else ""
    kinds = "".join(f" --kind {kind}" for kind in plan.kinds)
    return f"assistant quiz{topic} -n {plan.count}{kinds} --seed {plan.seed} --lang {plan.language.value}"
