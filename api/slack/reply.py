"""One reply that comes in its own time: at once where it is quick, else a line that is edited until it is whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from slack_sdk.errors import SlackApiError

from api.slack.blocks import Post, of_text
from api.slack.payloads import Place
from api.slack.posting import Failed, Poster

#: Seconds before the first sign of life, and between two edits. chat.update allows some 50 a minute to a whole
#: workspace, so the pace slows down while Slack complains.
PATIENCE, PACE, SLOWEST = 0.8, 1.5, 12.0
#: Characters of an unfinished answer that are shown.
_PREVIEW = 6_000


class Reply:
    """What is said in answer to one line."""

    def __init__(self, poster: Poster, place: Place, waiting: str) -> None:
        self._poster = poster
        self._place = place
        self._stamp = ""
        self._shown = ""
        self.waiting = waiting
        self.text = ""

    @asynccontextmanager
    async def coming(self) -> AsyncIterator[None]:
        """Show `text`, or `waiting` while there is none, every now and then."""
        done = asyncio.Event()
        ticking = asyncio.create_task(self._tick(done))
        try:
            yield
        finally:
            done.set()
            await ticking  # a call that is under way is waited for: it may bring the stamp to edit

    async def finish(self, posts: Sequence[Post]) -> None:
        """Say it whole: the first message takes the place of the unfinished one."""
        first, *rest = posts
        for post in rest if self._stamp and await self._edited(first) else posts:
            await self._poster.post(self._place, post)

    async def _edited(self, post: Post) -> bool:
        """Replace the unfinished message; False where somebody deleted it, or where no edits are allowed."""
        try:
            await self._poster.edit(self._place, self._stamp, post)
        except SlackApiError:
            return False
        return True

    async def _tick(self, done: asyncio.Event) -> None:
        pause = PATIENCE
        while not await _within(done, pause):
            try:
                await self._show()
                pause = PACE
            except Failed:  # the whole answer will be sent with more patience
                pause = min(SLOWEST, 2 * max(pause, PACE))

    async def _show(self) -> None:
        shown = self.text[:_PREVIEW] + (" …" if self.text else self.waiting)
        if shown == self._shown:
            return
        post = of_text(shown)[0]
        if self._stamp:
            await self._poster.edit(self._place, self._stamp, post, hasty=True)
        else:
            self._stamp = await self._poster.post(self._place, post)
        self._shown = shown


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
