"""One spelling for the many ways to write a number or a size: 三层, ３×３, "3 by 3", 10⁻³, 百分之二十, k3s2p1.

It knows nothing of names and values; `question` reads those from what comes out here.
"""

from __future__ import annotations

import re
import unicodedata

_CHINESE = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_ENGLISH = {
    word: value
    for value, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen twenty".split(),
        start=2,
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100}

# A numeral counts only before one of these; 十分类似 is an adverb, 十分类 is ten classes.
_MEASURE = r"(?:个|层|步|次|类|维|组|种|轮|倍|块|张|条|折|通道|分类(?!似)|卷积|样本)"
# In 每一层, 第一步, 下一次 the 一 points at something instead of counting it.
_POINTS_AT = r"(?<![\d第每这那某同上下前后进任各哪另末零一二两三四五六七八九十百千万])"
# 一轮走 300 步 is a rate, not a count of rounds.
_PER = r"(?!一[轮次](?:走|更新|训练|迭代|跑|做))"
_NUMERAL = re.compile(rf"{_POINTS_AT}{_PER}([零〇一二两三四五六七八九十百千万]+)(?=\s*{_MEASURE})")
#: 步长为二, 填充一, 3 乘三: a numeral that ends its clause after a name, or a side of a size.
_NAMED = re.compile(r"(?<=[长幅充率数小核])(为|是|取|等于|=)?([一二两三四五六七八九十]+)(?![一-鿿])")
_SIDES = re.compile(
    r"(?<![一二三四五六七八九十百\d.])([一二三四五六七八九十]|\d+)\s?[乘x×]\s?([一二三四五六七八九十])(?![一二三四五六七八九十百])"
)
_PERCENT = re.compile(r"百分之([零〇一二两三四五六七八九十百]+|\d+(?:\.\d+)?)")
_WORD = re.compile(rf"(?<![a-z])({'|'.join(_ENGLISH)})(?![a-z])")
# "one" is a pronoun more often than a number.
_ONE = re.compile(
    r"(?<![a-z])one(?=[\s-](?:\w+\s)?(?:step|layer|conv|epoch|sample|class|mode)(?:e?s)?(?![a-z]))"
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


def normalise(text: str) -> str:
    """Bring the many spellings of a number and a size to one."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda m: "^" + m[0].translate(_SUPERSCRIPT), text)
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2212", "-")
    text = re.sub(r"\s+", " ", text)
    text = _PERCENT.sub(lambda m: f"{m[1] if m[1][0].isdigit() else chinese_number(m[1])}%", text)
    text = re.sub(r"(?<![\d.])(\d{1,4})\s?([百千万])", lambda m: str(int(m[1]) * chinese_number(m[2])), text)
    text = _SIDES.sub(
        lambda m: f"{m[1] if m[1].isdigit() else chinese_number(m[1])}x{chinese_number(m[2])}", text
    )
    text = _NUMERAL.sub(lambda m: _apart(m, chinese_number(m[1])), text)
    text = _NAMED.sub(lambda m: f"{m[1] or ''}{chinese_number(m[2])}", text)
    text = _ONE.sub("1", text)
    text = _WORD.sub(lambda m: str(_ENGLISH[m[1]]), text)
    text = re.sub(r"(?<![\d.,])(\d{1,3})((?:,000)+)(?!\d)", lambda m: m[1] + m[2].replace(",", ""), text)
    text = re.sub(r"(?<![\d.a-z])(\d{1,3})k(?![a-z0-9=])", r"\g<1>000", text)
    text = re.sub(r"(?<=\d)\s?(?:×|✕|\*|乘以?|(?<=\s)by(?=\s)|x)\s?(?=\d)", "x", text)
    # The layer notation k3s2p1 of convolution diagrams.
    return re.sub(
        r"(?<![a-z0-9])k(\d+)s(\d+)(?:p(\d+))?(?:d(\d+))?(?![a-z0-9])",
        lambda m: " ".join(f"{key}={v}" for key, v in zip("kspd", m.groups(), strict=True) if v),
        text,
    )


def _apart(numeral: re.Match[str], value: int) -> str:
    """Return `value`, with a blank where it would run into the Latin word before it: adam一步."""
    before = numeral.string[: numeral.start()][-1:]
    return f" {value}" if before.isascii() and before.isalpha() else str(value)


def chinese_number(numeral: str) -> int:
    """Return the value of a Chinese numeral such as 二十 or 一千零二十四, of the characters 零〇一…九十百千万."""
    total, section, digit = 0, 0, 0
    for c in numeral:
        if c in _CHINESE:
            digit = _CHINESE[c]
        elif c == "万":
            total, section, digit = (total + section + digit or 1) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _POWERS[c], 0
    return total + section + digit
