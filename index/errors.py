"""What can go wrong between notes and an answer's passages."""

from __future__ import annotations

from corpus.errors import StudyError


class EmbedderMissing(StudyError):
    """The embedding model asked for cannot be loaded."""


class NoTopics(StudyError):
    """The notes were read, but there is nothing in them to study."""


class IndexDamaged(StudyError):
    """A stored index whose files do not match their checksums. The index is rebuilt; notes are never touched."""


class QueryTooLong(StudyError):
    """A question longer than anything a person would ask."""
