"""A scripted Ollama on a real socket: the stand-in of the real server in tests and demonstrations.

    with FakeOllama() as server:
        server.enqueue(say("批归一化", "用于……"))
        model = OllamaModel("qwen3.5:4b", host=server.host)
        events = list(model.stream([Message(Role.USER, "什么是 BN?")]))

Leaving the block fails where a request broke the contract that a real server would punish. The same script gives the
same bytes in every run. `scripts` has the replies, `wire` the wordings, `scenarios` what real servers were seen to do;
`python -m assistant.llm.fake` runs it for anybody.
"""

from assistant.llm.fake_ollama.models import FakeModel
from assistant.llm.fake_ollama.ports import closed_port, silent_port
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
    refusal,
    say,
    web_page,
    written_call,
)
from assistant.llm.fake_ollama.server import CUT_ANSWER, ChatPath, FakeOllama, Request

__all__ = [
    "CUT_ANSWER",
    "ChatPath",
    "Delivery",
    "Ending",
    "FakeModel",
    "FakeOllama",
    "Pause",
    "Reply",
    "Request",
    "broken",
    "call",
    "chunk",
    "closed_port",
    "failure",
    "failure_line",
    "last",
    "refusal",
    "say",
    "silent_port",
    "web_page",
    "written_call",
]
