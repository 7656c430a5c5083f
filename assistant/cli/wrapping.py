"""Text wrapped to a terminal as it streams: Chinese by the Unicode line breaking rules, English by words.

Rich folds Chinese at any character, which leaves a 「，」 or a 「）」 at the start of a line; UAX #14, as
implemented by uniseg, forbids that. Widths are rich's: a Chinese character takes two cells.
"""

from __future__ import annotations

import re

# The beginning of a line from which it cannot be told yet how far its other lines are indented.
_MAY_HANG = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)、]?)?\s*")
#: Cells before the end of a line in which nothing is shown before it is known where it breaks.
_CAREFUL = 24
_HANGING = re.compile(r"(\s*(?:[-*•]|\d{1,2}[.)、])\s+|\s+)")


class StreamWrapper:
    """Breaks lines in text that arrives in pieces. A width of 0 means no wrapping."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._pending = ""  # may still grow: the last unbreakable unit is not known before what follows it
        self._column = 0
        self._indent = ""
        self._at_line_start = True
        self._gap = ""  # blanks behind the last word; they are dropped where the line ends

    def feed(self, text: str) -> str:
        """Return what can be printed now, with line breaks."""
        if not self._width:
            return text
        *lines, last = (self._pending + text).split("\n")
        printed = "".join(self._finish_line(line) for line in lines)
        self._pending = last
        return printed + self._settled() + self._far_from_the_end()

    def finish(self) -> str:
        """Return what was held back."""
        held, self._pending = self._pending, ""
        return self._place(held) if held else ""

    def _finish_line(self, line: str) -> str:
        printed = self._place(line) + "\n"
        self._column, self._indent, self._gap, self._at_line_start = 0, "", "", True
        return printed

    def _settled(self) -> str:
        """Place all units but the last, which the next piece may lengthen."""
        from uniseg.linebreak import line_break_units

        units = list(line_break_units(self._pending))
        if len(units) < 3:
            return ""
        self._pending = "".join(units[-2:])
        return self._place("".join(units[:-2]))

    def _far_from_the_end(self) -> str:
        """Place what may still grow where the line will not end within it, so that a slow model is seen at work."""
        from rich.cells import cell_len

        careful = min(_CAREFUL, self._width // 2)
        column = self._column + cell_len(self._gap + self._pending)
        if column + careful > self._width or (self._at_line_start and _MAY_HANG.fullmatch(self._pending)):
            return ""
        placed, self._pending = self._place(self._pending), ""
        return placed

    def _place(self, text: str) -> str:
        from rich.cells import cell_len
        from uniseg.linebreak import line_break_units

        placed = []
        if self._at_line_start and text:
            self._at_line_start = False
            hanging = _HANGING.match(text)
            self._indent = " " * cell_len(hanging[0]) if hanging else ""
        for unit in line_break_units(text):
            word = unit.rstrip(" ")
            if (
                word
                and self._column + cell_len(self._gap + word) > self._width
                and self._column > len(self._indent)
            ):
                placed.append("\n" + self._indent)
                self._column, self._gap = len(self._indent), ""
            if word:
                placed.append(self._gap + word)
                self._column += cell_len(self._gap + word)
                self._gap = ""
            self._gap += unit[len(word) :]
        return "".join(placed)
