"""A hostile gateway of the service, aimed at sessions that guests reach by a name and a key.

It knows each name that is announced, and the public keys that open the session. Without a signature that was made to
it, it comes in nowhere, whatever it says. Nor does it get one by the announcement of a foreign name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pairterm import __version__
from pairterm.access.host_login import home_statement, host_user
from pairterm.access.signed_login import SignedLogin
from pairterm.access.tokens import token_halves, token_hash
from pairterm.cluster.relay_proof import Handshake, draw_nonce
from pairterm.cluster.service_directory import SessionEntry, name_hash
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.gateway.relay.key_opening import login_to_wire
from pairterm.link.codec import decode_home_message, decode_landing_message
from pairterm.link.gateway_relay import (
    ClientEnded,
    NotOpened,
    Opened,
    OpenSession,
    SessionFacts,
    ShowBegin,
    ShowHomeProof,
    ShowProof,
)
from pairterm.link.key_relay import AskHome, GuestLogin, HomeShown, KeyTaken, OpenByLogin, ShowKey
from pairterm.link.messages import PROTOCOL, Hello, Input, Join, ViewSettings, Windows
from pairterm.outbound.ssh_login import SessionKey
from tests.integration.key_guests import KeyHost, key_line, lands_by_key, new_key, signed_login
from tests.integration.test_hostile_gateway import Evil
from tests.integration.two_gateways import Gateway, Service, eventually_true, service

NAME = "team/ours"
GUEST, OTHER, AUTHORITY = new_key(), new_key(), new_key()


class Scene:
    """A home with a session, an honest gateway, and the bus of a hostile one."""

    def __init__(self, made: Service, home: Gateway, landing: Gateway, host: KeyHost, evil: LocalBus) -> None:
        self.made, self.home, self.landing, self.host, self.evil = made, home, landing, host, evil

    async def lands_evil(self) -> Evil:
        """Connect as a landing gateway that wants the session."""
        assert self.host.session is not None
        end = Evil(decode_home_message)
        await self.evil.connect(self.home.bus.name, end)
        end.say(Hello(PROTOCOL, __version__, "gateway"), OpenSession(self.host.session.id))
        return end

    async def opens(self, login: SignedLogin, name: str = NAME, **other: Any) -> bool:
        """Show a login to the home on a new link, first to open the session and then with a guest."""
        end = await self.lands_evil()
        end.say(OpenByLogin(1, login_to_wire(login), name, **other))
        await eventually_true(lambda: any(isinstance(each, Opened | NotOpened) for each in end.heard), "no answer")
        is_open = isinstance(end.heard[-1], Opened)
        end.heard.clear()
        if is_open:
            end.say(GuestLogin(1, login_to_wire(login), name), Join(1, 24, 80), Input(1, b"evil"))
            await end.hears(Windows)
        end.abort()
        return is_open

    def reached_host(self) -> list[object]:
        """Return which guests the host was told of."""
        return [each for each in self.host.sent_to_it if isinstance(each, Join)]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with service(tmp_path) as made:
        host = KeyHost([key_line(GUEST), f"cert-authority {key_line(AUTHORITY)} ca"])
        (tmp_path / "authorized_hosts").write_text(
            f'name-prefix="team" {key_line(host.owner_key)} laptop\n{key_line(OTHER)} somebody\n'
        )
        home, landing = await made.gateway(), await made.gateway()
        host.connect(home)
        await made.know(NAME)
        evil = LocalBus(tmp_path / "bus", made.tasks, is_trusted=False)
        await evil.start()
        yield Scene(made, home, landing, host, evil)
        await evil.close()


async def test_a_signature_opens_what_was_signed_and_nothing_else(scene: Scene) -> None:
    """It has a guest of its own, who signs for another session, or with another key. It changes what it can."""
    good = signed_login(GUEST, NAME)
    expired = AUTHORITY.generate_user_certificate(
        OTHER, "ana", principals=["ours"], valid_after="-2h", valid_before="-1h"
    )
    for_others = AUTHORITY.generate_user_certificate(OTHER, "ana", principals=["theirs"])
    foreign = OTHER.generate_user_certificate(OTHER, "ana", principals=["ours"])
    wrongs = [
        signed_login(GUEST, "team/theirs"),
        signed_login(GUEST, "ours"),
        signed_login(OTHER, NAME),
        replace(good, session_id=b"s" * 32),
        replace(good, key=OTHER.public_data),
        replace(signed_login(OTHER, NAME), key=GUEST.public_data),
        replace(good, algorithm="ssh-rsa"),
        replace(good, signature=b"\0" * 83),
        replace(good, signature=b"\xff"),
        replace(good, key=b"\xff" * 40),
        *(signed_login(OTHER, NAME, certificate=each) for each in (expired, for_others, foreign)),
    ]
    for number, each in enumerate(wrongs):
        assert not await scene.opens(each), number
    assert not await scene.opens(good, "team/theirs")
    assert not await scene.opens(good, "ours")
    assert not await scene.opens(signed_login(GUEST, "ours"), "ours"), "a name alone says nothing about the owner"
    assert not await scene.opens(good, "", token_hash=token_hash(scene.host.tokens.read_only))
    assert scene.reached_host() == []
    assert await scene.opens(good), "the right one"
    assert len(scene.reached_host()) == 1


async def test_what_another_gateway_has_shown_is_good_for_that_gateway_only(scene: Scene) -> None:
    far = await lands_by_key(scene.landing, NAME, GUEST)
    assert far is not None
    stolen = far.guest.credentials.login
    assert stolen is not None
    assert not await scene.opens(stolen)
    assert await lands_by_key(scene.landing, NAME, GUEST, stolen) is not None


async def test_a_guest_is_in_by_their_own_login_and_by_no_word_about_a_key(scene: Scene) -> None:
    """It has opened the session for one guest, and names their key for others."""
    end = await scene.lands_evil()
    login = login_to_wire(signed_login(GUEST, NAME))
    end.say(OpenByLogin(1, login, NAME))
    await end.hears(Opened)
    key = key_line(GUEST)
    wrongs: list[list[Any]] = [
        [Join(1, 24, 80, key=key)],
        [Join(2, 24, 80, key=key, ticket=b"t" * 16)],
        [GuestLogin(4, login, NAME), Join(3, 24, 80, key=key)],
        [GuestLogin(5, login_to_wire(signed_login(OTHER, NAME)), NAME), Join(5, 24, 80, key=key)],
        [GuestLogin(6, login, NAME), Join(6, 24, 80, token_hash=token_hash(scene.host.tokens.read_write), key=key)],
    ]
    for wrong in wrongs:
        end.say(*wrong)
        await end.hears(ClientEnded)
    assert scene.reached_host() == []


async def test_a_link_that_needs_a_key_is_not_enough_with_a_word_about_one(scene: Scene) -> None:
    """It has the link of a guest, and knows whose key is on the list."""
    scene.host.needs_key = True
    scene.host.list_keys([key_line(GUEST)])
    assert scene.host.session is not None
    links = list(scene.host.session.links.values())
    scene.home.state.directory.admit(scene.host.session, scene.host.rules(links))
    end, token = await scene.lands_evil(), scene.host.tokens.read_write
    begin, sealed = token_halves(token)
    nonce = draw_nonce()
    end.say(ShowBegin(1, begin, nonce))
    shown = await end.hears(ShowHomeProof)
    end.say(ShowProof(1, Handshake(scene.evil.name, scene.home.bus.name, nonce, shown.nonce).guest_proof(sealed)))
    await end.hears(Opened)
    hashed = token_hash(token)
    for number, login in enumerate((None, signed_login(GUEST, NAME), signed_login(OTHER, token))):
        if login is not None:
            end.say(GuestLogin(number, login_to_wire(login)))
        end.say(Join(number, 24, 80, token_hash=hashed, key=key_line(GUEST)))
        await end.hears(ClientEnded)
    assert scene.reached_host() == []
    end.say(GuestLogin(9, login_to_wire(signed_login(GUEST, token))), Join(9, 24, 80, token_hash=hashed))
    await end.hears(Windows)
    (join,) = scene.reached_host()
    assert isinstance(join, Join)
    assert join.key == key_line(GUEST)


async def test_wrong_signatures_end_the_link_and_questions_about_keys_wear_out(scene: Scene) -> None:
    end = await scene.lands_evil()
    end.say(*(ShowKey(number, GUEST.public_data, NAME) for number in range(400)))
    await eventually_true(
        lambda: sum(isinstance(each, KeyTaken | NotOpened) for each in end.heard) == 400, "no answers"
    )
    taken = [isinstance(each, KeyTaken) for each in end.heard if isinstance(each, KeyTaken | NotOpened)]
    assert all(taken[:100])
    assert not any(taken[-100:])
    wrong = login_to_wire(signed_login(OTHER, NAME))
    end.say(*(OpenByLogin(number, wrong, NAME) for number in range(40)))
    await end.ends()


def lies(
    scene: Scene, own: SessionKey, shown: HomeShown, asked: AskHome
) -> list[tuple[SignedLogin, bytes, str, bytes]]:
    """Return what a false home can say: a login, a session's key, a name, and a signature."""
    login = SignedLogin(shown.login.session_id, shown.login.algorithm, shown.login.key, shown.login.signature)
    text = home_statement(
        asking=scene.landing.bus.name, home=scene.evil.name, nonce=asked.nonce, name="ours", fixed_name=""
    )
    user = host_user(own.public)
    return [
        (login, shown.session_key, "ours", shown.signature),  # What the real host has said to it.
        (login, shown.session_key, "ours", own.sign(text)),
        (login, own.public, "ours", own.sign(text)),
        (signed_login(OTHER, user), own.public, "ours", own.sign(text)),  # An owner, and not this one.
        (signed_login(new_key(), user), own.public, "ours", own.sign(text)),  # Nobody who may share.
    ]


