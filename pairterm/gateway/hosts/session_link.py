"""A link on which a session comes to this gateway: from its host, or from another gateway that has its host.

Both send the same messages about the session and its guests. Frames go into the session's
replica, and are acknowledged a few at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pairterm.access.rate_limits import Share
from pairterm.errors import PeerError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.typing_lane import TypingLane
from pairterm.link.attendance import attendance_from
from pairterm.link.codec import LinkMessage
from pairterm.link.messages import (
    Ack,
    AttendanceWire,
    Documents,
    DocumentUpdate,
    Echo,
    History,
    InputMarked,
    Joined,
    JoinPending,
    LookAt,
    PictureChange,
    Questions,
    Refused,
    Replay,
    RoleChanged,
    ShowText,
    ViewSettings,
    Windows,
)
from pairterm.link.screen_publisher import LARGE_UPDATE, is_small
from pairterm.runtime.link_stream import LinkStream
from pairterm.types import PaneId

__all__ = ["SessionLink", "SessionMessage"]

SessionMessage: TypeAlias = (
    Windows
    | LookAt
    | Replay
    | Documents
    | DocumentUpdate
    | AttendanceWire
    | Joined
    | RoleChanged
    | JoinPending
    | Questions
    | Refused
    | ShowText
    | History
    | InputMarked
    | ViewSettings
)
"""What a session's link says about the session and its guests, besides pictures."""


_LITTLE_OWED = LARGE_UPDATE
"""So much of the host's allowance may wait for an acknowledgement: half of it. It is one large update, or four keys."""


class SessionLink(LinkStream):
    """The end of such a link that has the guests."""

    def __init__(
        self,
        on_payload: Callable[[bytes], None],
        on_lost: Callable[[PeerError | None], None],
        *,
        is_near: bool,
        max_waiting_bytes: int,
        share: Share | None,
    ) -> None:
        """`is_near`: the other side is on this machine. The rest is as for `LinkStream`."""
        super().__init__(on_payload, on_lost, max_waiting_bytes=max_waiting_bytes, share=share)
        self._owed: dict[PaneId, int] = {}
        """The generation of each pane's newest frame that guests were shown and the other side was not told of."""
        self._owed_weight = 0
        """How much of its allowance these updates take (`link.screen_publisher`)."""
        self._patience = _LITTLE_OWED if is_near else 1
        self._lane = TypingLane(self)

    def send(self, *messages: LinkMessage) -> None:
        """Send messages, and with them the acknowledgements that are owed, if they are many."""
        if self._owed_weight < self._patience:
            super().send(*messages)
            return
        owed = [Ack(pane, generation) for pane, generation in self._owed.items()]
        self._owed.clear()
        self._owed_weight = 0
        super().send(*owed, *messages)

    def acknowledge(self, update: PictureChange) -> None:
        """Acknowledge an update later: with the next message, or when half of the host's allowance is used up.

        So nothing waits for an acknowledgement, and typing costs neither side an extra wake-up. On the way from
        another machine, many echoes may be under way. So its host is told with the next message, whatever it is.
        """
        self._owed[PaneId(update.pane)] = update.generation
        self._owed_weight += 1 if is_small(update) else LARGE_UPDATE
        if self._owed_weight > _LITTLE_OWED:
            self.send()

    def take_picture(self, session: HostedSession, message: PictureChange) -> None:
        """Take a newer picture. Each key of a guest comes back by here."""
        session.update(message)
        self.acknowledge(message)
        if type(message) is Echo:
            self._lane.open(session, PaneId(message.pane))

    def take_for(self, session: HostedSession, message: SessionMessage) -> None:
        """Take a message about a session or a guest of it.

        Raises:
            PeerError: It is nothing that a session can have.
        """
        match message:
            case Windows() | LookAt() | Replay():
                session.take_windows(message)
            case Documents() | DocumentUpdate():
                session.take_documents(message)
            case AttendanceWire():
                session.attend(attendance_from(message))
            case ViewSettings():
                session.set_settings(message)
            case _:
                session.take_for_guest(message)
