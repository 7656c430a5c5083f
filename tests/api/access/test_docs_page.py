"""The page under /docs: every operation is on it, and a browser shows it without a network and under its own policy."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from api.docs_page.page import example, page
from tests.api.access.serving import client_of


def test_every_operation_is_on_the_page_with_a_form_that_names_its_parameters(local: str) -> None:
    with client_of(local) as client:
        shown = client.get("/docs").text
        paths = client.get("/openapi.json").json()["paths"]
    forms = set(re.findall(r'<form data-method="(\w+)" data-path="([^"]+)"', shown))
    assert forms == {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert not re.search(r'(src|href)="(https?:)?//', shown)
    assert "<script>" not in shown
    assert " style=" not in shown


def test_what_a_description_says_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    operation = {
        "tags": [evil],
        "description": evil,
        "parameters": [{"name": '"' + evil, "in": "query", "schema": {"default": evil}}],
        "requestBody": {
            "content": {"application/json": {"schema": {"type": "string", "example": "</textarea>"}}}
        },
    }
    shown = page({"info": {"title": evil}, "paths": {"/" + evil: {"post": operation}}})
    assert "<img" not in shown
    assert shown.count("</textarea>") == 1


def test_an_example_fits_its_schema() -> None:
    schemas = {
        "Point": {
            "type": "object",
            "properties": {
                "x": {"type": "integer", "minimum": 2},
                "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "next": {"$ref": "#/components/schemas/Point"},
                "kind": {"enum": ["a", "b"]},
                "all": {"type": "array", "items": {}},
                "said": {"type": "string", "examples": ["你好"]},
            },
        }
    }
    value = example({"$ref": "#/components/schemas/Point"}, {"components": {"schemas": schemas}})
    assert {key: value[key] for key in value if key != "next"} == {
        "x": 2, "name": None, "kind": "a", "all": [], "said": "你好",
    }  # fmt: skip


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_the_page_and_its_script_runs(local: str, tmp_path: Path) -> None:
    def dumped(path: str) -> subprocess.CompletedProcess[str]:
        command = [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--v=0",
        ]
        command += [f"--user-data-dir={tmp_path}", "--virtual-time-budget=3000", "--dump-dom", local + path]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    done = dumped("/docs")
    assert 'data-ready="yes"' in done.stdout
    assert "/api/v1/ask" in unescape(done.stdout)
    assert "Content Security Policy" not in done.stderr
    assert "Refused to" not in done.stderr
