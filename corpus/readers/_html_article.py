"""Which part of a web page is the article, and what it is called.

Decided by what the page says (`article`, `main`, the names that blogs and wikis give it) and by how much text
stands outside links. Where that is unclear more is kept: what is missing cannot be found, what is too much only
ranks low.
"""

from __future__ import annotations

import re

from corpus.readers._markup import Element, Text
from corpus.types import Location, LocationKind

MOST = 0.5
"""What the article must hold of the text outside links; below it, the page is taken as a whole."""

LINKED = 0.6
"""A list or box in which links hold more of the text than this leads elsewhere."""

_NEVER = frozenset(
    "aside button canvas dialog footer head iframe input link meta nav noscript object select style svg template "
    "textarea video audio".split()
)
_ROLES = frozenset("navigation banner contentinfo complementary search dialog menu menubar toolbar".split())
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|sidebar|footer|comments?|breadcrumbs?|share|social|related|recommend\w*|"
    r"pagination|pager|adverts?|ads?|cookies?|toolbar|toc|copyright|banner|popup|modal|login|subscribe|newsletter|"
    r"editsection|headerlink|anchor-link|visually-hidden|sr-only)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"(?:^|\s)(?:(?:article|post|entry|blog|topic|rich|page)[_-]?(?:content|body|text|detail)s?|markdown-body|"
    r"RichText|js_content|rich_media_content|mw-parser-output|cnblogs_post_body|content_views)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BOXES = frozenset("div section ul ol table form header".split())


def article(root: Element) -> Element:
    """Return the element that holds the article: the smallest named one with most of the text, else the body."""
    body = next((e for e in root.iter() if e.tag == "body"), root)
    weights = _weights(body)
    whole = weights[id(body)]
    named = [e for e in body.iter() if _is_named_article(e) and weights.get(id(e), 0) >= MOST * whole]
    return named[-1] if named and whole else body


def is_furniture(element: Element) -> bool:
    """Whether an element is around the article and not of it: navigation, buttons, comments, lists of links."""
    if element.tag in _NEVER or "hidden" in element.attributes or element.get("role") in _ROLES:
        return True
    if re.search(r"display\s*:\s*none", element.get("style")):
        return True
    names = f"{element.get('class')} {element.get('id')}"
    length, linked = 0, 0
    if _NAMED.search(names):
        # `class="post has-share"` may name a part of the article for what stands beside it.
        prose = sum(_length(e) for e in element.iter() if e.tag in ("p", "pre"))
        return "comment" in names.lower() or prose < 400
    if element.tag in _BOXES:
        length, linked = _length(element), sum(_length(e) for e in element.iter() if e.tag == "a")
        links = sum(e.tag == "a" for e in element.iter())
        headed = any(e.tag in ("h1", "h2", "h3", "pre") for e in element.iter())
        return links > 3 and linked > LINKED * length and not headed
    return False


def page_title(root: Element) -> tuple[str, Location] | None:
    """Return the title of a page whose article has no `h1`: the only one elsewhere, or the window's."""
    headings = [e for e in root.iter() if e.tag == "h1" and _length(e)]
    window = [e for e in root.iter() if e.tag == "title" and _length(e)]
    for element in (*(headings if len(headings) == 1 else ()), *window[:1]):
        title = "".join(text.text for text in element.texts())
        return title, Location(LocationKind.LINES, element.line, element.line + title.strip().count("\n"))
    return None


def _is_named_article(element: Element) -> bool:
    if element.tag in ("article", "main") or element.get("role") == "main":
        return True
    if element.get("itemprop") == "articleBody":
        return True
    return bool(_ARTICLE.search(element.get("class")) or _ARTICLE.search(element.get("id")))


def _weights(body: Element) -> dict[int, int]:
    """Return by `id` how many characters outside links each element holds, those of furniture not counted."""
    weights: dict[int, int] = {}

    def weigh(element: Element) -> int:
        total = 0
        for child in element.children:
            if isinstance(child, Text):
                total += len(child.text.strip())
            elif child.tag not in _NEVER and child.tag not in ("a", "script"):
                total += weigh(child)
        weights[id(element)] = total
        return total

    weigh(body)
    return weights


def _length(element: Element) -> int:
    return sum(len(text.text.strip()) for text in element.texts())
