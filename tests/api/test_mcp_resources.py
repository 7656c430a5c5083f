"""Notes as MCP resources, and the prompts: every topic and nothing else, word for word; long lists by the page."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from mcp import Client, MCPError
from mcp_types import PromptReference, ResourceTemplateReference, TextContent, TextResourceContents

from api.access.caller import Caller
from api.mcp_tools.resources import address
from assistant.study import Assistant, open_assistant
from tests.api.mcp_talk import talk
from tests.index.embedding import NOTES, write_notes

#: Titles that look like paths, addresses and numbers of other titles.
STRANGE = [
    "../../etc/passwd",
    "/etc/passwd",
    "a/b?c#d",
    "100% {x}",
    "同名",
    "同名",
    "同名 (2)",
    "C:\\notes",
    "<b>粗</b>",
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("resources")
    notes = write_notes(folder / "notes")
    strange = "".join(f"# {title}\n\n第 {n} 段，讲 {title} 的内容。\n\n" for n, title in enumerate(STRANGE))
    (notes / "strange.md").write_text(strange, "utf-8")
    return open_assistant(notes, folder / "home", model="notes")


def read(assistant: Assistant, uri: str, caller: Caller | None = None) -> str:
    async def text(client: Client) -> str:
        [content] = (await client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        return content.text

    return talk(assistant, text, caller) if caller else talk(assistant, text)


def test_a_topic_is_read_word_for_word_as_its_file_has_it(assistant: Assistant) -> None:
    assert (
        read(assistant, "notes://topics/批归一化")
        == "# 批归一化\n\n批归一化 BN 减去均值再除以标准差。\n\n推理时用滑动平均。"
    )
    assert read(assistant, address("批归一化")) == read(assistant, "notes://topics/批归一化")
    # A file with a title is one topic, front matter and all.
    assert read(assistant, address("池化")) == NOTES["b.md"]


def test_every_topic_is_listed_and_every_listed_one_can_be_read(assistant: Assistant) -> None:
    async def all_of_them(client: Client) -> list[tuple[str, str, str]]:
        listed = (await client.list_resources()).resources
        texts = [(await client.read_resource(one.uri)).contents[0] for one in listed]
        return [(r.name, r.uri, getattr(t, "text", "")) for r, t in zip(listed, texts, strict=True)]

    found = talk(assistant, all_of_them)
    topics = assistant.topics()
    assert len(found) == len({uri for _, uri, _ in found}) == len(topics)
    for topic, (_, _, text) in zip(topics, found, strict=True):
        whole = topic.path.read_text("utf-8")
        assert text in whole
        assert all(passage.text in text for passage in topic.passages)
    assert "/notes/" not in "".join(uri for _, uri, _ in found)  # an address tells no folder


def test_a_long_list_comes_by_the_page(assistant: Assistant) -> None:
    async def paged(client: Client) -> tuple[list[str], list[int]]:
        names, sizes, cursor = [], [], None
        while True:
            page = await client.list_resources(cursor=cursor)
            names += [one.name for one in page.resources]
            sizes.append(len(page.resources))
            if (cursor := page.next_cursor) is None:
                return names, sizes

    names, sizes = talk(assistant, paged, page=4)
    assert len(names) == len(set(names)) == len(assistant.topics())
    assert set(sizes[:-1]) == {4}


@pytest.mark.parametrize("cursor", ["-1", "x", "1.5", "٣"])
def test_a_cursor_that_is_none_shows_nothing(assistant: Assistant, cursor: str) -> None:
    async def asked(client: Client) -> None:
        with pytest.raises(MCPError, match="no such page"):
            await client.list_resources(cursor=cursor)

    talk(assistant, asked)


def test_behind_the_last_page_there_is_nothing(assistant: Assistant) -> None:
    assert talk(assistant, lambda client: client.list_resources(cursor="9" * 40)).resources == []


@pytest.mark.parametrize(
    "uri",
    [
        "notes://topics/..%2F..%2F..%2Fetc%2Fpasswd",
        "notes://topics/../../../etc/passwd",
        "notes://topics/%2Fetc%2Fpasswd%00",
        "notes://topics/%00",
        "notes://topics/",
        "notes://etc/passwd",
        "notes:///etc/passwd",
        "file:///etc/passwd",
        "notes://topics/Dropout/..%2Fa.md",
        "notes://topics/a.md",
        "http://169.254.169.254/latest",
        "notes://topics/" + "%F0%9F" * 100,
        "notes://topics/" + "a" * 100_000,
        "",
    ],
)
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_nothing_but_a_topic_is_read(assistant: Assistant, uri: str, mode: str) -> None:
    async def refused(client: Client) -> str:
        with pytest.raises(MCPError) as error:
            await client.read_resource(uri)
        return str(error.value)

    said = talk(assistant, refused, mode=mode)
    assert "root:" not in said
    assert str(assistant.settings.home) not in said


def test_a_file_that_has_gone_is_told_and_a_link_put_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    outside = tmp_path / "outside.md"
    outside.write_text("# 批归一化\n\n外面的秘密。\n" * 9, "utf-8")
    assistant = open_assistant(notes, tmp_path / "home", model="notes")
    assistant.topics()
    (notes / "a.md").unlink()
    with pytest.raises(BaseExceptionGroup) as gone:
        read(assistant, address("批归一化"))
    assert gone.group_contains(MCPError, match="cannot be read", depth=None)
    (notes / "a.md").symlink_to(os.path.relpath(outside, notes))
    with pytest.raises(BaseExceptionGroup) as led_out:
        read(assistant, address("批归一化"))
    assert led_out.group_contains(MCPError, match="leads out of the notes", depth=None)


def test_without_read_there_are_no_notes(assistant: Assistant) -> None:
    async def asked(client: Client) -> None:
        with pytest.raises(MCPError, match="may not read"):
            await client.list_resources()
        with pytest.raises(MCPError, match="may not read"):
            await client.read_resource(address("Dropout"))
        with pytest.raises(MCPError, match="may not read"):
            await client.complete(
                ResourceTemplateReference(uri="notes://topics/{topic}"), {"name": "topic", "value": ""}
            )

    talk(assistant, asked, Caller("key:nobody", frozenset(), "nobody"))


def test_titles_are_completed(assistant: Assistant) -> None:
    async def completed(client: Client) -> list[list[str]]:
        references = (
            ResourceTemplateReference(uri="notes://topics/{topic}"),
            PromptReference(name="quiz_me"),
        )
        found = [await client.complete(ref, {"name": "topic", "value": "drop"}) for ref in references]
        found.append(await client.complete(references[1], {"name": "language", "value": "z"}))
        return [one.completion.values for one in found]

    assert talk(assistant, completed) == [["Dropout"], ["Dropout"], []]


@pytest.mark.parametrize(
    ("prompt", "arguments", "said"),
    [
        ("quiz_me", {"topic": "池化"}, ("《池化》", "quiz 工具")),
        ("quiz_me", {"topic": "pooling"}, ("“pooling”", "tool `quiz`")),
        ("quiz_me", {"topic": "池化", "language": "en"}, ("“池化”", "tool `quiz`")),
        ("quiz_me", {}, ("主题不限", "quiz 工具")),
        ("interview_me", {"minutes": "20", "language": "zh"}, ("20 分钟", "interview 工具")),
        ("interview_me", {"topic": "BN", "language": "en"}, ("30 minutes", "“BN” only")),
        ("explain", {"question": "BN 为什么有效?"}, ("BN 为什么有效?", "标出处")),
        ("explain", {"question": "Why {does} BN work?"}, ("Why {does} BN work?", "the source")),
    ],
)
def test_prompts_speak_the_language_of_what_they_are_about(
    assistant: Assistant, prompt: str, arguments: dict[str, str], said: tuple[str, str]
) -> None:
    async def got(client: Client) -> str:
        [message] = (await client.get_prompt(prompt, arguments)).messages
        assert isinstance(message.content, TextContent)
        return message.content.text

    text = talk(assistant, got)
    assert all(words in text for words in said), text


@pytest.mark.parametrize(
    ("prompt", "arguments"),
    [
        ("nosuch", {}),
        ("explain", {}),
        ("explain", {"question": "x" * 2001}),
        ("interview_me", {"minutes": "many"}),
        ("quiz_me", {"language": "fr"}),
    ],
)
def test_prompts_refuse_what_they_do_not_know(
    assistant: Assistant, prompt: str, arguments: dict[str, str]
) -> None:
    async def asked(client: Client) -> None:
        with pytest.raises(MCPError):
            await client.get_prompt(prompt, arguments)

    talk(assistant, asked)


def test_an_address_holds_no_character_that_needs_quoting() -> None:
    assert all(quote(address(title), safe=":/%") == address(title) for title in STRANGE)
