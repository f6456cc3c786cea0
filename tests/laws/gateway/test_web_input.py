"""What a read-only browser sends: law 6, from the text of a message to the link of the host."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.access.name_claims import Claim
from pairterm.access.rate_limits import Share
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.web.messages import BadMessageError, read
from pairterm.gateway.web.terminal import WebTerminal
from pairterm.gateway.web.visit import Visit
from pairterm.gateway.web.web_guest import WebGuest
from pairterm.link.messages import Input, Joined, RoleChanged, ViewSettings
from pairterm.types import DEFAULT_SIZE
from tests.unit.gateway.guests import HostWire

cells = st.integers(-1, 70_000)
numbers = st.one_of(st.integers(-1, 2**60), st.floats(allow_nan=False, allow_infinity=False))
lines = st.one_of(
    st.sampled_from(
        [
            "send-keys a", "send-prefix", "paste-buffer", "take", "copy-mode", "set mouse on", "select-window -t :1",
            "new-window sh", "say hi", "name ana", "cancel", "wheel-down", "search-again", "refresh-client",
            "ask", "knock", "command-prompt", "choose-buffer", "resize-pane -Z", "clock-mode",
        ]
    ),
    st.text(max_size=40),
)  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


def message(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """Return texts of messages of this kind."""
    return st.fixed_dictionaries({"t": st.just(kind), **fields}).map(json.dumps)


texts = st.one_of(
    message("hello", rows=cells, cols=cells, token=st.text(max_size=20)),
    message("size", rows=cells, cols=cells),
    message("ack", bytes=numbers),
    message("run", line=lines),
    message("type", text=lines, serial=numbers),
    message("pong", n=numbers),
    message("role", role=st.just("rw"), may_type=st.just(True)),
    st.dictionaries(st.sampled_from(["t", "line", "data", "rows"]), anything, max_size=4).map(json.dumps),
    anything.map(json.dumps),
    st.text(max_size=20),
)
keys = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"a",
            b"\r",
            b"\x02[",
            b"\x02:",
            b"\x02d",
            b"q",
            b"\x1b[200~p\x1b[201~",
            b"\x1b[<0;3;4M",
            b"\x1b[I",
            "é".encode(),
        ]
    ),
)


class Transport(asyncio.Transport):
    """A connection on which everything is taken at once."""

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes | bytearray | memoryview) -> None: ...
    def abort(self) -> None: ...


class Socket(web.WebSocketResponse):
    """A websocket whose page agrees to its end."""

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        return True


async def typed_by(sent: Sequence[str | bytes], answer: Joined, then: RoleChanged | None = None) -> bytes:
    """Let a page whom the host let in like this send all of it; return what goes to the host as keys."""
    wire, traffic = HostWire(), SimpleNamespace(bytes_in=0, bytes_out=0)
    owner = HostOwner("uid 1", 1, None, may_be_away=True)
    session = HostedSession("law", owner, {}, Claim("uid 1", b"i", 1), "")
    session.connect(wire, ViewSettings())
    terminal = WebTerminal(Socket(), Transport(), DEFAULT_SIZE)
    guest = WebGuest(
        session,
        Credentials(token_hash=b"h" * 32, address="203.0.113.7"),
        traffic,
        terminal=terminal,
        share=Share(1e9, 1.0),
        has_status=False,
    )
    visit = Visit(cast("GatewayState", SimpleNamespace(access=None)), "203.0.113.7", lambda: None)
    visit._terminal = terminal
    guest.ask_in("xterm-256color")
    session.take_for_guest(answer)
    if then is not None:
        session.take_for_guest(then)
    for each in sent:
        if isinstance(each, bytes):
            guest.guest.run(guest.keys, each)
            continue
        try:
            visit._take(guest, read(each))
        except BadMessageError:
            continue  # The websocket would end here; the law holds for what would come after it, too.
    guest.guest.leave()
    terminal.stop()
    return b"".join(each.data for each in wire.sent if isinstance(each, Input))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(texts, keys), max_size=12))
def test_law_6_nothing_that_a_read_only_browser_sends_is_typed(sent: list[str | bytes]) -> None:
    """Law 6: a read-only client's bytes never reach the pty, whatever they are."""
    assert asyncio.run(typed_by(sent, Joined(1, "ro"))) == b""


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(texts, keys), max_size=12))
def test_law_6_holds_for_a_browser_whose_keys_were_taken(sent: list[str | bytes]) -> None:
    """A guest who may type, and may no longer, types nothing from then on."""
    assert asyncio.run(typed_by(sent, Joined(1, "rw"), RoleChanged(1, "ro", may_type=False))) == b""


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("abc ", min_size=1, max_size=5).map(str.encode), min_size=1, max_size=5))
def test_the_same_keys_of_a_browser_that_may_type_are_typed(sent: list[bytes]) -> None:
    """The law above is no accident of this test: the way to the host is open."""
    assert asyncio.run(typed_by(sent, Joined(1, "rw"))) == b"".join(sent)
