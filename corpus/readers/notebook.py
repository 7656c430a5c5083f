"""Jupyter notebooks: Markdown cells as they are and code cells as code, each at its number in the notebook.

Outputs are left out: they are made again by running the notebook, and pictures are no text. Cells are counted
from 1, whatever their kind and whether they were run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpus.decoding import decode
from corpus.errors import NoteError
from corpus.readers._extracted import Extracted, fence
from corpus.types import Location, LocationKind, Note

SUFFIXES = (".ipynb",)


def read(path: Path, data: bytes) -> Note:
    """Return the note in `data`. Raises `NoteError` for bytes that are no notebook."""
    decoded = decode(path, data)
    try:
        notebook = json.loads(decoded.text)
        language = notebook.get("metadata", {}).get("language_info", {}).get("name", "python")
        # Notebooks written before 2015 (format 3) keep their cells in worksheets.
        cells = notebook.get("cells") or [
            c for sheet in notebook.get("worksheets", ()) for c in sheet["cells"]
        ]
        extracted = Extracted(path)
        for number, cell in enumerate(cells, start=1):
            place = Location(LocationKind.CELL, number, number)
            extracted.verbatim(_block(cell, str(language)), place)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        message = f"{str(path)!r} is not a Jupyter notebook: {error}"
        raise NoteError(path, message, "Open it in Jupyter and save it again.") from None
    return extracted.note(warning=decoded.warning)


def _block(cell: dict[str, Any], language: str) -> str:
    """Return a cell as Markdown; the source is a text or a list of lines that keep their ends."""
    source = cell.get("source", cell.get("input", ""))
    text = (source if isinstance(source, str) else "".join(source)).replace("\r\n", "\n").replace("\r", "\n")
    match cell["cell_type"]:
        case "markdown":
            return text.strip("\n")
        case "heading":  # format 3
            return f"{'#' * int(cell['level'])} {text.strip()}"
        case "code":
            return fence(text, language) if text.strip() else ""
        case _:  # raw cells are meant for a converter
            return ""
