"""The line that somebody types at the door."""

import pytest

from pairterm.view.name_prompt import NamePrompt, Typed


def test_a_name_is_echoed_edited_and_given_by_enter() -> None:
    line = NamePrompt()
    assert line.feed(b"adx", 0.0) == Typed("adx")
    assert line.feed(b"\x7fa", 0.0) == Typed("\b \ba")
    assert line.feed(b"\r", 0.0) == Typed("\r\n", "ada")
    assert line.feed(b"\r", 0.0) == Typed("")  # no name, nothing to give
    assert line.feed("漢x".encode()[:2], 0.0) == Typed("")
    assert line.feed("漢x".encode()[2:], 0.0) == Typed("漢x")
    assert line.feed(b"\x15", 0.0) == Typed("\b" * 3 + " " * 3 + "\b" * 3)


def test_no_character_leaves() -> None:
    """A guest at the door who typed `quit` left at its first letter, and the rest ran in a shell of their own."""
    assert not NamePrompt().feed(b"quit the editor\rq\r", 0.0).leaves


@pytest.mark.parametrize(("data", "leaves"), [(b"\x03", True), (b"ada\x03", True), (b"\x04", True), (b"a\x04", False)])
def test_who_leaves(data: bytes, leaves: bool) -> None:
    assert NamePrompt().feed(data, 0.0).leaves is leaves


def test_sequences_are_no_part_of_a_name_and_a_name_has_an_end() -> None:
    line = NamePrompt()
    assert line.feed(b"\x1b[Aa\x1b]11;rgb:0/0/0\x07b\x1b[1;2R", 0.0) == Typed("ab")
    assert len(line.feed(b"x" * 1000, 0.0).echo) == 30
