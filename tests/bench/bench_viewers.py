"""What a viewer is sent, beside what `tmux attach` sends for the same; and what a painted frame costs the gateway.

`python -m tests.bench.bench_viewers` prints three tables in Markdown. It passes no judgement:
figures only. Each scene runs in bash on a terminal of 80 × 24 cells, TERM=xterm-256color,
three times: on a pty by itself, under tmux (status off), and in a session watched by
`ssh` with the read-only link (status off). A scene is typed at the same pace in all three.
The CPU is that of the gateway's process, SSH's encryption included (Linux: /proc).
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncssh

from pairterm.types import Size
from tests.e2e.terminal import eventually
from tests.e2e.watcher import Watcher
from tests.e2e.world import Links, World, open_world

SIZE = Size(rows=24, cols=80)
QUIET_S = 0.6
MESSAGE_S = 4.5
"""After it no message about who came is shown any more."""

FLOOD_S = 5.0

CLIENTS = (1, 10, 100)
TICKS_S = 5.0

BASH = ["env", "PS1=$ ", "bash", "--norc", "--noediting"]

NOISE = """
import random, sys
random.seed(4)
for _ in range(6000):
    sys.stdout.write("".join(
        f"\\x1b[{random.randrange(30, 38)}m{random.choice('abcdefghijk')}" for _ in range(79)) + "\\x1b[m\\r\\n")
"""

TICKER = """
import sys, time
n = 0
while True:
    n += 1
    sys.stdout.write(f"\\r{n:8} a line of a program that counts, as most do while they work")
    sys.stdout.flush()
    time.sleep(0.05)
