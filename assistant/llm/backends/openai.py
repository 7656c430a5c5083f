"""`openai:MODEL`: a model of any server that speaks the OpenAI chat API, at the address of the settings."""

from __future__ import annotations

import os

from assistant.llm.base import ChatModel, ModelUnavailable
from assistant.settings import Settings


def open_model(name: str, settings: Settings) -> ChatModel:
    """Return the model `name` of the server at `openai_base_url`; its key is OPENAI_API_KEY.

    Raises `ModelUnavailable` where no address is set (the notes must not leave the machine by a default), where
    nothing answers or where the key is refused. A name that the server does not list is not refused: some
    list none, and llama.cpp's server takes any.
    """
    url = base_url_of(settings)
    if not url:
        raise ModelUnavailable(
            f"'openai:{name}' 需要服务器地址 (no address of a server)",
            "ASSISTANT_OPENAI_BASE_URL=http://127.0.0.1:8080/v1",
        )
    from assistant.llm.openai_chat import OpenAIModel
    from assistant.llm.openai_wire import Options

    model = OpenAIModel(
        name,
        base_url=url,
        key=os.environ.get("OPENAI_API_KEY", ""),
        options=Options(
            num_ctx=settings.num_ctx,
            # Half a window is for the prompt, whatever was asked for.
            num_predict=min(settings.num_predict, settings.num_ctx // 2),
            think=settings.think,
            temperature=settings.temperature,
            timeout=settings.timeout,
        ),
    )
    model.listed()
    return model


def base_url_of(settings: Settings) -> str:
    """Return where the server is: the setting, else the variable of the `openai` package; "" is nowhere."""
    return settings.openai_base_url or os.environ.get("OPENAI_BASE_URL", "")
