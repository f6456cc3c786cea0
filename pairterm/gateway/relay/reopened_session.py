"""How a gateway opens a session at its next home, for the guests who are in it already.

The return key comes first (`cluster.return_key`): it proves the home, and lets guests in by their tickets. Then come
the tokens and codes that guests can still prove. A guest without a ticket needs that, because they still wait. So does
one whose ticket the host does not take any more.
"""

from __future__ import annotations

import asyncio
import contextlib

from pairterm.access.user_names import UserName
from pairterm.cluster.service_directory import SessionEntry
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.relay.landing_end import LandingEnd
from pairterm.link.gateway_relay import Opened

__all__ = ["reopened"]

_PROVE_S = 1.5
"""How long tokens and codes may take, after the session is open for tickets. All of it has 3 s."""

_AT_ONCE = 4
"""Proofs under way: as many as a home takes of one gateway."""


async def reopened(end: LandingEnd, session: HostedSession, entry: SessionEntry, key: bytes) -> list[Opened]:
    """Return what the gateway that announces a session has opened of it; [] if it can't have the session.

    `key`: this gateway's return key; b"": it has none.
    """
    by_ticket = await end.open_for_return(key) if key else None
    found = [by_ticket] if by_ticket is not None else []
    limit = asyncio.Semaphore(_AT_ONCE)

    async def prove(user: UserName) -> None:
        async with limit:
            opened = await end.open(user)
        if opened is not None:
            found.append(opened)

    provable = _provable(session, entry, is_proved=by_ticket is not None)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PROVE_S if found else None):
            await asyncio.gather(*map(prove, provable))
    return found


def _provable(session: HostedSession, entry: SessionEntry, *, is_proved: bool) -> set[UserName]:
    """Return what the guests of a session can prove. A home that is not proved gets no code: it could try words."""
    hashes = {each.token_hash for each in entry.invitations}
    users = {each.credentials.user_name for each in session.guests}
    return {
        each
        for each in users
        if each is not None
        and (each.token_hash in hashes or (is_proved and each.nameplate and each.nameplate in entry.nameplates))
    }
