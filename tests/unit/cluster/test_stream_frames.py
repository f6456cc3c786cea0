"""Unit tests of the frames of streams between gateways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.cluster.stream_frames import MAX_DATA_BYTES, WINDOW_BYTES, Frame, FrameKind, ReceiveWindow, SendWindow
from pairterm.errors import PeerError

_KINDS = st.sampled_from(FrameKind)
_POSITIONS = st.integers(0, 2**64 - 1)


@given(_KINDS, _POSITIONS, _POSITIONS, st.binary(max_size=64))
def test_a_frame_survives_the_wire(kind: FrameKind, position: int, limit: int, data: bytes) -> None:
    frame = Frame(kind, position, limit, data)
    assert Frame.decode(frame.encode()) == frame


@given(st.binary(max_size=40))
def test_any_bytes_are_a_frame_or_an_error(data: bytes) -> None:
    try:
        assert Frame.decode(data).encode() == data
    except PeerError:
        assert len(data) < 17 or data[0] not in set(FrameKind)


def test_a_sender_sends_no_more_than_it_may_and_keeps_it_until_it_is_confirmed() -> None:
    window = SendWindow()
    window.write(b"1234567890")
    assert window.next_frame() is None, "the other end has not said how much it takes"
    window.confirmed(0, 4)
    assert window.next_frame() == Frame(FrameKind.DATA, 0, data=b"1234")
    assert window.next_frame() is None
    window.confirmed(2, 6)
    assert window.next_frame() == Frame(FrameKind.DATA, 4, data=b"56")
    window.confirmed(2, 5)
    assert window.next_frame() is None, "a limit never shrinks"
    window.send_again(3)
    assert window.waiting_bytes == 7
    assert window.next_frame() == Frame(FrameKind.DATA, 3, data=b"456")
    window.send_unconfirmed_again()
    assert window.next_frame() == Frame(FrameKind.DATA, 2, data=b"3456")
    window.send_again(0)
    assert window.next_frame() == Frame(FrameKind.DATA, 2, data=b"3456"), "what is confirmed is not sent again"


def test_the_end_of_a_direction_is_sent_again_and_confirmed_as_data_is() -> None:
    window, other = SendWindow(), ReceiveWindow()
    window.confirmed(0, other.limit)
    window.write(b"ab")
    window.end()
    assert window.next_frame() == Frame(FrameKind.DATA, 0, data=b"ab")
    assert window.next_frame() == Frame(FrameKind.EOF, 2)
    assert window.next_frame() is None
    window.confirmed(2, 0)
    assert (window.is_complete, window.is_confirmed) == (False, False)
    window.send_unconfirmed_again()
    assert window.next_frame() == Frame(FrameKind.EOF, 2)
    other.take(Frame(FrameKind.DATA, 0, data=b"ab"))
    other.take_end(2)
    other.take_end(2)
    assert other.told()[0] == 3
    window.confirmed(3, 0)
    assert (window.is_complete, window.is_confirmed) == (True, True)


def test_a_gateway_that_confirms_what_was_not_sent_ends_the_stream() -> None:
    window = SendWindow()
    window.confirmed(0, 10)
    window.write(b"x")
    with pytest.raises(PeerError, match="not sent"):
        window.confirmed(1, 10)


def test_a_receiver_that_takes_more_than_a_window_without_a_word_ends_the_stream() -> None:
    """A sender keeps what is not confirmed. So the other end could let it keep everything."""
    window = SendWindow()
    with pytest.raises(PeerError, match="more than a window"):
        window.confirmed(0, WINDOW_BYTES + 1)
    window.confirmed(0, WINDOW_BYTES)
    window.write(bytes(2 * WINDOW_BYTES))
    while window.next_frame() is not None:
        pass
    with pytest.raises(PeerError, match="more than a window"):
        window.confirmed(100, WINDOW_BYTES + 101)
    window.confirmed(100, WINDOW_BYTES + 100)
    assert window.next_frame() == Frame(FrameKind.DATA, WINDOW_BYTES, data=bytes(100))


def test_a_receiver_takes_each_byte_once_and_asks_for_what_is_missing_once() -> None:
    window = ReceiveWindow()
    assert window.take(Frame(FrameKind.DATA, 0, data=b"abc")) == b"abc"
    assert window.take(Frame(FrameKind.DATA, 5, data=b"f")) == b""
    assert window.lacks(5)
    assert window.asks_again()
    assert not window.asks_again()
    window.tick()
    assert window.asks_again(), "what it asked for does not come"
    assert window.take(Frame(FrameKind.DATA, 1, data=b"bcde")) == b"de"
    assert window.take(Frame(FrameKind.DATA, 0, data=b"abc")) == b""
    assert window.told()[0] == 5
    assert window.is_confirmed


def test_a_sender_that_sends_more_than_it_may_ends_the_stream() -> None:
    window = ReceiveWindow()
    window.take(Frame(FrameKind.DATA, 0, data=bytes(WINDOW_BYTES)))
    with pytest.raises(PeerError, match="more than it may"):
        window.take(Frame(FrameKind.DATA, WINDOW_BYTES, data=b"x"))


@pytest.mark.parametrize("position", [2, 3])
def test_a_stream_does_not_go_on_after_its_end(position: int) -> None:
    window = ReceiveWindow()
    window.take(Frame(FrameKind.DATA, 0, data=b"ab"))
    window.take_end(2)
    assert window.take(Frame(FrameKind.DATA, 0, data=b"ab")) == b""
    with pytest.raises(PeerError, match="more than it may"):
        window.take(Frame(FrameKind.DATA, position, data=b"x"))


@given(st.lists(st.integers(1, 65_536), max_size=60))
def test_a_reader_that_takes_everything_never_stops_its_sender(sizes: list[int]) -> None:
    sender, receiver = SendWindow(), ReceiveWindow()
    sender.confirmed(0, receiver.limit)
    for size in sizes:
        sender.write(bytes(size))
        frame = sender.next_frame()
        assert frame is not None
        assert len(frame.data) == size <= MAX_DATA_BYTES
        assert len(receiver.take(frame)) == size
        if receiver.used(size):
            sender.confirmed(*receiver.told())
