"""Bytes as they arrive -> JSON objects, one per line. Knows nothing of HTTP or of any server.

Lines end with `\\n` and with nothing else: U+0085 and U+2028 are line ends to `str.splitlines` (and so to
httpx), but inside a JSON string they are content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

#: Longest line accepted, in bytes. A line is one token or one set of tool calls, so a megabyte is a fault.
MAX_LINE = 1 << 20


class NotNdjson(ValueError):
    """A line that is no JSON object, or is longer than the limit. The message quotes how it begins."""


def objects(chunks: Iterable[bytes], *, max_line: int = MAX_LINE) -> Iterator[dict[str, Any]]:
    """Yield the objects of a stream in order, each as soon as its line is complete; blank lines are skipped.

    How the bytes are cut into chunks makes no difference. A last line without `\\n` counts as a line: when
    it was cut off it does not parse. Raises `NotNdjson` after the objects before it were yielded.
    """
    for line in _lines(chunks, max_line):
        if not line.strip():
            continue
        try:
            # Decoded by hand: json.loads would guess UTF-16 from bytes that hold zeros.
            value = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise NotNdjson(f"not a JSON object: {_beginning(line)!r}")
        yield value


def _lines(chunks: Iterable[bytes], max_line: int) -> Iterator[bytes]:
    """Yield lines without their `\\n`. Pieces are joined once per line, so long lines stay linear."""
    pending: list[bytes] = []
    size = 0
    for chunk in chunks:
        for number, piece in enumerate(chunk.split(b"\n")):
            if number:  # each piece but the first comes after a line end
                yield b"".join(pending)
                pending, size = [], 0
            pending.append(piece)
            size += len(piece)
            if size > max_line:
                raise NotNdjson(f"a line over {max_line} bytes: {_beginning(b''.join(pending))!r}")
    yield b"".join(pending)


def _beginning(line: bytes) -> str:
    return line[:80].decode("utf-8", "replace").strip()
