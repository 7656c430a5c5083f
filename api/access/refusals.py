"""Why a request is refused before any door sees it. `api.errors` says with which status."""

from __future__ import annotations

from corpus.errors import StudyError


class NoKey(StudyError):
    """A request without a key that opens anything, where one is needed."""


class WrongHost(StudyError):
    """A request that names another server than this one."""


class ForeignPage(StudyError):
    """A request from a page of another site, or through a proxy where nobody is told apart."""


class HeadersTooLarge(StudyError):
    """More or longer headers than any client of ours sends."""


class AddressTooLong(StudyError):
    """A longer address than any of ours."""


class BodyTooLarge(StudyError):
    """A larger body than its path takes."""


class BadIdempotencyKey(StudyError):
    """An Idempotency-Key that cannot be one."""


class BadFile(StudyError):
    """A file that cannot be taken as a note, by its name, its kind or its size."""


class TooManyRequests(StudyError):
    """More requests than a limit allows. After `retry_after` seconds there is room again."""

    def __init__(self, limit: str, retry_after: int) -> None:
        super().__init__(f"more requests than {limit}", f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after
