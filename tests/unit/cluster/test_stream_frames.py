"""Unit tests of the frames of streams between gateways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.cluster.stream_frames import WINDOW_BYTES, Frame, FrameKind, ReceiveWindow, SendWindow
from pairterm.errors import PeerError

_KINDS = st.sampled_from(FrameKind)
_NUMBERS = st.integers(0, 2**64 - 1)


@given(_KINDS, _NUMBERS, _NUMBERS, st.binary(max_size=64))
def test_a_frame_survives_the_wire(kind: FrameKind, number: int, limit: int, data: bytes) -> None:
    frame = Frame(kind, number, limit, data)
    assert Frame.decode(frame.encode()) == frame


@given(st.binary(max_size=40))
def test_any_bytes_are_a_frame_or_an_error(data: bytes) -> None:
    try:
        assert Frame.decode(data).encode() == data
    except PeerError:
        assert len(data) < 17 or data[0] not in set(FrameKind)


def test_a_sender_numbers_its_frames_and_sends_no_more_than_it_may() -> None:
    window = SendWindow()
    assert window.room == 0
    assert not window.is_open
    window.allow(10)
    assert window.frame(FrameKind.DATA, data=b"12345").number == 0
    assert window.frame(FrameKind.EOF).number == 1
    assert window.room == 5
    window.allow(7)
    assert window.room == 5, "a limit never shrinks"


@pytest.mark.parametrize("number", [0, 2])
def test_a_frame_that_is_missing_or_comes_twice_ends_the_stream(number: int) -> None:
    window = ReceiveWindow()
    window.take(Frame(FrameKind.DATA, 0, data=b"x"))
    with pytest.raises(PeerError, match="lost a part"):
        window.take(Frame(FrameKind.PROBE, number))


def test_a_sender_that_sends_more_than_it_may_ends_the_stream() -> None:
    window = ReceiveWindow()
    window.take(Frame(FrameKind.DATA, 0, data=bytes(WINDOW_BYTES)))
    with pytest.raises(PeerError, match="more than it may"):
        window.take(Frame(FrameKind.DATA, 1, data=b"x"))


@given(st.lists(st.integers(1, 65_536), max_size=60))
def test_a_reader_that_takes_everything_never_stops_its_sender(sizes: list[int]) -> None:
    sender, receiver = SendWindow(), ReceiveWindow()
    sender.allow(receiver.limit)
    for size in sizes:
        assert sender.room >= size
        receiver.take(sender.frame(FrameKind.DATA, data=bytes(size)))
        if receiver.used(size):
            sender.allow(receiver.limit)
