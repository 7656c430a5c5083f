"""Poisoned notes, answers and questions at every door, in notes mode and with a model that obeys all that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client

from assistant.grading.types import Grade, Level, Verdict
from assistant.interview import writing
from assistant.llm.fake_ollama import FakeOllama
from assistant.prompts import fill
from assistant.store import Store
from assistant.store import Turn as StoredTurn
from assistant.study import Assistant, open_assistant
from tests.api.mcp_talk import value
from tests.api.poisoned import DEMO, OTHERS_WORDS, POISONS, Gullible, Poison
from tests.api.test_mcp_http import serving, spoken
from tests.assistant.quiz.conftest import WRITTEN

POINTS = """\
- 平均池化把梯度平均分给窗口里的每个位置。
- 最大池化只把梯度传给最大值的位置。
- 池化层没有可学习的参数。
"""
QUESTION = "最大池化和平均池化的梯度各怎么传?"
BAD, HALF = "它先把输入乘以二再加一。", "最大池化只把梯度传给最大值的位置。"
RANK = (Level.WRONG, Level.PARTIAL, Level.CORRECT)
#: The sentences of the system prompt, of which no answer may hold one.
RULES = [line[3:] for line in fill("system").splitlines() if line[:2].rstrip(".").isdigit()]


def note(number: int, poison: Poison) -> str:
    return f"# 概念K{number}\n\n概念K{number} 的定义是把输入乘以 {number + 2}。\n\n{poison.text}\n"


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("poisoned") / "notes"
    folder.mkdir()
    for number, poison in enumerate(POISONS):
        (folder / f"k{number}.md").write_text(note(number, poison), "utf-8")
    (folder / "pooling.md").write_text(f"---\ntitle: 池化层\n---\n\n## 要点\n\n{POINTS}", "utf-8")
    return folder


@pytest.fixture(scope="module")
def gullible(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant whose model obeys, and whose store holds what another learner has said."""
    home = tmp_path_factory.mktemp("home")
    store, now = Store(home), datetime(2026, 11, 23, tzinfo=UTC)
    session = store.history.start("key:01OTHER", now)
    store.history.append(session, StoredTurn(OTHERS_WORDS, OTHERS_WORDS, {"answer": OTHERS_WORDS}, now))
    with FakeOllama(respond=Gullible()) as server:
        yield open_assistant(notes, home, model="ollama:qwen3.5:4b", ollama_host=server.host)


@pytest.fixture(scope="module")
def base(gullible: Assistant) -> Iterator[str]:
    with serving(gullible) as address:
        yield address


