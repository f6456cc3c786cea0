"""Finds out which of the gateways that announce a session has it: they are asked in turn.

A gateway that has died is announced until its lease is over. By then, the session's host has dialled another one. So
a gateway that announces the session during a search is asked at once, beside the one that does not answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pairterm.cluster.service_directory import SessionEntry

__all__ = ["HomeSearches"]


class HomeSearches:
    """The searches that are under way."""

    def __init__(self) -> None:
        self._changed: set[asyncio.Event] = set()

    def look_again(self) -> None:
        """Let all searches look at their entries again: there may be others."""
        for each in self._changed:
            each.set()

    async def first_that_opens(
        self,
        candidates: Callable[[], list[SessionEntry]],
        opens: Callable[[SessionEntry], Awaitable[bool]],
        *,
        most: int,
    ) -> bool:
        """Ask the gateways of the entries until one opens the session; return whether one did.

        Args:
            candidates: Returns the entries, those to ask first at the beginning.
            opens: Asks one of them.
            most: How many are asked at most.
        """
        changed = asyncio.Event()
        self._changed.add(changed)
        asking: set[asyncio.Future[bool]] = set()
        try:
            return await _asked(candidates, opens, most, changed, asking)
        finally:
            self._changed.discard(changed)
            for each in asking:
                each.cancel()


async def _asked(
    candidates: Callable[[], list[SessionEntry]],
    opens: Callable[[SessionEntry], Awaitable[bool]],
    most: int,
    changed: asyncio.Event,
    asking: set[asyncio.Future[bool]],
) -> bool:
    known = {each.key for each in candidates()}
    asked: set[tuple[str, bytes]] = set()
    while True:
        rest = [each for each in candidates() if each.key not in asked][: most - len(asked)]
        newer = [each for each in rest if each.key not in known]
        for entry in newer or rest[: 0 if asking else 1]:
            asked.add(entry.key)
            asking.add(asyncio.ensure_future(opens(entry)))
        if not asking:
            return False
        changed.clear()
        hearing = asyncio.ensure_future(changed.wait())
        try:
            waited_for: set[asyncio.Future[Any]] = {*asking, hearing}
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hearing.cancel()
        answered = {each for each in asking if each.done()}
        asking -= answered
        if True in [each.result() for each in answered]:
            return True
