"""Whether a request comes from Slack, found before anything else reads it.

Bolt's own check raises for a timestamp that is no number, a body that is no UTF-8 and a signature that is no ASCII,
which its adapter turns into a 500. Here whatever cannot be checked is not from Slack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time

from slack_sdk.signature import Clock, SignatureVerifier


class _Clock(Clock):
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()


class Guard:
    """Knows the signing secret of an app."""

    def __init__(self, secret: str, now: Callable[[], float] = time) -> None:
        self._verifier = SignatureVerifier(secret, _Clock(now))

    def lets_in(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Say whether `body` was signed with the secret not more than five minutes ago."""
        try:
            return self._verifier.is_valid(
                body, headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
            )
        except (ValueError, TypeError):  # UnicodeDecodeError is a ValueError
            return False


def signed(secret: str, body: bytes, now: float | None = None) -> dict[str, str]:
    """Return the headers that Slack sends with `body`."""
    timestamp = str(int(time() if now is None else now))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature or ""}
