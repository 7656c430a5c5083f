"""The facts of a clause: which ideas and concepts it names, and whether it affirms or denies them.

Words decide, not grammar: what stands within reach after a negation is denied, and after 解决 or "avoid" it is
neither affirmed nor denied. Of two names in one place the longer counts, so that 多尺度 is not also 尺度.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.grading.clauses import Clause
from assistant.grading.lexicon import Idea, lexicon
from corpus.glossary import Glossary

CONCEPT_WEIGHT, COMMON_WEIGHT = 1.2, 0.5
#: Concepts that every second sentence of the field names; they say little by themselves.
COMMON = frozenset(
    "gradient weight neural_network convolution activation_function loss_function hidden_layer neuron tensor "
    "training_set normalization parameter_count backpropagation mini_batch feature_map channel optimizer "
    "convolutional_neural_network regularization convolution_kernel".split()
)

# How far a negation reaches, in characters, where nothing ends it: most of a clause in either language.
_REACH_CHINESE, _REACH_ENGLISH, _REACH_LEAST = 14, 44, 3
_REACH_END = re.compile(r"、|(?<![a-z])(?:and|but)(?![a-z])|并(?!不)|且|就(?!是)|却|也能|仍")
# 「两个框不相交时」 is a condition, and what follows it is said; 「不在训练时」 is not over.
_CONDITION_END = re.compile(
    r"(?<!训练)(?<!测试)(?<!推理)(?<![同及暂])(?:时(?![间刻候序代域])|时候|的话|[也仍](?=[有是能会可]))|之?后(?=[,，]|\s)"
)
_CONDITION = 8
_AUXILIARY = frozenset("会能是在像用再要")
# 「不记录就不知道」 wants it recorded.
_OR_ELSE = re.compile(r"^(?:因为|如果|要是|若|假如)?\s?(?:不|没有?)(?P<wanted>.{1,14}?)(?:就|的话|便|，?则)")
# 「depends on neither」 denies the verb before it.
_BACKWARD = re.compile(r"(?<![a-z])(?<!to )(?:neither|nothing|no(?:ne)?)(?![a-z])")
_BACK = 5
_OR = re.compile(r"\s*(?:或者?|or)\s*")
#: A denial of the whole clause.
_ALL = 1
_ADJACENT = re.compile(r"(了|的|一个|一个的)?\s?(the |a )?")
# How far before a problem it is said to be brought about, in characters.
_CAUSING = 8
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing said: `key` names it, `sign` is 1 affirmed, -1 denied, 0 solved or left open.

    `also` holds other concepts that the name may mean, `about` what stands beside an idea that needs a thing to be
    said of; `caused` says that it is told to be brought about, `solved` that it is solved, `remains` that it still
    holds.
    """

    key: str
    sign: int
    weight: float
    also: tuple[str, ...] = ()
    about: frozenset[str] = frozenset()
    caused: bool = False
    solved: bool = False
    remains: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every idea and concept that the fact may be meant by."""
        return (self.key, *self.also)


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a folded clause and the idea or concept named there; `pole` is -1 for the idea's other end."""

    start: int
    end: int
    key: str
    pole: int
    weight: float
    idea: Idea | None
    also: tuple[str, ...] = ()


def spans_of(clause: Clause, glossary: Glossary) -> list[Span]:
    """Return what `clause` names, from left to right; nothing stands inside something longer."""
    found = [
        Span(match.start(), match.end(), idea.name, pole, idea.weight, idea)
        for idea in lexicon().ideas
        for pole, pattern in ((1, idea.plus), (-1, idea.minus))
        if pattern
        for match in pattern.finditer(clause.folded)
        if match.end() > match.start()
    ]
    for named in glossary.find(clause.cased):
        of_that_name = lexicon().idea(named.concept)
        weight = of_that_name.weight if of_that_name else CONCEPT_WEIGHT
        weight = COMMON_WEIGHT if named.concept in COMMON else weight
        found.append(Span(named.start, named.end, named.concept, 1, weight, of_that_name, named.also))
    kept: list[Span] = []
    for span in sorted(found, key=lambda s: (s.start - s.end, s.start, s.pole)):
        around = [k for k in kept if k.start <= span.start and span.end <= k.end]
        if all((k.start, k.end) == (span.start, span.end) and k.key != span.key for k in around):
            kept.append(span)
    return sorted(kept, key=lambda s: (s.start, s.end))


