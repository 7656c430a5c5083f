"""llama.cpp's own server in this process, with a model of random weights made for the occasion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.assistant.llm.engine import tiny_gguf

#: Tokens of the window: long enough that an answer can be cancelled in the middle.
NUM_CTX = 16_384


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the engine: `http://127.0.0.1:PORT`."""
    llama = pytest.importorskip(
        "xllamacpp", reason="no wheel of xllamacpp for this machine: pip install xllamacpp"
    )
    pytest.importorskip("gguf", reason="gguf is not installed: pip install gguf")
    params = llama.CommonParams()
    params.model.path = str(tiny_gguf.write(tmp_path_factory.mktemp("engine") / "tiny.gguf"))
    params.n_ctx, params.n_parallel, params.port = NUM_CTX, 1, 0
    params.n_gpu_layers = 0
    params.warmup = params.fit_params = False
    params.verbosity = -1  # the engine writes to stderr past pytest
    params.endpoint_slots = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = llama.Server(params)
    yield server.listening_address
    del server
