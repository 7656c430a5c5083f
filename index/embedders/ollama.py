"""An embedding model of an Ollama server: `ollama:qwen3-embedding:0.6b`, `ollama:bge-m3`.

Speaks /api/embed by httpx, imported when the server is first asked. The server puts no prompt before a text, so that
is done here (`known_models.toml`); it cuts long texts silently unless told `truncate: false`, and then refuses them,
so that they are embedded in pieces. Pulling a model is the business of `assistant setup`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from corpus.glossary import Glossary
from index.embedders import _fitting
from index.embedders._known_models import Manner, manner_of
from index.errors import EmbedderMissing
from index.hosts import parse, tagged
from index.types import Vectors

#: Tokens of the window asked for. A passage has a few hundred; a larger one costs memory (0.6B: 0.1 MB a token), and
#: without a word the server would take 4,096, or on a large graphics card all that the model was trained for.
NUM_CTX = 4_096
#: The model stays in memory as long as the chat model does.
KEEP_ALIVE = "30m"
#: Seconds to connect, of silence when something is only looked up, and of silence while a batch is embedded (the model
#: may have to be loaded first).
CONNECT, LOOK, EMBED = 3.0, 5.0, 300.0

_TOO_LONG = re.compile(
    # Ollama itself, then llama-server's two ways, which Ollama since 0.30 passes on.
    r"input length exceeds|exceeds the available context size|too large to process|larger than the max context"
)


class _TooLong(EmbedderMissing):
    """A text is longer than the window."""


class _NoNumbers(EmbedderMissing):
    """A text comes out as NaN, as some do with bge-m3 at half precision."""


class OllamaEmbedder:
    """A model of an Ollama server. Implements `Embedder`, `ModelEmbedder` and `Served`."""

    at_once = 16

    def __init__(self, model: str, host: str = "") -> None:
        self.model = model
        self.name = f"ollama:{model}"
        self._address = parse(host)

    def at(self, host: str) -> OllamaEmbedder:
        """Return an embedder of the same model at another server."""
        return OllamaEmbedder(self.model, host)

    @cached_property
    def fingerprint(self) -> str:
        """The model's digest, dimension and prompts, and how long texts are cut; of a model pulled anew another."""
        parts = [
            self._digest,
            self.dimension,
            self._manner.query,
            self._manner.passage,
            NUM_CTX,
            _fitting.VERSION,
        ]
        return f"{self.name}-{hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()}"

    @cached_property
    def dimension(self) -> int:
        """Length of the model's vectors, as its file says, else that of a vector."""
        facts = self._ask("/api/show", {"model": self.model}, LOOK).get("model_info") or {}
        length = facts.get(f"{facts.get('general.architecture')}.embedding_length")
        return int(length) if isinstance(length, int) else self._answer(["?"])[0].shape[1]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension), with the model's query prompt; zero for a blank text."""
        return self._embed(texts, self._manner.query)[0]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension), with the model's passage prompt; zero for a blank text."""
        return self.embed_in_pieces(texts)[0]

    def embed_in_pieces(self, texts: Sequence[str]) -> tuple[Vectors, Sequence[int]]:
        """Return the rows of passages, and in how many pieces each was embedded."""
        return self._embed(texts, self._manner.passage)

    def _embed(self, texts: Sequence[str], prompt: str) -> tuple[Vectors, Sequence[int]]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        counts = np.ones(len(texts), np.int64)
        written = [row for row, text in enumerate(texts) if text.strip()]  # some servers refuse an empty one
        for start in range(0, len(written), self.at_once):
            batch = written[start : start + self.at_once]
            rows[batch], counts[batch] = self._batch(
                [_fitting.encodable(texts[row]) for row in batch], prompt
            )
        return rows, counts.tolist()

    def _batch(self, texts: Sequence[str], prompt: str) -> tuple[Vectors, list[int]]:
        """Return rows and numbers of pieces; where the server refuses, look for the text that is to blame."""
        try:
            return self._checked([prompt + text for text in texts])[0], [1] * len(texts)
        except (_TooLong, _NoNumbers) as error:
            if len(texts) > 1:
                middle = len(texts) // 2
                some, others = self._batch(texts[:middle], prompt), self._batch(texts[middle:], prompt)
                return np.vstack((some[0], others[0])), some[1] + others[1]
            if isinstance(error, _NoNumbers):
                raise EmbedderMissing(
                    f"{self.model!r} gives no numbers (NaN) for {texts[0][:60]!r}",
                    "Update Ollama, or choose another model: assistant setup --embedder "
                    "ollama:qwen3-embedding:0.6b",
                ) from error
        pieces = self._pieces(texts[0], prompt)
        rows = np.array([row for row, _ in pieces], np.float32)
        return _fitting.averaged(rows, [tokens for _, tokens in pieces], [len(pieces)]), [len(pieces)]

    def _pieces(self, text: str, prompt: str) -> list[tuple[Vectors, int]]:
        """Return the row of each piece of a text that is too long whole, and how many tokens it has."""
        found = []
        for half in _fitting.halves(text):
            try:
                rows, tokens = self._checked([prompt + half])
                found.append((rows[0], tokens or len(half)))
            except _TooLong:
                if len(half) < 2:
                    raise
                found += self._pieces(half, prompt)
        return found

    def _checked(self, inputs: Sequence[str]) -> tuple[Vectors, int]:
        rows, tokens = self._answer(inputs)
        if rows.shape[1] != self.dimension:
            raise EmbedderMissing(
                f"{self.model!r} gave vectors of {rows.shape[1]} numbers instead of {self.dimension}: "
                "it is not the model any more that it was",
                f"assistant setup --embedder {self.name}",
            )
        return _fitting.unit(rows), tokens

    def _answer(self, inputs: Sequence[str]) -> tuple[Vectors, int]:
        """Return the vectors of `inputs` as the server gives them, and how many tokens they have together."""
        said = self._ask(
            "/api/embed",
            {
                "model": self.model,
                "input": list(inputs),
                "truncate": False,
                "keep_alive": KEEP_ALIVE,
                "options": {"num_ctx": min(NUM_CTX, self._manner.window or NUM_CTX)},
            },
            EMBED,
        )
        try:
            rows = np.array(said["embeddings"], np.float32)
            tokens = int(said.get("prompt_eval_count") or 0)
        except (KeyError, ValueError, TypeError) as error:  # TypeError: null stands for NaN in JSON
            raise self._foreign(f"vectors that are none ({error})") from error
        if rows.ndim != 2 or len(rows) != len(inputs):
            raise self._foreign(f"{len(rows)} vectors for {len(inputs)} texts")
        if not np.isfinite(rows).all():
            raise _NoNumbers(f"{self.model!r} gives no numbers (NaN)")
        return rows, tokens

    @cached_property
    def _manner(self) -> Manner:
        return manner_of(self.model)

    @cached_property
    def _digest(self) -> str:
        """What the server calls the model's files. Raises `EmbedderMissing` where it does not have the model."""
        listed = self._ask("/api/tags", None, LOOK).get("models")
        for model in listed if isinstance(listed, list) else []:
            if model.get("name") == tagged(self.model):
                return str(model.get("digest"))
        raise self._not_pulled()

    def _ask(self, path: str, body: Mapping[str, Any] | None, patience: float) -> dict[str, Any]:
        """Return the JSON object that the server answers. Raises `EmbedderMissing` for everything else."""
        import httpx

        url = self._address.url
        try:
            with httpx.Client(
                timeout=httpx.Timeout(patience, connect=CONNECT),
                trust_env=not self._address.loopback,
                verify=self._address.scheme
                == "https",  # reading certificates takes longer than a local answer
            ) as client:
                answer = client.request("GET" if body is None else "POST", url + path, json=body)
        except httpx.ConnectError as error:
            raise EmbedderMissing(f"no Ollama at {url}: {error}", "ollama serve") from error
        except httpx.TimeoutException as error:
            raise EmbedderMissing(
                f"Ollama at {url} says nothing about {self.model!r} within {patience:g} s",
                "Try again, or go back to the bundled embedder: assistant setup --embedder bundled",
            ) from error
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            ImportError,
            ValueError,
        ) as error:  # ImportError: a SOCKS proxy
            raise EmbedderMissing(f"no answer of Ollama at {url}: {error}", "ollama serve") from error
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise self._foreign(f"HTTP {answer.status_code}, {answer.text[:60]!r}")
        if answer.is_success:
            return said
        raise self._refusal(str(said.get("error")))

    def _refusal(self, text: str) -> EmbedderMissing:
        if re.search(r"not found", text):
            return self._not_pulled()
        if _TOO_LONG.search(text):
            return _TooLong(
                f"{self.model!r} has no room for a single character: {text}", "Choose another model."
            )
        if re.search(r"\bNaN\b", text):
            return _NoNumbers(f"{self.model!r}: {text}")
        return EmbedderMissing(
            f"Ollama cannot embed with {self.model!r}: {text}",
            "Its log says more. To go back: assistant setup --embedder bundled",
        )

    def _not_pulled(self) -> EmbedderMissing:
        return EmbedderMissing(
            f"Ollama at {self._address.url} does not have the embedding model {self.model!r}",
            f"ollama pull {self.model}",
        )

    def _foreign(self, seen: str) -> EmbedderMissing:
        return EmbedderMissing(
            f"something other than Ollama answers at {self._address.url}: {seen}",
            "Set ASSISTANT_OLLAMA_HOST to the address of Ollama, usually 127.0.0.1:11434.",
        )


def open_embedder(argument: str, glossary: Glossary) -> OllamaEmbedder:
    """Return an embedder for the model named by `argument`; nothing is asked yet."""
    if not argument:
        raise EmbedderMissing(
            "the embedder 'ollama' needs a model",
            "For example: ASSISTANT_EMBEDDER=ollama:qwen3-embedding:0.6b",
        )
    return OllamaEmbedder(argument)
