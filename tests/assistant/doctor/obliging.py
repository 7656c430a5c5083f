"""A fake model that does what it is asked, by rule: it cites, calls the demo that fits, obeys schemas and abstains."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from assistant.language import Language, language_of, mostly
from assistant.llm.fake_ollama import Pause, Reply, call, say

_PASSAGE = re.compile(r"^\[(\d)\] (.*)$", re.MULTILINE)
_LAYERS = re.compile(r"(\d+) (?:层|stacked )")


def oblige(body: Mapping[str, Any]) -> Reply:
    """Return the reply to a request to /api/chat."""
    if "format" in body:
        return say(*json.dumps(_instance(body["format"], body["format"]), ensure_ascii=False))
    last = body["messages"][-1]
    if last["role"] == "tool":
        figures = json.loads(last["content"])["numbers"]
        return say(f"感受野 receptive field 是 {figures['rf']} [1]。")
    question = last["content"].rpartition("Question: ")[2].strip()
    if not _PASSAGE.search(last["content"]):
        return say("巴黎", "，法国的首都，", "塞纳河畔的城市，人口约二百万，这一点很多书都写过。")
    layers = _LAYERS.search(question)
    offered = {tool["function"]["name"] for tool in body.get("tools") or ()}
    if layers and "receptive_field" in offered:
        stack = [{"k": 3}] * int(layers[1])
        return say(calls=[call("receptive_field", {"layers": stack})])
    quoted = say(
        *_quoted(last["content"], language_of(question), "一般不|不会|错" if "既然" in question else "")
    )
    # Without an end, so that only a client that hangs up gets further.
    return Reply((*quoted.steps[:2], Pause())) if "温度 T" in question else quoted


def _quoted(prompt: str, language: Language, words: str) -> list[str]:
    """Return the first prose in `language` with one of `words` of the first passage that has any, under its number."""
    passages = _PASSAGE.split(prompt.rpartition("(Answer in ")[0])[1:]
    for number, text in zip(passages[::3], passages[2::3], strict=True):
        for line in text.strip().split("\n"):
            if len(line) > 30 and re.search(words, line) and mostly(line) is language:
                sentence = line.strip().rstrip("。.")
                return [sentence[: len(sentence) // 2], sentence[len(sentence) // 2 :], f" [{number}]", "。"]
    return ["笔记没有讲到。"]


def _instance(form: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """Return a value of the JSON Schema `form`; strings come from the grading step's answer, so they are quotes."""
    if "$ref" in form:
        return _instance(root["$defs"][form["$ref"].rpartition("/")[2]], root)
    match form.get("type"):
        case "object":
            return {name: _instance(inner, root) for name, inner in form["properties"].items()}
        case "array":
            return [f"选项 {n}" for n in range(form.get("minItems", 1))]
        case "integer":
            return form.get("minimum", 0)
        case "boolean":
            return True
    return "权重会变成 0"
