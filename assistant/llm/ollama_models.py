"""The models of an Ollama server: which are there, what they can do, and pulling more.

Goes through the `ollama` package, imported only when something is asked. Talking to a model is in
`assistant/llm/ollama_chat.py`. Every function raises `ModelError`, and `StudyError` when `host` is no
address; `host` "" is `127.0.0.1:11434`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.llm import ollama_errors as errors
from assistant.llm.base import ModelUnavailable, StreamBroken
from index.hosts import Address, parse

if TYPE_CHECKING:
    from ollama import Client

#: Seconds to connect, and seconds of silence: checking a large model's sums takes minutes without a byte.
CONNECT, ANSWER, PULL = 3.0, 20.0, 600.0
#: Seconds of silence when it is only asked whether Ollama is there; what it is asked for then is at hand.
PROBE = 2.5


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that the server has; `size` is in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class RunningModel:
    """A model in memory: the window it was given, in tokens, and its bytes in graphics memory (0: none)."""

    name: str
    context_length: int
    vram: int


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a server says about a model.

    `capabilities` is None where a server before 0.6.4 reports none. `tools` among them means that the
    template mentions tools. `context_length` is the trained length, not the running window; 0 is unknown.
    """

    name: str
    capabilities: frozenset[str] | None
    context_length: int


@dataclass(frozen=True, slots=True)
class PullProgress:
    """A step of a pull. `completed` and `total` are bytes of the present layer, 0 where it has none."""

    status: str
    completed: int = 0
    total: int = 0


def installed(host: str = "", *, timeout: float = ANSWER) -> tuple[InstalledModel, ...]:
    """Return the models of the server, newest first."""
    with _client(host, timeout) as client:
        return tuple(InstalledModel(m.model or "", int(m.size or 0)) for m in client.list().models)


def running(host: str = "", *, timeout: float = ANSWER) -> tuple[RunningModel, ...]:
    """Return the models in memory. Before 0.10.0 their windows are not told and 0."""
    with _client(host, timeout) as client:
        models = client.ps().models
    return tuple(RunningModel(m.model or "", m.context_length or 0, int(m.size_vram or 0)) for m in models)


def show(name: str, host: str = "", *, timeout: float = ANSWER) -> ModelCard:
    """Return what the server says about the model `name`."""
    with _client(host, timeout, name) as client:
        said = client.show(name)
    facts = said.modelinfo or {}
    length = facts.get(f"{facts.get('general.architecture')}.context_length", 0)
    return ModelCard(name, None if said.capabilities is None else frozenset(said.capabilities), int(length))


def pull(
    name: str,
    host: str = "",
    *,
    on_progress: Callable[[PullProgress], None] = lambda _: None,
    timeout: float = PULL,
) -> None:
    """Download the model `name`, reporting every step; what was downloaded is kept when it breaks off."""
    status = ""
    with closing(_steps(name, host, timeout)) as steps:
        for step in steps:
            status = step.status
            on_progress(step)
    if status != "success":
        raise StreamBroken(f"pulling {name!r} broke off after {status!r}", f"ollama pull {name}")


def version(host: str = "", *, timeout: float = ANSWER) -> tuple[int, ...]:
    """Return the server's version as numbers, `(0, 32, 15)`; () for a development build.

    Structured output without thinking needs 0.21.1. The `ollama` package has no call for it.
    """
    import httpx

    address = parse(host)
    limits = httpx.Timeout(timeout, connect=CONNECT)
    with _typed(address, timeout):
        said = httpx.get(f"{address.url}/api/version", timeout=limits, trust_env=not address.loopback)
        written = str(said.json()["version"])
        numbers = written.partition("-")[0].split(".")
        return () if written == "0.0.0" else tuple(int(number) for number in numbers)


def _steps(name: str, host: str, timeout: float) -> Generator[PullProgress, None, None]:
    """Yield the steps of a pull. A generator, so that an error of the caller's callback passes untouched."""
    with _client(host, timeout, name) as client:
        for step in client.pull(name, stream=True):
            yield PullProgress(step.status or "", step.completed or 0, step.total or 0)


@contextmanager
def _client(host: str, timeout: float, model: str = "") -> Iterator[Client]:
    import httpx

    address = parse(host)
    try:
        # The package makes a client of its own when it is imported, from the environment.
        from ollama import Client, ResponseError
    except (ImportError, ValueError) as error:
        raise ModelUnavailable(
            f"the ollama package does not start: {error}",
            "Correct or unset ALL_PROXY, HTTP_PROXY, HTTPS_PROXY and OLLAMA_HOST.",
        ) from error
    limits = httpx.Timeout(timeout, connect=CONNECT)
    with _typed(address, timeout):
        try:
            with Client(address.url, timeout=limits, trust_env=not address.loopback) as client:
                yield client
        except ResponseError as error:
            said = error.error  # the package gives {"error": ...} and the text of a web page alike
            if not isinstance(said, str) or said.lstrip().startswith("<") or said == "404 page not found":
                seen = f"HTTP {error.status_code}, {str(said)[:60]!r}"
                raise errors.foreign(address.url, seen) from error
            raise errors.from_server(said, model=model) from error


@contextmanager
def _typed(address: Address, timeout: float) -> Iterator[None]:
    """Turn whatever the clients let out into a `ModelError`."""
    import httpx

    url = address.url
    try:
        yield
    except ImportError as error:  # a SOCKS proxy without its package
        raise errors.bad_proxy(url, error) from error
    except httpx.ConnectTimeout as error:
        raise errors.timed_out("no connection", CONNECT, url) from error
    except httpx.TimeoutException as error:
        raise errors.timed_out("nothing", timeout, url) from error
    except (ConnectionError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise errors.unreachable(url, str(error)) from error
    # JSONDecodeError, pydantic's ValidationError (both ValueError), and what the package raises over JSON
    # that is no object.
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise errors.foreign(url, "its answer cannot be read") from error
