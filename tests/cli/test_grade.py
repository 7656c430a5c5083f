"""`assistant grade`: the JSON contract, one grade a line, the points it is graded by, and the user's last word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.contract import CITATION, check_place, types
from tests.cli.running import environment, run

QUESTION = "L1 正则化为什么稀疏?"
ANSWER = "L1 的梯度大小恒定,能把不重要的权重推到 0;L2 的梯度随权重减小,只会把权重变小。"
SWAPPED = "L2 的梯度大小恒定,能把不重要的权重推到 0。"
GRADE = {
    "question": str,
    "level": str,
    "score": float,
    "topic": str,
    "points": list,
    "feedback": str,
    "mode": str,
    "remarks": list,
    "notices": list,
    "overruled": type(None),
}


def check_grade(grade: Mapping[str, Any], answer: str) -> None:
    """Assert the contract: its keys and types, true citations, evidence that stands in the answer."""
    assert types(grade) == GRADE
    assert grade["level"] in ("wrong", "partial", "correct")
    assert 0.0 <= grade["score"] <= 1.0
    for point in grade["points"]:
        assert set(point) == {"text", "verdict", "evidence", "citation"}
        assert point["verdict"] in ("hit", "partial", "missed", "contradicted")
        assert point["evidence"] in answer
        assert types(point["citation"]) == CITATION
        check_place(point["citation"], point["citation"]["quote"])


def graded(*words: str, env: dict[str, str]) -> dict[str, Any]:
    ran = run("grade", *words, "--json", env=env)
    assert (ran.code, ran.err) == (0, ""), ran
    result: dict[str, Any] = ran.json
    return result


def test_a_right_answer_keeps_the_contract(env: dict[str, str]) -> None:
    grade = graded("--question", QUESTION, "--answer", ANSWER, env=env)
    check_grade(grade, ANSWER)
    assert (grade["level"], grade["topic"], grade["mode"]) == ("correct", "L1 正则化为什么稀疏", "notes")


def test_the_topic_can_be_told(env: dict[str, str]) -> None:
    grade = graded(
        "--question",
        "它有什么优点?",
        "--answer",
        "不知道",
        "--topic",
        "优化器：Momentum、RMSProp 和 Adam",
        env=env,
    )
    assert (grade["level"], grade["topic"]) == ("wrong", "优化器：Momentum、RMSProp 和 Adam")


def test_a_swapped_answer_is_wrong_and_says_so_to_a_reader(env: dict[str, str]) -> None:
    ran = run("grade", "--question", QUESTION, "--answer", SWAPPED, env=env)
    assert ran.code == 0
    assert ran.out.startswith("还不对。\n和笔记不符：你写「")
    assert "regularization.md 第" in ran.out
    assert ran.out.endswith("— L1 正则化为什么稀疏 · wrong 0.00 · notes\n")


def test_requests_come_one_a_line_and_faults_do_not_stop_the_others(env: dict[str, str]) -> None:
    lines = [
        json.dumps({"question": QUESTION, "answer": ANSWER}),
        json.dumps({"question": QUESTION}),
        "plain text is no request",
        json.dumps({"question": QUESTION, "answer": ANSWER, "topic": "没有这个主题"}),
        json.dumps({"question": QUESTION, "answer": 5}),
        json.dumps({"question": QUESTION, "answer": "x", "topic": 5}),
        json.dumps({"question": "  ", "answer": "x"}),
        json.dumps({"question": QUESTION, "answer": "\ud800 不知道"}),
        json.dumps({"question": QUESTION, "answer": "长" * 9000}),
        json.dumps({"question": "量子纠缠怎么用于烤面包?", "answer": "不知道"}),
        json.dumps({"question": QUESTION, "answer": SWAPPED}),
    ]
    ran = run("grade", "--stdin", env=env, stdin="\n".join(lines))
    assert (ran.code, ran.err) == (0, "")
    kinds = [line.get("level", "error") for line in ran.json_lines]
    assert kinds == ["correct", *["error"] * 6, "wrong", "error", "wrong", "wrong"]
    for line in ran.json_lines:
        if "error" in line:
            assert line["error"]["message"]
            assert line["error"]["hint"]


def test_what_the_notes_do_not_cover_is_exit_code_3(env: dict[str, str]) -> None:
    ran = run("grade", "--question", "How do whales sleep?", "--answer", "Half a brain.", "--json", env=env)
    assert ran.code == 3
    assert (ran.json["points"], ran.json["remarks"]) == ([], ["not_in_notes"])
    stub = run("grade", "--question", "什么是知识蒸馏?", "--answer", "x", "--topic", "知识蒸馏", env=env)
    assert stub.code == 3
    assert "只有标题" in stub.out


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--question", QUESTION),
        ("--answer", ANSWER),
        ("--stdin", "--question", QUESTION),
        ("--points",),
        ("--question", QUESTION, "--answer", ANSWER, "--topic", "没有"),
        ("--question", " ", "--answer", ANSWER),
        ("--topic", "知识蒸馏", "--set-points", "/no/such/file"),
    ],
)
def test_a_command_that_makes_no_sense_is_exit_code_2_with_a_way_out(
    env: dict[str, str], words: tuple[str, ...]
) -> None:
    ran = run("grade", *words, env=env)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert len(ran.err.strip().splitlines()) == 2


def test_a_decision_of_the_user_is_kept_and_counts_the_next_time(own_env: dict[str, str]) -> None:
    words = ("--question", QUESTION, "--answer", "因为输入图片太大。")
    assert graded_quietly(*words, env=own_env)["level"] != "correct"
    assert not (Path(own_env["ASSISTANT_HOME"]) / "study.db").exists()
    decided = graded_quietly(*words, "--overrule", "correct", env=own_env)
    assert (decided["level"], decided["score"]) == ("correct", 1.0)
    again = graded_quietly(*words, env=own_env)
    assert (again["level"], again["overruled"]) == ("correct", "wrong")
    assert "改判" in again["notices"][0]


def graded_quietly(*words: str, env: dict[str, str]) -> dict[str, Any]:
    ran = run("grade", *words, "--json", env=env)
    assert ran.code == 0
    result: dict[str, Any] = ran.json
    return result


def test_points_can_be_seen_replaced_and_given_back(own_home: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# 感受野\n\n感受野是输出上一个点能看到的输入区域。\n", "utf-8")
    env = environment(own_home, ASSISTANT_NOTES=str(note))
    shown = ("grade", "--topic", "感受野", "--points")
    assert run(*shown, env=env).out == "- 感受野是输出上一个点能看到的输入区域\n"
    own = tmp_path / "points.txt"
    own.write_text("- 随层数增加而变大\n\n- 是输入区域\n", "utf-8")
    run("grade", "--topic", "感受野", "--set-points", str(own), env=env)
    assert run(*shown, env=env).out == "- 随层数增加而变大\n- 是输入区域\n"
    grade = run(
        "grade", "--question", "感受野是什么?", "--answer", "随层数增加而变大", "--json", env=env
    ).json
    assert grade["points"][0]["text"] == "随层数增加而变大"
    assert grade["points"][0]["citation"] is None
    note.write_text("# 感受野\n\n感受野是输出上一个点对应的输入区域。\n", "utf-8")
    assert run(*shown, env=env).out == "- 感受野是输出上一个点对应的输入区域\n"  # made anew for the new text
    own.write_text("", "utf-8")
    run("grade", "--topic", "感受野", "--set-points", str(own), env=env)
    assert [point["text"] for point in run(*shown, "--json", env=env).json] == [
        "感受野是输出上一个点对应的输入区域"
    ]
