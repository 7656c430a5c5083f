"""All that is remembered of you: taken out as one file, taken in again, or forgotten."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, print_json

File = Annotated[Path, typer.Argument(metavar="FILE", help="A .json file, or .json.gz.")]
Learner = Annotated[str, typer.Option("--learner", help="Whose: local, slack:TEAM:USER or key:ID.")]
Json = Annotated[bool, typer.Option("--json", help="Write the counts as one JSON object.")]

#: The file in which a chat keeps what was typed, for the arrow keys.
TYPED = "typed_questions"
#: What the tables hold, for people; a table that is not here is shown by its name.
_HOLD = {
    "chat_session": "对话 conversations",
    "chat_turn": "问答 questions and answers",
    "gap": "笔记没讲到的问题 questions the notes lack",
    "key_points": "改过的要点 key points",
    "grade_overrule": "改判 overruled grades",
    "question_state": "题目取舍 decisions about questions",
    "card": "复习卡 review cards",
    "review": "复习记录 reviews",
    "answer": "作答 answers",
    "interview_date": "面试日期 date of the interview",
    "interview": "模拟面试 mock interviews",
    "idempotent_reply": "留一天的回复 replies kept for a day",
}


def export(
    session: Session,
    file: File,
    learner: Learner = LOCAL_LEARNER,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write everything that is remembered to FILE, for another machine or for safe keeping. It is not encrypted."""
    from assistant.cli.output_file import check_free, write

    check_free(file, force=force)
    archives = session.store.archives.of(learner)
    counts = archives.counts()
    data = archives.export(datetime.now(UTC))
    # The head of a gzip file would hold the time once more.
    write(file, gzip.compress(data, mtime=0) if file.suffix.lower() == ".gz" else data, force=force)
    if json:
        print_json({"file": str(file), "learner": learner, "rows": counts})
        return
    _table({"": counts})
    print(f"→ {file}", file=sys.stderr, flush=True)  # noqa: T201


def import_(
    session: Session,
    file: File,
    learner: Annotated[
        str,
        typer.Option("--learner", help="Take it in for this learner.", show_default="the one in the file"),
    ] = "",
    json: Json = False,
) -> None:
    """Take in what `assistant data export` wrote. What is here and newer stays; a damaged file changes nothing."""
    done = session.store.archives.restore(file, learner or None)
    if json:
        print_json(
            {
                "file": str(file), "learner": done.learner,
                "added": dict(done.added), "replaced": dict(done.replaced), "kept": dict(done.kept),
            }
        )  # fmt: skip
        return
    _table({"新增 added": done.added, "更新 replaced": done.replaced, "未变 kept": done.kept})


def forget(
    session: Session,
    learner: Learner = LOCAL_LEARNER,
    yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False,
    json: Json = False,
) -> None:
    """Delete everything that is remembered of a learner, for good. Notes, settings and index stay."""
    counts = session.store.archives.of(learner).counts()
    if counts and not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                "forgetting asks before it deletes, and nobody is there to answer",
                "Add --yes. To keep a copy first: assistant data export FILE.json",
            )
        _table({"": counts})
        if not typer.confirm(
            f"全部删除且无法恢复？ Delete all of {learner!r} for good?", default=False, err=True
        ):
            raise typer.Exit(1)
    done = session.store.forget(learner)
    if learner == LOCAL_LEARNER:
        (session.settings.home / TYPED).unlink(missing_ok=True)
    if json:
        print_json({"learner": learner, "removed": dict(done.rows), "gone": done.is_gone})
        return
    if done.rows:
        _table({"已删除 removed": done.rows})
    else:
        print(f"没有 {learner!r} 的记录。(nothing is remembered)", flush=True)  # noqa: T201
    if not done.is_gone:
        session.warn(
            "另一个程序正在读数据库，旧内容要等它结束后才会从文件里消失；之后再运行一次。"
            "(another program is reading; run this again when it has ended)"
        )
    for left in sorted(session.settings.home.glob("study.db*.orphan")):
        session.warn(f"另有旧文件 an older file is left: {left}")


def _table(columns: Mapping[str, Mapping[str, int]]) -> None:
    """Print a line for each table, with a count for each column; columns that are empty are left out."""
    from rich.cells import cell_len

    shown = {head: counts for head, counts in columns.items() if counts}
    there = {name for counts in shown.values() for name in counts}
    names = [*(name for name in _HOLD if name in there), *sorted(there - _HOLD.keys())]
    if not names:
        print("没有记录。(nothing)", flush=True)  # noqa: T201
        return
    labels = {name: _HOLD.get(name, name) for name in names}
    width = max(map(cell_len, labels.values()))
    heads = {head: max(cell_len(head), 6) for head in shown}
    if any(shown):
        print("".join([" " * width, *(f"  {head}" for head in heads)]).rstrip(), flush=True)  # noqa: T201
    for name in names:
        cells = (f"  {shown[head].get(name, 0):>{wide}}" for head, wide in heads.items())
        print(labels[name] + " " * (width - cell_len(labels[name])) + "".join(cells), flush=True)  # noqa: T201


command = {"export": export, "import": import_, "forget": forget}
