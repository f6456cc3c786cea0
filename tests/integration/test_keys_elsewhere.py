"""Guests who come by a name and a key, or with a link and a key, at a gateway that does not have their session's host.

A real host's core with a real session's key, real gateways without doors that do not trust each other, real signatures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pairterm.access.tokens import token_hash
from pairterm.access.user_names import UserName
from pairterm.gateway.relay import key_logins
from pairterm.link.messages import InvitationWire
from pairterm.types import Role
from tests.integration.code_host import knows_code
from tests.integration.key_guests import KeyHost, key_line, lands_by_key, new_key, signed_login
from tests.integration.test_relay import sees
from tests.integration.two_gateways import Gateway, Host, Service, eventually_true, service

GUEST = new_key()


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as made:
        yield made


async def connected(made: Service, path: Path, host: KeyHost, name: str = "team/ours") -> list[Gateway]:
    """Connect a host to the first of two gateways, and return them."""
    (path / "authorized_hosts").write_text(f'name-prefix="team" {key_line(host.owner_key)} laptop\n')
    gateways = [await made.gateway(), await made.gateway()]
    host.connect(gateways[0])
    await made.know(name)
    return gateways


async def test_a_guest_with_a_name_and_a_key_is_let_in_at_another_gateway(made: Service, tmp_path: Path) -> None:
    host = KeyHost([key_line(GUEST), key_line(new_key())])
    _, landing = await connected(made, tmp_path, host)
    user = UserName.of("team/ours")
    assert await landing.keys.takes(user, None, GUEST.public_data)
    assert not await landing.keys.takes(user, None, new_key().public_data)
    far = await lands_by_key(landing, "team/ours", GUEST)
    assert far is not None
    host.print(b"hello")
    await sees(far, "hello")
    far.guest.type(b"typed there")
    await eventually_true(lambda: b"".join(host.typed) == b"typed there", "the keys never came")
    (person,) = host.core.people.values()
    assert person.origin.fingerprint == GUEST.get_fingerprint()


async def test_the_mark_of_an_owner_and_a_fixed_name_lead_there_and_a_name_alone_does_not(
    made: Service, tmp_path: Path
) -> None:
    host = KeyHost([key_line(GUEST)], fixed_name="team-room")
    _, landing = await connected(made, tmp_path, host)
    assert host.session is not None
    for name in ("team-room", f"{host.session.owner.mark}/ours"):
        assert await lands_by_key(landing, name, GUEST) is not None, name
    for name in ("ours", "other/ours", "team/theirs", "nobody"):
        assert await lands_by_key(landing, name, GUEST) is None, name


async def test_each_guest_with_a_key_is_checked_also_when_the_session_is_open_there(
    made: Service, tmp_path: Path
) -> None:
    host = KeyHost([key_line(GUEST)])
    _, landing = await connected(made, tmp_path, host)
    assert await lands_by_key(landing, "team/ours", GUEST) is not None
    assert await lands_by_key(landing, "team/ours", new_key()) is None
    assert await lands_by_key(landing, "team/ours", GUEST) is not None
    assert len(host.asked) == 1, "the home is proved once for a while"


async def test_a_home_proves_again_that_its_host_is_there_when_the_proof_is_old(
    made: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link stays while somebody is in. A home whose host has left could get signatures for its name all that time."""
    monkeypatch.setattr(key_logins, "_PROVED_S", 0.0)

    class Leaving(KeyHost):
        is_gone = False

        def hears_gateway(self, message: object) -> None:
            if not self.is_gone:
                super().hears_gateway(message)

    host = Leaving([key_line(GUEST)])
    _, landing = await connected(made, tmp_path, host)
    assert await lands_by_key(landing, "team/ours", GUEST) is not None
    asked_before = len(host.asked)
    assert await lands_by_key(landing, "team/ours", GUEST) is not None
    assert len(host.asked) > asked_before
    host.is_gone = True  # And its home says nothing.
    assert await lands_by_key(landing, "team/ours", GUEST) is None


@pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256"])
async def test_other_kinds_of_keys_prove_as_well(made: Service, tmp_path: Path, kind: str) -> None:
    key = new_key(kind)
    _, landing = await connected(made, tmp_path, KeyHost([key_line(key)]))
    assert await lands_by_key(landing, "team/ours", key) is not None


async def test_a_certificate_opens_as_at_home(made: Service, tmp_path: Path) -> None:
    authority, key = new_key(), new_key()
    host = KeyHost([f"cert-authority {key_line(authority)} ca"])
    _, landing = await connected(made, tmp_path, host)

    def certificate(**terms: object) -> object:
        return authority.generate_user_certificate(key, "ana@laptop", **terms)  # type: ignore[arg-type]

    good = certificate(principals=["ours"])
    login = signed_login(key, "team/ours", certificate=good)  # type: ignore[arg-type]
    assert await lands_by_key(landing, "team/ours", key, login) is not None
    (person,) = host.core.people.values()
    assert person.origin.key_name == "ana@laptop"
    bad: list[Callable[[], object]] = [
        lambda: certificate(principals=["theirs"]),
        lambda: certificate(),
        lambda: certificate(principals=["ours"], valid_before="-1h", valid_after="-2h"),
        lambda: certificate(principals=["ours"], source_address=["127.0.0.1"]),
        lambda: new_key().generate_user_certificate(key, "ana@laptop", principals=["ours"]),
        lambda: authority.generate_host_certificate(key, "ana@laptop", principals=["ours"]),
    ]
    for each in bad:
        login = signed_login(key, "team/ours", certificate=each())  # type: ignore[arg-type]
        assert await lands_by_key(landing, "team/ours", key, login) is None


