"""Formulas in web pages: the TeX that MathJax, KaTeX, MathML or a picture of a formula was made from.

What these programs drew on the page is left out wherever the source is there.
"""

from __future__ import annotations

import re

from corpus.readers._extracted import one_line
from corpus.readers._markup import Element

_SOURCE = ("data-tex", "data-latex", "data-formula", "data-math", "alttext")
_RENDERED = re.compile(
    r"(?:^|\s)(?:MathJax\w*|MJX\w*|katex-html|mjx-chtml|math-inline-rendered|mwe-math-fallback-image\S*)"
)
_PICTURE = re.compile(r"(?:^|[\s_-])(?:tex|latex|math|formula|equation|ee_img)(?:$|[\s_-])", re.IGNORECASE)


def formula(element: Element) -> str | None:
    """Return the TeX of an element that is a formula, between `$` or, where it stands alone, `$$`; else None."""
    tag, classes = element.tag, element.get("class").split()
    if tag == "script" and element.get("type").startswith("math/tex"):
        return _between("".join(t.text for t in element.texts()), "mode=display" in element.get("type"))
    for name in _SOURCE:
        if name in element.attributes:
            return _between(element.get(name), element.get("display") == "block")
    if tag == "img" and (_PICTURE.search(element.get("class")) or "eeimg" in element.attributes):
        return _between(element.get("alt"), element.get("eeimg") == "2")
    if tag in ("math", "mjx-container") or "katex" in classes or "katex-display" in classes:
        display = "katex-display" in classes or element.get("display") in ("block", "true")
        for inner in element.iter():
            if inner.tag == "annotation" and "tex" in inner.get("encoding").lower():
                return _between("".join(t.text for t in inner.texts()), display)
            if inner.tag == "math" and inner.get("alttext"):
                return _between(inner.get("alttext"), display)
        # Without a source there are still the characters of the formula, once.
        maths = next((e for e in element.iter() if e.tag == "math"), None)
        return one_line("".join(t.text for t in maths.texts())) if maths else ""
    return None


def is_rendering(element: Element) -> bool:
    """Whether an element is only what was drawn for a formula whose source stands beside it."""
    return bool(_RENDERED.search(element.get("class")))


def _between(tex: str, display: bool) -> str:
    tex = one_line(tex).strip("$ ")
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]")):
        tex = tex.removeprefix(opening).removesuffix(closing).strip()
    # Wikipedia wraps every formula in \displaystyle.
    if match := re.fullmatch(r"\{\\displaystyle (.*)\}", tex):
        tex = match[1].strip()
    return (f"$${tex}$$" if display else f"${tex}$") if tex else ""
