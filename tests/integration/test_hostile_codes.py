"""A hostile gateway and spoken codes: it knows all numbers, may announce any, and asks any home.

It learns no words but those that its own guests say, and tries no more of them than guests may. And what brings guests
back brings nobody in who was not in before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pairterm import __version__
from pairterm.access.invitations import SPOKEN_TRIES
from pairterm.access.tokens import token_hash
from pairterm.access.user_names import UserName
from pairterm.cluster.code_exchange import CodeExchange, CodeRun
from pairterm.cluster.relay_proof import Handshake, draw_nonce
from pairterm.cluster.return_key import return_key
from pairterm.cluster.service_directory import InvitationEntry, SessionEntry
from pairterm.cluster.sodium_group import PARAMS
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.link.codec import decode_landing_message
from pairterm.link.gateway_relay import (
    ClientEnded,
    NotOpened,
    Opened,
    OpenSession,
    ProveReturn,
    SessionFacts,
    ShowCode,
    ShowHomeCode,
    ShowHomeProof,
    ShowProof,
)
from pairterm.link.messages import PROTOCOL, Hello, Input, InvitationWire, Join, ViewSettings, Windows
from tests.integration.code_host import CodeHost, knows_code, wrong
from tests.integration.test_hostile_gateway import Evil, Scene
from tests.integration.two_gateways import eventually_true, service


class CodeScene(Scene):
    """A session with a spoken code, an honest landing gateway, and a hostile gateway."""

    host: CodeHost
    code: str

    @property
    def nameplate(self) -> str:
        return UserName.of(self.code).nameplate

    @property
    def tries(self) -> int:
        assert self.host.session is not None
        return self.host.session.tries[self.nameplate]

    def run_to_home(self) -> CodeRun:
        return CodeRun(self.evil.name, self.home.bus.name, self.session_id, self.nameplate)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[CodeScene]:
    async with service(tmp_path) as made:
        home, landing = await made.gateway(), await made.gateway()
        host = CodeHost()
        host.connect(home)
        await made.know(host.tokens.read_write)
        evil = LocalBus(tmp_path / "bus", made.tasks, is_trusted=False)
        await evil.start()
        scene = CodeScene(made, home, landing, host, evil)
        scene.code = host.spoken()
        for each in (home, landing):
            await knows_code(each, scene.code)
        yield scene
        await evil.close()


class FalseHome(Evil):
    """Says that it has the session, and tries words of its own on each guest."""

    def __init__(self, scene: CodeScene, landing: str) -> None:
        super().__init__(decode_landing_message)
        self._scene, self._landing = scene, landing
        self._id = b""
        self.were_right: list[bool] = []
        self._guess: CodeExchange | None = None
        self._shown_share, self._nameplate = b"", ""

    def take(self, message: Any) -> None:
        super().take(message)
        if isinstance(message, OpenSession):
            self._id = message.session_id
            self.say(Hello(PROTOCOL, __version__, "gateway"))
        if isinstance(message, ShowCode):
            run = CodeRun(self._landing, self._scene.evil.name, self._id, message.nameplate)
            self._guess = CodeExchange(run, token_hash(wrong(self._scene.code)), is_home=True)
            self._shown_share, self._nameplate = message.share, message.nameplate
            self.say(ShowHomeCode(message.request, self._guess.share))
        if isinstance(message, ShowProof) and self._guess is not None:
            proofs = self._guess.proofs(self._shown_share)
            self.were_right.append(proofs.guest_proof == message.proof)
            facts = SessionFacts("ours", "", "key x", None, False, [])
            link = InvitationWire(token_hash(self._scene.code), "rw", nameplate=self._nameplate)
            self.say(Opened(message.request, link, facts, ViewSettings(), proofs.home_proof))


async def test_a_false_home_tries_one_pair_of_words_in_a_turn_and_shows_nothing(scene: CodeScene) -> None:
    """It announces the number many times, newest of all."""
    homes: list[FalseHome] = []

    def new_home(landing: str) -> Evil:
        homes.append(FalseHome(scene, landing))
        return homes[-1]

    scene.evil.accept(new_home)
    for number in range(9):
        scene.evil.announce(SessionEntry(bytes([number]) * 16, scene.evil.name, nameplates=(scene.nameplate,)))
    directory = scene.landing.bus.directory
    await eventually_true(lambda: len(directory.with_nameplate(scene.nameplate)) == 10, "it was not announced")
    assert directory.with_nameplate(scene.nameplate)[0].gateway == scene.evil.name
    far = await scene.landing.lands(scene.code)
    scene.host.print(b"the real one")
    await eventually_true(
        lambda: far.frame is not None and "real" in "".join(far.frame.rows[0].cells), "not the real one"
    )
    assert [each.were_right for each in homes] == [[False]]
    assert not any(isinstance(each, Join | Input) for home in homes for each in home.heard)


async def test_a_false_home_that_opens_without_a_proof_is_not_believed(scene: CodeScene) -> None:
    class Bold(FalseHome):
        def take(self, message: Any) -> None:
            Evil.take(self, message)
            if isinstance(message, OpenSession):
                self.say(Hello(PROTOCOL, __version__, "gateway"))
            if isinstance(message, ShowCode):
                link = InvitationWire(token_hash(scene.code), "rw", nameplate=message.nameplate)
                facts = SessionFacts("ours", "", "key x", None, False, [])
                self.say(Opened(message.request, link, facts, ViewSettings(), b""))

    homes: list[Evil] = []

    def new_home(landing: str) -> Evil:
        homes.append(Bold(scene, landing))
        return homes[-1]

    scene.evil.accept(new_home)
    scene.evil.announce(SessionEntry(b"f" * 16, scene.evil.name, nameplates=(scene.nameplate,)))
    directory = scene.landing.bus.directory
    await eventually_true(lambda: len(directory.with_nameplate(scene.nameplate)) == 2, "it was not announced")
    await scene.landing.lands(scene.code)
    assert scene.reached_host(), "the guest is at the real home"
    (home,) = homes
    await home.ends()


async def test_a_hostile_landing_gateway_tries_as_many_words_as_a_guest_may(scene: CodeScene) -> None:
    """Each try is counted, and neither begun runs nor crafted shares tell it more."""
    end = await scene.lands_evil()
    for number in range(3):
        idle = CodeExchange(scene.run_to_home(), token_hash(wrong(scene.code)), is_home=False)
        end.say(ShowCode(number, scene.nameplate, idle.share))
        await end.hears(ShowHomeCode)
        assert scene.tries == number, "nothing was tried yet"
        end.say(ShowProof(number, b"x" * 32))
        await end.hears(NotOpened)
        assert scene.tries == number + 1
    # Zero for the home if its guess is right: it must not see the difference before it is counted.
    guess = PARAMS.M.scalarmult(PARAMS.group.password_to_scalar(token_hash(scene.code)))
    end.say(ShowCode(7, scene.nameplate, b"A" + guess.to_bytes()))
    await end.hears(ShowHomeCode)
    end.say(ShowProof(7, b"x" * 32))
    await end.hears(NotOpened)
    assert scene.tries == SPOKEN_TRIES - 1
    end.say(ShowCode(8, scene.nameplate, guess_share(scene)))
    await end.hears(ShowHomeCode)
    end.say(ShowProof(8, b"x" * 32))
    await end.hears(NotOpened)
    assert not scene.host.has_codes()
    end.say(ShowCode(9, scene.nameplate, guess_share(scene)))
    await end.hears(NotOpened)
    assert scene.reached_host() == []


def guess_share(scene: CodeScene) -> bytes:
    """Return the share of a run with the right words."""
    return CodeExchange(scene.run_to_home(), token_hash(scene.code), is_home=False).share


async def test_a_landing_gateway_can_not_pass_on_what_another_one_proves(scene: CodeScene) -> None:
    """It is between an honest landing gateway and the home, under the number of the code."""
    end = await scene.lands_evil()
    passed: list[bytes] = []

    class Between(FalseHome):
        def take(self, message: Any) -> None:
            Evil.take(self, message)
            if isinstance(message, OpenSession):
                self.say(Hello(PROTOCOL, __version__, "gateway"))
            if isinstance(message, ShowCode):
                passed.append(message.share)
                end.say(ShowCode(1, message.nameplate, message.share))
            if isinstance(message, ShowProof):
                passed.append(message.proof)
                end.say(ShowProof(1, message.proof))

    between: list[Evil] = []

    def new_home(landing: str) -> Evil:
        between.append(Between(scene, landing))
        return between[-1]

    def hear(message: Any) -> None:
        end.heard.append(message)
        if isinstance(message, ShowHomeCode):
            between[-1].say(ShowHomeCode(1, message.share))
        if isinstance(message, NotOpened):
            between[-1].say(NotOpened(1))

    end.take = hear  # type: ignore[method-assign]
    scene.evil.accept(new_home)
    scene.evil.announce(SessionEntry(scene.session_id, scene.evil.name, nameplates=(scene.nameplate,)))
    directory = scene.landing.bus.directory
    await eventually_true(lambda: len(directory.with_nameplate(scene.nameplate)) == 2, "it was not announced")
    with pytest.raises(AssertionError, match="no session"):
        await scene.landing.knocks(wrong(scene.code))
    assert len(passed) == 2
    assert scene.tries >= 1
    assert not any(isinstance(each, Opened) for each in end.heard)


async def test_a_home_opens_nothing_but_what_was_proved_to_it(scene: CodeScene) -> None:
    """It has a session of its own with a guest here, and says that the link of another's session opens it."""
    tokens, mine = scene.host.tokens, CodeHost()
    begin = mine.tokens.read_write

    class Greedy(Evil):
        def take(self, message: Any) -> None:
            super().take(message)
            if isinstance(message, OpenSession):
                self.say(Hello(PROTOCOL, __version__, "gateway"))
            if isinstance(message, ProveReturn):
                said = Handshake(scene.landing.bus.name, scene.evil.name, message.nonce, draw_nonce())
                key = return_key(mine.tokens.seal, scene.landing.bus.name).hex()
                self.say(ShowHomeProof(message.request, said.home_nonce, said.home_proof(key)))
            elif not isinstance(message, OpenSession | Hello | ShowProof):
                said = Handshake(scene.landing.bus.name, scene.evil.name, message.nonce, draw_nonce())
                self.say(ShowHomeProof(message.request, said.home_nonce, said.home_proof(begin[-16:])))
            if isinstance(message, ShowProof):
                facts = SessionFacts("ours", "", "key x", None, False, [])
                link = InvitationWire(token_hash(tokens.read_write), "rw")
                self.say(Opened(message.request, link, facts, ViewSettings()))

    scene.evil.accept(lambda landing: Greedy(decode_landing_message))
    entry = SessionEntry(b"m" * 16, scene.evil.name, (InvitationEntry(token_hash(begin), "rw"),))
    scene.evil.announce(entry)
    await scene.made.know(begin)
    user, others = UserName.of(begin), UserName.of(tokens.read_write)
    assert not await scene.landing.remote.bring(user)
    assert scene.landing.sessions.find(user) is None
    assert scene.landing.sessions.find(others) is None


