"""What kinds make questions of: a group of points in one language, and what lies around it.

Neighbours are the topics that are easily confused with this one: those that its note calls related, those that
share a contrast with it (BN and LN, L1 and L2), then those that a search for its title finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assistant.grading.grader import Grader, digest_of, key_of
from assistant.grading.key_points import in_language, key_points
from assistant.grading.lexicon import lexicon
from assistant.grading.types import KeyPoint
from assistant.language import Language, mostly
from assistant.quiz.groups import groups_of, is_mistakes, is_question
from assistant.quiz.kinds_of import OTHER, answers, kind_of
from assistant.quiz.note_parts import Claim, claims_in
from assistant.quiz.types import PointGroup
from corpus.glossary import Glossary
from corpus.types import Topic
from index.library import Library

_MOST_NEIGHBOURS = 4
#: A typical question is asked about a group only where the group says this share of it, and no other more.
_SAID = 0.72
#: Of these kinds the words of a question tell little, so the answer must say nearly all of them.
_LOOSE, _SAID_OF_LOOSE = frozenset({OTHER, "predict_the_change"}), 0.9
_AS_MUCH = 0.85
#: What the question has in common with the title of its topic tells no group from another.
_IN_TITLE = 0.3


@dataclass(frozen=True, slots=True)
class TopicMaterial:
    """A group and what lies around it. Implements `Material`.

    `siblings` are the other groups of the topic, `claims` what its note calls wrong, `background` what it says
    beside its groups, `asked` the typical questions of the note that this group answers.
    """

    group: PointGroup
    language: Language
    neighbours: tuple[PointGroup, ...]
    siblings: tuple[PointGroup, ...]
    claims: tuple[Claim, ...]
    background: tuple[KeyPoint, ...]
    asked: tuple[Typical, ...]
    glossary: Glossary

    @property
    def topic(self) -> Topic:
        """The topic of the group."""
        return self.group.topic

    def says(self, point: KeyPoint) -> str:
        """Return the wording of `point` in the language of the question, without its full stop.

        The label it stands under is said with it where it is the name of a thing that the wording does not name.
        """
        said = in_language(point, self.language)
        if point.label and len(point.wordings) == 1:
            bare = point.wordings[0]
            named = said[: len(said) - len(bare)].rstrip("：: ")
            said_of = {match.concept for match in self.glossary.find(named)}
            is_named = said_of <= {match.concept for match in self.glossary.find(bare)}
            said = bare if is_named else said
        return said.rstrip("。.；; ")

    @property
    def points(self) -> tuple[KeyPoint, ...]:
        """The points of the group that can be said in the language of the question.

        In a list of a Chinese note a name may be English: 「batch normalization」 is said in either.
        """
        if mostly(" ".join(p.wordings[0] for p in self.group.points if p.wordings)) is self.language:
            return self.group.points
        return tuple(p for p in self.group.points if is_in(p, self.language))


def is_in(point: KeyPoint, language: Language) -> bool:
    """Whether `point` has a wording in `language`."""
    return any(mostly(text) is language for text in point.wordings or (point.text,))


@dataclass(frozen=True, slots=True)
class Typical:
    """A typical question that the note lists, and the points that answer it."""

    question: str
    points: tuple[KeyPoint, ...]


class Surroundings:
    """The groups and neighbours of all topics of a grader's notes, made when first asked for."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._groups: dict[str, tuple[PointGroup, ...]] = {}
        self._neighbours: dict[str, tuple[Topic, ...]] = {}
        self._materials: dict[tuple[str, Language], tuple[TopicMaterial, ...]] = {}
        self._kept: dict[str, tuple[KeyPoint, ...]] = {}
        self._named: dict[str, Mapping[str, frozenset[str]]] = {}

    @property
    def library(self) -> Library:
        """The notes."""
        return self._grader.library

    def groups(self, topic: Topic) -> tuple[PointGroup, ...]:
        """Return the groups of `topic`. A model is never asked for points: that would take minutes for all."""
        key = key_of(topic)
        if key not in self._groups:
            self._groups[key] = groups_of(topic, self._points(topic))
        return self._groups[key]

    def neighbours(self, topic: Topic) -> tuple[Topic, ...]:
        """Return the topics that are easily confused with `topic`, nearest first."""
        key = key_of(topic)
        if key not in self._neighbours:
            found = {key_of(other): other for other in self._near(topic) if key_of(other) != key}
            self._neighbours[key] = tuple(found.values())[:_MOST_NEIGHBOURS]
        return self._neighbours[key]

    def materials(self, topic: Topic, language: Language) -> tuple[TopicMaterial, ...]:
        """Return the material of each group of `topic` that has points in `language`."""
        key = (key_of(topic), language)
        if key not in self._materials:
            self._materials[key] = tuple(self._gathered(topic, language))
        return self._materials[key]

    def _gathered(self, topic: Topic, language: Language) -> Iterator[TopicMaterial]:
        groups = self.groups(topic)
        asked = self._asked(topic, language)
        near = tuple(group for other in self.neighbours(topic) for group in self.groups(other))
        claims = tuple(claim for claim in claims_in(topic) if claim.language is language)
        background = tuple(p for p in self._points(topic) if not p.written and is_in(p, language))
        for at, group in enumerate(groups):
            if any(is_in(point, language) for point in group.points):
                siblings = (*groups[:at], *groups[at + 1 :])
                yield TopicMaterial(
                    group=group,
                    language=language,
                    neighbours=near,
                    siblings=siblings,
                    claims=claims,
                    background=background,
                    asked=asked.get(at, ()),
                    glossary=self.glossary,
                )

    def _points(self, topic: Topic) -> tuple[KeyPoint, ...]:
        key = key_of(topic)
        if key not in self._kept:
            self._kept[key] = self._grader.memory.points(key, digest_of(topic)) or key_points(topic)
        return self._kept[key]

    @property
    def glossary(self) -> Glossary:
        """The names of things."""
        return self._grader.library.glossary

    def _near(self, topic: Topic) -> Iterator[Topic]:
        yield from self._related(topic)
        own = self._members(topic)
        for other in self._grader.library.topics:
            if not other.stub and any(own[group] - members for group, members in self._shared(own, other)):
                yield other
        for hit in self._grader.library.search(topic.title, _MOST_NEIGHBOURS + 1).hits:
            if not hit.topic.stub:
                yield hit.topic

    def _related(self, topic: Topic) -> Iterator[Topic]:
        named = topic.front_matter.related if topic.front_matter else ()
        for name in named:
            yield from (t for t in self._grader.library.topics if t.path.stem == name and not t.stub)

    def _members(self, topic: Topic) -> Mapping[str, frozenset[str]]:
        """Return contrast -> members that the title of `topic` names."""
        if topic.title not in self._named:
            named = {m.concept for m in self.glossary.find(topic.title)}
            self._named[topic.title] = {
                contrast.name: members
                for contrast in lexicon().contrasts
                if not contrast.local
                and (members := frozenset(contrast.concepts[c] for c in named if c in contrast.concepts))
            }
        return self._named[topic.title]

    def _shared(
        self, own: Mapping[str, frozenset[str]], other: Topic
    ) -> Iterator[tuple[str, frozenset[str]]]:
        for group, members in self._members(other).items():
            if group in own:
                yield group, members

    def _asked(self, topic: Topic, language: Language) -> Mapping[int, tuple[Typical, ...]]:
        """Return group -> the typical questions in `language` that points of it answer."""
        listed = topic.front_matter.questions if topic.front_matter else ()
        groups = self.groups(topic)
        found: dict[int, tuple[Typical, ...]] = {}
        for question in (one for one in listed if mostly(one) is language):
            best = max(
                ((at, *self._answering(question, group, language)) for at, group in enumerate(groups)),
                key=lambda one: one[1],
                default=(0, 0.0, ()),
            )
            at, share, points = best
            # 「怎么训练」 asks for more than that both speak of training; of a why or a what more is known.
            if points and share >= (_SAID_OF_LOOSE if kind_of(question) in _LOOSE else _SAID):
                found[at] = (*found.get(at, ()), Typical(question, points))
        return found

    def _answering(
        self, question: str, group: PointGroup, language: Language
    ) -> tuple[float, tuple[KeyPoint, ...]]:
        """Return how much of `question` the best of the group says, and those of it that say as much."""
        library = self._grader.library
        title = library.terms_of(group.topic.title)
        weights = {
            term: weight * (_IN_TITLE if term in title else 1.0)
            for term, weight in library.importance(question).items()
        }
        whole = sum(weights.values())
        if not whole or is_mistakes(group):
            return 0.0, ()

        def said(*texts: str) -> float:
            terms = {term for text in texts for term in library.terms_of(text)}
            return sum(weight for term, weight in weights.items() if term in terms) / whole

        if is_question(group):
            # The note answers its own question; another one is answered only where it is nearly the same.
            back = self._answering_back(question, group.name)
            fits = kind_of(group.name) == kind_of(question) and back >= _SAID
            return (said(group.name), group.points) if fits else (0.0, ())
        shares = {
            point: said(*point.wordings)
            for point in group.points
            if is_in(point, language) and answers(question, in_language(point, language))
        }
        best = max(shares.values(), default=0.0)
        return best, tuple(p for p, share in shares.items() if share >= _AS_MUCH * best)

    def _answering_back(self, question: str, asked: str) -> float:
        library = self._grader.library
        weights, own = library.importance(asked), library.terms_of(question)
        return sum(w for t, w in weights.items() if t in own) / max(sum(weights.values()), 1e-9)
