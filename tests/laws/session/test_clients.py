"""Law 7 for a gateway's guests: no message that a client causes raises out of a host, however full the session is.

One that did would end the gateway's link, and with it everybody's session who came by it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.host.actor import HostActor
from pairterm.host.viewer_link import Peer
from pairterm.link.codec import encode
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    FetchHistory,
    Hello,
    HostMessage,
    Input,
    Join,
    Leave,
    Registered,
    Resize,
    RoundTrip,
    RunCommand,
    ViewSettings,
)
from pairterm.session.core import SessionCore
from pairterm.session.pending_requests import MAX_REQUESTS
from tests.laws.link.wire import messages_of
from tests.unit.session.sessions import Session

_CLIENTS = 6

_LINES = (
    "ask", "who", "chat", "name ana", "say hi", "say " + "x\n" * 500, "name " + "x" * 300, "grant 1 rw", "accept",
    "decline-ban", "give 1", "pass", "take", "link new --spoken", "set seat on", "panic",
    "kick 2 --ban key", "'", "\\", "name '",
)  # fmt: skip

_TYPED = (b"\r", b"ls\r", b"\x1b[200~a\rb\x1b[201~", b"x" * 65_536)

_messages: st.SearchStrategy[Any] = st.one_of(
    messages_of(Join | Leave | Resize | Input | FetchHistory | RoundTrip | Ack | RunCommand),
    st.builds(Input, st.just(0), st.sampled_from([b"\r", b"ls\r", b"\x1b[200~a\rb\x1b[201~", b"x" * 65_536])),
    st.builds(RunCommand, st.just(0), st.sampled_from(_LINES)),
)

_OWNERS_WORDS = (
    "set confirm-enter on",
    "set ask on",
    "set seat on",
    "set max-guests 3",
    "pause on",
    "panic",
    "panic off",
)


class _Wire:
    """Takes what a host sends, and holds that it can be sent."""

    waiting_bytes = 0

    def send(self, message: HostMessage) -> None:
        encode(message)

    def answer_ping(self) -> None:
        """No client causes one."""

    def close(self) -> None:
        raise AssertionError("a client ended its gateway's link")


def _host(words: list[str]) -> tuple[Peer, SessionCore]:
    """Return a gateway's link with a host that is full of knocks, and has a line that waits."""
    session = Session()
    actor = HostActor(session.core, command="x", settings=ViewSettings())
    peer = actor.add_peer(_Wire(), is_local=False, on_gateway=lambda message: None)
    peer.receive(encode(Hello(PROTOCOL, "1", "gateway")))
    key = "ssh-ed25519 AAAA"
    peer.receive(encode(Registered("localhost", 1, key, "SHA256:" + 43 * "a", True, True)))
    tokens = session.parts.admission.invitations.all()
    for client in range(_CLIENTS):
        peer.receive(encode(Join(client, 24, 80, tokens[client % 2].token_hash, label="203.0.113.7")))
    session.order("set ask on")
    for client in range(_CLIENTS, _CLIENTS + MAX_REQUESTS + 2):
        peer.receive(encode(Join(client, 24, 80, tokens[0].token_hash, label=f"203.0.113.{client}")))
    session.order("set ask off")
    for word in words:
        session.order(word)
    return peer, session.core


@given(st.lists(st.sampled_from(_OWNERS_WORDS), max_size=3), st.lists(_messages, max_size=15))
@settings(max_examples=100)
def test_no_message_of_a_client_ends_its_gateways_link(words: list[str], messages: list[Any]) -> None:
    async def run() -> None:
        peer, _ = _host(words)
        for message in messages:
            if message.client is not None if hasattr(message, "client") else False:
                message = msgspec.structs.replace(message, client=message.client % (2 * _CLIENTS))
            if isinstance(message, Join):
                # A gateway gives each client a number of its own, and passes on no key that it did not check.
                message = msgspec.structs.replace(message, client=1000 + len(peer.clients), key="")
            if isinstance(message, RunCommand) and message.client is None:
                continue  # The owner's own command line; no gateway says it.
            peer.receive(encode(message))

    asyncio.run(run())


@pytest.mark.parametrize("words", [["set confirm-enter on"], ["set confirm-enter on", "set seat on"]])
def test_an_enter_in_a_session_full_of_knocks_ends_nothing(words: list[str]) -> None:
    async def run() -> None:
        peer, core = _host(words)
        for client in range(_CLIENTS):
            peer.receive(encode(Input(client, b"ls\r")))
        assert len(core.people) == _CLIENTS

    asyncio.run(run())