"""
"""Twenty frames a second, a row changed in each."""

Type = Callable[[bytes], None]


def typing(type_in: Type, _: World) -> None:
    """Type 200 characters of a command, 25 a second."""
    for char in ("echo " + "the quick brown fox " * 4)[:66] * 3:
        type_in(char.encode())
        time.sleep(0.04)


def scrolling(type_in: Type, _: World) -> None:
    """Print 200 lines, 50 a second."""
    type_in(b"for n in $(seq 200); do echo line $n of a build log, with some words; sleep 0.02; done\r")
    time.sleep(5)


def paging(type_in: Type, world: World) -> None:
    """Page down 20 times in vim with colours, then leave."""
    type_in(f"vim -u NONE -c 'syntax on' {world.root}/paged.py\r".encode())
    time.sleep(1.5)
    for _ in range(20):
        type_in(b"\x06")
        time.sleep(0.25)
    type_in(b":q\r")


def plain_flood(type_in: Type, _: World) -> None:
    """Print 300,000 numbers as fast as it goes."""
    type_in(b"seq 300000\r")


def coloured_flood(type_in: Type, world: World) -> None:
    """Print 2.5 MB in which each character has a colour."""
    type_in(f"{sys.executable} {world.root}/noise.py\r".encode())


SCENES = {
    "typing, 198 keys": typing,
    "scrolling, 200 lines at 50 a second": scrolling,
    "vim, 20 pages with colours": paging,
    "flood: `seq 300000`": plain_flood,
    "flood: 6,000 lines, a colour a character": coloured_flood,
}


@contextmanager
def opened(world: World, argv: Sequence[str]) -> Iterator[Watcher]:
    watcher = Watcher(world, None, argv, SIZE)
    try:
        yield watcher
    finally:
        watcher.close()


def settle(watcher: Watcher) -> None:
    """Wait until nothing came for a moment."""
    while True:
        before = watcher.received_bytes
        time.sleep(QUIET_S)
        if watcher.received_bytes == before and before:
            return


def sent(scene: Callable[[Type, World], None], world: World, typist: Watcher, viewer: Watcher) -> int:
    """Return how many bytes a viewer was sent for a scene."""
    settle(viewer)
    time.sleep(MESSAGE_S)
    before = viewer.received_bytes
    scene(typist.type, world)
    settle(viewer)
    return viewer.received_bytes - before


def by_itself(scene: Callable[[Type, World], None], world: World) -> int:
    with opened(world, BASH) as watcher:
        return sent(scene, world, watcher, watcher)


def under_tmux(scene: Callable[[Type, World], None], world: World) -> int:
    config = world.root / "tmux.conf"
    config.write_text("set -g status off\nset -g default-terminal tmux-256color\n")
    with opened(world, ["tmux", "-S", str(world.root / "bench"), "-f", str(config), "new", *BASH]) as watcher:
        count = sent(scene, world, watcher, watcher)
        world.run_any("tmux", "-S", str(world.root / "bench"), "kill-server")
        return count


def in_a_session(scene: Callable[[Type, World], None], world: World) -> int:
    links = world.new("bench", *BASH)
    with opened(world, world.ssh_command(links.rw)) as typist, opened(world, world.ssh_command(links.ro)) as viewer:
        count = sent(scene, world, typist, viewer)
    world.run("kill", "-t", "bench")
    return count


def compare_bytes(world: World) -> None:
    """Print the table of bytes."""
    (world.root / "noise.py").write_text(NOISE)
    paged = Path(asyncio.__file__).with_name("base_events.py").read_text()
    (world.root / "paged.py").write_text(paged)
    print("| scene | the program's bytes | tmux 80×24 | pairterm 80×24 | of tmux's |\n|---|---|---|---|---|")
    for name, scene in SCENES.items():
        raw, tmux, ours = by_itself(scene, world), under_tmux(scene, world), in_a_session(scene, world)
        print(f"| {name} | {raw:,} | {tmux:,} | {ours:,} | {ours / tmux:.0%} |", flush=True)


def interrupt(world: World) -> None:
    """Print what floods without an end cost a viewer, and how soon C-c is over, as the viewer sees it."""
    endless = (world.root / "noise.py").read_text().replace("for _ in range(6000):", "while True:")
    (world.root / "endless.py").write_text(endless)
    links = world.new("bench", *BASH)
    print("\n| flood | bytes a second | C-c to the next command's output, ms |\n|---|---|---|")
    with opened(world, world.ssh_command(links.rw)) as typist, opened(world, world.ssh_command(links.ro)) as viewer:
        settle(viewer)
        for number, flood in enumerate(("yes", f"{sys.executable} {world.root}/endless.py")):
            typist.type(f"{flood}\r".encode())
            time.sleep(1)
            before, start_s = viewer.received_bytes, time.monotonic()
            time.sleep(FLOOD_S)
            rate = (viewer.received_bytes - before) / (time.monotonic() - start_s)
            start_s = time.monotonic()
            typist.type(b"\x03clear; echo over-$((40+%d))\r" % number)
            while b"over-4%d" % number not in viewer.received[-20_000:]:
                time.sleep(0.002)
            print(
                f"| {'yes' if number == 0 else 'a colour a character'} | {rate:,.0f} | "
                f"{(time.monotonic() - start_s) * 1000:.0f} |",
                flush=True,
            )
    world.run("kill", "-t", "bench")


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def watched_cost(links: Links, clients: int, pid: int) -> tuple[float, float]:
    """Return the gateway's CPU seconds for each second, and for each picture that a client got."""
    connections = []
    chunks = 0
    async with asyncio.TaskGroup() as group:

        async def read(process: asyncssh.SSHClientProcess[bytes]) -> None:
            nonlocal chunks
            while await process.stdout.read(65536):
                chunks += 1

        for _ in range(clients):
            connection = await asyncssh.connect(
                links.ro.host, links.ro.port, username=links.ro.user, known_hosts=None, client_keys=None, config=None
            )
            process = await connection.create_process(term_type="xterm-256color", term_size=(80, 24), encoding=None)
            connections.append(connection)
            group.create_task(read(process))
        await asyncio.sleep(1)
        before, chunks_before, start_s = cpu_s(pid), chunks, time.monotonic()
        await asyncio.sleep(TICKS_S)
        spent_s, got, passed_s = cpu_s(pid) - before, chunks - chunks_before, time.monotonic() - start_s
        for connection in connections:
            connection.close()
    return spent_s / passed_s, spent_s / max(got, 1)


def measure_cpu(world: World) -> None:
    """Print the table of CPU."""
    (world.root / "ticker.py").write_text(TICKER)
    links = world.new("ticker", sys.executable, str(world.root / "ticker.py"))
    pid = world.gateway_pid()
    print("\n| clients | gateway's CPU at 20 frames a second | µs a painted frame and client |\n|---|---|---|")
    for clients in CLIENTS:
        share, each_s = asyncio.run(watched_cost(links, clients, pid))
        print(f"| {clients} | {share:.1%} | {each_s * 1e6:.0f} |", flush=True)
        eventually(lambda: not world.session("ticker")["clients"], "they never left")


def main() -> None:
    """Print all tables."""
    with open_world() as world:
        world.new("held", "cat")  # one's own gateway ends with its last session
        compare_bytes(world)
        interrupt(world)
        measure_cpu(world)


if __name__ == "__main__":
    main()
