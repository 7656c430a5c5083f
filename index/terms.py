"""Text to weighted terms for lexical search, the same way for notes and questions.

Chinese has no spaces, so a run of CJK characters becomes its characters and its overlapping pairs; a Latin
word or number stays whole. Concepts of the glossary become terms of their own, which is how a question in
English finds a note in Chinese. Function words carry no subject and are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

import snowballstemmer

from corpus.glossary import Glossary

#: Bumped whenever the same text would give other terms; part of the index fingerprint.
VERSION = 5

#: Mark a glossary concept and a sort of question among the terms, so that no text can forge one.
CONCEPT, INTENT = "\x00", "\x01"

_STEMMER = snowballstemmer.stemmer("english")

# Radicals that PDF extraction and some web fonts put in place of the characters. NFKC maps the Kangxi block
# (U+2F00..) but leaves this one alone.
_RADICALS = str.maketrans(
    "⺁⺇⺌⺎⺓⺕⺗⺙⺝⺟⺠⺣⺤⺩⺪⺫⺬⺮⺯⺰⺱⺳⺶⺷⺸⺼⻀⻁⻂⻄⻅⻆⻈⻉⻋⻌⻐⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻫⻬⻭⻮⻰",
    "厂几小兀幺彐心攵月母民灬爪王疋网示竹糸纟网网羊羊羊肉艹虎衣西见角讠贝车辶钅长镸长门雨青韦页风飞食饣食马骨鬼鱼鸟卤麦黄齐齐齿齿龙",
)

# What web pages and PDFs leave inside words, and NFKC keeps: soft hyphens, zero-width spaces and joiners.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_FOLDED = {**_RADICALS, **_INVISIBLE}

_CJK = "一-鿿㐀-䶿々〇"
_LETTERS = rf"[^\W_{_CJK}]+"  # of any other script, so that in 学习率α太大 the α stands alone
_TOKEN = re.compile(rf"[{_CJK}]+|{_LETTERS}(?:[.'_+#]{_LETTERS})*[+#]*")

# Asking, not subject. Removed before pairs are formed so that 「什么是感受野」 gives no pair 「是感」. Single
# characters are listed only where they seldom stand inside a technical word (过 would break 过拟合, 最 最大).
_CHINESE_FILLER = re.compile(
    "为什么|为何|为啥|什么样|什么|怎么样|怎么办|怎么|怎样|如何|哪些|哪个|哪种|哪一|多少|是否|是不是|有没有|能不能|可不可以|"
    "会不会|请问|请你|一下|解释|介绍|说说|讲讲|谈谈|简述|描述|说明|帮我|告诉|我们|你们|他们|它们|这个|那个|这些|那些|"
    "这种|那种|这里|那里|以及|还是|或者|而且|但是|因为|所以|如果|的话|可以|需要|应该|一般|通常|主要|分别|各自|具体|"
    "到底|究竟|对于|关于|吗|呢|吧|啊|呀|啥|谁|我|你|他|她|它|的|了|和|与|及|或|是|也|都|就|很"
)
_ENGLISH_STOP = frozenset(
    """a an and any are as at be been being between but by can could did do does doing done for from had has
    have having he her here him his how i if in into is it its itself just let like may me might more most my
    no nor not of off on once one only or other our out over own please same shall she should so some such
    than that the their them then there these they this those through to too under until up us very was we
    were what when where which while who whom why will with within without would you your about above after
    again against all also am because before below both during each few further use used uses using does mean
    means explain describe tell give get gets got work works way ways thing things vs versus""".split()
)

# What is asked of a subject, in either language: 「为什么」 in a title answers "why". One entry a sort of question.
_INTENTS = {
    "why": "为什么|为何|为啥|原因|why|reasons?",
    "compare": "区别|差别|不同|对比|比较|异同|differen\\w*|compar\\w*|versus|vs",
    "merits": "优缺点|优点|缺点|优劣|好处|坏处|利弊|pros|cons|advantages?|disadvantages?|drawbacks?|benefits?",
    "remedy": "如何解决|怎么解决|怎么办|解决方法|解决办法|咋办|避免|缓解|"
    "fix|remed\\w*|solv\\w*|solutions?|avoid|mitigat\\w*|cure",
    "compute": "怎么算|如何计算|计算|推导|公式|求导|comput\\w*|calculat\\w*|deriv\\w*|formulas?",
    "purpose": "作用|用途|意义|用来|purpose|role",
}
_INTENT = re.compile(
    "|".join(rf"(?P<{name}>(?<![a-z])(?:{words})(?![a-z]))" for name, words in _INTENTS.items())
)

WEIGHT_CONCEPT = 1.7
WEIGHT_LATIN = 1.6
WEIGHT_PAIR = 1.0
WEIGHT_CHARACTER = 0.45
WEIGHT_INTENT = 1.0
#: How much a close relative of a concept in the question counts: lasso also looks for L1 regularization.
RELATED = 0.5


# "initialized" names initialization and "backpropagated" backpropagation, as far as the glossary knows the noun.
_VERBS = re.compile(r"\b([A-Za-z]{4,}?)(?:(i[sz])|at)(?:e|es|ed|ing)\b")


def fold(text: str) -> str:
    """Return `text` with compatibility forms, case, radical look-alikes and invisible characters folded away."""
    return unicodedata.normalize("NFKC", text).translate(_FOLDED).casefold()


def terms(text: str, glossary: Glossary) -> dict[str, float]:
    """Return term -> number of occurrences in `text`; concepts and intents carry their marks."""
    folded = fold(text)
    counts = {term: float(count) for term, count in Counter(_surface(folded)).items()}
    for found in _INTENT.finditer(folded):
        counts[INTENT + str(found.lastgroup)] = 1.0
    for concept, count in _concepts(text.translate(_INVISIBLE), glossary).items():
        counts[CONCEPT + concept] = float(count)
    return counts


def _concepts(text: str, glossary: Glossary) -> Counter[str]:
    """Count the concepts that `text` names, by noun ("initialization") or by verb ("are initialized")."""

    def named(text: str) -> Counter[str]:
        return Counter(concept for match in glossary.find(text) for concept in (match.concept, *match.also))

    nouns = _VERBS.sub(r"\g<1>\g<2>ation", text)
    return named(text) | named(nouns) if nouns != text else named(text)


def words_of_names(text: str, glossary: Glossary) -> dict[str, str]:
    """Return surface term -> concept term for the words of `text` that spell the names of concepts."""
    clean = text.translate(_INVISIBLE)
    return {
        word: CONCEPT + match.concept
        for match in glossary.find(clean)
        for word in _surface(fold(clean[match.start : match.end]))
    }


def question_terms(text: str, glossary: Glossary) -> dict[str, float]:
    """Return term -> share in 0..1: 1 for what the question says, `RELATED` for close relatives of its concepts.

    A name that only notes use is in no passage's concepts, so a concept that has such names is also looked for
    by their words.
    """
    shares = dict.fromkeys(terms(text, glossary), 1.0)
    for term in [term for term in shares if term.startswith(CONCEPT)]:
        for relative in relatives(term, glossary):
            shares.setdefault(relative, RELATED)
        concept = glossary.concepts[term.removeprefix(CONCEPT)]
        for word in _surface(fold("\n".join(concept.given))):
            shares.setdefault(word, RELATED)
        if concept.names == concept.given:
            del shares[term]
    return shares


def relatives(term: str, glossary: Glossary) -> tuple[str, ...]:
    """Return the terms of the concepts that the glossary calls related to, or broader than, that of `term`."""
    concept = glossary.concepts[term.removeprefix(CONCEPT)]
    return tuple(CONCEPT + relative for relative in (*concept.related, concept.broader) if relative)


def add(into: dict[str, float], more: Mapping[str, float], times: float) -> None:
    """Add `times` occurrences of each term of `more`; a field that counts more is added more often."""
    for term, count in more.items():
        into[term] = into.get(term, 0.0) + times * count


@lru_cache(maxsize=65536)
def weight(term: str) -> float:
    """Return how much a term says about the subject: a concept most, a single character least."""
    if term.startswith(CONCEPT):
        return WEIGHT_CONCEPT
    if term.startswith(INTENT):
        return WEIGHT_INTENT
    if not _is_cjk(term[0]):
        return WEIGHT_LATIN
    return WEIGHT_CHARACTER if len(term) == 1 else WEIGHT_PAIR


def _surface(folded: str) -> list[str]:
    found: list[str] = []
    for piece in _TOKEN.findall(_CHINESE_FILLER.sub(" ", folded)):
        if _is_cjk(piece[0]):
            found += piece
            found += map("".join, pairwise(piece))
        elif piece not in _ENGLISH_STOP:
            found.append(_stem(piece))
    return found


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """Fold English inflection, so that "initialized" finds "initialization"; names with digits stay whole."""
    return str(_STEMMER.stemWord(word)) if len(word) > 3 and word.isascii() and word.isalpha() else word


def _is_cjk(character: str) -> bool:
    return "㐀" <= character <= "鿿" or character in "々〇"
