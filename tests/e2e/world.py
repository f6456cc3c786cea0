"""A pairterm world of one test: its own home, sockets, state and gateway, and nothing left of it afterwards.

All of its processes carry its directory in `PAIRTERM_TMPDIR`, which is how they
are found again (Linux: /proc). They are ended by their pids, and a test that
leaves a process or a socket behind fails. The directory stands right under /tmp:
a Unix socket's path holds 103 bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pairterm.types import Size
from tests.e2e.terminal import DEADLINE_S, Terminal, Tmux, eventually

__all__ = ["Link", "Links", "Process", "World", "open_world"]

SMALL = Size(rows=24, cols=80)

_KILLED_AT_ONCE = 8

_PORTS = 20
"""Ports of one test process: more than it has gateways at a time, so that no other's takes one that is free again."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link, as `--json` prints it."""

    command: str
    user: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Links:
    """What `pairterm new -d --json` and `pairterm links --json` print."""

    session: str
    fingerprint: str
    known_hosts: str
    rw: Link
    ro: Link

    @classmethod
    def parse(cls, text: str) -> Links:
        """Return the links of the JSON text."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            session=found["session"],
            fingerprint=found["host_key"]["fingerprint"],
            known_hosts=found["host_key"]["known_hosts"],
            rw=Link(**found["links"]["ssh_rw"]),
            ro=Link(**found["links"]["ssh_ro"]),
        )


@dataclass(frozen=True, slots=True)
class Process:
    """A living process of a world."""

    pid: int
    argv: tuple[str, ...]
    environ: bytes

    def runs(self, module: str) -> bool:
        """Return whether this is `python -m module`."""
        return self.argv[-2:] == ("-m", module)


class World:
    """One test's pairterm."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.runtime = root / f"pairterm-{os.getuid()}"
        self.state = root / "state" / "pairterm"
        self.known_hosts = root / "known_hosts"
        self.environment = {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PAIRTERM_GATEWAY": "own",
            "PAIRTERM_TMPDIR": str(root),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SHELL": "/bin/bash",
            "USER": "tester",
            "XDG_CONFIG_HOME": str(root / "config"),
            "XDG_STATE_HOME": str(root / "state"),
        }
        if "PYTHONPATH" in os.environ:  # The tests of another work tree start that tree's code.
            self.environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        self.home.mkdir()
        # A login shell's /etc/profile sets a PATH and a prompt of its own.
        profile = f"PS1='here$ '; PATH={shlex.quote(self.environment['PATH'])}; unset HISTFILE PROMPT_COMMAND\n"
        (self.home / ".bash_profile").write_text(profile)
        (self.home / ".hushlogin").touch()
        # The whole terminal is the session's: what is shown can be held against a reference's.
        (root / "config" / "pairterm").mkdir(parents=True)
        # Browsers have tests of their own: here a gateway needs no second port, and links are the same without aiohttp.
        (root / "config" / "pairterm" / "config.toml").write_text(
            f"status = false\nweb = false\nport = {_first_port()}\n"
        )
        (self.home / ".vimrc").write_text("set nocompatible\n")
        self.tmux = Tmux(root / "tmux", self.environment)
        self._started: list[subprocess.Popen[bytes]] = []

    # Commands.

    def run(
        self,
        *arguments: str,
        status: int | None = 0,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run `pairterm` with pipes, no terminal; `status` None takes any exit status."""
        return self.run_any(
            "pairterm", *arguments, status=status, environment=environment, directory=directory or self.home
        )

    def run_any(
        self,
        *argv: str,
        status: int | None = 0,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in this world with pipes, no terminal."""
        done = subprocess.run(
            argv,
            env=self.environment | dict(environment or {}),
            cwd=directory or self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )
        assert status is None or done.returncode == status, (argv, done.returncode, done.stdout, done.stderr)
        return done

    def start(
        self, *argv: str, environment: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start a command in this world; it is ended with the world."""
        settings: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        } | options
        process: subprocess.Popen[bytes] = subprocess.Popen(
            argv, env=self.environment | dict(environment or {}), cwd=self.home, **settings
        )
        self._started.append(process)
        return process

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """Forget a command that has ended."""
        self._started.remove(process)

    def serve(self, *arguments: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        """Start `pairterm serve` on a free port of loopback; return it and what it says of itself.

        Its link socket is `gateway.sock` of the world: the world's sessions go through it from now on.
        With `PAIRTERM_TEST_WORKERS=3` it has so many workers, which no test may notice.
        """
        path = self.root / "gateway.sock"
        if count := os.environ.get("PAIRTERM_TEST_WORKERS", ""):
            arguments = (*arguments, "--workers", count)
        listen = () if "--listen" in arguments else ("--listen", "127.0.0.1:0", "--advertise", "127.0.0.1")
        with (self.root / "serve.log").open("ab") as log:
            process = self.start(
                "pairterm", "serve", "--json", "--link-socket", str(path), *listen, *arguments, stderr=log
            )
        self.environment["PAIRTERM_GATEWAY"] = str(path)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (self.root / "serve.log").read_text()
        return process, json.loads(line)

    def new(self, name: str, *command: str, options: Sequence[str] = ()) -> Links:
        """Start session `name` in the background and return its links, known to this world's ssh."""
        done = self.run("new", "-d", "--json", "-s", name, *options, *(("--", *command) if command else ()))
        return self.trust(Links.parse(done.stdout))

    def trust(self, links: Links) -> Links:
        """Put the printed host key where this world's ssh looks for it."""
        self.known_hosts.write_text(links.known_hosts + "\n")
        return links

    def sessions(self) -> list[dict[str, Any]]:
        """Return what `ls --json` prints."""
        found: list[dict[str, Any]] = json.loads(self.run("ls", "--json").stdout)
        return found

    def session(self, name: str) -> dict[str, Any]:
        """Return what `ls --json` prints of one session."""
        return next(each for each in self.sessions() if each["session"] == name)

    def ends(self, name: str) -> None:
        """Wait until session `name` is gone."""
        eventually(lambda: not (self.runtime / f"{name}.sock").exists(), f"session {name} never ended")

    # Terminals.

    def terminal(
        self, argv: Sequence[str], size: Size = SMALL, environment: Mapping[str, str] | None = None
    ) -> Terminal:
        """Open a terminal and run `argv` in it."""
        return Terminal(self.tmux, argv, size, environment=environment)

    def attach(self, name: str, *options: str, size: Size = SMALL) -> Terminal:
        """Open a terminal with `pairterm attach` in it."""
        return self.terminal(["pairterm", "attach", "-t", name, *options], size)

    def ssh(self, link: Link, *options: str, size: Size = SMALL) -> Terminal:
        """Open a terminal with a guest's `ssh` in it."""
        return self.terminal(self.ssh_command(link, *options), size)

    def ssh_command(self, link: Link, *options: str) -> list[str]:
        """Return the command of a link with this world's known hosts, and nobody's keys, agent or configuration."""
        program, *arguments = shlex.split(link.command)
        settings = {
            "GlobalKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(self.known_hosts),
        }
        fixed = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
        return [program, "-F", "/dev/null", *fixed, *options, *arguments]

    # Processes.

    def processes(self) -> list[Process]:
        """Return the living processes of this world, tmux and what it runs among them."""
        mark = f"PAIRTERM_TMPDIR={self.root}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    environ = (entry / "environ").read_bytes()
                    if mark in environ.split(b"\0"):
                        argv = (entry / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
                        found.append(Process(int(entry.name), tuple(argv), environ))
        return found

    def gateway_pid(self) -> int:
        """Return the pid of the user's own gateway."""
        return next(each.pid for each in self.processes() if each.runs("pairterm.gateway"))

    def log(self) -> str:
        """Return all that this world's processes logged."""
        files = [*self.state.glob("*.log"), self.root / "serve.log"]
        return "".join(path.read_text(errors="replace") for path in files if path.exists())

    # The end.

    def close(self) -> list[str]:
        """End everything; return what was left behind, in words."""
        self.tmux.close()
        # At the same time: a host that has lost its gateway takes two seconds to end.
        names = [path.name.removesuffix(".sock") for path in self.runtime.glob("[!.]*.sock")]
        with ThreadPoolExecutor(_KILLED_AT_ONCE) as threads:
            list(threads.map(lambda name: self.run("kill", "-t", name, status=None), names))
        for process in self._started:
            self._end(process)
        for each in self.processes():
            if each.runs("pairterm.gateway"):
                os.kill(each.pid, signal.SIGTERM)
        left = self._left_behind()
        return left + self._sockets()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _left_behind(self) -> list[str]:
        with contextlib.suppress(AssertionError):
            eventually(lambda: not self.processes(), "")
        left = self.processes()
        for each in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each.pid, signal.SIGKILL)
        return [f"process {each.pid}: {' '.join(each.argv)[:200]}" for each in left]

    def _sockets(self) -> list[str]:
        if not self.runtime.is_dir():
            return []
        return [f"socket {path}" for path in self.runtime.iterdir() if stat.S_ISSOCK(path.lstat().st_mode)]


def _first_port() -> int:
    """Return where this process's gateways look for a port: below those the kernel gives to connections."""
    return 10_000 + os.getpid() % 1_000 * _PORTS


@contextlib.contextmanager
def open_world() -> Iterator[World]:
    """Yield a new world, and end it: whatever it leaves behind is an error."""
    root = Path(tempfile.mkdtemp(prefix="pt-", dir="/tmp"))
    world = World(root)
    try:
        yield world
    finally:
        log = world.log()
        left = world.close()
        shutil.rmtree(root, ignore_errors=True)
    assert not left, f"left behind: {left}\n{log}"
