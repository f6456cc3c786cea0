"""Spoken codes at gateways that do not have the session, and guests who return when they can't prove their right again.

Real hosts' cores, real gateways without doors, and a real bus whose gateways do not trust each other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from pairterm.access.invitations import SPOKEN_TRIES
from pairterm.access.user_names import UserName
from pairterm.link.messages import CodeRevoked, Join
from tests.integration.code_host import CodeHost, knows_code, wrong
from tests.integration.test_relay import sees
from tests.integration.two_gateways import OWNER, Gateway, Service, eventually_true, service


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as made:
        yield made


class Scene:
    """A home with a session, and another gateway."""

    def __init__(self, made: Service, home: Gateway, landing: Gateway, host: CodeHost) -> None:
        self.made, self.home, self.landing, self.host = made, home, landing, host

    @property
    def joins(self) -> list[Join]:
        """What the host was asked."""
        return [each for each in self.host.sent_to_it if isinstance(each, Join)]


@pytest.fixture
async def scene(made: Service) -> Scene:
    home, landing = await made.gateway(), await made.gateway()
    host = CodeHost()
    host.connect(home)
    await made.know(host.tokens.read_write)
    return Scene(made, home, landing, host)


async def refused(gateway: Gateway, code: str) -> None:
    """Try a code that opens nothing."""
    with pytest.raises(AssertionError, match="no session"):
        await gateway.knocks(code)


async def test_a_spoken_code_opens_the_session_at_any_gateway_once(scene: Scene) -> None:
    code = scene.host.spoken()
    await knows_code(scene.landing, code)
    far = await scene.landing.lands(code.upper())
    scene.host.print(b"hello")
    await sees(far, "hello")
    far.guest.type(b"typed there")
    await eventually_true(lambda: b"typed there" in b"".join(scene.host.typed), "the keys never came")
    assert not scene.host.has_codes()
    await eventually_true(
        lambda: not scene.landing.bus.directory.with_nameplate(UserName.of(code).nameplate), "the code is not spent"
    )
    await refused(scene.landing, code)


async def test_wrong_words_are_counted_at_the_home_and_end_the_code(scene: Scene) -> None:
    code = scene.host.spoken()
    nameplate = UserName.of(code).nameplate
    await knows_code(scene.landing, code)
    session = scene.host.session
    assert session is not None
    for tries in range(1, SPOKEN_TRIES):
        await refused(scene.landing, wrong(code))
        assert session.tries[nameplate] == tries
    assert scene.host.has_codes()
    await refused(scene.landing, wrong(code))
    assert not scene.host.has_codes()
    assert CodeRevoked(nameplate) in scene.host.sent_to_it
    await refused(scene.landing, code)
    assert scene.joins == []


async def test_of_two_sessions_with_one_number_the_words_choose(scene: Scene) -> None:
    """Another owner's code at another gateway has the same number, and was announced later. It loses a try."""
    third = await scene.made.gateway()
    other = CodeHost(replace(OWNER, id="key SHA256:other"))
    other.connect(third)
    for _ in range(16):
        other.spoken()
    nameplates = {each.nameplate for each in other.core.admission.invitations.all() if each.nameplate}
    code = scene.host.spoken()
    while UserName.of(code).nameplate not in nameplates:
        scene.host.core.admission.invitations.kill_spoken(UserName.of(code).nameplate)
        code = scene.host.spoken()
    nameplate = UserName.of(code).nameplate
    other.tell_rules()
    await eventually_true(
        lambda: len(scene.landing.bus.directory.with_nameplate(nameplate)) == 2, "the codes were not announced"
    )
    far = await scene.landing.lands(code)
    scene.host.print(b"the right one")
    await sees(far, "the right one")
    assert other.session is not None
    assert other.session.tries[nameplate] <= 1


@pytest.mark.parametrize("right", ["code", "link for one use"])
async def test_a_guest_whose_right_is_spent_follows_the_host_to_its_next_gateway(scene: Scene, right: str) -> None:
    made, host = scene.made, scene.host
    token = host.spoken() if right == "code" else host.link(uses=1)
    if right == "code":
        await knows_code(scene.landing, token)
    else:
        await made.know(token)
    far = await scene.landing.lands(token)
    number = far.guest.person
    host.print(b"before")
    await sees(far, "before")
    await scene.home.bus.close()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    host.lose_link()
    third = await made.gateway()
    host.connect(third)
    host.print(b"\r\nafter")
    await sees(far, "after")
    assert (far.guest.person, far.is_over) == (number, False)
    assert [(bool(each.ticket), each.returns_only) for each in scene.joins] == [(False, False), (True, True)]
    far.guest.type(b"again")
    await eventually_true(lambda: b"again" in b"".join(host.typed), "the keys never came")


async def test_a_guest_whose_code_is_spent_follows_a_host_that_leaves_their_own_gateway(scene: Scene) -> None:
    """The gateway of the guest was the home, and drains. All other links were revoked."""
    host = scene.host
    near = await scene.home.lands(host.spoken())
    for each in host.core.admission.invitations.all():
        host.core.admission.invitations.revoke(str(each.number))
    host.tell_rules()
    host.print(b"before")
    await sees(near, "before")
    host.lose_link()
    host.connect(scene.landing)
    host.print(b"\r\nafter")
    await sees(near, "after")
    assert near.guest.person == 1


async def test_a_guest_who_still_knocks_by_a_code_knocks_at_the_hosts_next_gateway(scene: Scene) -> None:
    host = scene.host
    code = host.spoken(asks=True)
    await knows_code(scene.landing, code)
    far = await scene.landing.knocks(code)
    await eventually_true(lambda: len(scene.joins) == 1, "the host was not asked")
    await scene.home.bus.close()
    host.lose_link()
    host.connect(await scene.made.gateway())
    await eventually_true(lambda: len(scene.joins) == 2, "the host was not asked again")
    assert [(each.ticket, each.returns_only) for each in scene.joins] == [(b"", False)] * 2
    assert not far.is_over


async def test_guests_with_more_links_than_a_home_proves_at_once_all_follow_the_host(scene: Scene) -> None:
    host = scene.host
    tokens = [host.link() for _ in range(9)]
    await scene.made.know(tokens[-1])
    guests = [await scene.landing.lands(each) for each in tokens]
    await scene.home.bus.close()
    host.lose_link()
    host.sent_to_it.clear()
    host.connect(await scene.made.gateway())
    host.print(b"after")
    for each in guests:
        await sees(each, "after")
    await eventually_true(lambda: len(scene.joins) == len(tokens), "not all were brought in")
    assert not any(each.is_over for each in guests)


async def test_a_ticket_that_the_host_took_back_brings_nobody_in_and_a_link_does(scene: Scene) -> None:
    """While the host is away, its owner takes back the roles of those who left. A spent code is no right any more."""
    host = scene.host
    code = host.spoken()
    await knows_code(scene.landing, code)
    by_code, by_link = await scene.landing.lands(code), await scene.landing.lands(host.tokens.read_write)
    await scene.home.bus.close()
    host.lose_link()
    host.core._parts.membership.forget_returning()
    host.connect(await scene.made.gateway())
    await eventually_true(lambda: by_code.is_over, "the guest whose right is gone is still in")
    host.print(b"after")
    await sees(by_link, "after")
