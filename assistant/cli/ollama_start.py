"""Where Ollama is, or how to start it: said by every command that cannot do without it."""

from __future__ import annotations

from assistant.settings import Settings
from corpus.errors import StudyError


def reachable(settings: Settings) -> str:
    """Return the address of the settings where something listens. Raises `StudyError` with what to start."""
    from shutil import which

    from assistant.llm.backends.ollama import host_of
    from assistant.llm.ollama_versions import UPDATE
    from index.hosts import listening, parse

    host = host_of(settings)
    if not listening(host):
        start = (
            "ollama serve" if which("ollama") else f"{UPDATE}  (or ollama.com/download), then: ollama serve"
        )
        raise StudyError(f"no Ollama at {parse(host).url}", start)
    return host
