"""How long `pairterm ls` and `pairterm new` take, and what many idle sessions of one user take.

`python -m tests.bench.bench_start [--repo PATH]…` prints two tables in Markdown, with a column for each checkout
of pairterm that is named (this one if none is). The checkouts take turns. It passes no judgement.

The first session of a user starts their own gateway, and the second one the fork server. For the other figures, both
are there. The prompt is a line that the session's bash prints before its first prompt, on a FIFO. A session is attached
when its first picture is on the terminal: then the links are shown. Memory is the PSS of all processes that serve
the sessions, without the shells: a page that n processes share counts 1/n for each.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import fcntl
import json
import os
import pty
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench.peers.account import cpu_s, pss_bytes

_TIMEOUT_S = 30

_SETTLE_S = 3.0
"""After the last session has started: what that began is over."""

_PICTURE = b"\x1b[?1049h"
"""The first picture begins with the alternate screen."""

_LINKS = b"How guests join"
"""The heading of the page with the links, which is shown first."""

_CURSOR_ASKED = b"\x1b[6n"

_CURSOR_ANSWER = b"\x1b[2;3R"
"""A terminal answers at once. These answers say that each probed text is two cells wide."""


class _Place:
    """The commands of one checkout, with sockets, state and configuration of their own."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo
        self._root = Path(tempfile.mkdtemp(prefix="pts-"))
        self._fifo = self._root / "prompt"
        os.mkfifo(self._fifo)
        self.prompts = os.open(self._fifo, os.O_RDWR | os.O_NONBLOCK)
        self._environment = {
            **os.environ,
            "HOME": str(self._root),
            "LANG": "C.UTF-8",
            "PAIRTERM_TMPDIR": str(self._root),
            "PYTHONPATH": str(repo.resolve()),
            "TERM": "xterm-256color",
            "XDG_CONFIG_HOME": str(self._root / "config"),
            "XDG_STATE_HOME": str(self._root / "state"),
        }
        self._environment.pop("PAIRTERM", None)
        # pip compiles what it installs. To compile all modules at each start takes as long as to load them.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        compileall.compile_dir(str(repo / "pairterm"), quiet=1)
        self._gateway: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End all sessions."""
        for name in self._names():
            self.run("kill", "-t", name)
        if self._gateway is not None:
            self._gateway.terminate()
            self._gateway.wait()
        os.close(self.prompts)
        shutil.rmtree(self._root, ignore_errors=True)

    def serve(self) -> None:
        """Start a gateway that allows many sessions. The sessions that follow are there."""
        config, link_socket = self._root / "gateway.toml", self._root / "link.sock"
        config.write_text('listen = ["127.0.0.1:0"]\nmax_sessions_per_user = 1000\n[hosts]\nallow = "anyone"\n')
        argv = self._argv("serve", "--json", "--config", str(config), "--link-socket", str(link_socket))
        self._gateway = subprocess.Popen(argv, env=self._environment, stdout=subprocess.PIPE, cwd=self._root)
        assert self._gateway.stdout is not None
        with self._gateway.stdout as told:
            told.readline()
        self._environment["PAIRTERM_GATEWAY"] = str(link_socket)

    def run(self, *arguments: str) -> str:
        """Run a command, and return what it prints."""
        return subprocess.run(
            self._argv(*arguments), env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            check=True, timeout=_TIMEOUT_S, text=True, cwd=self._root,
        ).stdout  # fmt: skip

    def new(self, name: str, *options: str) -> list[str]:
        """Return the arguments that start a session with a shell that tells when it prompts."""
        # Without a further variable in the environment: PROMPT_COMMAND is unset again by its own run.
        told = f"PROMPT_COMMAND=unset PROMPT_COMMAND; echo {name} $EPOCHREALTIME >{self._fifo}"
        return ["new", *options, "-s", name, "--", "env", told, "bash", "--norc", "--noprofile"]

    def prompt(self, name: str) -> float:
        """Wait for the prompt of a session, and return when it came."""
        while select.select([self.prompts], [], [], _TIMEOUT_S)[0]:
            told, told_s = os.read(self.prompts, 4096).split()
            if told.decode() == name:
                return float(told_s)
        raise TimeoutError(name)

    def attached(self, name: str, size: tuple[int, int]) -> tuple[float, float]:
        """Start a session on a terminal; return when its first picture and its prompt were there. Then detach."""
        own, theirs = pty.openpty()
        fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("4H", *size, 0, 0))
        process = subprocess.Popen(
            self._argv(*self.new(name)), env=self._environment, cwd=self._root,
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        with contextlib.closing(os.fdopen(own, "rb", buffering=0)):
            times: list[float] = []
            seen = b""
            while _LINKS not in seen.partition(_PICTURE)[2]:
                if not select.select([own], [], [], _TIMEOUT_S)[0]:
                    raise TimeoutError(seen)
                data = os.read(own, 65536)
                os.write(own, _CURSOR_ANSWER * data.count(_CURSOR_ASKED))
                seen += data
            times.append(time.time())
            times.append(max(self.prompt(name), times[0]))
            os.write(own, b" \x02d")
            _read_to_the_end(own)
            process.wait(_TIMEOUT_S)
        return times[0], times[1]

    def _argv(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "pairterm", *arguments]

    def _names(self) -> list[str]:
        found: list[dict[str, Any]] = json.loads(self.run("ls", "--json"))
        return [each["session"] for each in found]

    def servers(self) -> list[int]:
        """Return the processes of this user that serve these sessions, found by the directory of their sockets."""
        mark = f"PAIRTERM_TMPDIR={self._root}".encode()
        found = []
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError, ValueError):
                place = Path("/proc", str(int(entry)))
                if mark in place.joinpath("environ").read_bytes().split(b"\0"):
                    argv = place.joinpath("cmdline").read_bytes()
                    if b"pairterm.host" in argv and b"PROMPT_COMMAND" not in argv:
                        found.append(int(entry))
        return found


def _read_to_the_end(fd: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(fd, 65536):
            pass


def _start_times(places: list[_Place], rounds: int, size: tuple[int, int]) -> dict[str, list[list[float]]]:
    """Return the seconds of each start, for each figure and checkout."""
    figures: dict[str, list[list[float]]] = {}

    def add(figure: str, number: int, seconds: float) -> None:
        figures.setdefault(figure, [[] for _ in places])[number].append(seconds)

    for place in places:
        place.run(*place.new("stays", "-d"))
        place.prompt("stays")
    for turn in range(rounds):
        for number, place in enumerate(places):
            with contextlib.closing(_Place(place.repo)) as empty:
                for name in ("first", "second"):
                    began = time.time()
                    empty.run(*empty.new(name, "-d"))
                    add(f"the {name} `new -d` to the prompt", number, empty.prompt(name) - began)
            began = time.time()
            place.run("ls")
            add("`ls`", number, time.time() - began)
            name = f"detached{turn}"
            began = time.time()
            place.run(*place.new(name, "-d"))
            add("`new -d`", number, time.time() - began)
            add("`new -d` to the prompt", number, place.prompt(name) - began)
            place.run("kill", "-t", name)
            name = f"attached{turn}"
            began = time.time()
            picture, prompt = place.attached(name, size)
            add("`new` to the first picture", number, picture - began)
            add("`new` to picture and prompt", number, prompt - began)
            place.run("kill", "-t", name)
    return figures


def _memory(place: _Place, sessions: int, seconds: float, size: tuple[int, int]) -> tuple[float, float, float]:
    """Start idle sessions. Return the bytes of all hosts, their share of a CPU, and the seconds of all starts."""
    place.serve()
    began = time.time()
    for number in range(sessions):
        place.run(*place.new(f"idle{number}", "-d", "-y", str(size[0]), "-x", str(size[1])))
        place.prompt(f"idle{number}")
    started_s = time.time() - began
    time.sleep(_SETTLE_S)
    pids = place.servers()
    before_s = cpu_s(pids)
    time.sleep(seconds)
    return float(pss_bytes(pids)), (cpu_s(pids) - before_s) / seconds, started_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_start", description=__doc__)
    parser.add_argument("--repo", type=Path, action="append", default=[], help="a checkout; the first is the base")
    parser.add_argument("--rounds", type=int, default=10, help="starts of each kind and checkout")
    parser.add_argument("--sessions", type=int, default=100, help="idle sessions; 0: leave them out")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the idle sessions are watched")
    parser.add_argument("--size", default="80x24", help="of the sessions, columns x rows")
    options = parser.parse_args()
    cols, rows = (int(each) for each in options.size.split("x"))
    repos = options.repo or [Path(__file__).parents[2]]
    head = "| | " + " | ".join(each.resolve().name for each in repos) + " | ratio |\n|---|" + "---:|" * (len(repos) + 1)
    with ExitStack() as stack:
        places = [stack.enter_context(contextlib.closing(_Place(each))) for each in repos]
        print(f"milliseconds, lower quartile and median\n\n{head}")
        for figure, each in _start_times(places, options.rounds, (rows, cols)).items():
            lows = [statistics.quantiles(samples, n=4)[0] * 1e3 for samples in each]
            cells = [
                f"{low:.0f}, {statistics.median(samples) * 1e3:.0f}" for low, samples in zip(lows, each, strict=True)
            ]
            print(f"| {figure} | {' | '.join(cells)} | {lows[-1] / lows[0]:.2f} |", flush=True)
    if not options.sessions:
        return
    found = []
    for repo in repos:
        with contextlib.closing(_Place(repo)) as place:
            found.append(_memory(place, options.sessions, options.seconds, (rows, cols)))
    print(f"\n{options.sessions} idle sessions\n\n{head}")
    mib = [each[0] / (1 << 20) for each in found]
    print(f"| memory of all, MiB | {' | '.join(f'{each:.0f}' for each in mib)} | {mib[-1] / mib[0]:.2f} |")
    each_mib = [value / options.sessions for value in mib]
    print(f"| of each, MiB | {' | '.join(f'{value:.1f}' for value in each_mib)} | |")
    print(f"| CPU, share of a core | {' | '.join(f'{each[1]:.2%}' for each in found)} | |")
    print(f"| started in, s | {' | '.join(f'{each[2]:.1f}' for each in found)} | {found[-1][2] / found[0][2]:.2f} |")


if __name__ == "__main__":
    main()
