"""Run the demos: numbers computed from a formula with its source, and their plots."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response

from api.access.caller import Reader
from api.rest._shapes import DemoListed, DemoResult, DemoTold, gives, gives_file
from api.service import Service
from assistant.demo_kit import registry
from assistant.demo_kit.plotting import picture

_MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
#: An SVG is a document: opened by itself it may run no script, load nothing and submit nothing, whatever it holds.
_AS_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}

Name = Annotated[str, Path(max_length=100, examples=["lr_schedule"])]
Arguments = Annotated[
    dict[str, Any], Body(description="By the demo's `parameters`.", examples=[{"kernel": 3, "stride": 2}])
]


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/demos", tags=["demos"])

    @routes.get("", name="list", **gives(list[DemoListed]))
    async def demos(caller: Reader) -> list[dict[str, Any]]:
        """List the demos with the schema of their arguments."""
        return await service.run(lambda: [_listed(demo) for demo in registry.demos()])

    @routes.get("/{name}", name="describe", **gives(DemoTold))
    async def described(name: Name, caller: Reader) -> dict[str, Any]:
        """Tell a demo's arguments, its formula and where that stands."""

        def told() -> dict[str, Any]:
            demo = registry.load(name)
            usual = demo.run({})
            return _listed(demo) | {"formula": usual.formula, "source": usual.source}

        return await service.run(told)

    @routes.post("/{name}", name="run", **gives(DemoResult))
    async def demo(name: Name, arguments: Arguments, caller: Reader) -> dict[str, Any]:
        """Run a demo with the arguments in the body."""
        return await service.run(lambda: service.assistant.demo(name, **arguments).to_dict())

    for suffix, media_type in _MEDIA_TYPES.items():
        _add_plots(routes, service, suffix, media_type)
    return routes


def _add_plots(routes: APIRouter, service: Service, suffix: str, media_type: str) -> None:
    async def drawn(name: str, arguments: dict[str, Any] | None, words: list[str]) -> Response:
        def draw() -> bytes:
            from assistant.cli.commands.demo import read_flags

            given = read_flags(registry.load(name), words) if arguments is None else arguments
            return picture(service.assistant.demo(name, **given), f".{suffix}")

        return Response(await service.run(draw), media_type=media_type, headers=_AS_PICTURE)

    path, gives_plot = f"/{{name}}/plot.{suffix}", gives_file(media_type, "The plot.")

    @routes.get(path, name=f"{suffix}_by_query", **gives_plot)
    async def by_query(name: Name, request: Request, caller: Reader) -> Response:
        """Draw a demo's plot; the arguments stand in the query, each value as JSON or plain text: `?kernel=5`."""
        return await drawn(
            name, None, [f"--{key}={value}" for key, value in request.query_params.multi_items()]
        )

    @routes.post(path, name=f"{suffix}_by_body", **gives_plot)
    async def by_body(name: Name, arguments: Arguments, caller: Reader) -> Response:
        """Draw a demo's plot for the arguments in the body."""
        return await drawn(name, arguments, [])


def _listed(demo: registry.Demo) -> dict[str, Any]:
    return {
        "name": demo.name,
        "summary": demo.summary,
        "topics": list(demo.topics),
        "parameters": demo.schema,
    }
