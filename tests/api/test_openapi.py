"""The description of REST is the file in the repository, and says what a client must know."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from api.app import create_app
from assistant.study import open_assistant

ROOT = Path(__file__).resolve().parents[2]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return create_app(open_assistant(model="notes")).openapi()


@pytest.mark.parametrize("page", ["../api/openapi.json", "../llms.txt"])
def test_the_file_in_the_repository_is_what_the_generator_writes(page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8") == generator().PAGES[page](), (
        "run: python docs/generate.py"
    )


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for methods in described["paths"].values()
        for operation in methods.values()
    }


def test_every_operation_has_a_short_name_of_its_own(described: dict[str, Any]) -> None:
    count = sum(len(methods) for methods in described["paths"].values())
    names = operations(described)
    assert len(names) == count
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z_]{2,30}", name)] == []


def test_every_resource_tells_its_refusals_as_problems(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            if path.startswith("/api/"):
                assert {"4XX", "5XX"} <= operation["responses"].keys(), path
    for refusal in described["components"]["responses"].values():
        assert list(refusal["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in json.dumps(described)


def test_every_reply_of_a_resource_has_a_shape(described: dict[str, Any]) -> None:
    shapeless = [
        name
        for name, operation in operations(described).items()
        for status, response in operation["responses"].items()
        if status.startswith("2") and status != "204"
        for content in response["content"].values()
        if not content.get("schema")
    ]
    assert shapeless == []


def test_every_operation_says_what_it_does(described: dict[str, Any]) -> None:
    assert [
        name for name, operation in operations(described).items() if not operation.get("description")
    ] == []
