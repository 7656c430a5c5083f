"""Addresses: the same as the `ollama` package's, and a probe that tells open from closed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ollama._client import _parse_host  # type: ignore[attr-defined,unused-ignore]

from assistant.llm.fake_ollama import FakeOllama, closed_port, silent_port
from corpus.errors import StudyError
from index.hosts import listening, parse

WRITTEN = [
    None,
    "",
    "0.0.0.0",
    ":56789",
    "localhost",
    "1.2.3.4",
    "1.2.3.4:56789",
    "http://1.2.3.4",
    "https://1.2.3.4",
    "http://example.com:0",
    "https://example.com:56789/",
    "example.com/path",
    "example.com:56789/a/path/",
    "Example.COM",
    "user:secret@example.com",
    "[::1]",
    "[0001:002:003:0004::1]:56789/path",
    "https://[::1]/path?query#fragment",
    "http://",
    "://host",
    "ftp://host",
    "批归一化.cn",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_an_address_is_what_the_ollama_package_makes_of_it(written: str | None) -> None:
    assert parse(written).url == _parse_host(written)


@given(st.text(alphabet="ahtps:/.0159[]@?# ", max_size=20))
def test_any_text_is_the_same_address_or_the_same_refusal(written: str) -> None:
    try:
        expected = _parse_host(written)
    except ValueError:
        with pytest.raises(StudyError):
            parse(written)
    else:
        assert parse(written).url == expected


@pytest.mark.parametrize("written", ["host:99999", "host:port", "[::1", "::1"])
def test_a_bad_address_is_named_in_its_error(written: str) -> None:
    with pytest.raises(StudyError, match=r"is not an address") as caught:
        parse(written)
    assert repr(written) in caught.value.message
    assert "127.0.0.1:11434" in caught.value.hint


@pytest.mark.parametrize(
    ("written", "loopback"),
    [
        ("", True),
        ("0.0.0.0", True),
        ("[::1]:1", True),
        ("127.9.9.9", True),
        ("LOCALHOST", True),
        ("ollama.localhost", True),
        ("192.168.1.5", False),
        ("[fe80::1]", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_this_machine_is_told_from_others(written: str, loopback: bool) -> None:
    assert parse(written).loopback is loopback


def test_a_server_listens_and_so_does_a_silent_port_but_not_a_closed_one() -> None:
    with FakeOllama() as fake, silent_port() as silent:
        assert listening(fake.host, 5.0)
        assert listening(f"http://{silent}/path", 5.0)
    assert not listening(closed_port(), 5.0)


def test_proxies_do_not_make_a_closed_port_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeOllama() as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
        assert not listening(closed_port(), 5.0)


@pytest.mark.parametrize("written", ["host:port", "a" * 64 + ".invalid"])
def test_what_is_no_address_does_not_listen(written: str) -> None:
    assert listening(written, 0.1) is False


def test_probing_imports_no_client() -> None:
    code = "import sys, index.hosts; print({'httpx', 'ollama'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
