"""Prompts by the name of a model: each card's own, on the side it belongs to, wherever the model comes from."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import index.embedders
from index.embedders._known_models import Manner, manner_of

QWEN = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
ENGLISH = "Represent this sentence for searching relevant passages: "
GEMMA = Manner("task: search result | query: ", "title: none | text: ", 2048)
NOMIC = Manner("search_query: ", "search_document: ", 2048)


@pytest.mark.parametrize(
    ("model", "manner"),
    [
        ("Qwen/Qwen3-Embedding-0.6B", Manner(QWEN, "", 32768)),
        ("qwen3-embedding:0.6b", Manner(QWEN, "", 32768)),
        ("dengcao/Qwen3-Embedding-4B:Q8_0", Manner(QWEN, "", 32768)),
        ("BAAI/bge-m3", Manner("", "", 8192)),
        ("bge-m3:567m", Manner("", "", 8192)),
        ("/models/bge-m3/", Manner("", "", 8192)),
        ("C:\\models\\bge-m3", Manner("", "", 8192)),
        ("BAAI/bge-small-zh-v1.5", Manner("为这个句子生成表示以用于检索相关文章：", "", 512)),
        ("BAAI/bge-base-en-v1.5", Manner(ENGLISH, "", 512)),
        ("intfloat/multilingual-e5-small", Manner("query: ", "passage: ", 512)),
        ("intfloat/multilingual-e5-large-instruct", Manner(QWEN + " ", "", 512)),
        ("google/embeddinggemma-300m", GEMMA),
        ("embeddinggemma", GEMMA),
        ("nomic-embed-text:v1.5", NOMIC),
        ("nomic-ai/nomic-embed-text-v2-moe", Manner("search_query: ", "search_document: ", 512)),
        ("mxbai-embed-large", Manner(ENGLISH, "", 512)),
        ("snowflake-arctic-embed2", Manner("query: ", "", 8192)),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", Manner("query: ", "", 8192)),
        ("snowflake-arctic-embed:335m", Manner(ENGLISH, "", 512)),
        ("all-minilm", Manner()),
    ],
)
def test_a_known_model_has_the_prompts_of_its_card(model: str, manner: Manner) -> None:
    assert manner_of(model) == manner


def test_every_entry_says_where_its_facts_are_from() -> None:
    file = Path(index.embedders.__file__).with_name("known_models.toml")
    text = file.read_text("utf-8")
    blocks = text.split("[[model]]")
    assert len(tomllib.loads(text)["model"]) == len(blocks) - 1
    for before in blocks[:-1]:
        assert before.rstrip().splitlines()[-1].startswith("# "), before
