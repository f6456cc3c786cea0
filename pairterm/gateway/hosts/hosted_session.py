"""A session as the gateway keeps it: its last picture and its guests, while its host's link comes and goes.

A host that is away (its laptop sleeps, its network is gone) keeps its session here
for a grace time. Guests see the last picture and for how long the host has been away,
and what they type is refused. When the host is back, each guest is brought in again on
the new link, with the number that they had. The host decides anew about each. Nothing
is replayed.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import assert_never

from pairterm.access.name_claims import Claim
from pairterm.access.rate_limits import Share
from pairterm.document.document import DocumentId
from pairterm.gateway.audit_events import about_guest
from pairterm.gateway.crowds import FEW_GUESTS, Crowds
from pairterm.gateway.guest import Guest
from pairterm.gateway.guest_presentation import Transport
from pairterm.gateway.hosts.home_proofs import HomeProofs
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.hosts.publishers import Publishers
from pairterm.gateway.hosts.session_ways import HostWire, Relay
from pairterm.gateway.hosts.watch_gate import Watches
from pairterm.link.client_documents import ClientDocuments
from pairterm.link.document_transfer import DocumentTransfers
from pairterm.link.history_wire import history_lines
from pairterm.link.messages import (
    CodeRevoked,
    DocumentAck,
    Documents,
    DocumentUpdate,
    History,
    Input,
    InputMarked,
    InvitationWire,
    Joined,
    JoinPending,
    Leave,
    LookAt,
    PictureChange,
    Questions,
    Refused,
    Replay,
    RoleChanged,
    ShowText,
    ViewerMessage,
    ViewSettings,
    WatchDocuments,
    Windows,
)
from pairterm.link.session_replica import Picture, SessionReplica
from pairterm.types import Attendance, PaneId, Role
from pairterm.view.paint_cache import PaintCache
from pairterm.view.shown_windows import ShownWindows

__all__ = ["HostedSession"]

_ID_BYTES = 16

_PAINT_BURST_S = 0.1
_PAINT_PART = 0.3
"""How much of the loop's time painting one session may take, at once and in the long run: 60 paintings a second of
5 ms."""


class HostedSession:
    """One session of the gateway's directory."""

    def __init__(self, name: str, owner: HostOwner, roles: dict[bytes, Role], claim: Claim, fixed_name: str) -> None:
        self.id = secrets.token_bytes(_ID_BYTES)
        """By it other gateways of the service name the session. It is another one at each gateway."""
        self.name = name
        self.owner = owner
        self.roles = roles
        """SHA-256 of the tokens that it registered with → their role. They identify its host when it returns."""
        self.links = {each: InvitationWire(each, "ro") for each in roles}
        """The invitations that open it now, by SHA-256 of their token. The host decides."""
        self.seal = b""
        """Proves a token to be this session's: see `access.tokens`."""
        self.keys: tuple[str, ...] = ()
        """Lines of public keys and authorities that may join by the session's name, or besides an invitation."""
        self.needs_key = False
        """An invitation alone is not enough: a key is needed too."""
        self.tries: Counter[str] = Counter()
        """Wrong words for each of its spoken codes."""
        self.since_epoch_s = time.time()
        self.claim = claim
        self.fixed_name = fixed_name
        """The user name under which it is found besides its tokens; "" for none."""
        self.settings = ViewSettings()
        """How the owner wants views to be."""
        self.cache = PaintCache()
        self.share = Share(_PAINT_BURST_S, _PAINT_PART)
        """How much of the loop's time painting this session for its guests may take."""
        self._crowds = Crowds(self.cache, self.share)
        self.attendance = Attendance()
        """Everyone who is in the session, also by other gateways."""
        self.away_since_s: float | None = None
        """Since when the host is away, on the loop's clock; None while it is connected."""
        self.on_event: Callable[[str, dict[str, str | int]], None] = lambda event, fields: None
        """Gets what happens to guests, for the gateway's audit log."""
        self._link: HostWire | None = None
        self.replica = SessionReplica()
        """The session's windows and panes, as its guests see them."""
        self.documents = ClientDocuments()
        """What editors share, as the guests here see it."""
        self.document_transfers = DocumentTransfers()
        """The updates of it for those who have joined with `pairterm join`."""
        self.on_link_change: Callable[[], None] = lambda: None
        """Is called when the host has come or is away."""
        self.relays: list[Relay] = []
        """The ways to guests at other gateways."""
        self._watches = Watches(self._watch)
        """At which documents each guest looks."""
        self.publishers = Publishers(self.send)
        """Connections of pair-ls, which publish files here."""
        self.home_proofs = HomeProofs(self.send)
        self._guests: dict[int, Guest] = {}
        self.here: dict[int, Guest] = {}
        """Those of them who are shown the session here, and not by a relay."""
        self._last_guest = 0
        self.typist = 0
        """The number of the guest who typed last."""

    @property
    def link(self) -> HostWire | None:
        """The host's link; None while it is away."""
        return self._link

    def picture(self, number: int) -> Picture | None:
        """Return the newest picture for a guest; None while there is none, or none that they may be shown."""
        return self.replica.picture(number)

    def is_back(self, number: int) -> bool:
        """Return whether the host shows a guest a replay."""
        return self.replica.is_back(number)

    def shown_windows(self, number: int) -> ShownWindows:
        """Return the windows for a guest's status line."""
        return self.replica.shown_windows(number)

    @property
    def guest_count(self) -> int:
        """How many guests are in it by this gateway, also those of relays."""
        return len(self._guests)

    @property
    def guests(self) -> list[Guest]:
        """Those guests."""
        return list(self._guests.values())

    def guests_by_transport(self) -> Counter[Transport]:
        """Return how many guests of this gateway are in it or wait for it, by the program that they use."""
        return Counter(each.transport for each in self._guests.values())

    @property
    def waiting_bytes(self) -> int:
        """How much was sent to the host and not taken yet."""
        link = self._link
        return link.waiting_bytes if link is not None else 0

    # The host's link.

    def connect(self, link: HostWire, settings: ViewSettings) -> None:
        """Take a link of the host, and bring all guests in on it."""
        self._link = link
        self.settings = settings
        for relay in list(self.relays):
            relay.set_settings(settings)
        self.host_away(None)
        for guest in list(self._guests.values()):
            if guest.number is not None:
                link.send(guest.request)
        self.on_link_change()

    def disconnect(self, now_s: float) -> None:
        """Take note that the host is away."""
        self._link = None
        self.publishers.end("the session's host is away")
        self.home_proofs.end()
        self.host_away(now_s)
        self.on_link_change()

    def host_away(self, since_s: float | None) -> None:
        """Tell the guests that the host is away since then (the loop's clock); None: it is back, and begins anew."""
        self.away_since_s = since_s
        if since_s is None:
            self.replica = SessionReplica()
            self.documents.begin_again()
        for guest in list(self.here.values()):
            guest.host_away(since_s)
        for relay in list(self.relays):
            relay.host_away(since_s)

    def set_settings(self, settings: ViewSettings) -> None:
        """Take how the owner wants views to be."""
        self.settings = settings
        for relay in list(self.relays):
            relay.set_settings(settings)

    def update(self, message: PictureChange) -> None:
        """Take a newer picture, and show it to all guests: first to the guest who typed last and waits for it."""
        pane = self.replica.update(message)
        began_s = time.thread_time()
        typist = self.here.get(self.typist)
        if typist is not None:
            self._show(self.typist, typist, pane)
        for relay in list(self.relays):
            relay.show(pane)
        common = self.replica.common_picture(pane)
        seated = self._crowds.show(common)
        for number, guest in list(self.here.items()) if len(seated) < len(self.here) else ():
            if number not in seated and guest is not typist:
                self._show(number, guest, pane)
                if common is not None and len(self.here) > FEW_GUESTS:
                    self._crowds.invite(number, guest.crowd_member)
        self._excuse(began_s)

    def _show(self, number: int, guest: Guest, pane: PaneId) -> None:
        """Show a guest the newest picture, if the pane is in it."""
        if (picture := self.replica.picture_with(number, pane)) is not None:
            guest.show(picture)

    def take_windows(self, message: Windows | LookAt | Replay) -> None:
        """Take the windows, or where guests look, in the session or back in time, and show it to those it concerns.

        Raises:
            PeerError: It is nothing that a session can have.
        """
        if isinstance(message, Windows):
            self.replica.take_windows(message)
        elif isinstance(message, Replay):
            self.replica.take_replay(message)
        else:
            self.replica.take_look(message)
        began_s = time.thread_time()
        one = message.client if isinstance(message, LookAt | Replay) else None
        for number, guest in list(self.here.items()):
            if one is None or number == one:
                guest.show_windows()
        for relay in list(self.relays):
            relay.show_windows()
        self._excuse(began_s)

    def take_documents(self, message: Documents | DocumentUpdate) -> None:
        """Take what editors share now, or a change of a text, and show it to all guests.

        Raises:
            PeerError: It is nothing that a session can have.
        """
        self._answer(self.documents.take(message))
        began_s = time.thread_time()
        for guest in list(self.here.values()):
            guest.show_documents()
        for relay in list(self.relays):
            relay.show_documents()
        self._excuse(began_s)

    def watch(
        self,
        number: int,
        documents: Iterable[DocumentId],
        use: Callable[[frozenset[DocumentId]], None] = lambda granted: None,
    ) -> None:
        """Take at which documents a guest looks now. `use` gets those that they may see, now and when these change."""
        self._watches.watch(number, documents, use)

    def unwatch(self, number: int) -> None:
        """Take that a guest has left."""
        self._watches.unwatch(number)

    def _watch(self, number: int, documents: frozenset[DocumentId]) -> None:
        self._answer(self.documents.watch(number, documents))

    def _answer(self, message: WatchDocuments | DocumentAck | None) -> None:
        if message is not None:
            self.send(message)

    def _excuse(self, began_s: float) -> None:
        """Do not charge the link for showing something: the guests' views pay. Many guests are no attack."""
        if self._link is not None:
            self._link.excuse(time.thread_time() - began_s)

    def attend(self, attendance: Attendance) -> None:
        """Take the list of everyone who is in the session."""
        self.attendance = attendance
        began_s = time.thread_time()
        for guest in list(self.here.values()):
            guest.attend(attendance)
        for relay in list(self.relays):
            relay.attend(attendance)
        self._excuse(began_s)

    def take_for_guest(
        self, message: Joined | RoleChanged | JoinPending | Questions | Refused | ShowText | History | InputMarked
    ) -> None:
        """Take a message for one guest, who may have left while it was on its way.

        Raises:
            PeerError: It holds lines of history that no screen can.
        """
        number = message.client
        guest = self._guests.get(number) if number is not None else None
        if guest is None or number is None:
            return
        match message:
            case Joined() | RoleChanged():
                before = guest.role
                guest.take(message)
                is_news = not isinstance(message, RoleChanged) or message.is_granted
                if guest.role is not None and guest.role is not before and is_news:
                    self._note("join" if before is None else "role", guest, role=guest.role.value)
            case JoinPending():
                guest.take(message)
                self._note("knock", guest)
            case Refused(code=code, text=text):
                self._forget(number)
                self._note("turned-away" if guest.role is None else "shown-out", guest, why=code)
                guest.end(f"pairterm: {text}", 1)
            case ShowText() | Questions() | InputMarked():
                guest.take(message)
            case History():
                began_s = time.thread_time()
                guest.history(history_lines(message), PaneId(message.pane))
                guest.charge(time.thread_time() - began_s)
            case _:
                assert_never(message)

    def _note(self, event: str, guest: Guest, **fields: str) -> None:
        """Report what happened to a guest.

        The gateway where the guest is reports that they come and go. This one reports roles: it has the host.
        """
        if guest.is_elsewhere and event != "role":
            return
        about = about_guest(guest, **fields)
        self.on_event(event, {"session": self.name, "owner": self.owner.id, **about})

    # Guests.

    def add(self, guest: Guest) -> int:
        """Count a guest as this session's; return the guest's number."""
        self._last_guest += 1
        self._guests[self._last_guest] = guest
        if not guest.is_elsewhere:
            self.here[self._last_guest] = guest
        return self._last_guest

    def remove(self, number: int, *, is_lost: bool) -> None:
        """Forget a guest that left; `is_lost`: they may come back by their ticket."""
        guest = self._forget(number)
        if guest is not None:
            self.send(Leave(number, is_lost))
            self._note("leave", guest)

    def _forget(self, number: int) -> Guest | None:
        """Forget a guest. Without guests the host sends nothing, so the newest picture and text may become too old."""
        guest = self._guests.pop(number, None)
        self.here.pop(number, None)
        self.unwatch(number)
        if not self._guests:
            self.replica.expire()
            self.documents.begin_again()
        return guest

    def input(self, number: int, data: bytes) -> None:
        """Send what a guest typed. It went through the gate (`input_gate`)."""
        self.typist = number
        if self._link is not None:
            self._link.send(Input(number, data))

    def send(self, message: ViewerMessage) -> None:
        """Send a message to the host, if it is connected."""
        if self._link is not None:
            self._link.send(message)

    def tried(self, nameplate: str, *, is_refused: bool = False) -> None:
        """Tell the host that a spoken code is dead: too many wrong words were tried, or the gateway refuses it."""
        self.send(CodeRevoked(nameplate, is_refused))

    def end_guest(self, number: int, line: str, status: int) -> None:
        """Disconnect one guest with this last line; nothing happens if they have left."""
        guest = self._forget(number)
        if guest is not None:
            self._note("shown-out", guest)
            guest.end(line, status)

    def end_guests(self, line: str, status: int, *, may_return: bool = False) -> None:
        """Disconnect all guests with this last line. `may_return`: they may connect again in a moment."""
        self.publishers.end(line)
        guests, self._guests, self.here = self._guests, {}, {}
        for guest in guests.values():
            self._note("leave", guest)
            guest.end(line, status, may_return=may_return)
