"""What an interviewer for a role asks about more often: a profile, and the words of a job description."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from assistant.language import Language
from corpus.errors import StudyError
from corpus.glossary import Glossary
from corpus.plugins import unknown
from corpus.types import Topic
from index.terms import fold

DEFAULT = "deep_learning"
#: A job description of more characters is something else.
MAX_JOB = 40_000
#: What a concept that the job names adds to a topic that is about it, and to one that mentions it; and the most.
_TITLE, _MENTION, _MOST = 1.5, 0.3, 4.0


class JobUnreadable(StudyError):
    """A job description that is not there, not text, or endless."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A role: its titles, how many drills it asks for, and patterns on topics with the weight that they bring."""

    name: str
    title_zh: str
    title_en: str
    drills: int
    weights: tuple[tuple[re.Pattern[str], float], ...]

    def title(self, language: Language) -> str:
        """Return what the role is called."""
        return self.title_zh if language is Language.ZH else self.title_en

    def weight(self, topic: Topic) -> float:
        """Return how much more often than another `topic` is asked: the best pattern's weight, else 1."""
        front = topic.front_matter
        named = [topic.title, *topic.heading_path, *((front.title_en, *front.aliases) if front else ())]
        text = fold("\n".join(named))
        return max((weight for pattern, weight in self.weights if pattern.search(text)), default=1.0)


@cache
def profiles() -> tuple[str, ...]:
    """Return the names of all profiles."""
    folder = files("assistant.interview.profiles")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


@cache
def profile(name: str) -> Profile:
    """Return the profile called `name`. Raises `UnknownName`."""
    known = name.replace("-", "_")
    if known not in profiles():
        raise unknown("interview profile", name, list(profiles()))
    read = tomllib.loads((files("assistant.interview.profiles") / f"{known}.toml").read_text("utf-8"))
    weights = tuple((re.compile(entry["pattern"]), entry["weight"]) for entry in read["weights"])
    return Profile(known, read["title_zh"], read["title_en"], read["drills"], weights)


def read_job(path: Path) -> str:
    """Return the text of a job description. Raises `JobUnreadable`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise JobUnreadable(
            f"the job description {str(path)!r} cannot be read: {reason}",
            "Save it as plain text and give that file: assistant interview --jd job.txt",
        ) from None
    if len(text) > MAX_JOB:
        raise JobUnreadable(
            f"the job description {str(path)!r} has {len(text):,} characters; at most {MAX_JOB:,} are read",
            "Keep the part on duties and requirements.",
        )
    return text


def job_weights(job: str, topics: Mapping[str, Topic], glossary: Glossary) -> Mapping[str, float]:
    """Return what `job` adds to the weight of each topic (key -> weight), by the concepts that both name."""
    wanted = {match.concept for match in glossary.find(job)}
    found: dict[str, float] = {}
    for key, topic in topics.items():
        front = topic.front_matter
        names = "\n".join((topic.title, *((front.title_en, *front.aliases) if front else ())))
        titled = {match.concept for match in glossary.find(names)} & wanted
        text = "\n".join(passage.text for passage in topic.passages)
        mentioned = {match.concept for match in glossary.find(text)} & wanted - titled
        found[key] = min(_MOST, _TITLE * len(titled) + _MENTION * len(mentioned))
    return found
