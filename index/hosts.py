"""Where a model server listens: Ollama's rules for writing an address, and a probe that imports no client.

The rules are those of the `ollama` package for `OLLAMA_HOST`; a test compares the two. They are repeated
here because the package takes a quarter of a second to import and notes mode must not pay for it. Reading
the environment is the business of the settings, not of this module.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from corpus.errors import StudyError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 11434
#: The port that a written scheme implies. Without a scheme it is `DEFAULT_PORT`.
SCHEME_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """An address split in its parts. `host` has no brackets around IPv6, `path` no outer slashes."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end: `http://127.0.0.1:11434`."""
        host = f"[{self.host}]" if _ip_version(self.host) == 6 else self.host
        return f"{self.scheme}://{host}:{self.port}" + (f"/{self.path}" if self.path else "")

    @property
    def loopback(self) -> bool:
        """Whether the address means this machine, so that no proxy may stand between.

        `0.0.0.0` and `::` count: people set them for the server, and a client that connects to them
        reaches its own machine.
        """
        if not _ip_version(self.host):
            return self.host == "localhost" or self.host.endswith(".localhost")
        address = ipaddress.ip_address(self.host)
        return address.is_loopback or address.is_unspecified


def parse(host: str | None) -> Address:
    """Return the address written as `host`; None and "" mean `http://127.0.0.1:11434`.

    Raises `StudyError` when the port is no number from 0 to 65535 or the brackets do not match.
    """
    written = host or ""
    scheme, _, rest = written.partition("://")
    port = SCHEME_PORTS.get(scheme, DEFAULT_PORT)
    if not rest:
        scheme, rest, port = "http", written, DEFAULT_PORT
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        return Address(scheme, parts.hostname or DEFAULT_HOST, parts.port or port, path=parts.path.strip("/"))
    except ValueError as error:
        raise StudyError(
            f"{written!r} is not an address of a model server: {error}",
            "Write it like 127.0.0.1:11434 or https://host/path.",
        ) from error


def listening(host: str | None, timeout: float = 0.5) -> bool:
    """Say whether something accepts a TCP connection at `host` within `timeout` seconds; never raises.

    Proxies are ignored, so for a server that is reached only through one the answer is no.
    """
    try:
        address = parse(host)
        socket.create_connection((address.host, address.port), timeout).close()
    except (OSError, StudyError, UnicodeError):  # UnicodeError: a name that is no host name
        return False
    return True


def tagged(name: str) -> str:
    """Return a model's name as Ollama lists it: a name without a tag means `latest`."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _ip_version(host: str) -> int:
    """Return 4 or 6, or 0 for a name."""
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return 0
