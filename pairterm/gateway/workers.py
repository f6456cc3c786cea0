"""`pairterm serve --workers N`: the parent of several gateway processes that are one gateway for everybody.

The parent binds the ports, holds the link socket and the operator's, makes the host key, and forks. It serves nobody
and runs no event loop, so nothing stops it. Each worker has its own socket on each port (SO_REUSEPORT), and
the kernel spreads the guests over them. The parent keeps these sockets open: if a worker dies, newcomers
wait in its socket until the next one has started. With systemd's sockets, all workers accept on the same.
The workers find each other in a private directory (`LocalBus`).

A worker that gives no sign of life for 30 s is ended with SIGABRT, and its successor starts. The
parent passes on SIGTERM and SIGHUP, and speaks to systemd for all.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pairterm.cluster.service_directory import draw_gateway_name
from pairterm.config import parse_address
from pairterm.errors import PairtermError, SystemFault
from pairterm.gateway.gateway_settings import GatewaySettings, Serving, Worker
from pairterm.gateway.hosts.link_socket import held_link_socket, link_socket_path
from pairterm.gateway.listeners import bind
from pairterm.gateway.operator import bound_operator_socket
from pairterm.gateway.run import run_gateway
from pairterm.gateway.ssh.host_key import host_key
from pairterm.gateway.systemd import PassedSockets, notify, passed_sockets, watchdog_pause_s
from pairterm.gateway.worker_life import tell_ready
from pairterm.paths import made_private, operator_socket, state_dir
from pairterm.runtime.direct_loop import run

__all__ = ["run_workers", "worker_count"]

logger = logging.getLogger(__name__)

_OTHER_GATEWAY_S = 4.0
"""How long another gateway may take to end: see `run`."""

_SILENT_S = 30.0
"""Silence after which a worker is stuck."""

_START_S = 60.0
"""How long a worker may take to start."""

_STOP_S = 15.0
"""How long workers may take to end after SIGTERM: they give their guests two seconds."""

_LONG_LIFE_S = 10.0
"""A worker that lived for less starts again after a pause, which doubles each time."""

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0

_TURN_S = 1.0
"""How often the parent looks at times."""


def worker_count(wanted: int | str) -> int:
    """Return how many workers `wanted` is: "auto" is one for each processor that this process may use."""
    return max(1, len(os.sched_getaffinity(0))) if wanted == "auto" else int(wanted)


def run_workers(settings: GatewaySettings, count: int, on_ready: Callable[[Serving], None]) -> None:
    """Serve with so many workers until SIGTERM or SIGINT; `on_ready` is told where.

    Raises:
        SystemFault: A port, the host key or the link socket can't be had.
        UsageError: An address can't be read, or another gateway has the link socket.
    """
    config = settings.config
    passed = passed_sockets()
    state_directory = made_private(Path(config.state_directory)) if config.state_directory else state_dir()
    os.environ.setdefault("HOME", str(state_directory))
    host_key(state_directory)
    path = passed.link_path or link_socket_path(config, is_own=False)
    with (
        held_link_socket(path, wait_s=_OTHER_GATEWAY_S, passed=passed.link) as link,
        _directory(path, state_directory) as directory,
    ):
        operator = passed.operator or bound_operator_socket(operator_socket(path))
        try:
            sockets = _worker_sockets(settings, count, passed, link, operator)
            parent = _Parent(settings, directory, path, sockets, on_ready, may_close_ports=not passed.guests)
            parent.run()
        finally:
            if passed.operator is None:
                operator_socket(path).unlink(missing_ok=True)


@contextlib.contextmanager
def _directory(link_path: Path, state_directory: Path) -> Iterator[Path]:
    """Make the workers' private directory, empty: whoever holds the link socket may remove what a killed one left.

    It is beside the link socket, or in the state directory if systemd made that socket where only root may write.
    """
    name = f".{link_path.name}.workers"
    directory = link_path.with_name(name) if os.access(link_path.parent, os.W_OK) else state_directory / name
    try:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
    except OSError as error:
        raise SystemFault(f"can't make {directory}: {error.strerror}", code="workers") from error
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _worker_sockets(
    settings: GatewaySettings, count: int, passed: PassedSockets, link: socket.socket, operator: socket.socket
) -> list[PassedSockets]:
    """Return the sockets of each worker."""
    config = settings.config
    guests = [passed.guests] * count if passed.guests else _shared(config.listen, count)
    web = _shared(config.web.listen, count) if config.web.is_on else [[] for _ in range(count)]
    return [PassedSockets(guests[each], link, operator, web[each]) for each in range(count)]


def _shared(addresses: list[str], count: int) -> list[list[socket.socket]]:
    """Return sockets on all addresses for each worker.

    Raises:
        SystemFault: An address can't be had, also if another gateway of this user shares it already.
    """
    found: list[list[socket.socket]] = [[] for _ in range(count)]
    for each in addresses:
        host, port = parse_address(each)
        for sock in bind(host, port):  # Not shared: nobody else may listen there.
            port = port or int(sock.getsockname()[1])
            sock.close()
        for sockets in found:
            sockets += bind(host, port, is_shared=True)
    return found


@dataclass(slots=True)
class _Child:
    """One worker process."""

    number: int
    pid: int
    life: int
    """The end of its pipe that the parent reads."""
    began_s: float
    heard_s: float
    is_ready: bool = False
    is_draining: bool = False
    status: str = ""
    read: bytearray = field(default_factory=bytearray)


class _Parent:
    """The workers of one gateway, and what is done when one of them dies."""

    def __init__(
        self,
        settings: GatewaySettings,
        directory: Path,
        link_path: Path,
        sockets: list[PassedSockets],
        on_ready: Callable[[Serving], None],
        *,
        may_close_ports: bool,
    ) -> None:
        self._settings = settings
        self._may_close_ports = may_close_ports
        self._machine = draw_gateway_name()
        self._directory = directory
        self._link_path = link_path
        self._sockets = sockets
        self._on_ready = on_ready
        self._children: dict[int, _Child] = {}
        self._due: dict[int, float] = {}
        """When the worker of a number starts again."""
        self._pauses_s = [_FIRST_PAUSE_S] * len(sockets)
        self._serving: Serving | None = None
        self._is_announced = False
        self._told_s = float("-inf")
        """When systemd was told last."""
        self._stopping_s = float("inf")
        """When the workers were told to end."""
        self._fault: PairtermError | None = None
        self._alive_read, self._alive_write = os.pipe()
        """The parent keeps the writing end open; workers see it close."""

    def run(self) -> None:
        """Keep the workers running until they are stopped or have drained.

        Raises:
            SystemFault: A worker can't start.
        """
        wake_read, wake_write = os.pipe()
        for fd in (wake_read, wake_write):
            os.set_blocking(fd, False)
        signals: list[int] = []
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(each, lambda signum, frame: signals.append(signum))
        signal.set_wakeup_fd(wake_write)
        for number in range(len(self._sockets)):
            self._start(number)
        while self._children or self._due:
            watched = [wake_read, *(each.life for each in self._children.values())]
            ready, _, _ = select.select(watched, [], [], _TURN_S)
            if wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_read, 512)
            while signals:
                self._pass_on(signals.pop(0))
            for child in [each for each in self._children.values() if each.life in ready]:
                self._hear(child)
            self._bury()
            self._look(time.monotonic())
        signal.set_wakeup_fd(-1)
        if self._fault is not None:
            raise self._fault

    def _start(self, number: int) -> None:
        """Fork a worker."""
        read, write = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            self._be_worker(number, write)
        os.close(write)
        os.set_blocking(read, False)
        now_s = time.monotonic()
        self._children[pid] = _Child(number, pid, read, now_s, now_s)
        logger.info("worker %d is process %d", number, pid)

    def _be_worker(self, number: int, life_fd: int) -> None:
        """Serve as a worker, in the child. Never returns: what is above belongs to the parent."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(each, signal.SIG_DFL)
            os.close(self._alive_write)
            for each_child in self._children.values():
                os.close(each_child.life)
            mine = self._sockets[number]
            kept = {id(sock) for sock in [*mine.guests, *mine.web]}
            for other in self._sockets:
                for sock in [*other.guests, *other.web]:
                    if id(sock) not in kept:
                        sock.close()
            for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
                os.environ.pop(name, None)
            worker = Worker(
                number=number,
                machine=self._machine,
                directory=self._directory,
                sockets=mine,
                may_close_ports=self._may_close_ports,
                life_fd=life_fd,
                parent_fd=self._alive_read,
            )
            run(run_gateway(replace(self._settings, worker=worker), lambda where: tell_ready(worker, where)))
            status = 0
        except PairtermError as error:
            with contextlib.suppress(OSError):
                os.write(life_fd, json.dumps({"error": [error.message, error.code]}).encode() + b"\n")
        except BaseException:
            logger.exception("worker %d failed", number)
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _hear(self, child: _Child) -> None:
        """Take what a worker says."""
        with contextlib.suppress(BlockingIOError):
            child.read += os.read(child.life, 65_536)
        *lines, rest = bytes(child.read).split(b"\n")
        child.read = bytearray(rest)
        for line in lines:
            child.heard_s = time.monotonic()
            match json.loads(line):
                case {"ready": where}:
                    child.is_ready = True
                    where["listen"] = tuple(where["listen"])
                    self._serving = Serving(**where)
                    self._announce()
                case {"status": status}:
                    child.status = status
                case {"draining": True}:
                    child.is_draining = True
                case {"error": [message, code]}:
                    logger.error("worker %d can't serve: %s", child.number, message)
                    if not self._is_announced:
                        self._fault = SystemFault(message, code=code)
                        self._stop()

    def _announce(self) -> None:
        """Tell where the gateway is found, when all workers are ready for the first time."""
        if not self._is_announced and all(each.is_ready for each in self._children.values()):
            assert self._serving is not None
            self._is_announced = True
            self._on_ready(self._serving)
            notify("READY=1", may_wait=True)

    def _bury(self) -> None:
        """Take note of the workers that have ended."""
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is None:
                continue
            self._hear(child)
            os.close(child.life)
            code = os.waitstatus_to_exitcode(status)
            if self._stopping_s < float("inf"):
                continue
            if child.is_draining:  # Its sockets do not listen any more.
                logger.info("worker %d has drained: it ended with %d", child.number, code)
                continue
            if not self._is_announced:
                self._fault = self._fault or SystemFault(f"worker {child.number} could not start", code="workers")
                self._stop()
                continue
            self._start_later(child, code)

    def _start_later(self, child: _Child, code: int) -> None:
        now_s = time.monotonic()
        number = child.number
        lived_long = now_s - child.began_s >= _LONG_LIFE_S
        pause_s = 0.0 if lived_long else self._pauses_s[number]
        self._pauses_s[number] = _FIRST_PAUSE_S if lived_long else min(2 * pause_s, _LONGEST_PAUSE_S)
        self._due[number] = now_s + pause_s
        how = f"by signal {-code}" if code < 0 else f"with {code}"
        logger.warning("worker %d (process %d) ended %s: it starts again", number, child.pid, how)

    def _look(self, now_s: float) -> None:
        """Start workers that are due, end those that are stuck, and tell systemd."""
        for number in [each for each, due_s in self._due.items() if due_s <= now_s]:
            del self._due[number]
            self._start(number)
        for child in self._children.values():
            if now_s - child.heard_s > (_SILENT_S if child.is_ready else _START_S):
                logger.error("worker %d (process %d) gives no sign of life: it is ended", child.number, child.pid)
                child.heard_s = now_s
                os.kill(child.pid, signal.SIGABRT)
        if now_s > self._stopping_s + _STOP_S:
            for pid in self._children:
                os.kill(pid, signal.SIGKILL)
        if now_s < self._told_s + _TURN_S:
            return
        self._told_s = now_s
        sign = "WATCHDOG=1\n" if watchdog_pause_s() else ""
        counts = "; ".join(f"worker {each.number}: {each.status}" for each in self._children.values())
        notify(f"{sign}STATUS={counts}")

    def _pass_on(self, number: int) -> None:
        """Pass a signal on to the workers."""
        match number:
            case signal.SIGTERM | signal.SIGINT:
                self._stop()
            case signal.SIGHUP:
                self._tell(signal.SIGHUP)
            case _:
                pass  # A worker has ended: that is looked at anyway.

    def _stop(self) -> None:
        if self._stopping_s == float("inf"):
            self._stopping_s = time.monotonic()
            self._due.clear()
            notify("STOPPING=1")
        self._tell(signal.SIGTERM)

    def _tell(self, number: int) -> None:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
