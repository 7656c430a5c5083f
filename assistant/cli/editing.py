"""A text in the user's editor, and back."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from corpus.errors import StudyError


def edited(text: str, name: str) -> str:
    """Return `text` as it was saved in $VISUAL or $EDITOR, vi where neither is set. `name` ends the file's name.

    Raises `StudyError` where the editor cannot be started or says that it failed, so that nothing is taken over.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    hint = "Set EDITOR to your editor, such as EDITOR=nano or EDITOR='code --wait'."
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_text(text, "utf-8")
        try:
            done = subprocess.run([*shlex.split(command), str(file)], check=False)
        except (OSError, ValueError) as error:
            raise StudyError(f"the editor {command!r} cannot be started ({error})", hint) from error
        if done.returncode:
            raise StudyError(
                f"the editor {command!r} ended with code {done.returncode}; nothing was changed", hint
            )
        try:
            return file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"what the editor saved cannot be read ({error})", hint) from error
