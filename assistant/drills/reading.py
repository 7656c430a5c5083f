"""The numbers in a typed answer: sizes, fractions, powers of ten, percentages, Chinese numerals, units.

What is typed is data: nothing is evaluated, and no text raises. Whether the numbers are right is decided in
`grading`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from assistant.demo_kit.spelling import chinese_number
from assistant.drills.units import asked_unit, unit_at

#: No answer is longer; what is, is not read at all.
MAX_CHARACTERS = 200


class Unread(StrEnum):
    """Why no numbers were read. Not knowing (`NOTHING`) is an answer, too."""

    NOTHING = "nothing"
    NOT_A_NUMBER = "not_a_number"
    OTHER_UNIT = "other_unit"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Reading:
    """The numbers of an answer in the unit that was asked for, or why there are none."""

    values: tuple[float, ...] = ()
    unread: Unread | None = None


_GIVEN_UP = re.compile(
    r"(?:我?(?:真的?)?(?:不知道|不会做?|不懂|不清楚|没学过|没思路|想不出来?|算不出来?)|跳过|-+|—+"
    r"|idk|dunno|pass|skip|no (?:idea|clue)|(?:i )?(?:don't|do not|dont) know)?[?!.。\s]*"
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SPELLINGS = (
    (re.compile("[\u2010-\u2015\u2212]"), "-"),
    (re.compile(r"[「」『』“”‘’\"'`$]"), ""),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"[×✕*]"), "x"),
    (re.compile(r"⁄|÷"), "/"),
    (re.compile(r"、"), ","),
    (re.compile(r"\s+"), " "),
)  # fmt: skip
#: What may stand before an answer, a name such as `w =` or `γ≈` included, and behind it.
_BEFORE = re.compile(
    r"(?:答案|答|结果|应该|大约|大概|近似|等于|约|为|是|[≈~=:]|"
    r"(?:i think|it is|is|the answer|answer|about|approximately|approx\.?|roughly|around)(?![a-z])|"
    r"[a-zα-ω_][a-zα-ω_0-9]{0,12} ?(?=[=:≈])| )+"
)
_AFTER = re.compile(r"[ 。.!?,;吧呢左右]+$")

_DIGITS = "零〇一二两三四五六七八九"
_CHINESE = rf"[{_DIGITS}十百千万]+(?:点[{_DIGITS}]+)?"
#: In 3万 and 百万 the characters are a scale, and a unit's business.
_NUMERAL = re.compile(rf"(?<![\d.])(?<![\d.] )(?=[{_DIGITS}十]){_CHINESE}")
_UNSIGNED = r"(?:\d+(?:\.\d*)?|\.\d+)"
_PERCENT = re.compile(rf"百分之(?P<part>{_CHINESE}|{_UNSIGNED})")
_SHARE = re.compile(rf"(?P<whole>{_CHINESE}|\d+)分之(?P<part>{_CHINESE}|{_UNSIGNED})")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")

_POWER = r"\(?([-+]?\d{1,4})\)?"
_TERM = re.compile(rf"([-+]?) ?({_UNSIGNED})(?:e([-+]?\d{{1,4}})| ?[x·] ?10 ?\^ ?{_POWER}| ?\^ ?{_POWER})?")
_OVER = re.compile(r" ?/ ?(?=[\d.])")
_BETWEEN = re.compile(
    r"(?:[ ,;\[\]()|x行列和与]|乘以?|by(?![a-z])|and(?![a-z])|(?:rows?|columns?|cols?)(?![a-z]))*"
)


def read_answer(text: str, unit: str = "", count: int = 1) -> Reading:
    """Return the numbers in `text` as multiples of `unit` ("", "px", "M", "%", "TFLOPS", …).

    `count` is how many were asked for: 1,024 is one number or two. A number without a unit is taken in the
    one asked for; any other scale of it is converted (2.4G to M, 75% to a share of 1).
    """
    if len(text) > MAX_CHARACTERS:
        return Reading(unread=Unread.TOO_LONG)
    plain = _normalised(text)
    if _GIVEN_UP.fullmatch(plain):
        return Reading(unread=Unread.NOTHING)
    plain = _AFTER.sub("", _BEFORE.sub("", plain, count=1) if _BEFORE.match(plain) else plain)
    if count == 1:
        plain = _THOUSANDS.sub(lambda m: m[0].replace(",", ""), plain)
    return _scanned(plain, unit)


def _normalised(text: str) -> str:
    """Bring the spellings of a number to one."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda m: "^" + m[0].translate(_SUPERSCRIPT), text)
    text = unicodedata.normalize("NFKC", text).lower()
    for spelling, usual in _SPELLINGS:
        text = spelling.sub(usual, text)
    text = re.sub(rf"负 ?(?=[\d.{_DIGITS}十])", "-", text.strip())
    text = _PERCENT.sub(lambda m: f"{_digits(m['part'])}%", text)
    text = _SHARE.sub(lambda m: f"{_digits(m['part'])}/{_digits(m['whole'])}", text)
    return _NUMERAL.sub(lambda m: _digits(m[0]), text)


def _digits(numeral: str) -> str:
    """Return a Chinese numeral such as 三点一四 in digits; digits stay as they are."""
    if numeral[0].isascii():
        return numeral
    whole, _, fraction = numeral.partition("点")
    digits = "".join(str(chinese_number(digit)) for digit in fraction)
    return f"{chinese_number(whole)}.{digits}" if fraction else str(chinese_number(whole))


def _scanned(text: str, unit: str) -> Reading:
    """Read number after number; what stands between two of them must separate them."""
    values: list[float] = []
    at = _past_separators(text, 0)
    while at < len(text):
        value, at = _number(text, at)
        if value is None:
            return Reading(unread=Unread.NOT_A_NUMBER)
        written, end = unit_at(text, at + (text[at : at + 1] == " "))
        factor = written.in_terms_of(asked_unit(unit))
        following = _past_separators(text, end)
        is_cut_off = following == at < len(text)
        if factor is None or (is_cut_off and text[at].isalpha()):
            return Reading(unread=Unread.OTHER_UNIT)
        if is_cut_off or not math.isfinite(value * factor):
            return Reading(unread=Unread.NOT_A_NUMBER)
        values.append(value * factor)
        at = following
    return Reading(tuple(values)) if values else Reading(unread=Unread.NOT_A_NUMBER)


def _past_separators(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _number(text: str, at: int) -> tuple[float | None, int]:
    """Return the number or fraction at `at` and its end; None where there is none, or it is beyond all numbers."""
    above = _TERM.match(text, at)
    if above is None:
        return None, at
    value, end = _value(above), above.end()
    over = _OVER.match(text, end)
    below = _TERM.match(text, over.end()) if over else None
    if below is None:
        return value, end
    divisor = _value(below)
    return (value / divisor if value is not None and divisor else None), below.end()


def _value(term: re.Match[str]) -> float | None:
    sign, digits, *exponents, power = term.groups()
    exponent = int(next((e for e in exponents if e), 0))
    try:
        size = float(digits) ** int(power) if power else float(digits) * 10.0**exponent
    except (OverflowError, ZeroDivisionError):
        return None
    return (-size if sign == "-" else size) if math.isfinite(size) else None
