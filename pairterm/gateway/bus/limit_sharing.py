"""Tells the other gateways of a service what is counted here, and takes what they tell: see `cluster.shared_limits`.

A wrong link, a wrong word for a spoken code, a ban: within a second every gateway acts on
it. So does each quota that is about people: sessions of an owner, guests of a source.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Iterable

from pairterm.cluster.shared_limits import (
    Ban,
    Charges,
    OwnCounts,
    SharedLimits,
    WrongWords,
    decode_bans,
    decode_limits,
    encode_bans,
    most,
)
from pairterm.errors import PairtermError
from pairterm.gateway.bans import ban
from pairterm.gateway.bus.bus import Bus, Topic
from pairterm.gateway.shared_state import GatewayState

__all__ = ["LimitSharing"]

logger = logging.getLogger(__name__)

_FLUSH_S = 0.25
"""How often news is told. Many wrong links within this time are one message."""

_TURNS_OF_COUNTS = 4
"""The counts of sessions and guests are told in each fourth turn. Each gateway gets them of all others."""

_ASK_TIMEOUT_S = 3.0

_MAX_ASKED = 3
"""Gateways that are asked for the bans, until one answers."""


class LimitSharing:
    """The counts of one gateway, shared with the others."""

    def __init__(self, bus: Bus, state: GatewayState) -> None:
        """Begin to count for others."""
        self._bus = bus
        self._state = state
        self._circles = [_Circle(each, state) for each in bus.parts]
        directory, access = state.directory, state.access
        directory.elsewhere = lambda: sum(each.limits.session_count for each in self._circles)
        directory.of_owner_elsewhere = lambda owner: sum(each.limits.sessions_of(owner) for each in self._circles)
        directory.on_missed = self._missed
        directory.on_ban = self._banned
        access.penalties.on_charge = self._charged
        access.guests.elsewhere = lambda: sum(each.limits.guest_count for each in self._circles)
        access.guests.of_source_elsewhere = lambda source: sum(each.limits.guests_of(source) for each in self._circles)
        bus.answer(Topic.BANS, self._tell_bans)

    async def run(self) -> None:
        """Learn the bans, then tell what is new. Never returns."""
        await self._learn_bans()
        for turn in itertools.count():
            nearer: frozenset[str] = frozenset()
            for each in self._circles:
                each.tell(nearer, is_turn_of_counts=turn % _TURNS_OF_COUNTS == 0)
                nearer |= each.bus.directory.gateways
            await asyncio.sleep(_FLUSH_S)

    def _missed(self, nameplate: str) -> None:
        for each in self._circles:
            each.limits.missed(nameplate)

    def _banned(self, owner: str, token_hashes: Iterable[bytes]) -> None:
        for each in self._circles:
            each.limits.ban(owner, token_hashes)

    def _charged(self, source: str) -> None:
        for each in self._circles:
            each.limits.charge(source)

    async def _learn_bans(self) -> None:
        for gateway in self._bus.directory.others[:_MAX_ASKED]:
            try:
                known = decode_bans(await self._bus.ask(gateway, Topic.BANS, b"", timeout_s=_ASK_TIMEOUT_S))
            except PairtermError as error:
                logger.warning("the gateway %s does not tell its bans: %s", gateway, error)
                continue
            for each in known:
                _ban(self._state, each)
            return

    async def _tell_bans(self, sender: str, payload: bytes) -> bytes:
        return encode_bans(self._state.directory.banned)


class _Circle:
    """Gateways that can be told something together: the workers of this machine, or all gateways of the cluster."""

    def __init__(self, bus: Bus, state: GatewayState) -> None:
        self.bus = bus
        self._state = state
        self._is_this_machine = bus.trusts(bus.name)
        self.limits = SharedLimits(shares_totals=self._is_this_machine)
        self._known: frozenset[str] = frozenset()
        """The gateways that have our counts."""
        bus.subscribe(Topic.LIMITS, self._take)

    def tell(self, nearer: frozenset[str], *, is_turn_of_counts: bool) -> None:
        """Broadcast what is new. A gateway that has come needs the counts although they are the same.

        `nearer`: gateways that tell their counts in another circle.
        """
        gateways = self.bus.directory.gateways
        self.limits.keep(gateways - nearer)
        if gateways - self._known:
            self.limits.tell_again()
            is_turn_of_counts = True
        if not self.bus.is_connected:
            return  # Charges and bans wait. A quota counts what was told last.
        self._known = gateways
        for payload in self.limits.due(self._counts() if is_turn_of_counts else None):
            self.bus.broadcast(Topic.LIMITS, payload)

    def _counts(self) -> OwnCounts:
        guests = self._state.access.guests
        # A local owner is a uid: on another machine it is another person's.
        sessions = self._state.directory.sessions
        owners = Counter(each.owner.id for each in sessions if self._is_this_machine or each.owner.uid is None)
        return OwnCounts(most(owners), most(Counter(guests.by_source)), guests.count)

    def _take(self, sender: str, payload: bytes) -> None:
        """Take the news of another gateway.

        Raises:
            PeerError: It is bad. It changes nothing.
        """
        message = decode_limits(payload)
        now_s = asyncio.get_running_loop().time()
        match message:
            case Charges(sources=sources):
                for source, times in sources.items():
                    self._state.access.penalties.charged_elsewhere(source, times, now_s)
            case WrongWords() if not self._is_this_machine:
                pass  # One message could end everybody's codes. The exchange counts (`cluster.code_exchange`).
            case WrongWords(nameplates=nameplates):
                for nameplate, times in nameplates.items():
                    for _ in range(times):
                        for session in self._state.directory.missed_elsewhere(nameplate):
                            session.tried(nameplate)
            case Ban():
                _ban(self._state, message)
            case OwnCounts():
                self.limits.count_of(sender, message)


def _ban(state: GatewayState, message: Ban) -> None:
    session = state.directory.banned_elsewhere(message.owner, frozenset(message.token_hashes))
    if session is not None:
        ban(state, session)
