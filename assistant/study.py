"""The one object every door holds: search, ask, demo over one person's notes."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Sequence
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
from assistant.asking import Answering, Considered, asked_text
from assistant.collecting import Clock
from assistant.events import Answer, Done, Event, Turn
from assistant.indexing import Indexing
from assistant.language import language_of
from assistant.opening import opened_once
from assistant.practice import Practice
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

#: How many topics an answer may draw on.
_ANSWER_TOPICS = 5


def _silent(message: str) -> None:
    """Drop a warning."""


class Assistant(Practice):
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
        found = self.library.search(asked_text(query), k)
        if found.notice:
            self._warn(found.notice)
        return found

    def demo(self, name: str, /, **arguments: Any) -> DemoResult:
        """Run a demo. Raises `UnknownName`, or `DemoError` naming the argument that does not fit."""
        from assistant.demo_kit import registry

        return registry.run(name, arguments)

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
        question = asked_text(question)
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
