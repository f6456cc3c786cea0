"""A hostile gateway that has a session of its own, with a guest at an honest gateway: it claims more than its session.

It knows the ids, hashes and names of all sessions from the directory. Its word about its own session opens nothing
else, and what it announces in place of a foreign session keeps nobody out of that one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pairterm import __version__
from pairterm.access.tokens import new_tokens, token_halves, token_hash
from pairterm.access.user_names import UserName
from pairterm.cluster.relay_proof import Handshake, draw_nonce
from pairterm.cluster.return_key import return_key, session_mark
from pairterm.cluster.service_directory import InvitationEntry, SessionEntry
from pairterm.link.codec import decode_landing_message
from pairterm.link.gateway_relay import (
    Opened,
    OpenSession,
    ProveReturn,
    SessionFacts,
    ShowBegin,
    ShowHomeProof,
    ShowProof,
)
from pairterm.link.messages import PROTOCOL, Hello, InvitationWire, ViewSettings
from tests.integration.test_hostile_gateway import Evil, Scene, open_scene
from tests.integration.two_gateways import eventually_true

MINE = new_tokens()
MARK = session_mark(MINE.seal)
TOKEN_HASH = token_hash(MINE.read_write)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as scene:
        yield scene


class OwnHome(Evil):
    """Has the session of `MINE`: it proves that, and then says what it likes."""

    def __init__(
        self,
        scene: Scene,
        *,
        keys: Sequence[str] = (),
        returns_with: InvitationWire | None = None,
        fixed_name: str = "",
    ) -> None:
        super().__init__(decode_landing_message)
        self._scene = scene
        self._facts = SessionFacts("mine", fixed_name, "key x", None, False, list(keys))
        self._link: InvitationWire | None = InvitationWire(TOKEN_HASH, "rw")
        self._returns_with = returns_with

    def take(self, message: Any) -> None:
        super().take(message)
        landing, evil = self._scene.landing.bus.name, self._scene.evil.name
        match message:
            case OpenSession():
                self.say(Hello(PROTOCOL, __version__, "gateway"))
            case ShowBegin() | ProveReturn():
                is_return = isinstance(message, ProveReturn)
                secret = return_key(MINE.seal, landing).hex() if is_return else token_halves(MINE.read_write)[1]
                self._link = self._returns_with if is_return else InvitationWire(TOKEN_HASH, "rw")
                said = Handshake(landing, evil, message.nonce, draw_nonce())
                self.say(ShowHomeProof(message.request, said.home_nonce, said.home_proof(secret)))
            case ShowProof():
                key = return_key(MINE.seal, landing)
                self.say(Opened(message.request, self._link, self._facts, ViewSettings(), return_key=key))
            case _:
                pass


async def announced(scene: Scene, entry: SessionEntry) -> None:
    """Let the hostile gateway announce a session, and wait until the honest one knows it."""
    scene.evil.announce(entry)
    directory = scene.landing.bus.directory
    await eventually_true(lambda: entry in directory.entries_of(scene.evil.name), "it was not announced")


def own_entry(scene: Scene, session_id: bytes) -> SessionEntry:
    return SessionEntry(session_id, scene.evil.name, (InvitationEntry(TOKEN_HASH, "rw"),), mark=MARK)


async def test_a_home_that_is_believed_opens_no_other_link_when_guests_return(scene: Scene) -> None:
    """Its session moves, with a guest in it, and its next home says that a foreign link opens it."""
    foreign = scene.host.tokens.read_write
    homes: list[OwnHome] = []

    def new_home(landing: str) -> Evil:
        homes.append(OwnHome(scene, returns_with=InvitationWire(token_hash(foreign), "rw")))
        return homes[-1]

    scene.evil.accept(new_home)
    await announced(scene, own_entry(scene, b"1" * 16))
    await scene.landing.knocks(MINE.read_write)
    await announced(scene, own_entry(scene, b"2" * 16))
    homes[0].abort()
    await eventually_true(lambda: len(homes) > 1 and homes[1].is_over, "the next home was believed")
    assert any(isinstance(each, ShowProof) for each in homes[1].heard), "it has proved the return key"
    assert scene.landing.sessions.find(UserName.of(foreign)) is None
    await scene.landing.lands(foreign)
    assert scene.reached_host(), "the guest is at the real home"


async def test_keys_of_another_machines_gateway_lead_to_no_session_by_name(scene: Scene) -> None:
    """It says which keys open its session, and that it has a fixed name. Names are proved, and keys asked of a home."""
    homes: list[OwnHome] = []

    def new_home(landing: str) -> Evil:
        homes.append(OwnHome(scene, keys=["ssh-ed25519 AAAA"], fixed_name="team-db"))
        return homes[-1]

    scene.evil.accept(new_home)
    await announced(scene, own_entry(scene, b"1" * 16))
    await scene.landing.remote.bring(UserName.of(MINE.read_write))
    assert not scene.landing.sessions.keyed("team-db").sessions
    assert not scene.landing.sessions.keyed("mine").sessions


async def test_a_foreign_session_that_is_announced_by_its_id_keeps_nobody_out(scene: Scene) -> None:
    """The entry is the newest with the link's hash. The guest is asked for at both gateways, and comes in."""
    homes: list[Evil] = []

    def new_home(landing: str) -> Evil:
        homes.append(Evil(decode_landing_message))
        homes[-1].take = lambda message: homes[-1].abort()  # type: ignore[method-assign]
        return homes[-1]

    scene.evil.accept(new_home)
    token = scene.host.tokens.read_write
    invitations = (InvitationEntry(token_hash(token), "rw"),)
    await announced(scene, SessionEntry(scene.session_id, scene.evil.name, invitations))
    assert scene.landing.bus.directory.with_token(token_hash(token))[0].gateway == scene.evil.name
    await scene.landing.lands(token)
    assert homes, "it was never asked"


async def test_an_announcement_changes_nothing_of_another_gateways_session(scene: Scene) -> None:
    """It announces the id of a session with guests here, without links, and with another mark."""
    token = scene.host.tokens.read_write
    far = await scene.landing.lands(token)
    await announced(scene, SessionEntry(scene.session_id, scene.evil.name, mark=MARK))
    assert scene.landing.sessions.find(UserName.of(token)) is not None, "the link still opens it"
    await scene.home.bus.close()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    scene.host.lose_link()
    scene.host.connect(await scene.made.gateway())
    scene.host.print(b"after")
    await eventually_true(
        lambda: far.frame is not None and any("after" in "".join(row.cells) for row in far.frame.rows), "not found"
    )
