"""Law 7: a link message survives encode → decode; a truncated, oversized or unknown one ends that link with an error,
and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.errors import PeerError
from pairterm.link.codec import (
    LinkMessage,
    decode_guest_message,
    decode_home_message,
    decode_host_message,
    decode_keeper_message,
    decode_landing_message,
    decode_relayed_message,
    decode_sharer_message,
    decode_viewer_message,
    encode,
)
from pairterm.link.command_answers import decode_answer
from pairterm.link.framing import MAX_MESSAGE_BYTES, FrameReader, framed
from pairterm.link.gateway_relay import HomeMessage, LandingMessage
from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    PROTOCOL,
    Ack,
    DocumentAck,
    Ended,
    FetchHistory,
    Hello,
    HostMessage,
    Input,
    Join,
    MarkInput,
    Ping,
    Pong,
    Query,
    Resize,
    RunCommand,
    ViewerMessage,
    WatchDocuments,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.link.relay import SELF, GuestMessage, RelayedMessage
from pairterm.link.shared_recordings import GatewayMessage, SharerMessage
from pairterm.types import MAX_COLS, MAX_ROWS
from tests.laws.link.wire import (
    guest_messages,
    home_messages,
    host_messages,
    keeper_messages,
    landing_messages,
    relayed_messages,
    sharer_messages,
    viewer_messages,
)

DECODERS: list[Callable[[bytes], object]] = [
    decode_answer,
    decode_host_message,
    decode_viewer_message,
    decode_guest_message,
    decode_relayed_message,
    decode_sharer_message,
    decode_keeper_message,
    decode_landing_message,
    decode_home_message,
]


@given(viewer_messages())
def test_a_viewers_message_survives(message: ViewerMessage) -> None:
    assert decode_viewer_message(encode(message)) == message


@given(host_messages())
def test_a_hosts_message_survives(message: HostMessage) -> None:
    assert decode_host_message(encode(message)) == message
    assert decode_answer(encode(message)) == message


@given(guest_messages())
def test_a_joined_terminals_message_survives_if_it_speaks_for_itself(message: GuestMessage) -> None:
    if getattr(message, "client", SELF) == SELF:
        assert decode_guest_message(encode(message)) == message
    else:
        with pytest.raises(PeerError):
            decode_guest_message(encode(message))


@given(relayed_messages())
def test_a_relayed_message_survives(message: RelayedMessage) -> None:
    assert decode_relayed_message(encode(message)) == message


@given(landing_messages(), home_messages())
def test_a_message_between_gateways_survives(message: LandingMessage, answer: HomeMessage) -> None:
    assert decode_landing_message(encode(message)) == message
    assert decode_home_message(encode(answer)) == answer


@given(sharer_messages(), keeper_messages())
def test_a_message_about_a_shared_recording_survives(message: SharerMessage, answer: GatewayMessage) -> None:
    assert decode_sharer_message(encode(message)) == message
    assert decode_keeper_message(encode(answer)) == answer


@given(st.one_of(viewer_messages(), host_messages(), relayed_messages()))
def test_a_joined_terminal_has_no_word_for_what_only_owners_and_gateways_say(message: LinkMessage) -> None:
    wishes = Join | Resize | Input | MarkInput | Ack | FetchHistory | RunCommand | WatchDocuments | DocumentAck
    if not isinstance(message, Hello | Ping | Pong | wishes):
        with pytest.raises(PeerError):
            decode_guest_message(encode(message))


@given(st.one_of(viewer_messages(), host_messages()), st.data())
def test_a_truncated_message_ends_the_link(message: ViewerMessage | HostMessage, data: st.DataObject) -> None:
    payload = encode(message)
    part = payload[: data.draw(st.integers(0, len(payload) - 1))]
    for decode in DECODERS:
        with pytest.raises(PeerError):
            decode(part)


@given(st.one_of(viewer_messages(), host_messages()), st.data())
def test_a_message_with_changed_bytes_is_a_message_or_ends_the_link(
    message: ViewerMessage | HostMessage, data: st.DataObject
) -> None:
    payload = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    for decode in DECODERS:
        with contextlib.suppress(PeerError):
            decode(bytes(payload))


@given(st.binary(max_size=200))
def test_noise_is_a_message_or_ends_the_link(payload: bytes) -> None:
    for decode in DECODERS:
        with contextlib.suppress(PeerError):
            decode(payload)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.binary(), st.lists, max_leaves=20))
def test_well_formed_msgpack_of_another_shape_is_a_message_or_ends_the_link(value: object) -> None:
    with contextlib.suppress(OverflowError):
        payload = msgspec.msgpack.encode(value)
        for decode in DECODERS:
            with contextlib.suppress(PeerError):
                decode(payload)


@given(host_messages(), st.text(max_size=8))
def test_fields_of_a_later_version_are_ignored(message: HostMessage, more: str) -> None:
    """Fields are only ever added at the end, and a reader ignores those that it does not know."""
    fields = msgspec.msgpack.decode(encode(message), strict=False)
    assert decode_host_message(msgspec.msgpack.encode([*fields, more])) == message


@pytest.mark.parametrize(
    "message",
    [
        Join(1, MAX_ROWS + 1, 80),
        Join(1, 24, MAX_COLS + 1),
        Join(1, 0, 80),
        Join(-1, 24, 80),
        Join(1, 24, 80, b"short"),
        Join(1, 24, 80, None, False, "x" * 513),
        Input(1, b"x" * (MAX_INPUT_BYTES + 1)),
        Input(-1, b"x"),
    ],
)
def test_what_is_over_a_bound_ends_the_link(message: ViewerMessage) -> None:
    with pytest.raises(PeerError):
        decode_viewer_message(encode(message))


def test_depth_without_end_ends_the_link() -> None:
    for decode in DECODERS:
        with pytest.raises(PeerError):
            decode(b"\x91" * 1_000_000)


def test_the_first_message_is_a_hello_of_the_same_protocol() -> None:
    hello = Hello(PROTOCOL, "1.0", "host")
    assert check_protocol(hello, ours="1.0") is hello
    with pytest.raises(PeerError) as caught:
        check_protocol(Hello(PROTOCOL + 1, "9.9", "host"), ours="1.0")
    assert caught.value.code == "protocol_mismatch"
    assert "9.9" in caught.value.message
    assert "1.0" in caught.value.message
    for other in (Query(), Ended("ended", 0, "")):
        with pytest.raises(PeerError) as caught:
            check_protocol(other, ours="1.0")
        assert caught.value.code == "no_hello"


# Framing.


@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_any_split_of_the_stream_gives_the_same_messages(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(framed, payloads))
    reader, found = FrameReader(), list[bytes]()
    at = 0
    while at < len(stream):
        end = data.draw(st.integers(at + 1, len(stream)))
        found += reader.feed(stream[at:end])
        at = end
    reader.check_end()
    assert found == payloads


@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_short_frames_that_are_taken_at_once_are_the_same_messages(payloads: list[bytes], data: st.DataObject) -> None:
    """Law 3: `take_whole` takes all that it is given, or nothing."""
    stream = b"".join(map(framed, payloads))
    reader, found = FrameReader(), list[bytes]()
    at = 0
    while at < len(stream):
        end = data.draw(st.integers(at + 1, len(stream)))
        short = reader.take_whole(stream[at:end])
        found += short if short is not None else reader.feed(stream[at:end])
        at = end
    reader.check_end()
    assert found == payloads


def test_a_key_with_an_acknowledgement_is_taken_at_once_and_no_crowd_of_messages_is() -> None:
    reader = FrameReader()
    assert reader.take_whole(framed(b"ack") + framed(b"key")) == [b"ack", b"key"]
    assert reader.take_whole(framed(b"x") * 3) is None, "more messages are taken as long as there is time"
    assert reader.take_whole(framed(b"x" * 600)) is None
    assert reader.take_whole(framed(b"x")[:-1]) is None
    assert reader.take_whole(b"\xff\xff\xff\xff") is None


@given(st.binary(max_size=40), st.integers(1, 43))
def test_a_stream_that_ends_in_a_message_is_an_error(payload: bytes, cut: int) -> None:
    stream = framed(payload)
    reader = FrameReader()
    assert list(reader.feed(stream[: max(1, len(stream) - cut)])) == []
    with pytest.raises(PeerError) as caught:
        reader.check_end()
    assert caught.value.code == "truncated_message"


@given(st.integers(MAX_MESSAGE_BYTES + 1, 2**32 - 1), st.binary(max_size=40))
def test_an_oversized_message_is_an_error_before_it_is_kept(length: int, more: bytes) -> None:
    reader = FrameReader()
    messages = reader.feed(framed(b"before") + length.to_bytes(4, "big") + more)
    assert next(messages) == b"before"
    with pytest.raises(PeerError) as caught:
        next(messages)
    assert caught.value.code == "oversized_message"


def test_a_payload_over_the_bound_is_never_sent() -> None:
    with pytest.raises(ValueError, match="larger than the link allows"):
        framed(b"x" * (MAX_MESSAGE_BYTES + 1))
    assert len(framed(b"x" * MAX_MESSAGE_BYTES)) == MAX_MESSAGE_BYTES + 4


def test_one_giant_feed_of_small_messages_costs_each_once() -> None:
    reader = FrameReader()
    assert sum(map(len, reader.feed(framed(b"x") * 100_000))) == 100_000
