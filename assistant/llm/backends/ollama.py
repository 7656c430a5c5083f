"""`ollama:MODEL`: looks whether Ollama is there and has the model before anything heavy is imported."""

from __future__ import annotations

import os

from assistant.llm.base import ChatModel, ModelNotPulled, ModelUnavailable
from assistant.settings import Settings
from index.hosts import listening, parse, tagged


def open_model(name: str, settings: Settings) -> ChatModel:
    """Return the model `name` of the Ollama at the settings' address.

    Raises `ModelUnavailable` where nothing answers there, or something other than Ollama, and
    `ModelNotPulled` where the model is missing; the hint is the command to type. On the usual machine
    without Ollama this costs one refused connection and imports no client.
    """
    host = host_of(settings)
    if not listening(host):
        raise ModelUnavailable(
            f"Ollama 没有在 {parse(host).url} 运行 (no Ollama there)",
            f"要用模型：ollama serve，再 ollama pull {name}。不想再看到这行：ASSISTANT_MODEL=notes",
        )
    from assistant.llm.ollama_models import PROBE, installed, version

    # Something that accepts and then says nothing must cost seconds, not the patience of a first word.
    said = version(host, timeout=PROBE)
    have = [model.name for model in installed(host, timeout=PROBE)]
    if tagged(name) not in have:
        others = f"，或改用已有的：--model ollama:{have[0]}" if have else ""
        raise ModelNotPulled(f"Ollama 里没有模型 {name} (not pulled)", f"ollama pull {name}{others}")
    from assistant.llm.ollama_chat import OllamaModel, Options
    from assistant.llm.ollama_versions import COUNTS_CACHED, too_old_for
    from assistant.llm.queueing import OneAtATime, queue_of

    options = Options(
        num_ctx=settings.num_ctx,
        # Half a window is for the prompt, whatever was asked for.
        num_predict=min(settings.num_predict, settings.num_ctx // 2),
        think=settings.think,
        temperature=settings.temperature,
        first_chunk_timeout=settings.timeout,
        idle_timeout=settings.idle_timeout,
        counts_whole_prompt=not too_old_for(said, COUNTS_CACHED),
    )
    model = OllamaModel(name, host=host, options=options)
    lock = settings.home / "generating.lock"
    return OneAtATime(model, queue_of(model.url), lock=lock, patience=settings.timeout)


def host_of(settings: Settings) -> str:
    """Return where Ollama is to be looked for: the setting, else Ollama's own variable; "" is its default."""
    return settings.ollama_host or os.environ.get("OLLAMA_HOST", "")
