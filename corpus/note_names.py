"""The notes' own names for things, taken from their front matter into the glossary.

An alias is taken only where it is certain what it names: the glossary knows no part of it, and the note's title
is either the whole name of one concept or nothing that the glossary knows. 「BN 的好处」 under 「BN」 and
"momentum" under "SGD, momentum and Adam" are not other names for the same thing; they are searched as text.
"""

from __future__ import annotations

from collections.abc import Iterable

from corpus.glossary import Glossary
from corpus.types import FrontMatter


def with_note_names(glossary: Glossary, notes: Iterable[FrontMatter]) -> Glossary:
    """Return `glossary` with the aliases of `notes` added; the same object where they add nothing."""
    found: dict[str, list[str]] = {}
    for front in notes:
        fresh = [alias for alias in front.aliases if alias.strip() and not glossary.find(alias)]
        titles = [title for title in (front.title, front.title_en) if title]
        if not fresh or not titles:
            continue
        whole = [concept for title in titles if (concept := _whole(title, glossary))]
        if whole:
            found.setdefault(whole[0], []).extend(fresh)
        elif not any(glossary.find(title) for title in titles):
            found.setdefault(Glossary.note_concept(titles[0]), []).extend([*titles, *fresh])
    return glossary.extended(found) if found else glossary


def _whole(title: str, glossary: Glossary) -> str:
    """Return the concept that all of `title` names, or nothing."""
    title = title.strip()
    matches = glossary.find(title)
    is_whole = len(matches) == 1 and (matches[0].start, matches[0].end) == (0, len(title))
    return matches[0].concept if is_whole else ""
