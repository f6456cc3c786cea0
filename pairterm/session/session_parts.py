"""The parts of one session, wired to each other. The core feeds them events; commands act through their methods.

Each part has its own state and a small interface:

- `people`: the attached clients, with numbers, names and roles.
- `admission`: who may join (invitations, keys, bans, settings); `membership`: joining, knocking, leaving.
- `gate`: whose keys reach the program; `drivers`: who types in a window while one types at a time.
- `recording`: whether the session is recorded.
- `requests` and `prompts`: what waits for an answer, and showing it.
- `notices`, `chat` and `status`: lines for people; `limits`: how often somebody may speak or join.
- `windows`: windows and panes; `looks`: where each client looks; `sizes`: their sizes; `pane_programs`: panes that
  come and go; `code_window`: the window for editors' documents; `output`: what programs print; `alerts`: bells and
  activity in windows; `link_windows`: what a link may know of windows and looks.
- `timers`: what happens by time.
"""

from __future__ import annotations

from collections.abc import Callable

from pairterm.session.chat import Chat
from pairterm.session.driver_notes import DriverNotes
from pairterm.session.drivers import Drivers
from pairterm.session.effects import Announce, Effect, Tell
from pairterm.session.input_gate import InputGate
from pairterm.session.membership import Membership
from pairterm.session.notices import Notices
from pairterm.session.pending_requests import PendingRequests, Request
from pairterm.session.people import People
from pairterm.session.rate_limits import RateLimits
from pairterm.session.recording import Recording
from pairterm.session.request_prompts import RequestPrompts
from pairterm.session.session_admission import Admission
from pairterm.session.status_note import StatusNote
from pairterm.session.timers import Timers
from pairterm.session.windows.alerts import Alerts
from pairterm.session.windows.code_window import CodeWindow
from pairterm.session.windows.link_windows import LinkWindows
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.pane_programs import PanePrograms
from pairterm.session.windows.program_output import ProgramOutput
from pairterm.session.windows.window_list import WindowList
from pairterm.session.windows.window_sizes import WindowSizes

__all__ = ["SessionParts"]


class SessionParts:
    """The wiring of one session. It decides nothing itself."""

    def __init__(self, admission: Admission, *, name: str, prefix: str = "C-b") -> None:
        self.name = name
        self.host_name = ""
        """The name of the machine that runs the session."""
        self.term = ""
        """TERM inside the session: `send-keys` sends keys as this kind of terminal does."""
        self.join_line: Callable[[str], str] = lambda token: token
        """Returns what a guest types to join by a token. The host knows it as soon as a gateway has the session."""
        self.links_page: Callable[[], tuple[str, list[str]]] = lambda: ("", [])
        """Returns the owner's page of links, and the commands on it that can be copied."""
        self.admission = admission
        self.people = People()
        self.windows = WindowList()
        self.looks = Looks(self.windows, self.people)
        self.sizes = WindowSizes(self.windows, self.looks, self.people)
        self.pane_programs = PanePrograms(self.windows, self.looks)
        self.code_window = CodeWindow(self.windows, self.looks)
        self.alerts = Alerts(self.windows, self.looks, self.people)
        self.output = ProgramOutput(self.windows, self.alerts)
        self.link_windows = LinkWindows(self.windows, self.looks, self.people)
        self.chat = Chat()
        self.drivers = Drivers()
        self.requests = PendingRequests()
        self.limits = RateLimits()
        self.recording = Recording()
        self.notices = Notices(self.people, self.limits, self.recording)
        self.prompts = RequestPrompts(self.requests, self.people, self.drivers, prefix=prefix)
        self.gate = InputGate(
            self.people,
            self.drivers,
            self.requests,
            self.prompts,
            admission,
            self.notices,
            self.windows,
            self.looks,
        )
        self.membership = Membership(
            self.people,
            admission,
            self.gate,
            self.requests,
            self.prompts,
            self.notices,
            self.limits,
        )
        self.status = StatusNote(admission, self.gate, self.recording)
        self._announced = ("", "", 0)
        """The status note, the call and the version of the requests of which all links know."""
        self.driver_notes = DriverNotes(self.people, self.drivers, self.windows)
        self.timers = Timers(
            self.people,
            admission,
            self.drivers,
            self.requests,
            self.prompts,
            self.gate,
            self.membership,
            self.driver_notes,
            self.windows,
        )

    def settle(self, now_s: float) -> list[Effect]:
        """Return what follows from any change: clients to disconnect, gates to open or close, another status note."""
        self.link_windows.freeze(is_on=self.gate.is_paused)
        self.gate.follow_windows(now_s)
        effects = [*self._drop_gone(now_s), *self.membership.disconnect_expired(now_s), *self.gate.changes()]
        self.status.update(self.membership.knocks)
        self.driver_notes.update(now_s)
        announced = (self.status.text, self.notices.call_url, self.requests.version)
        is_changed = announced != self._announced
        self._announced = announced
        return [*effects, Announce()] if effects or is_changed else []

    def _drop_gone(self, now_s: float) -> list[Effect]:
        """Drop the requests about windows that have gone, and the lines for programs that have ended."""
        gone = [each for each in self.requests.all() if self._is_gone(each)]
        for each in gone:
            self.requests.drop(each, now_s)
        told: list[Effect] = [
            Tell(each.client, "the pane of your line has closed") for each in gone if each.pane is not None
        ]
        return [*told, *self.prompts.show()] if gone else []

    def _is_gone(self, request: Request) -> bool:
        if request.pane is not None:
            return not self.windows.runs(request.pane)
        return request.window is not None and request.window not in self.windows
