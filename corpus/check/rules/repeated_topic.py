"""Two topics on the same subject: equal titles by other names, or a shared subject with the same content.

Titles that share a concept are the rule in study notes (BN和IN, BN反向传播). So equal means: the same concepts
and the same words beside them. Where one title only says a little more (不同卷积感受野计算, 感受野计算), the
text has to agree too: the same links, the same sentences, or nothing but a title on one side.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import urlsplit

from corpus.check.findings import Finding
from corpus.check.notebook import Notebook, Sheet
from corpus.concepts import fold
from corpus.types import Topic

RULE = "the same subject in two topics"

#: Words that leave a subject what it is.
_EMPTY = re.compile(
    r"为什么|是什么|什么是|怎么样|怎么|如何|怎样|哪些|什么|有何|请问|简述|简介|介绍|详解|理解|浅谈|谈谈|解释|说明|总结|汇总|整理|笔记|原理|概念|知识点|"
    r"面试题|问题|相关|关于|一下|不同|各种|常见|几种|计算方法|计算|算|方法|公式|推导|函数|模块|网络|的|了|呢|吗|是|有|中|在|会|做|用"
    r"|\b(?:what|is|are|the|an?|of|in|how|to|do|does|why|we|you|explain|introduction|intro|overview|notes?|on|about|basics|different|compute"
    r"|computing|calculate|calculating|calculation|function|for|it|and)\b"
)
_NUMBERING = re.compile(r"^\s*(?:q?\d+(?:\.\d+)*[.、:：)）]?|[一二三四五六七八九十]+[、.])\s*")
_WORD = re.compile(r"[\u3400-\u9fff]|[a-z0-9]+")
#: Concepts so wide that naming them narrows nothing.
_WIDE = frozenset(
    "convolution convolutional_neural_network neural_network deep_learning machine_learning computer_vision".split()
)
_LINK = re.compile(r"https?://[^\s)>\]]+")
_MAX_SAME = 20


@dataclass(frozen=True, slots=True)
class _Subject:
    """A title's concepts, its other words, and the concepts of the headings above it."""

    concepts: frozenset[str]
    words: frozenset[str]
    above: frozenset[str]

    def equals(self, other: _Subject) -> bool:
        return self.concepts == other.concepts and self.words == other.words


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield a finding for the later topic of every two on one subject."""
    groups: dict[frozenset[str], list[tuple[Sheet, Topic, _Subject]]] = defaultdict(list)
    for sheet, topic in notebook.topics():
        subject = _subject(notebook, topic)
        if key := (subject.concepts - _WIDE or subject.concepts or subject.words):
            groups[key].append((sheet, topic, subject))
    for group in groups.values():
        for (_, topic, subject), (sheet, later, other) in combinations(group[:_MAX_SAME], 2):
            if (sureness := _sureness(notebook, topic, subject, later, other)) > 0:
                sure = sureness > 0.8
                place = f"{topic.path.name}:{topic.location.first}"
                yield sheet.finding(
                    "repeated_topic",
                    (later.location.first, later.location.last),
                    (
                        f"《{later.title}》和《{topic.title}》（{place}）{'' if sure else '可能'}讲的是同一个主题。",
                        f"“{later.title}” {'is' if sure else 'may be'} the same subject as “{topic.title}” ({place}).",
                    ),
                    ("合并成一个主题，或改标题说清区别。", "Merge them, or let the titles tell them apart."),
                    sureness,
                )


def _subject(notebook: Notebook, topic: Topic) -> _Subject:
    title = _NUMBERING.sub("", topic.title)
    matches = notebook.concepts(title)
    parts, at = [], 0
    for match in matches:
        parts.append(title[at : match.start])
        at = match.end
    rest = _EMPTY.sub(" ", fold(" ".join([*parts, title[at:]])))
    above = frozenset(m.concept for h in topic.heading_path[:-1] for m in notebook.concepts(h))
    return _Subject(frozenset(m.concept for m in matches), frozenset(_WORD.findall(rest)), above)


def _sureness(notebook: Notebook, a: Topic, one: _Subject, b: Topic, two: _Subject) -> float:
    """Return how likely the two topics are one, 0 for not at all."""
    if one.above != two.above and not (one.above <= two.concepts and two.above <= one.concepts):
        return 0.0
    if not one.concepts and (len(one.words) < 2 or len(a.heading_path) > 1 or len(b.heading_path) > 1):
        return 0.0  # 优点 under two headings is not one subject
    alike = one.equals(two)
    if alike and one.concepts and not one.concepts <= _WIDE:
        return 0.9
    if alike:
        return 0.75
    if not (one.words <= two.words or two.words <= one.words) or len(one.words ^ two.words) > 4:
        return 0.0
    if one.concepts - _WIDE != two.concepts - _WIDE:
        return 0.0
    if one.words != two.words and not (_links(a) & _links(b)):
        return 0.0
    if _links(a) & _links(b):
        return 0.85
    return 0.6 if a.stub or b.stub else 0.0


def _links(topic: Topic) -> frozenset[str]:
    """Return where the links of a topic lead, without what sites add to count visitors."""
    found = _LINK.findall("\n".join(p.text for p in topic.passages))
    parts = []
    for link in found:
        try:
            split = urlsplit(link.rstrip(".,;。，；"))
        except ValueError:
            continue
        parts.append(f"{split.netloc}{split.path}".rstrip("/"))
    return frozenset(parts)
