"""Which demos a model is offered for a question: few, because a small model drowns in twenty-nine schemas.

Those the question itself asks for come first, then those that the notes found name, then those that share
concepts with the question and the topics found. `list_demos` tells of the rest; any demo may be called.
"""

from __future__ import annotations

from assistant.answering.types import Request
from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.events import ToolRun
from assistant.llm.base import ToolSchema
from corpus.glossary import Glossary
from corpus.types import Topic

MOST_DEMOS = 5

LIST_DEMOS = ToolSchema(
    "list_demos", "List every demo with one line on what it computes.", {"type": "object", "properties": {}}
)


def offered(
    request: Request, glossary: Glossary, before: tuple[ToolSchema, ...] = ()
) -> tuple[ToolSchema, ...]:
    """Return the schemas of at most `MOST_DEMOS` demos that fit, by name, and of `list_demos`.

    `before` is what the last turn of the conversation was offered. It is offered again unless the question
    asks for a demo that is not in it: tools stand at the very front of the prompt, and any change there makes
    the server read the whole conversation anew.
    """
    facts = read_facts(request.question)
    asked = {demo.name for demo in registry.demos() if demo.read_question(facts) is not None}
    if request.history and before and asked <= {tool.name for tool in before}:
        return before
    named = {name for hit in request.found.hits for name in _named_by(hit.topic)}
    about = " ".join([request.standalone, *(hit.topic.title for hit in request.found.hits[:2])])
    concepts = {match.concept for match in glossary.find(about)}
    fits: dict[str, tuple[bool, bool, int]] = {}
    for demo in registry.demos():
        shared = len(concepts & {match.concept for topic in demo.topics for match in glossary.find(topic)})
        fit = (demo.name in asked, demo.name in named, shared)
        if any(fit):
            fits[demo.name] = fit
    best = sorted(fits, key=lambda name: (*(-part for part in fits[name]), name))[:MOST_DEMOS]
    demos = (registry.load(name) for name in sorted(best))
    return (*(ToolSchema(demo.name, demo.summary, demo.schema) for demo in demos), LIST_DEMOS)


def _named_by(topic: Topic) -> tuple[str, ...]:
    return topic.front_matter.demos if topic.front_matter else ()


def list_demos() -> ToolRun:
    """Return every demo's name and summary as the result of the tool `list_demos`."""
    return ToolRun("list_demos", {}, {"numbers": {demo.name: demo.summary for demo in registry.demos()}})
