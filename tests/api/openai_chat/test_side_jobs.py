"""Side jobs of clients are told from questions, and done without a model where there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.openai_chat.side_jobs import Job, job_of, plain
from api.openai_chat.wire import ChatRequest

HISTORY = "<chat_history>\nUSER: L1 正则化为什么稀疏？\nASSISTANT: 因为……\n</chat_history>"


def template(task: str, form: str) -> str:
    """Return a job as Open WebUI words its own: a task, the form of the output, the chat."""
    return f"### Task:\n{task}\n\n### Output:\nJSON format: {form}\n\n### Chat History:\n{HISTORY}"


def request(text: str, *earlier: str, **more: Any) -> ChatRequest:
    messages = [{"role": "user", "content": one} for one in (*earlier, text)]
    return ChatRequest.model_validate({"model": "assistant", "messages": messages, **more})


@pytest.mark.parametrize(
    ("text", "job"),
    [
        (template("Make a short title of the chat.", '{ "title": "a title" }'), Job.TITLE),
        (template("Find tags for the chat.", '{ "tags": ["one", "two"] }'), Job.TAGS),
        (template("Suggest what the user may ask next.", '{ "follow_ups": ["one?"] }'), Job.FOLLOW_UPS),
        (template("Say what to search for.", '{ "queries": ["one"] }'), Job.QUERIES),
        (template("Go on with the text.", '{ "text": "…" }'), Job.COMPLETION),
        (template("Pick an emoji.", "one character"), Job.OTHER),
        ("Please write a 5-word title for this conversation.\n\nUser: BN?\nAI: …", Job.TITLE),
        ("Provide a short title for the conversation in title case.\n\nConversation:\nUser: BN?", Job.TITLE),
        ("Analyze this conversation and give its title.\n\nUser: BN?\nAI: …", Job.TITLE),
        ("请给下面的对话起一个标题。\n\nUser: BN 是什么？\nAI: …", Job.TITLE),
    ],
)
def test_a_job_is_recognised_by_its_shape(text: str, job: Job) -> None:
    assert job_of(request(text)) is job


@pytest.mark.parametrize(
    "text",
    [
        "标题生成任务用什么指标？",
        "How does a dialogue system generate a title for a conversation?",
        "Generate adversarial examples: how?",
        "### Task: 多任务学习里各个 loss 怎么加权？",
        "给新闻起标题的模型怎么训练？",
        "Write down the loss of a conversation model.",
        "User: what is BN?",
    ],
)
def test_a_question_is_no_job(text: str) -> None:
    assert job_of(request(text)) is None


def test_a_client_that_says_what_it_wants_is_believed() -> None:
    assert job_of(request("BN", metadata={"task": "title_generation"})) is Job.TITLE
    assert job_of(request("BN", metadata={"task": "moa_response_generation"})) is Job.OTHER
    assert job_of(request("BN", metadata={"task": ""})) is None
    assert job_of(request("BN", metadata="title_generation")) is None


def test_without_a_model_a_title_is_the_first_line_and_the_rest_is_empty() -> None:
    wanted = request(template("Make a title.", '{ "title": "a title" }'))
    assert json.loads(plain(Job.TITLE, wanted.messages)) == {"title": "L1 正则化为什么稀疏？"}
    for job in (Job.TAGS, Job.FOLLOW_UPS, Job.QUERIES):
        asked = request(template("Find some.", f'{{ "{job.value}": ["one"] }}'))
        assert json.loads(plain(job, asked.messages)) == {job.value: []}
    plainly = request("Please write a 5-word title for this conversation.\n\nUser: 感受野怎么算？\nAI: …")
    assert plain(Job.TITLE, plainly.messages) == "感受野怎么算？"
    long = request("Write a title for the conversation in title case.", "池化" * 30)
    assert plain(Job.TITLE, long.messages) == "池化" * 12 + "…"
    assert plain(Job.OTHER, long.messages) == ""
