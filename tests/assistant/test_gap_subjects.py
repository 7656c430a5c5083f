"""Gaps by what they ask about: one subject in any wording or language, the most asked first, small talk last."""

from __future__ import annotations

from datetime import UTC, datetime

from assistant.gap_subjects import by_subject
from assistant.store.records import Gap
from corpus.glossary import load_glossary

GLOSSARY = load_glossary()
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def gap(question: str, count: int, *nearest: str) -> Gap:
    return Gap(question, count, NOW, NOW, nearest)


def test_questions_about_one_thing_are_one_subject_whatever_the_language() -> None:
    gaps = [
        gap("明天天气怎么样?", 9, "池化"),
        gap("K-means 怎么选 K?", 4, "池化", "感受野"),
        gap("LSTM 的三个门分别做什么?", 3, "梯度消失", "sigmoid"),
        gap("What do the gates of a long short-term memory do?", 2, "sigmoid", "GAN"),
        gap("长短期记忆网络为什么能记住?", 1, "梯度消失"),
    ]
    subjects = by_subject(gaps, GLOSSARY)
    assert [(s.name, s.count, len(s.gaps)) for s in subjects] == [
        ("LSTM", 6, 3),
        (subjects[1].name, 4, 1),
        ("", 9, 1),
    ]
    assert "k" in subjects[1].name.lower()
    assert subjects[0].nearest_topics == ("梯度消失", "sigmoid", "GAN")
    assert [one for s in subjects for one in s.gaps] == [gaps[2], gaps[3], gaps[4], gaps[1], gaps[0]]


def test_without_gaps_there_is_no_subject() -> None:
    assert by_subject([], GLOSSARY) == ()
