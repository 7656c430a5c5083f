"""The bot of one workspace: takes a delivery in, acknowledges it at once, and works on it afterwards.

A delivery is noted in the store before it is acknowledged, so that of all its copies, to whichever process they come,
one is worked on. What cannot be noted is not acknowledged, and Slack sends it again. Whoever dies while working leaves
the note; another process, or the same one after its restart, then says in the thread that the question has to be put
again: Slack sends nothing twice that was acknowledged, and texts are not kept for this.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from api.observing.logs import LOGGER, note_fault
from api.service import Service
from api.slack.blocks import of_text
from api.slack.conversations import Conversations, Opening
from api.slack.desk import Desk
from api.slack.ledger import Ledger
from api.slack.payloads import Command, Incoming, Message, Place, read
from api.slack.posting import SLACK_API, Failed, Poster, code_of, web_client
from api.slack.wording import say
from assistant.language import Language, language_of

#: Seconds between two looks after what other processes left, and for work to end at shutdown. The lease that is
#: renewed at each look is four times as long.
WATCH, DRAIN = 30.0, 15.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What Slack is told: 200 takes it, 503 asks for it again. `text` is shown to the giver of a command."""

    status: int = 200
    text: str = ""


class Bot:
    """Speaks with `token` in one workspace, over `service`."""

    def __init__(
        self,
        service: Service,
        token: str,
        *,
        api: str = SLACK_API,
        dialogues: Callable[[str], Opening] | None = None,
        desk: Desk | None = None,
    ) -> None:
        self._service = service
        self._store = service.store
        self.poster = Poster(web_client(token, api))
        self._conversations = Conversations(service, self.poster, dialogues)
        self._desk = desk or Desk()
        self._ledger = Ledger(lambda: self._store.deliveries, service.clock)
        self._places: dict[str, Mapping[str, str]] = {}
        self._team = ""

    async def receive(self, body: Mapping[str, Any]) -> Receipt:
        """Take in a delivery that is known to come from Slack. It does not raise, and waits for no answer."""
        incoming = read(body)
        if incoming is None or not self._is_ours(incoming):
            return Receipt()
        try:
            # In threads of asyncio's own: what is to be said in three seconds does not queue behind answers.
            if not (self._is_at_it(incoming) or await asyncio.to_thread(self._concerns_us, incoming)):
                return Receipt()
            if not self._desk.takes_more:
                return self._busy(incoming)
            place = _reply_to(incoming)
            is_new = await self._ledger.claim(incoming.keys, place)
        except Exception as error:  # above all a store that cannot be written
            note_fault(error, "slack")
            return Receipt(503)
        if is_new:
            self._places[incoming.keys[0]] = place
            self._desk.take(incoming.keys[0], _thread(incoming), lambda: self._work(incoming))
        return Receipt()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after lost work meanwhile; at the end finish what runs, and say so where it cannot be finished."""
        async with self.poster.connected():
            watching = asyncio.create_task(self._watch())
            try:
                yield
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
                for key in await self._desk.close(DRAIN):
                    await self._apologise(self._places.pop(key), key)
                await self._ledger.close()

    async def _work(self, incoming: Incoming) -> None:
        key = incoming.keys[0]
        try:
            await self._conversations.handle(incoming)
        except Failed as error:  # nobody was told: the note stays, and whoever finds it tries once more
            LOGGER.warning("Slack could not be answered: %s", code_of(error))
            del self._places[key]
            return
        del self._places[key]
        self._ledger.finish(key)

    def _is_ours(self, incoming: Incoming) -> bool:
        team = incoming.team if isinstance(incoming, Command) else incoming.place.team
        return not self._team or team == self._team

    def _is_at_it(self, incoming: Incoming) -> bool:
        """Say whether something in the same thread waits for its turn, of which the store knows nothing yet."""
        place = _reply_to(incoming)
        here = (place["team"], place["channel"], place["thread"])
        return any((p["team"], p["channel"], p["thread"]) == here for p in self._places.values())

    def _concerns_us(self, incoming: Incoming) -> bool:
        """Say whether the bot takes part in the thread of a message that does not name it."""
        if not isinstance(incoming, Message) or incoming.addressed:
            return True
        return self._store.threads.is_known(incoming.place.key)

    def _busy(self, incoming: Incoming) -> Receipt:
        if isinstance(incoming, Command):  # Slack sends no command again
            return Receipt(text=say("busy", language_of(incoming.text)))
        return Receipt(503)

    async def _watch(self) -> None:
        """Learn who the bot is, then look after deliveries for ever."""
        while True:
            try:
                if not self._team:
                    self._team = str((await self.poster.client.auth_test())["team_id"])
            except Failed as error:
                LOGGER.warning("Slack does not let the bot in: %s", code_of(error))
            try:
                await self._look_after()
            except Exception as error:  # the store is away for a while; the watch goes on
                note_fault(error, "slack")
            await asyncio.sleep(WATCH)

    async def _look_after(self) -> None:
        deliveries, now = self._store.deliveries, self._service.clock()
        await asyncio.to_thread(deliveries.renew, self._desk.open, now)
        for place in await asyncio.to_thread(deliveries.take_lost, now):
            await self._apologise(place)
        await asyncio.to_thread(deliveries.sweep, now)

    async def _apologise(self, reply_to: Mapping[str, str], key: str = "") -> None:
        """Say that something was not answered, where it was asked."""
        place = Place(reply_to["team"], reply_to["channel"], reply_to["thread"])
        [post] = of_text(say("restarting", Language(reply_to["language"])))
        try:
            if place.thread:
                await self.poster.post(place, post)
            else:
                await self.poster.whisper(place, reply_to["user"], [post])
            if key:
                self._ledger.finish(key)
        except Failed as error:
            LOGGER.warning("Slack could not be told: %s", code_of(error))


def _reply_to(incoming: Incoming) -> dict[str, str]:
    if isinstance(incoming, Command):
        team, channel, thread, text = incoming.team, incoming.channel, "", incoming.text
    else:
        place = incoming.place
        team, channel, thread = place.team, place.channel, place.thread
        text = incoming.text if isinstance(incoming, Message) else ""
    user, language = incoming.user, language_of(text).value
    return {"team": team, "channel": channel, "thread": thread, "user": user, "language": language}


def _thread(incoming: Incoming) -> str:
    """Return within what things are done in their order: a thread, or what one person commands."""
    if isinstance(incoming, Command):
        return f"{incoming.team}:{incoming.user}"
    return incoming.place.key
