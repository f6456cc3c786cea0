"""All messages of the link, typed and versioned. This is the one place that lists them.

The *viewer's side* of a link shows a session to people: it is a gateway with many
guests, or `pairterm attach` with one. The other side is the *host*. `pairterm join`
has a link to a gateway, with the messages of `link.relay`. `pairterm share-recording` has one with the
messages of `link.shared_recordings`.

The first message each way is `Hello`. A side that gets another protocol number says
so and closes the link. The viewer's side gives each client a number that is unique on
the link. Every message about a screen names its pane. Sizes are in cells, and times
in seconds since the epoch.

On the wire a message is a msgpack array, `[tag, field, …]`. New fields go to the end,
and a reader ignores the fields that it does not know. Law 7: a link message survives
encode → decode; a truncated, oversized or unknown one ends that link with an error,
and nothing else.

Both sides send:
    Hello: I am here, and this is my protocol.
    Ping: Are you alive?
    Pong: I am alive.
    DocumentUpdate: The text of a document has changed. An editor sends it to its host, and the host to viewers.
    DocumentAck: The update has come.

The viewer's side sends:
    Registered: The gateway has the session now.
    Restarting: The gateway goes away for a moment.
    CodeRevoked: A spoken code opens nothing any more.
    ProveHome: Another gateway wants to know whether the session's host is here.
    Join: A client wants to join.
    Leave: A client is gone.
    Resize: The client's terminal has another size.
    Input: The client typed something.
    MarkInput: The client wants to know when its input has been echoed.
    Ack: The frame of this generation is shown.
    FetchHistory: The client wants lines of the history.
    RunCommand: The client gives a command.
    GoBack: The client wants to see what was on the screen before.
    ReplayKeys: The client typed while it is shown the recording.
    RoundTrip: This is how long a packet takes to the client and back.
    Query: The owner's command line asks for `SessionInfo`.
    Kill: The owner's command line ends the session.
    Capture: The owner's command line asks for lines of the history and the screen.
    Record: A recorder begins to watch.
    RecorderNews: How the recording goes.
    WatchDocuments: Somebody looks at these documents.
    ShareHello: An editor begins to share.
    ShareDocuments: The editor shares these documents.
    Publish: pair-ls wants to publish an editor's files.
    PublishedText: A piece of what it says.
    PublishEnd: It is gone.

The host sends:
    Register: I bring a session to this gateway.
    AdmissionRules: These invitations and keys open the session.
    HomeProved: The session's host is here, signed.
    JoinPending: The client has to wait, for example for the owner's answer.
    Questions: These requests wait for the client's answer.
    Joined: The client is in.
    InputMarked: The program has had time to echo the client's input.
    RoleChanged: The client has another role, or may type, or may not.
    Windows: These windows are in the session, with their panes.
    LookAt: A client looks at this window and this pane.
    ScreenUpdate: The screen of a pane has changed.
    Echo: A key was echoed: a short `ScreenUpdate`.
    History: These are the lines that the client wanted.
    AttendanceWire: These people are in the session.
    ShowText: The client is to see this text: an answer, a message or a page.
    ViewSettings: The owner wants views to look like this.
    SessionInfo: The answer to `Query`.
    Captured: The answer to `Capture`.
    Clipboard: The program copied this, for the owner.
    GatewayAway: The gateway is away, or back.
    RecordEvent: Something happened that a recording names.
    Replay: The client is shown the recording, or the session again.
    Documents: These editors and documents are in the session.
    SharingChanged: An editor's documents are shown, or not.
    PublishTaken: So much of what a publisher said was taken.
    PublishOver: Nothing more of a publisher is taken.
    Ended: The session is over.

Both the gateway and the host send:
    Refused: The client, or the session, is refused.

Each module beside this one has the messages of one subject. All other code imports them from here.
A name is loaded when it is used first: `pairterm ls` needs three messages, and loads no others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pairterm.link.messages.capture import Capture, Captured, Clipboard
    from pairterm.link.messages.clients import (
        MAX_INPUT_BYTES,
        MAX_QUESTIONS,
        Input,
        InputMarked,
        Join,
        Joined,
        JoinPending,
        Leave,
        MarkInput,
        Questions,
        QuestionWire,
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
    from pairterm.link.messages.fields import MAX_COMMAND_CHARS, MAX_KEY_CHARS, MAX_TEXT_CHARS
    from pairterm.link.messages.hello import PROTOCOL, Hello, Ping, Pong
    from pairterm.link.messages.owner import ClientInfo, Kill, Query, SessionAddress, SessionInfo, WindowRoleInfo
    from pairterm.link.messages.publishing import (
        PUBLISH_PIECE_BYTES,
        PUBLISH_WINDOW_BYTES,
        Publish,
        PublishedText,
        PublishEnd,
        PublishOver,
        PublishTaken,
    )
    from pairterm.link.messages.recording import MAX_TYPED_BYTES, Record, RecorderNews, RecordEvent
    from pairterm.link.messages.registration import (
        AdmissionRules,
        CodeRevoked,
        HomeProved,
        InvitationWire,
        ProveHome,
        Register,
        Registered,
        Restarting,
    )
    from pairterm.link.messages.replay import GoBack, Replay, ReplayKeys
    from pairterm.link.messages.screens import (
        MAX_ECHO_CELLS,
        MAX_HISTORY_LINES,
        Ack,
        Echo,
        FetchHistory,
        History,
        ModesWire,
        PictureChange,
        RowWire,
        ScreenUpdate,
    )
    from pairterm.link.messages.session import (
        MAX_ATTENDEES,
        MAX_BINDINGS,
        AttendanceWire,
        AttendeeWire,
        Ended,
        GatewayAway,
        ViewSettings,
    )
    from pairterm.link.messages.unions import HostMessage, ViewerMessage
    from pairterm.link.messages.windows import MAX_INDEX, MAX_PANES, MAX_WINDOWS, LookAt, PaneWire, Windows, WindowWire

__all__ = [
    "MAX_ATTENDEES",
    "MAX_BINDINGS",
    "MAX_COMMAND_CHARS",
    "MAX_ECHO_CELLS",
    "MAX_HISTORY_LINES",
    "MAX_INDEX",
    "MAX_INPUT_BYTES",
    "MAX_KEY_CHARS",
    "MAX_PANES",
    "MAX_QUESTIONS",
    "MAX_TEXT_CHARS",
    "MAX_TYPED_BYTES",
    "MAX_WINDOWS",
    "PROTOCOL",
    "PUBLISH_PIECE_BYTES",
    "PUBLISH_WINDOW_BYTES",
    "Ack",
    "AdmissionRules",
    "AttendanceWire",
    "AttendeeWire",
    "Capture",
    "Captured",
    "ClientInfo",
    "Clipboard",
    "CodeRevoked",
    "DocumentAck",
    "DocumentUpdate",
    "Documents",
    "Echo",
    "Ended",
    "FetchHistory",
    "GatewayAway",
    "GoBack",
    "Hello",
    "History",
    "HomeProved",
    "HostMessage",
    "Input",
    "InputMarked",
    "InvitationWire",
    "Join",
    "JoinPending",
    "Joined",
    "Kill",
    "Leave",
    "LookAt",
    "MarkInput",
    "ModesWire",
    "PaneWire",
    "PictureChange",
    "Ping",
    "Pong",
    "ProveHome",
    "Publish",
    "PublishEnd",
    "PublishOver",
    "PublishTaken",
    "PublishedText",
    "Query",
    "QuestionWire",
    "Questions",
    "Record",
    "RecordEvent",
    "RecorderNews",
    "Refused",
    "Register",
    "Registered",
    "Replay",
    "ReplayKeys",
    "Resize",
    "Restarting",
    "RoleChanged",
    "RoundTrip",
    "RowWire",
    "RunCommand",
    "ScreenUpdate",
    "SessionAddress",
    "SessionInfo",
    "ShareDocuments",
    "ShareHello",
    "SharingChanged",
    "ShowText",
    "ViewSettings",
    "ViewerMessage",
    "WatchDocuments",
    "WindowRoleInfo",
    "WindowWire",
    "Windows",
]

_MODULES = {
    "capture": ("Capture", "Captured", "Clipboard"),
    "clients": (
        "MAX_INPUT_BYTES",
        "MAX_QUESTIONS",
        "Input",
        "InputMarked",
        "Join",
        "Joined",
        "JoinPending",
        "Leave",
        "MarkInput",
        "Questions",
        "QuestionWire",
        "Refused",
        "Resize",
        "RoleChanged",
        "RoundTrip",
        "RunCommand",
        "ShowText",
    ),
    "documents": (
        "DocumentAck",
        "Documents",
        "DocumentUpdate",
        "ShareDocuments",
        "ShareHello",
        "SharingChanged",
        "WatchDocuments",
    ),
    "fields": ("MAX_COMMAND_CHARS", "MAX_KEY_CHARS", "MAX_TEXT_CHARS"),
    "hello": ("PROTOCOL", "Hello", "Ping", "Pong"),
    "owner": ("ClientInfo", "Kill", "Query", "SessionAddress", "SessionInfo", "WindowRoleInfo"),
    "publishing": (
        "PUBLISH_PIECE_BYTES",
        "PUBLISH_WINDOW_BYTES",
        "Publish",
        "PublishedText",
        "PublishEnd",
        "PublishOver",
        "PublishTaken",
    ),
    "recording": ("MAX_TYPED_BYTES", "Record", "RecorderNews", "RecordEvent"),
    "registration": (
        "AdmissionRules",
        "CodeRevoked",
        "HomeProved",
        "InvitationWire",
        "ProveHome",
        "Register",
        "Registered",
        "Restarting",
    ),
    "replay": ("GoBack", "Replay", "ReplayKeys"),
    "screens": (
        "MAX_ECHO_CELLS",
        "MAX_HISTORY_LINES",
        "Ack",
        "Echo",
        "FetchHistory",
        "History",
        "ModesWire",
        "PictureChange",
        "RowWire",
        "ScreenUpdate",
    ),
    "session": (
        "MAX_ATTENDEES",
        "MAX_BINDINGS",
        "AttendanceWire",
        "AttendeeWire",
        "Ended",
        "GatewayAway",
        "ViewSettings",
    ),
    "unions": ("HostMessage", "ViewerMessage"),
    "windows": ("MAX_INDEX", "MAX_PANES", "MAX_WINDOWS", "LookAt", "PaneWire", "Windows", "WindowWire"),
}
"""Where the names are."""

_PLACES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a name's module."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value
