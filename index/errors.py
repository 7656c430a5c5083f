"""What can go wrong between notes and an answer's passages."""

from __future__ import annotations

from corpus.errors import StudyError


class EmbedderMissing(StudyError):
    """The embedding model asked for cannot be loaded, or does not embed: its server is down, its answer no vector."""


class RerankerFailed(StudyError):
    """The reranking model asked for cannot be loaded or does not judge; what was found keeps its order."""


class NoTopics(StudyError):
    """The notes were read, but there is nothing in them to study."""


class IndexDamaged(StudyError):
    """A stored index whose files do not match their checksums. The index is rebuilt; notes are never touched."""


class QueryTooLong(StudyError):
    """A question longer than anything a person would ask."""
