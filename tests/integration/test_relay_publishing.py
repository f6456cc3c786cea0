"""An editor publishes by a link of the role `publish` at another gateway than the session's: over the relay.

test_publishing.py has the rest of what a publisher does. The nightly tests run it against several workers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pairterm.access.gateway_admission import Admission
from pairterm.access.tokens import draw_token, token_hash
from pairterm.access.verdicts import ComeIn, Refused, Verdict, WaitForHost
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.link.messages import (
    PUBLISH_PIECE_BYTES,
    PUBLISH_WINDOW_BYTES,
    AdmissionRules,
    InvitationWire,
    Join,
    Publish,
    PublishedText,
    PublishEnd,
    PublishOver,
    PublishTaken,
    ViewerMessage,
)
from pairterm.types import Role
from tests.integration.two_gateways import Gateway, Host, Service, eventually_true, service


class PublishingHost(Host):
    """A host whose publishers are looked at here."""

    def __init__(self) -> None:
        super().__init__()
        self.token = draw_token(Role.READ_ONLY, self.tokens.seal, publishes=True)

    def connect(self, gateway: Gateway) -> HostedSession:
        session = super().connect(gateway)
        self.admit(gateway, InvitationWire(token_hash(self.token), "publish"))
        return session

    def admit(self, gateway: Gateway, *more: InvitationWire) -> None:
        """Let guests in by the two links of the session, and by these."""
        assert self.session is not None
        hashes = token_hash(self.tokens.read_write), token_hash(self.tokens.read_only)
        links = [InvitationWire(hashes[0], "rw"), InvitationWire(hashes[1], "ro"), *more]
        gateway.state.directory.admit(self.session, AdmissionRules(links, [], False))

    def says_gateway(self, message: object) -> None:
        if isinstance(message, Publish | PublishedText | PublishEnd):
            self.sent_to_it.append(message)
        else:
            super().says_gateway(message)

    def publishing(self) -> list[object]:
        """Return what the host was sent about publishers."""
        return [each for each in self.sent_to_it if isinstance(each, Publish | PublishedText | PublishEnd)]


class Editor:
    """A connection of pair-ls, at its gateway."""

    def __init__(self) -> None:
        self.taken_bytes = -1
        self.reason = ""

    def taken(self, taken_bytes: int) -> None:
        self.taken_bytes = taken_bytes

    def over(self, text: str) -> None:
        self.reason = text


Pair = tuple[Service, Gateway, Gateway, PublishingHost]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """Yield a service, the home of a host's session, another gateway, and the host."""
    async with service(tmp_path) as made:
        home, landing = await made.gateway(), await made.gateway()
        host = PublishingHost()
        host.connect(home)
        await made.know(host.token)
        yield made, home, landing, host


async def admitted(gateway: Gateway, token: str, *, publishes: bool = True) -> HostedSession | Verdict:
    """Return the session to which a connection comes with a token, or why it does not."""
    admission: Admission[HostedSession] = Admission(gateway.state.access, "192.0.2.1", publishes=publishes)
    verdict: Verdict = admission.named(token, 0.0)
    if isinstance(verdict, WaitForHost):
        is_brought = await gateway.state.wait_for_host(verdict, "192.0.2.1")
        verdict = admission.waited(0.0, is_brought=is_brought)
    if isinstance(verdict, ComeIn):
        admission.logged_in(0.0)
        found = admission.enter()
        assert isinstance(found, HostedSession)
        return found
    return verdict


async def began(gateway: Gateway, host: PublishingHost) -> tuple[HostedSession, Editor, int]:
    """Begin to publish at a gateway, as far as the host has it."""
    session = await admitted(gateway, host.token)
    assert isinstance(session, HostedSession)
    editor = Editor()
    number = session.publishers.add(editor, token_hash(host.token), "192.0.2.1")
    await eventually_true(lambda: any(isinstance(each, Publish) for each in host.publishing()), "it did not begin")
    return session, editor, number


