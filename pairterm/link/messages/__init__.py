"""The messages of the link, typed and versioned: what a host and a viewer's side say to each other.

The *viewer's side* is whoever shows a session to people: a gateway with many
guests, or `pairterm attach` with one. The first message each way is `Hello`; a
side that reads another `protocol` says so and closes. A client is a number that
the viewer's side chose, unique on that link. Whatever concerns a screen names
its window. Sizes are cells, times seconds since the epoch.

On the wire: msgpack arrays, `[tag, field, …]`; fields are only ever added at
the end, and a reader ignores those it does not know. Law 7: a link message
survives encode → decode; a truncated, oversized or unknown one ends that link
with an error, and nothing else.

The messages stand by subject in the modules beside this one; all others import them from here.
"""

from __future__ import annotations

from typing import TypeAlias

from pairterm.link.messages.clients import (
    MAX_INPUT_BYTES,
    Held,
    Input,
    Join,
    Joined,
    Leave,
    Measured,
    Refused,
    Resize,
    RoleChanged,
    Say,
    Told,
)
from pairterm.link.messages.fields import MAX_KEY_CHARS, MAX_SAID_CHARS, MAX_TOLD_CHARS
from pairterm.link.messages.hello import PROTOCOL, Hello, Ping, Pong
from pairterm.link.messages.owner import ClientInfo, Info, Kill, LinkAddress, Query
from pairterm.link.messages.registration import Admits, LinkWire, Register, Registered, Restarting, Tried
from pairterm.link.messages.screens import MAX_HISTORY_LINES, Ack, FetchHistory, History, RowWire, ScreenUpdate
from pairterm.link.messages.session import (
    MAX_ATTENDEES,
    MAX_BINDINGS,
    AttendanceWire,
    AttendeeWire,
    Ended,
    GatewayAway,
    ViewSettings,
)

__all__ = [
    "MAX_ATTENDEES",
    "MAX_BINDINGS",
    "MAX_HISTORY_LINES",
    "MAX_INPUT_BYTES",
    "MAX_KEY_CHARS",
    "MAX_SAID_CHARS",
    "MAX_TOLD_CHARS",
    "PROTOCOL",
    "Ack",
    "Admits",
    "AttendanceWire",
    "AttendeeWire",
    "ClientInfo",
    "Ended",
    "FetchHistory",
    "GatewayAway",
    "Held",
    "Hello",
    "History",
    "HostMessage",
    "Info",
    "Input",
    "Join",
    "Joined",
    "Kill",
    "Leave",
    "LinkAddress",
    "LinkWire",
    "Measured",
    "Ping",
    "Pong",
    "Query",
    "Refused",
    "Register",
    "Registered",
    "Resize",
    "Restarting",
    "RoleChanged",
    "RowWire",
    "Say",
    "ScreenUpdate",
    "Told",
    "Tried",
    "ViewSettings",
    "ViewerMessage",
]

ViewerMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | Join
    | Leave
    | Resize
    | Input
    | Ack
    | FetchHistory
    | Say
    | Measured
    | Tried
    | Query
    | Kill
    | Registered
    | Refused
    | Restarting
)
"""What a gateway or an attached terminal sends."""

HostMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | Register
    | Admits
    | Joined
    | RoleChanged
    | Held
    | Refused
    | ScreenUpdate
    | History
    | AttendanceWire
    | Told
    | ViewSettings
    | Info
    | GatewayAway
    | Ended
)
"""What a host sends."""