async def test_a_link_that_needs_a_key_wants_both(made: Service, tmp_path: Path) -> None:
    host = KeyHost([key_line(GUEST)], needs_key=True)
    _, landing = await connected(made, tmp_path, host)
    await made.know(host.tokens.read_only)
    assert await lands_by_key(landing, host.tokens.read_only, new_key()) is None
    wrong = signed_login(GUEST, "team/ours")
    assert await lands_by_key(landing, host.tokens.read_only, GUEST, wrong) is None
    far = await lands_by_key(landing, host.tokens.read_only, GUEST)
    assert far is not None
    assert far.roles == [Role.READ_ONLY]
    host.print(b"both")
    await sees(far, "both")
    without = await landing.knocks(host.tokens.read_only)
    await eventually_true(lambda: without.is_over, "a link alone was enough")


async def test_a_key_that_is_taken_off_the_list_opens_nothing_any_more(made: Service, tmp_path: Path) -> None:
    host = KeyHost([key_line(GUEST)])
    home, landing = await connected(made, tmp_path, host)
    far = await lands_by_key(landing, "team/ours", GUEST)
    assert far is not None
    kept = far.guest.credentials.login
    assert host.session is not None
    host.list_keys([key_line(new_key())])
    home.state.directory.admit(host.session, host.rules(list(host.session.links.values())))
    assert await lands_by_key(landing, "team/ours", GUEST, kept) is None


async def test_an_answer_about_a_name_takes_its_time_whatever_it_is(made: Service, tmp_path: Path) -> None:
    """Else a stranger with a clock would find out which names there are."""
    _, landing = await connected(made, tmp_path, KeyHost([key_line(GUEST)]))
    loop = asyncio.get_running_loop()
    for name, key in (("team/ours", GUEST), ("team/ours", new_key()), ("nobody/here", GUEST), ("a name?", GUEST)):
        began_s = loop.time()
        is_taken = await landing.keys.takes(UserName.of(name), None, key.public_data)
        assert is_taken is ((name, key) == ("team/ours", GUEST))
        assert loop.time() - began_s >= 0.099


async def test_links_that_nobody_opened_give_way_to_guests(made: Service, tmp_path: Path) -> None:
    """Strangers may name sessions. Each costs a link between gateways, of which there are as many as sessions."""
    host = KeyHost([key_line(GUEST)])
    _, landing = await connected(made, tmp_path, host)
    landing.remote._most = 1
    assert not await landing.keys.takes(UserName.of("team/ours"), None, new_key().public_data)
    assert len(landing.remote) == 1
    second = Host()
    third = await made.gateway()
    second.connect(third)
    await made.know(second.tokens.read_only)
    await landing.lands(second.tokens.read_only)
    assert len(landing.remote) == 1


async def test_a_guest_with_a_key_follows_the_host_to_another_gateway(made: Service, tmp_path: Path) -> None:
    host = KeyHost([key_line(GUEST)])
    _, landing = await connected(made, tmp_path, host)
    third = await made.gateway()
    far = await lands_by_key(landing, "team/ours", GUEST)
    assert far is not None
    host.print(b"before")
    await sees(far, "before")
    host.lose_link()
    host.connect(third)
    await made.know("team/ours")
    host.print(b"\r\nafter")
    await sees(far, "after")
    far.guest.type(b"typed after")
    await eventually_true(lambda: b"typed after" in b"".join(host.typed), "the keys never came")


async def test_a_spoken_code_works_with_a_key_also_in_capitals(made: Service, tmp_path: Path) -> None:
    """The guest signs what they typed, and the home can't make that from what it knows."""
    host = KeyHost([key_line(GUEST)], needs_key=True)
    home, landing = await connected(made, tmp_path, host)
    assert host.session is not None
    _, code = host.core.admission.invitations.new_spoken(Role.READ_WRITE, host.now_s, asks=False)
    spoken = InvitationWire(token_hash(code), "rw", nameplate=UserName.of(code).nameplate)
    home.state.directory.admit(host.session, host.rules([*host.session.links.values(), spoken]))
    await knows_code(landing, code)
    assert await lands_by_key(landing, code.upper(), new_key()) is None
    assert await lands_by_key(landing, code.upper(), GUEST, signed_login(GUEST, code)) is None
    assert await lands_by_key(landing, code.upper(), GUEST) is not None
