"""A mock interview over your notes, with follow-ups and a report; every turn is kept, so it can go on any time."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.dialogue import Given
from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, print_json
from assistant.language import Language
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.interview.conductor import Conductor
    from assistant.interview.interviewer import Interviewer
    from assistant.interview.report import Report

#: What `assistant interview` without a word behind it means.
DEFAULT = "start"


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    MD = "md"
    HTML = "html"
    JSON = "json"


Id = Annotated[
    str, typer.Argument(metavar="[ID]", help="Its id or the beginning of it; without it the latest.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Events = Annotated[
    bool, typer.Option("--json", help="One JSON event per line, in both directions (docs/interviews.md).")
]


def start(
    session: Session,
    profile: Annotated[
        str, typer.Option("--profile", help="The role: deep_learning, cv_algorithm or fundamentals.")
    ] = "deep_learning",
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="How long; without it 3 for each question, or 30.")
    ] = None,
    questions: Annotated[
        int | None, typer.Option("--questions", help="The most main questions; without it one in 3 minutes.")
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the interview.")] = Language.ZH,
    jd: Annotated[
        Path | None,
        typer.Option("--jd", metavar="FILE", help="A job description; what it names is asked more."),
    ] = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="Only this topic, such as BN; may be repeated.")
    ] = None,
    practice: Annotated[
        bool, typer.Option("--practice", help="Hear what each answer lacked at once.")
    ] = False,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="The same seed plans the same.")] = None,
    json: Events = False,
) -> None:
    """Be interviewed: `assistant interview --minutes 20 --topic BN`.

    Answer as you would aloud, a minute each. Enter sends, Alt-Enter breaks the line; /hint, /skip, /repeat, /pause,
    /end, /help. Ctrl-C pauses: `assistant interview resume` goes on. Piped, every line is an answer.
    """
    from assistant.interview.planning import MINUTES, Wanted
    from assistant.interview.profile import read_job

    if minutes is None:
        minutes = 30.0 if questions is None else float(min(max(3 * questions, MINUTES[0]), MINUTES[1]))
    wanted = Wanted(
        language=lang,
        profile=profile,
        minutes=minutes,
        questions=questions,
        topics=tuple(topic or ()),
        job=read_job(jd) if jd else "",
        practice=practice,
    )
    interviewer = session.assistant.interviewer(LOCAL_LEARNER)
    conductor = begin(session, interviewer, wanted, seed)
    _hold(session, interviewer, conductor, json=json)


def resume(session: Session, interview: Id = "", json: Events = False) -> None:
    """Go on with the latest interview that has not ended, or with ID."""
    interviewer = session.assistant.interviewer(LOCAL_LEARNER)
    conductor = interviewer.open(interview)
    if conductor.has_ended:
        raise UsageError(
            f"the interview {conductor.interview_id!r} is over",
            f"See it with: assistant interview report {conductor.interview_id}",
        )
    conductor.resume()
    _hold(session, interviewer, conductor, json=json, resumed=True)


def list_(session: Session, json: Json = False) -> None:
    """List the interviews, the newest first."""
    from assistant.cli.rendering import Terminal

    entries = session.store.interviews.of(LOCAL_LEARNER).listed()
    if json:
        from assistant.interview.events import entry_dict

        print_json([entry_dict(entry) for entry in entries])
        return
    from assistant.interview import wording
    from assistant.interview.report import Word

    terminal = Terminal()
    for entry in entries:
        language = Language(entry.language)
        parts = [entry.interview_id, f"{entry.began.astimezone():%Y-%m-%d %H:%M}"]
        parts.append(wording.role(entry.profile, language))
        if entry.outcome:
            count, word = entry.outcome["questions"], Word(entry.outcome["overall"])
            parts += [wording.say("count", language, count=count), wording.name(word, language)]
        else:
            parts.append(wording.say("open" if entry.is_open else "over", language))
        terminal.line(" · ".join(parts))
    if not entries:
        terminal.line("还没有面试过。(no interview yet) assistant interview", "dim")


def show(session: Session, interview: Id = "", json: Json = False) -> None:
    """Show all that was said in an interview."""
    from assistant.cli.interview_doors import clock
    from assistant.cli.rendering import Terminal
    from assistant.interview.types import Act

    interviews = session.store.interviews.of(LOCAL_LEARNER)
    state = interviews.load(interviews.named(interview).interview_id)
    if json:
        from assistant.interview.events import said_dict

        print_json(said_dict(state))
        return
    terminal, is_chinese = Terminal(), state.plan.language is Language.ZH
    for turn in state.turns:
        since = clock((turn.at - state.started_at).total_seconds())
        if turn.heard:
            terminal.line(f"[{since}] {'我：' if is_chinese else 'I: '}{turn.heard.text}", "cyan")
        for move in turn.moves:
            who = ("面试官：", "Interviewer: ") if move.act is not Act.FEEDBACK else ("点评：", "Feedback: ")
            terminal.line(f"[{since}] {who[not is_chinese]}{move.text}")


def report(
    session: Session,
    interview: Id = "",
    format_: Annotated[
        Format | None, typer.Option("--format", help="Without it as FILE is named, or text.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write it there.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Tell what an interview has shown, question by question, with the lines of your notes."""
    from assistant.cli import interview_doors
    from assistant.cli.rendering import Terminal

    wanted = Format.JSON if json else format_ or _format_of(to)
    told = session.assistant.interviewer(LOCAL_LEARNER).report(interview)
    if to is None and wanted is Format.TEXT:
        interview_doors.show(told, Terminal())
        return
    text = written(told, wanted)
    if to is None:
        Terminal().write(text)
        return
    try:
        to.write_text(text, "utf-8")
    except OSError as error:
        raise StudyError(
            f"{str(to)!r} cannot be written: {error.strerror}", "Choose another file: --to report.html"
        ) from None
    session.warn(str(to.resolve()))


