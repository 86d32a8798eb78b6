"""Our canonical JSON held to the `rfc8785` package, and to the RFC's own words."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.lib import canonical

LIMIT = 2**53 - 1
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
)
leaves = st.none() | st.booleans() | st.integers(-LIMIT, LIMIT) | words
values = st.recursive(leaves, lambda part: st.lists(part, max_size=5) | st.dictionaries(words, part, max_size=6), max_leaves=30)


@settings(max_examples=1500, deadline=None)
@given(values)
def test_it_gives_the_bytes_of_the_reference(value):
    assert canonical.encode(value) == rfc8785.dumps(value)


@settings(max_examples=500, deadline=None)
@given(values)
def test_what_a_database_wrote_its_own_way_comes_back(value):
    spaced = json.dumps(value, ensure_ascii=True, indent=1)
    assert canonical.again(spaced) == canonical.text(value)
    loose = json.dumps(value, ensure_ascii=False)
    assert canonical.again(loose) == canonical.text(value)


def test_keys_are_in_the_order_of_the_rfc():
    """RFC 8785 §3.2.3: by UTF-16 code unit, so that 😀 (D83D DE00) comes before U+FB33."""
    keys = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    given_order = json.loads(canonical.encode(dict.fromkeys(keys, 0)))
    assert list(given_order) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


@pytest.mark.parametrize("value", [1.5, float("nan"), Decimal("1.50"), date(2021, 10, 31), b"x", {1, 2}, {"a": [1, {"b": 0.1}]}])
def test_what_json_cannot_hold_exactly_is_refused(value):
    with pytest.raises(TypeError, match="no canonical JSON form"):
        canonical.encode(value)


@pytest.mark.parametrize("value", [{1: "a"}, {None: 1}, {"a": {True: 1}}, {"😀": 1, "a": {1: 2}}])
def test_a_key_that_is_not_text_is_refused(value):
    with pytest.raises(TypeError, match="a key must be text"):
        canonical.encode(value)


@pytest.mark.parametrize("value", [LIMIT + 1, -LIMIT - 1, {"😀": [LIMIT + 1]}])
def test_an_integer_that_not_every_reader_holds_is_refused(value):
    with pytest.raises(ValueError, match=r"beyond 2\^53"):
        canonical.encode(value)


def test_a_refusal_says_where():
    with pytest.raises(TypeError, match=r"\$\.changes\.invested\[1\]: float 1\.5"):
        canonical.encode({"changes": {"invested": ["1", 1.5]}})


def test_a_lone_surrogate_is_refused():
    with pytest.raises(ValueError, match="surrogate"):
        canonical.encode({"a": "\ud800"})


@pytest.mark.parametrize("key", ["a", "😀"])
def test_what_contains_itself_is_refused(key):
    ring: dict[str, object] = {}
    ring[key] = ring
    with pytest.raises(ValueError, match="contains itself"):
        canonical.encode(ring)


@pytest.mark.parametrize("written", ['{"a":1.5}', '{"a":1e3}', "{", '{"a":NaN}'])
def test_what_was_never_canonical_does_not_come_back(written):
    with pytest.raises(ValueError, match=r"no canonical JSON form|Expecting"):
        canonical.again(written)
