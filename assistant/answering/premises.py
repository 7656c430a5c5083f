"""What a question takes for granted: 「既然 L2 能得到稀疏解，为什么还要 L1?」 assumes its first half.

Rules over surface form. Whether the premise holds is not decided here: it is put beside what the notes say.
"""

from __future__ import annotations

import re

from assistant.language import Language

_CHINESE = re.compile(
    r"(?:既然|鉴于|已知|由于|考虑到)(?P<premise>[^,，;；。?？]{4,60}?)\s*[,，;；]|"
    r"(?:为什么|为何)说(?P<said>[^,，。?？]{4,60}?)\s*[,，?？]?\s*$"
)
_ENGLISH = re.compile(
    r"\b(?:since|given that|because|considering that|as we know,?|now that)\s+(?P<premise>[^,;?]{6,140}?)\s*[,;]",
    re.IGNORECASE,
)


def reminder_for(question: str, language: Language) -> str:
    """Return the rules that small models forget, said again next to the question: its language, its premise."""
    name = "Chinese" if language is Language.ZH else "English"
    premise = premise_of(question)
    check = (
        f" The question takes for granted: “{premise}”. Check that against the passages first."
        if premise
        else ""
    )
    return f"(Answer in {name}.{check})"


def premise_of(question: str) -> str:
    """Return the statement that `question` takes for granted, in its own words; "" where it names none."""
    for pattern in (_CHINESE, _ENGLISH):
        if found := pattern.search(question):
            return next(text for text in found.groups() if text).strip()
    return ""
