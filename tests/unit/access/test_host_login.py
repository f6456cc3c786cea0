"""The user name of a host with a session's key, and what it signs."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.host_login import home_statement, host_user, is_host_user, session_key_of


@given(st.binary(min_size=32, max_size=32))
def test_a_key_comes_back_from_the_user_name(key: bytes) -> None:
    user = host_user(key)
    assert is_host_user(user)
    assert session_key_of(user) == key
    assert len(user) <= 64, "it is the longest name that fits into a message"


def test_a_host_without_a_key_is_host() -> None:
    assert host_user(b"") == "host"
    assert is_host_user("host")
    assert session_key_of("host") == b""


@pytest.mark.parametrize("key", ["s", ".", ".abc", "-" + "a" * 52, "." + "A" * 52, "." + "1" * 52, "." + "a" * 53])
def test_other_user_names_are_guests(key: str) -> None:
    user = f"host{key}"
    assert not is_host_user(user)
    assert session_key_of(user) == b""


def test_no_two_statements_are_the_same_bytes() -> None:
    """Each part is in them, and none runs into the next."""
    said = [
        home_statement(asking=asking, home=home, nonce=nonce, name=name, fixed_name=fixed)
        for asking, home, nonce, name, fixed in [
            ("a", "b", b"n" * 16, "ours", ""),
            ("b", "a", b"n" * 16, "ours", ""),
            ("a", "b", b"m" * 16, "ours", ""),
            ("a", "b", b"n" * 16, "theirs", ""),
            ("a", "b", b"n" * 16, "ours", "fixed"),
            ("a", "b", b"n" * 16, "", "ours"),
            ("ab", "", b"n" * 16, "ours", ""),
        ]
    ]
    assert all(one != other for one, other in combinations(said, 2))
