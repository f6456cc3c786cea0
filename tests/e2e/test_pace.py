"""How much a viewer is sent, and when: floods, stalls, and storms of resizes. Bytes are counted, nothing is timed.

The bounds on bytes allow for twice the setting: a byte too many is not what these look for, but a queue.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pairterm.types import Size
from tests.e2e.slow import SlowLine
from tests.e2e.terminal import eventually
from tests.e2e.watcher import Watcher, difference
from tests.e2e.world import Link, World
from tests.judge import judge_or_skip

SIZE = Size(rows=24, cols=80)
MAX_BYTES_PER_S = 1_000_000
MEBIBYTE = 1 << 20

NOISE = """
import random, sys, time
random.seed(4)
while True:
    time.sleep(0.001)
    sys.stdout.write("".join(
        f"\\x1b[{random.randrange(30, 38)}m{random.choice('abcdefghijk')}" for _ in range(79)) + "\\x1b[m\\r\\n")
"""
"""A program whose every line is new and has a colour a cell: the dearest text there is to send, screen after screen."""

TRAPPER = """
import os, signal, sys
def changed(*_):
    size = os.get_terminal_size()
    with open(sys.argv[1], "a") as record:
        record.write(f"{size.columns}x{size.lines}\\n")
signal.signal(signal.SIGWINCH, changed)
print("trapping", flush=True)
while True:
    signal.pause()
