"""Asking a session's host over its local socket, without an event loop: for commands that ask once and end."""

from __future__ import annotations

import os
import socket
from types import TracebackType

import click

from pairterm import __version__
from pairterm.errors import PairtermError, PeerError, SystemFault, UsageError
from pairterm.link.codec import check_protocol, decode_host_message, encode
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import PROTOCOL, Hello, HostMessage, Info, Kill, Query, Say, Told, ViewerMessage
from pairterm.paths import session_names, session_socket
from pairterm.session.names import check_name

__all__ = [
    "ANSWER_TIMEOUT_S",
    "ask_info",
    "choose_session",
    "give_command",
    "kill_session",
    "live_sessions",
    "session_around",
]

ANSWER_TIMEOUT_S = 10.0
"""A host answers in milliseconds; one that was stopped (SIGSTOP) never does."""

_RECEIVE_BYTES = 65_536


class _Line:
    """A synchronous link to one host."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reader = FrameReader()
        self._waiting: list[bytes] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(ANSWER_TIMEOUT_S)
        try:
            self._socket.connect(str(session_socket(name)))
        except OSError as error:
            self._socket.close()
            raise UsageError(f"can't find session: {name}", code="no_session") from error

    def __enter__(self) -> _Line:
        self.say(Hello(PROTOCOL, __version__, "client"))
        message = self.hear()
        if message is None:
            raise SystemFault(f"the host of {self._name} closed the link", code="unreachable")
        check_protocol(message, ours=__version__)
        self.hear()  # How views are to be: nothing is viewed here.
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def say(self, message: ViewerMessage) -> None:
        try:
            self._socket.sendall(framed(encode(message)))
        except OSError as error:
            raise SystemFault(f"the host of {self._name} is gone", code="unreachable") from error

    def hear(self) -> HostMessage | None:
        """Return the next message; None when the host closed the link."""
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
        return decode_host_message(self._waiting.pop(0))


def ask_info(name: str) -> Info:
    """Return what the host of session `name` says of it.

    Raises:
        UsageError: There is no such session.
        SystemFault: Its host does not answer.
        PeerError: Its host is of another version.
    """
    with _Line(name) as line:
        line.say(Query())
        message = line.hear()
        if not isinstance(message, Info):
            raise SystemFault(f"the host of {name} closed the link", code="unreachable")
        return message


def give_command(name: str, line: str) -> str:
    """Have session `name` do what the line says; return its answer.

    Raises:
        UsageError: There is no such session, or it can't be done.
        SystemFault: Its host does not answer.
    """
    with _Line(name) as link:
        link.say(Say(None, line))
        message = link.hear()
        if not isinstance(message, Told):
            raise SystemFault(f"the host of {name} closed the link", code="unreachable")
        if message.is_error:
            raise UsageError(message.text, code="command_line")
        return message.text


def kill_session(name: str, *, status: int | None = None) -> None:
    """End session `name` and wait until its host says so and is gone. `status`: what it exits with.

    Raises:
        UsageError: There is no such session.
        SystemFault: Its host does not answer.
    """
    with _Line(name) as line:
        line.say(Kill(status))
        while line.hear() is not None:
            pass


def live_sessions() -> list[Info]:
    """Return all sessions of this user that answer, the oldest first; say of the others why they are not among them.

    Raises:
        SystemFault: There are sessions, and none answers.
        PeerError: The same, and the first is of another version.
    """
    found: list[Info] = []
    silent: list[PairtermError] = []
    for name in session_names():
        try:
            found.append(ask_info(name))
        except UsageError:
            continue  # A socket that a crash left behind.
        except (SystemFault, PeerError) as error:
            silent.append(error)
    if silent and not found:
        raise silent[0]
    for each in silent:
        click.echo(f"pairterm: {each.message}", err=True)
    return sorted(found, key=lambda info: info.created_s)


def session_around() -> str:
    """Return the name of the session that we run in; "" outside of one."""
    socket_path = os.environ.get("PAIRTERM", "").rpartition(",")[0]
    return os.path.basename(socket_path).removesuffix(".sock")


def named_by_socket() -> str | None:
    """Return the session that `pairterm -S PATH` means; None without."""
    context = click.get_current_context(silent=True)
    found = context.find_root().obj if context is not None else None
    return found if isinstance(found, str) else None


def choose_session(target: str | None, *, only_one: bool = False) -> str:
    """Return the session that `-t` means, or without it the one at hand.

    A target is a name, or the beginning of one session's name. Without one: the
    session we are in, else the newest; with `only_one` never one of several.

    Raises:
        UsageError: There is none, or it is not clear which.
    """
    target = target if target is not None else named_by_socket()
    if target is not None:
        check_name(target)
        names = session_names()
        near = [name for name in names if name.startswith(target)]
        if target in names or len(near) != 1:
            return target
        return near[0]
    inside = session_around()
    if inside:
        return inside
    found = [info.session for info in live_sessions()]
    if not found:
        raise UsageError("no sessions; start one with 'pairterm new'", code="no_session")
    if only_one and len(found) > 1:
        raise UsageError(f"which session? say -t NAME: {', '.join(found)}", code="ambiguous_session")
    return found[-1]
