"""Requests to a session's host over its local socket, without an event loop: for commands that ask once and end."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import TYPE_CHECKING

import click
import msgspec

from pairterm import __version__
from pairterm.cli.nesting import session_around
from pairterm.cli.shared_options import named_by_socket
from pairterm.errors import PairtermError, SystemFault, UsageError
from pairterm.host.process_list import state_and_parent
from pairterm.link.command_answers import decode_answer
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import (
    MAX_COMMAND_CHARS,
    PROTOCOL,
    Hello,
    Kill,
    Query,
    RunCommand,
    SessionInfo,
    ShowText,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.paths import session_names, session_socket
from pairterm.runtime.socket_peer import peer_pid
from pairterm.session.session_names import check_name

if TYPE_CHECKING:
    from pairterm.link.messages import HostMessage, ViewerMessage

__all__ = [
    "ANSWER_TIMEOUT_S",
    "HostLink",
    "ask_info",
    "choose_session",
    "kill_session",
    "live_sessions",
    "run_command",
    "stopped_host",
    "wait_for",
]

ANSWER_TIMEOUT_S = 10.0
"""A host answers in milliseconds. A host that was stopped (SIGSTOP) never answers."""

LIST_TIMEOUT_S = 3.0
"""The same if all sessions are asked: a host that hangs must not delay the list of the others."""

_ASKED_AT_ONCE = 32

_RECEIVE_BYTES = 65_536


class HostLink:
    """A synchronous link to one host."""

    def __init__(self, name: str, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._name = name
        self._reader = FrameReader()
        self._waiting: list[bytes] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(session_socket(name)))
        except OSError as error:
            self._socket.close()
            raise UsageError(f"can't find session: {name}", code="no_session") from error
        stopped = stopped_host(name, self._socket)
        if stopped is not None:
            self._socket.close()
            raise stopped

    def __enter__(self) -> HostLink:
        try:
            self._greet()
        except BaseException:
            self._socket.close()
            raise
        return self

    def _greet(self) -> None:
        self.send(Hello(PROTOCOL, __version__, "client"))
        message = self.receive()
        if message is None:
            raise SystemFault(f"the host of {self._name} closed the link", code="unreachable")
        check_protocol(message, ours=__version__)
        self.receive()  # The settings of views, which are not needed here.

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def send(self, message: ViewerMessage) -> None:
        """Send a message."""
        try:
            self._socket.sendall(framed(msgspec.msgpack.encode(message)))
        except OSError as error:
            raise SystemFault(f"the host of {self._name} is gone", code="unreachable") from error

    def wait_without_end(self) -> None:
        """Let `receive` wait for as long as the host lives."""
        self._socket.settimeout(None)

    def receive(self) -> HostMessage | None:
        """Return the next message; None if the host closed the link."""
        while not self._waiting:
            try:
                data = self._socket.recv(_RECEIVE_BYTES)
            except TimeoutError as error:
                raise SystemFault(f"the host of {self._name} does not answer", code="unreachable") from error
            except OSError:
                return None
            if not data:
                return None
            self._waiting.extend(self._reader.feed(data))
        return decode_answer(self._waiting.pop(0))


def stopped_host(name: str, sock: socket.socket) -> SystemFault | None:
    """Return an error if the host at `sock` is stopped: the kernel connects us, but the host does not answer.

    None: the host runs, or the system does not tell (only Linux does).
    """
    pid = peer_pid(sock)
    found = state_and_parent(pid) if pid is not None else None
    if found is None or found[0] != "T":
        return None
    return SystemFault(f"the host of {name} is stopped: 'kill -CONT {pid}' resumes it", code="stopped")


def ask_info(name: str, *, timeout_s: float = ANSWER_TIMEOUT_S) -> SessionInfo:
    """Return the description of session `name` that its host gives.

    Raises:
        UsageError: There is no such session.
        SystemFault: Its host does not answer.
        PeerError: Its host is of another version.
    """
    with HostLink(name, timeout_s=timeout_s) as link:
        link.send(Query())
        message = link.receive()
        if not isinstance(message, SessionInfo):
            raise SystemFault(f"the host of {name} closed the link", code="unreachable")
        return message


def run_command(name: str, line: str, *, pane: int | None = None) -> str:
    """Run a command line in session `name`; return the answer. `pane`: the pane of the session that we run in.

    Raises:
        UsageError: There is no such session, or it refuses the command.
        SystemFault: Its host does not answer.
    """
    if len(line) > MAX_COMMAND_CHARS:
        raise UsageError(f"the command is too long: {MAX_COMMAND_CHARS} characters at most", code="command_line")
    with HostLink(name) as link:
        link.send(RunCommand(None, line, pane))
        message = link.receive()
        if not isinstance(message, ShowText):
            raise SystemFault(f"the host of {name} closed the link", code="link_closed")
        if message.is_error:
            raise UsageError(message.text, code="command_line")
        return message.text


def wait_for(name: str, option: str, channel: str) -> None:
    """Wake, lock or unlock a channel of `wait-for` in session `name`, or wait on it, for as long as the session lives.

    `option` is -S, -L, -U or -W, which waits.

    Raises:
        UsageError: There is no such session, or it refuses the command.
        SystemFault: It has ended.
    """
    with HostLink(name) as link:
        link.send(RunCommand(None, f"wait-for {option} {channel}"))
        link.wait_without_end()
        message = link.receive()
        if not isinstance(message, ShowText):
            raise SystemFault(f"session {name} has ended", code="link_closed")
        if message.is_error:
            raise UsageError(message.text, code="command_line")


def kill_session(name: str, *, status: int | None = None) -> None:
    """End session `name`, and wait until its host has closed the link. `status`: the exit status of the host.

    Raises:
        UsageError: There is no such session.
        SystemFault: Its host does not answer.
    """
    with HostLink(name) as link:
        link.send(Kill(status))
        while link.receive() is not None:
            pass


def live_sessions() -> list[SessionInfo]:
    """Return all sessions of this user that answer, the oldest first. Print an error for each of the others.

    They are asked at the same time.

    Raises:
        SystemFault: There are sessions, and none answers.
        PeerError: The same, and the first one has another version.
    """
    found: list[SessionInfo] = []
    silent: list[PairtermError] = []
    for answer in _answers(session_names()):
        if isinstance(answer, SessionInfo):
            found.append(answer)
        elif not isinstance(answer, UsageError):  # A UsageError is a socket that a crash left behind.
            silent.append(answer)
    if silent and not found:
        raise silent[0]
    for each in silent:
        click.echo(f"pairterm: {each.message}", err=True)
    return sorted(found, key=lambda info: info.created_s)


def _answers(names: list[str]) -> list[SessionInfo | PairtermError]:
    """Return the answer of each session, or the error."""

    def ask(name: str) -> SessionInfo | PairtermError:
        try:
            return ask_info(name, timeout_s=LIST_TIMEOUT_S)
        except PairtermError as error:
            return error

    if len(names) < 2:
        return [ask(name) for name in names]
    # Here, not at the top: with one session, no thread is needed.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(len(names), _ASKED_AT_ONCE)) as threads:
        return list(threads.map(ask, names))


def choose_session(target: str | None, *, only_one: bool = False) -> str:
    """Return the session that `-t` means.

    A target is a name, or the unambiguous beginning of a name. Without a target it is the session that we run
    in, else the newest. With `only_one` and without a target, several sessions are an error.

    Raises:
        UsageError: There is no session, or the target is ambiguous.
    """
    target = target if target is not None else named_by_socket()
    if target is not None:
        check_name(target)
        names = session_names()
        near = [name for name in names if name.startswith(target)]
        if target in names or not near:
            return target
        if len(near) > 1:
            text = f"ambiguous session: {target} (could be {', '.join(sorted(near))})"
            raise UsageError(text, code="ambiguous_session")
        return near[0]
    inside = session_around()
    if inside:
        return inside
    found = [info.session for info in live_sessions()]
    if not found:
        raise UsageError("no sessions; start one with 'pairterm new'", code="no_session")
    if only_one and len(found) > 1:
        raise UsageError(f"several sessions; choose one with -t NAME: {', '.join(found)}", code="ambiguous_session")
    return found[-1]
