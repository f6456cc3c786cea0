"""Law 6 from outside: a read-only client's bytes never reach the pty, whatever they are, and whoever asks.

The session runs a program that records what reaches it. At the end a client who
may type sends one byte: when that has arrived, nothing else may have.
"""

from __future__ import annotations

import os
import random
import re
import sys
from pathlib import Path

from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import DEADLINE_S, Terminal
from tests.e2e.world import Links, World

MEGABYTE = random.Random(6).randbytes(1 << 20)

ENDING = b"x" * 65_536 + b"\x1b\\\x07\x1b[201~" + b"\x02d" * 8
"""Ends what noise may have begun (a string, a paste, a prefix), and leaves. Of a packet of noise only the beginning is
looked at, so the `x` keep the rest out of one."""


def record_of(world: World, name: str) -> tuple[Links, Path]:
    """Start a session that records; return its links and the record."""
    path = world.root / f"{name}.record"
    return world.new(name, sys.executable, str(RECORDER), str(path)), path


def leave(watcher: Terminal) -> None:
    """Have a watcher leave by their own keys, whatever list or message they are in: all sent before has been read."""
    watcher.keys("C-b", "d")
    watcher.has_exited()


def nothing_arrived(world: World, name: str, links: Links, record: Path, answer: str = "mark 1") -> None:
    """Assert that one byte of a client who may type is all that the program has got."""
    writer = world.ssh(links.rw)
    writer.sees("recording")
    writer.type("!")
    writer.sees(answer)
    assert record.read_bytes() == b"!"
    world.run("kill", "-t", name)


def test_the_recorder_records_what_may_be_typed(town: World) -> None:
    """Without this, a recorder that records nothing would pass all tests of this file."""
    links, record = record_of(town, "control")
    writer = town.ssh(links.rw)
    writer.sees("recording")
    writer.keys("a", "C-c", "Up", "!")
    writer.sees("mark 1")
    assert record.read_bytes() == b"a\x03\x1b[A!"
    town.run("kill", "-t", "control")


def test_a_megabyte_of_noise_from_a_watcher_types_nothing(town: World) -> None:
    """Noise may hold the keys that leave: then another watcher goes on where the last one stopped."""
    links, record = record_of(town, "noise")
    command = town.ssh_command(links.ro, "-tt", "-e", "none")
    with (town.root / "noise").open("w+b") as noise:
        noise.write(MEGABYTE + ENDING)
        noise.seek(0)
        while os.lseek(noise.fileno(), 0, os.SEEK_CUR) < len(MEGABYTE + ENDING):
            process = town.start(*command, stdin=noise, environment={"TERM": "xterm"})
            # The gateway reads noise no faster than a guest's share of its time lets it.
            shown, told = process.communicate(timeout=6 * DEADLINE_S)
            assert process.returncode == 0, (shown, told)
            assert b"[detached from noise]" in shown
    nothing_arrived(town, "noise", links, record)


def test_keys_mouse_and_pastes_of_a_watcher_type_nothing(town: World) -> None:
    links, record = record_of(town, "keys")
    for watcher in (town.ssh(links.ro), town.attach("keys", "-r")):
        watcher.sees("recording")
        watcher.type("typed !")
        watcher.keys("Enter", "Escape", "Up", "F5", "M-x", "C-z", "C-b", "C-b")
        watcher.paste("pasted !\n")
        watcher.keys("C-b", "r")
        leave(watcher)
    nothing_arrived(town, "keys", links, record)


def test_a_watcher_who_types_a_line_stays_and_types_it_nowhere(town: World) -> None:
    """A watcher typed `quit`: the first letter threw them out, and the rest ran in a shell of their own."""
    links, record = record_of(town, "line")
    for watcher in (town.ssh(links.ro), town.attach("line", "-r")):
        watcher.sees("recording")
        for word in ("quit", "qq", "?", "[q"):
            watcher.enter(word)
        watcher.sees("you are watching; C-b r asks for the keyboard, C-b d leaves")
        assert "exit" not in watcher.screen()
        leave(watcher)
    nothing_arrived(town, "line", links, record)


def test_a_watcher_is_told_how_to_leave(town: World) -> None:
    links, record = record_of(town, "told")
    for watcher in (town.ssh(links.ro), town.attach("told", "-r")):
        watcher.sees("recording")
        watcher.keys("?")
        watcher.wait(lambda screen: bool(re.search(r"\bq\b.*(leave|detach)", screen)), "told how to leave")
    nothing_arrived(town, "told", links, record)


def test_a_watcher_that_goes_away_hangs_nothing_up(town: World) -> None:
    links, record = record_of(town, "gone")
    for _ in range(3):
        watcher = town.ssh(links.ro)
        watcher.sees("recording")
        watcher.close()
    nothing_arrived(town, "gone", links, record)
