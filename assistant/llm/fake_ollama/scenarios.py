"""Everything a real Ollama has been seen to do to a client, as 26 numbered scenarios with their variants.

Each is data: how the server is set up, what it replies to the chats of one question, and what a careful client makes
of it. Sources: Ollama's server code at v0.33.0-rc2 (`server/routes.go`, `sched.go`, `llm/llama_server.go`,
`api/types.go`) and its issue tracker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from assistant.llm.fake_ollama.models import FakeModel
from assistant.llm.fake_ollama.scripts import (
    Delivery,
    Ending,
    Pause,
    Reply,
    broken,
    call,
    chunk,
    failure,
    failure_line,
    last,
    say,
    web_page,
    written_call,
)
from assistant.llm.fake_ollama.server import ChatPath
from assistant.llm.fake_ollama.wire import ERRORS, JSON, go_json

MODEL = "qwen3.5:4b"
#: What the model says wherever it gets to say it; its markers name passages that any prompt with two has.
GOOD = ("批归一化", "对每个通道做归一化 [1]，", "推理时用滑动平均 [1]。")
_DEMO = call("conv_output_size", {"input_size": 32, "kernel": 3, "stride": 2, "padding": 1})
#: Seconds of a pause that a client with sensible limits sits through.
_SLOW = 0.3


class Outcome(StrEnum):
    """What is left of a question in the end. There is no third."""

    ANSWERED = "answered"  # by the model
    TOLD = "told"  # the client says what is wrong, in words, and manages without


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way of a server. `number` is 1 to 26, `server` are keywords of `FakeOllama`, `client` are settings.

    `replies` are for the chats of one question. `reached` is False where no chat ever gets that far. Where the
    outcome is TOLD, `says` is a word of the message.
    """

    number: int
    title: str
    variant: str
    replies: tuple[Reply, ...] = ()
    outcome: Outcome = Outcome.ANSWERED
    says: str = ""
    server: Mapping[str, Any] = field(default_factory=dict)
    client: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`13-reset`: the number and the variant."""
        return f"{self.number}-{self.variant.replace(' ', '-')}"


def scenarios() -> tuple[Scenario, ...]:
    """Return every scenario, in order; several may have the same number."""
    return tuple(_all())


def _all() -> Iterator[Scenario]:
    good, told = say(*GOOD), Outcome.TOLD
    odd = ("批", "归一", "化🧠", "\u0085next ", "\u2028[1]", "。")
    yield Scenario(1, "a plain stream", "pieces", (say(*odd),))
    yield Scenario(2, "one object where a stream was asked for", "one object", (_folded(GOOD),))
    thinking = say(*GOOD, thinking=["先想", "再想"])
    yield Scenario(3, "thinking", "on", (thinking,), client={"think": "on"})
    yield Scenario(3, "thinking", "off", (thinking,))
    yield from _tools(good)
    yield from _structured(good)
    yield Scenario(10, "truncation", "rendered", (failure("too long"),) * 3, told, "context")
    yield Scenario(10, "truncation", "dense", (good,), server={"density": 3.0}, client={"num_ctx": "2048"})
    native = {"path": ChatPath.NATIVE, "density": 3.0}
    yield Scenario(10, "truncation", "native", (good,), server=native, client={"num_ctx": "2048"})
    for case, (_, words) in ERRORS.items():
        if case not in ("no tools", "too long"):
            told_in = words.partition("{")[0].strip() or words.partition("}")[2].strip('" ')
            yield Scenario(11, "an error instead of an answer", case, (failure(case),) * 3, told, told_in)
    for case in ("eof", "runner stopped", "broken call"):
        begun = broken(good, 2, failure_line(case))
        yield Scenario(12, "an error after the beginning", case, (begun,), told, ERRORS[case][1][:20])
    malformed = (failure("broken call"), good)
    yield Scenario(12, "an error after the beginning", "unreadable call", malformed)
    yield from _endings(good)
    yield Scenario(14, "lines cut anyhow", "one segment", (replace(say(*odd), piece=0),))
    yield Scenario(14, "lines cut anyhow", "byte by byte", (replace(say(*odd), piece=1),))
    yield Scenario(15, "loading", "slow load", (Reply((Pause(_SLOW), *good.steps)),))
    yield Scenario(
        16, "the client leaves", "in the middle", (broken(good, 2, Pause(_SLOW), *good.steps[2:]),)
    )
    yield Scenario(17, "one at a time", "queue", (Reply((chunk(GOOD[0]), Pause(_SLOW), *good.steps[1:])),))
    yield Scenario(18, "reloading", "same options", (good,))
    yield Scenario(19, "the prefix cache", "same prefix", (good,))
    yield from _models(good)
    old = {"version": "0.20.0"}
    yield Scenario(24, "versions", "old", (good,), server=old)
    yield Scenario(24, "versions", "development build", (good,), server={"version": "0.0.0"})
    foreign = {"foreign": web_page()}
    yield Scenario(24, "versions", "another program", (), told, "other than Ollama", server=foreign)
    silent = {"foreign": Reply((Pause(),))}
    yield Scenario(25, "not running", "silent", (), told, "within", server=silent)
    yield Scenario(26, "what is asked", "recorded", (good,))


def _tools(good: Reply) -> Iterator[Scenario]:
    made = say(calls=[_DEMO])
    nameless = call("conv_output_size", {"input_size": 32, "kernel": 3}, "")
    two = [_DEMO, call("pooling", {"kernel": 2}, "call_b2c3d4e5")]
    yield Scenario(4, "a tool call, rendered", "own chunk", (made, good))
    for variant, calls in (("with id", [_DEMO]), ("without id", [nameless])):
        native = say(calls=calls, delivery=Delivery.IN_LAST)
        yield Scenario(5, "a tool call, native", variant, (native, good))
    for variant, several in (
        ("one list", say(calls=two)),
        ("two chunks", say(calls=two, delivery=Delivery.ONE_BY_ONE)),
        ("after text", say("先算一下。", calls=two)),
        ("after thinking", say(thinking=["要算"], calls=two)),
    ):
        yield Scenario(6, "parallel calls", variant, (several, good), client={"think": "on"})
    fenced = say('```json\n{"name": "pooling", ', '"arguments": {"kernel": 2}}\n```')
    for variant, misused in (
        ("unknown tool", say(calls=[call("demo_sofmax", {"x": [1]})])),
        ("missing arguments", say(calls=[call("conv_output_size", {"input_sise": 32})])),
        ("wrong type", say(calls=[call("pooling", {"x": "1,2,3"})])),
        ("no arguments", say(calls=[call("pooling", {})])),
        ("tagged text", written_call("pooling", {"kernel": 2})),
        ("fenced text", fenced),
    ):
        yield Scenario(7, "tools misused", variant, (misused, good))
    yield Scenario(7, "tools misused", "same call", (made, made, made, made, good))
    yield Scenario(7, "tools misused", "forever", (made,) * 5, Outcome.TOLD, "never answered")
    yield Scenario(8, "the follow-up to a call", "text and calls", (say("先算。", calls=two), good))


def _structured(good: Reply) -> Iterator[Scenario]:
    """Form is asked for elsewhere; here its replies come to a chat, which must bear them."""
    quiz = '{"question": "BN 是什么?", "options": ["甲", "乙"]}'
    pieces = say(*(quiz[at : at + 3] for at in range(0, len(quiz), 3)))
    yield Scenario(9, "JSON", "in pieces", (pieces,))
    yield Scenario(9, "JSON", "blanks around", (say("\n ", quiz, "\n\n"),))
    yield Scenario(9, "JSON", "cut", (say(quiz[:24], reason="length"),))
    yield Scenario(9, "JSON", "fenced", (say("```json\n", quiz, "\n```"),))
    yield Scenario(9, "JSON", "refusal", (say("抱歉，我不能回答。"),))
    spent = say(thinking=["想" * 40], reason="length")
    yield Scenario(9, "JSON", "only thought", (spent,), Outcome.TOLD, "num_predict")
    yield Scenario(9, "JSON", "thought first", (spent, good), client={"think": "on"})


def _endings(good: Reply) -> Iterator[Scenario]:
    title, told = "a stream that ends wrongly", Outcome.TOLD
    half = go_json(chunk("半"))[:20]
    for variant, reply in (
        ("no done", broken(good, 2)),
        ("reset", broken(good, 2, half, ending=Ending.RESET)),
        ("unterminated", broken(good, 2, ending=Ending.UNTERMINATED)),
        ("no JSON", broken(good, 2, b"<html>\n")),
        ("nothing", Reply(())),
    ):
        yield Scenario(13, title, variant, (reply,), told, MODEL)
    limits = {"timeout": "1", "idle_timeout": "1"}
    stalls = broken(good, 2, Pause())
    yield Scenario(13, title, "stall", (stalls,), told, "no further piece", client=limits)
    yield Scenario(13, title, "stall at first", (Reply((Pause(),)),), told, "no first piece", client=limits)


def _models(good: Reply) -> Iterator[Scenario]:
    told = Outcome.TOLD
    unlisted, embedding = FakeModel(MODEL, None), FakeModel("bge-m3", ("embedding",))
    several = (FakeModel("llama3.2:3b"), embedding, FakeModel(MODEL))

    def having(*models: FakeModel, **more: Any) -> Mapping[str, Any]:
        return {"models": models, **more}

    title = "what is installed"
    yield Scenario(20, title, "none", (), told, "ollama pull", server=having())
    yield Scenario(20, title, "several", (good,), server=having(*several))
    yield Scenario(20, title, "no capabilities", (good,), server=having(unlisted))
    yield Scenario(20, title, "only embedding", (), told, "ollama pull", server=having(embedding))
    latest = {"model": "ollama:qwen3.5"}
    yield Scenario(20, title, "latest", (good,), server=having(FakeModel("qwen3.5")), client=latest)
    title = "what a model can do"
    chats_only, embeds = FakeModel(MODEL, ("completion",)), FakeModel(MODEL, ("embedding",))
    yield Scenario(21, title, "no tools", (good,), server=having(chats_only))
    yield Scenario(21, title, "no chat", (), told, "does not support chat", server=having(embeds))
    unthinking = FakeModel(MODEL, ("completion", "tools"))
    think = {"think": "on"}
    told_so = "does not support thinking"
    yield Scenario(21, title, "no thinking", (), told, told_so, server=having(unthinking), client=think)
    yield Scenario(22, "embedding beside chat", "both", (good,), server=having(*several))
    pulled = having(library=(FakeModel(MODEL),))
    yield Scenario(23, "pulling", "not pulled yet", (), told, f"ollama pull {MODEL}", server=pulled)
    yield Scenario(23, "pulling", "offline", (good,), server={"offline": True})


def _folded(texts: Sequence[str]) -> Reply:
    """A whole answer in one object, without a line end, as `stream: false` gives it."""
    message = {"role": "assistant", "content": "".join(texts)}
    return Reply((go_json({"model": MODEL, **last(), "message": message}),), 200, JSON)
