"""Be asked questions from the notes, one at a time; every answer is marked with what it missed and where it stands."""

from __future__ import annotations

import json as json_
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Annotated

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, lines_of, print_json
from assistant.language import Language
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.cli.quiz_doors import QuizDoor
    from assistant.cli.rendering import Terminal
    from assistant.quiz.session import Quiz
    from assistant.quiz.types import Question
    from assistant.store.questions import Questions

#: What may be typed in place of an answer -> the command of the JSON protocol.
_KEYS = {"?": "hint", "？": "hint", "/end": "quit"}
_COMMANDS = ("hint", "skip", "show", "keep", "edit", "reject", "quit")
_HINT = '{"answer": "B"} or {"command": "hint"}, ' + ", ".join(f'"{name}"' for name in _COMMANDS[1:]) + "."


def command(
    session: Session,
    topic: Annotated[
        str, typer.Argument(help="A topic such as BN or 感受野; without it, a mix of all notes.")
    ] = "",
    count: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many questions.")] = 5,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Only questions of this kind, such as why; may be repeated."),
    ] = None,
    lang: Annotated[
        Language | None,
        typer.Option("--lang", help="Language of the questions; without it that of TOPIC, or zh."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The same seed asks the same questions.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Let the model write new questions about TOPIC first.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the questions instead of asking them.")] = False,
    drafts: Annotated[
        bool,
        typer.Option(
            "--drafts", help="List the questions that were asked and are neither kept nor rejected."
        ),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON event per line, in both directions (docs/quiz.md).")
    ] = False,
) -> None:
    """Be asked from your notes: `assistant quiz BN`, `assistant quiz --kind why -n 10`.

    `/hint` helps, `/show` gives the answer, `/skip` goes on, `/quit` or Ctrl-D ends. A question you like is kept
    with `/keep`; `/edit NEW WORDS` rewords it, `/reject` never asks it again. Piped, every line answers one.
    """
    from assistant.cli.quiz_doors import JsonDoor, LinesDoor
    from assistant.cli.rendering import Terminal

    if drafts:
        _drafts(session, json=json)
        return
    if list_:
        _list(session, topic, kind or [], lang, json=json)
        return
    if write and not topic:
        raise UsageError("--write needs a topic", "For example: assistant quiz BN --write")
    quiz = session.assistant.quiz(
        topic,
        kinds=kind or (),
        count=count,
        seed=seed,
        language=lang,
        states=session.store.questions,
        write=write,
    )
    for notice in quiz.notices:
        session.warn(notice)
    language = quiz.plan.language
    terminal = Terminal()
    if json:
        hold(session, quiz, JsonDoor(language, topic), _events(sys.stdin), asks_again=True)
    elif sys.stdin.isatty() and terminal.is_tty:
        hold(session, quiz, LinesDoor(terminal, language, topic), typed(terminal, language), asks_again=True)
    else:
        answers = map(_line, lines_of(sys.stdin, keep_blank=True))
        hold(session, quiz, LinesDoor(terminal, language, topic), answers, asks_again=False)


def hold(
    session: Session,
    quiz: Quiz,
    door: QuizDoor,
    given: Iterable[tuple[str, str] | StudyError],
    *,
    asks_again: bool,
) -> None:
    """Ask until the questions or the answers end. `asks_again` after an answer that cannot be one."""
    lines = iter(given)
    _ask(session, quiz, door)
    while (asked := quiz.open) and (line := next(lines, None)):
        if isinstance(line, StudyError):
            door.refused(line)
            continue
        kind, text = line
        if kind == "quit":
            break
        try:
            if kind == "answer" and asks_again and (refusal := quiz.refusal(text)):
                door.refused(refusal)
                continue
            _follow(session, quiz, door, kind, text)
        except StudyError as error:
            door.refused(error)
            continue
        if quiz.open and quiz.open.question.question_id != asked.question.question_id:
            _ask(session, quiz, door)
    door.ended(quiz)


def _ask(session: Session, quiz: Quiz, door: QuizDoor) -> None:
    if quiz.open:
        question = quiz.open.question
        session.remember(lambda: _questions(session).asked(question, datetime.now(UTC)))
        door.asked(quiz.open)


def _follow(session: Session, quiz: Quiz, door: QuizDoor, kind: str, text: str) -> None:
    """Do what one line says."""
    assert quiz.open is not None
    question = quiz.open.question
    if kind == "hint":
        door.hinted(quiz.hint())
    elif kind == "skip":
        door.skipped(quiz.skip())
    elif kind == "show":
        door.shown(*quiz.show())
    elif kind == "keep":
        _decide(session, question, "kept")
        door.decided(question, "kept")
    elif kind == "edit":
        if not text.strip():
            raise UsageError(
                "/edit needs the new words of the question", "For example: /edit BN 为什么依赖 batch？"
            )
        _decide(session, question, "edited", text.strip())
        door.decided(quiz.edit(text.strip()).question, "edited")
    elif kind == "reject":
        _decide(session, question, "rejected")
        quiz.reject()
        door.decided(question, "rejected")
    else:
        door.marked(quiz.answer(text, allow_code=True))


def _decide(session: Session, question: Question, state: str, prompt: str | None = None) -> None:
    from assistant.store.questions import QuestionState

    now = datetime.now(UTC)
    session.remember(lambda: _questions(session).decide(question, QuestionState(state), now, prompt))


def _questions(session: Session) -> Questions:
    return session.store.questions.of(LOCAL_LEARNER)


def _list(session: Session, topic: str, kinds: list[str], lang: Language | None, *, json: bool) -> None:
    from assistant.quiz.session import topics_for

    master = session.assistant.quizmaster(session.store.questions)
    decided = {one.question_id: one.state.value for one in _questions(session).listed()}
    for title in topics_for(topic, master) or [t.title for t in session.assistant.topics() if not t.stub]:
        for kind in kinds or (None,):
            for question in master.questions(title, kind, lang):
                state = decided.get(question.question_id, "draft")
                if json:
                    print_json(
                        {
                            "id": question.question_id,
                            "state": state,
                            "kind": question.kind,
                            "topic": question.topic,
                            "group": question.group,
                            "language": question.language.value,
                            "prompt": question.prompt,
                        }
                    )
                else:
                    print(f"{question.question_id}  {state:<8} {question.kind:<18} {question.prompt}")  # noqa: T201


def _drafts(session: Session, *, json: bool) -> None:
    from assistant.store.questions import QuestionState

    for one in _questions(session).listed(QuestionState.DRAFT):
        if json:
            print_json({"id": one.question_id, "kind": one.kind, "topic": one.topic, "prompt": one.prompt})
        else:
            print(f"{one.question_id}  {one.kind:<18} {one.topic} · {one.prompt}")  # noqa: T201


def _line(text: str) -> tuple[str, str]:
    """Return what a typed line is: ("answer", text) or one of the commands with what follows it."""
    if text.lower() in _KEYS:
        return _KEYS[text.lower()], ""
    name, _, rest = text.partition(" ")
    if name.startswith("/") and name[1:].lower() in _COMMANDS:
        return name[1:].lower(), rest
    return "answer", text


def _events(stream: IO[str]) -> Iterator[tuple[str, str] | StudyError]:
    """Yield what each line says: {"answer": …}, {"command": …} or plain text; or the error to report for it."""
    for line in lines_of(stream):
        yield _event(line) if line.startswith("{") else _line(line)


def _event(line: str) -> tuple[str, str] | StudyError:
    try:
        event = json_.loads(line)
    except (ValueError, RecursionError) as error:
        return UsageError(f"this line is not JSON: {line[:80]!r} ({error})", _HINT)
    given, name = event.get("answer"), event.get("command")
    if isinstance(given, bool):
        return "answer", "true" if given else "false"
    if isinstance(given, str | int | float):
        return "answer", str(given)
    if name in _COMMANDS:
        return name, str(event.get("prompt", ""))
    return UsageError(f"this event is neither an answer nor a command: {line[:80]!r}", _HINT)


def typed(terminal: Terminal, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what is typed at the terminal until Ctrl-D."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.formatted_text import ANSI
    from prompt_toolkit.history import InMemoryHistory

    prompt: PromptSession[str] = PromptSession(history=InMemoryHistory())
    sign = "答 › " if language is Language.ZH else "answer › "
    while True:
        try:
            line = prompt.prompt(ANSI(terminal.style(sign, "green"))).strip()
        except KeyboardInterrupt:
            continue  # Ctrl-C at the prompt clears the line, as in a shell
        except EOFError:
            return
        if line:  # Enter alone answers nothing; /skip goes on
            yield _line(line)
