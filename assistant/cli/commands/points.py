"""The key points that answers about a topic are graded by: seen with their lines, edited, or given back to the note."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, print_json
from assistant.language import Language
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.grading.points_text import Refused
    from assistant.grading.types import KeyPoint
    from assistant.store.grading import Grading, Kept
    from corpus.types import Topic

_SAID = {
    "from_note": ("出自笔记", "from the note"),
    "by_hand": ("手工改过，{day}", "edited by hand on {day}"),
    "by_model": ("{name} 整理，{day}", "made by {name} on {day}"),
    "stale": (
        "注意：{day} 改过的要点对应旧版笔记，笔记改动后没有再用。--edit 可以把旧的捡回来，--reset 丢掉它们。",
        "Note: the points edited on {day} belong to an older text of the note and are not used. --edit brings "
        "them up again, --reset drops them.",
    ),
    "old": (
        "上次改的要点（对应旧版笔记），要用就去掉行首的 #：",
        "Edited before the note changed; to use one, take its # away:",
    ),
    "none": ("《{title}》只有标题，没有要点。", "“{title}” is only a title; it has no points."),
    "kept": ("已保存 {count} 条要点；笔记改动后会重新整理。", "{count} points kept, until the note changes."),
    "reset": ("已恢复成笔记里的 {count} 条要点。", "Back to the {count} points of the note."),
    "unchanged": ("没有改动。", "Nothing was changed."),
    "refused": (
        "有 {count} 行不能用，什么都没有保存：",
        "{count} line(s) cannot be used, so nothing was kept:",
    ),
    "line": ("第 {n} 行「{line}」：{why}", "line {n}, “{line}”: {why}"),
    "again": ("再改一次？ Edit again?", "Edit again?"),
}


def command(
    session: Session,
    topic: Annotated[str, typer.Argument(help="Title of the topic, or what it is called.")],
    edit: Annotated[bool, typer.Option("--edit", help="Edit the points in $EDITOR.")] = False,
    use: Annotated[
        Path | None,
        typer.Option(
            "--set", metavar="FILE", help="Take the points of FILE, one a line.", show_default=False
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the points of the note.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of what is said.")] = Language.ZH,
    json: Annotated[bool, typer.Option("--json", help="Write the points as one JSON object.")] = False,
) -> None:
    """Show or edit the key points of a topic: `assistant points BN --edit`. They hold until the note changes."""
    from assistant.grading.grader import digest_of, key_of
    from assistant.quiz.session import topics_for

    if edit + reset + (use is not None) > 1:
        raise UsageError("--edit, --set and --reset exclude each other", "Give one of them.")
    grader = session.assistant.grader
    found = grader.topic(topics_for(topic, session.assistant.quizmaster())[0])
    store = session.store.grading.of(LOCAL_LEARNER)
    key, digest = key_of(found), digest_of(found)
    if reset:
        store.forget_points(key)
        if not json:
            print(_say("reset", lang, count=len(grader.points(found))), flush=True)  # noqa: T201
    elif edit or use is not None:
        points = grader.points(found)
        text = (
            _from_file(use, points, lang)
            if use
            else _from_editor(found, points, store.kept(key), digest, lang)
        )
        _keep(store, key, digest, text, points, lang, json=json)
    if json or not (edit or use or reset):
        _show(found, grader.points(found), store.kept(key), digest, lang, json=json)


def _keep(
    store: Grading,
    key: str,
    digest: str,
    chosen: tuple[KeyPoint, ...] | None,
    points: tuple[KeyPoint, ...],
    language: Language,
    *,
    json: bool,
) -> None:
    """Keep the `chosen` points; none of them means those of the note, None that nothing was changed."""
    if chosen is None:
        told = _say("unchanged", language)
    elif not chosen:
        store.forget_points(key)
        told = _say("reset", language, count=len(points))
    else:
        store.keep_points(key, digest, chosen)
        told = _say("kept", language, count=len(chosen))
    print(told, file=sys.stderr if json else sys.stdout, flush=True)


def _from_file(path: Path, points: tuple[KeyPoint, ...], language: Language) -> tuple[KeyPoint, ...]:
    from assistant.grading.points_text import read

    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{str(path)!r} cannot be read ({error})", "Give a text file with one point a line."
        ) from error
    chosen, refused = read(text, points, language)
    if refused:
        raise UsageError(_told(refused, language), "Mend these lines; nothing was changed.")
    return chosen


def _from_editor(
    topic: Topic, points: tuple[KeyPoint, ...], kept: Kept | None, digest: str, language: Language
) -> tuple[KeyPoint, ...] | None:
    """Let the user edit until every line is a point; None where nothing was changed."""
    from assistant.cli.editing import edited
    from assistant.grading.points_text import read, written

    text = first = written(points, topic.title, language)
    if kept and kept.is_by_hand and kept.digest != digest:
        old = (f"# {' '.join(point.text.split())}" for point in kept.points)
        text = first = "\n".join([first, f"# {_say('old', language)}", *old, ""])
    while True:
        text = edited(text, "points.txt")
        if text == first:
            return None
        chosen, refused = read(text, points, language)
        if not refused:
            return chosen
        told = _told(refused, language)
        if not sys.stdin.isatty():
            raise StudyError(told, "Mend these lines; nothing was changed.")
        print(told, file=sys.stderr, flush=True)  # noqa: T201
        if not typer.confirm(_say("again", language), default=True, err=True):
            return None


def _told(refused: tuple[Refused, ...], language: Language) -> str:
    lines = (_say("line", language, n=one.number, line=one.line[:60], why=one.why) for one in refused)
    return "\n".join([_say("refused", language, count=len(refused)), *lines])


def _show(
    topic: Topic,
    points: tuple[KeyPoint, ...],
    kept: Kept | None,
    digest: str,
    language: Language,
    *,
    json: bool,
) -> None:
    is_used = kept is not None and kept.digest == digest
    if json:
        listed = [
            {
                "id": f"p{n}",
                "text": point.text,
                "wordings": list(point.wordings),
                "citation": point.citation.to_dict() if point.citation else None,
            }
            for n, point in enumerate(points, 1)
        ]
        made_by = kept.made_by if kept and is_used else "note"
        print_json(
            {
                "topic": topic.title,
                "made_by": made_by,
                "stale": kept is not None and not is_used,
                "points": listed,
            }
        )
        return
    from assistant.cli.rendering import Terminal, place

    terminal = Terminal()
    if not points:
        terminal.line(_say("none", language, title=topic.title))
        return
    source = _say("from_note", language)
    if kept and is_used:
        day = kept.made_at.astimezone().date().isoformat()
        said = "by_hand" if kept.is_by_hand else "by_model"
        source = _say(said, language, name=kept.made_by, day=day)
    terminal.line(f"{topic.title} · {len(points)} · {source}", "bold")
    width = len(f"p{len(points)}")
    for n, point in enumerate(points, 1):
        where = place(point.citation.path, point.citation.location) if point.citation else "—"
        terminal.entry(f"{f'p{n}':<{width}}  {' '.join(point.text.split())}", where)
    if kept and not is_used and kept.is_by_hand:
        terminal.line(_say("stale", language, day=kept.made_at.astimezone().date().isoformat()), "yellow")


def _say(phrase: str, language: Language, **values: object) -> str:
    return _SAID[phrase][language is Language.EN].format(**values)
