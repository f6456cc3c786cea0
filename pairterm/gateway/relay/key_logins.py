"""Guests here who come to another gateway's session by a key: by its name, or with a link that needs a key besides.

A name is looked up when a key is offered, and not before. So a name that no session has gets the same answer. A
gateway that announces a name has to prove first that the session's host is there now: the owner's key has signed the
host's login with the session's key, and that key signs a fresh number with the names of both gateways. The owner's
key has to be one that may share here, and the name has to be that owner's. Without this proof, a gateway could
announce any name, get the signature of a guest, and show it to the real home.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator
from typing import Protocol

from pairterm.access.host_login import home_statement
from pairterm.access.signed_login import SignedLogin
from pairterm.access.user_names import UserName
from pairterm.cluster.relay_proof import draw_nonce
from pairterm.cluster.service_directory import SessionEntry
from pairterm.gateway.bus.bus import Bus
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.relay.key_opening import login_from_wire, login_to_wire, shown_name
from pairterm.gateway.relay.landing_end import LandingEnd
from pairterm.gateway.ssh.signed_logins import owner_of_login, session_key_signed
from pairterm.link.gateway_relay import Opened
from pairterm.link.key_relay import AskHome, HomeShown, KeyTaken, OpenByLogin, ShowKey

__all__ = ["KeyLogins", "Relays", "home_is_proved"]

logger = logging.getLogger(__name__)

_MAX_TRIES, _MAX_OF_GATEWAY = 8, 2
"""Sessions that are asked for one name, in all and of one gateway: an owner may have several of one name. No gateway
can keep others from being asked by many entries."""

_ANSWER_S = 0.1
"""When a guest who comes by a name gets an answer about a key. It takes as long if no gateway has the name."""

_ASK_S = 2.0
"""How long another gateway may take to prove that it has a name and takes a key, and then to open the session."""

_PROVED_S = 60.0
"""How long a proof holds that a host is at its home. It may leave, and the home may not say so."""

_MAX_ASKING = 256
"""Logins that wait for such an answer at a time."""


class Relays(Protocol):
    """The links to other gateways."""

    async def reached(self, entry: SessionEntry) -> LandingEnd | None:
        """Return a link for a session to the gateway that announces it; None if it can't be reached."""

    def taken(self, end: LandingEnd, opened: Opened) -> HostedSession | None:
        """Take what a gateway has said about its session; return it as it is here."""


class KeyLogins:
    """All of them."""

    def __init__(self, relays: Relays, bus: Bus, hosts: HostAdmission) -> None:
        self._relays = relays
        self._bus = bus
        self._hosts = hosts
        self._asking = 0

    async def takes(self, user: UserName, known: HostedSession | None, key: bytes) -> bool:
        """Return whether another gateway would let a guest in by this key. `known`: the session of their link."""
        takers: list[LandingEnd] = []
        async with self._in_time(is_even=known is None):
            takers = await self._takers(user, known, key)
        return bool(takers)

    async def open(self, user: UserName, known: HostedSession | None, login: SignedLogin) -> HostedSession | None:
        """Open a session by a login whose signature is right; None: it opens nothing."""
        found: HostedSession | None = None
        async with self._in_time(is_even=known is None):
            takers = await self._takers(user, known, login.key)
            if len(takers) == 1:  # Of several, it is not clear which one is meant.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_ASK_S):
                        found = await self._open(takers[0], user, known, login)
        return found

    async def _open(
        self, end: LandingEnd, user: UserName, known: HostedSession | None, login: SignedLogin
    ) -> HostedSession | None:
        wire = login_to_wire(login)
        if known is not None:
            opened = await end.ask(lambda number: OpenByLogin(number, wire, shown_name(user), user.token_hash))
            return known if isinstance(opened, Opened) else None
        opened = await end.ask(lambda number: OpenByLogin(number, wire, user.text))
        return self._relays.taken(end, opened) if isinstance(opened, Opened) else None

    async def _takers(self, user: UserName, known: HostedSession | None, key: bytes) -> list[LandingEnd]:
        """Return the links to the gateways that would take a key."""
        if self._asking > _MAX_ASKING:
            return []
        if known is not None:
            end = known.link if isinstance(known.link, LandingEnd) else None
            return [end] if end is not None and await self._takes(end, key, shown_name(user), user.token_hash) else []
        if not user.may_be_by_key:
            return []
        entries = self._candidates(user.text)
        found = await asyncio.gather(*(self._named(each, user.text, key) for each in entries))
        takers = [(each, entry) for each, entry in zip(found, entries, strict=True) if each is not None]
        here = [end for end, entry in takers if not entry.is_away]
        return here or [end for end, _ in takers]

    def _candidates(self, name: str) -> list[SessionEntry]:
        """Return which sessions of other machines a name may mean. Other workers of this one are asked before."""
        counts = Counter[str]()
        found: list[SessionEntry] = []
        for each in self._bus.directory.with_name(name):
            counts[each.gateway] += 1
            is_near = each.gateway == self._bus.name or self._bus.trusts(each.gateway)
            if not is_near and counts[each.gateway] <= _MAX_OF_GATEWAY:
                found.append(each)
        return found[:_MAX_TRIES]

    async def _named(self, entry: SessionEntry, name: str, key: bytes) -> LandingEnd | None:
        """Return the link to a gateway that has a name and takes a key; None: it does not, or does not answer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ASK_S):
                end = await self._relays.reached(entry)
                if end is not None and await home_is_proved(end, name, self._hosts):
                    return end if await self._takes(end, key, name, None) else None
        return None

    async def _takes(self, end: LandingEnd, key: bytes, name: str, token_hash: bytes | None) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ASK_S):
                return isinstance(await end.ask(lambda number: ShowKey(number, key, name, token_hash)), KeyTaken)
        return False

    @contextlib.asynccontextmanager
    async def _in_time(self, *, is_even: bool) -> AsyncIterator[None]:
        """Bound how many ask. `is_even`: an answer takes its time, whatever comes of it."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + (_ANSWER_S if is_even else 0)
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            await asyncio.sleep(max(0.0, until_s - loop.time()))


async def home_is_proved(end: LandingEnd, name: str, hosts: HostAdmission) -> bool:
    """Return whether the host of the session with this name is at the other end of a link, or was a minute ago."""
    now_s = asyncio.get_running_loop().time()
    if now_s < end.proved_names.get(name, float("-inf")) + _PROVED_S:
        return True
    nonce = draw_nonce()
    shown = await end.ask(lambda number: AskHome(number, name, nonce))
    if not isinstance(shown, HomeShown):
        return False
    text = home_statement(asking=end.own, home=end.home, nonce=nonce, name=shown.name, fixed_name=shown.fixed_name)
    owner = owner_of_login(hosts, login_from_wire(shown.login), shown.session_key)
    if (
        owner is None
        or not _is_name_of(owner, name, shown)
        or not session_key_signed(shown.session_key, text, shown.signature)
    ):
        logger.warning("gateway %s announces a name that it does not have", end.home)
        return False
    end.proved_names[name] = now_s
    return True


def _is_name_of(owner: HostOwner, name: str, shown: HomeShown) -> bool:
    """Return whether an owner has a name that a guest can come by."""
    word, slash, rest = name.rpartition("/")
    if slash:
        return rest == shown.name and word in (owner.word, owner.mark)
    return name == shown.fixed_name and owner.has_in_prefix(name)
