"""Questions that a model writes, each tied to words of the note, and refused where those are not there.

What a model writes passes the same mechanical checks as any other question. How it is asked is the business of
`assistant.llm.structured`, which comes in as a `StructuredCall`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from assistant.answering.quoting import Quote
from assistant.grading.grader import note_of
from assistant.grading.key_points import lines_of
from assistant.grading.model_points import MOST_CHARACTERS, StructuredCall, fenced
from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.llm.base import Message, Role
from assistant.prompts import fill
from assistant.quiz.checks import faults, without_duplicates
from assistant.quiz.kinds_of import kind_of
from assistant.quiz.making import question
from assistant.quiz.material import TopicMaterial
from assistant.quiz.note_parts import sentences_of
from assistant.quiz.types import Form, Question

MOST = 8
_LANGUAGES = {Language.ZH: "Chinese, with the usual English terms", Language.EN: "English"}
_SPACE = re.compile(r"\s+")


class WrittenQuestion(BaseModel):
    """One question and the words of the note that answer it."""

    question: str = Field(min_length=5, max_length=300, description="one question, without its answer")
    quote: str = Field(min_length=4, max_length=400, description="words copied from the note that answer it")

    @field_validator("quote")
    @classmethod
    def stands_in_the_note(cls, quote: str, info: ValidationInfo) -> str:
        """Refuse a quote that no line of the note holds; blanks do not count."""
        lines = (info.context or {}).get("lines", ())
        if not any(_bare(quote) in line for line in lines):
            raise ValueError("this quote is on no line of the note; copy from one line, word for word")
        return quote


class WrittenQuestions(BaseModel):
    """The questions about a note."""

    questions: list[WrittenQuestion] = Field(min_length=1, max_length=MOST)


def model_questions(
    materials: tuple[TopicMaterial, ...], call: StructuredCall, text_of: Callable[[str], str | None]
) -> tuple[Question, ...]:
    """Return the questions that a model writes about the topic of `materials`, without those that are broken.

    Raises `ModelError` where the model gives none. None at all for no materials.
    """
    if not materials:
        return ()
    topic, language = materials[0].topic, materials[0].language
    note = note_of(topic)[:MOST_CHARACTERS]
    asked = fill(
        "quiz_questions",
        topic=topic.title,
        note=fenced(note),
        count=str(MOST),
        language=_LANGUAGES[language],
    )
    lines = [line for passage in topic.passages for line in lines_of(passage)]
    context = {"lines": [_bare(line.text) for line in lines]}
    written = call([Message(Role.USER, asked)], WrittenQuestions, context=context)
    made = (_made(one, lines, materials) for one in written.questions)
    return without_duplicates(one for one in made if one and not faults(one, text_of))


def _made(
    written: WrittenQuestion, lines: list[Quote], materials: tuple[TopicMaterial, ...]
) -> Question | None:
    line = next((line for line in lines if _bare(written.quote) in _bare(line.text)), None)
    if line is None:
        return None
    points = tuple(_quoted(written.quote, line))
    if not points:
        return None
    prompt = written.question.strip()
    home = max(materials, key=lambda one: sum(_is_on(point, line) for point in one.group.points))
    return question(home, kind_of(prompt), Form.OPEN, prompt, points)


def _quoted(quote: str, line: Quote) -> Iterator[KeyPoint]:
    """Yield the sentences of `line` that hold the quote or are held by it."""
    bare = _bare(quote)
    for point in sentences_of(line, line.text.strip().lstrip("-*+• ")):
        said = _bare(point.text)
        if said in bare or bare in said:
            yield replace(point, written=True)


def _is_on(point: KeyPoint, line: Quote) -> bool:
    citation = point.citation
    return bool(
        citation and citation.passage_id == line.passage.passage_id and citation.location == line.location
    )


def _bare(text: str) -> str:
    return _SPACE.sub("", text)