async def test_an_editor_publishes_at_another_gateway_as_fast_as_the_host_takes_it(pair: Pair) -> None:
    _, home, landing, host = pair
    session, editor, number = await began(landing, host)
    (asked,) = host.publishing()
    assert isinstance(asked, Publish)
    assert (asked.token_hash, asked.address) == (token_hash(host.token), "192.0.2.1")
    assert host.session is not None
    host.session.publishers.take(PublishTaken(asked.publisher, 0))
    await eventually_true(lambda: editor.taken_bytes == 0, "the editor was not told that it may begin")
    session.publishers.say(number, b"hello")
    await eventually_true(lambda: PublishedText(asked.publisher, b"hello") in host.publishing(), "it never came")
    host.session.publishers.take(PublishTaken(asked.publisher, 5))
    await eventually_true(lambda: editor.taken_bytes == 5, "the editor was not told how much was taken")
    landing.remote._remotes[0].used_s = float("-inf")
    landing.remote._close_unused()
    assert len(landing.remote) == 1, "somebody publishes here"
    session.publishers.remove(number)
    await eventually_true(lambda: PublishEnd(asked.publisher) in host.publishing(), "its end never came")
    assert not len(host.session.publishers)
    assert home.state.access.guests.is_empty


async def test_the_host_ends_a_publisher_at_another_gateway_and_a_lost_host_ends_all(pair: Pair) -> None:
    _, home, landing, host = pair
    _, first, _ = await began(landing, host)
    assert host.session is not None
    host.session.publishers.take(PublishOver(1, "the link has ended"))
    await eventually_true(lambda: first.reason == "the link has ended", "the editor was not told")
    host.sent_to_it.clear()
    _, second, _ = await began(landing, host)
    host.lose_link()
    await eventually_true(lambda: second.reason, "the editor still publishes")
    assert home.state.access.guests.is_empty


async def test_publishers_end_with_the_gateway_at_which_they_are(pair: Pair) -> None:
    _, home, landing, host = pair
    await began(landing, host)
    landing.remote.close()
    await eventually_true(lambda: any(isinstance(each, PublishEnd) for each in host.publishing()), "it never ended")
    assert home.state.access.guests.is_empty


async def test_a_link_to_publish_opens_nothing_else_at_another_gateway_and_no_other_link_publishes(pair: Pair) -> None:
    _, _, landing, host = pair
    assert isinstance(await admitted(landing, host.token, publishes=False), Refused)
    assert isinstance(await admitted(landing, host.tokens.read_write), Refused)
    session = await admitted(landing, host.token)
    assert isinstance(session, HostedSession)
    editor = Editor()
    session.publishers.add(editor, token_hash(host.tokens.read_write), "192.0.2.1")
    await eventually_true(lambda: "no such session" in editor.reason, "another link publishes")
    landed = landing.remote._remotes[0].end
    assert landed is not None
    ended: list[str] = []
    session.end_guest = lambda number, line, status: ended.append(line)  # type: ignore[method-assign]
    landed.send(Join(1, 24, 80, token_hash=token_hash(host.token)))
    await eventually_true(lambda: ended, "it was not refused")
    assert "no such session" in ended[0]
    assert not host.publishing()
    assert not [each for each in host.sent_to_it if isinstance(each, Join)]


async def test_a_revoked_link_publishes_nowhere(pair: Pair) -> None:
    _, home, landing, host = pair
    await began(landing, host)
    host.admit(home)
    await eventually_true(
        lambda: not landing.bus.directory.with_token(token_hash(host.token)), "the end of the link was not announced"
    )
    verdict = await admitted(landing, host.token)
    assert isinstance(verdict, Refused)


@pytest.mark.parametrize("is_begun", [True, False], ids=["more than the host takes", "before the host has answered"])
async def test_a_gateway_that_sends_more_of_a_publisher_than_it_may_ends_its_relay_alone(
    pair: Pair, is_begun: bool
) -> None:
    """The host would end the link of the home, with all that is on it."""
    _, _, landing, host = pair
    session, editor, number = await began(landing, host)
    assert host.session is not None
    if is_begun:
        host.session.publishers.take(PublishTaken(1, 0))
        await eventually_true(lambda: editor.taken_bytes == 0, "the editor was not told that it may begin")
    for _ in range(2 + PUBLISH_WINDOW_BYTES // PUBLISH_PIECE_BYTES):
        session.publishers.say(number, b"x" * PUBLISH_PIECE_BYTES)
    await eventually_true(lambda: host.session is not None and not host.session.relays, "the relay goes on")
    said = sum(len(each.data) for each in host.publishing() if isinstance(each, PublishedText))
    assert said <= PUBLISH_WINDOW_BYTES + PUBLISH_PIECE_BYTES


async def test_a_publisher_that_is_there_twice_ends_the_relay(pair: Pair) -> None:
    _, _, landing, host = pair
    session, _, number = await began(landing, host)
    again: ViewerMessage = Publish(number, token_hash(host.token), "192.0.2.1")
    session.send(again)
    await eventually_true(lambda: host.session is not None and not host.session.relays, "the relay goes on")
