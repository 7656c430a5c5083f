"""`assistant search`: the JSON contract, `-k` counts topics, hits whether covered or not, requests by line."""

from __future__ import annotations

import json

import pytest

from tests.cli.contract import check_search
from tests.cli.running import run

TOPICS = 6  # of the notes in conftest.py
UNCOVERED = "量子纠缠怎么用于烤面包?"


def test_a_result_keeps_the_contract_and_finds_the_topic(env: dict[str, str]) -> None:
    ran = run("search", "RMSProp 的优点", "--json", env=env)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    check_search(ran.json)
    assert (ran.json["query"], ran.json["covered"]) == ("RMSProp 的优点", True)
    best = ran.json["hits"][0]
    assert best["topic"] == "优化器：Momentum、RMSProp 和 Adam"
    assert best["heading_path"][-1] == "RMSProp"
    assert best["text"].startswith("RMSProp 的优点是用梯度平方的指数滑动平均")


@pytest.mark.parametrize(("k", "hits"), [(1, 1), (3, 3), (1000, TOPICS)])
def test_k_counts_topics(env: dict[str, str], k: int, hits: int) -> None:
    ran = run("search", "Momentum RMSProp Adam 的梯度", "-k", str(k), "--json", env=env)
    check_search(ran.json)
    assert len(ran.json["hits"]) == hits


def test_without_k_there_are_five(env: dict[str, str]) -> None:
    assert len(run("search", "训练时的梯度", "--json", env=env).json["hits"]) == 5


def test_what_the_notes_lack_still_has_its_nearest_topics_and_exit_code_3(env: dict[str, str]) -> None:
    ran = run("search", UNCOVERED, "--json", env=env)
    assert ran.code == 3
    check_search(ran.json)
    assert not ran.json["covered"]
    assert len(ran.json["hits"]) > 0


def test_the_reading_view_names_topic_place_and_coverage(env: dict[str, str]) -> None:
    ran = run("search", "什么是感受野?", "-k", "1", env=env)
    assert ran.code == 0
    first, text, covered = ran.out.splitlines()
    assert first.startswith("1. 感受野 (")
    assert "regularization.md:" in first
    assert text.strip().startswith("感受野（receptive field）")
    assert covered.startswith("covered: yes")
    assert run("search", UNCOVERED, env=env).code == 3


def test_requests_come_one_a_line_each_with_its_own_k(env: dict[str, str]) -> None:
    lines = [
        "Dropout",
        "",
        json.dumps({"query": "感受野", "k": 2}),
        '["卷积", {',  # not an object: searched as it stands
        '{"query" "broken"}',
        json.dumps({"question": "BN 训练和推理", "k": 1}),
        json.dumps({"query": "Adam", "k": 0}),
        json.dumps({"query": "Adam", "k": "3"}),
        json.dumps({"query": "Adam", "k": True}),
        json.dumps({"query": ""}),
        UNCOVERED,
    ]
    ran = run("search", "--stdin", "-k", "3", env=env, stdin="\n".join(lines) + "\n")
    assert (ran.code, ran.err) == (0, "")
    results = ran.json_lines
    assert [len(result["hits"]) if "hits" in result else "error" for result in results] == (
        [3, 2, 3] + ["error", 1] + ["error"] * 4 + [3]
    )
    for result in results:
        if "hits" in result:
            check_search(result)
    assert results[4]["query"] == "BN 训练和推理"
    assert "k = 0" in results[5]["error"]["message"]


def test_the_users_own_notes_are_found(seed_env: dict[str, str]) -> None:
    ran = run("search", "--stdin", env=seed_env, stdin="L1 正则化\nBN 和 IN 的区别\n")
    assert ran.code == 0
    for result in ran.json_lines:
        check_search(result)
        assert result["covered"]
    assert "BN" in ran.json_lines[1]["hits"][0]["topic"]


def test_a_misspelt_name_is_read_as_what_was_meant_and_said(env: dict[str, str]) -> None:
    ran = run("search", "RMSporp 的优点", "--json", env=env)
    assert ran.json["corrections"] == [{"written": "RMSporp", "understood": "RMSprop"}]
    assert ran.json["hits"][0]["heading_path"][-1] == "RMSProp"
    assert run("search", "RMSporp 的优点", env=env).out.startswith("「RMSporp」按「RMSprop」理解。\n")
    assert run("search", "merits of RMSporp", env=env).out.startswith("Read “RMSporp” as “RMSprop”.\n")
