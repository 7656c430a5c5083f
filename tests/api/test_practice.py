"""Practice over a real socket: a whole quiz, review day and interview, kept over a restart, counted once, one's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.grading.grader import MAX_ANSWER
from assistant.quiz.types import Form
from assistant.store import Store
from assistant.study import Assistant, open_assistant
from tests.api.test_app import problem, serve
from tests.assistant.quiz.conftest import JOTTED, WRITTEN

V1 = "/api/v1"
NO_ID = "01M85AAAAAAAAAAAAAAAAAAAAA"
Headers = dict[str, str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    notes = home / "notes"
    notes.mkdir()
    (notes / "pooling.md").write_text(WRITTEN, "utf-8")
    (notes / "jotted.md").write_text(JOTTED, "utf-8")
    return home


def assistant_of(home: Path) -> Assistant:
    return open_assistant(home / "notes", home, model="notes", embedder="hashed")


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[httpx.Client]:
    yield from serve(assistant_of(home))


restarted = contextmanager(serve)
"""Another server on the same home."""


@pytest.fixture
def learner(home: Path) -> Callable[[], Headers]:
    """Make a learner who has never been here: the headers of a key."""

    def make(*scopes: str) -> Headers:
        text, _ = Store(home).keys.create("test", scopes or ("read", "learn"), datetime.now(UTC))
        return {"Authorization": f"Bearer {text}"}

    return make


@pytest.fixture
def me(learner: Callable[[], Headers]) -> Headers:
    return learner()


def post(client: httpx.Client, me: Headers, path: str, **body: Any) -> dict[str, Any]:
    response = client.post(f"{V1}{path}", json=body, headers=me)
    assert response.status_code in (200, 201), response.text
    found: dict[str, Any] = response.json()
    return found


def get(client: httpx.Client, me: Headers, path: str) -> Any:
    response = client.get(f"{V1}{path}", headers=me)
    assert response.status_code == 200, response.text
    return response.json()


def log_of(client: httpx.Client, me: Headers) -> list[str]:
    """Return the rows of the log of reviews."""
    text = client.get(f"{V1}/export/reviews.csv", headers=me).text
    return text.splitlines()[1:]


def test_a_whole_quiz_goes_on_after_a_restart_and_every_answer_is_a_review(
    client: httpx.Client, me: Headers, home: Path
) -> None:
    quiz = post(client, me, "/quizzes", topic="池化层", kinds=["multiple_choice"], count=3, seed=1)
    path, first = f"/quizzes/{quiz['quiz']}", quiz["question"]
    assert (first["n"], first["of"], sorted(first["choices"])) == (1, 3, ["A", "B", "C", "D"])
    assert not {"right", "model_answer", "hint"} & set(first)
    hint = post(client, me, f"{path}/hint")
    assert (hint["event"], hint["id"]) == ("hint", first["id"])
    step = post(client, me, f"{path}/answers", question_id=first["id"], answer="A")
    turned = step["turned"]
    assert turned["level"] == ("correct" if turned["right"] == "A" else "wrong")
    assert (turned["hinted"], step["review"]["outcome"]) == (True, "counted")
    assert first["choices"][turned["right"]] in turned["model_answer"]
    with restarted(assistant_of(home)) as later:
        assert get(later, me, path)["question"] == step["question"]
        same = post(later, me, f"{path}/answers", question_id=first["id"], answer="A")
        assert (same["turned"], same["review"]["outcome"]) == (turned, "repeated")
        shown = post(later, me, f"{path}/show", question_id=step["question"]["id"])
        assert (shown["turned"]["event"], shown["review"]) == ("shown", {"outcome": "counted", "rating": 1})
        end = post(later, me, f"{path}/skip")
    assert end["question"] is None
    assert [end["summary"][key] for key in ("done", "shown", "skipped", "hinted")] == [3, 1, 1, 1]
    assert [one["event"] for one in get(client, me, path)["done"]] == ["marked", "shown", "skipped"]
    assert len(log_of(client, me)) == 2
    problem(client.post(f"{V1}{path}/skip", headers=me), 409)


def test_a_step_that_means_another_question_is_a_conflict(client: httpx.Client, me: Headers) -> None:
    quiz = post(client, me, "/quizzes", topic="池化层", seed=2)
    path, first = f"/quizzes/{quiz['quiz']}", quiz["question"]["id"]
    second = post(client, me, f"{path}/skip", question_id=first)["question"]["id"]
    for step in ("skip", "show", "hint", "reject"):
        problem(client.post(f"{V1}{path}/{step}", json={"question_id": first}, headers=me), 409)
    late = {"question_id": first, "answer": "不知道"}
    problem(client.post(f"{V1}{path}/answers", json=late, headers=me), 409)
    rejected = post(client, me, f"{path}/reject", question_id=second)
    assert rejected["turned"] == {
        "event": "rejected",
        "id": second,
        "prompt": rejected["turned"]["prompt"],
    }
    assert rejected["question"]["n"] == 2
    assert get(client, me, path)["summary"]["rejected"] == 1


def test_the_same_request_sent_twice_with_a_key_is_done_once(client: httpx.Client, me: Headers) -> None:
    keyed = me | {"Idempotency-Key": "begin"}
    first, again = (client.post(f"{V1}/quizzes", json={"topic": "池化层"}, headers=keyed) for _ in range(2))
    assert first.json() == again.json()
    keyed = me | {"Idempotency-Key": "skip"}
    path = f"{V1}/quizzes/{first.json()['quiz']}/skip"
    first, again = (client.post(path, headers=keyed) for _ in range(2))
    assert (first.status_code, first.json()) == (200, again.json())
    assert again.headers["idempotent-replayed"] == "true"


def test_the_same_answer_sent_many_times_at_once_counts_once(client: httpx.Client, me: Headers) -> None:
    quiz = post(client, me, "/quizzes", topic="池化层", kinds=["why"], count=2, seed=1)
    given = {"question_id": quiz["question"]["id"], "answer": "窗口里只留下最大的数。"}
    with ThreadPoolExecutor(4) as threads:
        steps = list(
            threads.map(lambda _: post(client, me, f"/quizzes/{quiz['quiz']}/answers", **given), range(8))
        )
    assert all(step["turned"] == steps[0]["turned"] for step in steps)
    assert sorted(step["review"]["outcome"] for step in steps) == ["counted", *["repeated"] * 7]
    assert len(log_of(client, me)) == 1
    assert get(client, me, f"/quizzes/{quiz['quiz']}")["summary"]["done"] == 1


def test_code_is_never_asked_for_and_never_run(client: httpx.Client, me: Headers) -> None:
    refused = client.post(f"{V1}/quizzes", json={"kinds": ["write_code"]}, headers=me)
    assert "write_code" in problem(refused, 422)["detail"]
    for seed in range(4):
        quiz = post(client, me, "/quizzes", topic="池化层", seed=seed, count=1)
        assert quiz["question"]["form"] != Form.CODE


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/quizzes", {"topic": "量" * 201}),
        ("/quizzes", {"count": 0}),
        ("/quizzes", {"colour": "red"}),
        (f"/quizzes/{NO_ID}/answers", {"question_id": "q", "answer": "答" * (MAX_ANSWER + 1)}),
        ("/quizzes/1/skip", {}),
        ("/grade", {"question": "为什么?", "answer": "答" * (MAX_ANSWER + 1)}),
        ("/grade", {"question": " ", "answer": "答"}),
        ("/reviews/next", {"minutes": 0}),
        ("/reviews/answers", {"answer_key": NO_ID}),
        ("/reviews/answers", {"answer_key": NO_ID, "answer": "A", "show": True}),
        ("/interviews", {"minutes": 1}),
        (f"/interviews/{NO_ID}/answers", {"answer": "答" * (MAX_ANSWER + 1)}),
    ],
)
def test_what_is_out_of_bounds_is_refused_and_never_cut(
    client: httpx.Client, me: Headers, path: str, body: dict[str, Any]
) -> None:
    problem(client.post(f"{V1}{path}", json=body, headers=me), 422)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/quizzes/{NO_ID}", None),
        ("POST", f"/quizzes/{NO_ID}/answers", {"question_id": "q", "answer": "A"}),
        ("POST", f"/quizzes/{NO_ID}/hint", None),
        ("POST", "/quizzes", {"topic": "量子引力"}),
        ("POST", "/reviews/answers", {"answer_key": NO_ID, "answer": "A"}),
        ("POST", "/reviews/hint", {"answer_key": NO_ID}),
        ("POST", "/reviews/suspend", {"subject": "topic:none#none"}),
        ("GET", f"/interviews/{NO_ID}", None),
        ("GET", f"/interviews/{NO_ID}/report", None),
        ("POST", f"/interviews/{NO_ID}/end", None),
        ("POST", "/interviews", {"profile": "plumber"}),
        ("GET", "/progress?topic=量子引力", None),
        ("POST", "/grade", {"question": "为什么?", "answer": "答", "topic": "量子引力"}),
    ],
)
def test_what_is_not_there_is_not_found(
    client: httpx.Client, me: Headers, method: str, path: str, body: Any
) -> None:
    problem(client.request(method, f"{V1}{path}", json=body, headers=me), 404)


def test_grades_are_those_of_the_command_line_and_may_be_overruled_for_oneself(
    client: httpx.Client, learner: Callable[..., Headers], home: Path
) -> None:
    me, other, reader = learner(), learner(), learner("read")
    given = {
        "question": "最大池化为什么要保存最大值的下标?",
        "answer": "保存最大值的下标，反向传播的时候才知道梯度传给谁。",
    }
    grade = post(client, me, "/grade", **given)
    assert grade == assistant_of(home).grade(given["question"], given["answer"]).to_dict()
    assert (grade["level"], grade["topic"]) == ("correct", "池化层")
    decided = post(client, me, "/grade/overrule", **given, level="wrong")
    assert (decided["level"], decided["overruled"]) == ("wrong", "correct")
    assert post(client, me, "/grade", **given)["level"] == "wrong"
    for another in (other, reader):
        assert post(client, another, "/grade", **given) == grade
    refused = client.post(f"{V1}/grade/overrule", json=given | {"level": "wrong"}, headers=reader)
    problem(refused, 403)


def reviewed(client: httpx.Client, me: Headers) -> list[dict[str, Any]]:
    """Give up every question of today's list, and return what was told of each."""
    done: list[dict[str, Any]] = []
    while (question := post(client, me, "/reviews/next")["question"]) and len(done) < 20:
        assert question["answer_key"] not in {one["answer_key"] for one in done}
        done.append(post(client, me, "/reviews/answers", answer_key=question["answer_key"], show=True))
    return done


