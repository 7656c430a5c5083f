"""A quiz in words, Chinese or English: which question it is, how it is answered, and how it went. Plain text."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from assistant.language import Language
from assistant.quiz.session import Asked, QuizPlan
from assistant.quiz.types import Question

LETTERS = "ABCDEFGH"

_TOLD = {
    "heading": ("第 {n}/{of} 题 · {topic} · {kind}", "{n} of {of} · {topic} · {kind}"),
    "choice": ("输入字母", "type a letter"),
    "true_false": ("先写对或错，再写理由", "true or false first, then the reason"),
    "cloze": ("填空", "fill the gap"),
    "number": ("输入数字", "type a number"),
    "open": ("用自己的话回答，一行写完", "answer in your own words, on one line"),
    "code": ("输入文件的路径", "type the path of your file"),
    "hint": ("提示：{hint}", "Hint: {hint}"),
    "no_hint": ("这道题没有提示。", "There is no hint for this question."),
    "kept": ("这道题已保留。", "The question is kept."),
    "edited": ("已改为：{prompt}", "It now reads: {prompt}"),
    "rejected": ("这道题不会再出。", "This question will not come again."),
    "skipped": ("跳过。", "Skipped."),
    "summary": (
        "做了 {done} 题：答对 {correct}，部分正确 {partial}，没答对 {wrong}，看答案 {shown}，跳过 {skipped}。",
        "{done} done: {correct} right, {partial} in part, {wrong} wrong, {shown} shown, {skipped} skipped.",
    ),
    "other_language": ("（这些笔记没有中文题，用英文出题。）", "(The notes give no English question here.)"),
}
_KINDS = {
    "cloze": "填空", "code_reading": "读代码", "compare": "比较", "compute": "计算", "define": "概念",
    "derive": "推导", "diagnose": "诊断", "explain": "解释", "how_to_fix": "怎么解决", "limits": "适用边界",
    "multiple_choice": "选择", "predict_the_change": "会怎么变", "pros_and_cons": "优缺点",
    "true_false": "判断", "use": "实践", "why": "为什么", "write_code": "手撕代码",
}  # fmt: skip


def heading(asked: Asked, language: Language) -> str:
    """Return which question it is, of what topic and kind."""
    kind = asked.question.kind
    named = _KINDS.get(kind, kind) if language is Language.ZH else kind.replace("_", " ")
    return say("heading", language, n=asked.n, of=asked.of, topic=asked.question.topic, kind=named)


def prompt_text(asked: Asked, language: Language) -> str:
    """Return the question with its choices on lines of their own; before the first one in another language a word."""
    question = asked.question
    lines = [question.prompt, *(f"  {letter}. {choice}" for letter, choice in choices(question).items())]
    if question.language is not language and asked.n == 1:
        lines.insert(0, say("other_language", language))
    return "\n".join(lines)


def how_to_answer(question: Question, language: Language) -> str:
    """Return how the question is answered, in a few words."""
    return say("choice" if question.choices else question.form.value, language)


def hint(asked: Asked, language: Language) -> str:
    """Return the hint of the question, or that there is none."""
    told = asked.question.hint
    return say("hint" if told else "no_hint", language, hint=told)


def summary(counts: Mapping[str, int], language: Language) -> str:
    """Return how a quiz went; `counts` are `Quiz.counts()`."""
    return say("summary", language, **counts)


def again(plan: QuizPlan, words: str) -> str:
    """Return the command that asks the same questions; `words` named the topic."""
    topic = f" {shlex.quote(words)}" if words else ""
    kinds = "".join(f" --kind {kind}" for kind in plan.kinds)
    return f"assistant quiz{topic} -n {plan.count}{kinds} --seed {plan.seed} --lang {plan.language.value}"


def choices(question: Question) -> dict[str, str]:
    """Return the choices by their letters."""
    return dict(zip(LETTERS, question.choices, strict=False))


def say(phrase: str, language: Language, /, **values: object) -> str:
    """Return a fixed sentence in `language` with its values filled in."""
    return _TOLD[phrase][language is Language.EN].format(**values)
