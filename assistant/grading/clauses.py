"""Text cut into clauses, each one statement: where it stands, and the label before a colon that governs it.

It reads no meaning. Chinese and English are cut alike: at punctuation, and where a joint such as 而 or "whereas"
begins a new statement.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.grading.lexicon import lexicon
from index.terms import fold

# What web pages, PDFs and jokers leave inside words.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Where a link leads and how text is to look says nothing: "passwd" in an address is no "passes", <b> no b.
_MARKUP = re.compile(
    r"(?<=\])\([^()\s]*\)|\b[a-z][a-z0-9+.-]*://[^\s<>，。；、）)]*|</?[a-z][a-z0-9]*\s?/?>", re.IGNORECASE
)
_END = re.compile(r"[。！？；!?;\n]+|(?<=[^\d\s])\.(?=\s|$)|(?<=\d)\.(?=\s*$)")
_PAUSE = re.compile(r"[,，](?!\s?\d)(?!\d)|(?<!\d)[,，]|——|->|→")
# 「优点：」 or "Causes:" before what it governs; a ratio or a time is no label.
_LABEL = re.compile(r"^\s*([^:：,，。；;]{1,40}?)\s*(?:(?<!\d)[:：]|[:：](?!\d))(.*)$", re.DOTALL)
_NUMBERING = re.compile(
    r"^\s*(?:[-*+•·]\s+|[(（]?\d{1,2}[.)）、](?!\d)\s*|[(（][a-z一二三四五六七八九十][)）]\s*)+",
    re.IGNORECASE,
)
# 「随着…而」 is one statement.
_BOUND = re.compile("随|因|为了")
_MARKS = re.compile(r"[*_`#>$\\]+")


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement: its words as written, the same in narrow letters and folded, and the label it stands under.

    `sentence` counts the sentences of the text; `joined` says that it goes on with the statement before it.
    """

    text: str
    cased: str
    folded: str
    label: str
    sentence: int
    joined: bool


def visible(text: str) -> str:
    """Return `text` without characters and comments that a reader does not see."""
    return _COMMENT.sub(" ", _INVISIBLE.sub("", text))


def without_markup(text: str) -> str:
    """Return `text` without tags and without what its links lead to; the words of the links stay."""
    return _MARKUP.sub(" ", text)


def clauses(text: str, label: str = "") -> list[Clause]:
    """Return the clauses of `text`, in order. `label` governs until the text brings one of its own."""
    found: list[Clause] = []
    for number, sentence in enumerate(_sentences(without_markup(visible(text)))):
        own, body = split_label(_NUMBERING.sub("", sentence))
        governing = own or label
        for at, piece in enumerate(_pieces(body)):
            inner, rest = split_label(piece) if at else ("", piece)
            if inner and at:
                governing, piece = (inner, rest) if len(inner) <= 14 else (governing, piece)
            cased = unicodedata.normalize("NFKC", _MARKS.sub(" ", piece)).strip()
            folded = fold(cased)
            if folded:
                cased = cased if len(cased) == len(folded) else folded
                found.append(Clause(piece.strip(), cased, folded, governing, number, joined=at > 0))
    return found


def split_label(text: str) -> tuple[str, str]:
    """Return the label that `text` begins with, or nothing, and the rest."""
    match = _LABEL.match(text)
    if not match or "//" in text[match.end(1) : match.end(1) + 4]:
        return "", text
    return match[1].strip(), match[2]


def _sentences(text: str) -> Iterator[str]:
    at = 0
    for end in _END.finditer(text):
        if part := text[at : end.end()].strip(" \t\r\n。；;!！"):
            yield part
        at = end.end()
    if part := text[at:].strip():
        yield part


def _pieces(sentence: str) -> Iterator[str]:
    """Cut at pauses, then before each joint."""
    joints = lexicon().words["joints"]
    at = 0
    for pause in [*_PAUSE.finditer(sentence), None]:
        part = sentence[at : pause.start() if pause else len(sentence)]
        at = pause.end() if pause else at
        cut = 0
        for joint in joints.finditer(part.casefold()):
            bound = joint[0] == "而" and _BOUND.search(part, cut, joint.start())
            if len(part[cut : joint.start()].strip()) >= 2 and not bound:
                yield part[cut : joint.start()]
                cut = joint.start()
        if part[cut:].strip():
            yield part[cut:]
