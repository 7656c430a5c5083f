"""How many tokens a prompt takes: counted before it is sent, corrected by what the server then counted.

No tokenizer is at hand (it is inside the model's file), so text is weighed by its characters and the weight is
scaled by the highest ratio that the server reported lately. The same numbers tell when a server read less than it
was sent. What goes into a prompt is decided in `assistant/answering/prompting.py`.
"""

from __future__ import annotations

import json
import math
import string
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.llm.base import ContextOverflow, Finished, Message, PromptCut, ToolSchema, Window

# Tokens per byte, on the high side of the byte-level vocabularies of Qwen, Gemma and Llama 3: there an English
# letter is 0.2 to 0.3, a digit 1, code and formulas near 0.6, a Chinese character (three bytes) 0.6 to 1.
_KINDS = (
    (string.ascii_letters.encode(), 0.3),
    (string.digits.encode(), 1.0),
    (string.whitespace.encode(), 0.25),
    (string.punctuation.encode(), 0.6),
)
_OTHER = 1 / 3
#: What a template writes around a message, and around all tools together, as weight.
_MESSAGE, TOOLS = 8.0, 180.0

#: Tokens per unit of weight before a server has counted anything.
UNMEASURED = 1.15
#: How much more than lately measured is reckoned with: text differs from turn to turn.
_MARGIN = 1.05
_REMEMBERED = 8
# A ratio outside of these is no tokenizer's.
_LOWEST, _HIGHEST = 0.25, 5.0
#: Below this part of what was expected, a server cannot have read the whole prompt.
_SUSPICIOUS = 0.5
#: Fewer tokens per unit of weight than any vocabulary reaches on text such as ours.
_LOWEST_READING = 0.35
#: How much more than the telling count a prompt must have had, so that no prompt of just that length is taken for cut.
_CLEARLY_MORE = 1.1
#: What is kept beside the tail when a prompt is cut: 4 tokens, and one more where the model has a BOS token.
_KEPT = (4, 5)
#: The window of a model that does not tell: that of the settings' defaults.
USUAL = Window(8192, 1024)


@dataclass(frozen=True, slots=True)
class ReadLess:
    """The server reports far fewer tokens than the prompt must have had."""

    reported: int
    expected: int


class Budget:
    """The window of one model, and how its tokens were counted lately."""

    def __init__(self, window: Window = USUAL) -> None:
        self.window = window
        self._ratios: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def factor(self) -> float:
        """Tokens per unit of weight that are reckoned with."""
        return max(self._ratios) * _MARGIN if self._ratios else UNMEASURED

    def count(self, messages: Iterable[Message], tools: Sequence[ToolSchema] = ()) -> int:
        """Return how many tokens the prompt takes, rounded up."""
        return math.ceil(weight_of(messages, tools) * self.factor)

    def room(self, messages: Iterable[Message], tools: Sequence[ToolSchema] = ()) -> int:
        """Return how many tokens are left beside this prompt and the answer; negative where it does not fit."""
        return self.window.prompt - self.count(messages, tools)

    def cut(self, text: str, tokens: int) -> str:
        """Return as much of the beginning of `text` as takes at most `tokens`; the whole of it where that fits."""
        if math.ceil(weight(text) * self.factor) <= tokens:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = math.ceil(weight(text[:middle]) * self.factor) <= tokens
            low, high = (middle, high) if fits else (low, middle - 1)
        return text[:low]

    def learn(
        self, messages: Iterable[Message], tools: Sequence[ToolSchema], finished: Finished
    ) -> ReadLess | None:
        """Take the server's count of a prompt that was answered; return an alarm where it makes no sense.

        Raises `PromptCut` where the count is the one that Ollama arrives at by cutting (`num_ctx` less half
        of it: `llm/llama_server.go`), which happens to servers that do not know `truncate` and `shift`.
        """
        reported = finished.prompt_tokens
        if not reported:
            return None
        weighed = weight_of(messages, tools)
        expected, num_ctx = round(weighed * self.factor / _MARGIN), self.window.num_ctx
        if (
            reported in {num_ctx - (num_ctx - kept) // 2 for kept in _KEPT}
            and expected > _CLEARLY_MORE * reported
        ):
            raise PromptCut(
                f"the server read only {reported} of about {expected} tokens",
                f"Ask in a new chat, or update Ollama: it ignored that it must not cut (num_ctx {num_ctx}).",
            )
        if not self.window.counts_whole_prompt:
            return None
        if reported < _SUSPICIOUS * expected and reported < _LOWEST_READING * weighed:
            return ReadLess(reported, expected)
        self._remember(reported / weighed)
        return None

    def refused(
        self, messages: Iterable[Message], tools: Sequence[ToolSchema], error: ContextOverflow
    ) -> None:
        """Take from a refusal that the prompt was longer than it was reckoned to be."""
        weighed = weight_of(messages, tools)
        told = error.prompt_tokens / weighed if error.prompt_tokens else 1.5 * self.factor
        self._remember(max(told, 1.1 * self.factor))

    def forget_refusals(self) -> None:
        """Reckon as at first again, where what refusals taught leaves no room to ask: nothing could correct it."""
        self._ratios.clear()

    def _remember(self, ratio: float) -> None:
        self._ratios.append(min(max(ratio, _LOWEST), _HIGHEST))


def weight_of(messages: Iterable[Message], tools: Sequence[ToolSchema] = ()) -> float:
    """Return the weight of a whole prompt, what the template adds included."""
    spoken = sum(
        _MESSAGE + weight(m.content) + sum(_call(c.name, c.arguments) for c in m.tool_calls) for m in messages
    )
    return spoken + (TOOLS + sum(map(tool_weight, tools)) if tools else 0.0)


def tool_weight(tool: ToolSchema) -> float:
    """Return the weight of one tool's schema."""
    return (
        weight(f"{tool.name}{tool.description}{json.dumps(tool.parameters, ensure_ascii=False)}") + _MESSAGE
    )


@lru_cache(maxsize=1024)
def weight(text: str) -> float:
    """Return the weight of `text`: about its tokens, on the high side."""
    rest, whole = text.encode("utf-8", "replace"), 0.0
    for kind, each in _KINDS:
        others = rest.translate(None, kind)
        whole += (len(rest) - len(others)) * each
        rest = others
    return whole + len(rest) * _OTHER


def _call(name: str, arguments: object) -> float:
    return _MESSAGE + weight(f"{name}{json.dumps(arguments, ensure_ascii=False, default=str)}")
