"""The description of REST as one HTML page. Its style and its script are files beside it, as the CSP wants it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
#: Schemas refer to one another, and some to themselves.
_DEEPEST = 6


def page(description: Mapping[str, Any]) -> str:
    """Return the page for an OpenAPI `description`."""
    title = escape(description["info"]["title"])
    groups: dict[str, list[str]] = {}
    for path, method, operation in _operations(description):
        tag = next(iter(operation.get("tags", ())), "service")
        groups.setdefault(tag, []).append(_operation(path, method, operation, description))
    index = " · ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in groups)
    sections = "".join(
        f'<section id="{escape(tag)}"><h2>{escape(tag)}</h2>{"".join(items)}</section>'
        for tag, items in groups.items()
    )
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="stylesheet" href="/docs/page.css">'
        '<script src="/docs/page.js" defer></script></head>'
        f'<body><header><h1>{title}</h1><p>{index} · <a href="/openapi.json">openapi.json</a></p></header>'
        f"<main>{sections}</main></body></html>"
    )


def _operations(description: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in description["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def _operation(path: str, method: str, operation: Mapping[str, Any], description: Mapping[str, Any]) -> str:
    """Return one operation: what it is for, and a form that sends it."""
    said = operation.get("description") or operation.get("summary", "")
    head, _, rest = said.partition("\n")
    fields = "".join(_field(parameter) for parameter in operation.get("parameters", ()))
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    body = ""
    if content is not None:
        shown = json.dumps(example(content.get("schema", {}), description), ensure_ascii=False, indent=1)
        rows = min(shown.count("\n") + 1, 12)
        body = f'<label>body<textarea name="body" rows="{rows}">{escape(shown)}</textarea></label>'
    return (
        f'<details><summary><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code> '
        f"{escape(head)}</summary><p>{escape(rest.strip())}</p>"
        f'<form data-method="{method.upper()}" data-path="{escape(path)}">{fields}{body}'
        "<button>Send</button><pre></pre></form></details>"
    )


def _field(parameter: Mapping[str, Any]) -> str:
    name, place = escape(parameter["name"]), escape(parameter["in"])
    default = parameter.get("schema", {}).get("default")
    value = "" if default is None else escape(str(default))
    return (
        f'<label>{name} <small>{place}</small><input name="{name}" data-in="{place}" value="{value}"></label>'
    )


def example(schema: Mapping[str, Any], description: Mapping[str, Any], depth: int = 0) -> Any:
    """Return a value that fits `schema`, its own example where it has one."""
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("examples"):
        return schema["examples"][0]
    for name in ("example", "default", "const"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if any(choice.get("type") == "null" for choice in choices or ()):
        return None
    if choices:
        return example(choices[0], description, depth + 1)
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        if depth > _DEEPEST:
            return {}
        properties = schema.get("properties", {})
        return {name: example(one, description, depth + 1) for name, one in properties.items()}
    if kind == "array":
        return []
    return {"string": "", "integer": schema.get("minimum", 0), "number": 0.0, "boolean": False}.get(str(kind))
