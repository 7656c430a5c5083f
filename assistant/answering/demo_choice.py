"""Which demo fits a question, with the arguments found in its text. Shared by notes mode and by tool offering."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.answering.types import Request
from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError
from assistant.events import ToolRun
from assistant.language import Language, say

_MOST_NUMBERS = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A demo and the arguments the question gives it; none means that the defaults make an example."""

    name: str
    arguments: Mapping[str, Any]


def choose(request: Request) -> Choice | None:
    """Return the demo that the question asks for, or None.

    A demo with arguments in the question runs whether or not the notes cover it: its formula has a source of
    its own. A demo asked for by subject only runs as an example, and only beside notes that cover the subject.
    """
    asked = request.question
    if request.standalone != request.question:
        asked = (
            f"{request.question}；{request.standalone}"  # what is said last wins over what was said before
        )
    facts = read_facts(asked)
    fitting: list[Choice] = []
    for name in registry.names():
        arguments = registry.load(name).read_question(facts)
        if arguments is not None:
            fitting.append(Choice(name, arguments))
    with_arguments = sorted((c for c in fitting if c.arguments), key=lambda c: -len(c.arguments))
    if with_arguments:
        return with_arguments[0]
    return fitting[0] if fitting and request.found.covered else None


def run(choice: Choice) -> ToolRun:
    """Run the demo; a refusal is a result too, so that it can be shown or sent back to a model."""
    try:
        result = registry.run(choice.name, dict(choice.arguments)).to_dict()
    except DemoError as error:
        result = error.to_dict()
    return ToolRun(choice.name, dict(choice.arguments), result)


def describe(run: ToolRun, choice: Choice, language: Language) -> str:
    """Return the run as a few lines of text: the call, its main figures, formula, source and warnings."""
    if "error" in run.result:
        error = run.result["error"]
        hint = error["hint_zh" if language is Language.ZH else "hint_en"]
        return say("demo_refused", language, text=f"{call(run)}: {hint}") + "\n"
    lines = [say("computed" if choice.arguments else "example", language, call=call(run))]
    if assumed := _assumed(run):
        lines.append(say("assumed", language, arguments=assumed))
    lines.append("")
    lines += [f"- {name} = {value}" for name, value in figures(run.result["numbers"])]
    lines += ["", say("formula", language, formula=run.result["formula"], source=run.result["source"])]
    lines += [say("caution", language, text=text) for text in run.result["warnings"]]
    return "\n".join(lines) + "\n"


def call(run: ToolRun) -> str:
    """Return the call as a person would write it: `pooling(kernel=2, mode="max")`."""
    arguments = (f"{name}={_json(value)}" for name, value in run.arguments.items())
    return f"{run.name}({', '.join(arguments)})"


def _assumed(run: ToolRun) -> str:
    """The arguments that the question did not give, as they were filled in; long arrays are abbreviated."""
    used: Mapping[str, Any] = run.result["args_used"]
    defaults = {
        name: value for name, value in used.items() if name not in run.arguments and value is not None
    }
    return ", ".join(
        f"{name}={textwrap.shorten(_json(value), 40, placeholder='…')}" for name, value in defaults.items()
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def figures(numbers: Mapping[str, Any], most: int = _MOST_NUMBERS) -> list[tuple[str, str]]:
    """Return the figures worth reading aloud, four significant digits each: scalars first, short lists after."""
    flat = list(_flatten(numbers))
    scalars = [(name, _shown(value)) for name, value in flat if not isinstance(value, list)]
    lists = [(name, _shown(value)) for name, value in flat if isinstance(value, list) and len(value) <= 6]
    return (scalars + lists)[:most]


def _flatten(numbers: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)
