"""The owners for local users: who is in the group, looked up in a thread, and remembered for a while.

The user database can be on another machine (LDAP, NIS, sssd). An answer can take
seconds, and the gateway's loop must not wait for it.
"""

from __future__ import annotations

import asyncio
import grp
import logging
import pwd
from collections.abc import Callable

from pairterm.gateway.hosts.owners import HostOwner

__all__ = ["LocalOwners", "is_member"]

logger = logging.getLogger(__name__)

REMEMBERED_S = 60.0
"""How long an answer holds. A user who is removed from the group can open links for this long."""

TIMEOUT_S = 10.0
"""How long to wait for one answer."""

_MAX_REMEMBERED = 4096
"""More than a machine has users at a time; user namespaces have more uids than that."""


class LocalOwners:
    """The owners for local users, by uid."""

    def __init__(self, look_up: Callable[[int], HostOwner | None]) -> None:
        """`look_up` may block; it is called in a thread. It returns None for a user who may not share here."""
        self._look_up = look_up
        self._loop = asyncio.get_running_loop()
        self._known: dict[int, tuple[HostOwner, float]] = {}
        """Each with the time until which it holds (the loop's clock). Refusals are not remembered: the group may have
        changed."""
        self._asked: dict[int, asyncio.Future[HostOwner | None]] = {}
        """Questions without an answer yet: one for each user, also if many of their links come meanwhile."""

    async def find(self, uid: int) -> HostOwner | None:
        """Return the owner for a user; None if they may not share here.

        Raises:
            TimeoutError: The user database does not answer.
        """
        known = self._known.get(uid)
        if known is not None and self._loop.time() < known[1]:
            return known[0]
        asked = self._asked.get(uid)
        if asked is None:
            asked = self._asked[uid] = self._loop.run_in_executor(None, self._look_up, uid)
            asked.add_done_callback(lambda future: self._answered(uid, future))
        async with asyncio.timeout(TIMEOUT_S):
            return await asyncio.shield(asked)

    def _answered(self, uid: int, asked: asyncio.Future[HostOwner | None]) -> None:
        del self._asked[uid]
        owner = None if asked.cancelled() or asked.exception() else asked.result()
        if len(self._known) >= _MAX_REMEMBERED:
            self._known.clear()
        if owner is not None:
            self._known[uid] = owner, self._loop.time() + REMEMBERED_S


def is_member(entry: pwd.struct_passwd, group: str) -> bool:
    """Return whether a user is in a group; nobody is in a group that does not exist. It may block."""
    try:
        found = grp.getgrnam(group)
    except KeyError:
        logger.warning("the group %r of [hosts] does not exist: nobody is in it", group)
        return False
    return entry.pw_gid == found.gr_gid or entry.pw_name in found.gr_mem