def facts_of(clause: Clause, spans: Sequence[Span]) -> tuple[Fact, ...]:
    """Return the facts that `spans` of `clause` state, each once."""
    folded = clause.folded
    causing, solving = lexicon().words["causing"], lexicon().words["solving"].search(folded)
    still = lexicon().words["still"].search(folded)
    facts: dict[tuple[str, int, frozenset[str]], Fact] = {}
    for span, sign in zip(spans, _signs(folded, spans), strict=True):
        about = _beside(span, spans, folded) if span.idea and span.idea.about else frozenset()
        caused = bool(causing.search(folded, max(span.start - _CAUSING, 0), span.end))
        remains = bool(still) and sign != 0
        solved = solving is not None and span.start >= solving.end() and not still
        fact = Fact(span.key, span.pole * sign, span.weight, span.also, about, caused, solved, remains)
        facts.setdefault((fact.key, fact.sign, about), fact)
    return tuple(facts.values())


def _signs(folded: str, spans: Sequence[Span]) -> list[int]:
    """Return for each span whether it is affirmed (1), denied (-1) or solved (0)."""
    words = lexicon().words
    turns = [(m.end(), -1) for m in words["negation"].finditer(folded) if _is_free(m, spans)]
    turns += [(m.end(), 0) for m in words["solving"].finditer(folded) if _is_free(m, spans)]
    turns += [(m.end(), 0) for m in words["whether"].finditer(folded)]
    if words["or_else"].search(folded):
        turns.append((0, _ALL))
    wanted = _OR_ELSE.match(folded)
    if wanted:
        turns = [(after, turn) for after, turn in turns if turn == 0 or after > wanted.end("wanted")]
    signs = [1] * len(spans)
    for match in _BACKWARD.finditer(folded):
        for n, span in enumerate(spans):
            if span.idea and not span.idea.thing and 0 <= match.start() - span.end <= _BACK:
                signs[n] *= -1
    for match in words["to_no_avail"].finditer(folded):
        for n, span in enumerate(spans):
            if span.end <= match.start():
                signs[n] *= -1
    for after, turn in sorted(turns):
        last = _reach(folded, after) if turn == -1 else len(folded)
        within = [n for n, span in enumerate(spans) if after <= span.start <= last]
        # 「不会使权重变为 0」 denies the zero and not the weight.
        predicates = [n for n in within if (idea := spans[n].idea) and not idea.thing]
        for n in predicates or within:
            span_idea = spans[n].idea
            if turn:
                signs[n] = -signs[n]
            elif span_idea is None or not span_idea.about:
                signs[n] = 0  # of what is solved only the direction is known
    for n in range(1, len(spans)):
        # 「没归一化或预处理」 denies both, though one name holds the denial of the first.
        first, between = spans[n - 1], folded[spans[n - 1].end : spans[n].start]
        if (
            first.pole < 0
            and signs[n - 1] > 0
            and folded[first.start] in "没未无不"
            and _OR.fullmatch(between)
        ):
            signs[n] *= -1
    return signs


def _is_free(turn: re.Match[str], spans: Sequence[Span]) -> bool:
    """Whether a negation stands for itself and not inside a name such as 不稳定."""
    length = turn.end() - turn.start()
    return not any(
        s.start <= turn.start() and turn.end() <= s.end and s.end - s.start > length for s in spans
    )


def _reach(folded: str, after: int) -> int:
    last = after + (_REACH_CHINESE if _HAN.match(folded[after - 1]) else _REACH_ENGLISH)
    bare = folded[after - 1] not in _AUXILIARY and folded[after : after + 1] not in _AUXILIARY
    if bare and (condition := _CONDITION_END.search(folded, after, min(after + _CONDITION, len(folded)))):
        return condition.start()
    stop = _REACH_END.search(folded, after, last)
    return max(stop.start(), after + _REACH_LEAST) if stop else last


def _beside(span: Span, spans: Sequence[Span], folded: str) -> frozenset[str]:
    """What `span` is said of: what follows it at once (不同的输出, more parameters), else what stands before it."""
    before = [s for s in spans if s.end <= span.start and s.key != span.key]
    after = [s for s in spans if s.start >= span.end and s.key != span.key]
    if after and (not before or _ADJACENT.fullmatch(folded, span.end, after[0].start)):
        near = [s for s in after if s.start == after[0].start]
    else:
        near = [s for s in before if s.end == before[-1].end]
    return frozenset(name for s in near for name in (s.key, *s.also))
