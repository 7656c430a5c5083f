"""A row in every table for one learner, by the classes that write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from assistant.events import Citation
from assistant.grading.types import Grade, KeyPoint, Level
from assistant.interview.machine import begin
from assistant.language import Language
from assistant.quiz.records import QuizRecord, Waiting
from assistant.quiz.session import Asked, QuizPlan, QuizState
from assistant.quiz.types import Form, Question
from assistant.review.card import Answered, Card, Recorded, new_card
from assistant.review.scheduling import answered
from assistant.store import Store, Turn
from assistant.store.questions import QuestionState
from assistant.store.replies import Reply
from assistant.store.reviews import Reviews
from corpus.types import Location, LocationKind
from tests.assistant.interview.plans import plan
from tests.assistant.store.conftest import NOW

CANARY = "a secret that must go 不能留下的话"
CITATION = Citation(1, "BN", ("BN",), "/n/bn.md", Location(LocationKind.LINES, 3, 3), "BN", "p")


def fresh(name: str = "BN") -> Card:
    return new_card(f"topic:{name}#优点", name, "优点", NOW)


def give(
    reviews: Reviews,
    card: Card,
    *,
    key: str,
    at: datetime = NOW,
    level: Level = Level.CORRECT,
    text: str = CANARY,
) -> Recorded:
    """Answer a question about `card`."""
    grade: dict[str, object] = {
        "form": "open",
        "level": level.value,
        "score": 0.8,
        "mode": "notes",
        "contradicted": False,
        "points": [],
    }
    given = Answered(key, card, "s", "q", "define", "BN 是什么？", text, level, 0.8, at, 30_000, grade=grade)
    return reviews.record(given, partial(answered, given=given))


def fill(store: Store, learner: str = "local", *, mark: str = "") -> None:
    """Put something into every table for `learner`, all of it holding `CANARY`; `mark` keeps keys of two apart."""
    session = store.history.start(learner, NOW)
    for n in range(2):
        store.history.append(
            session, Turn(f"{CANARY} {n}", "", {"answer": CANARY}, NOW + timedelta(minutes=n))
        )
    store.gaps.record(learner, CANARY, ("BN",), NOW)
    grading = store.grading.of(learner)
    grading.keep_points("bn", "digest", (KeyPoint(CANARY, wordings=(CANARY,), written=True),))
    grading.keep_overrule(Grade("?", CANARY, Level.WRONG, 0.1, "BN", (), "", "notes"), Level.CORRECT, NOW)
    question = Question("q1", "why", Form.OPEN, "BN", "优点", Language.ZH, CANARY, (), "", CITATION)
    store.questions.of(learner).decide(question, QuestionState.EDITED, NOW, CANARY)
    state = QuizState(QuizPlan(("BN",), (), Language.ZH, 1, 1), (question,), (), Asked(1, 1, question))
    quiz_id = f"01M85QUIZ{mark:0>17}"[:26]
    store.quizzes.of(learner).begin(QuizRecord(quiz_id, NOW, NOW, CANARY, state, Waiting(NOW)))
    reviews = store.reviews.of(learner)
    card = give(reviews, fresh(), key=f"k1{mark}").card
    give(reviews, card, key=f"k2{mark}", at=NOW + timedelta(days=3), level=Level.WRONG)
    give(reviews, fresh("LN"), key=f"k3{mark}", at=NOW + timedelta(days=4))
    reviews.undo(NOW + timedelta(days=4, minutes=1))
    reviews.set_interview(date(2026, 6, 1), NOW)
    number = f"01M85AAAAAAAAAAAAAAAAAA{mark:A>3}"[:26]
    store.interviews.of(learner).save(begin(replace(plan(), interview_id=number, profile=CANARY), NOW)[0])
    store.threads.of(learner).put(f"slack:{CANARY}", "ask", session, NOW)
    store.replies.of(learner).take(CANARY, "a hash", NOW)
    store.replies.of(learner).keep(CANARY, NOW, Reply(200, "application/json", CANARY.encode()))
