"""What a chat model is to the rest of the house: messages in, a stream of events out.

A backend is one module in `assistant/llm/backends/` (or in any package entered in the group
`assistant.models`) with a function `open_model(name, settings)`; see `assistant/llm/__init__.py`.
Nothing here imports a client library.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from corpus.errors import StudyError


class Role(StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for. `id` is empty where the server gives none (Ollama before 0.12.10)."""

    name: str
    arguments: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. A tool result carries the name and id of the call it answers."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str = ""
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool offered to the model: name, one-line description and a flat JSON Schema of its parameters."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of the model's reasoning. Never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Calls the model asks for; several of these in one stream are appended, not replaced."""

    calls: tuple[ToolCall, ...]


class FinishReason(StrEnum):
    """Why generation ended. A server that reports `stop` after tool calls reports `stop` here too."""

    STOP = "stop"
    LENGTH = "length"
    LOAD = "load"
    UNLOAD = "unload"


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a stream, always the last event of a successful one. Durations are in seconds."""

    reason: FinishReason
    prompt_tokens: int = 0
    answer_tokens: int = 0
    total_duration: float = 0.0
    load_duration: float = 0.0
    prompt_duration: float = 0.0
    answer_duration: float = 0.0


class WaitFor(StrEnum):
    """Why nothing comes yet."""

    TURN = "turn"  # another answer is being written
    LOADING = "loading"  # the model is read into memory
    FIRST_WORD = "first word"  # the prompt is being read


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing comes yet, and why; before the first piece only. `ahead` counts the answers that go first."""

    reason: WaitFor
    ahead: int = 0


ModelEvent = Waiting | Thinking | Content | ToolCalls | Finished


@dataclass(frozen=True, slots=True)
class Window:
    """What one request may hold, in tokens: prompt and answer together `num_ctx`, the answer `num_predict`.

    `counts_whole_prompt`: the server reports every token of the prompt as `prompt_tokens`, not only those that
    were not in its cache.
    """

    num_ctx: int
    num_predict: int
    counts_whole_prompt: bool = True

    @property
    def prompt(self) -> int:
        """Tokens that the prompt may take."""
        return self.num_ctx - self.num_predict


class ChatModel(Protocol):
    """A model that answers. Implementations are not thread-safe: one generation at a time."""

    @property
    def name(self) -> str:
        """The mode shown to the user and stored with the answer: `ollama:qwen3.5:4b`."""
        ...

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Yield events as they arrive, the last one `Finished`.

        With `schema`, a JSON Schema, the content is one JSON value of that form, written without thinking and
        as coldly as can be; tools cannot be offered with it. Whoever reads it must validate it all the same:
        see `assistant/llm/structured.py`. Closing the generator cancels the generation and closes the
        connection. Raises `ModelError`.
        """
        ...


@runtime_checkable
class Windowed(Protocol):
    """A model whose window is known, so that prompts can be made to fit."""

    @property
    def window(self) -> Window:
        """What one request may hold."""
        ...


@runtime_checkable
class Loadable(Protocol):
    """A model that has to be read into memory before it answers."""

    def is_loaded(self) -> bool:
        """Say whether an answer could begin at once; True where the server does not tell."""
        ...

    def preload(self) -> Finished:
        """Return once the model is in memory. Raises `ModelError`."""
        ...


class ModelError(StudyError):
    """The model could not answer. The question is not lost: notes mode can still answer it."""


class ModelUnavailable(ModelError):
    """Nothing usable listens at the model's address."""


class ModelNotPulled(ModelError):
    """The server is there but does not have the model."""


class ModelBusy(ModelError):
    """The server's queue is full."""


class ModelTimeout(ModelError):
    """No connection, no first chunk or no further chunk within its own limit."""


class StreamBroken(ModelError):
    """The stream ended without its last chunk, or with an error line after it had begun."""


class ContextOverflow(ModelError):
    """The prompt is longer than the context window. `prompt_tokens` and `num_ctx` are 0 where unknown."""

    def __init__(self, message: str, hint: str = "", *, prompt_tokens: int = 0, num_ctx: int = 0) -> None:
        super().__init__(message, hint)
        self.prompt_tokens = prompt_tokens
        self.num_ctx = num_ctx


class PromptCut(ModelError):
    """The server read only a part of the prompt and answered all the same; the rules are mostly what it cut."""


class CapabilityMissing(ModelError):
    """The model lacks what was asked of it (tools, thinking, chat)."""


class EmptyAnswer(ModelError):
    """The model finished without a word of answer and without a call, most often because it only thought."""


class MalformedCall(ModelError):
    """The model wrote a tool call that the server could not read. The same prompt and seed fail again."""


class ModelCrashed(ModelError):
    """The server is there, but the process that runs the model stopped, or never started."""
