"""The core of a session: it feeds its parts with events, and returns effects.

Every method is synchronous, does no I/O and knows no clock: `now_s` is an
argument, in monotonic seconds. The host's actor carries out the returned effects
in order. The parts decide the rest (see `parts`): `membership` who is attached,
and `input_gate` who may type. This gate is the second of two before the pty; the
first is in the gateway. Law 6: a read-only client's bytes never reach the pty,
whatever they are, and whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pairterm.access.authorized_keys import KeyEntry
from pairterm.errors import UsageError
from pairterm.session.commands.command_types import KillSession, Record
from pairterm.session.commands.newcomers import obey_newcomer
from pairterm.session.commands.obey import obey
from pairterm.session.commands.parse import parse_command
from pairterm.session.commands.permissions import check_permission
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.window_syntax import find_syntax
from pairterm.session.effects import (
    Admit,
    Announce,
    Closed,
    Effect,
    Note,
    Publish,
    Refuse,
    ShowWindows,
    Tell,
    Wake,
    WritePty,
)
from pairterm.session.key_changes import take_keys
from pairterm.session.last_typist import LastTypist
from pairterm.session.pending_requests import Request
from pairterm.session.people import People
from pairterm.session.rate_limits import SLOW_DOWN
from pairterm.session.recording import Recording, RecordingPhase, RecordingPolicy
from pairterm.session.session_admission import Admission, Visitor
from pairterm.session.session_parts import SessionParts
from pairterm.session.shared_code import SharedCode
from pairterm.session.visible_content import VisibleContent
from pairterm.session.windows.pane import Death, Pane
from pairterm.session.windows.window import Window
from pairterm.session.windows.workspace import WindowSettings, open_workspace
from pairterm.terminal.excerpt import CapturedLines
from pairterm.terminal.frame import Frame
from pairterm.types import MAX_CLIENTS, ClientId, PaneId, Role, Size, WindowId

__all__ = ["SessionCore"]

_NOT_STARTED_STATUS = 127
"""A program that can't be started, as a shell reports it."""

_KILLED_STATUS = 129
"""128 + SIGHUP: the status that a shell gives for a command whose terminal hung up."""


