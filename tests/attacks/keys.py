"""A read-only guest's keys: they go to no program, and each makes the gateway search, scroll or paint."""

from __future__ import annotations

from tests.attacks.guests import connected, drained, terminal
from tests.attacks.registry import Aims, Bounds, attack

_HISTORY = b"\x02["
"""What opens the history."""


async def _press(aims: Aims, bounds: Bounds, first: bytes, keys: tuple[bytes, ...]) -> None:
    """Press these keys again and again, each in a packet of its own."""
    async with connected(aims, aims.ro, bounds) as connection:
        process = await terminal(connection)
        process.channel.write(first)
        async for number in bounds.steps():
            if not await drained(connection):
                break
            process.channel.write(keys[number % len(keys)])


@attack("search keys of a watcher")
async def search_keys(aims: Aims, bounds: Bounds) -> None:
    """Look for a text that is nowhere, in all that is kept."""
    await _press(aims, bounds, _HISTORY + b"?zzz\r", (b"n",))


@attack("page keys of a watcher")
async def page_keys(aims: Aims, bounds: Bounds) -> None:
    """Scroll to and fro, so that each key paints a page."""
    await _press(aims, bounds, _HISTORY, (b"\x1b[5~", b"\x1b[5~", b"\x1b[6~"))


@attack("help keys of a watcher")
async def help_keys(aims: Aims, bounds: Bounds) -> None:
    """Open the help and close it."""
    await _press(aims, bounds, b"", (b"\x02?", b"x"))


@attack("prompt keys of a watcher")
async def prompt_keys(aims: Aims, bounds: Bounds) -> None:
    """Open the prompt, write into it and close it."""
    await _press(aims, bounds, b"", (b"\x02:", b"x" * 100, b"\x03"))
