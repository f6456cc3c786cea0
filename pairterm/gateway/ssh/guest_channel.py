"""One guest's SSH channel: asyncssh's callbacks, and the terminal at its other end.

An interactive terminal becomes a painted guest, the link's subsystem a joined one. Any
other request gets one line that says what to do instead. asyncssh swallows the exceptions
of callbacks, so each callback is one guarded call into our code.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from typing import ParamSpec

import asyncssh

from pairterm.access.rate_limits import Share
from pairterm.errors import UsageError
from pairterm.gateway.guest import Credentials, Guest
from pairterm.gateway.guest_presentation import Traffic
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.joined_guest import JoinedGuest
from pairterm.gateway.outlet import Outlet
from pairterm.gateway.painted_guest import PaintedGuest
from pairterm.gateway.ssh.guest_connection import GuestConnection, TerminalChannel
from pairterm.gateway.ssh.lane_ends import SshTerminal
from pairterm.gateway.ssh.lending import lend
from pairterm.gateway.ssh.link_channel import LinkChannel
from pairterm.gateway.ssh.outgoing import Outgoing
from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM
from pairterm.types import Size
from pairterm.view import TerminalKind

__all__ = ["GuestChannel"]

logger = logging.getLogger(__name__)

_LINGER_S = 2.0
"""How long a client may take to read its last line before the connection is closed."""

_USAGE_STATUS = 2

_P = ParamSpec("_P")


class GuestChannel(asyncssh.SSHServerSession[bytes]):
    """A guest's channel, from its opening to its close. For a painted guest it is the guest's terminal."""

    def __init__(self, session: HostedSession, credentials: Credentials, traffic: Traffic) -> None:
        self._session = session
        self._credentials = credentials
        self._traffic = traffic
        self._painted: PaintedGuest | None = None
        self._guest: Guest | None = None
        """The painted or the joined guest; None before the client has asked for something that is served."""

    # Callbacks of asyncssh.

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Take the channel."""
        self._channel = chan
        self._connection = chan.get_connection()
        self._outgoing = Outgoing(chan)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the guest leave."""
        if self._guest is not None:
            self._guest.leave()
        self._connection.close()

    def pty_requested(
        self, term_type: str | None, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        """Accept any terminal; `session_started` looks at what it can do."""
        return True

    def shell_requested(self) -> bool:
        """Accept: a shell request is how a terminal asks for the session."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Accept, to refuse it with a line later: a bare failure would tell the person nothing."""
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """Accept any, to refuse it with a line later. The link's is served: `pairterm join` asks for it."""
        if subsystem == LINK_SUBSYSTEM:
            if not isinstance(self._channel, TerminalChannel):
                return False  # Plain asyncssh: see `private_names`.
            self._channel.hand_over(LinkChannel(self._join))
        return True

    def session_started(self) -> None:
        """Ask for the session, if this is a terminal that can show one."""
        self._run(self._start)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Take what the client typed."""
        if datatype is None and self._painted is not None:
            try:  # as `_run`, without a call in between: each key comes here
                self._painted.keys(data)
            except Exception:
                self._failed()

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """Take the client's new size."""
        if self._painted is not None:
            self._run(self._painted.resized)

    def eof_received(self) -> bool:
        """Stay: a client whose input is closed may still watch."""
        return True

    def break_received(self, msec: int) -> bool:
        """Refuse a break: it is no key."""
        return False

    def signal_received(self, signal: str) -> None:
        """Ignore signals: a client reaches the program by keys."""

    def _run(self, work: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Do something for this guest. A failure of ours drops this guest, with a log entry, and nobody else."""
        try:
            work(*args, **kwargs)
        except Exception:
            self._failed()

    def _failed(self) -> None:
        """Drop this guest after a failure of ours, which is under way."""
        logger.exception("a guest of %s made us fail: dropped", self._session.name)
        if self._guest is not None:
            self._guest.leave()
        self.abort()

    # The two kinds of guests.

    def _start(self) -> None:
        """Make a painted guest of a terminal; refuse everything else."""
        channel = self._channel
        terminal = channel.get_terminal_type()
        if channel.get_command() is not None:
            self._refuse("commands are not run here: join with plain 'ssh' and no command")
        elif channel.get_subsystem() is not None:
            self._refuse("only a terminal is served here: no sftp, no scp, no subsystem")
        elif terminal is None:
            self._refuse("a session needs a terminal: run ssh without -T, or with -tt from a script")
        else:
            self._paint(terminal)

    def _paint(self, terminal: str) -> None:
        try:
            painted = PaintedGuest(
                self._session,
                self._credentials,
                self._traffic,
                terminal=self,
                kind=_terminal_kind(terminal, self._channel.get_environment_bytes()),
                share=self._share(),
                lend=self._lend,
            )
        except UsageError as error:
            self._refuse(error.message)
            return
        self._painted, self._guest = painted, painted.guest
        if isinstance(self._channel, TerminalChannel) and isinstance(self._connection, GuestConnection):
            painted.guest.direct_terminal = SshTerminal(
                painted, self._connection, self._channel, self._outgoing, self._traffic
            )
        painted.ask_in(terminal)

    def _join(self) -> JoinedGuest:
        """Make a joined guest."""
        joined = JoinedGuest(
            self._session, self._credentials, self._traffic, outgoing=self._outgoing, share=self._share()
        )
        self._guest = joined.guest
        return joined

    def _share(self) -> Share:
        """Return the guest's part of the loop's time: their connection's."""
        return self._connection.share if isinstance(self._connection, GuestConnection) else Share(math.inf, 1.0)

    def _refuse(self, text: str) -> None:
        """Say in one line why this is not served, and close with the status of a usage error."""
        self.write_error(f"pairterm: {text}")
        self.close(_USAGE_STATUS)

    def end(self, line: str, status: int) -> None:
        """Show the client a last line, whatever it is here for, and close."""
        if self._guest is not None:
            self._guest.end(line, status)
        else:
            self.write_error(line)
            self.close(status)

    # The painted guest's terminal.

    @property
    def size(self) -> Size:
        """The terminal's size now."""
        cols, rows, _, _ = self._channel.get_terminal_size()
        return Size.clamped(rows=rows, cols=cols)

    def write(self, data: bytes) -> None:
        """Show bytes."""
        self._outgoing.wrote(len(data))
        self._channel.write(data)

    def _lend(self, on_taken: Callable[[], None]) -> Outlet | None:
        """Lend the sending side to a crowd; None: it can't be lent now."""
        channel = self._channel
        return lend(channel, self._outgoing, on_taken) if isinstance(channel, TerminalChannel) else None

    def write_error(self, line: str) -> None:
        """Show a line on the client's standard error."""
        self._channel.write_stderr(f"{line}\r\n".encode())

    def held_bytes(self) -> int | None:
        """Return how much of what was written has not left the machine; None during a key exchange."""
        return self._outgoing.held_bytes()

    def round_trip_ms(self) -> int | None:
        """Return how long packets take to the client and back; None: not known."""
        return self._outgoing.round_trip_ms()

    def close(self, status: int) -> None:
        """Close the channel after what is written, and the connection if the client does not."""
        self._channel.exit(status)
        asyncio.get_running_loop().call_later(_LINGER_S, self._connection.close)

    def abort(self) -> None:
        """Close the connection at once."""
        self._connection.abort()


def _terminal_kind(terminal: str, environment: Mapping[bytes, bytes]) -> TerminalKind:
    """Return what a client's terminal can do, by its name and the client's environment.

    Raises:
        UsageError: It can't show a session.
    """
    lang = environment.get(b"LC_ALL") or environment.get(b"LC_CTYPE") or environment.get(b"LANG")
    return TerminalKind.of(terminal, colorterm=_text(environment.get(b"COLORTERM")), lang=_text(lang))


def _text(value: bytes | None) -> str:
    return (value or b"").decode("ascii", "replace")
