"""Misspelt English technical terms, each with the term that was meant.

Code, formulas, addresses and identifiers are no prose and are not looked at; nor are acronyms, and a short
capitalised word may be somebody's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from corpus.check.findings import Edit, Finding
from corpus.check.notebook import Notebook
from corpus.check.spelling import Slip, only_shuffled, spelling

RULE = "a misspelt technical term"

_TOKEN = re.compile(r"(?<![A-Za-z_\\@#$&'’])[A-Za-z]{4,40}(?![A-Za-z_\d@=\\/])")
_HUMP = re.compile(r"[A-Z]?[a-z]+")
_IDENTIFIER_BEFORE = re.compile(r"(?:[A-Za-z_\]\)][.:]|->|::|/|--?|%|<)$")
_IDENTIFIER_AFTER = re.compile(r"\.[A-Za-z_]|\(\)|::|\[\w")
_PERSON = re.compile(
    r"^\s*(?:et al|等人|等\s*[,，(（]?\s*\d|&|,\s*(?:19|20)\d\d|\(\d{4})|^\s+(?:and|[A-Z]\.)\s", re.ASCII
)
_PERSON_BEFORE = re.compile(r"(?:[A-Z]\.\s*|&\s*|[A-Z][a-z]+ (?:and )?)$")
_SURE = 8
"""From so many letters on, one edit from a single term is certain enough to be mended."""


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every word that is one or two edits from a term and is no word itself."""
    words = spelling(notebook.glossary)

    @cache
    def slip_of(word: str) -> Slip | None:
        return None if words.knows(word) else words.nearest(word)

    for sheet in notebook.sheets:
        for i, line in enumerate(sheet.prose, 1):
            for at, word in _words(line):
                slip = slip_of(word.lower())
                if slip is None or _may_be_name(line, at, word, slip):
                    continue
                meant = _cased(slip.term, word)
                sure = slip.edits == 1 and not slip.rivals and len(word) >= _SURE
                yield sheet.finding(
                    "misspelling",
                    i,
                    (f"“{word}”可能是“{meant}”的误拼。", f"“{word}” may be a misspelling of “{meant}”."),
                    (f"改成“{meant}”。", f"Write “{meant}”."),
                    0.95 if sure else 0.8 if slip.edits == 1 and not slip.rivals else 0.65,
                    Edit(i, at, word, meant) if sure else None,
                )


def _words(line: str) -> Iterator[tuple[int, str]]:
    """Yield (column, word) of what may be a word; of a name in several humps each long one."""
    for match in _TOKEN.finditer(line):
        token, at = match[0], match.start()
        if _IDENTIFIER_BEFORE.search(line[max(at - 3, 0) : at]) and not _is_hyphenated(line, at):
            continue
        if _IDENTIFIER_AFTER.match(line, match.end()):
            continue
        if token.isupper():
            if len(token) >= 10:
                yield at, token
        elif token[1:].islower():
            yield at, token
        else:
            for hump in _HUMP.finditer(token):
                if len(hump[0]) >= _SURE:
                    yield at + hump.start(), hump[0]


def _is_hyphenated(line: str, at: int) -> bool:
    """Whether the hyphen before `at` joins two words, as in depth-wise, and is no option's."""
    return at > 1 and line[at - 1] == "-" and line[at - 2].isalpha()


def _may_be_name(line: str, at: int, word: str, slip: Slip) -> bool:
    """Whether a capitalised word may be a person or product: it is short, or stands among names."""
    if not word[0].isupper() or word.isupper():
        return False
    if _PERSON.match(line[at + len(word) : at + len(word) + 24]) or _PERSON_BEFORE.search(
        line[max(at - 24, 0) : at]
    ):
        return not only_shuffled(word.lower(), slip.term)
    return len(word) < _SURE and not only_shuffled(word.lower(), slip.term)


def _cased(term: str, word: str) -> str:
    """Return `term` in the case of `word`."""
    return term.upper() if word.isupper() else term.capitalize() if word[0].isupper() else term
