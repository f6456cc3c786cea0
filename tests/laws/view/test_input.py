"""What a client's keys become: law 6, nothing lost, nothing reordered, answers dropped, however it is split."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.terminal.frame import blank_frame
from pairterm.types import Role, Size
from pairterm.view import Action, Type, View
from pairterm.view.client_sequences import MAX_STRING_BYTES
from pairterm.view.input_pieces import InputReader
from pairterm.view.terminal_kind import TerminalKind

KIND = TerminalKind.of("xterm-256color")
SIZE = Size(rows=10, cols=40)

KEYS = [
    b"a", b"Z", b" ", b"\r", b"\x7f", b"\t", b"\x03", b"\x1a", b"\x00", "é".encode(), "漢".encode(),
    "👩\u200d💻".encode(),
    b"\xff", b"\xc3", b"\x80\x81", b"\x1b[A", b"\x1bOP", b"\x1b[1;5C", b"\x1b[3~", b"\x1b[15;2~", b"\x1bx", b"\x1b\r",
    b"\x1b[I", b"\x1b[O", b"\x1b[<0;10;5M", b"\x1b[<64;1;1M", b"\x1b[<35;3;4m", b"\x1b[200~paste \x02d q\r\x1b[201~",
    b"\x1b[1;2R", b"\x1b[97;5u", b"\x1b[27;5;13~", b"\x1b[Z", b"\x1b[[A", b"\x1bOM", b"\x1b[R", b"\x1b[1;1:3A",
]  # fmt: skip
ANSWERS = [
    b"\x1b[?1;2c", b"\x1b[?62;22c", b"\x1b[>0;276;0c", b"\x1b[>41;354;0c", b"\x1b[0n", b"\x1b[3n", b"\x1b[24;80R",
    b"\x1b[2;5R", b"\x1b[?12;40R", b"\x1b[?2026;2$y", b"\x1b[4;2$y", b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]11;rgb:0000/0000/0000\x07", b"\x1b]4;1;rgb:cd00/0000/0000\x07", b"\x1b]52;c;aGVsbG8=\x1b\\",
    b"\x1b]lname\x1b\\",
    b"\x1bP1$r0m\x1b\\", b"\x1bP1+r436f=323536\x1b\\", b"\x1bP>|XTerm(390)\x1b\\", b"\x1bP!|00000000\x1b\\",
    b"\x1b[?5u", b"\x1b_Gi=1;OK\x1b\\", b"\x1b[8;24;80t", b"\x1b[?997;1n", b"\x1b[>4;2m", b"\x1b[2;1;1;112;112;1;0x",
]  # fmt: skip

keys = st.lists(st.sampled_from(KEYS), max_size=12)
mixed = st.lists(st.one_of(st.sampled_from(KEYS).map(lambda key: (key, False)),
                           st.sampled_from(ANSWERS).map(lambda answer: (answer, True))), max_size=12)  # fmt: skip
cuts = st.lists(st.integers(0, 400), max_size=8)


def view_of(role: Role) -> View:
    view = View(session="law", role=role, size=SIZE, kind=KIND)
    view.show(blank_frame(SIZE))
    view.paint(0.0)
    return view


def split(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place for place in at if place < len(data))})
    return [data[start:stop] for start, stop in pairwise(places)]


def typed(actions: list[Action]) -> bytes:
    return b"".join(action.data for action in actions if isinstance(action, Type))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), keys, st.lists(st.sampled_from(ANSWERS), max_size=3), cuts)
def test_law_6_a_read_only_view_never_types(
    noise: bytes, some: list[bytes], answers: list[bytes], at: list[int]
) -> None:
    """Law 6: a read-only client's bytes never reach the pty, whatever they are."""
    view = view_of(Role.READ_ONLY)
    now_s = 0.0
    for piece in split(b"".join([*some, noise, *answers, *some]), at):
        now_s += 0.01
        assert typed(view.keys(piece, now_s)) == b""
        assert typed(view.tick(now_s)) == b""
        view.paint(now_s)
    assert typed(view.tick(now_s + 60)) == b""


@settings(max_examples=200, deadline=None)
@given(mixed, cuts)
def test_keys_arrive_unchanged_and_in_order_and_answers_do_not(pieces: list[tuple[bytes, bool]], at: list[int]) -> None:
    """However the bytes are split over packets: what is typed is the keys, what is dropped the answers."""
    view = view_of(Role.READ_WRITE)
    out = b""
    for piece in split(b"".join(data for data, _ in pieces), at):
        out += typed(view.keys(piece, 0.0))
    out += typed(view.tick(10.0))
    assert out == b"".join(data for data, is_answer in pieces if not is_answer)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), cuts)
def test_no_bytes_are_held_for_ever_and_none_come_twice(noise: bytes, at: list[int]) -> None:
    """For any bytes, nothing raises, no more comes out than went in, and nothing is held after the last wait."""
    reader = InputReader()
    out = b""
    for number, piece in enumerate(split(noise, at)):
        out += b"".join(each.data for each in reader.feed(piece, number * 0.001))
        wake_at_s = reader.wake_at_s
        assert wake_at_s is None or wake_at_s <= number * 0.001 + 5.0
    for _ in range(3):
        out += b"".join(each.data for each in reader.tick(100.0))
    assert reader.wake_at_s is None
    kept = iter(noise)
    assert all(byte in kept for byte in out)  # what comes out is what went in, with pieces left out at most


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 3 * MAX_STRING_BYTES), st.integers(1, 700))
def test_an_answer_of_any_length_is_dropped_in_bounded_memory(length: int, step: int) -> None:
    reader = InputReader()
    data = b"\x1b]52;c;" + b"A" * length + b"\x1b\\ok"
    out = b""
    for start in range(0, len(data), step):
        out += b"".join(piece.data for piece in reader.feed(data[start : start + step], 0.0))
        assert len(reader._held) <= MAX_STRING_BYTES + step
    assert out == b"ok"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(keys.map(b"".join), st.sampled_from([b"\x02", b"ls -l", b"[", b"q", b""])), max_size=8))
def test_the_short_way_of_plain_text_is_the_long_way(pieces: list[bytes]) -> None:
    """Text that goes straight to the session is as the reader and the controls would have made it."""
    short, long = view_of(Role.READ_WRITE), view_of(Role.READ_WRITE)
    for number, piece in enumerate(pieces):
        now_s = number * 0.3
        taken = long._controls.take(long._reader.feed(piece, now_s), now_s)
        if short.passes_on(piece, now_s):  # a gateway then sends it on, and the view is told nothing
            assert taken == [Type(piece)]
        else:
            assert short.keys(piece, now_s) == taken
        assert short.wake_at_s == long.wake_at_s
        assert short.is_dirty is long.is_dirty
