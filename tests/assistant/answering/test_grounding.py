"""Sentences checked against passages: what is made up is found, what is said in other words is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answering.grounding import Doubt, doubts, figures, sentences
from assistant.events import Answer
from assistant.language import Language, say
from assistant.llm.scripted import Reply, ScriptedModel, calling
from assistant.study import Assistant
from corpus.glossary import load_glossary
from corpus.types import Location, LocationKind, Passage
from index.embedders.hashed import HashedEmbedder
from tests.assistant.answering.test_model_mode import QUESTION, WithModel

GLOSSARY = load_glossary()


def passage(text: str, topic: str = "Dropout") -> Passage:
    return Passage(
        passage_id=topic,
        topic=topic,
        heading_path=(topic,),
        path=Path("/notes/a.md"),
        location=Location(LocationKind.LINES, 1, 1),
        text=text,
    )


DROPOUT = passage(
    "Dropout 在训练时以概率 p 随机把神经元的输出置零，推理时不丢弃。\n"
    "它可以看作许多子网络的集成，因此能抑制过拟合。卷积层里 89.4% 的参数用不到它。"
)
POOLING = passage("最大池化取窗口内的最大值，反向传播时梯度只传给最大值所在的位置。", "池化 pooling")


def doubted(text: str, *passages: Passage, computed: tuple[str, ...] = ()) -> list[Doubt]:
    given = passages or (DROPOUT, POOLING)
    return doubts(text, given, GLOSSARY, HashedEmbedder(GLOSSARY), computed)


@pytest.mark.parametrize(
    "sentence",
    [
        "Dropout 训练时随机把一部分神经元置零[1]。",
        "可以把它看成很多子网络的集成，所以能抑制过拟合 [1]。",
        "- **推理时**不再丢弃神经元[1]",
        "最大池化的梯度只传给最大值的位置[2]。",
        "Dropout acts as an ensemble of subnetworks, which reduces overfitting [1].",
        "大约 89.4% 的参数用不到 Dropout[1]。",
        "比例约为 0.894，这些参数用不到 Dropout[1]。",
        "最大池化取窗口内的最大值。",
        "好的。",
        "笔记没有提到 Transformer 的多头注意力机制是怎样训练的。",
        "The notes do not cover how diffusion models are trained.",
        "为什么扩散模型需要上千步采样才能生成图片？",
        "扩散模型的优点主要有以下几个方面：",
        "## 扩散模型与变分自编码器的联系",
        "```python\nmodel = DiffusionTransformer(depth=28, patch=16)\n```",
    ],
)
def test_what_the_passages_say_in_any_words_and_what_states_nothing_is_not_doubted(sentence: str) -> None:
    assert doubted(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Dropout 由 Hinton 的学生在多伦多大学的宿舍里发明，最早用于语音识别。",
        "扩散模型通过上千步去噪生成图片。",
        "Vision transformers split the image into patches and use self-attention.",
    ],
)
@pytest.mark.parametrize("marker", ["", "[1]"])
def test_what_stands_in_no_passage_is_doubted_with_or_without_a_marker(sentence: str, marker: str) -> None:
    body = sentence[:-1]
    [doubt] = doubted(f"{body}{marker}{sentence[-1]}")
    assert doubt == Doubt(sentence, (1,) if marker else ())


def test_a_figure_that_stands_nowhere_is_doubted_in_a_sentence_of_the_passages_own_words() -> None:
    assert doubted("卷积层里 89.4% 的参数用不到它[1]。") == []
    assert doubted("卷积层里 98.4% 的参数用不到它[1]。") == [Doubt("卷积层里 98.4% 的参数用不到它。", (1,))]


def test_a_citation_of_the_wrong_passage_is_told_with_the_right_one() -> None:
    text = "最大池化反向传播时梯度只传给最大值所在的位置[1]。"
    assert doubted(text) == [Doubt("最大池化反向传播时梯度只传给最大值所在的位置。", (1,), (2,))]


def test_a_sentence_that_reports_a_result_of_a_tool_is_left_to_the_check_of_figures() -> None:
    text = "边长为 32 的输入经过这一步之后，输出的边长变成了 16。"
    assert doubted(text, computed=('{"input_size": 32}', '{"numbers": {"output": 16}}')) == []
    assert len(doubted(text)) == 1


def test_passages_in_another_language_are_compared_by_concepts_alone() -> None:
    english = passage("Weight decay shrinks every weight at each step. In SGD it equals L2 regularization.")
    assert doubted("权重衰减每一步都把权重缩小一点，在 SGD 里等价于 L2 正则化[1]。", english) == []
    [doubt] = doubted("批归一化和残差连接让感受野变大，池化让注意力变稀疏[1]。", english)
    assert doubt.cited == (1,)


def test_sentences_come_without_list_marks_and_with_the_markers_behind_their_full_stops() -> None:
    text = "1. 甲是乙。[1][2]\n- 丙是 0.5 倍[3]。丁？\n| a | b |\nIt is x. [2] It is y [1].\n"
    assert list(sentences(text)) == [
        ("甲是乙。", (1, 2)),
        ("丙是 0.5 倍。", (3,)),
        ("It is x.", (2,)),
        ("It is y.", (1,)),
    ]


def test_numbers_inside_names_are_no_figures() -> None:
    assert figures("L2 正则化在 VGG16 上，学习率 0.01，参数 1,234 个，占 89.4%") == {0.01, 1234.0, 89.4}


# In an answer


def ask(with_model: WithModel, *replies: Reply) -> Answer:
    return with_model(ScriptedModel(replies)).ask(QUESTION)


def test_the_answer_keeps_the_sentence_and_marks_it(with_model: WithModel) -> None:
    made_up = "扩散模型通过上千步去噪生成图片"
    answer = ask(with_model, f"它相当于许多子网络的集成[1]。{made_up}[1]。")
    assert answer.text == f"它相当于许多子网络的集成[1]。{made_up}[1]。"
    assert answer.unsupported == (f"{made_up}。",)
    assert answer.notices == (say("unsupported_cited", Language.ZH, sentence=f"{made_up}。", cited="[1]"),)
    assert answer.to_dict()["unsupported"] == [f"{made_up}。"]


def test_the_answer_tells_what_the_note_says_instead(with_model: WithModel) -> None:
    answer = ask(with_model, "推理时丢弃[1]。")
    words = "Dropout 在训练时以概率 p 随机把神经元的输出置零，推理时不丢弃。"
    told = say("opposed", Language.ZH, sentence="推理时丢弃。", cited="[1]", against=words)
    assert (answer.unsupported, answer.notices) == (("推理时丢弃。",), (told,))


def test_a_supported_answer_has_no_mark(with_model: WithModel) -> None:
    answer = ask(with_model, "推理时不丢弃神经元[1]。它可以看作许多子网络的集成，因此能抑制过拟合[1]。")
    assert (answer.unsupported, answer.notices) == ((), ())


def test_a_retracted_answer_takes_its_marks_along(with_model: WithModel) -> None:
    from assistant.llm.base import StreamBroken

    answer = ask(with_model, ["扩散模型通过上千步去噪生成图片[1]。", StreamBroken("断了")])
    assert (answer.mode, answer.unsupported) == ("notes", ())


def test_a_computed_figure_is_not_doubted(with_model: WithModel) -> None:
    call = calling("conv_output_size", "c1", input_size=32, kernel=3, stride=2, padding=1)
    model = ScriptedModel([call, "边长为 32 的输入经过这一层之后，输出的边长是 16 [1]。"])
    assistant: Assistant = with_model(model)
    assert assistant.ask("池化怎么反向传播?").unsupported == ()


@pytest.mark.parametrize(
    ("question", "text", "is_noticed"),
    [
        (QUESTION, "It acts as an ensemble of many subnetworks, so it reduces overfitting [1].", True),
        (QUESTION, "Dropout 相当于 ensemble of subnetworks，因此能抑制 overfitting [1]。", False),
        (QUESTION, "OK [1].", False),
        (
            "Why does dropout prevent overfitting?",
            "它可以看作许多子网络的集成，因此能抑制过拟合，推理时不丢弃[1]。",
            True,
        ),
        (
            "Why does dropout prevent overfitting?",
            "Dropout (随机失活) acts as an ensemble of many subnetworks, so it reduces overfitting [1].",
            False,
        ),
    ],
)
def test_an_answer_in_another_language_is_noticed(
    with_model: WithModel, question: str, text: str, is_noticed: bool
) -> None:
    answer = with_model(ScriptedModel([text])).ask(question)
    told = {say("other_tongue", language) for language in Language}
    assert bool(told & set(answer.notices)) is is_noticed


# Against the passages


NORMS = passage(
    "L1 正则化得到稀疏解，可以做特征选择；L2 正则化得到普遍较小、平滑的权重。\n"
    "- 说 L2 正则化也会让权重精确为 0 是错的：L2 正则化只按比例缩小权重。\n"
    "AdaGrad 的有效学习率只减不增。\n"
    "γ 控制难易样本的权重，α 控制正负类的权重。\n"
    "padding 不改变感受野的大小。\n"
    "Greedy NMS deletes overlapping boxes, soft-NMS only lowers their scores.\n"
    "Saddle points are more common than bad local minima.",
    "笔记",
)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("L1 得到平滑的小权重，L2 得到稀疏解。", "L1 正则化得到稀疏解"),
        ("L2 正则化会让权重精确为 0。", "是错的"),
        ("AdaGrad 的有效学习率只增不减。", "只减不增"),
        ("α 控制难易样本的权重，γ 控制正负类的权重。", "γ 控制难易样本的权重"),
        ("padding 改变感受野的大小。", "padding 不改变"),
        ("Soft-NMS deletes overlapping boxes, greedy NMS only lowers their scores.", "Greedy NMS deletes"),
        ("Bad local minima are more common than saddle points.", "Saddle points are more common"),
    ],
)
@pytest.mark.parametrize("marker", ["", "[1]"])
def test_what_says_the_opposite_of_a_passage_is_told_with_the_words_of_the_passage(
    sentence: str, words: str, marker: str
) -> None:
    [doubt] = doubted(f"{sentence[:-1]}{marker}{sentence[-1]}", NORMS)
    assert (doubt.sentence, doubt.cited) == (sentence, (1,))
    assert words in doubt.against
    assert doubt.against in NORMS.text


@pytest.mark.parametrize(
    "sentence",
    [
        "L2 正则化得到平滑的小权重，L1 正则化得到稀疏解[1]。",
        "L2 正则化不会让权重精确为 0[1]。",
        "说 L2 正则化会让权重精确为 0 是错的[1]。",
        "AdaGrad 的有效学习率不会变大，只减不增[1]。",
        "难易样本的权重由 γ 控制，正负类的权重由 α 控制[1]。",
        "padding 不会改变感受野的大小[1]。",
        "Soft-NMS only lowers the scores of overlapping boxes, greedy NMS deletes them [1].",
        "Saddle points are more common than bad local minima [1].",
        "如果 padding 改变感受野的大小，公式里就会有它[1]。",
    ],
)
def test_what_says_the_same_in_any_order_is_not_against_the_passage(sentence: str) -> None:
    assert [doubt for doubt in doubted(sentence, NORMS) if doubt.against] == []