@pytest.mark.parametrize("number", [*range(5), None])
async def test_a_home_without_the_host_gets_no_signature_for_a_name(scene: Scene, number: int | None) -> None:
    """It announces a foreign name, newest of all, and asks the real home to prove itself with the guest's number.

    None: it says nothing, so the guest waits a moment. It has more entries than are asked for.
    """
    heard: list[Any] = []
    own = SessionKey()

    class FalseHome(Evil):
        def take(self, message: Any) -> None:
            heard.append(message)
            if isinstance(message, OpenSession):
                self.say(Hello(PROTOCOL, __version__, "gateway"))
            elif isinstance(message, AskHome) and number is not None:
                scene.made.tasks.once("lying", self.lie(message))
            elif isinstance(message, ShowKey):
                self.say(KeyTaken(message.request))
            elif isinstance(message, OpenByLogin):
                facts = SessionFacts("ours", "", "key x", None, False, [])
                self.say(Opened(message.request, None, facts, ViewSettings()))

        async def lie(self, asked: AskHome) -> None:
            end = await scene.lands_evil()
            end.say(AskHome(1, NAME, asked.nonce))
            shown = await end.hears(HomeShown)
            assert number is not None
            login, key, name, signature = lies(scene, own, shown, asked)[number]
            self.say(HomeShown(asked.request, login_to_wire(login), key, name, "", signature))

    scene.evil.accept(lambda landing: FalseHome(decode_landing_message))
    for entry in range(1 if number is not None else 10):
        scene.evil.announce(SessionEntry(b"%016d" % entry, scene.evil.name, (), (name_hash(NAME),)))
    directory = scene.landing.bus.directory
    await eventually_true(lambda: len(directory.with_name(NAME)) == (2 if number is not None else 11), "not announced")
    assert scene.landing.bus.directory.with_name(NAME)[0].gateway == scene.evil.name
    far = await lands_by_key(scene.landing, NAME, GUEST)
    assert far is not None
    scene.host.print(b"the real one")
    await eventually_true(
        lambda: far.frame is not None and "real" in "".join(far.frame.rows[0].cells), "not the real one"
    )
    assert any(isinstance(each, AskHome) for each in heard), "it was never asked"
    assert not any(isinstance(each, ShowKey | OpenByLogin | GuestLogin | Join | Input) for each in heard)


async def test_without_the_real_home_a_false_one_is_no_session(scene: Scene) -> None:
    """The refusal is that of a name which no session has."""
    scene.host.lose_link()
    scene.home.state.directory.remove(scene.host.session)  # type: ignore[arg-type]
    scene.evil.accept(lambda landing: Evil(decode_landing_message))
    scene.evil.announce(SessionEntry(b"s" * 16, scene.evil.name, (), (name_hash(NAME),)))
    await eventually_true(
        lambda: [each.gateway for each in scene.landing.bus.directory.with_name(NAME)] == [scene.evil.name],
        "it was not announced",
    )
    assert await lands_by_key(scene.landing, NAME, GUEST) is None