async def returns(scene: CodeScene, end: Evil, key: bytes) -> object:
    """Prove a return key, and return the home's last word."""
    nonce = draw_nonce()
    end.say(ProveReturn(50, nonce))
    shown = await end.hears(ShowHomeProof)
    said = Handshake(scene.evil.name, scene.home.bus.name, nonce, shown.nonce)
    end.say(ShowProof(50, said.guest_proof(key.hex())))
    await eventually_true(lambda: end.heard, "the home says nothing")
    return end.heard.pop()


async def test_a_return_key_lets_nobody_in_who_has_no_ticket(scene: CodeScene) -> None:
    """A gateway that had a guest once keeps its key, and knows the hash of each link."""
    first = await scene.lands_evil()
    opened = await scene.opens(first, scene.host.tokens.read_only)
    first.close()
    end = await scene.lands_evil()
    assert isinstance(await returns(scene, end, opened.return_key), Opened)
    hashes = [token_hash(scene.host.tokens.read_write), token_hash(scene.code), None]
    for client, presented in enumerate(hashes, start=1):
        end.say(Join(client, 24, 80, token_hash=presented))
        await end.hears(ClientEnded)
    assert scene.reached_host() == []
    for client, presented in enumerate(hashes, start=11):
        end.say(Join(client, 24, 80, token_hash=presented, ticket=b"t" * 16), Input(client, b"evil"))
        await end.hears(ClientEnded)
    joins = [each for each in scene.reached_host() if isinstance(each, Join)]
    assert [each.returns_only for each in joins] == [True] * len(hashes)
    assert not any(isinstance(each, Windows) for each in end.heard)
    assert scene.host.typed == []