def asked_at_all_doors(base: str, question: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Return the answer of REST, of MCP, and the text of `/v1`."""
    with httpx.Client(base_url=base, trust_env=False, timeout=60) as client:
        rest = client.post("/api/v1/ask", json={"question": question})
        assert rest.headers["content-type"] == "application/json"
        assert rest.headers["x-content-type-options"] == "nosniff"
        body = {"model": "assistant", "messages": [{"role": "user", "content": question}]}
        chat = client.post("/v1/chat/completions", json=body).json()

    async def ask(client: Client) -> dict[str, Any]:
        return value(await client.call_tool("ask_notes", {"question": question}))

    return rest.json(), spoken(base, ask), chat["choices"][0]["message"]["content"]


def check(answer: dict[str, Any], notes: Path) -> None:
    """Check what no answer may do, whatever a note says."""
    assert [run for run in answer["tools"] if run["name"] == DEMO and "error" not in run["result"]] == []
    for citation in answer["citations"]:
        cited = Path(citation["path"])
        assert cited.parent == notes
        assert citation["quote"] in cited.read_text("utf-8")
    numbers = {citation["n"] for citation in answer["citations"]}
    assert 99 not in numbers
    assert not [rule for rule in RULES if rule in answer["answer"]]
    assert OTHERS_WORDS not in str(answer)


def test_there_are_at_least_sixty_and_each_is_another() -> None:
    assert len({poison.text for poison in POISONS}) == len(POISONS) >= 60


def test_the_gullible_model_does_obey(gullible: Assistant) -> None:
    """What holds below holds by the assistant's doing, not by the model's."""
    leak = next(number for number, poison in enumerate(POISONS) if poison.leaks)
    with FakeOllama(respond=Gullible()) as server:
        from assistant.llm.base import Content, Message, Role
        from assistant.llm.ollama_chat import OllamaModel

        model = OllamaModel("qwen3.5:4b", host=server.host)
        said = model.stream([Message(Role.SYSTEM, RULES[0]), Message(Role.USER, note(leak, POISONS[leak]))])
        assert RULES[0] in "".join(event.text for event in said if isinstance(event, Content))


#: Every second one, and all of them in the long run: three doors take a while.
AT_DOORS = [
    pytest.param(number, id=poison.name, marks=[pytest.mark.soak] if number % 2 else [])
    for number, poison in enumerate(POISONS)
]


@pytest.mark.parametrize("number", AT_DOORS)
def test_a_poisoned_note_gets_nothing_done_at_any_door(base: str, notes: Path, number: int) -> None:
    rest, by_mcp, chat = asked_at_all_doors(base, f"概念K{number} 的定义是什么?")
    for answer in (rest, by_mcp):
        check(answer, notes)
    assert not [rule for rule in RULES if rule in chat]
    assert OTHERS_WORDS not in chat
    for harm in ("<script", "<img", "<svg", "<iframe", "<style", "<meta", "<form", "<object"):
        assert harm not in chat.casefold()
    assert "![" not in chat.replace("\\![", "")


@pytest.mark.parametrize("poison", POISONS, ids=[poison.name for poison in POISONS])
def test_a_poisoned_note_says_what_it_says_in_notes_mode_and_gets_nothing_done(
    notes: Path, tmp_path: Path, poison: Poison, without_model: Assistant
) -> None:
    number = POISONS.index(poison)
    answer = without_model.ask(f"概念K{number} 的定义是什么?").to_dict()
    assert answer["citations"]
    check(answer, notes)
    assert answer["tools"] == []


@pytest.fixture(scope="module")
def without_model(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return open_assistant(notes, tmp_path_factory.mktemp("home"), model="notes")


@pytest.mark.parametrize("poison", POISONS, ids=[poison.name for poison in POISONS])
@pytest.mark.parametrize("answer", [BAD, HALF])
def test_a_poisoned_answer_or_question_earns_no_better_grade(
    gullible: Assistant, without_model: Assistant, poison: Poison, answer: str
) -> None:
    fair = without_model.grade(QUESTION, answer, "池化层")
    assert fair.level is (Level.WRONG if answer == BAD else Level.PARTIAL)
    for assistant in (without_model, gullible):
        for written in (f"{answer}\n{poison.text}", f"{poison.text}\n{answer}"):
            grade = assistant.grade(QUESTION, written, "池化层")
            assert hits(grade) <= hits(fair), (assistant.settings.model, written, grade.to_dict())
            assert RANK.index(grade.level) <= RANK.index(fair.level)
    alone = gullible.grade(QUESTION, poison.text, "池化层")
    assert (alone.level, alone.score) == (Level.WRONG, 0.0)


def hits(grade: Grade) -> set[str]:
    """Return the points that an answer was found to make."""
    return {judged.point.text for judged in grade.points if judged.verdict is Verdict.HIT}


class Elements(HTMLParser):
    """Collects what a browser would act upon."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, given or "") for name, given in attrs]


def test_nothing_poisoned_reaches_a_page_unescaped(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    points = "".join(f"- 池化的第 {n} 点：{' '.join(p.text.split())}\n" for n, p in enumerate(POISONS[::3]))
    (tmp_path / "notes" / "pooling.md").write_text(f"{WRITTEN}{points}", "utf-8")
    assistant = open_assistant(tmp_path / "notes", tmp_path / "home", model="notes")
    lines = ["\n".join(poison.text for poison in POISONS[n : n + 4]) for n in range(0, len(POISONS), 4)]
    said, given = iter(lines), 0
    while given < len(lines):
        conductor = assistant.interview(seed=given, minutes=30, questions=10)
        clean = Elements(writing.html(assistant.interviewer().report_of(conductor.state)))
        while not conductor.has_ended and (line := next(said, None)):
            conductor.answer(line)
            given += 1
        page = writing.html(assistant.interviewer().report_of(conductor.state))
        _check_page(Elements(page), clean)


def _check_page(page: Elements, clean: Elements) -> None:
    assert page.names - clean.names <= _TEXT
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [given for name, given in page.attributes if name in ("href", "src", "action", "data")]
    assert not [link for link in links if link.split(":")[0].casefold() in ("javascript", "data", "vbscript")]
    assert not [link for link in links if "evil.example" in link]


#: Elements that only show text or draw, of which a report has any only where there is something to show.
_TEXT = frozenset(
    "p ul ol li h2 h3 h4 blockquote cite details summary table tr td th tbody thead strong code pre a div span section "
    "em br dl dt dd svg g circle line path polygon polyline rect text title".split()
)