def test_a_whole_day_of_reviews(client: httpx.Client, me: Headers, home: Path) -> None:
    today = get(client, me, "/reviews/today?minutes=60")
    first = post(client, me, "/reviews/next", minutes=60)["question"]
    assert (first["subject"], first["of"]) == (today["items"][0]["subject"], today["count"])
    assert (first["why"], first["reason"] != "") == ("new", True)
    assert not {"right", "model_answer", "hint"} & set(first)
    with restarted(
        assistant_of(home)
    ) as later:  # the same is asked, under the same key, until it is answered
        assert post(later, me, "/reviews/next", minutes=60)["question"] == first
        key = {"answer_key": first["answer_key"]}
        post(later, me, "/reviews/hint", **key)
        told = post(later, me, "/reviews/answers", **key, answer="不知道")
    assert (told["level"], told["outcome"], told["help"], told["rating"]) == ("wrong", "counted", "hint", 1)
    assert told["next"] > today["day"]
    again = post(client, me, "/reviews/answers", **key, answer="不知道")
    assert again == told | {"outcome": "repeated", "rating": None}
    left_out = post(client, me, "/reviews/next", minutes=60)["question"]
    assert left_out["subject"] != first["subject"]
    other = post(client, me, "/reviews/next", minutes=60, skip=[left_out["subject"]])["question"]
    assert other["subject"] not in (first["subject"], left_out["subject"])
    rest = reviewed(client, me)
    assert {one["outcome"] for one in rest} == {"counted"}
    assert {one["help"] for one in rest} == {"answer"}
    assert len(log_of(client, me)) == 1 + len(rest) == today["count"]
    end = post(client, me, "/reviews/next")
    assert end["question"] is None
    assert end["next_due"] > today["day"]


