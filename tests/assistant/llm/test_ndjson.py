"""NDJSON: the cut of the bytes never matters, and what is no object is an error that quotes it."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.ndjson import NotNdjson, objects

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
json_objects = st.dictionaries(st.sampled_from(["content", "批", "\u2028"]), json_values, max_size=3)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(
    values=st.lists(json_objects, max_size=5),
    blank=st.sampled_from(["\n", "\r\n", "\n\n", "\n \n"]),
    at=st.lists(st.integers(min_value=0), max_size=20),
)
def test_any_chunking_gives_the_objects_that_were_written(
    values: list[dict[str, Any]], blank: str, at: list[int]
) -> None:
    data = "".join(json.dumps(value, ensure_ascii=False) + blank for value in values).encode()
    assert list(objects(cut(data, at))) == values


@given(
    data=st.binary(max_size=60) | st.text(alphabet='{}":1\n\u2028批').map(str.encode),
    at=st.lists(st.integers(0)),
)
def test_any_chunking_of_any_bytes_ends_alike(data: bytes, at: list[int]) -> None:
    def outcome(chunks: list[bytes]) -> tuple[list[dict[str, Any]], bool]:
        seen: list[dict[str, Any]] = []
        try:
            for value in objects(chunks, max_line=20):
                seen.append(value)
        except NotNdjson:
            return seen, True
        return seen, False

    assert outcome(cut(data, at)) == outcome([data])


def test_line_separators_inside_content_are_content() -> None:
    content = "a\u0085b\u2028c\u2029d\x0b\x0ce\x1c"
    line = json.dumps({"content": content}, ensure_ascii=False).encode()
    assert list(objects([line + b"\n"])) == [{"content": content}]


def test_an_object_is_given_before_the_next_chunk_is_asked_for() -> None:
    asked: list[int] = []

    def chunks() -> Any:
        for number in range(3):
            asked.append(number)
            yield b'{"n":%d}\n' % number

    assert next(objects(chunks())) == {"n": 0}
    assert asked == [0]


def test_the_last_line_needs_no_line_end_but_must_be_whole() -> None:
    assert list(objects([b'{"n":1}'])) == [{"n": 1}]
    with pytest.raises(NotNdjson, match="n"):
        list(objects([b'{"n":']))


@pytest.mark.parametrize(
    "line", [b"[1]", b"7", b"<html>", b'{"a":\xff}', b'{"n":1}'.decode().encode("utf-16-le"), b"[" * 100_000]
)
def test_what_is_no_json_object_is_quoted(line: bytes) -> None:
    seen: list[dict[str, Any]] = []
    with pytest.raises(NotNdjson) as caught:
        seen.extend(objects([b'{"before":1}\n', line + b"\n"]))
    assert seen == [{"before": 1}]
    assert line[:3].decode("utf-8", "replace").strip()[:1] in str(caught.value)


def test_a_line_may_be_as_long_as_the_limit_and_no_longer() -> None:
    line = b'{"a":"' + b"x" * 12 + b'"}'
    assert len(line) == 20
    assert len(list(objects([line + b"\n"], max_line=20))) == 1
    with pytest.raises(NotNdjson, match="over 19 bytes"):
        list(objects([line], max_line=19))


def test_an_endless_line_is_refused_while_it_comes() -> None:
    def forever() -> Any:
        while True:
            yield b"x" * 1000

    with pytest.raises(NotNdjson, match="over 5000 bytes"):
        next(objects(forever(), max_line=5000))


def test_the_limit_is_of_one_line_and_not_of_all() -> None:
    assert len(list(objects([b'{"a":1}\n' * 3, b'{"a":1}\n'], max_line=8))) == 4
