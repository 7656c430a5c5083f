"""What a drill is made of: a question with one exact answer, computed by a demo, and the mistakes people make.

A demo's `exercise(random, level)` draws the arguments and words the question; the answer is never written by
hand but read from the demo's own result, so an exercise cannot disagree with its demo. Grading is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that a known slip leads to, and the slip in both languages."""

    value: float | tuple[float, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One drill question about a demo.

    `answer` is what `demo(**arguments).numbers` gives (a number, or several for a size); `tolerance` is
    relative, 0 for whole numbers. `unit` is shown behind the answer and may be typed or left out. The steps
    lead to the answer line by line; the hint does not give it away. No mistake equals the answer.
    """

    demo: str
    arguments: Mapping[str, Any]
    question_zh: str
    question_en: str
    answer: float | tuple[float, ...]
    steps_zh: tuple[str, ...]
    steps_en: tuple[str, ...]
    hint_zh: str
    hint_en: str
    mistakes: tuple[Mistake, ...]
    tolerance: float = 0.01
    unit: str = ""
