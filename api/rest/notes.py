"""The notes: what is studied, notes that are uploaded and deleted, faults in them, and what they lack.

Paths in replies are absolute, as everywhere: a citation is to be opened. Whoever may read the notes may know them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.access.bodies import MAX_UPLOAD
from api.access.caller import Caller, Learner, Reader, Writer
from api.access.uploads import safe_name
from api.errors import BadRequest
from api.note_files import NoteFiles
from api.rest._shapes import Deleted, Finding, Gap, Origin, Uploaded, gives
from api.service import Service
from assistant.note_places import files_below, place, problems_below
from corpus.check import findings

_NAME = Field(min_length=1, max_length=200, examples=["pooling.md"])


class NoteSent(BaseModel):
    """A note as text."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str = _NAME
    text: str = Field(max_length=MAX_UPLOAD, examples=["# 池化\n\n最大池化取窗口里的最大值。\n"])


class ToCheck(BaseModel):
    """A text to look for faults in; without one, all notes are looked through."""

    model_config = ConfigDict(extra="forbid", strict=True)
    text: str | None = Field(None, max_length=200_000, examples=["# 池化\n\n最大池化去窗口里的最大值。。\n"])
    name: str = Field(
        "note.md", min_length=1, max_length=200, description="Its suffix says how the text is read."
    )


_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": NoteSent.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["notes"])
    assistant, files = service.assistant, NoteFiles(service.assistant)

    @routes.get("/notes", name="list", **gives(list[Origin]))
    async def listed(caller: Reader) -> list[dict[str, Any]]:
        """List the files and folders that are studied, with their notes and what could not be read."""

        def told() -> list[dict[str, Any]]:
            update = assistant.indexing.update()
            return [
                place(update, root, origin)
                | {"notes": [_file(file, files) for file in files_below(update, root)]}
                for root, origin in assistant.origins().items()
            ]

        return await service.run(told)

    @routes.post(
        "/notes", name="upload", openapi_extra=_UPLOAD, max_body_size=MAX_UPLOAD, **gives(Uploaded, 201)
    )
    async def uploaded(
        request: Request,
        caller: Writer,
        replace: Annotated[bool, Query(description="Replace the note of that name.")] = False,
    ) -> dict[str, Any]:
        """Take in a note, as the file of a form or as JSON. It is studied when the reply comes."""
        given, data = await _sent(request)
        name = safe_name(given)

        def put() -> dict[str, Any]:
            path, replaced = files.put(name, data, replace=replace)
            update = assistant.update()
            return {
                "name": name,
                "path": str(path),
                "replaced": replaced,
                "topics": [topic.to_dict() for topic in assistant.topics() if topic.path == path],
                "findings": _told(files.check(path), caller),
                "problems": [
                    {"path": at, "message": problem}
                    for at, (problem, _) in problems_below(update, [str(path)]).items()
                ],
            }

        return await service.run(put)

    @routes.delete("/notes/{name}", name="delete", **gives(Deleted))
    async def deleted(
        name: Annotated[str, Path(min_length=1, max_length=200)], caller: Writer
    ) -> dict[str, Any]:
        """Study a note no longer that was uploaded. Its file moves to the trash in the home folder."""
        checked = safe_name(name)

        def drop() -> dict[str, Any]:
            moved = files.delete(checked)
            assistant.update()
            return {"name": checked, "moved_to": str(moved)}

        return await service.run(drop)

    @routes.post("/notes/check", name="check", **gives(list[Finding]))
    async def checked(what: ToCheck, caller: Reader) -> list[dict[str, Any]]:
        """Find faults in a text, or in all notes: each with the place, and how to mend it."""
        if what.text is None:
            return _told(await service.run(files.check_all), caller)
        name, text = safe_name(what.name), what.text
        found = await service.run(lambda: files.check_text(name, text))
        return [told | {"path": name} for told in _told(found, caller)]

    @routes.get("/gaps", **gives(list[Gap]))
    async def gaps(caller: Learner) -> list[dict[str, Any]]:
        """List what you asked and the notes did not cover, the most asked first."""
        found = await service.run(lambda: service.store.gaps.most_asked(caller.learner))
        return [
            {
                "question": gap.question,
                "count": gap.count,
                "last_asked": gap.last_asked.isoformat(),
                "nearest": list(gap.nearest_topics),
            }
            for gap in found
        ]

    return routes


async def _sent(request: Request) -> tuple[str, bytes]:
    """Return the name and the bytes of the note in the body. Raises what becomes a 4XX."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise BadRequest("the form has no file named `file`", "curl -F file=@pooling.md …")
            return file.filename, await file.read()
    if kind != "application/json":
        raise HTTPException(415)
    try:
        note = NoteSent.model_validate_json(await request.body())
    except ValidationError as error:
        reasons = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in reasons]) from None
    return note.name, note.text.encode()


def _file(file: Any, files: NoteFiles) -> dict[str, Any]:
    name = files.name_of(file.path)
    kind = file.path.rpartition(".")[2].lower()
    told = {"path": file.path, "kind": kind, "topics": file.topics, "passages": file.passages}
    return told | ({"name": name} if name else {})


def _told(found: Iterable[findings.Finding], caller: Caller) -> list[dict[str, Any]]:
    """Return findings as JSON. Whether a linked file exists is told at this machine only: links may lead anywhere."""
    return [one.to_dict() for one in found if one.rule != "dead_link" or not caller.key_id]
