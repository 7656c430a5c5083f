"""A question without the frame that names its topic, for an interviewer who has just named it."""

from __future__ import annotations

import pytest

from assistant.quiz.making import _FRAMES, unframed


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("聊聊可变形卷积。offset 的梯度怎么算？", "offset 的梯度怎么算？"),
        ("关于 BN，为什么要学两个参数？", "为什么要学两个参数？"),
        ("说到「为什么需要归一化」，怎么做？", "怎么做？"),
        ("On anchor boxes: why one threshold?", "why one threshold?"),
        ("BN 的优点是什么？它的缺点呢？", "BN 的优点是什么？它的缺点呢？"),
        ("L1，还是 L2？", "L1，还是 L2？"),
    ],
)
def test_the_frame_goes_and_the_question_stays(prompt: str, asked: str) -> None:
    assert unframed(prompt) == asked


def test_every_frame_is_taken_off_again() -> None:
    for frames in _FRAMES.values():
        for frame in frames:
            assert (
                unframed(frame.format(topic="dropout", asked="多少？\n第二行，还有：三"))
                == "多少？\n第二行，还有：三"
            )
