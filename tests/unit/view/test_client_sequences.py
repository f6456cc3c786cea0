"""Where an escape sequence ends and what it is; the waits of the reader."""

import pytest

from pairterm.view.client_sequences import MAX_SEQUENCE_BYTES, Found, Match, measure
from pairterm.view.input_pieces import ESCAPE_WAIT_S, InputReader, Piece, PieceKind


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\x1b[1;2R", Found.KEY),
        (b"\x1b[1;16R", Found.KEY),
        (b"\x1b[1;17R", Found.ANSWER),
        (b"\x1b[1;1R", Found.ANSWER),
        (b"\x1b[24;80R", Found.ANSWER),
        (b"\x1b[R", Found.KEY),
        (b"\x1b[1;5:1R", Found.KEY),
        (b"\x1b[c", Found.KEY),
        (b"\x1b[?1;2c", Found.ANSWER),
        (b"\x1b[5n", Found.KEY),
        (b"\x1b[0n", Found.ANSWER),
        (b"\x1b[u", Found.KEY),
        (b"\x1b[97u", Found.KEY),
        (b"\x1b[?1u", Found.ANSWER),
        (b"\x1b[200~", Found.PASTE),
        (b"\x1b[<0;1;1M", Found.KEY),
        (b"\x1b[8;24;80t", Found.ANSWER),
        (b"\x1b[0008;24;80t", Found.ANSWER),
        (b"\x1b[000n", Found.ANSWER),
        (b"\x1b[01;002R", Found.KEY),
        (b"\x1b[00200~", Found.PASTE),
        (b"\x1b[t", Found.KEY),
        (b"\x1bP>|foot(1.16)\x1b\\", Found.ANSWER),
        (b"\x1b]11;rgb:0/0/0\x07", Found.ANSWER),
        (b"\x1b", Found.MAYBE_KEY),
        (b"\x1b[", Found.MAYBE_KEY),
        (b"\x1bO", Found.MAYBE_KEY),
        (b"\x1bP", Found.MAYBE_KEY),
        (b"\x1b]", Found.MAYBE_KEY),
        (b"\x1b]1", Found.MAYBE_KEY),
        (b"\x1b[1;", Found.PART),
        (b"\x1bP>", Found.ANSWER_PART),
        (b"\x1b[?1;", Found.ANSWER_PART),
        (b"\x1b[?", Found.PART),
        (b"\x1b[<0;1", Found.PART),
        (b"\x1b]11;rgb:0", Found.ANSWER_PART),
        (b"\x1b]11;rgb:0\x1b", Found.ANSWER_PART),
    ],
)
def test_what_stands_at_an_escape(data: bytes, found: Found) -> None:
    assert measure(data, 0) == Match(found, len(data))


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (b"\x1bPq", 2),  # Alt+P, then q
        (b"\x1b]x", 2),
        (b"\x1b]1;x\r", 2),  # a control character: a person typed it
        (b"\x1b\x1b[A", 1),  # Escape, then an arrow
        (b"\x1b[\r", 2),
        (b"\x1b[1\x1b[A", 2),
        (b"\x1b[" + b"1" * MAX_SEQUENCE_BYTES, 2),
        (b"\x1b[M", 3),
    ],
)
def test_what_is_no_sequence_is_a_key_by_itself(data: bytes, end: int) -> None:
    assert measure(data, 0) == Match(Found.KEY, end)


def test_old_mouse_reports_have_three_bytes_more() -> None:
    assert measure(b"\x1b[M #!x", 0, mouse_bytes=3) == Match(Found.KEY, 6)
    assert measure(b"\x1b[M #", 0, mouse_bytes=3).found is Found.PART


def test_a_lone_escape_waits_25_ms_and_no_longer() -> None:
    reader = InputReader()
    assert reader.feed(b"\x1b", 1.0) == []
    assert reader.wake_at_s == 1.0 + ESCAPE_WAIT_S
    assert ESCAPE_WAIT_S <= 0.025
    assert reader.tick(1.0 + ESCAPE_WAIT_S / 2) == []
    assert reader.tick(1.0 + ESCAPE_WAIT_S) == [Piece(PieceKind.SEQUENCE, b"\x1b")]
    assert reader.wake_at_s is None


def test_an_escape_that_is_followed_is_let_go_at_once() -> None:
    assert InputReader().feed(b"\x1b:wq\r", 0.0) == [
        Piece(PieceKind.SEQUENCE, b"\x1b:"),
        Piece(PieceKind.TEXT, b"wq\r"),
    ]


def test_a_late_packet_after_the_wait_does_not_join_the_escape() -> None:
    reader = InputReader()
    reader.feed(b"\x1b", 0.0)
    assert reader.feed(b"[A", 1.0) == [Piece(PieceKind.SEQUENCE, b"\x1b"), Piece(PieceKind.TEXT, b"[A")]


def test_a_sequence_in_single_bytes_comes_out_whole() -> None:
    reader = InputReader()
    pieces = [piece for byte in b"\x1b[1;5C" for piece in reader.feed(bytes((byte,)), 0.0)]
    assert pieces == [Piece(PieceKind.SEQUENCE, b"\x1b[1;5C")]


@pytest.mark.parametrize("half", [b"\x1b]11;rgb:ffff", b"\x1b[?62;22", b"\x1bP>|xterm"])
def test_half_an_answer_is_never_typed(half: bytes) -> None:
    reader = InputReader()
    reader.feed(half, 0.0)
    assert reader.tick(1.0) == []
    assert reader.tick(60.0) == []
    assert reader.feed(b"ls", 61.0) == [Piece(PieceKind.TEXT, b"ls")]


def test_a_paste_without_an_end_does_not_take_the_keys_for_ever() -> None:
    reader = InputReader()
    assert [piece.kind for piece in reader.feed(b"\x1b[200~text", 0.0)] == [PieceKind.PASTE, PieceKind.PASTE]
    assert reader.tick(100.0) == []
    assert reader.feed(b"\x02d", 101.0) == [Piece(PieceKind.TEXT, b"\x02d")]


def test_a_paste_s_end_may_be_split() -> None:
    reader = InputReader()
    reader.feed(b"\x1b[200~", 0.0)
    pieces = [*reader.feed(b"abc\x1b[20", 0.1), *reader.feed(b"1~x", 0.2)]
    assert b"".join(piece.data for piece in pieces if piece.kind is PieceKind.PASTE) == b"abc\x1b[201~"
    assert pieces[-1] == Piece(PieceKind.TEXT, b"x")
