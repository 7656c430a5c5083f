"""Which demo fits a question, with the arguments found in its text. Shared by notes mode and by tool offering."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.answering.demo_fit import ranked
from assistant.answering.types import PartialEvent, Request
from assistant.demo_kit import parameters, registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError
from assistant.events import Text, ToolRan, ToolRun
from assistant.language import Language, say
from corpus.glossary import Glossary

_MOST_NUMBERS = 8
_WANTS_FIGURES = re.compile(
    r"多少|多大|几步|几倍|几成|几乘几|等于几|有多|怎么算|如何算|计算|算一|算算|推导|公式|演示|模拟|仿真|验证|检验|核对|校验|画出|画一|画个|画图|"
    r"举个例子|举例|数值|参数量|计算量|"
    r"\b(how (much|many|large|big|far|noisy)|comput\w*|calculat\w*|demo\w*|simulat\w*|verify|plot|draw|visuali[sz]e|"
    r"example|show|derive|parameters)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A demo and the arguments the question gives it; none means that the defaults make an example.

    `suggested`: it fits the subject, but nothing was asked that needs it, so it is offered and not run.
    """

    name: str
    arguments: Mapping[str, Any]
    suggested: bool = False

    @property
    def has_figures(self) -> bool:
        """Whether the question gave anything to compute with: a number, a list or a named network."""
        return any(
            not isinstance(value, str | bool) or name == "preset" for name, value in self.arguments.items()
        )

    @property
    def is_accepted(self) -> bool:
        """Whether every argument is of the type and in the range that the demo's signature states."""
        try:
            parameters.validate(registry.load(self.name).function, self.arguments)
        except DemoError:
            return False
        return True


def choose(request: Request, glossary: Glossary) -> Choice | None:
    """Return the demo that the question asks for, or None.

    A demo with figures in the question runs whether or not the notes cover it: its formula has a source of
    its own. A demo asked for by subject only runs as an example where the question wants figures or the notes
    hold no more than a title, and is otherwise suggested, as is the demo on the subject where none is asked for;
    both only beside notes that cover the subject.
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
    with_figures = [c for c in fitting if c.has_figures]
    if with_figures:
        # Refused arguments are told where no other demo can work with what was said.
        return max(with_figures, key=lambda c: (c.is_accepted, len(c.arguments)))
    if not request.found.covered:
        return None
    same = request.standalone == request.question
    fits = ranked(request, glossary, [c.name for c in fitting] if same else None)
    if not fitting:
        return next((Choice(name, {}, suggested=True) for name in fits), None)
    order = list(fits)
    wanted = _WANTS_FIGURES.search(request.question) or request.found.hits[0].topic.stub
    best = max(
        fitting, key=lambda c: (len(c.arguments), -order.index(c.name) if c.name in fits else -len(order))
    )
    return replace(best, suggested=not wanted)


def answer(request: Request, glossary: Glossary) -> Iterator[PartialEvent]:
    """Run or suggest the demo that fits the question, if any does, and tell of it."""
    choice = choose(request, glossary)
    if choice is None:
        return
    if choice.suggested:
        suggestion = say("can_compute", request.language, command=command(choice)) + "\n"
        yield Text(suggestion + practice(choice.name, request.language))
        return
    ran = run(choice)
    yield ToolRan(ran, told=True)
    yield Text(describe(ran, choice, request.language) + practice(choice.name, request.language))


def practice(name: str, language: Language) -> str:
    """Return the line that offers a drill on the demo `name`; empty where it has no exercises."""
    if registry.load(name).exercise is None:
        return ""
    return say("can_drill", language, command=f"assistant drill {name}") + "\n"


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


def command(choice: Choice) -> str:
    """Return the command line that runs `choice`."""
    flags = "".join(
        f" --{name.replace('_', '-')} {shlex.quote(value if isinstance(value, str) else _json(value))}"
        for name, value in choice.arguments.items()
    )
    return f"assistant demo {choice.name}{flags}"


def call(run: ToolRun) -> str:
    """Return the call as a person would write it: `pooling(kernel=2, mode="max")`."""
    arguments = (f"{name}={_json(value)}" for name, value in run.arguments.items())
    return f"{run.name}({', '.join(arguments)})"


def _assumed(run: ToolRun) -> str:
    """The arguments that the question did not give, as they were filled in; long arrays are abbreviated."""
    used: Mapping[str, Any] = run.result["args_used"]
    defaults = {
        name: value
        for name, value in used.items()
        if name not in run.arguments and value not in (None, False)
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