async def test_a_return_key_is_good_for_its_own_gateway_only(scene: CodeScene) -> None:
    await scene.landing.lands(scene.host.tokens.read_write)
    (remote,) = scene.landing.remote._remotes
    assert remote.return_key
    end = await scene.lands_evil()
    assert isinstance(await returns(scene, end, remote.return_key), NotOpened)


async def test_a_false_next_home_gets_no_ticket_and_no_code(scene: CodeScene) -> None:
    """The host is away, and the hostile gateway announces the session as its own."""
    far = await scene.landing.lands(scene.code)
    (remote,) = scene.landing.remote._remotes
    mark = remote.entry.mark
    homes: list[Evil] = []

    class Next(Evil):
        def take(self, message: Any) -> None:
            super().take(message)
            if isinstance(message, OpenSession):
                self.say(Hello(PROTOCOL, __version__, "gateway"))
            if isinstance(message, ProveReturn):
                self.say(ShowHomeProof(message.request, draw_nonce(), b"x" * 32))
            if isinstance(message, ShowCode):
                raise AssertionError("it gets the code's share")

    def new_home(landing: str) -> Evil:
        homes.append(Next(decode_landing_message))
        return homes[-1]

    scene.evil.accept(new_home)
    await scene.home.bus.close()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    scene.host.lose_link()
    scene.evil.announce(SessionEntry(b"f" * 16, scene.evil.name, nameplates=(scene.nameplate,), mark=mark))
    await eventually_true(lambda: any(each.is_over for each in homes), "it was never asked")
    heard = [message for home in homes for message in home.heard]
    assert not any(isinstance(each, ShowProof | Join | ShowCode) for each in heard)
    third = await scene.made.gateway()
    scene.host.connect(third)
    scene.host.print(b"after")
    await eventually_true(
        lambda: far.frame is not None and any("after" in "".join(row.cells) for row in far.frame.rows), "not found"
    )
    assert far.guest.person == 1
