"""The REST interface over a real socket: values, problems, bounds, and many asking at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import create_app
from assistant.asking import Considered
from assistant.llm.fake_ollama import FakeOllama, say
from assistant.study import Assistant, open_assistant
from index.library import MAX_QUERY
from tests.index.embedding import write_notes

QUESTION = "最大池化取什么值?"


def serve(assistant: Assistant) -> Iterator[httpx.Client]:
    """Serve `assistant` on a free port of this machine for as long as the client is used."""
    config = uvicorn.Config(create_app(assistant), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("api")
    return open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[httpx.Client]:
    yield from serve(assistant)


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "timings"}


def test_ask_gives_the_answer_that_the_assistant_gives(client: httpx.Client, assistant: Assistant) -> None:
    response = client.post("/api/v1/ask", json={"question": QUESTION})
    assert response.status_code == 200
    assert timeless(response.json()) == timeless(assistant.ask(QUESTION).to_dict())
    assert response.json()["citations"][0]["quote"] == "最大池化取窗口里的最大值。"
    assert response.json()["citations"][0]["lines"] == [9, 9]


def test_what_the_notes_lack_is_an_answer_and_no_error(client: httpx.Client) -> None:
    response = client.post("/api/v1/ask", json={"question": "法国的首都是哪里?"})
    assert (response.status_code, response.json()["status"]) == (200, "not_in_notes")


@pytest.mark.parametrize("general", [True, False])
def test_general_knowledge_is_given_only_on_request_and_under_its_label(
    tmp_path: Path, general: bool
) -> None:
    with FakeOllama(respond=lambda body: say("巴黎。")) as server:
        notes = write_notes(tmp_path / "notes")
        asked = open_assistant(notes, tmp_path / "home", model="ollama:qwen3.5:4b", ollama_host=server.host)
        for client in serve(asked):
            body = {"question": "法国的首都是哪里?", "general": general}
            answer = client.post("/api/v1/ask", json=body).json()
    assert answer["status"] == "not_in_notes"
    assert answer["mode"] == ("ollama:qwen3.5:4b" if general else "notes")
    assert ("巴黎。" in answer["answer"]) is general
    assert ("【一般知识" in answer["answer"]) is general


def test_search_gives_as_many_topics_as_asked_for(client: httpx.Client, assistant: Assistant) -> None:
    for k in (1, 3, 100):
        found = client.post("/api/v1/search", json={"query": "池化", "k": k}).json()
        assert found == assistant.search("池化", k).to_dict()
        assert len(found["hits"]) == min(k, 5)
    assert found["hits"][0]["topic"] == "池化"


def test_topics_are_listed_in_the_order_of_the_notes(client: httpx.Client) -> None:
    topics = client.get("/api/v1/topics").json()
    assert [(t["topic"], t["stub"]) for t in topics] == [
        ("Dropout", False),
        ("批归一化", False),
        ("池化", False),
        ("权重衰减 weight decay", False),
        ("感受野", True),
    ]


def test_demos_are_listed_with_their_parameters_and_run(client: httpx.Client) -> None:
    listed = {demo["name"]: demo for demo in client.get("/api/v1/demos").json()}
    assert "kernel" in listed["conv_output_size"]["parameters"]["properties"]
    arguments = {"input_size": 32, "kernel": 3, "stride": 2, "padding": 1}
    response = client.post("/api/v1/demos/conv_output_size", json=arguments)
    assert (response.status_code, response.json()["numbers"]["output"]) == (200, 16)


def test_the_process_says_that_it_is_alive(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Check that `response` is a problem document (RFC 9457) of `status` and return it."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"]
    return body


def test_an_empty_question_is_a_problem_with_its_hint(client: httpx.Client) -> None:
    body = problem(client.post("/api/v1/ask", json={"question": " "}), 422)
    assert body["detail"] == "the question is empty"
    assert body["hint"]


def test_an_unknown_demo_is_not_found_and_the_nearest_is_offered(client: httpx.Client) -> None:
    body = problem(client.post("/api/v1/demos/poling", json={}), 404)
    assert "'poling'" in body["detail"]
    assert "'pooling'" in body["hint"]


@pytest.mark.parametrize("arguments", [{"kernel": 0}, {"kernal": 3}, {"kernel": "three"}])
def test_arguments_that_do_not_fit_are_named(client: httpx.Client, arguments: dict[str, Any]) -> None:
    body = problem(client.post("/api/v1/demos/conv_output_size", json={"input_size": 32} | arguments), 422)
    [name] = arguments
    assert name in str(body["error"])


SECRET = "SECRETQUESTION"
BAD: dict[str, Any] = {
    "not an object": [SECRET],
    "another field": {"question": QUESTION, "extra": SECRET},
    "wrong type": {"question": {"text": SECRET}},
    "too long": {"question": SECRET * (MAX_QUERY // len(SECRET) + 1)},
    "missing": {SECRET: SECRET},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_a_malformed_request_says_where_and_why_and_never_repeats_the_input(
    client: httpx.Client, body: Any
) -> None:
    response = client.post("/api/v1/ask", json=body)
    document = problem(response, 422)
    assert all(error["at"][0] == "body" and error["reason"] for error in document["errors"])
    assert SECRET not in response.text


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", rb'{"question": "\ud800"}', b'{"question": "' + SECRET.encode()]
)
def test_a_body_that_is_no_json_is_a_problem_too(client: httpx.Client, content: bytes) -> None:
    response = client.post("/api/v1/ask", content=content, headers={"content-type": "application/json"})
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/problem+json"
    assert SECRET not in response.text


@pytest.mark.parametrize("k", [0, -1, 101, "many", 1.5])
def test_k_is_bounded(client: httpx.Client, k: Any) -> None:
    body = problem(client.post("/api/v1/search", json={"query": "池化", "k": k}), 422)
    assert body["errors"][0]["at"] == ["body", "k"]


def test_the_longest_question_is_answered(client: httpx.Client) -> None:
    assert client.post("/api/v1/ask", json={"question": "池" * MAX_QUERY}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nosuch", 404), ("GET", "/api/v1/ask", 405), ("DELETE", "/api/v1/topics", 405)],
)
def test_a_wrong_address_is_a_problem_too(client: httpx.Client, method: str, path: str, status: int) -> None:
    problem(client.request(method, path), status)


def test_a_fault_of_ours_is_a_problem_without_a_word_of_its_cause(tmp_path: Path) -> None:
    class Broken(Assistant):
        def consider(self, *arguments: Any, **more: Any) -> Considered:
            raise RuntimeError(SECRET)

    broken = Broken(open_assistant(write_notes(tmp_path / "notes")).settings)
    for client in serve(broken):
        # The server hangs up after a fault; a client that kept the connection would stumble over that.
        response = client.post("/api/v1/ask", json={"question": QUESTION}, headers={"connection": "close"})
        problem(response, 500)
        assert SECRET not in response.text
        assert client.get("/healthz").status_code == 200


def test_many_asking_at_once_each_get_their_own_answer(assistant: Assistant, client: httpx.Client) -> None:
    questions = [QUESTION, "What is weight decay?", "BN 推理时用什么?", "感受野是什么?", "法国的首都?"] * 6
    alone = {question: timeless(assistant.ask(question).to_dict()) for question in set(questions)}

    def ask(question: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.post("/api/v1/ask", json={"question": question}).json()
        return answer

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(ask, questions))
    assert [timeless(answer) for answer in answers] == [alone[question] for question in questions]


def test_making_the_app_does_no_work(tmp_path: Path) -> None:
    assistant = open_assistant(tmp_path / "there are no notes here")
    assert create_app(assistant).title
    assert "library" not in vars(assistant)