def written(told: Report, wanted: Format) -> str:
    """Return a report in a format."""
    import json

    from assistant.interview import writing

    match wanted:
        case Format.MD:
            return writing.markdown(told)
        case Format.HTML:
            return writing.html(told)
        case Format.JSON:
            return json.dumps(writing.to_dict(told), ensure_ascii=False, indent=2) + "\n"
        case Format.TEXT:
            return "".join(f"{text}\n" for text, _ in writing.lines(told))


def begin(session: Session, interviewer: Interviewer, wanted: object, seed: int | None = None) -> Conductor:
    """Return an interview that has just begun; planning takes seconds, which is told meanwhile."""
    from assistant.cli.rendering import Terminal
    from assistant.interview.planning import Wanted

    assert isinstance(wanted, Wanted)
    session.assistant.topics()
    waiting = Terminal(sys.stderr)
    waiting.passing(
        "正在从笔记里准备问题……"
        if wanted.language is Language.ZH
        else "Preparing questions from your notes …"
    )
    try:
        return interviewer.begin(wanted, seed)
    finally:
        waiting.passed()


def _format_of(to: Path | None) -> Format:
    """Return the format that a file's name asks for."""
    suffix = to.suffix.lstrip(".").lower() if to else ""
    names = {"markdown": Format.MD, "htm": Format.HTML, **{known.value: known for known in Format}}
    return names.get(suffix, Format.TEXT)


def _hold(
    session: Session, interviewer: Interviewer, conductor: Conductor, *, json: bool, resumed: bool = False
) -> None:
    from assistant.cli.interview_doors import InterviewDoor, JsonDoor, LinesDoor
    from assistant.cli.interviewing import DIALOGUE, hold, typed
    from assistant.cli.rendering import Terminal

    terminal = Terminal()
    is_typed = sys.stdin.isatty() and terminal.is_tty
    given: Iterable[Given | StudyError]
    door: InterviewDoor
    if json:
        door, given = JsonDoor(), DIALOGUE.events(sys.stdin)
    else:
        is_slow = session.assistant.grader.model is not None
        door = LinesDoor(terminal, conductor.state.plan.language, is_slow=is_slow)
        given = typed(terminal, conductor) if is_typed else DIALOGUE.lines(sys.stdin)
    door.began(conductor, resumed=resumed)
    door.said(conductor, conductor.latest)
    if hold(conductor, interviewer, door, given):
        raise typer.Exit(130)


command = {"start": start, "resume": resume, "list": list_, "show": show, "report": report}
