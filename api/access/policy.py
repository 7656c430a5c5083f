"""Who is let in by where they come from: the names this server answers to, and whether it asks for keys."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from assistant.settings import Settings

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
#: What proxies and tunnels add. On a server without keys it means that strangers come in as the person at this machine.
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"cf-connecting-ip")


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a server that listens on `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a server; as it stands, those of one that only this machine can reach.

    `hosts` are names beside those of loopback, in lower case. Limits are written as `120/minute` (see
    `api.access.rates`), empty for none, and hold for callers with a key: the person at this machine has none.
    """

    asks_for_keys: bool = False
    hosts: frozenset[str] = field(default=frozenset())
    rate_limit: str = ""
    model_rate_limit: str = ""

    @classmethod
    def of(cls, settings: Settings, host: str) -> Self:
        """Return the rules for a server that listens on `host`.

        A server with a name beside loopback's asks for keys wherever it listens: the name is a proxy's, and behind a
        proxy everybody seems to come from this machine.
        """
        named = frozenset(settings.allowed_hosts)
        own = frozenset() if is_loopback(host) or _is_any(host) else frozenset({host.strip("[]").lower()})
        return cls(
            asks_for_keys=bool(named) or not is_loopback(host),
            hosts=named | own,
            rate_limit=settings.rate_limit,
            model_rate_limit=settings.model_rate_limit,
        )

    def answers_to(self, host: str, address: str) -> bool:
        """Say whether a request that names `host` and came in at our `address` means this server.

        A page whose name was rebound to our address still sends its own name (DNS rebinding). An address as the name
        is safe where it is the one that was connected to.
        """
        name = hostname(host)
        return name in self.hosts or name in _LOOPBACK_NAMES or (bool(name) and name == address)

    def trusts_page(self, origin: str, host: str) -> bool:
        """Say whether a page of `origin` may send requests to the server it calls `host`: only our own pages may.

        Another port is another program. Behind a proxy the two may differ, so that our names are trusted too.
        """
        scheme, found, place = origin.partition("://")
        is_page = scheme in ("http", "https") and bool(found)
        return is_page and (place.lower() == host.lower() or hostname(place) in self.hosts)

    def came_by_proxy(self, headers: Mapping[bytes, bytes]) -> bool:
        """Say whether somebody passed the request on who must not, since no key is asked for."""
        return not self.asks_for_keys and any(name in headers for name in _FORWARDED)


def hostname(host: str) -> str:
    """Return the name in a Host header: without port and brackets, in lower case; empty where it is none."""
    name, bracket, rest = host.rpartition("]")
    if bracket:
        name = name.removeprefix("[")
    else:
        name, _, port = rest.partition(":")
        rest = f":{port}" if port else ""
    is_port = not rest or (rest.startswith(":") and rest[1:].isdecimal() and rest.isascii())
    return name.lower().removesuffix(".") if is_port else ""


def _is_any(host: str) -> bool:
    return host in ("", "0.0.0.0", "::", "[::]")
