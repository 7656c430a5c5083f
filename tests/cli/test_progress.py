"""`assistant progress`, `export`, `data` and `points`, as they are typed: what they show, write, refuse and forget."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len

from assistant.grading.types import Level
from assistant.review.card import Answered, new_card
from assistant.review.scheduling import answered
from assistant.store import Store
from tests.cli.running import OnTerminal, environment, plain, run

SUBJECT = "topic:感受野#感受野"


@pytest.fixture
def built(env: dict[str, str], own_home: Path) -> dict[str, str]:
    """The environment of a home of this test's own, over notes whose index is built."""
    # What other tests have put into the shared home is not this one's past.
    shutil.copytree(env["ASSISTANT_HOME"], own_home, ignore=shutil.ignore_patterns("study.db*"))
    return env | {"ASSISTANT_HOME": str(own_home)}


@pytest.fixture
def practised(built: dict[str, str]) -> dict[str, str]:
    """The same after the topic 感受野 was answered right three weeks ago and wrong yesterday."""
    store = Store(Path(built["ASSISTANT_HOME"]))
    now = datetime.now(UTC)
    for n, (level, days) in enumerate([(Level.CORRECT, 21), (Level.WRONG, 1)]):
        at = now - timedelta(days=days)
        card = store.reviews.cards().get(SUBJECT) or new_card(SUBJECT, "感受野", "感受野", at)
        score = 1.0 if level is Level.CORRECT else 0.0
        grade = {"form": "open", "level": level.value, "score": score, "mode": "notes", "contradicted": False}
        given = Answered(
            f"key {n}", card, "s", "q", "define", "感受野是什么？", "=就是 <卷积核>", level, score, at, 9000,
            grade=grade,
        )  # fmt: skip
        store.reviews.record(given, partial(answered, given=given))
    store.gaps.record("local", "扩散模型怎么采样？", ("感受野",), now)
    return built


def test_before_the_first_review_it_says_how_to_begin(built: dict[str, str]) -> None:
    ran = run("progress", env=built)
    assert ran.code == 0
    assert ran.out.startswith("还没有复习记录。开始：assistant review")
    assert run("progress", "--lang", "en", env=built).out.startswith("Nothing reviewed yet.")
    assert not (Path(built["ASSISTANT_HOME"]) / "study.db").exists()


def test_progress_tells_by_numbers_what_stands_how_and_what_to_do_next(practised: dict[str, str]) -> None:
    told = run("progress", "--json", env=practised).json
    assert (told["reviews"], told["streak"]["current"], told["gaps"]) == (2, 1, 1)
    assert sum(day["reviews"] for day in told["heat"]) == 2
    assert [(week["again"], week["recalled"], week["share"]) for week in told["weeks"] if week["again"]] == [
        (1, 0, 0.0)
    ]
    assert len(told["ahead"]) == 14
    worst = told["topics"][0]
    assert (worst["topic"], worst["standing"], worst["answers"], worst["gaps"]) == ("感受野", "weak", 2, 1)
    assert {topic["standing"] for topic in told["topics"][1:]} == {"never_asked"}
    assert told["advice"]["command"] in ("assistant review", "assistant quiz 感受野")
    one = run("progress", "--topic", "感受野", "--json", env=practised).json
    (weak,) = one["weak_points"]
    assert (weak["question"], weak["answer"], weak["level"]) == ("感受野是什么？", "=就是 <卷积核>", "wrong")
    assert weak["points"][0]["citation"]["path"].endswith("regularization.md")
    assert run("progress", "--topic", "量子引力", env=practised).code == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_wider_than_the_terminal_and_without_colour_no_escape_is_written(
    practised: dict[str, str], language: str
) -> None:
    dumb = practised | {"TERM": "dumb"}
    for words in (
        ("progress", "--lang", language, "--all"),
        ("progress", "--topic", "感受野", "--lang", language),
    ):
        with OnTerminal(*words, env=dumb, columns=80) as terminal:
            assert terminal.end() == 0
            assert "\x1b" not in terminal.shown
            lines = terminal.shown.replace("\r", "").splitlines()
        paths = practised["ASSISTANT_NOTES"]
        assert [line for line in lines if cell_len(line) > 80 and paths not in line] == []
    with OnTerminal("progress", env=practised) as terminal:
        assert terminal.end() == 0
        assert "\x1b[" in terminal.shown
        assert "感受野" in plain(terminal.shown)


