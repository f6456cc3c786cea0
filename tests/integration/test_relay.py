"""Guests at one gateway of a session whose host is at another: what they see and type, and where the host goes.

A real host's core, real gateways without doors, a real bus between them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pairterm.cluster.service_directory import SessionEntry
from pairterm.host.viewer_link import Peer
from pairterm.link.messages import AdmissionRules, InvitationWire, Join
from pairterm.terminal import Terminal
from pairterm.types import ClientId, PaneId, Role, Size
from tests.integration.two_gateways import Gateway, Host, Service, eventually_true, service
from tests.laws.link.no_replays import NoReplays
from tests.laws.link.test_resume import Watcher


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Service, Gateway, Gateway, Host]]:
    """Yield a service, the home of a host's session, another gateway, and the host."""
    async with service(tmp_path) as made:
        home, landing = await made.gateway(), await made.gateway()
        host = Host()
        host.connect(home)
        await made.know(host.tokens.read_write)
        yield made, home, landing, host


Pair = tuple[Service, Gateway, Gateway, Host]


def text_of(watcher: Watcher) -> str:
    """Return what a guest sees."""
    return "\n".join("".join(row.cells) for row in watcher.frame.rows) if watcher.frame is not None else ""


async def sees(watcher: Watcher, text: str) -> None:
    await eventually_true(lambda: text in text_of(watcher), f"{text!r} never came: {text_of(watcher)!r}")


async def begun(made: Service, home: Gateway, landing: Gateway) -> tuple[Host, Watcher]:
    """Return the host of a session at one gateway, and a guest who types and landed at another one."""
    host = Host()
    host.connect(home)
    await made.know(host.tokens.read_write)
    far = await landing.lands(host.tokens.read_write)
    host.print(b"before")
    await sees(far, "before")
    return host, far


async def test_guests_elsewhere_see_and_type_as_guests_here_by_one_link(pair: Pair) -> None:
    _, home, landing, host = pair
    near = await home.lands(host.tokens.read_write)
    far, second = await landing.lands(host.tokens.read_write), await landing.lands(host.tokens.read_only)
    host.print(b"hello\r\n")
    for each in (near, far, second):
        await sees(each, "hello")
    assert (far.roles, second.roles) == ([Role.READ_WRITE], [Role.READ_ONLY])
    far.guest.type(b"typed there")
    second.guest.type(b"evil")
    near.guest.type(b" and here")
    await eventually_true(lambda: b"".join(host.typed).count(b"there") == 1, "the keys never came")
    assert b"evil" not in b"".join(host.typed)
    assert host.session is not None
    assert len(host.session.relays) == 1
    assert len(landing.remote) == 1
    second.guest.leave()
    await eventually_true(lambda: host.session is not None and host.session.guest_count == 2, "it never left")
    assert host.peer is not None
    assert len(host.peer.clients) == 2


async def test_a_frame_travels_once_however_many_guests_watch_there(pair: Pair) -> None:
    _, _, landing, host = pair
    watchers = [await landing.lands(host.tokens.read_only) for _ in range(20)]
    host.print(b"ready")
    for each in watchers:
        await sees(each, "ready")
    assert host.session is not None
    (relay,) = host.session.relays
    sent: list[object] = []
    send = relay.send  # type: ignore[attr-defined]

    def counted(*messages: object) -> None:
        sent.extend(messages)
        send(*messages)

    relay.send = counted  # type: ignore[attr-defined]
    host.print(b"\r\nonce")
    for each in watchers:
        await sees(each, "once")
    assert len(sent) == 1


async def test_a_guest_sees_that_the_host_is_away_and_then_its_new_picture_at_the_same_home(pair: Pair) -> None:
    _, home, landing, host = pair
    far = await landing.lands(host.tokens.read_write)
    host.print(b"before")
    await sees(far, "before")
    host.lose_link()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    host.print(b"\r\nafter")
    host.connect(home)
    await sees(far, "after")
    assert not far.is_away
    joins = [each for each in host.sent_to_it if isinstance(each, Join)]
    assert [bool(each.ticket) for each in joins] == [False, True], "the guest comes back as the same guest"
    far.guest.type(b"again")
    await eventually_true(lambda: b"again" in b"".join(host.typed), "the keys never came")


