"""What an answer is before it is read for content: empty, the question again, a row of words, a copied note.

Nothing here reads meaning, and nothing here gives credit: a screen can only take it away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.grading.clauses import Clause, visible
from assistant.grading.lexicon import lexicon
from assistant.grading.types import Remark
from index.terms import fold

_PUNCTUATION = re.compile(r"[\W_]+")
# Shares of an echo: of its pairs of characters, of those where no other character is new, of the length.
_REPEATED, _SHUFFLED, _ECHO_LENGTH = 0.8, 0.6, 0.6
_SMALL = frozenset("的是了呢吗么啊呀有什么哪些请问")
_TERM = 8  # characters of a term, on average
_LEFT_OVER = 3
_ASIDE = re.compile("我|这|那|道|题|个|的|答案|怎么|真的?|做|了|诶|哈|哦|啊|暂时|实在|sorry|answer|the|this")
_COPY = 12  # characters in a row that are no coincidence
_COPIED_SHARE, _COPIED_TOPIC, _COPIED_LEAST = 0.7, 0.6, 50


def is_empty(answer: str) -> bool:
    """Whether nothing was written, or nothing but marks."""
    return not _bare(answer)


def is_no_answer(answer: str) -> bool:
    """Whether the answer says that there is none, and nothing else: 「神经元不会死掉」 is an answer."""
    text = fold(visible(answer))
    pattern = lexicon().words["no_answer"]
    return bool(pattern.search(text)) and len(_ASIDE.sub("", _bare(pattern.sub("", text)))) <= _LEFT_OVER


def is_echo(question: str, answer: str) -> bool:
    """Whether the answer only repeats the question, with small words added or the order changed."""
    asked, said = _bare(question), _bare(answer)
    if len(said) < _ECHO_LENGTH * len(asked):
        return False  # 「L1」 is an answer to 「L1 和 L2 哪个…」
    pairs = [said[at : at + 2] for at in range(len(said) - 1)]
    repeated = sum(pair in asked for pair in pairs)
    fresh = set(said) - set(asked) - _SMALL
    return repeated >= _REPEATED * len(pairs) > 0 or (not fresh and repeated >= _SHUFFLED * len(pairs) > 0)


def is_keywords(answer: str) -> bool:
    """Whether the answer is a row of terms without a sentence."""
    text = visible(answer).strip(" 。.")
    pieces = text.split()
    if len(pieces) < 3 or re.search(r"[,，;；。!！?？:：]", text):
        return False
    function = lexicon().words["function_words"]
    sentences = sum(bool(function.search(fold(piece))) for piece in pieces)
    chinese = re.search("[㐀-鿿]", text)
    return sentences <= len(pieces) / (4 if chinese else 10) and sum(map(len, pieces)) / len(pieces) <= _TERM


def statements(question: str, answer: str) -> str:
    """Return `answer` without its lines that are rows of terms or the question again, unless it has no other."""
    kept = [line for line in answer.splitlines() if not is_keywords(line) and not is_echo(question, line)]
    return "\n".join(kept) if any(_bare(line) for line in kept) else answer


def is_pasted(answer: str, note: str) -> bool:
    """Whether the answer is most of the note's own text: nobody can tell what its writer knows."""
    said, written = _bare(answer), _bare(note)
    if len(said) < _COPIED_LEAST:
        return False
    copied = sum(_COPY for at in range(0, len(said) - _COPY + 1, _COPY) if said[at : at + _COPY] in written)
    return copied >= _COPIED_SHARE * len(said) and copied >= _COPIED_TOPIC * len(written)


def addressed(clauses: Sequence[Clause]) -> list[bool]:
    """Return for each clause whether it talks to the grader instead of answering."""
    pattern = lexicon().words["addressed_to_grader"]
    return [bool(pattern.search(clause.folded) or pattern.search(fold(clause.label))) for clause in clauses]


def remark_on(question: str, answer: str, note: str) -> Remark | None:
    """Return what keeps `answer` from being graded for its content, if anything does."""
    if is_empty(answer):
        return Remark.EMPTY
    if is_echo(question, answer):
        return Remark.ECHO
    if is_no_answer(answer):
        return Remark.NO_ANSWER
    return Remark.PASTED if is_pasted(answer, note) else None


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", fold(visible(text)))
