"""Errors of the rooms below as HTTP problems (RFC 9457), found by class along the inheritance order."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.access.caller import NotAllowed
from api.access.refusals import (
    AddressTooLong,
    BadFile,
    BadIdempotencyKey,
    BodyTooLarge,
    ForeignPage,
    HeadersTooLarge,
    NoKey,
    TooManyRequests,
    WrongHost,
)
from api.note_files import NameTaken, NotStudied, UnreadableNote
from assistant.asking import EmptyQuestion
from assistant.cli.session import UsageError
from assistant.demo_kit.plotting import NoPlot, PlotsMissing
from assistant.demo_kit.types import DemoError
from assistant.drills.drawing import NoExercises
from assistant.export.anki import NoGenanki
from assistant.grading.grader import AnswerTooLong
from assistant.interview.machine import InterviewEnded
from assistant.interview.planning import NothingToAsk
from assistant.interview.profile import JobUnreadable
from assistant.interview.records import InterviewDamaged
from assistant.llm.base import ContextOverflow, ModelBusy, ModelError, ModelTimeout, ModelUnavailable
from assistant.quiz.reading import UnreadableAnswer
from assistant.quiz.records import QuizDamaged
from assistant.quiz.session import NoQuestions
from assistant.quiz.sitting import QuizEnded
from assistant.quiz.sittings import NotAskedHere
from assistant.review.stepwise import NotAhead
from assistant.store.archive_format import ArchiveError
from assistant.store.errors import StoreError
from assistant.store.interviews import InterviewOvertaken
from assistant.store.quizzes import QuizOvertaken
from assistant.store.replies import OtherRequest, StillRunning
from corpus.errors import NoteError, StudyError, UnknownName
from index.errors import EmbedderMissing, NoTopics, QueryTooLong


class BadRequest(StudyError):
    """What was sent cannot be understood, in a way that no schema tells: a cursor that is none of ours."""


class ServerFault(StudyError):
    """Our own code failed, which the log has been told."""


#: A class that is not here takes the status of the nearest class above it.
STATUS: dict[type[StudyError], HTTPStatus] = {
    # What was sent cannot be worked with.
    AnswerTooLong: HTTPStatus.UNPROCESSABLE_ENTITY,
    ArchiveError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    DemoError: HTTPStatus.UNPROCESSABLE_ENTITY,
    EmptyQuestion: HTTPStatus.UNPROCESSABLE_ENTITY,
    JobUnreadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    QueryTooLong: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAhead: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAskedHere: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnreadableAnswer: HTTPStatus.UNPROCESSABLE_ENTITY,
    UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    # It may not be asked, or not like this.
    AddressTooLong: HTTPStatus.REQUEST_URI_TOO_LONG,
    BadFile: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadIdempotencyKey: HTTPStatus.UNPROCESSABLE_ENTITY,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ForeignPage: HTTPStatus.FORBIDDEN,
    HeadersTooLarge: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    NoKey: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    OtherRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    StillRunning: HTTPStatus.CONFLICT,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    WrongHost: HTTPStatus.MISDIRECTED_REQUEST,
    UnknownName: HTTPStatus.NOT_FOUND,
    NoPlot: HTTPStatus.NOT_FOUND,
    UnreadableNote: HTTPStatus.UNPROCESSABLE_ENTITY,
    # It would do at another time, or with other notes.
    InterviewDamaged: HTTPStatus.CONFLICT,
    InterviewEnded: HTTPStatus.CONFLICT,
    InterviewOvertaken: HTTPStatus.CONFLICT,
    NoExercises: HTTPStatus.CONFLICT,
    NoQuestions: HTTPStatus.CONFLICT,
    NameTaken: HTTPStatus.CONFLICT,
    NoteError: HTTPStatus.CONFLICT,
    NotStudied: HTTPStatus.CONFLICT,
    NothingToAsk: HTTPStatus.CONFLICT,
    QuizDamaged: HTTPStatus.CONFLICT,
    QuizEnded: HTTPStatus.CONFLICT,
    QuizOvertaken: HTTPStatus.CONFLICT,
    NoTopics: HTTPStatus.CONFLICT,
    # The server lacks something.
    NoGenanki: HTTPStatus.NOT_IMPLEMENTED,
    PlotsMissing: HTTPStatus.NOT_IMPLEMENTED,
    ContextOverflow: HTTPStatus.UNPROCESSABLE_ENTITY,
    ModelBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    ModelTimeout: HTTPStatus.GATEWAY_TIMEOUT,
    ModelUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ModelError: HTTPStatus.BAD_GATEWAY,
    EmbedderMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    StudyError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def problem(error: StudyError) -> tuple[HTTPStatus, dict[str, Any]]:
    """Return the status of `error` and its problem document."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    more = error.to_dict() if isinstance(error, DemoError) else {}
    return http_problem(status, detail=error.message, hint=error.hint, **more)


def http_problem(status: HTTPStatus, **more: Any) -> tuple[HTTPStatus, dict[str, Any]]:
    """Return `status` and a problem document that says no more than it and `more`."""
    return status, {"type": "about:blank", "title": status.phrase, "status": status.value, **more}
