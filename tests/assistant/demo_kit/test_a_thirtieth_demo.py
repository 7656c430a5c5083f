"""The demo printed in CONTRIBUTING.md, installed as somebody else's package: one file, and every door has it."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.assistant.demos.drill_checks import check_mistakes, check_wording
from tests.conftest import ROOT

NAME = "moving_average"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as pip leaves it: the package, with the file as printed, and its entry point."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = page.partition("## Adding a demo\n")[2].partition("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    site = tmp_path_factory.mktemp("site")
    package, metadata = site / "somebodys_demos", site / "somebodys_demos-1.0.dist-info"
    package.mkdir()
    metadata.mkdir()
    (package / "__init__.py").write_text("")
    (package / f"{NAME}.py").write_text(code, "utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: somebodys-demos\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[assistant.demos]\nsomebody = somebodys_demos\n")
    return site


def python(site: Path, *words: str, stdin: str = "") -> str:
    """Return what a Python with the package on its path writes; it must end well and say nothing on stderr."""
    environment = {**os.environ, "PYTHONPATH": str(site), "COLUMNS": "200"}
    ran = subprocess.run(
        [sys.executable, *words],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    return ran.stdout


def assistant(site: Path, *words: str, stdin: str = "") -> str:
    return python(site, "-m", "assistant", *words, stdin=stdin)


def test_it_computes_with_flags_of_its_own(installed: Path) -> None:
    result = json.loads(assistant(installed, "demo", NAME, "--values", "4,8", "--beta", "0.5", "--json"))
    # v = 0.5·(0.5·4) + 0.5·8 = 5; 5 / (1 − 0.25)
    assert result["numbers"] == {"average": 5, "corrected": pytest.approx(20 / 3)}
    assert result["args_used"] == {"values": [4, 8], "beta": 0.5}


def test_it_is_listed_and_has_help(installed: Path) -> None:
    listed: list[dict[str, Any]] = json.loads(assistant(installed, "demo", "--json"))
    assert [entry["summary"] for entry in listed if entry["name"] == NAME] == [
        "Exponential moving average of a list, with and without bias correction"
    ]
    assert NAME in assistant(installed, "demo")
    shown = assistant(installed, "demo", NAME, "--help")
    assert re.search(r"--values .*oldest first", shown)
    assert "[0, 1)" in shown


def test_it_is_drilled(installed: Path) -> None:
    answer = (
        "import numpy as np; from assistant.demo_kit import registry; from assistant.drills.drawing import Plan, draw;"
        f"print(draw(Plan(({NAME!r},), 3, 1), 0).answer)"
    )
    right = python(installed, "-c", answer)
    events = assistant(
        installed,
        "drill",
        NAME,
        "--seed",
        "3",
        "-n",
        "1",
        "--json",
        stdin=json.dumps({"text": right.strip()}) + "\n",
    )
    assert '"correct"' in events


@pytest.mark.parametrize("level", [1, 2, 3])
def test_its_exercises_are_as_good_as_ours(
    installed: Path, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(installed)
    draw = importlib.import_module(f"somebodys_demos.{NAME}").exercise
    for seed in range(30):
        exercise = draw(np.random.default_rng(seed), level)
        check_mistakes(exercise)
        check_wording(exercise, ())


def test_python_and_a_question_reach_it(installed: Path) -> None:
    code = f"""
import json
from assistant import open_assistant
assistant = open_assistant()
computed = assistant.demo({NAME!r}, values=[1.0], beta=0.9).to_dict()["numbers"]
answer = assistant.ask("指数移动平均，beta=0.8，序列[1,2,3]，偏差修正后是多少？")
print(json.dumps([computed, [[run.name, run.arguments, run.result["numbers"]] for run in answer.tools]]))
"""
    computed, ((name, arguments, numbers),) = json.loads(python(installed, "-c", code))
    assert computed == {"average": pytest.approx(0.1), "corrected": pytest.approx(1)}
    assert (name, arguments) == (NAME, {"values": [1, 2, 3], "beta": 0.8})
    # (0.2·0.64·1 + 0.2·0.8·2 + 0.2·3) / (1 − 0.8³)
    assert numbers["corrected"] == pytest.approx(1.048 / 0.488)


def test_a_refusal_is_the_kits(installed: Path) -> None:
    code = f"""
from assistant.demo_kit import registry
from assistant.demo_kit.types import DemoError
try:
    registry.run({NAME!r}, {{"beta": 1}})
except DemoError as error:
    print(error.hint_en)
"""
    assert python(installed, "-c", code) == "beta must be a number in [0, 1).\n"
