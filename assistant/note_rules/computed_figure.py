"""Output sizes and receptive fields in the notes that a demo computes otherwise.

A sentence is judged only where everything is written before the figure: layers of one kind, and for an output
size the input too. What it supposes, compares, denies, chains or asks is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from corpus.check.findings import Finding
from corpus.check.notebook import Notebook
from corpus.errors import StudyError

RULE = "a figure that a demo computes otherwise"


@dataclass(frozen=True, slots=True)
class _Claim:
    """A kind of figure: the demo and number that compute it, how it is claimed, and what has to be given."""

    demo: str
    number: str
    claimed: re.Pattern[str]
    ask: str
    needed: tuple[str, ...]


_SIDE = r"(\d{1,5})(?:\s*[x×*]\s*(\d{1,5}))?(?!\d|\.\d|%|\s*[x×*+\-−/^个层])"
_IS = (
    r"(?:的)?(?:空间)?(?:大小|尺寸|边长|size)?\s*(?:就|也|还|仍然?|恰好|正好)?"
    r"(?:是|为|等于|变为|变成|=|:|：|is|are|becomes|equals|has size|of size)\s*"
)
_CLAIMS = (
    _Claim(
        "conv_output_size",
        "output",
        re.compile(rf"(?:输出|(?:the )?output)(?:特征图|的特征图| feature map)?{_IS}{_SIDE}", re.IGNORECASE),
        "输出大小是多少",
        ("input_size", "kernel"),
    ),
    _Claim(
        "receptive_field",
        "rf",
        re.compile(rf"(?:感受野|receptive field){_IS}{_SIDE}", re.IGNORECASE),
        "感受野是多少",
        ("layers",),
    ),
)
_UNCERTAIN = re.compile(
    r"如果|假设|假如|若|错|误|不是|不等于|而不是|并非|代替|替代|相比|比如果|还是|或者?|约|大约|左右|至少|至多|最多|吗|呢|[?？]|每|第.层|倍"
    r"|有效感受野|effective receptive|~|≈|≠"
    r"|\b(?:if|not|wrong|instead|about|roughly|at least|at most|or|each|per|suppose|assume|versus|vs)\b",
    re.IGNORECASE,
)
_OTHER_OPERATIONS = re.compile(
    r"transposed|deconv|转置|反卷积|上采样|upsampl|SAME|VALID|ceil|向上取整|全局|global|自适应|adaptive|分支|branch|残差|池化|pool"
    r"|再|接|然后|之后|先|后面|\bthen\b|followed|\bafter\b|前|\bbefore\b|等价|等效|相同|same as|equivalent",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every sentence whose figure is not the demo's."""
    for sheet in notebook.sheets:
        for i, sentence in sheet.sentences(range(sheet.note.body_start, len(sheet.lines) + 1)):
            for claim in _CLAIMS:
                if found := _disagreement(sentence, claim):
                    claimed, computed = found
                    yield sheet.finding(
                        "computed_figure",
                        i,
                        (
                            f"这里写的是 {claimed}，按句中的参数算出来是 {computed}（demo {claim.demo}）。",
                            f"The text says {claimed}; with its own arguments the demo {claim.demo} gives {computed}.",
                        ),
                        (
                            f"用 assistant demo {claim.demo} 核对参数和结果。",
                            f"Check arguments and result with assistant demo {claim.demo}.",
                        ),
                        0.8,
                    )


def _disagreement(sentence: str, claim: _Claim) -> tuple[str, str] | None:
    """Return what is claimed and what is computed where the two differ, None where they agree or may."""
    claims = list(claim.claimed.finditer(sentence))
    if len(claims) != 1 or _UNCERTAIN.search(sentence) or _OTHER_OPERATIONS.search(sentence):
        return None
    match = claims[0]
    claimed = [int(side) for side in match.groups() if side]
    rest = sentence[: match.start()]
    arguments = registry.load(claim.demo).read_question(read_facts(f"{rest} {claim.ask}"))
    if arguments is None or any(name not in arguments for name in claim.needed):
        return None
    if not _all_used(rest, arguments):
        return None
    try:
        computed = registry.run(claim.demo, arguments).numbers[claim.number]
    except StudyError:
        return None
    sides = [int(v) for v in (computed if isinstance(computed, list) else [computed])]
    if {*claimed} == {*sides}:
        return None
    return "×".join(map(str, claimed)), "×".join(map(str, sides))


def _all_used(rest: str, arguments: dict[str, Any]) -> bool:
    """Whether every number of the sentence went into an argument, so that none was overlooked."""
    written = {int(n) for n in _NUMBER.findall(read_facts(rest).text)}
    return written <= set(_values(arguments))


def _values(value: Any) -> Iterator[int]:
    """Yield the numbers of arguments, and how many layers there are of a kind."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, list):
        yield len(value)
        for item in value:
            yield from _values(item)
            if isinstance(item, dict):
                yield value.count(item)
    elif isinstance(value, int):
        yield value
