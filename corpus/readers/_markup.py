"""HTML as a tree in which every text knows its line. It repairs what browsers repair, and judges nothing.

`html.parser` of Python 3.11 needs a minute for 100 KB of unclosed tags, and lxml does not say on which line a
text stands; so this reads each character once. Whatever the input, time is linear and depth is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

MAX_DEPTH = 150
"""Elements deeper than this lie beside each other. Saved pages reach 60."""

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
RAW = frozenset("script style textarea title xmp iframe noembed noframes".split())
_BLOCKS = frozenset(
    "address article aside blockquote div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav "
    "ol p pre section table ul".split()
)
# Opening the first ends an open one of the second, looked for no further out than the third.
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    **{tag: (frozenset({"p"}), frozenset({"td", "th", "li", "button"})) for tag in _BLOCKS},
}
_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s=>/][^\s=>/]*)(?:\s*=\s*(?:([\"'])|([^\s>]*)))?")


@dataclass(slots=True)
class Text:
    """Characters between tags, entities resolved, and the 1-based line on which they begin."""

    text: str
    line: int


@dataclass(slots=True)
class Element:
    """An element; `tag` and attribute names are in lower case."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element | Text] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return an attribute, empty where there is none."""
        return self.attributes.get(name, "")

    def iter(self) -> Iterator[Element]:
        """Yield this element and all below it, in order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.iter()

    def texts(self) -> Iterator[Text]:
        """Yield all texts below this element, in order."""
        for child in self.children:
            if isinstance(child, Text):
                yield child
            else:
                yield from child.texts()


def parse(source: str) -> Element:
    """Return the root, called `#root`, of the tree of `source`, whose line ends are `\\n`."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.lowered = (
            source.lower() if source.isascii() else re.sub("[A-Z]+", lambda m: m[0].lower(), source)
        )
        self.line, self.counted = 1, 0
        self.stack = [Element("#root", {}, 1)]
        self.absent: set[str] = set()

    def parse(self) -> Element:
        source, at = self.source, 0
        while (opening := self._find("<", at)) >= 0:
            self._text(at, opening)
            if source.startswith("<!--", opening):
                at = self._after("-->", opening + 4)
            elif source[opening + 1 : opening + 2] in ("!", "?"):
                at = self._after(">", opening)
            elif match := _NAME.match(source, opening + 1):
                at = self._open(match[0].lower(), opening, match.end())
            elif source.startswith("</", opening) and (match := _NAME.match(source, opening + 2)):
                self._close(match[0].lower())
                at = self._after(">", match.end())
            else:
                self._text(opening, opening + 1)
                at = opening + 1
        self._text(at, len(source))
        return self.stack[0]

    def _find(self, what: str, at: int) -> int:
        """Return where `what` is next; what was once not found is not looked for again."""
        if what in self.absent:
            return -1
        found = self.lowered.find(what, at)
        if found < 0:
            self.absent.add(what)
        return found

    def _after(self, what: str, at: int) -> int:
        found = self._find(what, at)
        return found + len(what) if found >= 0 else len(self.source)

    def _line(self, at: int) -> int:
        self.line += self.source.count("\n", self.counted, at)
        self.counted = at
        return self.line

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self.stack[-1].children.append(Text(unescape(self.source[start:end]), self._line(start)))

    def _open(self, tag: str, opening: int, at: int) -> int:
        """Add the element opened at `opening`, whose name ends at `at`; return where its content begins."""
        attributes: dict[str, str] = {}
        while match := _ATTRIBUTE.match(self.source, at):
            at = match.end()
            value = match[3] or ""
            if match[2]:
                end = self._find(match[2], at)
                if end < 0:
                    break
                value, at = self.source[at:end], end + 1
            attributes.setdefault(match[1].lower(), unescape(value))
        at = self._after(">", at)
        self._end_before(tag)
        element = Element(tag, attributes, self._line(opening))
        self.stack[-1].children.append(element)
        if tag in RAW:
            end = self._find(f"</{tag}", at)
            end = end if end >= 0 else len(self.source)
            if at < end:
                element.children.append(Text(self.source[at:end], self._line(at)))
            return end
        if tag not in VOID and len(self.stack) < MAX_DEPTH:
            self.stack.append(element)
        return at

    def _end_before(self, tag: str) -> None:
        ended, outer = _ENDS.get(tag, (frozenset[str](), frozenset[str]()))
        for depth in range(len(self.stack) - 1, 0, -1) if ended else ():
            if self.stack[depth].tag in ended:
                del self.stack[depth:]
                return
            if self.stack[depth].tag in outer:
                return

    def _close(self, tag: str) -> None:
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].tag == tag:
                del self.stack[depth:]
                return
