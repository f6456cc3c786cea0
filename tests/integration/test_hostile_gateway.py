"""A hostile gateway of the service: it knows every hash that is announced, and has no token, no host and no seal.

It can't watch, type into or claim a session whose link it does not hold, and learns no link. A mistake
of its ends its own connection, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pairterm import __version__
from pairterm.access.tokens import new_tokens, sealed_half, token_halves, token_hash
from pairterm.access.user_names import UserName
from pairterm.cluster.relay_proof import Handshake, draw_nonce
from pairterm.cluster.service_directory import InvitationEntry, SessionEntry
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.link.codec import LinkMessage, decode_home_message, decode_landing_message, encode
from pairterm.link.framing import framed
from pairterm.link.gateway_relay import (
    ClientEnded,
    NotOpened,
    OpenByWord,
    Opened,
    OpenSession,
    SessionFacts,
    ShowBegin,
    ShowHomeProof,
    ShowProof,
)
from pairterm.link.messages import (
    PROTOCOL,
    Hello,
    Input,
    InvitationWire,
    Join,
    Leave,
    ScreenUpdate,
    ViewSettings,
    Windows,
)
from pairterm.runtime.link_stream import LinkStream
from tests.integration.two_gateways import Gateway, Host, Service, eventually_true, service


class Evil(LinkStream):
    """One end of a relay link, made by hand."""

    def __init__(self, decode: Callable[[bytes], Any]) -> None:
        super().__init__(lambda payload: self.take(decode(payload)), self._over)
        self.heard: list[Any] = []
        self.is_over = False

    def take(self, message: Any) -> None:
        self.heard.append(message)

    def _over(self, error: Exception | None) -> None:
        self.is_over = True

    def say(self, *messages: LinkMessage) -> None:
        self.send(*messages)

    async def hears(self, kind: type[Any]) -> Any:
        """Return the newest message of a kind, and forget what came."""
        await eventually_true(lambda: any(isinstance(each, kind) for each in self.heard), f"no {kind.__name__}")
        found = next(each for each in reversed(self.heard) if isinstance(each, kind))
        self.heard.clear()
        return found

    async def ends(self) -> None:
        """Wait until the other side has ended the link."""
        await eventually_true(lambda: self.is_over, "the link was not ended")


class Scene:
    """A home with a session, an honest gateway, and the bus of a hostile one."""

    def __init__(self, made: Service, home: Gateway, landing: Gateway, host: Host, evil: LocalBus) -> None:
        self.made, self.home, self.landing, self.host, self.evil = made, home, landing, host, evil

    @property
    def session_id(self) -> bytes:
        assert self.host.session is not None
        return self.host.session.id

    async def lands_evil(self) -> Evil:
        """Connect as a landing gateway that wants the session."""
        end = Evil(decode_home_message)
        await self.evil.connect(self.home.bus.name, end)
        end.say(Hello(PROTOCOL, __version__, "gateway"), OpenSession(self.session_id))
        return end

    async def opens(self, end: Evil, token: str, number: int = 1) -> Opened:
        """Prove a token, as an honest gateway does."""
        begin, sealed = token_halves(token)
        nonce = draw_nonce()
        end.say(ShowBegin(number, begin, nonce))
        shown = await end.hears(ShowHomeProof)
        said = Handshake(self.evil.name, self.home.bus.name, nonce, shown.nonce)
        end.say(ShowProof(number, said.guest_proof(sealed)))
        opened = await end.hears(Opened)
        assert isinstance(opened, Opened)
        return opened

    def reached_host(self) -> list[object]:
        """Return what the host was sent about guests."""
        return [each for each in self.host.sent_to_it if isinstance(each, Join | Input | Leave)]


@asynccontextmanager
async def open_scene(path: Path) -> AsyncIterator[Scene]:
    """Return a service of two gateways with a session at one of them, and a hostile gateway beside them."""
    async with service(path) as made:
        home, landing = await made.gateway(), await made.gateway()
        host = Host()
        host.connect(home)
        await made.know(host.tokens.read_write)
        evil = LocalBus(path / "bus", made.tasks, is_trusted=False)
        await evil.start()
        yield Scene(made, home, landing, host, evil)
        await evil.close()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as scene:
        yield scene


async def test_the_hash_of_a_token_opens_nothing(scene: Scene) -> None:
    """It has the hash from the directory, and even the first half of the token; the rest is guessed."""
    end = await scene.lands_evil()
    begin, _ = token_halves(scene.host.tokens.read_write)
    end.say(ShowBegin(1, begin, draw_nonce()))
    await end.hears(ShowHomeProof)
    end.say(ShowProof(1, b"x" * 32))
    await end.hears(NotOpened)
    end.say(ShowBegin(2, "rw-" + "a" * 16, draw_nonce()))
    await end.hears(NotOpened)
    end.say(Join(1, 24, 80, token_hash=token_hash(scene.host.tokens.read_write)))
    await end.ends()
    assert scene.reached_host() == []


async def test_a_proof_of_one_token_opens_no_other(scene: Scene) -> None:
    """It watches by a read-only link that it has. The read-write one, of which it has the hash, stays shut."""
    end = await scene.lands_evil()
    await scene.opens(end, scene.host.tokens.read_only)
    end.say(Join(1, 24, 80, token_hash=token_hash(scene.host.tokens.read_write)))
    await end.hears(ClientEnded)
    end.say(Join(2, 24, 80, token_hash=token_hash(scene.host.tokens.read_write), ticket=b"t" * 16))
    await end.hears(ClientEnded)
    end.say(Join(3, 24, 80, token_hash=None, key="ssh-ed25519 AAAA"))
    await end.hears(ClientEnded)
    assert scene.reached_host() == []
    end.say(Join(4, 24, 80, token_hash=token_hash(scene.host.tokens.read_only)), Input(4, b"evil"))
    await end.hears(Windows)
    assert b"evil" not in b"".join(scene.host.typed)
    end.say(Input(9, b"evil"), Input(1, b"evil"))
    near = await scene.home.lands(scene.host.tokens.read_write)
    near.guest.type(b"good")
    await eventually_true(lambda: b"good" in b"".join(scene.host.typed), "the keys never came")
    assert b"".join(scene.host.typed) == b"good"


async def test_a_proof_is_good_for_one_link(scene: Scene) -> None:
    """The proof of one honest gateway does not open the session for another one."""
    await scene.landing.lands(scene.host.tokens.read_write)
    end = await scene.lands_evil()
    end.say(Join(1, 24, 80, token_hash=token_hash(scene.host.tokens.read_write)))
    await end.ends()
    assert scene.host.session is not None
    assert len(scene.host.session.relays) == 1


async def test_it_is_not_believed_what_only_workers_of_one_machine_are(scene: Scene) -> None:
    for claim in (OpenByWord(1, name="alice/ours"), OpenByWord(1, b"h" * 32, "17"), OpenByWord(1)):
        end = await scene.lands_evil()
        end.say(claim)
        await end.ends()
    assert scene.reached_host() == []


async def test_a_home_without_the_seal_gets_half_a_token_and_shows_nothing(scene: Scene) -> None:
    """It announces the hash of somebody's link, newest of all, and says that the session is here."""
    tokens = scene.host.tokens
    homes: list[Evil] = []

    class FalseHome(Evil):
        def take(self, message: Any) -> None:
            super().take(message)
            if isinstance(message, OpenSession):
                self.say(Hello(PROTOCOL, __version__, "gateway"))
            if isinstance(message, ShowBegin):
                guess = sealed_half(message.begin, new_tokens().seal)
                said = Handshake(scene.landing.bus.name, scene.evil.name, message.nonce, draw_nonce())
                self.say(ShowHomeProof(message.request, said.home_nonce, said.home_proof(guess)))
                facts = SessionFacts("ours", "", "key x", None, False, [])
                link = InvitationWire(token_hash(tokens.read_write), "rw")
                self.say(Opened(message.request, link, facts, ViewSettings()))

    def new_home(landing: str) -> Evil:
        homes.append(FalseHome(decode_landing_message))
        return homes[-1]

    scene.evil.accept(new_home)
    scene.evil.announce(
        SessionEntry(b"s" * 16, scene.evil.name, (InvitationEntry(token_hash(tokens.read_write), "rw"),))
    )
    await eventually_true(
        lambda: scene.landing.bus.directory.entries_of(scene.evil.name), "the false entry was not announced"
    )
    user = UserName.of(tokens.read_write)
    assert scene.landing.bus.directory.with_token(user.token_hash)[0].gateway == scene.evil.name
    far = await scene.landing.lands(tokens.read_write)
    scene.host.print(b"the real one")
    await eventually_true(
        lambda: far.frame is not None and "real" in "".join(far.frame.rows[0].cells), "not the real one"
    )
    assert homes, "it was never asked"
    begin, sealed = token_halves(tokens.read_write)
    heard = [message for home in homes for message in home.heard]
    assert [each.begin for each in heard if isinstance(each, ShowBegin)] == [begin]
    assert not any(isinstance(each, ShowProof | Join | Input) for each in heard)
    assert all(sealed.encode() not in encode(each) for each in heard)