def test_the_last_review_is_taken_back_and_asked_again(client: httpx.Client, me: Headers) -> None:
    first = post(client, me, "/reviews/next")["question"]
    post(client, me, "/reviews/answers", answer_key=first["answer_key"], show=True)
    assert post(client, me, "/reviews/undo") == {"subject": first["subject"]}
    again = post(client, me, "/reviews/next")["question"]
    assert again["subject"] == first["subject"]
    assert again["answer_key"] != first["answer_key"]
    told = post(client, me, "/reviews/answers", answer_key=again["answer_key"], show=True)
    assert told["outcome"] == "counted"
    post(client, me, "/reviews/undo")
    assert post(client, me, "/reviews/undo") == {"subject": None}


def test_a_subject_is_suspended_and_comes_back(client: httpx.Client, me: Headers) -> None:
    subject = get(client, me, "/reviews/today")["items"][0]["subject"]
    assert post(client, me, "/reviews/suspend", subject=subject)["suspended_at"]
    assert [one["subject"] for one in get(client, me, "/reviews/suspended")] == [subject]
    assert subject not in {item["subject"] for item in get(client, me, "/reviews/today")["items"]}
    assert post(client, me, "/reviews/resume", subject=subject)["suspended_at"] is None
    assert get(client, me, "/reviews/suspended") == []


