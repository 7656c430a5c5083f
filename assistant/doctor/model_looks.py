"""What can be seen of a model before it is asked anything: its server, its version, its abilities, its window."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.doctor.finding import Finding, tried
from assistant.llm import DEFAULT_MODEL
from assistant.llm.base import ModelError, ModelNotPulled
from assistant.settings import Settings
from corpus.errors import StudyError


def model_looks(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say of the model of the settings; none of it is needed, notes mode always works."""
    if settings.model == "notes":
        yield Finding("model", True, "notes mode by setting", needed=False)
        return
    backend, _, name = (DEFAULT_MODEL if settings.model == "auto" else settings.model).partition(":")
    if backend == "ollama":
        yield from _ollama(name, settings)
    elif backend == "openai":
        yield tried("model", lambda: _openai(name, settings), needed=False)
    else:
        yield tried("model", lambda: _other(settings), needed=False)


def _ollama(name: str, settings: Settings) -> Iterator[Finding]:
    from assistant.llm.backends.ollama import host_of
    from assistant.llm.ollama_models import PROBE, installed, running, show, version
    from assistant.llm.ollama_versions import OBEYS_SCHEMAS, RECOMMENDED, UPDATE, too_old_for, written
    from index.hosts import parse, tagged

    try:
        host = host_of(settings)
        found = version(host, timeout=PROBE)
    except StudyError as error:
        yield Finding("ollama", False, error.message, error.hint, needed=False)
        return
    said, old = f"{written(found)} at {parse(host).url}", too_old_for(found, OBEYS_SCHEMAS)
    if old:
        said += f", ignores JSON schemas before {written(OBEYS_SCHEMAS)}: no quiz or grading by the model"
    elif too_old_for(found, RECOMMENDED):
        said += f"; {written(RECOMMENDED)} or newer is recommended: {UPDATE}"
    yield Finding("ollama", not old, said, UPDATE, needed=False)
    try:
        have = {model.name: model.size for model in installed(host, timeout=PROBE)}
        if tagged(name) not in have:
            raise ModelNotPulled(f"Ollama does not have {name!r}", f"ollama pull {name}")
        card = show(name, host, timeout=PROBE)
        yield Finding("model", True, name, needed=False)
        able = card.capabilities or frozenset({"completion", "tools"})  # a server before 0.6.4 tells none
        yield Finding(
            "abilities",
            {"completion", "tools"} <= able,
            ", ".join(sorted(able))
            + ("" if "tools" in able else ": cannot call demos, notes mode's choice is computed"),
            "ollama pull qwen3.5:4b",
            needed=False,
        )
        loaded = next((model for model in running(host, timeout=PROBE) if model.name == tagged(name)), None)
        window = loaded.context_length if loaded else 0
        yield _window(
            name, settings.num_ctx, card.context_length, window, on_cpu=bool(loaded and not loaded.vram)
        )
    except ModelError as error:
        yield Finding("model", False, error.message, error.hint, needed=False)


def _window(name: str, asked: int, trained: int, allocated: int, *, on_cpu: bool) -> Finding:
    """Judge the context window: `allocated` is that of the model in memory, 0 where it is not loaded."""
    said = f"{asked} tokens asked for, trained for {trained or 'an unknown number'}"
    said += (
        f", running with {allocated}{' on the processor' if on_cpu else ''}" if allocated else ", not loaded"
    )
    if trained and asked > trained:
        return Finding("window", False, said, f"export ASSISTANT_NUM_CTX={trained}", needed=False)
    # Somebody else loaded the model with a smaller window; our next request would load it again.
    return Finding("window", not 0 < allocated < asked, said, f"ollama stop {name}", needed=False)


def _openai(name: str, settings: Settings) -> str:
    from assistant.llm.backends.openai import base_url_of, open_model
    from assistant.llm.openai_chat import OpenAIModel

    model = open_model(name, settings)
    assert isinstance(model, OpenAIModel)
    listed = model.listed()
    known = "" if name in listed or not listed else f"; not listed, the server has: {', '.join(listed[:5])}"
    return f"{name} at {base_url_of(settings)}, {settings.num_ctx} tokens of context{known}"


def _other(settings: Settings) -> str:
    from assistant.llm import open_model

    warnings: list[str] = []
    if open_model(settings, warnings.append) is None:
        raise StudyError(
            " ".join(warnings) or f"{settings.model!r} does not open", "Set ASSISTANT_MODEL=notes."
        )
    return settings.model
