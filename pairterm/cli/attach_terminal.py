"""This terminal as a client of one's own session: a link to its host, over the local socket."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
from typing import assert_never

from pairterm import __version__
from pairterm.cli.history_pager import HistoryPager
from pairterm.cli.instant_replay import InstantReplay
from pairterm.cli.local_query import ANSWER_TIMEOUT_S, stopped_host
from pairterm.cli.own_terminal import OwnTerminal, RawTty, raw_terminal
from pairterm.cli.terminal_check import check_terminal
from pairterm.cli.terminal_loan import TerminalLoan
from pairterm.cli.terminal_viewer import Viewer
from pairterm.errors import PairtermError, PeerError, SystemFault, UsageError
from pairterm.link.codec import decode_host_message
from pairterm.link.messages import (
    PROTOCOL,
    AdmissionRules,
    AttendanceWire,
    Captured,
    Clipboard,
    DocumentAck,
    Documents,
    DocumentUpdate,
    Echo,
    Ended,
    GatewayAway,
    Hello,
    History,
    HomeProved,
    HostMessage,
    InputMarked,
    Joined,
    JoinPending,
    LookAt,
    Ping,
    Pong,
    PublishOver,
    PublishTaken,
    Questions,
    RecordEvent,
    Refused,
    Register,
    Replay,
    RoleChanged,
    RunCommand,
    ScreenUpdate,
    SessionInfo,
    SharingChanged,
    ShowText,
    ViewSettings,
    Windows,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.paths import session_socket
from pairterm.runtime.link_stream import LinkStream, connect_unix
from pairterm.session.people import clean_name
from pairterm.types import Role
from pairterm.view import TerminalKind
from pairterm.view.bindings import SHOW_LINKS

__all__ = ["attach_terminal"]

_LOST_STATUS = 1


def attach_terminal(session: str, *, read_only: bool, name: str = "", shows_links: bool = False) -> int:
    """Show `session` here until the session or the person ends this; return the exit status.

    `name` is the person's name there; "": the user's name. `shows_links`: show the page of links first.

    Raises:
        UsageError: There is no such session, or no terminal.
        SystemFault: Its host does not answer.
        PeerError: Its host is of another version.
    """
    kind = check_terminal()
    with raw_terminal() as tty:
        return asyncio.run(_attach(tty, session, kind, read_only=read_only, name=name, shows_links=shows_links))


async def _attach(
    tty: RawTty, session: str, kind: TerminalKind, *, read_only: bool, name: str, shows_links: bool
) -> int:
    return await _Attachment(tty, session, kind, read_only=read_only, name=name, shows_links=shows_links).run()


class _Attachment:
    """One attached terminal, from its link to its end."""

    def __init__(
        self, tty: RawTty, session: str, kind: TerminalKind, *, read_only: bool, name: str, shows_links: bool
    ) -> None:
        self._session = session
        self._read_only = read_only
        self._name = name
        self._shows_links = shows_links
        self._has_hello = False
        self._failure: PairtermError | None = None
        self._stream = LinkStream(self._receive, self._lost)
        self._terminal = OwnTerminal(tty)
        self._viewer = Viewer(
            self._terminal,
            kind,
            session=session,
            send=self._stream.send,
            on_view_history=lambda: self._pager.open(),
            on_replay=lambda: self._replay.open(),
        )
        self._loan = TerminalLoan(self._terminal, self._viewer)
        self._pager = HistoryPager(session, self._loan)
        self._replay = InstantReplay(session, self._loan)

    async def run(self) -> int:
        """Attach, and stay until the end; return the exit status."""
        try:
            await connect_unix(session_socket(self._session), self._stream)
        except SystemFault as fault:
            raise UsageError(f"can't find session: {self._session}", code="no_session") from fault
        stopped = stopped_host(self._session, self._stream.peer_socket())
        if stopped is not None:
            self._stream.close()
            self._terminal.finish()
            raise stopped
        self._terminal.watch(on_keys=self._viewer.keys, on_resize=self._viewer.resized, on_hangup=self._hung_up)
        self._stream.send(Hello(PROTOCOL, __version__, "client"))
        silence = asyncio.get_running_loop().call_later(ANSWER_TIMEOUT_S, self._give_up)
        try:
            status = await self._viewer.over
            await self._loan.closed()
        finally:
            silence.cancel()
            self._stream.close()
            self._terminal.finish()
        if self._failure is not None:
            raise self._failure
        return status

    def _give_up(self) -> None:
        """Give up a host that has not let us in in all this time, such as a stopped one."""
        if self._viewer.live is None:
            self._failure = SystemFault(f"the host of {self._session} does not answer", code="unreachable")
            self._viewer.end("", _LOST_STATUS)

    def _hung_up(self) -> None:
        self._loan.hang_up()
        self._viewer.detach()

    def _receive(self, payload: bytes) -> None:
        message = decode_host_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
        else:
            self._take(message)

    def _take(self, message: HostMessage) -> None:
        match message:
            case Windows() | LookAt() | ScreenUpdate() | Echo() | AttendanceWire() | ShowText() | History():
                self._viewer.take(message)
            case Documents() | DocumentUpdate():
                self._viewer.take(message)
            case ViewSettings():
                self._viewer.furnish(self._session, message)
                self._viewer.ask_in(read_only=self._read_only, label=_label(), name=clean_name(self._name))
            case Joined() | RoleChanged() | JoinPending() | Refused():
                self._take_role(message)
            case GatewayAway(seconds=seconds):
                self._count_away(seconds)
            case Ended(text=text):
                self._viewer.end(text, 0)
            case Ping():
                self._stream.answer_ping()
            case Pong():
                pass
            case Clipboard(data=data):
                self._viewer.set_clipboard(data)
            case (
                Hello()
                | Register()
                | AdmissionRules()
                | HomeProved()
                | SessionInfo()
                | Captured()
                | RecordEvent()
                | Questions()
                | InputMarked()
                | Replay()
            ):
                raise PeerError("a message out of place", code="unexpected_message")
            case SharingChanged() | DocumentAck() | PublishTaken() | PublishOver():
                raise PeerError("a message out of place", code="unexpected_message")
            case _:
                assert_never(message)

    def _count_away(self, seconds: int | None) -> None:
        """Count in the status line for how long the gateway is away; None: it is back."""
        if self._viewer.live is not None:
            since_s = None if seconds is None else asyncio.get_running_loop().time() - seconds
            self._viewer.live.link_away(since_s, "gateway away")

    def _take_role(self, message: Joined | RoleChanged | JoinPending | Refused) -> None:
        match message:
            case Joined(role=role):
                self._viewer.enter(Role(role))
                if self._shows_links:
                    self._shows_links = False
                    self._stream.send(RunCommand(0, SHOW_LINKS.line))
            case RoleChanged(role=role):
                self._viewer.set_role(Role(role))
            case Refused(code="detached", text=text):
                self._viewer.end(text, 0)
            case Refused(code=code, text=text):
                self._failure = UsageError(text, code=code)
                self._viewer.end("", _LOST_STATUS)
            case JoinPending():
                pass  # The owner's own terminals never wait.
            case _:
                assert_never(message)

    def _lost(self, error: PeerError | None) -> None:
        if not self._viewer.over.done():
            self._failure = error if self._viewer.live is None else None
            is_in = self._viewer.live is not None
            self._viewer.end(f"[{self._session} lost: its host is gone]" if is_in else "", _LOST_STATUS)


def _label() -> str:
    """Return the user's name, for the list of clients."""
    with contextlib.suppress(KeyError, OSError):
        return getpass.getuser()
    return f"uid {os.getuid()}"