def test_the_day_of_the_interview_is_planned_for(client: httpx.Client, me: Headers) -> None:
    assert get(client, me, "/reviews/plan")["interview"] is None
    on = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    path = f"{V1}/reviews/interview-date"
    assert client.put(path, json={"date": on}, headers=me).json() == {"date": on}
    plan = get(client, me, "/reviews/plan?minutes=30")
    assert (plan["interview"], plan["minutes"], plan["days"][-1]["date"] <= on) == (on, 30, True)
    problem(client.put(path, json={"date": "2020-01-01"}, headers=me), 422)
    assert client.put(path, json={"date": None}, headers=me).json() == {"date": None}
    assert get(client, me, "/reviews/plan")["interview"] is None


def test_a_whole_interview_goes_on_after_a_restart_and_ends_with_its_report(
    client: httpx.Client, me: Headers, home: Path
) -> None:
    begun = post(client, me, "/interviews", topics=["池化层"], questions=2, minutes=10, seed=1)
    path = f"/interviews/{begun['interview']}"
    assert (begun["questions"], begun["language"], begun["seed"]) == (2, "zh", 1)
    asked = begun["said"][-1]
    assert asked["prompt"]
    heard = post(
        client, me, f"{path}/answers", answer="窗口里只留最大的数，所以反向只有它有梯度。", answer_key="1"
    )
    assert heard["said"]
    with restarted(assistant_of(home)) as later:
        again = post(
            later, me, f"{path}/answers", answer="窗口里只留最大的数，所以反向只有它有梯度。", answer_key="1"
        )
        assert [move["text"] for move in again["said"]] == [move["text"] for move in heard["said"]]
        assert post(later, me, f"{path}/pause")["phase"] == "paused"
        assert post(later, me, f"{path}/resume")["phase"] == heard["phase"]
        for _ in range(12):
            if heard["phase"] == "ended":
                break
            heard = post(later, me, f"{path}/answers", answer="/skip")
    assert post(client, me, f"{path}/end")["phase"] == "ended"
    problem(client.post(f"{V1}{path}/answers", json={"answer": "还有"}, headers=me), 409)
    problem(client.post(f"{V1}{path}/resume", headers=me), 409)
    said = [turn["heard"] for turn in get(client, me, path)["turns"]]
    assert said.count("窗口里只留最大的数，所以反向只有它有梯度。") == 1
    report = get(client, me, f"{path}/report")
    assert report["interview"] == begun["interview"]
    assert {question["topic"] for question in report["questions"]} == {"池化层"}
    (listed,) = get(client, me, "/interviews")
    assert (listed["phase"], listed["overall"], listed["questions"]) == (
        "ended",
        report["overall"],
        len(report["questions"]),
    )


def test_a_report_is_a_page_that_can_run_and_load_nothing(client: httpx.Client, me: Headers) -> None:
    begun = post(client, me, "/interviews", topics=["池化层"], questions=1, minutes=3)
    path = f"/interviews/{begun['interview']}"
    post(
        client, me, f"{path}/answers", answer="<script>alert(1)</script> ![](http://example.org/x.png) 不知道"
    )
    post(client, me, f"{path}/end")
    page = client.get(f"{V1}{path}/report?format=html", headers=me)
    policy = page.headers["content-security-policy"]
    assert all(part in policy for part in ("default-src 'none'", "sandbox", "frame-ancestors 'none'"))
    assert page.headers["content-type"].startswith("text/html")
    assert (
        page.headers["content-disposition"] == f'attachment; filename="interview-{begun["interview"]}.html"'
    )
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    text = client.get(f"{V1}{path}/report?format=md", headers=me)
    assert text.headers["content-type"].startswith("text/markdown")
    assert "<script" not in text.text
    problem(client.get(f"{V1}{path}/report?format=pdf", headers=me), 422)


