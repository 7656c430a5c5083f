"""Draw `docs/terminal.png`: real runs in a pseudo-terminal, colours and all: `python docs/picture.py`.

Needs Chromium and a monospace CJK font (Debian: chromium, fonts-noto-cjk). A page and not rich's SVG, which
squeezes Chinese characters into one cell each.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 92
COMMANDS = (
    ["ask", "L1 正则化为什么稀疏?"],
    ["ask", "三层 3x3 卷积, stride 2, 感受野多大?"],
)
TARGET = Path(__file__).resolve().parent / "terminal.png"

_PAGE = """<meta charset="utf-8"><style>
html {{ overflow: hidden; }} body {{ margin: 0; background: #1e1f22; padding: 16px 20px; }}
pre {{ color: #d7d7d7; margin: 0; font: 15px/21px "Noto Sans Mono CJK SC", monospace; }}
</style><pre>{code}</pre>"""


def run(words: list[str], home: str) -> str:
    """Return what the command prints to a terminal."""
    pieces: list[bytes] = []

    def read(descriptor: int) -> bytes:
        pieces.append(os.read(descriptor, 1 << 16))
        return pieces[-1]

    os.environ |= {
        "COLUMNS": str(WIDTH), "TERM": "xterm-256color", "ASSISTANT_HOME": home, "ASSISTANT_MODEL": "notes",
    }  # fmt: skip
    pty.spawn([sys.executable, "-m", "assistant", *words], read)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def main() -> None:
    """Run the commands and write the picture."""
    with tempfile.TemporaryDirectory() as home, Path(os.devnull).open("w") as nowhere:
        run(["search", "warm up"], home)  # builds the index, so that no progress bar is in the picture
        console = Console(
            record=True, width=WIDTH, file=nowhere, force_terminal=True, color_system="truecolor"
        )
        for words in COMMANDS:
            shown = " ".join(f'"{word}"' if " " in word else word for word in words)
            console.print(Text.assemble(("$ ", "bold green"), (f"assistant {shown}", "bold")))
            console.print(Text.from_ansi(run(words, home)))
    page = console.export_html(code_format=_PAGE, inline_styles=True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.html").write_text(page, encoding="utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        size = ["--force-device-scale-factor=1.5", f"--window-size=900,{21 * page.count(chr(10))}"]
        where = [f"--user-data-dir={folder}/profile", f"--screenshot={TARGET}", f"file://{folder}/page.html"]
        subprocess.run(["chromium", *flags, *size, *where], check=True, capture_output=True)


if __name__ == "__main__":
    main()
