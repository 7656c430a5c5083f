"""Every error of the rooms below has a status that somebody chose."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.errors import STATUS, problem
from api.problems import ProblemResponse
from corpus.errors import StudyError

ROOT = Path(__file__).resolve().parents[2]

#: What no door can cause, or what is a fault of this machine: 500.
OURS = frozenset(
    {
        "ServerFault", "SettingError", "IndexDamaged", "RerankerFailed",
        # on the command line only
        "CodeFileError", "TeacherMissing", "TrainingDataMissing", "TrainingExtraMissing", "BadName",
    }
)  # fmt: skip

#: Doors that tell their own errors in a shape of their own, and commands.
OTHERS = frozenset({"commands", "mcp_tools", "openai_chat", "slack"})


def errors() -> Iterator[type[StudyError]]:
    """Yield every subclass of `StudyError` that the project defines."""
    known = {"StudyError"}
    classes: list[tuple[str, ast.ClassDef]] = []
    for room in ("corpus", "index", "assistant", "api"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.parent.parent.name == "api" and path.parent.name in OTHERS:
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            tree = ast.parse(path.read_text("utf-8"))
            classes += [(module, node) for node in tree.body if isinstance(node, ast.ClassDef)]
    while found := [
        (module, node)
        for module, node in classes
        if node.name not in known and {base.id for base in node.bases if isinstance(base, ast.Name)} & known
    ]:
        for module, node in found:
            known.add(node.name)
            yield getattr(importlib.import_module(module), node.name)


@pytest.mark.parametrize("error", list(errors()), ids=lambda error: error.__name__)
def test_an_error_has_a_status_of_its_own_or_is_known_to_be_our_fault(error: type[StudyError]) -> None:
    status = next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)
    assert (status == 500) is (error.__name__ in OURS)


def test_a_problem_says_message_and_hint() -> None:
    status, body = problem(StudyError("it broke", "mend it"))
    assert (status, body["detail"], body["hint"]) == (500, "it broke", "mend it")
    assert (body["type"], body["title"], body["status"]) == ("about:blank", "Internal Server Error", 500)


def test_a_lone_surrogate_in_what_is_refused_is_an_escape_and_no_fault() -> None:
    body = bytes(ProblemResponse({"detail": "there is no 中 \ud800"}).body)
    assert body == b'{"detail":"there is no \xe4\xb8\xad \\ud800"}'
    assert json.loads(body)["detail"] == "there is no 中 \ud800"
