"""What clients ask for beside the conversation: a title, tags, follow-ups. It is no question, and is answered as none.

Open WebUI and LibreChat send such jobs to the model of the conversation. They reach no note, no history and no list of
gaps: the bare model does them, where there is none a title is made of the first line and the rest stays empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from enum import StrEnum

from api.openai_chat.parts import Replying, Said
from api.openai_chat.raw import model_of, speak
from api.openai_chat.wire import ChatMessage, ChatRequest
from api.service import Service
from assistant.llm.base import ModelError

#: Characters of a title.
_LONGEST_TITLE = 24


class Job(StrEnum):
    """A job; its value is the field of the JSON object that is expected, and wanted only where it is asked for."""

    TITLE = "title"
    TAGS = "tags"
    FOLLOW_UPS = "follow_ups"
    QUERIES = "queries"
    COMPLETION = "text"
    OTHER = ""


#: What Open WebUI calls them where it says so (`metadata.task`).
_TASKS = {
    "title_generation": Job.TITLE,
    "tags_generation": Job.TAGS,
    "follow_up_generation": Job.FOLLOW_UPS,
    "query_generation": Job.QUERIES,
    "autocomplete_generation": Job.COMPLETION,
}
# Nobody studies in these forms: a heading "### Task:" with the conversation in an element behind it, or an order to
# name "the conversation" before a transcript of it. A question about titles has neither.
_TEMPLATE = re.compile(r"\A\s*#{1,4} ?Task:?\s", re.IGNORECASE)
_TRANSCRIPT = re.compile(r"<chat_history>|<conversation>|^ *(?:User|AI|Human|Assistant) ?[:：]", re.MULTILINE)
_ORDER = re.compile(
    r"\A\W*(?:please )?(?:provide|generate|create|write|suggest|analy[sz]e|summari[sz]e)\b.{0,200}?"
    r"(?:\btitle\b.{0,120}\b(?:conversation|chat)\b|\b(?:conversation|chat)\b.{0,200}\btitle\b)"
    r"|\A\W*(?:请|给|为).{0,30}(?:对话|聊天).{0,40}标题",
    re.IGNORECASE | re.DOTALL,
)
_FIELDS = {job: re.compile(rf'"{job.value}" ?:') for job in Job if job.value}
_FIRST_LINE = re.compile(r"^ *(?:USER|User|Human)(?: ?[:：]) *(?P<line>\S.*)$", re.MULTILINE)


def job_of(request: ChatRequest) -> Job | None:
    """Return which job `request` is, None for a line of a conversation."""
    task = request.metadata.get("task") if isinstance(request.metadata, dict) else None
    if isinstance(task, str) and task:
        return _TASKS.get(task, Job.OTHER)
    last = request.messages[-1].text
    if _TEMPLATE.match(last):
        is_job = bool(_TRANSCRIPT.search(last)) or any(field.search(last) for field in _FIELDS.values())
        return _wanted(last) if is_job else None
    if _ORDER.match(last) and (_TRANSCRIPT.search(last) or "title case" in last or "5-word" in last):
        return Job.TITLE
    return None


def _wanted(prompt: str) -> Job:
    """Return the job of a template, told by the first field of the JSON that it describes."""
    places = {job: found.start() for job, field in _FIELDS.items() if (found := field.search(prompt))}
    return (
        min(places, key=places.__getitem__) if places else Job.TITLE if "title" in prompt[:400] else Job.OTHER
    )


async def do(service: Service, request: ChatRequest, job: Job) -> Replying:
    """Do the job by the bare model; where there is none, or it fails, by rule."""
    if await model_of(service) is None:
        yield Said(plain(job, request.messages))
        return
    has_begun = False
    try:
        async with aclosing(_spoken(service, request.messages)) as replies:
            async for reply in replies:
                has_begun = True
                yield reply
    except ModelError:
        if not has_begun:
            yield Said(plain(job, request.messages))


async def _spoken(service: Service, messages: Sequence[ChatMessage]) -> AsyncGenerator[Said, None]:
    async with aclosing(speak(service, messages)) as replies:
        async for reply in replies:
            if isinstance(reply, Said):
                yield reply


def plain(job: Job, messages: Sequence[ChatMessage]) -> str:
    """Return a title from the first line of the conversation; of everything else, nothing, in the form asked for."""
    prompt = messages[-1].text
    value: object = _title(prompt, messages) if job is Job.TITLE else "" if job is Job.COMPLETION else []
    if job.value and _FIELDS[job].search(prompt):
        return json.dumps({job.value: value}, ensure_ascii=False)
    return value if isinstance(value, str) else ""


def _title(prompt: str, messages: Sequence[ChatMessage]) -> str:
    earlier = next((m.text for m in messages[:-1] if m.role == "user" and m.text.strip()), "")
    found = _FIRST_LINE.search(prompt)
    first = " ".join((earlier or (found["line"] if found else "")).split())
    return first if len(first) <= _LONGEST_TITLE else first[:_LONGEST_TITLE].rstrip() + "…"
