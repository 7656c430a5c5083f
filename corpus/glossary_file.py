"""A user's glossary file: read as TOML, every key and every link checked, each fault named with its place.

What the glossary does with the tables is in `corpus.glossary`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from corpus.concepts import Concept, Kind, fold
from corpus.errors import StudyError

EXACT, AMBIGUOUS = "exact_case", "ambiguous"
NAME_KEYS = ("zh", "en", "abbr")
LIST_KEYS = (*NAME_KEYS, "related")


def read_glossary_file(path: Path) -> dict[str, dict[str, Any]]:
    """Read a user's file with every check that needs no other file."""
    import tomllib

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudyError(f"{path}: cannot be read: {reason}", "Check the path of the glossary.") from None
    except UnicodeDecodeError:
        raise StudyError(f"{path}: is not UTF-8 text", "Save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        hint = 'A concept looks like [my_concept] with zh = ["…"] and en = ["…"] below it.'
        raise StudyError(f"{path}: is not valid TOML: {error}", hint) from None
    for table, content in data.items():
        _check_table(path, table, content)
    return data


def _check_table(path: Path, table: str, content: object) -> None:
    def fail(key: str, value: object, hint: str) -> StudyError:
        return StudyError(f"{path}: [{table}] {key} cannot be {value!r}", hint)

    if not isinstance(content, dict):
        raise StudyError(
            f"{path}: {table!r} stands outside a table", f"Write [{table}] on a line of its own."
        )
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", table):
        hint = "A concept id is lower case with underscores, such as batch_normalization."
        raise StudyError(f"{path}: {table!r} is not a concept id", hint)
    special = table in (EXACT, AMBIGUOUS)
    for key, value in content.items():
        if special or key in LIST_KEYS:
            if not isinstance(value, list) or not all(
                isinstance(v, str) and fold(v).strip(" -_") for v in value
            ):
                raise fail(key, value, 'Write a list of non-empty strings, such as ["BN"].')
        elif key == "kind":
            if value not in list(Kind):
                raise fail(key, value, f"Choose one of {', '.join(Kind)}.")
        elif key == "broader":
            if not isinstance(value, str):
                raise fail(key, value, "Write the id of one concept.")
        else:
            raise StudyError(
                f"{path}: [{table}] has no key {key!r}",
                f"Known: {', '.join((*LIST_KEYS, 'kind', 'broader'))}.",
            )


def check_links(
    concepts: Mapping[str, Concept], shared: Mapping[str, list[str]], origin: Mapping[str, Path]
) -> None:
    """Raise `StudyError` where `broader`, `related` or `[ambiguous]` names no concept, or broader runs in a ring."""
    links = [(c, "broader", other) for c, concept in concepts.items() if (other := concept.broader)]
    links += [(c, "related", other) for c, concept in concepts.items() for other in concept.related]
    links += [(AMBIGUOUS, name, other) for name, ids in shared.items() for other in ids]
    for table, key, other in links:
        if other not in concepts:
            message = f"{origin.get(table, 'glossary')}: [{table}] {key} names no concept: {other!r}"
            raise StudyError(message, nearest(other, concepts))
    for concept in origin.keys() & concepts.keys():
        seen = [concept]
        while broader := concepts[seen[-1]].broader:
            if broader in seen:
                message = (
                    f"{origin[concept]}: [{concept}] broader runs in a ring: {' -> '.join([*seen, broader])}"
                )
                raise StudyError(message, "Take one `broader` out of the ring.")
            seen.append(broader)


def clash(name: str, concept: str, owner: tuple[str, ...], origin: Mapping[str, Path]) -> StudyError:
    """Return the error for a name that belongs to another concept already."""
    path = origin.get(concept) or origin.get(owner[0]) or "glossary"
    ids = ", ".join(f'"{c}"' for c in dict.fromkeys((*owner, concept)))
    return StudyError(
        f"{path}: [{concept}] the name {name!r} already belongs to [{owner[0]}]",
        f'Remove it here, or write below [{AMBIGUOUS}]: "{name}" = [{ids}]',
    )


def nearest(concept_id: str, concepts: Iterable[str]) -> str:
    """Return a hint with the ids most like one that does not exist."""
    from difflib import get_close_matches

    near = get_close_matches(concept_id, list(concepts), n=3, cutoff=0.5)
    return (
        f"Did you mean {' or '.join(repr(n) for n in near)}?"
        if near
        else "Run over `Glossary.concepts` for all ids."
    )
