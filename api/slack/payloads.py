"""What Slack delivers, as far as it is for us: a message, a command, a click on a button. The rest is None."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

COMMAND = "/study"
#: Starts the action_id of every button of ours; what follows is what a person would type.
BUTTON = "study:"

Id = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,64}$")]
Stamp = Annotated[str, Field(pattern=r"^\d{1,20}\.\d{1,20}$")]

_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def learner_of(team: str, user: str) -> str:
    """Return who a user of a workspace is in the store."""
    return f"slack:{team}:{user}"


@dataclass(frozen=True, slots=True)
class Place:
    """A thread of a channel; `thread` is the stamp of its first message."""

    team: str
    channel: str
    thread: str

    @property
    def key(self) -> str:
        """The name of the thread in the store."""
        return f"slack:{self.team}:{self.channel}:{self.thread}"


@dataclass(frozen=True, slots=True)
class Message:
    """Something said. `keys` name the delivery; `addressed`: in a direct message, or with a mention of the bot."""

    keys: tuple[str, ...]
    place: Place
    user: str
    text: str
    addressed: bool

    @property
    def learner(self) -> str:
        """Who speaks, in the store."""
        return learner_of(self.place.team, self.user)


@dataclass(frozen=True, slots=True)
class Command:
    """`/study` and what stands behind it. A command is given in no thread."""

    keys: tuple[str, ...]
    team: str
    channel: str
    user: str
    text: str
    response_url: str

    @property
    def learner(self) -> str:
        """Who gives it, in the store."""
        return learner_of(self.team, self.user)


@dataclass(frozen=True, slots=True)
class Click:
    """A button of ours: the `line` that it stands for, and the question under which it stood."""

    keys: tuple[str, ...]
    place: Place
    user: str
    line: str
    question_key: str

    @property
    def learner(self) -> str:
        """Who clicked, in the store."""
        return learner_of(self.place.team, self.user)


Incoming = Message | Command | Click


def read(body: Mapping[str, Any]) -> Incoming | None:
    """Return what a delivery says to us; None for what does not concern us and for what Slack would not send."""
    try:
        if body.get("type") == "event_callback":
            return _message(_EventCallback.model_validate(body))
        if body.get("type") == "block_actions":
            return _click(_BlockActions.model_validate(body))
        if body.get("command") == COMMAND:
            return _command(_SlashCommand.model_validate(body))
    except (ValidationError, ValueError):
        return None
    return None


class _Authorization(BaseModel):
    user_id: str | None = None
    is_bot: bool = False


class _Event(BaseModel):
    type: str
    subtype: str | None = None
    channel: Id = ""
    channel_type: str = ""
    user: Id = ""
    bot_id: str | None = None
    text: str = ""
    ts: Stamp = ""
    thread_ts: Stamp | None = None


class _EventCallback(BaseModel):
    team_id: Id
    event_id: Annotated[str, Field(min_length=1, max_length=128)]
    event: _Event
    authorizations: list[_Authorization] = []


def _message(body: _EventCallback) -> Message | None:
    event = body.event
    if event.type not in ("app_mention", "message"):
        return None
    # Another bot that answers ours would go on for ever; edits, joins and the like are messages with a subtype.
    if event.bot_id or event.subtype or not (event.user and event.channel and event.ts):
        return None
    ours = [one.user_id for one in body.authorizations if one.is_bot and one.user_id]
    if event.user in ours:
        return None
    mentioned = event.type == "app_mention" or any(f"<@{bot}" in event.text for bot in ours)
    is_direct = event.channel_type == "im" or event.channel.startswith("D")
    place = Place(body.team_id, event.channel, event.thread_ts or event.ts)
    if not (mentioned or is_direct or event.thread_ts) or (
        not mentioned and not is_direct and event.text.startswith("<@")  # people who talk to each other
    ):
        return None
    # A mention comes twice, as a mention and as a message: two events, one stamp in the channel.
    keys = (f"slack:{body.event_id}", f"slack:{body.team_id}:{event.channel}:{event.ts}")
    return Message(keys, place, event.user, plain(event.text, ours), mentioned or is_direct)


class _SlashCommand(BaseModel):
    team_id: Id
    channel_id: Id
    user_id: Id
    text: str = ""
    trigger_id: Annotated[str, Field(min_length=1, max_length=128)]
    response_url: str = ""


def _command(body: _SlashCommand) -> Command:
    keys = (f"slack:{body.trigger_id}",)
    text = plain(body.text, [])
    return Command(keys, body.team_id, body.channel_id, body.user_id, text, body.response_url)


class _Named(BaseModel):
    id: Id


class _Action(BaseModel):
    action_id: str
    action_ts: Stamp
    value: str = ""


class _ClickedMessage(BaseModel):
    ts: Stamp
    thread_ts: Stamp | None = None


class _BlockActions(BaseModel):
    team: _Named
    user: _Named
    channel: _Named
    message: _ClickedMessage
    actions: Annotated[list[_Action], Field(min_length=1)]


def _click(body: _BlockActions) -> Click | None:
    action = body.actions[0]
    if not action.action_id.startswith(BUTTON):
        return None
    place = Place(body.team.id, body.channel.id, body.message.thread_ts or body.message.ts)
    keys = (f"slack:{body.team.id}:{body.user.id}:{action.action_ts}",)
    return Click(keys, place, body.user.id, action.action_id.removeprefix(BUTTON), action.value)


def plain(text: str, ours: list[str]) -> str:
    """Return what a person typed: Slack's own markup taken back, and mentions of `ours` left out."""

    def typed(markup: re.Match[str]) -> str:
        what, label = markup[1], markup[2]
        if what[:1] in ("@", "#", "!"):
            return (
                "" if what[1:] in ours else f"{what[0].replace('!', '@')}{(label or what[1:]).lstrip('@#')}"
            )
        return label or what

    if not ours:  # a mention without a word on whose it is: the first one is the bot's
        text = re.sub(r"^\s*<@[A-Z0-9]+(?:\|[^<>]*)?>", "", text, count=1)
    return unescape(_MARKUP.sub(typed, text)).strip()


def parsed(body: bytes, content_type: str) -> Mapping[str, Any]:
    """Return the object in the body of a request. Raises `ValueError` where there is none."""
    from urllib.parse import parse_qs

    text = body.decode("utf-8")
    if content_type.startswith("application/json") or text.startswith("{"):
        value: Any = json.loads(text)
    else:
        form = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        value = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value