"""
"""A program that records each SIGWINCH with the size it finds then."""


@contextmanager
def watching(world: World, link: Link, *options: str, size: Size = SIZE) -> Iterator[Watcher]:
    watcher = Watcher(world, judge_or_skip(), world.ssh_command(link, *options), size)
    try:
        yield watcher
    finally:
        watcher.close()


def through(line: SlowLine, known_host: str) -> list[str]:
    """Return options of ssh that lead it through a line, to the host key it knows."""
    alias = known_host.partition(" ")[0]
    return ["-o", "HostName=127.0.0.1", "-o", f"Port={line.port}", "-o", f"HostKeyAlias={alias}"]


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def receives(watcher: Watcher, count: int) -> None:
    """Wait until a client has got so many bytes more."""
    goal = watcher.received_bytes + count
    eventually(lambda: watcher.received_bytes >= goal, "the pictures stopped")


def test_a_storm_of_resizes_is_a_few_signals_to_the_program(world: World) -> None:
    record = world.root / "sizes"
    record.touch()
    links = world.new("our_session", sys.executable, "-c", TRAPPER, str(record))
    with watching(world, links.rw) as guest:
        guest.sees("trapping")
        before = len(record.read_text().splitlines())
        start_s = time.monotonic()
        for number in range(60):
            guest.resize(Size(rows=24 + number % 20, cols=80 + number))
            time.sleep(0.005)
        guest.resize(Size(rows=31, cols=99))
        eventually(lambda: record.read_text().endswith("99x31\n"), lambda: record.read_text())
        sizes = record.read_text().splitlines()[before:]
        assert len(sizes) <= 3 + (time.monotonic() - start_s) / 0.1, sizes


def test_a_storm_of_a_watchers_resizes_is_none(world: World) -> None:
    record = world.root / "sizes"
    record.touch()
    links = world.new("our_session", sys.executable, "-c", TRAPPER, str(record))
    with watching(world, links.rw) as guest, watching(world, links.ro) as watcher:
        guest.sees("trapping")
        watcher.sees("trapping")
        for number in range(20):
            watcher.resize(Size(rows=5 + number, cols=30 + number))
        watcher.sees("trapping")
        before = record.read_text()
        guest.resize(Size(rows=25, cols=81))
        eventually(lambda: "81x25" in record.read_text(), record.read_text)
        assert set(record.read_text().removeprefix(before).split()) == {"81x25"}


def test_who_stalls_costs_little_and_stops_nobody_and_gets_the_newest_picture(world: World) -> None:
    """The stalled one's line holds 8 KB, the gateway no more than a painting: behind them stands no queue."""
    links = world.new("our_session")
    with (
        SlowLine((links.ro.host, links.ro.port), bytes_per_s=100 * MEBIBYTE) as line,
        watching(world, links.rw) as typing,
        watching(world, links.ro, *through(line, links.known_hosts)) as stalled,
    ):
        typing.sees("here$")
        stalled.sees("here$")
        line.stall()
        script = world.root / "noise.py"
        script.write_text(NOISE)
        typing.type(f"{sys.executable} {script}\r".encode())
        receives(typing, MEBIBYTE // 2)
        gateway = world.gateway_pid()
        before = resident_bytes(gateway)
        receives(typing, MEBIBYTE)
        assert resident_bytes(gateway) - before < MEBIBYTE * 3 // 4, "what the stalled one misses is kept"
        typing.type(b"\x03")
        typing.type(b"clear; echo calm-$((40+2))\r")
        typing.wait(lambda screen: screen.startswith("calm-42\nhere$"), "calm again")
        passed = line.passed_bytes
        line.go_on()
        stalled.wait(lambda screen: screen.startswith("calm-42\nhere$"), "shown the newest picture")
        assert line.passed_bytes - passed < 64 * 1024, "it was sent old pictures"


def test_a_client_that_reads_no_more_stops_nobody(world: World) -> None:
    """The ssh client itself stands still: its own buffers take what fits (2 MiB), the gateway keeps nothing."""
    links = world.new("our_session")
    with watching(world, links.rw) as typing, watching(world, links.ro) as stalled:
        typing.sees("here$")
        stalled.sees("here$")
        stalled.stall()
        script = world.root / "noise.py"
        script.write_text(NOISE)
        typing.type(f"{sys.executable} {script}\r".encode())
        receives(typing, MEBIBYTE // 2)
        before = resident_bytes(world.gateway_pid())
        receives(typing, MEBIBYTE)
        assert resident_bytes(world.gateway_pid()) - before < MEBIBYTE * 3 // 4, "what the stalled one misses is kept"
        typing.type(b"\x03")
        typing.type(b"clear; echo calm-$((40+2))\r")
        typing.wait(lambda screen: screen.startswith("calm-42\nhere$"), "calm again")
        stalled.go_on()
        stalled.wait(lambda screen: screen.startswith("calm-42\nhere$"), "shown the newest picture")


def test_a_flood_costs_a_viewer_a_bounded_number_of_bytes_and_ends_by_ctrl_c(world: World) -> None:
    links = world.new("our_session")
    with watching(world, links.rw) as typing, watching(world, links.ro) as looking:
        for each in (typing, looking):
            each.sees("here$")
        script = world.root / "noise.py"
        script.write_text(NOISE)
        for flood in ("yes", f"{sys.executable} {script}"):
            start_s, start_bytes = time.monotonic(), looking.received_bytes
            typing.type(f"{flood}\r".encode())
            if flood == "yes":
                looking.wait(lambda screen: screen.splitlines()[:23] == ["y"] * 23, "full of it")
            else:
                receives(looking, MEBIBYTE // 2)
            typing.type(b"\x03")
            typing.type(b"clear; echo calm-$((40+2))\r")
            for each in (typing, looking):
                each.wait(lambda screen: screen.startswith("calm-42\nhere$"), "calm again")
            spent_s = time.monotonic() - start_s
            assert looking.received_bytes - start_bytes < 2 * MAX_BYTES_PER_S * (spent_s + 0.5)
            typing.type(b"clear\r")
            for each in (typing, looking):
                each.wait(lambda screen: screen.startswith("here$"), "clear")


def test_key_exchanges_in_the_middle_of_a_flood_lose_nothing(world: World) -> None:
    """Nothing is painted while keys are exchanged; afterwards the newest picture is."""
    links = world.new("our_session")
    log = world.root / "ssh.log"
    with (
        watching(world, links.rw) as typing,
        watching(world, links.ro, "-o", "RekeyLimit=32K", "-v", "-E", str(log)) as rekeying,
    ):
        typing.sees("here$")
        rekeying.sees("here$")
        script = world.root / "noise.py"
        script.write_text(NOISE)
        typing.type(f"{sys.executable} {script}\r".encode())
        receives(rekeying, MEBIBYTE // 2)
        typing.type(b"\x03")
        typing.type(b"clear; echo calm-$((40+2))\r")
        for each in (typing, rekeying):
            each.wait(lambda screen: screen.startswith("calm-42\nhere$"), "calm again")
        assert log.read_text().count("SSH2_MSG_NEWKEYS received") > 5, "no keys were exchanged"
        eventually(
            lambda: not difference(rekeying.frame(), typing.frame()),
            lambda: difference(rekeying.frame(), typing.frame()),
        )
