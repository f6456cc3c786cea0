"""Session names: the same rule on every side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.errors import UsageError
from pairterm.session.session_names import MAX_NAME_CHARS, check_name, is_name, next_free_name


@given(st.text(max_size=60))
def test_a_name_is_safe_in_a_path_a_shell_and_a_status_line(text: str) -> None:
    if is_name(text):
        assert 1 <= len(text) <= MAX_NAME_CHARS
        assert text.isascii()
        assert text[0] not in ".-"
        assert all(char.isalnum() or char in "-_." for char in text)
        assert check_name(text) == text
    else:
        with pytest.raises(UsageError) as caught:
            check_name(text)
        assert caught.value.code == "bad_name"
        assert "\n" not in caught.value.message


@pytest.mark.parametrize("name", ["a\n", "\na", "..", ".", "-", "a/b", "a" * 51, "ª", "१"])
def test_traps(name: str) -> None:
    assert not is_name(name)


def test_the_next_free_name_is_the_lowest_number() -> None:
    assert next_free_name([]) == "0"
    assert next_free_name(["0", "2", "work"]) == "1"
    assert next_free_name(["0", "1", "2"]) == "3"
    assert next_free_name(["00", "01"]) == "0"
