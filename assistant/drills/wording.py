"""What a drill says, in Chinese or English: the exercise's own texts, answers as they are written, verdicts."""

from __future__ import annotations

import shlex

from assistant.answering.demo_choice import Choice
from assistant.answering.demo_choice import command as demo_command
from assistant.demo_kit import registry
from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.drills.drawing import Plan
from assistant.drills.drill import Asked, Drill, Graded
from assistant.drills.grading import Verdict
from assistant.drills.reading import Unread
from assistant.language import Language, language_of, say
from corpus.errors import StudyError

#: Characters of an answer that are repeated when it is not understood.
_MOST_SHOWN = 40

_VERDICTS = {
    Verdict.CORRECT: "drill_correct",
    Verdict.MISTAKE: "drill_mistake",
    Verdict.ROUNDED: "drill_rounded",
    Verdict.SCALE: "drill_scale",
    Verdict.WRONG: "drill_wrong",
    Verdict.UNREADABLE: "drill_unreadable",
    Verdict.NO_ANSWER: "drill_no_answer",
}


def question(exercise: Exercise, language: Language) -> str:
    """Return what is asked."""
    return exercise.question_zh if language is Language.ZH else exercise.question_en


def steps(exercise: Exercise, language: Language) -> tuple[str, ...]:
    """Return the way to the answer."""
    return exercise.steps_zh if language is Language.ZH else exercise.steps_en


def hint(exercise: Exercise, language: Language) -> str:
    """Return the hint."""
    return exercise.hint_zh if language is Language.ZH else exercise.hint_en


def slip(mistake: Mistake, language: Language) -> str:
    """Return what went wrong, without a full stop."""
    return (mistake.zh if language is Language.ZH else mistake.en).rstrip("。.")


def written(exercise: Exercise) -> str:
    """Return the answer as one would type it, with its unit: six digits, or in full where it is whole or exact."""
    values = exercise.answer if isinstance(exercise.answer, tuple) else (exercise.answer,)
    texts = [f"{value:.{6 if exercise.tolerance and value % 1 else 16}g}" for value in values]
    number = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    tight = exercise.unit in ("", "%", "°")
    return f"{number}{exercise.unit}" if tight else f"{number} {exercise.unit}"


def heading(asked: Asked, language: Language) -> str:
    """Return which question this is."""
    return say(
        "drill_question", language, n=asked.n, of=asked.of, demo=asked.exercise.demo, level=asked.level
    )


def expected(exercise: Exercise, language: Language) -> str:
    """Return how the answer is to be given: its unit, and how exact it must be."""
    unit = [say("drill_unit", language, unit=exercise.unit)] if exercise.unit else []
    exact = (
        say("drill_tolerance", language, percent=f"{100 * exercise.tolerance:g}")
        if exercise.tolerance
        else say("drill_exact", language)
    )
    return ("，" if language is Language.ZH else "; ").join([*unit, exact])


def verdict(graded: Graded, language: Language) -> str:
    """Return the verdict as a sentence with the right answer in it."""
    exercise, grade = graded.exercise, graded.grade
    return say(
        _VERDICTS[grade.verdict],
        language,
        answer=written(exercise),
        unit=exercise.unit,
        given=grade.given[:_MOST_SHOWN],
        mistake=slip(grade.mistake, language) if grade.mistake else "",
    )


def not_read(graded: Graded, language: Language) -> StudyError:
    """Return what to tell of an answer that cannot be read, where it may be typed again."""
    grade, unit = graded.grade, graded.exercise.unit
    phrase = "drill_other_unit" if grade.unread is Unread.OTHER_UNIT else "drill_not_read"
    in_unit = say("drill_in_unit", language, unit=unit) if unit else ""
    return StudyError(
        say(phrase, language, given=grade.given[:_MOST_SHOWN]), say("drill_how_to", language, unit=in_unit)
    )


def check(exercise: Exercise) -> str:
    """Return the command that computes the answer."""
    return demo_command(Choice(exercise.demo, exercise.arguments))


def language_for(words: str) -> Language:
    """Return the language of a drill asked for by `words`: that of a topic; demos have names, so Chinese."""
    return Language.ZH if not words or words in registry.names() else language_of(words)


def again(plan: Plan, words: str, language: Language) -> str:
    """Return the command that asks the same questions."""
    name = f" {shlex.quote(words)}" if words else ""
    level = f" --level {plan.level}" if plan.level is not None else ""
    other = f" --lang {language.value}" if language is not language_for(words) else ""
    return f"assistant drill{name} -n {plan.count} --seed {plan.seed}{level}{other}"


def weakest(drill: Drill) -> str | None:
    """Return the demo most of whose questions went wrong, None where all went well."""
    wrong = [g.exercise.demo for g in drill.done if g.grade.verdict is not Verdict.CORRECT]
    return max(wrong, key=wrong.count) if wrong else None
