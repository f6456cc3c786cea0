"""What a recorder costs a session: the echo of a key, an idle minute, and a minute of `yes` on the disk.

`python -m tests.bench.bench_recorder` prints a table in Markdown. It passes no judgement. One
guest types in one session of 80×24, in turns with a recorder and without, so the echoes come
from one run. CPU is the kernel's run time in nanoseconds, so an idle process that wakes up
once counts. `yes` fills the screen with one line, so a flood of numbers is measured too.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from pairterm.types import Size
from tests.bench.peers.account import cpu_s, descendants
from tests.bench.peers.crowd import Crowd
from tests.bench.peers.targets import Pairterm

_SIZE = Size(rows=24, cols=80)

_SETTLE_S = 2.0
"""Before a figure is taken: everything that the step before has begun is over."""

_START_S = 30.0


class _Bench:
    """One session with a guest who types, and its recordings."""

    def __init__(self, target: Pairterm, crowd: Crowd, directory: Path) -> None:
        self._target = target
        self._crowd = crowd
        self._directory = directory
        self._files = 0

    async def record(self) -> Path:
        """Begin to record; return the file when it has a line."""
        self._files += 1
        file = self._directory / f"{self._files}.cast"
        await asyncio.to_thread(self._target.owner_command, "record", str(file))
        async with asyncio.timeout(_START_S):
            while not _size(file):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.05)
        return file

    async def end_recording(self) -> None:
        """End the recording, and wait until its recorder has gone."""
        await asyncio.to_thread(self._target.owner_command, "record", "--off")
        async with asyncio.timeout(_START_S):
            while self._recorders():  # noqa: ASYNC110 - another process ends
                await asyncio.sleep(0.05)

    def _recorders(self) -> list[int]:
        below = {child for pid in self._target.host_pids() for child in descendants(pid)}
        return [pid for pid in below if b"pairterm.recorder" in _command_line(pid)]

    async def type_keys(self, keys: int) -> tuple[list[float], float]:
        """Return the seconds of each key's echo, and the CPU time of host and gateway for one key."""
        await asyncio.sleep(_SETTLE_S)
        pids = self._target.server_pids()
        before_s = cpu_s(pids)
        taken_s = await self._crowd.type_keys(keys)
        return taken_s, (cpu_s(pids) - before_s) / keys

    async def idle(self, seconds: float) -> tuple[float, float]:
        """Return the CPU seconds of host and gateway, and those of the recorder, while nothing happens."""
        await asyncio.sleep(2 * _SETTLE_S)
        servers, recorders = self._target.server_pids(), self._recorders()
        before = cpu_s(servers), cpu_s(recorders)
        await asyncio.sleep(seconds)
        return cpu_s(servers) - before[0], cpu_s(recorders) - before[1]

    async def flood(self, command: bytes, seconds: float, file: Path) -> tuple[int, float]:
        """Return by how many bytes the file grows during a flood, and the CPU seconds of the recorder."""
        before, before_s = _size(file), cpu_s(self._recorders())
        self._crowd.driver.type(command + b"\r")
        await asyncio.sleep(seconds)
        taken_s = cpu_s(self._recorders()) - before_s
        self._crowd.driver.type(b"\x03")
        await asyncio.sleep(_SETTLE_S)
        return _size(file) - before, taken_s


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def _measure(bench: _Bench, options: argparse.Namespace) -> None:
    echoes: dict[bool, list[float]] = {False: [], True: []}
    cpu: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(2 * options.rounds):
        is_recorded = bool(turn % 2)
        if is_recorded:
            await bench.record()
        taken_s, key_s = await bench.type_keys(options.keys)
        echoes[is_recorded] += taken_s
        cpu[is_recorded].append(key_s)
        if is_recorded:
            await bench.end_recording()
    print("| | without, ms | with a recorder, ms | ratio |\n|---|---|---|---|")
    for name, found in (("the echo of a key, median", echoes), ("CPU of host and gateway for a key", cpu)):
        alone, recorded = (statistics.median(found[each]) * 1e3 for each in (False, True))
        print(f"| {name} | {alone:.2f} | {recorded:.2f} | {recorded / alone:.2f} |")

    alone_s = await bench.idle(options.seconds)
    file = await bench.record()
    servers_s, recorder_s = await bench.idle(options.seconds)
    print(f"\nIdle for {options.seconds:.0f} s: host and gateway {alone_s[0] * 1e3:.1f} ms of CPU without a recorder,")
    print(f"{servers_s * 1e3:.1f} ms with one. The recorder itself: {recorder_s * 1e3:.1f} ms.")
    for command in (b"yes", b"seq 1000000000"):
        size, flood_s = await bench.flood(command, options.seconds, file)
        cost = f"{size / 1e6:.2f} MB, {flood_s:.1f} s of the recorder's CPU"
        print(f"`{command.decode()}` for {options.seconds:.0f} s: {cost}")


async def _run(options: argparse.Namespace) -> None:
    target = Pairterm()
    await asyncio.to_thread(target.start, _SIZE)
    try:
        with tempfile.TemporaryDirectory() as directory:
            async with Crowd(target, _SIZE) as crowd:
                await _measure(_Bench(target, crowd, Path(directory)), options)
    finally:
        await asyncio.to_thread(target.stop)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_recorder", description=__doc__)
    parser.add_argument("--keys", type=int, default=100, help="keys a turn")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is idle, and how long `yes` runs")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
