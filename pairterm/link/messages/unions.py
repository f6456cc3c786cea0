"""All messages that a host sends, and all that the viewer's side sends, as types: for decoders, and for `match`."""

from __future__ import annotations

from typing import TypeAlias

from pairterm.link.messages.capture import Capture, Captured, Clipboard
from pairterm.link.messages.clients import (
    Input,
    InputMarked,
    Join,
    Joined,
    JoinPending,
    Leave,
    MarkInput,
    Questions,
    Refused,
    Resize,
    RoleChanged,
    RoundTrip,
    RunCommand,
    ShowText,
)
from pairterm.link.messages.documents import (
    DocumentAck,
    Documents,
    DocumentUpdate,
    ShareDocuments,
    ShareHello,
    SharingChanged,
    WatchDocuments,
)
from pairterm.link.messages.hello import Hello, Ping, Pong
from pairterm.link.messages.owner import Kill, Query, SessionInfo
from pairterm.link.messages.publishing import Publish, PublishedText, PublishEnd, PublishOver, PublishTaken
from pairterm.link.messages.recording import Record, RecorderNews, RecordEvent
from pairterm.link.messages.registration import (
    AdmissionRules,
    CodeRevoked,
    HomeProved,
    ProveHome,
    Register,
    Registered,
    Restarting,
)
from pairterm.link.messages.replay import GoBack, Replay, ReplayKeys
from pairterm.link.messages.screens import (
    Ack,
    Echo,
    FetchHistory,
    History,
    ScreenUpdate,
)
from pairterm.link.messages.session import (
    AttendanceWire,
    Ended,
    GatewayAway,
    ViewSettings,
)
from pairterm.link.messages.windows import LookAt, Windows

__all__ = ["HostMessage", "ViewerMessage"]

ViewerMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | Join
    | Leave
    | Resize
    | Input
    | MarkInput
    | Ack
    | FetchHistory
    | RunCommand
    | RoundTrip
    | CodeRevoked
    | Query
    | Kill
    | Capture
    | Record
    | RecorderNews
    | GoBack
    | ReplayKeys
    | WatchDocuments
    | Publish
    | PublishedText
    | PublishEnd
    | DocumentAck
    | ShareHello
    | ShareDocuments
    | DocumentUpdate
    | Registered
    | Refused
    | Restarting
    | ProveHome
)
"""The messages that a gateway or an attached terminal sends."""

HostMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | Register
    | AdmissionRules
    | HomeProved
    | Joined
    | RoleChanged
    | InputMarked
    | JoinPending
    | Questions
    | Refused
    | Windows
    | LookAt
    | ScreenUpdate
    | Echo
    | History
    | AttendanceWire
    | ShowText
    | ViewSettings
    | SessionInfo
    | Captured
    | Clipboard
    | GatewayAway
    | RecordEvent
    | Replay
    | Documents
    | DocumentUpdate
    | DocumentAck
    | SharingChanged
    | PublishTaken
    | PublishOver
    | Ended
)
"""The messages that a host sends."""
