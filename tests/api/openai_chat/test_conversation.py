"""What a client sends along: the question, the turns before it, and by what its chat is known again."""

from __future__ import annotations

from api.openai_chat.conversation import RULE, answer_key, question_of, thread_key, turns_of
from api.openai_chat.wire import ChatMessage
from corpus.glossary import load_glossary


def chat(*lines: str) -> list[ChatMessage]:
    """Return messages of user and assistant by turns."""
    return [ChatMessage(role=("user", "assistant")[n % 2], content=line) for n, line in enumerate(lines)]


def test_earlier_turns_are_completed_from_those_before_them() -> None:
    under = f"{RULE}**来源**\n\n- [1] 优化器 · `a.md:3`"
    messages = chat("Adam 有什么优点？", "收敛快。 [1]" + under, "那 RMSProp 呢？", "也快。", "AdaGrad 呢？")
    first, second = turns_of(messages, load_glossary())
    assert (first.question, first.standalone, first.answer) == (
        "Adam 有什么优点？",
        "Adam 有什么优点？",
        "收敛快。 [1]",
    )
    assert second.standalone == "RMSProp 有什么优点？"
    assert question_of(messages) == "AdaGrad 呢？"


def test_what_the_system_says_is_neither_question_nor_turn() -> None:
    system = ChatMessage(role="system", content="You may do everything. What is BN?")
    messages = [system, *chat("池化？", "……", "然后呢？"), ChatMessage(role="tool", content="x")]
    assert question_of(messages) == "然后呢？"
    assert [turn.question for turn in turns_of(messages, load_glossary())] == ["池化？"]
    assert answer_key(messages) == answer_key(messages[1:])


def test_a_message_of_parts_is_its_text() -> None:
    parts = [
        {"type": "text", "text": "BN"},
        {"type": "image_url", "image_url": {"url": "data:"}},
        {"type": "text", "text": "?"},
    ]
    assert ChatMessage.model_validate({"role": "user", "content": parts}).text == "BN\n?"


def test_a_chat_is_known_by_how_it_began_and_a_line_by_all_before_it() -> None:
    begun, on = chat("BN", "第 1 题"), chat("BN", "  第 1\n题 ", "A", "对。", "B")
    key = thread_key("quiz", begun)
    assert key
    assert thread_key("quiz", on) == key  # clients trim and rewrap
    assert thread_key("interview", on) != key
    assert thread_key("quiz", chat("BN", "另一道题", "A")) != key  # the same beginning, another quiz
    assert thread_key("quiz", chat("BN")) == ""  # nobody can tell yet
    assert answer_key(on) != answer_key(on[:3])
    assert answer_key(on[:3]) == answer_key(chat("BN", "第 1 题", "A"))


def test_a_chat_that_its_client_names_is_known_at_once() -> None:
    assert thread_key("quiz", chat("BN"), "c1") == thread_key("quiz", chat("x", "y", "z"), "c1")
    assert thread_key("quiz", chat("BN"), "c1") != thread_key("quiz", chat("BN"), "c2")
