"""How many bytes a client gets for what programs do, beside what `tmux attach` sends its client for the same.

Run with `python -m tests.bench.bench_view_bytes`; it needs tmux, vim and less, and takes a minute. A
program is run once on a pty and what it prints after each key is recorded; each recorded step is
then one picture here, and is printed in a pane there. Figures, not a test.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pairterm.terminal import Terminal
from pairterm.types import Role, Size
from pairterm.view import TerminalKind, View

SIZE = Size(rows=24, cols=80)
TERM = "xterm-256color"
_QUIET_S = 0.15
"""Silence after which a program or tmux is taken to be done with a step."""


@contextmanager
def on_pty(command: Sequence[str]) -> Iterator[int]:
    """Run a command on a pty of `SIZE`; yield the pty's master."""
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(TERM=TERM, LANG="C.UTF-8", LESS="", LESSHISTFILE="-")
        os.execvp(command[0], list(command))
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE.rows, SIZE.cols, 0, 0))
    try:
        yield master
    finally:
        os.kill(pid, signal.SIGHUP)
        os.close(master)
        os.waitpid(pid, 0)


def output_until_quiet(fd: int) -> bytes:
    out = b""
    while select.select([fd], [], [], _QUIET_S if out else 1.0)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    return out


def recorded(command: Sequence[str], keys: Sequence[bytes]) -> list[bytes]:
    """Return what a program prints at its start and after each key."""
    with on_pty(command) as master:
        steps = [output_until_quiet(master)]
        for key in keys:
            os.write(master, key)
            steps.append(output_until_quiet(master))
    return [step for step in steps if step]


def by_pairterm(steps: Sequence[bytes]) -> list[bytes]:
    """Return what a client of ours gets for each step."""
    terminal = Terminal(SIZE)
    view = View(session="bench", role=Role.READ_WRITE, size=SIZE, kind=TerminalKind.of(TERM))
    view.show(terminal.snapshot())
    view.paint(0.0)
    painted = []
    for step in steps:
        terminal.feed(step)
        view.show(terminal.snapshot())
        painted.append(view.paint(0.0))
    return painted


def by_tmux(steps: Sequence[bytes]) -> list[bytes]:
    """Return what `tmux attach` writes for each step, its status line off."""
    with tempfile.TemporaryDirectory() as folder:
        fifo, conf = Path(folder, "fifo"), Path(folder, "conf")
        os.mkfifo(fifo)
        conf.write_text("set -g status off\nset -g escape-time 0\nset -g default-terminal tmux-256color\n")
        tmux = ["tmux", "-S", str(Path(folder, "socket")), "-f", str(conf)]
        pane = f"stty raw -echo; exec cat {fifo}"
        try:
            with on_pty([*tmux, "new-session", pane]) as master, fifo.open("wb", buffering=0) as feed:
                output_until_quiet(master)
                got = []
                for step in steps:
                    feed.write(step)
                    got.append(output_until_quiet(master))
                return got
        finally:
            subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)


def scenarios() -> dict[str, list[bytes]]:
    text = max(Path(os.__file__).parent.glob("*.py"), key=lambda path: path.stat().st_size)
    found = {
        "typing 60 letters at a shell": [b"$ ", *(bytes((97 + at % 26,)) for at in range(60))],
        "60 lines of output, one by one": [f"line {at} of the output of a build\r\n".encode() for at in range(60)],
        "a flood of 20,000 lines, 50 pictures": [
            b"".join(f"{at * 400 + line} {'x' * (line % 60)}\r\n".encode() for line in range(400)) for at in range(50)
        ],
    }
    if shutil.which("vim"):
        start = ["vim", "-u", "NONE", "-N", "-n", "-c", "syntax on", "-c", "set nomore ruler", str(text)]
        found["vim: 10 pages down, 10 up"] = recorded(start, [b"\x06"] * 10 + [b"\x02"] * 10)
        found["vim: 40 lines down, then typing"] = recorded(start, [b"j"] * 40 + [b"A"] + [b"x"] * 20)
    if shutil.which("less"):
        found["less: 10 pages, 20 lines"] = recorded(["less", str(text)], [b" "] * 10 + [b"j"] * 20)
    return found


def main() -> None:
    print(f"{'what':38}{'program':>9}{'pairterm':>10}{'tmux':>9}{'ratio':>7}")
    for name, steps in scenarios().items():
        printed = sum(map(len, steps))
        ours = sum(map(len, by_pairterm(steps)))
        theirs = sum(map(len, by_tmux(steps)))
        print(f"{name:38}{printed:9}{ours:10}{theirs:9}{ours / theirs:7.2f}")


if __name__ == "__main__":
    main()
