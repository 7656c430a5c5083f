"""`assistant ask`: the JSON contract, true citations, the language of the question, and one answer a line."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from assistant import open_assistant
from assistant.language import Language, say
from tests.cli.contract import check_answer
from tests.cli.running import COMMAND, environment, run

COVERED = "Adam 有什么优点?"
COVERED_EN = "What does dropout do during training?"
UNCOVERED = "量子纠缠怎么用于烤面包?"
QUESTIONS = (
    COVERED,
    COVERED_EN,
    "BN 训练和推理有什么区别?",
    "L1 正则化为什么稀疏?",
    "How does batch normalization work?",
    "什么是知识蒸馏?",
    UNCOVERED,
)


def test_an_answer_keeps_the_contract_and_is_all_there_is_on_stdout(env: dict[str, str]) -> None:
    ran = run("ask", COVERED, "--json", env=env)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    answer = ran.json
    check_answer(answer)
    assert (answer["question"], answer["status"], answer["mode"]) == (COVERED, "answered", "notes")
    assert answer["citations"][0]["topic"] == "优化器：Momentum、RMSProp 和 Adam"
    assert Path(answer["citations"][0]["path"]).name == "optimizers.md"
    assert answer["timings"]["total"] > 0


def test_a_question_with_figures_is_computed_beside_the_notes(env: dict[str, str]) -> None:
    answer = run("ask", "VGG16 的感受野怎么算?", "--json", env=env).json
    check_answer(answer)
    (tool,) = answer["tools"]
    assert (tool["name"], tool["arguments"]["preset"]) == ("receptive_field", "vgg_16")
    assert "212" in answer["answer"]  # Araujo et al. 2019, Table 1: VGG-16 has a receptive field of 212


def test_every_citation_stands_in_its_file_and_its_passage_can_be_looked_up(
    env: dict[str, str], notes: Path
) -> None:
    ran = run("ask", "--stdin", env=env, stdin="\n".join(QUESTIONS))
    assert (ran.code, ran.err) == (0, "")
    library = open_assistant(notes, env["ASSISTANT_HOME"], model="notes").library
    answers = ran.json_lines
    assert [answer["question"] for answer in answers] == list(QUESTIONS)
    for answer in answers:
        check_answer(answer)
        for citation in answer["citations"]:
            passage = library.passage(citation["passage_id"])
            assert passage is not None
            assert citation["quote"] in passage.text
            assert (passage.topic, str(passage.path)) == (citation["topic"], citation["path"])
    assert [len(answer["citations"]) > 0 for answer in answers] == [True] * 6 + [False]


def test_the_users_own_notes_are_cited_truthfully(seed_env: dict[str, str]) -> None:
    asked = (COVERED, "L1 和 L2 正则化的区别是什么?", "反卷积为什么有棋盘效应?", "Why use batch norm?")
    ran = run("ask", "--stdin", env=seed_env, stdin="\n".join(asked))
    assert ran.code == 0
    for answer in ran.json_lines:
        check_answer(answer)
    assert sum(answer["status"] == "answered" for answer in ran.json_lines) >= 3


def test_a_topic_that_is_only_a_title_is_answered_by_saying_so(env: dict[str, str]) -> None:
    answer = run("ask", "什么是知识蒸馏?", "--json", env=env).json
    assert answer["status"] == "answered"
    assert answer["answer"].startswith(say("stub", Language.ZH, topic="知识蒸馏"))
    assert [citation["quote"] for citation in answer["citations"]] == ["# 知识蒸馏"]


def test_the_answer_is_framed_in_the_language_of_the_question(env: dict[str, str]) -> None:
    asked = {COVERED: Language.ZH, "What is good about Adam?": Language.EN, COVERED_EN: Language.EN}
    for answer in run("ask", "--stdin", env=env, stdin="\n".join(asked)).json_lines:
        topic = answer["citations"][0]["topic"]
        assert answer["answer"].startswith(say("from_notes", asked[answer["question"]], topic=topic))


@pytest.mark.parametrize(
    ("question", "language"),
    [(UNCOVERED, Language.ZH), ("How does quantum entanglement bake bread?", Language.EN)],
)
def test_what_the_notes_lack_is_said_with_exit_code_3_and_the_nearest_topics(
    env: dict[str, str], question: str, language: Language
) -> None:
    ran = run("ask", question, "--json", env=env)
    assert ran.code == 3
    check_answer(ran.json)
    assert (ran.json["status"], ran.json["citations"]) == ("not_in_notes", [])
    assert say("not_in_notes", language) in ran.json["answer"]
    assert ran.json["nearest"]
    assert all(topic in ran.json["answer"] for topic in ran.json["nearest"])


def test_the_reading_view_ends_with_the_sources_and_where_they_stand(
    env: dict[str, str], notes: Path
) -> None:
    ran = run("ask", COVERED, env=env, cwd=notes)
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    assert re.search(r"\n来源\n\[1\] .*Adam.* · optimizers\.md:\d+", ran.out), ran.out
    assert re.search(r"\n— notes · \d+\.\d\d s\n$", ran.out)


def test_requests_come_one_a_line_as_text_or_as_objects_and_faults_do_not_stop_the_others(
    env: dict[str, str],
) -> None:
    lines = [
        COVERED,
        "",
        json.dumps({"question": COVERED_EN}),
        "   \t ",
        '{"question": ',
        json.dumps({"query": "什么是感受野?"}),
        json.dumps({"text": "?"}),
        json.dumps({"question": 5}),
        json.dumps({"question": "  "}),
        '{"a":' * 5000,
        json.dumps({"question": "\x00 Adam 有什么优点? \ud800"}),
        UNCOVERED,
    ]
    ran = run("ask", "--stdin", env=env, stdin="\r\n".join(lines))  # no line end after the last
    assert (ran.code, ran.err) == (0, "")
    kinds = [line.get("status", "error") for line in ran.json_lines]
    assert kinds == ["answered"] * 2 + ["error", "answered"] + ["error"] * 4 + ["answered", "not_in_notes"]
    for line in ran.json_lines:
        if "error" in line:
            assert set(line["error"]) == {"message", "hint"}
            assert line["error"]["message"]
            assert line["error"]["hint"]
        else:
            check_answer(line)
    asked = [line.get("question") for line in ran.json_lines]
    assert asked[:4] == [COVERED, COVERED_EN, None, "什么是感受野?"]


def test_no_requests_are_no_answers(env: dict[str, str]) -> None:
    assert run("ask", "--stdin", env=env, stdin="\n \n").out == ""


def test_progress_of_a_first_build_goes_to_stderr(own_home: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.md"  # enough topics to be told of
    long.write_text("".join(f"# 第 {n} 节\n\n这一节讲第 {n} 个优化器。\n\n" for n in range(50)), "utf-8")
    ran = run("ask", "第 7 节讲什么?", "--json", env=environment(own_home, ASSISTANT_NOTES=str(long)))
    check_answer(ran.json)
    assert "indexing" in ran.err


def test_a_reader_that_leaves_early_is_no_fault(env: dict[str, str]) -> None:
    with subprocess.Popen([*COMMAND, "ask", COVERED], env=env, stdout=-1, stderr=-1) as answering:
        head = subprocess.run(["head", "-1"], stdin=answering.stdout, capture_output=True, check=True)
        assert answering.stdout is not None
        answering.stdout.close()  # now nobody reads
        assert answering.stderr is not None
        assert answering.stderr.read() == b""
    assert (
        head.stdout.decode()
        == say("from_notes", Language.ZH, topic="优化器：Momentum、RMSProp 和 Adam") + "\n"
    )
