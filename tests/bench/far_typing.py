"""What is typed from far away in each program, and what was seen of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["TEXTS", "Samples", "Typist", "type_all"]

TEXTS = {
    "bash": ("env PS1=here: bash --norc --noprofile", "here:", ["echo hello world", "ls -la /tmp", "git status"], "\r"),
    "vim": (
        "vim -u NONE -c startinsert",
        "",
        ["The quick brown fox", "jumps over the lazy", "dog and comes back"],
        "\r",
    ),
    "python": ("python3 -q", ">>> ", ["total = 12 + 30", "print(total * 2)", "name = 'ana'"], "\r"),
}
"""Of each program: its command, its prompt, the lines that are typed, and what ends one."""


@dataclass
class Samples:
    """What was seen of one way and program."""

    keys_s: list[float] = field(default_factory=list)
    wrong: int = 0
    glyphs: int = 0


class Typist(Protocol):
    """Somebody who types in a terminal, and looks at it."""

    async def write(self, text: str) -> None:
        """Type a text at once."""

    async def until_line(self, text: str) -> None:
        """Wait until the line of the cursor is this text."""

    async def type_line(self, text: str, end: str, samples: Samples) -> None:
        """Type a line as people do, key after key, and do not wait for the echo."""


async def type_all(person: Typist, rounds: int) -> dict[str, Samples]:
    """Type some lines in each program, so many times."""
    found: dict[str, Samples] = {}
    for name, (command, prompt, lines, end) in TEXTS.items():
        samples = found[name] = Samples()
        await person.write(f"clear; {command}\r")
        await asyncio.sleep(2.0)
        for text in lines * rounds:
            await person.until_line(prompt)
            await asyncio.sleep(0.5)
            await person.type_line(text, end, samples)
            await asyncio.sleep(0.6)
        for each in {"bash": ["exit\r"], "vim": ["\x1b", ":q!\r"], "python": ["exit()\r"]}[name]:
            await person.write(each)
            await asyncio.sleep(1.0)
    return found
