"""Be asked questions from the notes, one at a time; every answer is marked with what it missed and where it stands."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.dialogue import Dialogue, Given
from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, print_json
from assistant.language import Language
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.cli.quiz_doors import QuizDoor
    from assistant.quiz.sitting import Sitting
    from assistant.store.questions import Questions

DIALOGUE = Dialogue(("hint", "skip", "show", "keep", "edit", "reject", "quit"), '"B"', words="edit")


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
    sitting = begin(session, topic, kinds=kind or (), count=count, seed=seed, language=lang, write=write)
    language, terminal = sitting.plan.language, Terminal()
    if json:
        hold(sitting, JsonDoor(), DIALOGUE.events(sys.stdin), asks_again=True)
    elif sys.stdin.isatty() and terminal.is_tty:
        hold(sitting, LinesDoor(terminal, language), DIALOGUE.typed(terminal, language), asks_again=True)
    else:
        answers = DIALOGUE.lines(sys.stdin, keep_blank=True)
        hold(sitting, LinesDoor(terminal, language), answers, asks_again=False)


def begin(session: Session, topic: str, **wanted: Any) -> Sitting:
    """Return a quiz that has just begun; `wanted` is what `Sittings.begin` takes."""
    from assistant.quiz.sittings import Sittings

    sittings = Sittings(session.assistant, session.store, LOCAL_LEARNER, allow_code=True, warn=session.warn)
    sitting = sittings.begin(topic, **wanted)
    for notice in sitting.notices:
        session.warn(notice)
    return sitting


def hold(sitting: Sitting, door: QuizDoor, given: Iterable[Given | StudyError], *, asks_again: bool) -> None:
    """Ask until the questions or the answers end. `asks_again` after an answer that cannot be one."""
    lines = iter(given)
    if sitting.asked:
        door.asked(sitting.asked)
    while (asked := sitting.asked) and (line := next(lines, None)):
        if isinstance(line, StudyError):
            door.refused(line)
            continue
        command, text = line
        if command == "quit":
            break
        try:
            _follow(sitting, door, command, text, asks_again=asks_again)
        except StudyError as error:
            door.refused(error)
            continue
        if sitting.asked and sitting.asked.question.question_id != asked.question.question_id:
            door.asked(sitting.asked)
    door.ended(sitting)


def _follow(sitting: Sitting, door: QuizDoor, command: str, text: str, *, asks_again: bool) -> None:
    """Do what one line says."""
    assert sitting.asked is not None
    question = sitting.asked.question
    match command:
        case "hint":
            door.hinted(sitting.hint())
        case "skip":
            door.skipped(sitting.skip())
        case "show":
            door.shown(*sitting.show())
        case "keep":
            sitting.keep()
            door.decided(question, "kept")
        case "edit":
            if not text:
                raise UsageError(
                    "/edit needs the new words of the question", "For example: /edit BN 为什么依赖 batch？"
                )
            door.decided(sitting.edit(text).question, "edited")
        case "reject":
            sitting.reject()
            door.decided(question, "rejected")
        case _:
            door.marked(sitting.answer(text, asks_again=asks_again))


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
