"""What each version of Ollama can be relied on for. Facts about the server only; nothing is asked of a model.

From the tags of ollama/ollama that first hold each change: `format` is obeyed together with `think: false` since
0.21.1 (commit 5d1021603; issues 14645, 14850 and 15260 show it ignored before); since 0.32.15 a call that cannot
be parsed in the middle of thinking no longer hangs the stream (e0c95a5ff).
"""

from __future__ import annotations

from assistant.llm.base import ModelError

OBEYS_SCHEMAS = (0, 21, 1)
#: Since then `prompt_eval_count` holds the cached tokens of a prompt too (35fa277fa).
COUNTS_CACHED = (0, 30, 1)
RECOMMENDED = (0, 32, 15)

#: The one command that brings Ollama up to date where its installer is used.
UPDATE = "curl -fsSL https://ollama.com/install.sh | sh"


def written(version: tuple[int, ...]) -> str:
    """Return the version as people write it; a development build has no numbers."""
    return ".".join(map(str, version)) or "development build"


def too_old_for(version: tuple[int, ...], needed: tuple[int, ...]) -> bool:
    """Say whether `version` is before `needed`; a development build, (), is taken to be new."""
    return bool(version) and version < needed


def schema_advice(host: str) -> str:
    """Return what to do where a server ignores JSON schemas; "" where it is new enough or does not tell."""
    from assistant.llm.ollama_models import version

    try:
        found = version(host)
    except ModelError:
        return ""
    if not too_old_for(found, OBEYS_SCHEMAS):
        return ""
    return f"Ollama {written(found)} ignores JSON schemas; {written(OBEYS_SCHEMAS)} obeys them: {UPDATE}"