def test_progress_and_exports_tell_of_what_was_answered(client: httpx.Client, me: Headers) -> None:
    quiz = post(client, me, "/quizzes", topic="池化层", kinds=["why"], count=1, seed=1)
    answer = "因为 SECRETWORD 保留最大值"
    path = f"/quizzes/{quiz['quiz']}/answers"
    post(client, me, path, question_id=quiz["question"]["id"], answer=answer)
    told = get(client, me, "/progress")
    assert (told["reviews"], told["streak"]["today"]) == (1, True)
    (topic,) = [one for one in told["topics"] if one["topic"] == "池化层"]
    assert (topic["asked"], topic["answers"]) == (1, 1)
    assert len(get(client, me, "/progress?topic=池化层")["parts"]) == topic["subjects"]
    files = {
        name: client.get(f"{V1}/export/{name}", headers=me)
        for name in ("anki.tsv", "reviews.csv", "answers.csv", "report.md")
    }
    for name, file in files.items():
        assert file.status_code == 200
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert files["anki.tsv"].text.startswith("#separator:tab")
    assert len(files["reviews.csv"].text.splitlines()) == 2
    assert "SECRETWORD" in files["answers.csv"].text
    assert "池化层" in files["report.md"].text


def test_nothing_of_one_learner_is_seen_or_changed_by_another(
    client: httpx.Client, learner: Callable[..., Headers]
) -> None:
    me, other, canary = learner(), learner(), "CANARY 只有最大值有梯度"
    quiz = post(client, me, "/quizzes", topic="池化层", kinds=["why"], count=2, seed=1)
    interview = post(client, me, "/interviews", topics=["池化层"], questions=1, minutes=3)
    post(client, me, f"/quizzes/{quiz['quiz']}/answers", question_id=quiz["question"]["id"], answer=canary)
    post(client, me, f"/interviews/{interview['interview']}/answers", answer=canary)
    review = post(client, me, "/reviews/next")["question"]
    post(client, me, "/reviews/suspend", subject=review["subject"])
    before = {
        path: get(client, me, path) for path in ("/progress", f"/quizzes/{quiz['quiz']}", "/interviews")
    }
    answer, key = {"question_id": quiz["question"]["id"], "answer": "A"}, {"answer_key": review["answer_key"]}
    tries: list[tuple[str, str, Any]] = [
        ("GET", f"/quizzes/{quiz['quiz']}", None),
        ("POST", f"/quizzes/{quiz['quiz']}/answers", answer),
        *(("POST", f"/quizzes/{quiz['quiz']}/{step}", None) for step in ("hint", "show", "skip", "reject")),
        ("POST", "/reviews/answers", key | {"answer": "A"}),
        ("POST", "/reviews/hint", key),
        ("GET", f"/interviews/{interview['interview']}", None),
        ("GET", f"/interviews/{interview['interview']}/report", None),
        ("POST", f"/interviews/{interview['interview']}/answers", {"answer": "A"}),
        *(
            ("POST", f"/interviews/{interview['interview']}/{step}", None)
            for step in ("pause", "resume", "end")
        ),
    ]
    for method, path, body in tries:
        problem(client.request(method, f"{V1}{path}", json=body, headers=other), 404)
    post(client, other, "/reviews/undo")
    post(client, other, "/reviews/resume", subject=review["subject"])
    assert {path: get(client, me, path) for path in before} == before
    assert [one["subject"] for one in get(client, me, "/reviews/suspended")] == [review["subject"]]
    assert get(client, other, "/interviews") == []
    assert get(client, other, "/reviews/suspended") == []
    assert get(client, other, "/progress")["reviews"] == 0
    for path in (
        "export/reviews.csv",
        "export/answers.csv",
        "export/report.md",
        "export/anki.tsv",
        "me/export",
    ):
        mine, theirs = (client.get(f"{V1}/{path}", headers=who) for who in (me, other))
        assert (mine.status_code, theirs.status_code) == (200, 200)
        assert "CANARY" not in theirs.text
    assert "CANARY" in client.get(f"{V1}/export/answers.csv", headers=me).text
    archive = json.loads(client.get(f"{V1}/me/export", headers=other).text)
    assert {name for name, rows in archive["tables"].items() if rows} <= {"card"}


def test_a_key_that_may_only_read_practises_nothing(
    client: httpx.Client, learner: Callable[..., Headers]
) -> None:
    reader = learner("read")
    for method, path in (
        ("POST", "/quizzes"),
        ("POST", "/reviews/next"),
        ("GET", "/reviews/today"),
        ("POST", "/interviews"),
        ("GET", "/interviews"),
        ("GET", "/progress"),
        ("GET", "/export/anki.tsv"),
    ):
        body: Any = {} if method == "POST" else None
        problem(client.request(method, f"{V1}{path}", json=body, headers=reader), 403)
