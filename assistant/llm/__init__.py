"""Models that answer. `open_model` picks one by setting; each backend is a module of `assistant.llm.backends`.

A backend exposes `open_model(name, settings) -> ChatModel`. Other packages add theirs through the group
`assistant.models`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from assistant.llm.base import ChatModel, ModelError
from assistant.settings import Settings
from corpus.plugins import load

#: What `model = auto` looks for, and what `assistant setup` pulls.
DEFAULT_MODEL = "ollama:qwen3.5:4b"


def open_model(settings: Settings, warn: Callable[[str], None]) -> ChatModel | None:
    """Return the model that the settings ask for, or None for notes mode.

    A model that cannot be had is no error: `warn` is told in one line what is missing and what to type.
    Raises `UnknownName` for a backend that does not exist.
    """
    if settings.model == "notes":
        return None
    backend, _, name = (DEFAULT_MODEL if settings.model == "auto" else settings.model).partition(":")
    module = load("assistant.models", backend, kind="model backend")
    try:
        return cast(ChatModel, module.open_model(name, settings))
    except ModelError as error:
        warn(f"{error.message}；用笔记模式回答 (notes mode answers). {error.hint}")
        return None
