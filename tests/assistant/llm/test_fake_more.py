"""The fake beyond a chat: embeddings, waiting in line, windows that overrun, and as a program of its own."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from assistant.llm import fake
from assistant.llm.base import ModelTimeout
from assistant.llm.fake_ollama import FakeModel, FakeOllama, Pause, broken, say
from assistant.llm.fake_ollama.answering import from_passages
from assistant.llm.fake_ollama.scenarios import scenarios
from tests.assistant.llm.asking import NAME, PATIENT, QUESTION, SOFTMAX, body, model_of, post, texts

EMBEDDER = FakeModel("qwen3-embedding:0.6b", ("embedding",), context_length=32_768)


def embed(server: FakeOllama, given: object, **more: object) -> dict[str, object]:
    answer = post(server, "/api/embed", {"model": EMBEDDER.name, "input": given, **more})
    assert answer.status_code == 200
    return dict(answer.json())


def test_embeddings_are_unit_vectors_in_order_and_near_where_texts_are_alike() -> None:
    batch = ["批归一化减去均值", "批归一化除以标准差", "What is weight decay?"]
    with FakeOllama(models=[EMBEDDER]) as server:
        rows = embed(server, batch)["embeddings"]
        assert embed(server, batch[1])["embeddings"] == rows[1:2]  # type: ignore[index]
    assert isinstance(rows, list)
    assert [len(row) for row in rows] == [1024] * 3
    assert [math.fsum(value * value for value in row) for row in rows] == pytest.approx([1, 1, 1])

    def dot(one: list[float], other: list[float]) -> float:
        return math.fsum(a * b for a, b in zip(one, other, strict=True))

    assert dot(rows[0], rows[1]) > 0.3 > dot(rows[0], rows[2])


def test_fewer_dimensions_are_cut_and_scaled_anew_and_nothing_gives_nothing() -> None:
    with FakeOllama(models=[EMBEDDER]) as server:
        rows = embed(server, "批归一化", dimensions=256)["embeddings"]
        assert isinstance(rows, list)
        assert len(rows[0]) == 256
        assert math.fsum(value * value for value in rows[0]) == pytest.approx(1)
        assert embed(server, [])["embeddings"] == []


def test_what_is_embedded_is_recorded_word_for_word() -> None:
    prefixed = "Instruct: Find the note.\nQuery:什么是 BN?"
    with FakeOllama(models=[EMBEDDER]) as server:
        embed(server, [prefixed])
    assert server.requests[0].body["input"] == [prefixed]


@pytest.mark.parametrize(
    ("sent", "status", "wording"),
    [
        ({"model": "nope", "input": "a"}, 404, 'model "nope" not found, try pulling it first'),
        ({"model": EMBEDDER.name, "input": [1]}, 400, "invalid input type"),
        (
            {"model": EMBEDDER.name, "input": "长" * 5000, "truncate": False},
            400,
            "the input length exceeds the context length",
        ),
    ],
)
def test_embeddings_are_refused_in_ollamas_words(sent: dict[str, object], status: int, wording: str) -> None:
    with FakeOllama(models=[EMBEDDER]) as server:
        answer = post(server, "/api/embed", sent)
    assert (answer.status_code, answer.json()) == (status, {"error": wording})


def test_an_input_that_is_too_long_is_cut_without_a_word_as_ollama_does() -> None:
    with FakeOllama(models=[EMBEDDER]) as server:
        assert embed(server, "长" * 5000)["prompt_eval_count"] == 4096


def test_a_second_chat_waits_without_a_byte_until_the_first_has_ended() -> None:
    with FakeOllama() as server, ThreadPoolExecutor(2) as threads:
        server.enqueue(broken(say("一", "二"), 1, Pause()), say("三"))
        first = model_of(server).stream(QUESTION)
        next(first)
        second = threads.submit(lambda: texts(list(model_of(server).stream(QUESTION))))
        while not server.queued:
            assert not second.done()
        first.close()
        assert second.result(30) == ["三"]
        assert server.queued == 0


def test_who_leaves_the_line_takes_no_reply() -> None:
    with FakeOllama() as server:
        server.enqueue(broken(say("一", "二"), 1, Pause()), say("三"))
        first = model_of(server).stream(QUESTION)
        next(first)
        impatient = replace(PATIENT, first_chunk_timeout=0.2)
        with pytest.raises(ModelTimeout):
            list(model_of(server, impatient).stream(QUESTION))
        assert server.wait_for_clients_gone()
        first.close()
        assert texts(list(model_of(server).stream(QUESTION))) == ["三"]


def test_two_at_once_are_answered_at_once_where_the_server_allows_two() -> None:
    with FakeOllama(parallel=2) as server:
        server.enqueue(broken(say("一", "二"), 1, Pause()), say("三"))
        first = model_of(server).stream(QUESTION)
        next(first)
        assert texts(list(model_of(server).stream(QUESTION))) == ["三"]
        first.close()


def test_a_prompt_that_leaves_no_room_for_its_answer_is_noted() -> None:
    with FakeOllama() as server:
        server.enqueue(say("a"), say("b"))
        post(server, "/api/chat", body(options={"num_ctx": 4096, "num_predict": 4095}))
        assert [(window, asked) for _, asked, window in server.overruns] == [(4096, 4095)]
        post(server, "/api/chat", body())
        assert len(server.overruns) == 1


def test_a_test_that_breaks_the_contract_fails_when_it_leaves_the_server() -> None:
    careless = body()
    del careless["think"]
    with pytest.raises(AssertionError, match="think is missing"), FakeOllama() as server:
        post(server, "/api/chat", careless)


# The responder, and the program


def prompt(question: str) -> dict[str, object]:
    passages = "[1] BN\n批归一化减去均值。再除以标准差。\n\n[2] 池化\n取最大值。"
    return body(
        messages=[
            {"role": "user", "content": f"Passages from my notes:\n\n{passages}\n\nQuestion: {question}"}
        ]
    )


def test_the_responder_quotes_the_first_sentence_of_the_first_passage() -> None:
    with FakeOllama(respond=from_passages) as server:
        answer = post(server, "/api/chat", prompt("什么是 BN?") | {"stream": False}).json()
    assert answer["message"]["content"] == "批归一化减去均值 [1]。"


def test_the_responder_calls_the_first_tool_where_there_are_figures() -> None:
    tool = {"type": "function", "function": {"name": SOFTMAX.name, "parameters": {}}}
    with FakeOllama(respond=from_passages) as server:
        asked = prompt("softmax([1, 2]) 是多少?") | {"tools": [tool], "stream": False}
        [called] = post(server, "/api/chat", asked).json()["message"]["tool_calls"]
    assert called["function"]["name"] == SOFTMAX.name


def test_the_program_answers_until_it_is_interrupted() -> None:
    words = [sys.executable, "-m", "assistant.llm.fake", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        greeting = program.stdout.readline().split()
        assert greeting[:4] == ["assistant", "chat", "--model", f"ollama:{NAME}"]
        host = greeting[-1]
        from assistant.llm.ollama_chat import OllamaModel

        events = list(OllamaModel(NAME, host=host).stream(QUESTION))
        assert "".join(texts(events)) == "笔记里没有讲到。"
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=60)
    assert (program.returncode, errors) == (0, "")


def test_the_program_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert fake.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [scenario.name for scenario in scenarios()]


@pytest.mark.parametrize("words", [["--scenario", "27"], ["--port", "x"]])
def test_the_program_refuses_what_it_does_not_know(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        fake.main(words)
    assert words[-1] in capsys.readouterr().err


def test_a_port_that_is_taken_is_named_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeOllama() as server:
        port = server.host.partition(":")[2]
        with pytest.raises(SystemExit, match="2"):
            fake.main(["--port", port])
    error = capsys.readouterr().err
    assert port in error
    assert "--port 0" in error


def test_a_scenario_is_played_again_and_again() -> None:
    scenario = next(s for s in scenarios() if s.name == "4-own-chunk")
    with fake.serving(scenario) as server:
        for _ in range(2):
            assert [post(server, "/api/chat", body()).text.count("tool_calls") for _ in range(2)] == [1, 0]
