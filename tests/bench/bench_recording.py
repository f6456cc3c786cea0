"""Ten hours of `top`: how long a seek takes with keyframes, and without.

`python -m tests.bench.bench_recording [--hours 10]` prints tables in Markdown. It passes no
judgement. It runs `top` on a pty for half a minute, and records the screens once a second
again and again, on a clock of its own, until the hours are full.
"""

from __future__ import annotations

import argparse
import os
import pty
import random
import select
import statistics
import tempfile
import time
from itertools import cycle
from pathlib import Path

from pairterm.cli.recording_reader import RecordingReader
from pairterm.record.chain import signer
from pairterm.record.events import Header
from pairterm.record.keyframes import Keyframe, keyframes_key
from pairterm.record.playback import Playback
from pairterm.record.writer import RecordingWriter
from pairterm.recorder.recording_file import RecordingFile
from pairterm.runtime.keyframe_file import KeyframeFile, keyframes_path
from pairterm.runtime.recording_key import recording_key
from pairterm.runtime.recording_lines import RecordingLines
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import Size

SIZE = Size(rows=50, cols=120)
_SEEKS = 200
_SCREENS = 30


def screens_of_top() -> list[Frame]:
    """Return the screens of a `top` that runs now, one a second."""
    pid, master = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": str(SIZE.cols), "LINES": str(SIZE.rows)}
        os.execvp("top", ["top", "-d", "1"])
    terminal = Terminal(SIZE)
    found: list[Frame] = []
    while len(found) < _SCREENS:
        if select.select([master], [], [], 0.3)[0]:
            terminal.feed(os.read(master, 65536))
            terminal.take_replies()
        elif not found or terminal.snapshot() is not found[-1]:
            found.append(terminal.snapshot())
    os.close(master)
    os.waitpid(pid, 0)
    return found


def record(path: Path, hours: float) -> None:
    """Write the recording, and its keyframes, as the recorder does."""
    private = recording_key()
    sign, key = signer(private)
    writer = RecordingWriter(Header(size=SIZE, key=key), sign)
    file, keyframes = RecordingFile(path), KeyframeFile(keyframes_path(path), keyframes_key(private))
    screens = cycle(screens_of_top())
    for second in range(int(hours * 3600)):
        writer.show(next(screens), float(second))
        writer.seal()
        file.append(writer.take(), syncs=False)
        keyframes.append(writer.take_keyframes())
    writer.seal(is_last=True)
    file.append(writer.take(), syncs=True)
    file.finish()
    file.close()
    keyframes.close()


def seeks_ms(reader: RecordingReader, keyframes: list[Keyframe], count: int) -> list[float]:
    """Return how long seeks to random times take, each with a player that was elsewhere before."""
    playback = Playback(reader.header, reader.events, keyframes)
    places = random.Random(1)
    found = []
    for _ in range(count):
        at_s = places.uniform(0, reader.times[-1])
        began_s = time.perf_counter()
        playback.seek(at_s)
        found.append((time.perf_counter() - began_s) * 1e3)
    return sorted(found)


def measure(path: Path) -> None:
    """Print the figures of one file."""
    began_s = time.perf_counter()
    with RecordingLines(path) as lines:
        reader = RecordingReader(path, lines)
    keyframes = reader.keyframes()
    opened_s = time.perf_counter() - began_s
    with_ms = seeks_ms(reader, keyframes, _SEEKS)
    began_s = time.perf_counter()
    Playback(reader.header, reader.events).seek(reader.times[-1])
    whole_s = time.perf_counter() - began_s
    sizes = [f"{each.stat().st_size / 1e6:.1f} MB" for each in (path, keyframes_path(path))]
    seeks = [f"{each:.0f} ms" for each in (statistics.median(with_ms), with_ms[-1])]
    print(
        "|", " | ".join([path.name, *sizes, str(len(keyframes)), f"{opened_s:.1f} s", *seeks, f"{whole_s:.0f} s"]), "|"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=10.0)
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory() as directory:
        os.environ["XDG_STATE_HOME"] = directory
        print(
            "| file | size | keyframes | how many | opened in | a seek | the longest | to the end without keyframes |"
        )
        print("|---|---|---|---|---|---|---|---|")
        for name in ("top.cast", "top.cast.zst"):
            path = Path(directory) / name
            record(path, hours)
            measure(path)


if __name__ == "__main__":
    main()
