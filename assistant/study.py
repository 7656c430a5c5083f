"""The one object every door holds: search, ask, demo over one person's notes."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from assistant.answering import demo_choice
from assistant.answering.followups import standalone
from assistant.answering.general_knowledge import Generalist
from assistant.answering.not_covered import not_covered
from assistant.answering.notes_mode import NotesMode
from assistant.answering.types import Answerer, NeedsLoading, Request
from assistant.asking import Answering, Considered
from assistant.collecting import Clock
from assistant.events import Answer, Done, Event, Turn
from assistant.indexing import Indexing
from assistant.language import Language, language_of, say
from assistant.opening import opened_once
from assistant.settings import Settings
from assistant.sources import Sources
from corpus.errors import StudyError
from corpus.glossary import Glossary, load_glossary
from corpus.types import Topic
from index.library import Library
from index.types import Progress, SearchResult
from index.updating import Update, no_progress

if TYPE_CHECKING:
    from assistant.demo_kit.types import DemoResult
    from assistant.grading.grader import Grader
    from assistant.grading.types import Grade
    from assistant.interview.conductor import Conductor
    from assistant.interview.interviewer import Interviewer
    from assistant.quiz.quizmaster import Quizmaster, States
    from assistant.quiz.session import Quiz
    from assistant.quiz.shared import SharedSurroundings
    from assistant.review.reviewer import Reviewer

#: How many topics an answer may draw on.
_ANSWER_TOPICS = 5


def _silent(message: str) -> None:
    """Drop a warning."""


class Assistant:
    """Answers from notes. Everything heavy (index, model) is opened on first use and then kept.

    `warn` is told once about each thing that does not stop the work; `progress` about long work. Several threads may
    ask at once, of a model only one at a time.
    """

    def __init__(
        self, settings: Settings, *, warn: Callable[[str], None] = _silent, progress: Progress = no_progress
    ) -> None:
        self.settings = settings
        self._warn = warn
        self._progress = progress
        self.opening = RLock()
        self._renewing = Lock()

    @opened_once
    def glossary(self) -> Glossary:
        """The concepts and their names: the bundled ones and those of `glossary.toml` in the home folder."""
        own = self.settings.home / "glossary.toml"
        return load_glossary(*([own] if own.is_file() else []))

    @cached_property
    def sources(self) -> Sources:
        """The files and folders that were added to the notes."""
        return Sources(self.settings.home)

    def origins(self) -> dict[Path, str]:
        """Return every file and folder of notes, there or not, and what puts it among them."""
        if self.settings.notes:
            return dict.fromkeys(self.settings.notes, "setting")
        own = self.settings.home / "notes"
        found = {Path(str(files("corpus") / "notes")): "shipped"}
        if own.is_dir() and any(own.iterdir()):
            found[own] = "home"
        return dict.fromkeys((*found, *self.sources.paths()), "added") | found

    @property
    def note_roots(self) -> tuple[Path, ...]:
        """The files and folders that are studied. One that was added and is not there is told and left out."""
        roots = []
        for path, origin in self.origins().items():
            if origin == "added" and not path.exists():
                self._warn(
                    f"{str(path)!r} is not there, so its notes are left out; "
                    f"to forget it: assistant notes remove {shlex.quote(str(path))}"
                )
            else:
                roots.append(path)
        return tuple(roots)

    @opened_once
    def library(self) -> Library:
        """The index of the notes; built or brought up to date when first asked for."""
        return self._opened()

    def _opened(self) -> Library:
        library = self.indexing.library()
        for path, problem in library.problems.items():
            self._warn(problem if path in problem else f"{path}: {problem}")
        return library

    def renew(self) -> None:
        """Open the index anew where another program has brought it up to date since; else this costs a glance.

        Questions under way keep what they have. One thread opens while the others go on with the old index, and where
        the new one cannot be opened all go on with it.
        """
        outdated = "library" in vars(self) and self.indexing.is_outdated()
        if not outdated or not self._renewing.acquire(blocking=False):
            return
        try:
            library = self._opened()
        except StudyError as error:
            self._warn(str(error))
        else:
            self._forget_opened()
            vars(self).setdefault("library", library)
        finally:
            self._renewing.release()

    def _forget_opened(self) -> None:
        with self.opening:
            for opened in ("library", "answerer", "grader"):  # both hold the index as it was
                vars(self).pop(opened, None)

    def update(self, *, strict: bool = False) -> Update:
        """Bring the index up to date with the notes and return what that changed; `library` is opened anew.

        `strict`: an embedder that cannot be had is an error, and not replaced by the bundled one.
        """
        self._forget_opened()
        return self.indexing.update(strict=strict)

    @opened_once
    def indexing(self) -> Indexing:
        """What makes the index, by the embedder of the settings."""
        return Indexing(self.settings, self.glossary, lambda: self.note_roots, self._warn, self._progress)

    @opened_once
    def answerer(self) -> Answerer:
        """Who writes the answers: a model where the settings and the machine allow, else notes mode."""
        notes_mode = NotesMode(self.library, self.library.glossary)
        if self.settings.model == "notes":
            return notes_mode
        from assistant.llm import open_model

        model = open_model(self.settings, self._warn)
        if model is None:
            return notes_mode
        from assistant.answering.model_mode import ModelMode

        return ModelMode(model, notes_mode, self.library.glossary, self.indexing.nearness)

    def loading(self) -> Callable[[], None] | None:
        """Return what reads the model into memory; None where there is nothing to wait for. It may be slow."""
        answerer = self.answerer
        return answerer.load if isinstance(answerer, NeedsLoading) and not answerer.is_ready() else None

    def topics(self) -> Sequence[Topic]:
        """Return every topic of the notes, in the order of the files."""
        return self.library.topics

    def search(self, query: str, k: int = 5) -> SearchResult:
        """Return the `k` nearest topics and whether they cover `query`."""
        found = self.library.search(_asked(query), k)
        if found.notice:
            self._warn(found.notice)
        return found

    def demo(self, name: str, /, **arguments: Any) -> DemoResult:
        """Run a demo. Raises `UnknownName`, or `DemoError` naming the argument that does not fit."""
        from assistant.demo_kit import registry

        return registry.run(name, arguments)

    def grade(self, question: str, answer: str, topic: str | None = None, learner: str = "local") -> Grade:
        """Return the grade of `answer` by the key points of `topic`, or of the topic that the question finds.

        Raises `StudyError` for an empty question, an endless answer and a topic that does not exist.
        """
        answer = answer.encode("utf-8", "replace").decode()
        return self.grader_for(learner).grade(_asked(question), answer, topic)

    @opened_once
    def grader(self) -> Grader:
        """Who grades: a model where the settings and the machine allow, with rules beside it."""
        from assistant.grading.grader import Grader
        from assistant.grading.memory import StoredMemory
        from assistant.llm import open_model

        model = None if self.settings.model == "notes" else open_model(self.settings, self._warn)
        return Grader(
            self.library, model, StoredMemory(self.settings.home, self._warn), self.indexing.nearness
        )

    def grader_for(self, learner: str) -> Grader:
        """Return the grader with what `learner` decided: key points of their own, and overruled grades."""
        from assistant.grading.memory import StoredMemory

        if learner == "local":
            return self.grader
        return replace(self.grader, memory=StoredMemory(self.settings.home, self._warn, learner))

    def reviewer(self, learner: str = "local") -> Reviewer:
        """Return the reviews of `learner`: what is due today and why, the questions, the days until the interview."""
        from assistant.review.gathering import gaps_of
        from assistant.review.reviewer import Reviewer
        from assistant.store import Store

        store = Store(self.settings.home)
        questions = store.questions.of(learner)
        return Reviewer(
            self.quizmaster(questions, learner),
            store.reviews.of(learner),
            lambda: gaps_of(store.gaps, learner),
            questions=questions,
            retention=self.settings.retention,
            new_a_day=self.settings.new_per_day,
        )

    def quizmaster(self, states: States | None = None, learner: str = "local") -> Quizmaster:
        """Return who asks questions from the notes; `states` says which are rejected or reworded."""
        from assistant.grading.memory import StoredMemory
        from assistant.quiz.quizmaster import NoStates, Quizmaster

        grader = self.grader_for(learner)
        points = grader.memory.points_version() if isinstance(grader.memory, StoredMemory) else None
        return Quizmaster(grader, states or NoStates(), self._surroundings.of(grader, learner, points))

    @opened_once
    def _surroundings(self) -> SharedSurroundings:
        from assistant.quiz.shared import SharedSurroundings

        return SharedSurroundings()

    def quiz(
        self,
        topic: str = "",
        *,
        kinds: Sequence[str] = (),
        count: int = 5,
        seed: int | None = None,
        language: Language | None = None,
        states: States | None = None,
        write: bool = False,
        learner: str = "local",
        with_code: bool = True,
    ) -> Quiz:
        """Return a quiz of `count` questions about `topic`, or all notes; the same `seed` asks the same.

        With `write` the model writes new questions about the topic first; `notices` of the quiz tell where it did
        not. Without `with_code` nothing is asked whose answer would be run. Raises `UnknownName` for a topic or kind
        that does not exist, `NoQuestions` where the notes give none.
        """
        import secrets

        from assistant.quiz.session import Quiz, QuizPlan, topics_for

        master = self.quizmaster(states, learner)
        topics = topics_for(topic, master)
        # An abbreviation is in no language: BN is asked for in Chinese, where the note is.
        named = topics[0] if topics and len(topic.split()) == 1 else topic
        plan = QuizPlan(
            topics,
            tuple(kinds),
            language or language_of(named),
            secrets.randbelow(10**6) if seed is None else seed,
            count,
            with_code,
        )
        written = [master.write(title, plan.language) for title in topics] if write else []
        return Quiz(master, plan, tuple(filter(None, written)))

    def interviewer(self, learner: str = "local", *, must_keep: bool = False) -> Interviewer:
        """Return the mock interviews of `learner`: begun, opened again, listed and told.

        Doors that hold nothing between two lines `must_keep` each of them.
        """
        from assistant.interview.interviewer import Interviewer
        from assistant.store import Store

        store = Store(self.settings.home)
        master = self.quizmaster(store.questions.of(learner), learner)
        return Interviewer(
            master,
            store.interviews.of(learner),
            store.reviews.of(learner),
            warn=self._warn,
            must_keep=must_keep,
        )

    def interview(self, *, seed: int | None = None, learner: str = "local", **wanted: Any) -> Conductor:
        """Return a mock interview that has just begun: `state` holds what was said, `answer(text)` goes on.

        `wanted` are the fields of `assistant.interview.planning.Wanted`: `minutes`, `topics`, `language`, …
        """
        from assistant.interview.planning import Wanted

        return self.interviewer(learner).begin(Wanted(**wanted), seed)

    def ask(self, question: str, history: Sequence[Turn] = (), *, general: bool = False) -> Answer:
        """Return the whole answer to `question`; see `stream`."""
        for event in self.stream(question, history, general=general):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("a stream ends with Done")

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, general: bool = False
    ) -> Generator[Event, None, None]:
        """Yield the answer to `question` as it comes, ending with `Done`. Closing the iterator stops the work.

        `history` holds the earlier turns, oldest first. Raises `StudyError` for an empty or endless question
        and for notes that cannot be read; a failing model is not an error, notes mode answers instead. With
        `general` a model answers what the notes do not cover from general knowledge, under a plain label.
        """
        yield from self.consider(question, history, general=general).events()

    def consider(self, question: str, history: Sequence[Turn] = (), *, general: bool = False) -> Considered:
        """Search for `question` and say who would answer it, without answering yet; see `stream`.

        A door that lets models wait for each other asks `uses_model` first, and draws the events in its turn.
        """
        question = _asked(question)
        clock = Clock()
        self.library  # noqa: B018  # opened here so that its time is not counted as search
        clock.lap("open")
        whole = standalone(question, history, self.library.glossary)
        found = self.library.search(whole, _ANSWER_TOPICS)
        clock.lap("search")
        request = Request(question, whole, language_of(question), found, tuple(history))
        covered, answerer = self._who(request)
        if answerer is not None:
            return Considered(request, clock, answerer.mode, partial(answerer.answer, request))
        mode, events = self._beyond(request, general=general)
        return Considered(request, clock, mode, events, covered=covered)

    def _who(self, request: Request) -> tuple[bool, Answerer | None]:
        """Return whether the question is answered at all, and by whom (None: nobody, the notes lack it).

        What the notes do not cover is never put to a model; a demo that the question gives arguments to
        needs no notes.
        """
        if request.found.covered:
            return True, self.answerer
        if demo_choice.choose(request, self.library.glossary) is not None:
            return True, NotesMode(self.library, self.library.glossary)
        return False, None

    def _beyond(self, request: Request, *, general: bool) -> tuple[str, Answering]:
        """Return the mode and the events for what the notes do not cover."""
        model = self.answerer if isinstance(self.answerer, Generalist) else None
        mode = model.mode if general and model else NotesMode.mode
        return mode, partial(not_covered, request, model, general=general)


def turn_of(answer: Answer) -> Turn:
    """Return what a later turn needs to know of `answer`."""
    topics = tuple(dict.fromkeys(citation.topic for citation in answer.citations))
    return Turn(answer.question, answer.standalone or answer.question, answer.text, topics)


class EmptyQuestion(StudyError):
    """A question without a single character to search for."""


def _asked(question: str) -> str:
    """Return what was asked as text that can be stored: no outer blanks, no bytes that were no UTF-8."""
    question = question.encode("utf-8", "replace").decode().strip()
    if not question:
        raise EmptyQuestion(
            "the question is empty",
            f"{say('empty_question', Language.ZH)} For example: assistant ask 'L1 正则化为什么稀疏?'",
        )
    return question


def open_assistant(
    notes: str | Path | Sequence[str | Path] | None = None,
    home: str | Path | None = None,
    *,
    warn: Callable[[str], None] = _silent,
    progress: Progress = no_progress,
    **settings: str,
) -> Assistant:
    """Return an assistant over `notes` (a path or several) that keeps its files under `home`.

    What is not given comes from the environment, `config.toml` and the defaults; further keywords name
    settings, as text: `open_assistant("notes/", model="notes")`.
    """
    import os

    from assistant.settings import read_settings

    flags: dict[str, str | None] = dict(settings)
    if notes is not None:
        paths = [notes] if isinstance(notes, str | Path) else list(notes)
        flags["notes"] = os.pathsep.join(map(str, paths))
    if home is not None:
        flags["home"] = str(home)
    return Assistant(read_settings(flags), warn=warn, progress=progress)
