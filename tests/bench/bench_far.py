"""Typing from far away: how long until a typed character is on the screen, and how many wrong ones were.

`python -m tests.bench.bench_far` types in bash, in vim's insert mode and at a Python prompt, over a line with a
delay and a loss. It prints a table in Markdown: `pairterm join` and Chromium, with and without prediction, and mosh.
Chromium and mosh are left out where they are not installed. mosh has the same delays on its datagrams, and the same
share of them is dropped. A lost piece of a TCP stream is late by one retransmission, and so is what follows it. It
passes no judgement.

The time of a key is from its write until the emulated screen shows all that was typed on its line. A wrong glyph is
a character on the line, at the time of an output, that the person did not type there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from pairterm.host.pty import PtyProgram
from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.bench.far_browser import far_page
from tests.bench.far_line import Line
from tests.bench.far_typing import Samples, type_all
from tests.bench.peers.targets import Pairterm

_SIZE = Size(rows=24, cols=80)


class Person:
    """Somebody who types in a terminal, and looks at the screen."""

    def __init__(self, argv: list[str], environment: dict[str, str]) -> None:
        self._screen = Terminal(_SIZE)
        self._program = PtyProgram(
            argv, executable=shutil.which(argv[0]) or argv[0], environment=environment, directory="/tmp", size=_SIZE
        )
        self._changed = asyncio.Event()
        self._random = random.Random(2)
        self.on_output: Callable[[], None] = lambda: None
        asyncio.get_running_loop().add_reader(self._program.master, self._read)

    def _read(self) -> None:
        data, goes_on = self._program.read()
        if not goes_on:
            asyncio.get_running_loop().remove_reader(self._program.master)
        self._screen.feed(data)
        if replies := self._screen.take_replies():
            self._program.write(replies)
        self.on_output()
        self._changed.set()

    def close(self) -> None:
        """Leave."""
        asyncio.get_running_loop().remove_reader(self._program.master)
        self._program.close()

    async def write(self, text: str) -> None:
        """Type a text at once."""
        self._program.write(text.encode())

    @property
    def line(self) -> str:
        """The text of the cursor's row up to the cursor."""
        frame = self._screen.snapshot()
        return frame.rows[frame.cursor.row].text[: frame.cursor.col]

    async def until(self, holds: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait for something on the screen."""
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def until_line(self, text: str) -> None:
        """Wait until the line of the cursor is this text."""
        await self.until(lambda: self.line.rstrip() == text.rstrip())

    async def type_line(self, text: str, end: str, samples: Samples) -> None:
        """Type a line as people do, key after key, and do not wait for the echo."""
        prompt, typed = self.line, ""
        sent: list[float] = []
        seen = 0

        def look() -> None:
            nonlocal seen
            shown = self.line
            if not shown.startswith(prompt.rstrip()):
                return
            glyphs = shown[len(prompt) :]
            samples.glyphs += len(glyphs)
            samples.wrong += sum(1 for at, glyph in enumerate(glyphs) if at >= len(typed) or glyph != typed[at])
            now_s = time.monotonic()
            while seen < len(sent) and len(glyphs) > seen and glyphs[: seen + 1] == typed[: seen + 1]:
                samples.keys_s.append(now_s - sent[seen])
                seen += 1

        self.on_output = look
        for char in text:
            typed += char
            sent.append(time.monotonic())
            await self.write(char)
            await asyncio.sleep(self._random.uniform(0.08, 0.25))
        await self.until(lambda: seen == len(sent))
        self.on_output = lambda: None
        await self.write(end)


async def _by_join(line: Line, predict: str, rounds: int) -> dict[str, Samples]:
    target = Pairterm()
    await asyncio.to_thread(target.start, _SIZE)
    try:
        door = target.door(may_type=True)
        async with line.stream(door.port) as port:
            argv = [sys.executable, "-P", "-m", "pairterm", "join", "--accept-new", "--predict", predict]
            person = Person([*argv, f"{door.user}@127.0.0.1:{port}"], target.environment | {"TERM": "xterm-256color"})
            try:
                await person.until(lambda: bool(person.line.strip()))
                return await type_all(person, rounds)
            finally:
                person.close()
    finally:
        await asyncio.to_thread(target.stop)


async def _by_browser(line: Line, predict: str, rounds: int) -> dict[str, Samples]:
    async with far_page(line, predict) as person:
        return await type_all(person, rounds)


async def _by_mosh(line: Line, rounds: int) -> dict[str, Samples]:
    environment = os.environ | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "SHELL": "/bin/sh"}
    said = await asyncio.to_thread(
        subprocess.run,
        ["mosh-server", "new", "-i", "127.0.0.1", "-c", "256", "--", "sh", "-i"],
        env=environment, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    found = re.search(r"MOSH CONNECT (\d+) (\S+)", said.stdout)
    pid = re.search(r"pid = (\d+)", said.stdout + said.stderr)
    assert found is not None
    assert pid is not None
    try:
        async with line.datagrams(int(found[1])) as port:
            person = Person(["mosh-client", "127.0.0.1", str(port)], environment | {"MOSH_KEY": found[2]})
            try:
                await person.until(lambda: bool(person.line.strip()))
                return await type_all(person, rounds)
            finally:
                person.close()
    finally:
        os.kill(int(pid[1]), 15)


def _row(way: str, program: str, samples: Samples) -> str:
    fast = sum(1 for each in samples.keys_s if each < 0.01) / len(samples.keys_s)
    median = statistics.median(samples.keys_s)
    wrong = samples.wrong / max(1, samples.glyphs)
    return f"| {way} | {program} | {median * 1e3:.1f} | {fast:.0%} | {wrong:.2%} |"


async def _run(options: argparse.Namespace) -> None:
    line = Line(options.round_trip / 2e3, options.loss / 100)
    print(f"Round trip {options.round_trip:.0f} ms, loss {options.loss:.0f} %.\n")
    print("| | | median, ms | within 10 ms | wrong glyphs |\n|---|---|---|---|---|")
    ways: dict[str, dict[str, Samples]] = {}
    for predict in ("adaptive", "never"):
        ways[f"pairterm join --predict {predict}"] = await _by_join(line, predict, options.rounds)
    for predict in ("adaptive", "never") if shutil.which("chromium") and shutil.which("chromedriver") else ():
        ways[f"browser, {predict}"] = await _by_browser(line, predict, options.rounds)
    if shutil.which("mosh-server") and shutil.which("mosh-client"):
        ways["mosh"] = await _by_mosh(line, options.rounds)
    for way, programs in ways.items():
        for program, samples in programs.items():
            print(_row(way, program, samples))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_far", description=__doc__)
    parser.add_argument("--round-trip", type=float, default=150.0, help="milliseconds")
    parser.add_argument("--loss", type=float, default=2.0, help="percent, each way")
    parser.add_argument("--rounds", type=int, default=2, help="how often the lines are typed in each program")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
