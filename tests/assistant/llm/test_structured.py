"""Objects from a model: asked for by schema, validated, mended once, and refused aloud."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationInfo, field_validator

from assistant.llm.base import (
    Content,
    EmptyAnswer,
    Finished,
    FinishReason,
    MalformedCall,
    Message,
    ModelBusy,
    Role,
    Thinking,
)
from assistant.llm.fake_ollama import FakeModel, FakeOllama, say
from assistant.llm.ollama_chat import OllamaModel
from assistant.llm.scripted import Reply, ScriptedModel
from assistant.llm.structured import SchemaIgnored, StructuredFailure, form_of, structured
from tests.assistant.llm.asking import NAME, PATIENT, model_of

ASKED = [Message(Role.SYSTEM, "你出题。"), Message(Role.USER, "出一道题。")]


class Question(BaseModel):
    title: str
    level: Literal["easy", "hard"]
    options: Annotated[list[str], Field(min_length=2, max_length=4)]

    @field_validator("title")
    @classmethod
    def stands_in_the_note(cls, title: str, info: ValidationInfo) -> str:
        if info.context and title not in info.context["note"]:
            raise ValueError(f"{title!r} is not in the note")
        return title


GOOD = {"title": "Dropout", "level": "easy", "options": ["a", "b"]}


def written(**changed: object) -> str:
    return json.dumps(GOOD | changed, ensure_ascii=False)


def ask(*replies: Reply, messages: Sequence[Message] = ASKED) -> tuple[Question, ScriptedModel]:
    model = ScriptedModel(replies)
    return structured(model, messages, Question), model


def test_the_schema_goes_to_the_server_and_to_the_one_system_message() -> None:
    question, model = ask(written())
    assert question == Question(title="Dropout", level="easy", options=["a", "b"])
    [asked] = model.asked
    assert asked.schema == form_of(Question)
    assert asked.tools == ()
    system, user = asked.messages
    assert system.content.startswith("你出题。\n\n")
    assert json.loads(system.content.splitlines()[-1]) == form_of(Question)
    assert user == ASKED[1]


def test_without_a_system_message_one_is_made() -> None:
    _, model = ask(written(), messages=ASKED[1:])
    assert [m.role for m in model.asked[0].messages] == [Role.SYSTEM, Role.USER]


def test_a_form_has_no_titles_but_keeps_a_property_of_that_name() -> None:
    form = form_of(Question)
    assert form["properties"]["title"] == {"type": "string"}
    assert "title" not in form
    assert form["required"] == ["title", "level", "options"]


class Exam(BaseModel):
    questions: list[Question]


def test_every_object_of_a_form_is_closed_so_that_nothing_can_be_invented() -> None:
    form = form_of(Exam)
    assert form["additionalProperties"] is False
    assert form["$defs"]["Question"]["additionalProperties"] is False
    assert "additionalProperties" not in form["properties"]


@pytest.mark.parametrize(
    "reply",
    [
        [Content(piece) for piece in written()],
        f"\n\t{written()}  \n",
        f"```json\n{written()}\n```",
        f"好的：\n```\n{written()}\n```\n请看。",
        [Thinking("先想想 {"), written()],
    ],
    ids=["in pieces", "blanks", "fence", "fence in prose", "after thoughts"],
)
def test_what_stands_around_the_object_does_no_harm(reply: Reply) -> None:
    assert ask(reply)[0].title == "Dropout"


def test_a_fence_inside_a_string_is_content() -> None:
    code = "```\n{}\n```"
    assert ask(written(title=code))[0].title == code


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (written(options=["a"]), "options: List should have at least 2 items"),
        (written(level="medium"), "level: Input should be 'easy' or 'hard'"),
        ("[1, 2]", "the object: "),
        ("我不能出题。", "the object: Invalid JSON"),
        ([written()[:20], Finished(FinishReason.LENGTH)], "It was cut off: be briefer."),
        ([written()[:20], MalformedCall("not the expected format")], "It was cut off: be briefer."),
    ],
)
def test_a_faulty_reply_is_sent_back_once_with_its_faults(first: Reply, told: str) -> None:
    question, model = ask(first, written())
    assert question.title == "Dropout"
    *_, returned, repair = model.asked[1].messages
    assert returned.role is Role.ASSISTANT
    assert repair.role is Role.USER
    assert told in repair.content
    assert model.asked[1].messages[:2] == model.asked[0].messages  # the cached prefix
    assert model.asked[1].schema == form_of(Question)


def test_only_the_first_faults_are_named() -> None:
    model = ScriptedModel([json.dumps({"options": [1, 2, 3, 4]}), written()])
    structured(model, ASKED, Question)
    assert model.asked[1].messages[-1].content.count("\n- ") == 5


def test_an_empty_answer_is_asked_for_again_as_it_was() -> None:
    _, model = ask(EmptyAnswer("only thought"), written())
    assert model.asked[0] == model.asked[1]


def test_a_check_against_the_outside_is_repaired_like_any_fault() -> None:
    model = ScriptedModel([written(title="Adam"), written()])
    question = structured(model, ASKED, Question, context={"note": "Dropout 随机丢弃"})
    assert question.title == "Dropout"
    assert "'Adam' is not in the note" in model.asked[1].messages[-1].content


def test_a_second_fault_is_a_visible_failure() -> None:
    with pytest.raises(StructuredFailure, match="no usable Question, twice: - level: ") as caught:
        ask(written(level="x"), written(level="y"))
    assert not isinstance(caught.value, SchemaIgnored)
    assert '"y"' in caught.value.reply
    assert caught.value.hint


def test_two_replies_that_are_no_json_mean_that_the_schema_is_ignored() -> None:
    with pytest.raises(SchemaIgnored):
        ask("好的", "还是不行")


def test_two_cut_replies_are_not_taken_for_an_ignored_schema() -> None:
    cut: Reply = [written()[:20], Finished(FinishReason.LENGTH)]
    with pytest.raises(StructuredFailure, match="cut off") as caught:
        ask(cut, cut)
    assert not isinstance(caught.value, SchemaIgnored)


def test_an_error_of_the_server_is_raised_as_it_is() -> None:
    with pytest.raises(ModelBusy):
        ask(ModelBusy("full"))


# Over a real socket


def test_ollama_is_asked_coldly_without_thoughts_and_without_tools(server: FakeOllama) -> None:
    server.enqueue(say(*written(), thinking=["想"]))
    assert structured(model_of(server), ASKED, Question).options == ["a", "b"]
    [body] = server.chats
    assert body["format"] == form_of(Question)
    assert body["think"] is False
    assert body["options"]["temperature"] == 0.0
    assert "tools" not in body


@pytest.mark.parametrize(
    ("version", "hint"),
    [
        ("0.20.0", "Ollama 0.20.0 ignores JSON schemas"),
        ("0.21.0", "Ollama 0.21.0 ignores JSON schemas"),
        ("0.21.1", "larger model"),
        ("0.0.0", "larger model"),
    ],
)
def test_a_server_too_old_for_schemas_is_recognised(version: str, hint: str) -> None:
    with FakeOllama(version=version, models=[FakeModel(NAME)]) as server:
        server.enqueue(say("好的，"), say("没有 JSON。"))
        with pytest.raises(SchemaIgnored) as caught:
            structured(OllamaModel(NAME, host=server.host, options=PATIENT), ASKED, Question)
    assert hint in caught.value.hint
