"""A guest in a browser: painted as an ssh guest, and told in messages what a page shows beside the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from pairterm.access.rate_limits import Share
from pairterm.document.document import DocumentId
from pairterm.gateway.guest import Credentials
from pairterm.gateway.guest_presentation import Traffic, Transport
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.painted_guest import PaintedGuest
from pairterm.gateway.web.page_code import PageCode
from pairterm.gateway.web.page_typing import PageTyping
from pairterm.gateway.web.people import list_of_people
from pairterm.gateway.web.terminal import WebTerminal
from pairterm.link.session_replica import Picture
from pairterm.session.people import clean_name
from pairterm.types import Attendance, Question, Role
from pairterm.view import TerminalKind

__all__ = ["WebGuest"]

_PEOPLE_S = 0.2
"""Least time between two lists of people: the list is long where many are, and changes with each who types."""


class WebGuest(PaintedGuest):
    """The presentation of a guest in a browser."""

    transport: Transport = "web"
    keeps_ticket = True

    def __init__(
        self,
        session: HostedSession,
        credentials: Credentials,
        traffic: Traffic,
        *,
        terminal: WebTerminal,
        share: Share,
        has_status: bool,
    ) -> None:
        """`has_status`: the terminal's last row is a status line, if the session's owner wants one."""
        super().__init__(
            session,
            credentials,
            traffic,
            terminal=terminal,
            kind=TerminalKind.of("xterm-256color", colorterm="truecolor", lang="C.UTF-8"),
            share=share,
            settings=replace(session.settings, status=session.settings.status and has_status),
            on_copy=lambda text: terminal.say("copy", text=text),
        )
        self._view.use_clipboard()
        self._page = terminal
        self._code = PageCode()
        self._page_files: frozenset[DocumentId] = frozenset()
        """The files that the page shows beside the terminal."""
        self._typing = PageTyping()
        terminal.on_sent = self.guest.sent
        self._shown: dict[str, dict[str, object]] = {}
        """The newest message of each kind that says what is: it is not sent again while that is so."""
        self._questions: tuple[Question, ...] = ()
        """The requests that the guest may answer."""
        self._people_timer: asyncio.TimerHandle | None = None
        self._people_s = float("-inf")

    # Input of the page.

    def keys(self, data: bytes) -> None:
        """Take what the guest typed. Keys from before they are in are lost: a page says so, and has fields for it."""
        if self.live is not None:
            super().keys(data)

    def type_text(self, text: str, serial: int) -> None:
        """Take what the guest typed, and have the host say when it has been echoed."""
        self.keys(text.encode())
        self.guest.mark_input(serial)

    def run_line(self, line: str) -> None:
        """Obey a command in words."""
        self.guest.received(len(line))
        if self.live is not None:
            self.live.give(line)
        else:
            self.guest.command(line)

    def watch_code(self, documents: list[int]) -> None:
        """Take which files of editors the page shows beside the terminal."""
        self._page_files = frozenset(map(DocumentId, documents))
        self._tell_watched()

    def _tell_watched(self) -> None:
        if self.guest.number is not None:
            self._session.watch(self.guest.number, self._watched | self._page_files, self._show_files)

    def _show_files(self, documents: frozenset[DocumentId]) -> None:
        """Send the page those of its files that the guest may see."""
        self._code.watch(self._page_files & documents)
        self._say_code()

    def has_code(self, document: int, serial: int) -> None:
        """Take note that the page has a message about a file."""
        self._code.acknowledge(document, serial)
        self._say_code()

    def call_me(self, name: str) -> None:
        """Take the name that the guest gives themselves."""
        if cleaned := clean_name(name):
            self.guest.command(f"name {cleaned}")

    # Messages to the page.

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        """Say that the guest is in, and paint from now on."""
        guest = self.guest
        self._page.say(
            "in",
            session=self._session.name,
            role=role.value,
            may_type=may_type,
            number=guest.person,
            ticket=guest.request.ticket.hex(),
        )
        self._shown.clear()
        self._questions = ()  # The host tells them anew.
        self._code = PageCode()
        self._page_files = frozenset()
        self._typing = PageTyping()
        super().enter(role, may_type, ticket, typed)
        self._say_people()

    def input_marked(self, serial: int, newest: int, generation: int) -> None:
        """Say which input has been echoed, now or when the page's terminal shows it."""
        self._typing.marked(serial, newest, generation)
        self._say_marked()

    def _write(self, data: bytes) -> None:
        """Send a painting, and before it where keys show in it."""
        self._say_place()
        super()._write(data)

    def _painted(self) -> None:
        """Say what the end of a painting means for text that the page shows before its echo."""
        self._say_place()
        self._say_marked()

    def _say_place(self) -> None:
        if not self._view.is_dirty and (said := self._typing.at(self._view.typing_place)) is not None:
            self._page.say("pane", **said)

    def _say_marked(self) -> None:
        if (said := self._typing.due()) is not None:
            self._page.say("marked", **said)

    def set_role(self, role: Role, may_type: bool) -> None:
        """Say the guest's new role."""
        self._page.say("role", role=role.value, may_type=may_type)
        super().set_role(role, may_type)

    def hold(self, text: str) -> None:
        """Say for what the guest has to wait."""
        self._page.say("wait", text=text.removesuffix(" (C-c leaves)"))

    def show(self, picture: Picture) -> None:
        """Paint a newer picture, and say its size if that is another one."""
        super().show(picture)
        self._say_session()

    def show_windows(self) -> None:
        """Say the windows, and paint the one where the guest looks now."""
        super().show_windows()
        number = self.guest.number
        if self.live is None or number is None:
            return
        windows = self._session.shown_windows(number)
        tabs = [
            {"index": each.index, "name": each.name, "flags": each.flags, "is_hidden": each.is_hidden}
            for each in windows.tabs
        ]
        if tabs:  # Else the host has not told them yet.
            self._say_if_new("windows", tabs=tabs, note=windows.note, driver=windows.driver)
        self._say_session()

    def show_documents(self) -> None:
        """Say what editors share, and paint it."""
        super().show_documents()
        self._say_code()

    def _say_code(self) -> None:
        """Say what the page does not know of the editors' files, once the guest is in."""
        if self.guest.is_in:
            for kind, fields in self._code.messages(self._session.documents.shown):
                self._page.say(kind, **fields)

    def _say_session(self) -> None:
        """Say the state of the session, once there is a picture, which has the size of the guest's window."""
        number = self.guest.number
        picture = self._session.picture(number) if number is not None else None
        if picture is None:
            return
        size, attendance = picture.frame.size, self._session.attendance
        questions = [
            {"number": each.number, "name": each.name, "asks": each.asks, "text": each.text, "choices": each.choices}
            for each in self._questions
        ]
        self._say_if_new(
            "session",
            rows=size.rows,
            cols=size.cols,
            note=attendance.note,
            call=attendance.call_url,
            is_paused=attendance.is_paused,
            is_locked=attendance.is_locked,
            questions=questions,
        )

    def ask(self, questions: tuple[Question, ...]) -> None:
        """Say the requests that the guest may answer."""
        self._questions = questions
        self._say_people_soon()

    def attend(self, attendance: Attendance) -> None:
        """Say who is here, now or soon."""
        super().attend(attendance)
        self._say_people_soon()

    def _say_people_soon(self) -> None:
        due_s = self._people_s + _PEOPLE_S
        if self._people_timer is None:
            if self._loop.time() >= due_s:
                self._say_people()
            else:
                self._people_timer = self._loop.call_at(due_s, self.guest.run, self._say_people)

    def _say_people(self) -> None:
        """Say who is here; a page that does not read is told later."""
        if self._people_timer is not None:
            self._people_timer.cancel()
        self._people_timer = None
        self._people_s = self._loop.time()
        if not self._page.is_quiet:
            self._people_timer = self._loop.call_later(_PEOPLE_S, self.guest.run, self._say_people)
            return
        attendance = self._session.attendance
        people = list_of_people(attendance, self._questions, you=self.guest.person)
        self._say_if_new("people", people=people, count=attendance.count, typed_last=attendance.typed_last)
        self._say_session()

    def _say_if_new(self, kind: str, **fields: object) -> None:
        if self._shown.get(kind) != fields:
            self._shown[kind] = fields
            self._page.say(kind, **fields)

    def tell(
        self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False, said_by: str = ""
    ) -> None:
        """Say a text, or a remark of the chat."""
        if said_by:
            self._page.say("chat", **{"from": said_by, "text": text.removeprefix(f"{said_by}:")[1:]})
        else:
            self._page.say("text", text=text, title=title, items=list(items), starts_at_end=starts_at_end)

    def host_away(self, since_s: float | None) -> None:
        """Say for how long the host has been away, or that it is back."""
        if since_s is None:
            self._page.say("back")
        else:
            self._page.say("away", since_s=max(0, round(self._loop.time() - since_s)))

    def end(self, line: str, status: int, *, may_return: bool) -> None:
        """Say the last line, and close. The picture stays: the page shows the line beside it."""
        self.stop()
        self._page.finish(line, status, may_return=may_return)

    def stop(self) -> None:
        """Let go of timers."""
        super().stop()
        if self._people_timer is not None:
            self._people_timer.cancel()