class SessionCore:
    """One session."""

    def __init__(self, parts: SessionParts, *, size: Size, history_lines: int = 10_000) -> None:
        self.name = parts.name
        self._parts = parts
        self._people = parts.people
        self._gate = parts.gate
        self._windows = parts.windows
        self._looks = parts.looks
        self._windows.history_lines = history_lines
        self.first_pane = parts.pane_programs.first(size).id
        """The pane of the program that the session was started with."""
        self._shown_versions = (-1, -1)
        """The versions of windows and looks that the links were told of."""
        self._typist = LastTypist(parts.people)
        self.visible = VisibleContent(parts, self._typist)
        """What the clients of one link may see of the session."""
        self.code = SharedCode(parts, self.visible, self._followed)
        """The documents that editors share."""
        self._woken_s = float("inf")
        self._is_closed = False

    @property
    def people(self) -> People:
        """The people who are in the session."""
        return self._people

    @property
    def admission(self) -> Admission:
        """The decision who may join."""
        return self._parts.admission

    @property
    def requests(self) -> list[Request]:
        """The requests that wait for an answer, the oldest first."""
        return self._parts.requests.all()

    def write_links_by(
        self, *, join_line: Callable[[str], str], links_page: Callable[[], tuple[str, list[str]]]
    ) -> None:
        """Set the functions that write how guests join: the line for a token, and the owner's page of links."""
        self._parts.join_line, self._parts.links_page = join_line, links_page

    def may_type(self, client: ClientId) -> bool:
        """Return whether this client's keys reach the program now, in the window where it looks."""
        return self._gate.may_type(client)

    @property
    def has_window(self) -> bool:
        """Whether a program still runs: the session ends with the last one, and then it has no window."""
        return self._windows.keeps_session

    @property
    def shared_window(self) -> Window:
        """The window where those of the owner's clients look that follow."""
        look = self._looks.shared(is_guest=False)
        assert look is not None, "a session that lives has a window"
        return self._windows[look.window]

    @property
    def size(self) -> Size:
        """The size of the shared window."""
        return self.shared_window.size

    def pane(self, pane: PaneId | None) -> Pane | None:
        """Return a pane; None: it has gone. With None as `pane`: the active one of the shared window."""
        if pane is None:
            window = self.shared_window
            return window.panes[window.active]
        return self._windows.pane(pane)

    def window_of(self, client: ClientId) -> int | None:
        """Return the number of the window where a client looks; None: there is nothing that they may see now."""
        look = self._looks.of(client)
        return self._windows[look.window].index if look is not None else None

    def pane_of(self, client: ClientId) -> PaneId | None:
        """Return the active pane where a client looks; None: there is nothing that they may see now."""
        look = self._looks.of(client)
        return look.pane if look is not None else None

    def window_index(self, window: WindowId) -> int:
        """Return the number of a window."""
        return self._windows[window].index

    def frame(self, pane: PaneId | None = None) -> Frame:
        """Return the newest picture of a pane, as the owner may see it; the same object while nothing changed.

        None: the active pane of the shared window.
        """
        found = self.pane(pane)
        assert found is not None, "the pane has gone"
        return found.frame()

    @property
    def recording(self) -> Recording:
        """Whether the session is recorded."""
        return self._parts.recording

    def record(self, policy: RecordingPolicy, *, is_on: bool, file: str, has_input: bool, now_s: float) -> list[Effect]:
        """Take the owner's policy, and begin to record if it or the owner wants that.

        Raises:
            UsageError: The owner wants it, and the policy does not allow it.
        """
        self._parts.recording.policy = policy
        self._parts.recording.is_planned = False
        if not (is_on or policy == "always") or self._parts.recording.phase is not RecordingPhase.OFF:
            return []
        command = Record(RecordingPhase.ON, file, has_input)
        return self._followed(obey(self._parts, command, CommandSender(None, Role.OWNER), now_s).effects, now_s)

    def recording_failed(self, now_s: float) -> list[Effect]:
        """Take note that the session is not recorded any more, because that is not possible."""
        self._parts.recording.phase = RecordingPhase.OFF
        told = self._parts.notices.to_all("this session is not recorded any more")
        return self._followed([Admit(), *told], now_s)

    @property
    def is_paused(self) -> bool:
        """Whether the owner has paused the session."""
        return self._gate.is_paused

    def feed(self, pane_id: PaneId, data: bytes, now_s: float) -> list[Effect]:
        """Take the output of a pane's program. Output of a pane that has gone is dropped."""
        pane = self._windows.pane(pane_id)
        if pane is None:
            return []
        before = self._windows.version
        effects = self._parts.output.feed(pane, data, now_s)
        return effects if self._windows.version == before else [*effects, *self._settle(now_s)]

    def open_workspace(self, settings: list[WindowSettings], now_s: float) -> list[Effect]:
        """Open the windows and panes of a workspace, but for the first pane, which is there.

        Raises:
            UsageError: A layout does not fit, or there are too many panes.
        """
        parts = self._parts
        effects = open_workspace(self._windows, self._looks, parts.pane_programs, settings)
        return self._followed(effects, now_s)

    def started_with(self, command: tuple[str, ...]) -> None:
        """Take the command of the session's first program, for `respawn-pane`."""
        self._windows.known_pane(self.first_pane).start_command = command

    def started(self, pane_id: PaneId, pid: int, tty: str) -> None:
        """Take the process id of a pane's program, and the name of its pty."""
        if (pane := self._windows.pane(pane_id)) is not None:
            pane.pid, pane.tty = pid, tty

    def take_command(self, pane_id: PaneId, command: str, directory: str, now_s: float) -> list[Effect]:
        """Take the name and the directory of the program in the foreground of a pane: windows are named so."""
        pane = self._windows.pane(pane_id)
        if pane is None:
            return []
        self._parts.output.take_command(pane, command, directory)
        return self._settle(now_s)

    def join(self, client: ClientId, visitor: Visitor, size: Size, now_s: float) -> list[Effect]:
        """Let a client in, let it knock, or refuse it."""
        if self._is_closed:
            return [Refuse(client, "no_session", "no such session, or the link has ended")]
        if len(self._people) >= MAX_CLIENTS:
            return [Refuse(client, "full", f"{self.name} is full: {MAX_CLIENTS} clients are attached")]
        effects = self._parts.membership.join(client, visitor, size, now_s)
        return self._followed([*effects, ShowWindows(), Publish()], now_s)

    def leave(self, client: ClientId, now_s: float, *, may_return: bool = False) -> list[Effect]:
        """Remove a client that left. A client that never joined is no error: its refusal may be on the way.

        `may_return`: its link was lost, so it may return with the same name and role.
        """
        if self._is_closed:
            return []
        self._typist.forget(client)
        self._looks.forget(client)
        return self._followed(self._parts.membership.leave(client, now_s, may_return=may_return), now_s)

    def resize(self, client: ClientId, size: Size, now_s: float) -> list[Effect]:
        """Take a client's new terminal size."""
        if client in self._people:
            self._people.change(client, size=size)
        else:
            self._parts.membership.resize_newcomer(client, size)
        return self._followed([], now_s)

    def input(self, client: ClientId, data: bytes, now_s: float) -> list[Effect]:
        """Take a client's input: the only way from a person to the pty.

        b"" comes from a gateway whose gate is closed: the person typed something, and may be told why it is blocked.
        """
        if self._is_closed:
            return []
        look = self._looks.of(client)
        admitted, effects = self._gate.admit_input(client, look, data, now_s)
        if admitted and look is not None:
            is_seen = not self._windows[look.window].is_hidden
            is_known = self._typist.is_known(client, is_seen=is_seen)
            if is_known and not effects:
                return [WritePty(admitted, look.pane)]
            effects = [WritePty(admitted, look.pane), *effects]
            if not is_known:
                is_another = self._typist.typed(client, is_seen=is_seen)
                effects += [*(self._settle(now_s) if is_another else []), Announce()]
        return [*effects, *self._wake()] if effects else effects

    def command(self, client: ClientId, line: str, now_s: float) -> list[Effect]:
        """Carry out a client's command, if its role allows it."""
        if self._parts.membership.is_knocking(client) and not self._is_closed:
            return self._followed(obey_newcomer(self._parts, client, line, now_s), now_s)
        person = self._people.get(client)
        if person is None or self._is_closed:
            return []
        limits = self._parts.limits
        is_about_windows = find_syntax(line.strip().partition(" ")[0]) is not None
        if person.role is not Role.OWNER and not limits.lets_command(client, now_s, is_about_windows=is_about_windows):
            return [Tell(client, SLOW_DOWN)] if limits.lets_warn(client, now_s) else []
        try:
            sender = CommandSender(client, person.role, is_remote=person.origin.transport != "local")
            result = self._obey(line, sender, now_s)
        except UsageError as error:
            return [Tell(client, error.message)]
        answer = [result.for_client(client)] if result.answer and client in self._people else []
        return [*self._followed_or_closed(result.effects, _KILLED_STATUS, now_s), *answer]

    def owner_command(self, line: str, now_s: float, pane: PaneId | None = None) -> tuple[list[Effect], str]:
        """Carry out a command of the owner's command line; return the effects and the answer.

        `pane`: the pane of this session in which the command line runs.

        Raises:
            UsageError: It can't be done; nothing is done.
        """
        result = self._obey(line, CommandSender(None, Role.OWNER, pane), now_s)
        return self._followed_or_closed(result.effects, _KILLED_STATUS, now_s), result.answer

    def _obey(self, line: str, sender: CommandSender, now_s: float) -> CommandResult:
        command = parse_command(line)
        check_permission(self._parts.drivers, command, sender)
        if isinstance(command, KillSession):
            return CommandResult(self.kill())
        return obey(self._parts, command, sender, now_s)

    def take_keys(self, entries: Sequence[KeyEntry], now_s: float, *, is_final: bool) -> list[Effect]:
        """Use these keys from now on; with `is_final` disconnect the guests whose key is not among them."""
        if self._is_closed:
            return []
        return self._followed(take_keys(self._parts, entries, now_s, is_final=is_final), now_s)

    def capture(
        self, start: int, stop: int, pane_id: PaneId | None = None, *, is_primary: bool = False, now_s: float = 0.0
    ) -> CapturedLines | None:
        """Return lines of the history of a pane, and on through the screen, for the owner; None: no such pane.

        `is_primary`: the lines of the primary screen behind the alternate one instead.
        """
        pane = self.pane(pane_id)
        if pane is None or (pane.is_document and not is_primary):
            return None if pane is None else self.code.captured(pane.frame().size, start, stop, now_s)
        return pane.captured_primary(start, stop) if is_primary else pane.captured(start, stop)

    def kill(self, status: int = _KILLED_STATUS) -> list[Effect]:
        """End the session because its owner says so, with this status."""
        return self._close("killed", status, f"[{self.name} killed]")

    def finish(self, pane: PaneId, status: int, now_s: float, *, signal: int = 0, when: str = "") -> list[Effect]:
        """Take the end of a pane's program: the pane closes, or stays as its window's option says.

        The last pane that closes ends the session, with this status. `signal` ended the program, if it is not 0.
        `when`: the time, for people.
        """
        effects = [] if self._is_closed else self._parts.pane_programs.finish(pane, Death(status, signal, when))
        return self._followed_or_closed(effects, status, now_s) if effects else []

    def failed(self, pane: PaneId, client: ClientId | None, text: str, now_s: float) -> list[Effect]:
        """Remove a new pane whose program can't be started, and say why to the client that wanted it.

        A pane that was there before stays.
        """
        told: list[Effect] = [Tell(client, text)] if client is not None and client in self._people else []
        effects = [] if self._is_closed else self._parts.pane_programs.fail(pane, _NOT_STARTED_STATUS)
        return [*told, *self._followed_or_closed(effects, _NOT_STARTED_STATUS, now_s)] if effects else told

    def _followed_or_closed(self, effects: list[Effect], status: int, now_s: float) -> list[Effect]:
        if not self._windows.keeps_session:
            return [*effects, *self._close("ended", status, f"[{self.name} ended]")]
        return self._followed(effects, now_s)

    def tick(self, now_s: float) -> list[Effect]:
        """Do what is due: a picture or a size that was held back, and the timers of the parts."""
        effects = self._parts.output.show_held_pictures(now_s)
        if now_s >= self._woken_s:
            self._woken_s = float("inf")
        due_s = self._parts.timers.due_s
        if due_s is not None and now_s >= due_s and not self._is_closed:
            effects += self._parts.timers.tick(now_s)
        return self._followed(effects, now_s)

    def _close(self, reason: Literal["ended", "killed"], status: int, text: str) -> list[Effect]:
        if self._is_closed:
            return []
        self._is_closed = True
        self._people.clear()
        return [Note("end", {"reason": reason, "status": status}), Closed(reason, status, text)]

    def _followed(self, effects: list[Effect], now_s: float) -> list[Effect]:
        """Return the effects with those that follow: gates that open or close, another size, another time to wake."""
        if self._is_closed:
            return effects
        return [*effects, *self._parts.settle(now_s), *self._settle(now_s), *self._wake()]

    def _wake(self) -> list[Effect]:
        """Ask to be woken when a timer is due, unless an earlier wake is already on its way."""
        due_s = self._parts.timers.due_s
        if due_s is None or due_s >= self._woken_s or self._is_closed:
            return []
        self._woken_s = due_s
        return [Wake(due_s)]

    def _settle(self, now_s: float) -> list[Effect]:
        """Give windows and panes their sizes, and tell the links about windows and looks that they do not know."""
        if self._is_closed:
            return []
        effects, due_s = self._parts.sizes.settle(now_s)
        self._parts.alerts.settle()
        if due_s is not None:
            effects.append(Wake(due_s))
        versions = (self._windows.version, self._looks.version)
        if versions != self._shown_versions:
            self._shown_versions = versions
            effects += [ShowWindows(), Publish()]
        return effects
