"""No text of the other side does anything to a terminal or a shell: every text field of every message, forged.

The fields are found by the messages' types, so a new one is tested without a word here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.errors import PeerError
from pairterm.link.codec import (
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
from pairterm.link.gateway_relay import HomeMessage, LandingMessage
from pairterm.link.history_wire import captured_lines, history_lines
from pairterm.link.messages import (
    AdmissionRules,
    Captured,
    DocumentUpdate,
    History,
    HostMessage,
    Registered,
    RunCommand,
    ScreenUpdate,
    ShowText,
    ViewerMessage,
)
from pairterm.link.relay import GuestMessage, RelayedMessage
from pairterm.link.screen_replica import Replica
from pairterm.link.shared_recordings import GatewayMessage, SharerMessage
from pairterm.safe_text import has_unsafe
from tests.laws.link.forging import EVIL, forged, text_places
from tests.laws.link.wire import messages_of

DIRECTIONS: dict[str, tuple[Any, Callable[[bytes], Any]]] = {
    "viewer": (ViewerMessage, decode_viewer_message),
    "host": (HostMessage, decode_host_message),
    "answer": (HostMessage, decode_answer),
    "guest": (GuestMessage, decode_guest_message),
    "relayed": (RelayedMessage, decode_relayed_message),
    "sharer": (SharerMessage, decode_sharer_message),
    "keeper": (GatewayMessage, decode_keeper_message),
    "landing": (LandingMessage, decode_landing_message),
    "home": (HomeMessage, decode_home_message),
}

PLACES = [
    pytest.param(direction, kind, place, id=f"{direction}-{kind.__name__}-{place}")
    for direction, (union, _) in DIRECTIONS.items()
    for kind in union.__args__
    for place in text_places(kind)
]


def texts_in(value: object) -> list[str]:
    """Return every text of a decoded message."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts_in(part)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in texts_in(each)]
    if isinstance(value, msgspec.Struct):
        return [text for each in msgspec.structs.astuple(value) for text in texts_in(each)]
    return []


def assert_harmless(message: object) -> None:
    """Assert that nothing of a message that was taken does more than to be read."""
    if isinstance(message, ScreenUpdate):
        with pytest.raises(PeerError):
            Replica().apply(message)
    elif isinstance(message, History):
        with pytest.raises(PeerError):
            history_lines(message)
    elif isinstance(message, Captured):
        with pytest.raises(PeerError):
            captured_lines(message)
    elif isinstance(message, DocumentUpdate):
        pass  # A copy of a document equals the original. The rows that a view makes of it are harmless.
    else:
        has_lines = isinstance(message, ShowText | RunCommand)
        for text in texts_in(message):
            found = text.replace("\n", "").replace("\t", "") if has_lines else text
            assert has_unsafe(found) is None, ascii(text)


@pytest.mark.parametrize(("direction", "kind", "place"), PLACES)
def test_the_same_message_without_a_forgery_is_taken(direction: str, kind: type[Any], place: str) -> None:
    """Without this, the test below would pass with forgeries that nobody would take for a message."""
    message = DIRECTIONS[direction][1](encode(forged(kind, place, "")))
    if isinstance(message, ScreenUpdate):
        Replica().apply(message)
    elif isinstance(message, History):
        history_lines(message)
    elif isinstance(message, Captured):
        captured_lines(message)


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
@pytest.mark.parametrize(("direction", "kind", "place"), PLACES)
def test_a_forged_text_is_cleaned_or_refused_when_it_is_decoded(
    direction: str, kind: type[Any], place: str, evil: str
) -> None:
    _, decode = DIRECTIONS[direction]
    try:
        message = decode(encode(forged(kind, place, evil)))
    except PeerError as refusal:
        message = refusal.message  # It is shown to people, or logged.
    assert_harmless(message)


def test_there_are_as_many_fields_as_one_sees() -> None:
    """Without this, the test above would pass with a walk that finds nothing."""
    found = {(param.values[1], param.values[2]) for param in PLACES}
    assert {
        (ShowText, "text"),
        (ShowText, "title"),
        (ShowText, "items[]"),
        (Registered, "host"),
        (AdmissionRules, "keys[]"),
    } <= found
    assert {(ScreenUpdate, "title|0"), (History, "pens[].link"), (History, "rows[](0)|1[]")} <= found
    assert len(PLACES) > 80


@given(st.data())
def test_a_text_without_unsafe_characters_is_taken_as_it_is(data: st.DataObject) -> None:
    direction = data.draw(st.sampled_from(sorted(DIRECTIONS)))
    union, decode = DIRECTIONS[direction]
    message = data.draw(messages_of(union))
    if getattr(message, "client", 0) == 0 or direction != "guest":
        assert decode(encode(message)) == message


SHELL = [
    "h;id",
    "$(id)",
    "`id`",
    "a b",
    "h\nid",
    "-oProxyCommand=id",
    "h'",
    'h"',
    "h|id",
    "h&id",
    "h>x",
    "~root/x",
    "h\\",
]


@pytest.mark.parametrize("evil", SHELL)
@pytest.mark.parametrize("place", ["host", "public_key", "fingerprint", "fixed_name"])
def test_what_a_gateway_says_of_itself_is_nothing_else_to_a_shell(place: str, evil: str) -> None:
    with pytest.raises(PeerError):
        decode_viewer_message(encode(forged(Registered, place, evil)))
