"""A language model of 460 KB with random weights: it knows nothing, but the engine runs it like any other.

Bytes are its tokens: the vocabulary has GPT-2's 256 byte symbols, one merged pair (a tokenizer without merges is
refused) and ChatML's marks. With a SentencePiece vocabulary of this size llama.cpp loads the model but cannot
sample by a grammar.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LAYERS, WIDTH, HEADS, INNER, CONTEXT = 2, 64, 4, 128, 16_384

MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write(path: Path, *, seed: int = 0) -> Path:
    """Write the model to `path` and return it. The same seed gives the same weights."""
    import gguf

    random = np.random.default_rng(seed)
    tokens = [*byte_symbols(), "Ġt", *MARKS]
    kinds = [gguf.TokenType.NORMAL] * (len(tokens) - len(MARKS)) + [gguf.TokenType.CONTROL] * len(MARKS)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["Ġ t"])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)

    def drawn(*shape: int) -> NDArray[np.float32]:
        return random.normal(0.0, 0.4, shape).astype(np.float32)

    writer.add_tensor("token_embd.weight", drawn(len(tokens), WIDTH))
    for layer in range(LAYERS):
        for name, shape in {
            "attn_q": (WIDTH, WIDTH),
            "attn_k": (WIDTH, WIDTH),
            "attn_v": (WIDTH, WIDTH),
            "attn_output": (WIDTH, WIDTH),
            "ffn_gate": (INNER, WIDTH),
            "ffn_up": (INNER, WIDTH),
            "ffn_down": (WIDTH, INNER),
        }.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", drawn(*shape))
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", drawn(len(tokens), WIDTH))

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def byte_symbols() -> list[str]:
    """Return the character that stands for each byte: itself where printable, else one from U+0100 on.

    The mapping is GPT-2's (Radford et al. 2019, section 2.2), which byte-level tokenizers have kept.
    """
    printable = {
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    }
    spare = iter(range(256, 512))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]
