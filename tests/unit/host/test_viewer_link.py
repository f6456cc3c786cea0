"""A host sends the owner's notes on links of the owner only, and never on a link with guests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from pairterm.host.viewer_link import Peer
from pairterm.link.messages import Clipboard, GatewayAway, HostMessage, Questions, ShowText
from pairterm.session.effects import Tell
from pairterm.types import ClientId, Question


def peer_of(sent: list[HostMessage], *, is_local: bool) -> Peer:
    wire = cast(Any, SimpleNamespace(send=sent.append, waiting_bytes=0))
    peer = Peer(1, cast(Any, SimpleNamespace()), wire, is_local=is_local)
    peer.clients[ClientId("1:0")] = 0
    return peer


@pytest.mark.parametrize("is_local", [True, False])
def test_links_to_copy_and_questions_go_to_the_owners_own_terminals_only(is_local: bool) -> None:
    sent: list[HostMessage] = []
    peer = peer_of(sent, is_local=is_local)
    peer.tell(Tell(ClientId("1:0"), "text", "title", copies=("ssh rw-secret@host",), confirms="panic"))
    told = sent[0]
    assert isinstance(told, ShowText)
    assert (told.copies, told.confirms) == ((["ssh rw-secret@host"], "panic") if is_local else ([], ""))


def test_the_owners_terminals_alone_hear_of_the_gateway() -> None:
    for is_local in (True, False):
        sent: list[HostMessage] = []
        peer = peer_of(sent, is_local=is_local)
        peer.gateway_away(3)
        peer.gateway_away(None)
        assert sent == ([GatewayAway(3), GatewayAway(None)] if is_local else [])


def test_the_owners_terminals_alone_get_a_programs_clipboard_and_only_if_they_read() -> None:
    for is_local in (True, False):
        sent: list[HostMessage] = []
        peer = peer_of(sent, is_local=is_local)
        peer.set_clipboard(b"text")
        assert sent == ([Clipboard(b"text")] if is_local else [])
        peer.wire.waiting_bytes = 1 << 20  # type: ignore[misc]  # a test's
        sent.clear()
        peer.set_clipboard(b"more")
        assert sent == []


def test_a_client_is_told_its_questions_once_and_that_they_are_answered() -> None:
    sent: list[HostMessage] = []
    peer, client = peer_of(sent, is_local=False), ClientId("1:0")
    question = Question(5, "bob", "in", "bob knocks", ("accept", "decline"))
    for questions in ((), (question,), (question,), (), ()):
        peer.ask(client, questions)
    assert [[each.number for each in told.questions] for told in sent if isinstance(told, Questions)] == [[5], []]
