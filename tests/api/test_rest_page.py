"""Every line of `docs/rest.md` runs against a real server and is answered."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "rest.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of `assistant serve`, run as a reader of the page would."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    home = tmp_path_factory.mktemp("page") / "home"
    server = subprocess.Popen(
        [sys.executable, "-m", "assistant", "serve", "--port", str(port)],
        env={**os.environ, "ASSISTANT_HOME": str(home), "ASSISTANT_MODEL": "notes"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(1_200):
            assert server.poll() is None, server.stderr and server.stderr.read()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz"):
                    break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.communicate(timeout=60)


@pytest.mark.parametrize("section", [name for name, text in SECTIONS.items() if "```sh" in text])
def test_the_lines_of_a_section_are_answered(section: str, port: int, tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"```sh\n(.*?)```", SECTIONS[section], re.DOTALL))
    script = script.replace("localhost:8421", f"127.0.0.1:{port}").replace("/tmp/", f"{tmp_path}/")
    wanted = "" if section == "Refusals" else "--fail-with-body "
    script = re.sub(r"\bcurl ", f"curl --noproxy '*' --show-error {wanted}", script)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2_000:]
    assert done.stdout
    assert ('"status":404' in done.stdout) is (section == "Refusals")


def test_every_resource_has_its_lines_on_the_page() -> None:
    import json

    described = json.loads((ROOT / "api" / "openapi.json").read_text("utf-8"))
    shown = re.findall(r"localhost:8421(/[^\s'\"?]*)", PAGE)
    missing = [
        path
        for path in described["paths"]
        if path.startswith("/api/")
        and not any(re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", path), one) for one in shown)
    ]
    assert missing == []
