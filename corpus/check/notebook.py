"""The notes that are checked together, each with its topics and its prose. It judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from corpus.check.findings import Edit, Finding
from corpus.check.markup import HOLE, prose
from corpus.glossary import Glossary, Match
from corpus.splitting import split_note
from corpus.types import Note, Topic

_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")


@dataclass(frozen=True)  # no slots: what several rules ask is worked out once
class Sheet:
    """One note. Line numbers are 1-based as in the file; the tuples start at line 1."""

    note: Note

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines as written."""
        return tuple(self.note.text.split("\n"))

    @cached_property
    def prose(self) -> tuple[str, ...]:
        """The lines with code, formulas and addresses masked, column for column."""
        return prose(self.note)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """The topics in the order of the file, those that stand on lines."""
        return tuple(topic for topic in split_note(self.note) if topic.location.lines)

    @cached_property
    def is_chinese(self) -> bool:
        """Whether the note is written in Chinese, be it full of English terms."""
        sample = self.note.text[:20_000]
        return len(_CJK.findall(sample)) >= len(_LATIN_WORD.findall(sample))

    def say(self, chinese: str, english: str) -> str:
        """Return the one that is in the note's language."""
        return chinese if self.is_chinese else english

    def body(self, topic: Topic) -> range:
        """Return the line numbers of a topic below its heading."""
        first = max(topic.location.first + 1, self.note.body_start)
        if topic.location.first == topic.location.last or not self._opens_with_title(topic):
            first = max(topic.location.first, self.note.body_start)
        return range(first, topic.location.last + 1)

    def topic_at(self, line: int) -> Topic | None:
        """Return the topic that `line` belongs to."""
        return next((t for t in self.topics if t.location.first <= line <= t.location.last), None)

    def sentences(self, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield (line number, sentence) of the prose on those lines; a sentence ends with its line."""
        for i in numbers:
            for match in _SENTENCE.finditer(self.prose[i - 1]):
                if text := match[0].strip(f" \t{HOLE}"):
                    yield i, text

    def finding(
        self,
        rule: str,
        lines: int | tuple[int, int],
        message: tuple[str, str],
        hint: tuple[str, str],
        confidence: float,
        fix: Edit | None = None,
    ) -> Finding:
        """Return a finding in this note; message and hint are given as (Chinese, English)."""
        span = (lines, lines) if isinstance(lines, int) else lines
        return Finding(rule, self.note.path, span, self.say(*message), self.say(*hint), confidence, fix)

    def _opens_with_title(self, topic: Topic) -> bool:
        # The text above a note's first heading is a topic named after the file: it has no heading line.
        return topic.title in self.lines[topic.location.first - 1] or topic.front_matter is not None


@dataclass(frozen=True)
class Notebook:
    """Every note that is checked together."""

    sheets: tuple[Sheet, ...]
    glossary: Glossary

    @classmethod
    def of(cls, notes: Sequence[Note], glossary: Glossary) -> Notebook:
        """Return the notebook of `notes`, in their order."""
        return cls(tuple(map(Sheet, notes)), glossary)

    def topics(self) -> Iterator[tuple[Sheet, Topic]]:
        """Yield every topic with the note it stands in."""
        for sheet in self.sheets:
            for topic in sheet.topics:
                yield sheet, topic

    def concepts(self, text: str) -> tuple[Match, ...]:
        """Return the concepts that `text` names."""
        return self.glossary.find(text)
