"""The models a fake server has, and what it tells about them: /api/tags, /api/show, /api/ps, /api/pull."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.llm.fake_ollama.wire import CREATED_AT, digest, expiry, tagged


@dataclass(frozen=True, slots=True)
class FakeModel:
    """A model by name, with its trained `context_length`. `capabilities` None: the server reports none.

    `embedding_length` is that of the vectors of an embedding model. A text that holds `broken_by` comes out as NaN,
    as some do with bge-m3 (ollama/ollama issues 14657 and 15582). `pulled` counts up where the same name has got
    other files since.
    """

    name: str
    capabilities: tuple[str, ...] | None = ("completion", "tools", "thinking")
    context_length: int = 262_144
    size: int = 3_400_000_000
    embedding_length: int = 1024
    broken_by: str = ""
    pulled: int = 0

    def can(self, capability: str) -> bool:
        """Whether the model has the capability; unreported ones are taken to be there."""
        return self.capabilities is None or capability in self.capabilities


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: what makes it reload when it changes, and how long it stays."""

    num_ctx: int
    num_gpu: int
    shift: bool
    keep_alive: str | int | None

    def reloads(self, other: Loaded | None) -> bool:
        """Whether a request for this state, after `other`, has to load the model again."""
        return other is None or (self.num_ctx, self.num_gpu, self.shift) != (
            other.num_ctx,
            other.num_gpu,
            other.shift,
        )


_DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "qwen35",
    "families": ["qwen35"],
    "parameter_size": "4.0B",
    "quantization_level": "Q4_K_M",
}


def tags(models: Iterable[FakeModel]) -> dict[str, Any]:
    """Return the body of /api/tags."""
    return {
        "models": [
            {
                **_named(model),
                "modified_at": CREATED_AT,
                "size": model.size,
                "digest": digest(model.name + "+" * model.pulled).removeprefix("sha256:"),
                "details": _DETAILS,
                **({} if model.capabilities is None else {"capabilities": model.capabilities}),
            }
            for model in models
        ]
    }


def show(model: FakeModel) -> dict[str, Any]:
    """Return the body of /api/show. Its context length is the trained one, not the running window."""
    return {
        "license": "Apache-2.0",
        "modelfile": f"FROM {tagged(model.name)}\nRENDERER qwen3.5\nPARSER qwen3.5\n",
        "parameters": f"{'temperature':<30} 1\n{'top_k':<30} 20",
        "template": "{{ .Prompt }}",
        "details": _DETAILS,
        "model_info": {
            "general.architecture": "qwen35",
            "qwen35.context_length": model.context_length,
            "qwen35.embedding_length": model.embedding_length,
        },
        **({} if model.capabilities is None else {"capabilities": model.capabilities}),
        "modified_at": CREATED_AT,
    }


def ps(models: Mapping[str, FakeModel], loaded: Mapping[str, Loaded]) -> dict[str, Any]:
    """Return the body of /api/ps: what is in memory, with the window it was given."""
    return {
        "models": [
            {
                **_named(models[name]),
                "size": models[name].size,
                "digest": digest(name).removeprefix("sha256:"),
                "details": _DETAILS,
                "expires_at": expiry(state.keep_alive),
                "size_vram": 0,
                "context_length": state.num_ctx,
            }
            for name, state in loaded.items()
        ]
    }


def pull_lines(model: FakeModel | None, *, offline: bool) -> Iterator[dict[str, Any]]:
    """Yield the lines of /api/pull; failure is a line after a good start, never a status."""
    yield {"status": "pulling manifest"}
    if offline:
        lookup = "dial tcp: lookup registry.ollama.ai: no such host"
        yield {"error": f'pull model manifest: Get "https://registry.ollama.ai/v2/": {lookup}'}
    elif model is None:
        yield {"error": "pull model manifest: file does not exist"}
    else:
        layer = {"digest": digest(model.name), "total": model.size}
        status = f"pulling {digest(model.name).removeprefix('sha256:')[:12]}"
        yield {"status": status, **layer}
        for part in (1, 2, 3, 4):
            yield {"status": status, **layer, "completed": model.size * part // 4}
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            yield {"status": status}


def _named(model: FakeModel) -> dict[str, str]:
    return {"name": tagged(model.name), "model": tagged(model.name)}
