"""The one rule for text that somebody else wrote: nothing of it does anything to a terminal or a shell."""

from __future__ import annotations

import shlex
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.safe_text import has_unsafe, is_host, safe_line, safe_lines, without_unsafe

EVIL = "ana\x1b]2;owned\x07\r\n\u202e\x9b\u200f\u061c\u2066\u2028\u206a\ud800"


def test_each_unsafe_character_is_a_question_mark() -> None:
    assert safe_line(EVIL) == "ana?]2;owned???" + 8 * "?"
    assert without_unsafe(EVIL) == "ana]2;owned"
    assert safe_lines("a\tb\nc\r\n\x1b") == "a\tb\nc?\n?"


@pytest.mark.parametrize(
    "text", ["Zoë 世界", "हिन्दी", "👩\u200d💻", "می\u200cخواهم", "a\u00a0b", "\ue0b0", "\U0010fffd"]
)
def test_all_other_text_stays(text: str) -> None:
    assert safe_line(text) == safe_lines(text) == without_unsafe(text) == text


def test_it_is_every_control_and_every_mark_of_direction_that_unicode_has() -> None:
    for char in map(chr, range(0x110000)):
        is_bidi = unicodedata.bidirectional(char) in {"LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} or is_bidi or char in "\u061c\u200e\u200f":
            assert has_unsafe(char), ascii(char)
            assert has_unsafe(safe_line(char)) is None


@given(st.text(st.characters()))
def test_nothing_unsafe_is_left(text: str) -> None:
    assert has_unsafe(safe_line(text)) is None
    assert has_unsafe(without_unsafe(text)) is None
    assert has_unsafe(safe_lines(text).replace("\n", "").replace("\t", "")) is None
    assert len(safe_line(text)) == len(safe_lines(text)) == len(text)


@pytest.mark.parametrize(
    "host", ["localhost", "a.example", "192.0.2.7", "2001:db8::1", "::1", "fe80::1%eth0", "my_host"]
)
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host", ["", "-oProxyCommand=x", "a b", "a;b", "a\n", "$(id)", "a`id`", "a'b", "ä.example", "a/b"]
)
def test_what_a_shell_or_ssh_would_take_for_more_is_no_host(host: str) -> None:
    assert not is_host(host)


@given(st.text(max_size=20))
def test_a_host_is_one_word_to_a_shell(text: str) -> None:
    if is_host(text):
        assert shlex.quote(text) in (text, f"'{text}'")
        assert shlex.split(text) == [text]
