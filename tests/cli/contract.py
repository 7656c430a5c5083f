"""The JSON contract, key by key and type by type, written down independently of the code that fulfils it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCATION = {"kind": str, "from": int, "to": int}
CITATION = {
    "n": int,
    "topic": str,
    "heading_path": list,
    "path": str,
    "lines": list,
    "location": dict,
    "quote": str,
    "passage_id": str,
}
TOOL = {"name": str, "arguments": dict, "result": dict}
#: Beside the contract's keys an answer tells how it was understood (`standalone`) and what was noticed.
ANSWER = {
    "question": str,
    "status": str,
    "answer": str,
    "citations": list,
    "tools": list,
    "mode": str,
    "timings": dict,
    "standalone": str,
    "nearest": list,
    "notices": list,
    "unsupported": list,
}
HIT = {
    "rank": int,
    "score": float,
    "topic": str,
    "heading_path": list,
    "path": str,
    "lines": list,
    "location": dict,
    "text": str,
    "passage_id": str,
}
SEARCH = {"query": str, "covered": bool, "confidence": float, "hits": list}
TOPIC = {"topic": str, "heading_path": list, "path": str, "lines": list, "passages": int, "stub": bool}
DEMO = {
    "demo": str,
    "args_used": dict,
    "numbers": dict,
    "table": dict,
    "plot": dict,
    "formula": str,
    "source": str,
    "notes": list,
    "warnings": list,
}
DEMO_ENTRY = {"name": str, "summary": str, "topics": list, "parameters": dict}


def types(value: Mapping[str, Any]) -> dict[str, type]:
    """Return the type of every value."""
    return {key: type(item) for key, item in value.items()}


def check_place(found: Mapping[str, Any], text: str) -> None:
    """Assert that `text` stands in the file of a citation or hit at its lines, and that the lines agree."""
    assert types(found["location"]) == LOCATION
    first, last = found["lines"]
    assert found["location"] == {"kind": "lines", "from": first, "to": last}
    assert Path(found["path"]).is_absolute()
    lines = Path(found["path"]).read_text("utf-8").split("\n")
    assert 1 <= first <= last <= len(lines)
    assert text.strip()
    assert text in "\n".join(lines[first - 1 : last])
    assert all(isinstance(heading, str) and heading for heading in found["heading_path"])


def check_answer(answer: Mapping[str, Any]) -> None:
    """Assert that an answer has the shape of the contract and that each citation is true."""
    assert types(answer) == ANSWER
    assert answer["status"] in ("answered", "not_in_notes")
    assert [citation["n"] for citation in answer["citations"]] == list(range(1, len(answer["citations"]) + 1))
    for citation in answer["citations"]:
        assert types(citation) == CITATION
        assert f"[{citation['n']}]" in answer["answer"]
        check_place(citation, citation["quote"])
    assert all(types(tool) == TOOL for tool in answer["tools"])
    assert all(isinstance(seconds, float) and seconds >= 0 for seconds in answer["timings"].values())


def check_search(result: Mapping[str, Any]) -> None:
    """Assert that a search result has the shape of the contract, ranked, one hit per topic."""
    assert types(result) == SEARCH
    assert 0.0 <= result["confidence"] <= 1.0
    hits = result["hits"]
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    topics = [(hit["path"], hit["topic"]) for hit in hits]
    assert len(topics) == len(set(topics))
    for hit in hits:
        assert types(hit) == HIT
        check_place(hit, hit["text"].strip("\n"))