async def test_what_it_says_wrong_ends_its_own_link_only(scene: Scene) -> None:
    near, far = (
        await scene.home.lands(scene.host.tokens.read_write),
        await scene.landing.lands(scene.host.tokens.read_only),
    )
    wrongs: list[Callable[[Any], object]] = [
        lambda end: end.say(Hello(PROTOCOL, __version__, "gateway")),
        lambda end: end.say(OpenSession(b"o" * 16)),
        lambda end: end.say(Input(1, b"evil")),
        lambda end: end._transport.write(framed(b"\xc1 nothing")),
        lambda end: end._transport.write((1 << 30).to_bytes(4, "big")),
        lambda end: end.say(ViewSettings()),
    ]
    for wrong in wrongs:
        end = await scene.lands_evil()
        wrong(end)
        await end.ends()
    scene.host.print(b"all is well")
    for each in (near, far):
        await eventually_true(lambda each=each: each.frame and "well" in "".join(each.frame.rows[0].cells), "lost")  # type: ignore[misc]


async def test_guessing_ends_the_link(scene: Scene) -> None:
    end = await scene.lands_evil()
    for number in range(40):
        end.say(ShowBegin(number, "rw-" + "a" * 16, draw_nonce()))
    await end.ends()


async def test_a_gateway_that_begins_a_proof_again_and_again_ends_its_link(scene: Scene) -> None:
    """Each beginning costs the home an answer. So the number that is not complete is bounded."""
    end = await scene.lands_evil()
    begin, _ = token_halves(scene.host.tokens.read_write)
    end.say(ShowBegin(1, begin, draw_nonce()))
    await end.hears(ShowHomeProof)
    end.say(ShowBegin(1, begin, draw_nonce()))
    await end.ends()
    assert not any(isinstance(each, ShowHomeProof) for each in end.heard)


async def test_a_gateway_that_does_not_read_costs_a_few_frames_and_then_its_link(scene: Scene) -> None:
    """The program floods. The others see its end, and the host waits for nobody."""
    end = await scene.lands_evil()
    await scene.opens(end, scene.host.tokens.read_only)
    end.say(Join(1, 24, 80, token_hash=token_hash(scene.host.tokens.read_only)))
    await end.hears(Windows)
    assert end._transport is not None
    end._transport.pause_reading()
    near, far = (
        await scene.home.lands(scene.host.tokens.read_only),
        await scene.landing.lands(scene.host.tokens.read_only),
    )
    (relay, *_) = scene.host.session.relays if scene.host.session is not None else []
    most = 0
    for number in range(300):
        scene.host.print(b"".join(b"%d-%d\r\n" % (number, line) for line in range(20)))
        most = max(most, relay.waiting_bytes)  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    scene.host.print(b"over")
    for each in (near, far):
        await eventually_true(
            lambda each=each: each.frame and any("over" in "".join(row.cells) for row in each.frame.rows),  # type: ignore[misc]
            "the end never came",
        )
    assert most < 1 << 20
    shown = [each for each in end.heard if isinstance(each, ScreenUpdate)]
    assert len(shown) <= 2
