"""A JSON text that comes in pieces is whole where its object is closed, and nowhere before."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.engine.nesting import Nesting

TEXTS = st.text(st.sampled_from('{}[]"\\a口\n'), max_size=8)
VALUES = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


def whole_after(pieces):
    nesting = Nesting()
    for piece in pieces:
        nesting.add(piece)
    return nesting.is_whole


@settings(deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=3), st.integers(1, 5), st.booleans())
def test_object_is_whole_at_its_end_and_at_no_place_before_however_it_is_cut(value, size, is_ascii):
    text = json.dumps(value, ensure_ascii=is_ascii).encode()
    for end in range(1, len(text) + 1):
        pieces = [text[start : min(start + size, end)] for start in range(0, end, size)]
        assert whole_after(pieces) == (end == len(text))


@pytest.mark.parametrize("text", [b"", b" ", b'"', b'"a"', b"3", b'{"a": "\\"}', b"{} {"])
def test_what_is_no_closed_object_is_not_whole(text):
    assert not whole_after([text])