def test_a_deck_is_read_back_as_notes_and_is_never_overwritten_unasked(
    practised: dict[str, str], tmp_path: Path
) -> None:
    deck = tmp_path / "deck.tsv"
    assert run("export", "anki", "--to", str(deck), env=practised).code == 0
    text = deck.read_text("utf-8")
    assert run("export", "anki", env=practised).out == text, "the same cards under the same ids"
    refused = run("export", "anki", "--to", str(deck), env=practised)
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert run("export", "anki", "--to", str(deck), "--only", "missed", "--force", env=practised).code == 0
    rows = [line.split("\t") for line in deck.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert ["topic::感受野" in row[5] and "standing::weak" in row[5] for row in rows] == [True]
    assert rows[0][0] in text
    reading = environment(tmp_path / "other", ASSISTANT_NOTES=str(deck))
    (topic,) = run("notes", "topics", "--json", env=reading).json
    assert topic["heading_path"] == ["面试笔记", rows[0][1]]
    packed = tmp_path / "deck.apkg"
    assert run("export", "anki", "--to", str(packed), "--topic", "感受野", env=practised).code == 0
    assert "collection.anki2" in zipfile.ZipFile(packed).namelist()


def test_tables_and_the_report_hold_what_was_answered(practised: dict[str, str], tmp_path: Path) -> None:
    rows = list(csv.DictReader(StringIO(run("export", "csv", env=practised).out)))
    assert [(row["subject"], row["level"], row["rating"]) for row in rows] == [
        (SUBJECT, "correct", "3"),
        (SUBJECT, "wrong", "1"),
    ]
    answers = tmp_path / "answers.csv"
    run("export", "csv", "--rows", "answers", "--to", str(answers), env=practised)
    assert answers.read_bytes().startswith(b"\xef\xbb\xbfasked_at,")
    assert "'=就是 <卷积核>" in answers.read_text("utf-8")
    page = run("export", "markdown", env=practised).out
    assert "| 感受野 | 薄弱 |" in page
    assert "### 感受野是什么？" in page
    assert "> =就是 \\<卷积核\\>" in page
    assert "regularization.md:" in page
    assert "- 扩散模型怎么采样？（问过 1 次）" in page


def test_what_is_remembered_moves_to_another_home_and_is_forgotten_only_when_it_is_meant(
    practised: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "data.json.gz"
    home = Path(practised["ASSISTANT_HOME"])
    told = run("data", "export", str(file), "--json", env=practised).json
    assert told["rows"] == {"answer": 2, "card": 1, "gap": 1, "review": 2}
    assert file.stat().st_mode & 0o077 == 0
    assert run("data", "export", str(file), env=practised).code == 2
    other = environment(tmp_path / "other")
    assert run("data", "import", str(file), "--json", env=other).json["added"] == told["rows"]
    assert run("data", "import", str(file), "--json", env=other).json["kept"] == told["rows"]
    broken = json.loads(gzip.decompress(file.read_bytes()))
    broken["tables"]["review"][0]["rating"] = "three"
    damaged = tmp_path / "damaged.json"
    damaged.write_text(json.dumps(broken), "utf-8")
    ran = run("data", "import", str(damaged), env=practised)
    assert (ran.code, "review › 0 › rating" in ran.err) == (1, True)
    assert run("data", "forget", env=practised).code == 2
    with OnTerminal("data", "forget", env=practised) as terminal:
        terminal.wait_for("[y/N]")
        terminal.press("n\r")
        assert terminal.end() == 1
    assert len(Store(home).reviews.log()) == 2
    (home / "typed_questions").write_text("+扩散模型", "utf-8")
    assert run("data", "forget", "--yes", "--json", env=practised).json["removed"] == told["rows"]
    for path in home.iterdir():
        assert path.is_dir() or "扩散模型".encode() not in path.read_bytes()


def editor(tmp_path: Path, script: str) -> str:
    """Return the command of an editor that does what `script` says with the path in `sys.argv[1]`."""
    file = tmp_path / "editor.py"
    file.write_text(f"import sys\nfrom pathlib import Path\nfile = Path(sys.argv[1])\n{script}\n", "utf-8")
    return f"{sys.executable} {file}"


def test_points_are_edited_with_their_lines_kept_until_the_note_changes(
    own_home: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note.md"
    note.write_text("# 感受野\n\n感受野是输出上一个点能看到的输入区域。\n\n- 随层数增加而变大\n", "utf-8")
    env = environment(own_home, ASSISTANT_NOTES=str(note))
    shown = run("points", "感受野", env=env).out
    assert "p1  感受野是输出上一个点能看到的输入区域 · " in shown
    assert "note.md:3" in shown
    text = "file.read_text('utf-8')"
    change = f"file.write_text({text}.replace('[p2] 随', '[p2] 感受野随') + 'stride 使它变大\\n', 'utf-8')"
    done = run("points", "感受野", "--edit", env=env | {"EDITOR": editor(tmp_path, change)})
    assert done.out == "已保存 3 条要点；笔记改动后会重新整理。\n"
    kept = run("points", "感受野", "--json", env=env).json
    assert [(one["id"], one["text"], bool(one["citation"])) for one in kept["points"]] == [
        ("p1", "感受野是输出上一个点能看到的输入区域", True),
        ("p2", "感受野随层数增加而变大", True),
        ("p3", "stride 使它变大", False),
    ]
    assert (kept["made_by"], kept["stale"]) == ("user", False)
    refused = run(
        "points",
        "感受野",
        "--edit",
        env=env | {"EDITOR": editor(tmp_path, "file.write_text('[p9] 没有\\n')")},
    )
    assert (refused.code, "第 1 行「[p9] 没有」：没有 [p9] 这条要点" in refused.err) == (1, True)
    failed = run("points", "感受野", "--edit", env=env | {"EDITOR": editor(tmp_path, "sys.exit(3)")})
    assert (failed.code, "code 3" in failed.err) == (1, True)
    same = run("points", "感受野", "--edit", env=env | {"EDITOR": editor(tmp_path, "")})
    assert same.out == "没有改动。\n"
    note.write_text("# 感受野\n\n感受野是输出上一个点对应的输入区域。\n", "utf-8")
    stale = run("points", "感受野", "--json", env=env).json
    assert (stale["made_by"], stale["stale"], len(stale["points"])) == ("note", True, 1)
    again = f"file.write_text({text}.replace('# stride', 'stride'), 'utf-8')"
    run("points", "感受野", "--edit", env=env | {"EDITOR": editor(tmp_path, again)})
    assert [one["text"] for one in run("points", "感受野", "--json", env=env).json["points"]] == [
        "感受野是输出上一个点对应的输入区域",
        "stride 使它变大",
    ]
    assert run("points", "感受野", "--reset", env=env).out == "已恢复成笔记里的 1 条要点。\n"
    assert run("points", "感受野", "--reset", "--edit", env=env).code == 2
