"""A responder that plays the model by rule: it quotes the sentence nearest the question, calls a demo, obeys a schema.

For demonstrations, measurements and tests. It knows how our prompts are written (`assistant/prompts/`) and nothing of
the subject, so its answers are right only because the passages are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from assistant.language import Language, language_of, mostly
from assistant.llm.fake_ollama.scripts import Reply, call, say

_PASSAGE = re.compile(r"^\[(\d)\] (.*)$", re.MULTILINE)
_QUESTION = re.compile(r"^Question: (?P<question>.*)\Z", re.MULTILINE | re.DOTALL)
_END_OF_PASSAGES = re.compile(r"^(?:\(Answer in |Question: )", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?;])\s")
# A bullet, or the label of a question that the line below answers.
_MARK = re.compile(r"^\s*(?:[-*+]\s+|\d{1,2}[.)、]\s*)?(?:\*\*.*?\*\*\s*)?")
_MISTAKE = re.compile(r"^说|错的|不准确|\bwrong\b|inaccurate", re.IGNORECASE)
_DENIAL = re.compile(r"不会|一般不|没有|\b(?:not|never|no)\b", re.IGNORECASE)
# Questions, formulas, tables, and what a full stop inside an abbreviation left over.
_NO_SENTENCE = re.compile(r"[?？]$|`|\$\$|^[^A-Z㐀-鿿]")
_OUTRIGHT = re.compile(r"一句话|short answer|in short", re.IGNORECASE)
_STACK = re.compile(r"(?P<count>\d+)\s?(?:层|个|stacked)\s*(?P<kernel>\d+)\s?[x×]")
_FENCED = re.compile(r"(?:<<<|~{3,})\n(.*?)\n(?:>>>|~{3,})", re.DOTALL)
#: Characters of a piece, about what one token of Chinese holds, and of the shortest sentence that is quoted.
_PIECE, _SHORTEST = 2, 6
#: What is not in the notes is not known here either, and no reader should take it for an answer.
IGNORANT = {
    Language.ZH: "我是演示用的脚本，没有一般知识。",
    Language.EN: "I am a script for demonstrations and have no general knowledge.",
}


def from_passages(body: Mapping[str, Any]) -> Reply:
    """Return the sentence nearest the question with its marker, after a demo where the question has figures."""
    messages = body.get("messages") or []
    if "format" in body:
        return _said(json.dumps(_instance(body["format"], body["format"], messages), ensure_ascii=False))
    prompt = next((m["content"] for m in reversed(messages) if m.get("role") == "user"), "")
    asked = _QUESTION.search(prompt)
    question = asked["question"].strip() if asked else prompt
    language = language_of(question)
    if messages and messages[-1].get("role") == "tool":
        return _said(_reported(messages[-1], language))
    if demo := _demo(question, [tool["function"]["name"] for tool in body.get("tools") or ()]):
        return say(calls=[demo])
    if not _PASSAGE.search(prompt):
        return _said(IGNORANT[language] if "general knowledge" in str(messages[:1]) else "笔记里没有讲到。")
    return _said(_quoted(prompt, question, language))


def _said(text: str) -> Reply:
    return say(*(text[at : at + _PIECE] for at in range(0, len(text), _PIECE)))


def _demo(question: str, offered: list[str]) -> dict[str, Any] | None:
    """Return a call of the demo that fits: a stack of convolutions is read, any other takes its defaults."""
    demos = [name for name in offered if name != "list_demos"]
    if not demos or not re.search(r"(?<![A-Za-z\d])\d", question):
        return None
    stack = _STACK.search(question)
    if stack and "receptive_field" in demos:
        layers = [{"k": int(stack["kernel"])}] * int(stack["count"])
        return call("receptive_field", {"layers": layers})
    return call(demos[0], {})


def _reported(result: Mapping[str, Any], language: Language) -> str:
    """Return one sentence on the first figure of a demo's result."""
    try:
        name, value = next(iter(json.loads(result["content"])["numbers"].items()))
    except (ValueError, KeyError, StopIteration):
        return "没能算出来 [1]。" if language is Language.ZH else "It could not be computed [1]."
    demo = result.get("tool_name", "demo")
    if language is Language.ZH:
        return f"用 {demo} 算得 {name} = {value} [1]。"
    return f"The demo {demo} gives {name} = {value} [1]."


def _quoted(prompt: str, question: str, language: Language) -> str:
    """Return the sentence in `language` that shares most with the question; a denial where a premise is doubted."""
    doubted = "takes for granted" in prompt
    asked = _pairs(question)
    best, chosen = -1.0, ""
    for number, sentence in _sentences(prompt):
        if mostly(sentence) is not language or (_MISTAKE.search(sentence) and not doubted):
            continue
        shared = len(asked & _pairs(sentence)) * (2.0 if doubted and _DENIAL.search(sentence) else 1.0)
        if shared > best:
            stop = "。" if language is Language.ZH else "."
            best, chosen = shared, f"{sentence.rstrip('。.；;')} [{number}]{stop}"
    return chosen or ("笔记没有讲到。" if language is Language.ZH else "The notes do not cover this.")


def _sentences(prompt: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences of the passages, each with the number of its passage, those of a short answer first."""
    passages = _PASSAGE.split(_END_OF_PASSAGES.split(prompt)[0])[1:]
    numbered = zip(passages[::3], passages[1::3], passages[2::3], strict=True)
    for number, _, text in sorted(numbered, key=lambda passage: not _OUTRIGHT.search(passage[1])):
        for line in text.strip().split("\n"):
            for sentence in _SENTENCE_END.split(_MARK.sub("", line)):
                said = sentence.strip()
                if len(said) >= _SHORTEST and not _NO_SENTENCE.search(said):
                    yield number, said


def _pairs(text: str) -> set[str]:
    """Return the pairs of Chinese characters and the words of `text`."""
    runs = re.findall(r"[㐀-鿿]+|[a-z0-9]{2,}", text.casefold())
    return {
        pair for run in runs for pair in ([run] if run.isascii() else ["".join(two) for two in pairwise(run)])
    }


def _instance(form: Mapping[str, Any], root: Mapping[str, Any], messages: list[Mapping[str, Any]]) -> Any:
    """Return a value of the JSON Schema `form`; texts are words of what was sent, so that they can be found there."""
    if "$ref" in form:
        return _instance(root["$defs"][form["$ref"].rpartition("/")[2]], root, messages)
    match form.get("type"):
        case "object":
            return {name: _instance(inner, root, messages) for name, inner in form["properties"].items()}
        case "array":
            count = form.get("minItems", 1)
            inner = form.get("items", {})
            if "$ref" in inner or inner.get("type", "string") != "string":
                return [_instance(inner, root, messages)] * count
            return [_words(messages), *(f"占位选项 {n}" for n in range(2, count + 1))]
        case "integer" | "number":
            return form.get("minimum", 0)
        case "boolean":
            return True
    return form["enum"][0] if form.get("enum") else _words(messages)


def _words(messages: list[Mapping[str, Any]]) -> str:
    """Return the last clause of the answer that is to be judged, else the first of the text."""
    text = next((str(m["content"]) for m in reversed(messages) if m.get("role") == "user"), "")
    fenced = _FENCED.search(text)
    clauses = [
        clause for clause in re.split(r"[，。；,;.\n]+", fenced[1] if fenced else text) if clause.strip()
    ]
    return (clauses[-1 if fenced else 0] if clauses else text).strip()[:200]