async def test_when_a_home_dies_guests_elsewhere_follow_the_host_to_its_next_gateway(pair: Pair) -> None:
    made, home, landing, host = pair
    far = await landing.lands(host.tokens.read_write)
    host.print(b"before")
    await sees(far, "before")
    await home.bus.close()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    host.lose_link()
    third = await made.gateway()
    host.connect(third)
    host.print(b"\r\nafter")
    await sees(far, "after")
    joins = [each for each in host.sent_to_it if isinstance(each, Join)]
    assert [bool(each.ticket) for each in joins] == [False, True], "the guest comes back as the same guest"
    assert len(landing.remote) == 1


async def test_guests_of_a_session_that_moves_away_are_served_from_its_new_gateway(pair: Pair) -> None:
    """The gateway of the guest was the home, and drains: its own session becomes another's."""
    _, home, landing, host = pair
    near = await home.lands(host.tokens.read_write)
    host.print(b"before")
    await sees(near, "before")
    host.lose_link()
    host.connect(landing)
    host.print(b"\r\nafter")
    await sees(near, "after")
    assert not len(home.state.directory)
    assert len(home.remote) == 1
    near.guest.type(b"typed")
    await eventually_true(lambda: b"typed" in b"".join(host.typed), "the keys never came")


async def test_a_guest_elsewhere_comes_to_the_next_home_once(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The former home brought them there as well as their own gateway, and the host ended one of the two."""
    made, home, landing, host = pair
    near, far = await home.lands(host.tokens.read_only), await landing.lands(host.tokens.read_only)
    host.lose_link()
    host.sent_to_it.clear()
    third = await made.gateway()
    with monkeypatch.context() as slow:
        slow.setattr(landing.remote, "_follow", lambda session: None)
        host.connect(third)
        await eventually_true(lambda: len(near.roles) == 2, "the guest of the former home was not let in again")
    landing.remote._look_for_waiting()
    await eventually_true(lambda: len(far.roles) == 2, "the guest elsewhere was not let in again")
    host.print(b"here")
    for each in (near, far):
        await sees(each, "here")
        assert not each.is_over
    assert len([each for each in host.sent_to_it if isinstance(each, Join)]) == 2


async def test_a_host_that_comes_to_the_gateway_of_its_guests_finds_them(pair: Pair) -> None:
    _, _, landing, host = pair
    far = await landing.lands(host.tokens.read_write)
    host.print(b"before")
    await sees(far, "before")
    host.lose_link()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    host.connect(landing)
    host.print(b"\r\nafter")
    await sees(far, "after")


async def test_a_guest_who_lands_while_the_old_home_still_has_the_session_finds_the_new_one(pair: Pair) -> None:
    made, home, landing, host = pair
    host.lose_link()
    third = await made.gateway()
    host.connect(third)
    host.print(b"here")
    for gateway in (home, landing):
        await eventually_true(
            lambda gateway=gateway: gateway.bus.directory.entries_of(third.bus.name),  # type: ignore[misc]
            "the new place was not announced",
        )
        await sees(await gateway.lands(host.tokens.read_only), "here")


async def test_a_session_is_announced_with_all_that_opens_it_and_not_before(pair: Pair) -> None:
    """Before its first rules, a gateway knows neither roles nor codes. A guest who knocked elsewhere lost the knock."""
    made, *_ = pair
    third = await made.gateway()
    announced: list[SessionEntry] = []

    class Slow(Host):
        def rules(self, links: list[InvitationWire]) -> AdmissionRules:
            announced.extend(third.bus.directory.entries_of(third.bus.name))
            return super().rules(links)

    slow = Slow()
    session = slow.connect(third)
    assert announced == []
    (entry,) = third.bus.directory.entries_of(third.bus.name)
    assert sorted(each.role for each in entry.invitations) == ["ro", "rw"]
    slow.lose_link()
    (entry,) = third.bus.directory.entries_of(third.bus.name)
    assert entry.is_away, "it is known by its rules from now on"
    third.state.directory.remove(session)
    assert third.bus.directory.entries_of(third.bus.name) == []


async def test_a_link_that_is_revoked_opens_nothing_at_another_gateway(pair: Pair) -> None:
    _, home, landing, host = pair
    await landing.lands(host.tokens.read_write)
    assert host.session is not None
    home.state.directory.remove(host.session)
    await eventually_true(
        lambda: not landing.bus.directory.entries_of(home.bus.name), "the end of the session was not announced"
    )
    with pytest.raises(AssertionError, match="no session"):
        await landing.knocks(host.tokens.read_only)
    late = await landing.knocks(host.tokens.read_write)  # Its relay is still open for a while.
    await eventually_true(lambda: late.is_over, "the guest waits for a session that has ended")


async def test_a_guest_is_in_the_audit_of_the_gateway_where_they_are(pair: Pair) -> None:
    """Workers share one audit: each guest would be in it twice."""
    _, home, landing, host = pair
    events: list[tuple[str, str]] = []
    assert host.session is not None
    host.session.on_event = lambda event, fields: events.append(("home", event))
    far = await landing.lands(host.tokens.read_write)
    (remote,) = landing.remote._remotes
    assert remote.session is not None
    remote.session.on_event = lambda event, fields: events.append(("landing", event))
    far.guest.leave()
    near = await home.lands(host.tokens.read_only)
    near.guest.leave()
    assert events == [("landing", "leave"), ("home", "join"), ("home", "leave")]


async def test_a_gateway_that_goes_away_says_so_to_the_guests_of_others_sessions(pair: Pair) -> None:
    _, _, landing, host = pair
    far = await landing.lands(host.tokens.read_write)
    landing.remote.close()
    assert far.is_over
    assert host.session is not None
    await eventually_true(lambda: host.session is not None and not host.session.relays, "the link was not closed")


async def test_a_session_that_nobody_watches_here_is_closed(pair: Pair) -> None:
    _, _, landing, host = pair
    far = await landing.lands(host.tokens.read_write)
    far.guest.leave()
    for each in landing.remote._remotes:
        each.used_s = float("-inf")
    landing.remote._close_unused()
    assert len(landing.remote) == 0
    assert host.session is not None
    await eventually_true(lambda: host.session is not None and not host.session.relays, "the link was not closed")


async def test_what_is_typed_is_typed_once(pair: Pair) -> None:
    _, _, landing, host = pair
    far = await landing.lands(host.tokens.read_write)
    for number in range(200):
        far.guest.type(b"<%d>" % number)
    await eventually_true(lambda: b"<199>" in b"".join(host.typed), "the keys never came")
    assert b"".join(host.typed) == b"".join(b"<%d>" % number for number in range(200))


class Player(NoReplays):
    """Shows a guest a picture of the past until they type q."""

    def __init__(self) -> None:
        self.typed: list[bytes] = []
        self._peer: Peer | None = None

    def begin(self, peer: Peer, client: ClientId) -> None:
        self._peer = peer
        pane, terminal = PaneId(1 << 30), Terminal(Size(rows=5, cols=30))
        terminal.feed(b"the past")
        peer.show_replay(client, pane)
        peer.send_frame(pane, terminal.snapshot(), 0.0)

    def keys(self, client: ClientId, data: bytes) -> None:
        self.typed.append(data)
        if data == b"q" and self._peer is not None:
            self._peer.show_replay(client, None)


async def test_a_guest_elsewhere_goes_back_in_time_alone(pair: Pair) -> None:
    _, home, landing, host = pair
    player = Player()
    host.replays = player
    near = await home.lands(host.tokens.read_only)
    far, second = await landing.lands(host.tokens.read_only), await landing.lands(host.tokens.read_only)
    host.print(b"now")
    for each in (near, far, second):
        await sees(each, "now")
    assert not far.guest.type_to_replay(b"before it begins")
    far.guest.go_back()
    await sees(far, "the past")
    assert far.guest.type_to_replay(b"left")
    assert not second.guest.type_to_replay(b"other")
    host.print(b" and on")
    for each in (near, second):
        await sees(each, "now and on")
    assert "the past" in text_of(far)
    far.guest.type_to_replay(b"q")
    await sees(far, "now and on")
    assert (player.typed, host.typed) == ([b"left", b"q"], [])
