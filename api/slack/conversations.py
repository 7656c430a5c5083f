"""What the bot does with what it hears: it answers, quizzes and interviews, each in its thread.

A thread is a session of everybody who speaks in it; what one asked is no other's history. A quiz or an interview
belongs to who began it, and hears nobody else. What fails is told where it was asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Protocol

from ulid import ULID

from api.access.caller import Caller, Scope
from api.access.rates import serving
from api.observing.logs import LOGGER, note_fault
from api.service import Service
from api.slack.blocks import Post, of_answer, of_said, of_text
from api.slack.payloads import Click, Command, Incoming, Message, Place
from api.slack.pictures import pictures
from api.slack.posting import Failed, Poster, code_of
from api.slack.progress import progress_text
from api.slack.reply import Reply
from api.slack.wording import command_of, help_text, say, title, told
from assistant.dialogues.types import Dialogue, Mode, Said
from assistant.events import Answer, Done, Notice, Text, ToolRan, ToolRun, Waiting
from assistant.language import Language, language_of
from assistant.store.threads import Thread
from corpus.errors import StudyError

#: What a member of the workspace may do.
_MAY = frozenset({Scope.READ, Scope.LEARN})

Making = Callable[[Reply], Awaitable[list[Post]]]


class Opening(Protocol):
    """Begins and opens the dialogues of one learner: `assistant.dialogues.opening.Dialogues`."""

    def begin(self, mode: Mode, words: str = "") -> Dialogue:
        """Return a new one about what `words` name."""
        ...

    def open(self, mode: Mode, ref: str) -> Dialogue:
        """Return the one that is kept under `ref`."""
        ...


class Conversations:
    """Everything that is said in a workspace. `dialogues` gives those of a learner."""

    def __init__(
        self, service: Service, poster: Poster, dialogues: Callable[[str], Opening] | None = None
    ) -> None:
        self._service = service
        self._poster = poster
        self._dialogues = dialogues or self._own_dialogues

    async def handle(self, incoming: Incoming) -> None:
        """Deal with what was said. Raises one of `Failed` where Slack could not be told of the outcome."""
        try:
            with serving(Caller(incoming.learner, _MAY)):  # limits of the model are kept by learner
                await self._attend(incoming)
        except Failed:
            raise
        except Exception as error:
            spoken = Language.ZH if isinstance(incoming, Click) else language_of(incoming.text)
            posts = _excuse(error, spoken)
            if isinstance(incoming, Command):
                await self._respond(incoming, posts)
            else:
                await self._say(incoming.place, posts)

    async def _attend(self, incoming: Incoming) -> None:
        match incoming:
            case Message():
                await self._hear(incoming)
            case Click():
                await self._click(incoming)
            case Command():
                await self._obey(incoming)

    async def _hear(self, message: Message) -> None:
        place, text, who = message.place, message.text, message.learner
        language = language_of(text)
        if not text:
            if message.addressed:
                await self._say(place, of_text(help_text()))
            return
        threads = self._service.store.threads
        thread = await self._service.run(lambda: threads.of(who).get(place.key))
        if thread is None and await self._service.run(lambda: threads.modes(place.key)) - {Mode.ASK}:
            if message.addressed:
                await self._say(place, of_text(say("in_use", language)))
        elif thread is None or thread.mode == Mode.ASK:
            await self._ask(who, place, text, thread.ref if thread else "")
        else:
            await self._turn(who, place, thread, text, message.keys[0])

    async def _click(self, click: Click) -> None:
        place, who = click.place, click.learner
        thread = await self._service.run(lambda: self._service.store.threads.of(who).get(place.key))
        language = Language.ZH
        if thread is None:
            remark = say("not_yours", language)
        elif thread.mode == Mode.ASK:
            remark = say("over", language, mode=Mode.QUIZ)
        else:
            opened = thread
            now = await self._service.run(lambda: self._opened(who, opened).now())
            language = language_of(now.text)
            if now.question_key == click.question_key:
                await self._turn(who, place, thread, click.line, click.keys[0])
                return
            remark = say("stale", language)
        await self._poster.whisper(place, click.user, of_text(remark))

    async def _obey(self, command: Command) -> None:
        name, words = command_of(command.text)
        language, who = language_of(words), command.learner
        if name == "help":
            await self._respond(command, of_text(help_text()))
        elif name == "progress":

            async def told_progress(reply: Reply) -> list[Post]:
                text = await self._service.run(
                    lambda: progress_text(self._service.assistant, who, language_of(words))
                )
                return of_text(text)

            nowhere = Reply(self._poster, Place(command.team, command.channel, ""), "")
            await self._respond(command, await self._or_sorry(told_progress, nowhere, language))
        elif name == Mode.ASK and not words:
            await self._respond(command, of_text(say("ask_what", language)))
        else:
            await self._begin(command, who, Mode(name), words)

    async def _begin(self, command: Command, who: str, mode: Mode, words: str) -> None:
        """Begin a thread with what was asked for; the first message says what, so that all know."""
        channel, language = Place(command.team, command.channel, ""), language_of(words)
        try:
            first, *_ = of_text(title(mode, words, language))
            stamp = await self._poster.post(channel, first)
        except Failed as error:
            LOGGER.warning("Slack took no message: %s", code_of(error))
            await self._respond(command, of_text(say("not_here", language)))
            return
        place = Place(command.team, command.channel, stamp)
        if mode is Mode.ASK:
            await self._ask(who, place, words, "")
            return

        async def begun(reply: Reply) -> list[Post]:
            def begin() -> Said:
                dialogue = self._dialogues(who).begin(mode, words)
                self._put(who, place, mode, dialogue.ref)
                return dialogue.now()

            said = await self._service.run_with_model(begin)
            return of_said(said, language_of(said.text))

        await self._reply(place, language, say("thinking", language), begun)

    async def _ask(self, who: str, place: Place, question: str, session: str) -> None:
        language, answers, untold = language_of(question), list[Answer](), list[ToolRun]()

        async def answered(reply: Reply) -> list[Post]:
            kept = await self._service.run(lambda: self._joined(who, place, session))
            events = self._service.converse(who, question, kept or None)
            try:
                async with aclosing(events):
                    async for event in events:
                        match event:
                            case str():
                                keep = partial(self._put, who, place, Mode.ASK, event)
                                await self._service.run(keep)
                            case Text(text):
                                reply.text += text
                            case Notice(retract=True):
                                reply.text = ""
                            case Waiting(text):
                                reply.waiting = text
                            case ToolRan(run, told=False):
                                untold.append(run)
                            case Done(answer):
                                answers.append(answer)
            except StudyError as error:
                if not answers:
                    raise
                return [*of_answer(answers[0], untold), *of_text(told(error))]  # answered, and not remembered
            return of_answer(answers[0], untold)

        await self._reply(place, language, say("looking", language), answered)
        for answer in answers:
            await self._draw(place, answer)

    async def _turn(self, who: str, place: Place, thread: Thread, line: str, key: str) -> None:
        async def stepped(reply: Reply) -> list[Post]:
            def step() -> Said:
                said = self._opened(who, thread).say(line, key)
                if said.has_ended:  # from now on the thread is one to ask in
                    self._put(who, place, Mode.ASK, "")
                return said

            said = await self._service.run_with_model(step)
            return of_said(said, language_of(said.text))

        language = language_of(line)
        await self._reply(place, language, say("thinking", language), stepped)

    async def _draw(self, place: Place, answer: Answer) -> None:
        """Upload the plots of the demos that ran; an answer without its picture is an answer."""
        try:
            for name, picture in await self._service.run(lambda: pictures(answer.tools)):
                await self._poster.upload(place, f"{name}.png", picture, name.replace("_", " "))
        except Failed as error:
            LOGGER.warning("Slack took no picture: %s", code_of(error))

    async def _reply(self, place: Place, language: Language, waiting: str, making: Making) -> None:
        reply = Reply(self._poster, place, waiting)
        async with reply.coming():
            posts = await self._or_sorry(making, reply, language)
        await reply.finish(posts)

    async def _or_sorry(self, making: Making, reply: Reply, language: Language) -> list[Post]:
        """Return what `making` makes, else what went wrong: something is always said."""
        try:
            return await making(reply)
        except Exception as error:
            return _excuse(error, language)

    async def _say(self, place: Place, posts: list[Post]) -> None:
        for post in posts:
            await self._poster.post(place, post)

    async def _respond(self, command: Command, posts: list[Post]) -> None:
        if command.response_url:
            await self._poster.respond(command.response_url, posts)
        else:
            await self._poster.whisper(Place(command.team, command.channel, ""), command.user, posts)

    def _joined(self, who: str, place: Place, session: str) -> str:
        """Return the session that goes on in a thread, "" for a new one, and note that the bot listens there."""
        if session and self._service.store.history.learner_of(session) != who:
            session = ""  # it was deleted meanwhile
        self._put(who, place, Mode.ASK, session)
        return session

    def _put(self, who: str, place: Place, mode: Mode, ref: str) -> None:
        self._service.store.threads.of(who).put(place.key, mode.value, ref, self._service.clock())

    def _opened(self, who: str, thread: Thread) -> Dialogue:
        return self._dialogues(who).open(Mode(thread.mode), thread.ref)

    def _own_dialogues(self, who: str) -> Opening:
        from assistant.dialogues.opening import Dialogues

        return Dialogues(self._service.assistant, self._service.store, who, clock=self._service.clock)


def _excuse(error: Exception, language: Language) -> list[Post]:
    """Return what to say of an error: its own words where a person can mend it, else a number to ask about."""
    if isinstance(error, StudyError):
        return of_text(told(error))
    request = str(ULID())
    note_fault(error, request)
    return of_text(say("sorry", language, request=request))
