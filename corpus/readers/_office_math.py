"""Formulas of Office files (OMML, ECMA-376 part 1, 22.1) as one line of LaTeX.

Fractions, powers, indices, roots, sums and accents are written out; what is not known is written as the text in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ACCENTS = {"\u0302": "\\hat", "\u0303": "\\tilde", "\u0304": "\\bar", "\u0305": "\\bar", "\u20d7": "\\vec"}


def latex(formula: Element) -> str:
    """Return the LaTeX of an `m:oMath` element, without dollar signs."""
    return "".join(_written(child) for child in formula).strip()


def _written(element: Element) -> str:
    def part(name: str) -> str:
        found = element.find(f"m_{name}")
        return latex(found) if found is not None else ""

    match element.tag.removeprefix("m_"):
        case "t":
            return element.text or ""
        case "f":
            return f"\\frac{{{part('num')}}}{{{part('den')}}}"
        case "sSup":
            return f"{part('e')}^{{{part('sup')}}}"
        case "sSub":
            return f"{part('e')}_{{{part('sub')}}}"
        case "sSubSup":
            return f"{part('e')}_{{{part('sub')}}}^{{{part('sup')}}}"
        case "rad":
            return f"\\sqrt[{degree}]{{{part('e')}}}" if (degree := part("deg")) else f"\\sqrt{{{part('e')}}}"
        case "nary":
            low, high = part("sub"), part("sup")
            limits = (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")
            return f"{_property(element, 'chr') or '∫'}{limits} {part('e')}"
        case "acc":
            accent = _ACCENTS.get(_property(element, "chr"), "\\hat")
            return f"{accent}{{{part('e')}}}"
        case "d":
            inside = ", ".join(latex(argument) for argument in element.findall("m_e"))
            return f"{_property(element, 'begChr') or '('}{inside}{_property(element, 'endChr') or ')'}"
        case name if name.endswith("Pr"):
            return ""
        case _:
            return "".join(_written(child) for child in element)


def _property(element: Element, name: str) -> str:
    found = element.find(f"{element.tag}Pr/m_{name}")
    return found.get("m_val", "") if found is not None else ""
