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
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from pairterm.terminal.frame import Pen
from pairterm.types import MAX_COLS, MAX_ROWS

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

PROTOCOL = 1
"""Raised when a message changes its meaning; both sides must have the same."""

MAX_INPUT_BYTES = 65_536
"""Input in one message. SSH packets carry 32 KiB; a larger paste comes as several."""

MAX_SAID_CHARS = 4096
"""A command in words; a remark in the chat is the longest."""

MAX_TOLD_CHARS = 65_536
"""An answer: a page of the chat, or the list of a thousand people."""

MAX_KEY_CHARS = 4200
"""A public key in one line, with the principals of an authority."""

MAX_HISTORY_LINES = 200
"""Lines of history in one message: the tallest screen."""

MAX_BINDINGS = 200
"""Key bindings that an owner may set; there are not many more keys."""

MAX_ATTENDEES = 100
"""People named in one message; a status line shows a handful, and 500 observers are a number."""

_ROWS = Annotated[int, Meta(ge=1, le=MAX_ROWS)]
_COLS = Annotated[int, Meta(ge=1, le=MAX_COLS)]
_Client = Annotated[int, Meta(ge=0, le=2**31)]
_Window = Annotated[int, Meta(ge=0, le=2**16)]
_Count = Annotated[int, Meta(ge=0, le=2**53)]
_Line = Annotated[str, Meta(max_length=512)]
_Name = Annotated[str, Meta(max_length=64)]
_Said = Annotated[str, Meta(max_length=MAX_SAID_CHARS)]
_Text = Annotated[str, Meta(max_length=MAX_TOLD_CHARS)]
_Key = Annotated[str, Meta(max_length=MAX_KEY_CHARS)]
_Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]

_Cells: TypeAlias = Annotated[str, Meta(max_length=MAX_COLS)] | Annotated[list[str], Meta(max_length=MAX_COLS)]

RowWire: TypeAlias = tuple[_Cells, Annotated[list[int], Meta(max_length=2 * MAX_COLS)], bool]
"""A row: its cells (a string when each is one character), runs of pens as `count, index, …`, and
whether it is wrapped. Spaces at the end of a string are left out, and so is a last run in the
default pen, which is index 0 of every table."""


_Pens: TypeAlias = Annotated[list[Pen], Meta(max_length=MAX_ROWS * MAX_COLS + 1)]
"""A table of pens: one a cell at the most, and the default pen as number 0."""


class _Message(Struct, frozen=True, array_like=True, tag_field="t"):
    """Base of all messages."""


class Hello(_Message, frozen=True, tag="hello"):
    """The first message each way: who speaks, and which protocol."""

    protocol: int
    software: _Name
    side: Literal["host", "gateway", "client"]


class Ping(_Message, frozen=True, tag="ping"):
    """Asks for a `Pong`, to see whether the other side still lives."""


class Pong(_Message, frozen=True, tag="pong"):
    """The answer to `Ping`."""


# What the viewer's side says.


class Join(_Message, frozen=True, tag="join"):
    """A client wants in: by a token's hash or a key from a gateway, or as the owner on the local socket (neither)."""

    client: _Client
    rows: _ROWS
    cols: _COLS
    token_hash: _Hash | None = None
    read_only: bool = False
    label: _Line = ""
    """Who it is, for people: an address or a user's name."""
    term: _Name = ""
    name: _Name = ""
    """What it calls itself; "" if it does not."""
    transport: Literal["", "local", "ssh", "web"] = ""
    key: _Key = ""
    """The public key that it proved to the gateway to have, in OpenSSH's one-line form; "" for none."""
    key_name: _Line = ""
    """The identity in its certificate."""
    authority: _Name = ""
    """The fingerprint of the authority that signed its certificate, which the gateway has checked."""


class Leave(_Message, frozen=True, tag="leave"):
    """A client is gone."""

    client: _Client


class Resize(_Message, frozen=True, tag="resize"):
    """A client's terminal has another size."""

    client: _Client
    rows: _ROWS
    cols: _COLS


class Input(_Message, frozen=True, tag="input"):
    """A client typed. The host drops it if the client's role is read-only."""

    client: _Client
    window: _Window
    data: Annotated[bytes, Meta(max_length=MAX_INPUT_BYTES)]


class Ack(_Message, frozen=True, tag="ack"):
    """The frame of this generation has been taken in; the next may come."""

    window: _Window
    generation: _Count


class Query(_Message, frozen=True, tag="query"):
    """Asks for `Info`. On the local socket only."""


class Kill(_Message, frozen=True, tag="kill"):
    """Ends the session. On the local socket only."""

    status: Annotated[int, Meta(ge=0, le=255)] | None = None
    """What the host exits with; None: as for a command that was hung up."""


class Restarting(_Message, frozen=True, tag="restarting"):
    """The gateway goes away and will be back soon: the host may dial again at short intervals."""


class Say(_Message, frozen=True, tag="say"):
    """A client gives a command in words; None as client is the owner's own command line. `Told` answers."""

    client: _Client | None
    line: _Said


class Measured(_Message, frozen=True, tag="measured"):
    """How long a packet takes to a client and back, as the gateway's kernel knows it."""

    client: _Client
    round_trip_ms: Annotated[int, Meta(ge=0, le=600_000)]


class Tried(_Message, frozen=True, tag="tried"):
    """Too many wrong words were tried on the spoken code of this number: the gateway takes it no more."""

    nameplate: _Name


class FetchHistory(_Message, frozen=True, tag="fetch"):
    """A client wants history lines `start` to `stop`, numbered from the first that ever left the screen."""

    client: _Client
    window: _Window
    start: _Count
    stop: _Count


class Registered(_Message, frozen=True, tag="registered"):
    """A gateway took the session: where guests reach it."""

    host: _Line
    port: Annotated[int, Meta(ge=1, le=65535)]
    public_key: _Line
    """The gateway's host key in OpenSSH's one-line form, `ssh-ed25519 AAAA…`."""
    fingerprint: _Name
    """`SHA256:…` of that key."""
    is_loopback: bool
    """Reachable from this machine only."""
    is_own: bool
    """It is the user's own, started on demand: a host may start it again."""
    is_advertised: bool = True
    """The host was set by the operator; else it is a guess, and a name that a host dialled is better."""
    generation: _Count = 0
    """For the host to present when it comes back."""
    fixed_name: _Name = ""
    """The fixed name that the session has."""
    notice: _Line = ""
    """What the owner should know, such as why a fixed name is lost."""


# What the host says.


class ViewSettings(_Message, frozen=True, tag="settings"):
    """How the session's owner wants everybody's view to be: the host's second message, after its `Hello`."""

    prefix: _Name = "C-b"
    """The prefix key, in tmux's notation."""
    status: bool = True
    """Whether the last row shows the status line, until a client says otherwise for itself."""
    mouse: bool = False
    """Whether the wheel scrolls the history while the program does not want the mouse."""
    centred: bool = False
    """Whether a session that is smaller than a terminal stands in its middle, not top left."""
    term: _Name = ""
    """TERM inside the session: in whose spelling keys are told."""
    bindings: Annotated[dict[_Name, _Line], Meta(max_length=MAX_BINDINGS)] = {}
    """Keys after the prefix and what they do, both in tmux's words; they add to the usual ones."""


class Register(_Message, frozen=True, tag="register"):
    """A host brings its session to a gateway."""

    session: _Name
    read_write_hash: _Hash
    read_only_hash: _Hash
    listen: Annotated[list[_Line], Meta(max_length=16)] = []
    """Addresses the user's own gateway shall listen on besides its own; others ignore it."""
    instance: Annotated[bytes, Meta(max_length=16)] = b""
    """Random bytes of this host process: whoever comes back with them is the same one."""
    generation: _Count = 0
    """What the gateway gave the last time; 0 the first time."""
    fixed_name: _Name = ""
    """The user name under which the session wants to be found besides its tokens."""


class Joined(_Message, frozen=True, tag="joined"):
    """The client is in, with this role."""

    client: _Client
    role: Literal["owner", "rw", "ro"]
    may_type: bool = True
    """False: whatever its role, its keys go nowhere now."""


class RoleChanged(_Message, frozen=True, tag="role"):
    """The client has another role, or its keys go nowhere now, or somewhere again. Both gates follow."""

    client: _Client
    role: Literal["owner", "rw", "ro"]
    may_type: bool


class Held(_Message, frozen=True, tag="held"):
    """The client has to wait; the text says for what. `Joined` or `Refused` follows."""

    client: _Client
    text: _Line


class LinkWire(_Message, frozen=True, tag="link"):
    """One link of a session, as its gateway needs it."""

    token_hash: _Hash
    role: Literal["rw", "ro"]
    wants_key: bool = False
    """Ask the client for a key as well; it may have none."""
    nameplate: _Name = ""
    """The number of a spoken code: wrong words for it are counted."""


class Admits(_Message, frozen=True, tag="admits"):
    """Who may come to a session's door. After `Register`, and again whenever it changes; the host decides."""

    links: Annotated[list[LinkWire], Meta(max_length=256)]
    keys: Annotated[list[_Key], Meta(max_length=2048)]
    """Lines of public keys and authorities that come in by the session's name, or in addition to a link."""
    needs_key: bool
    """A link alone is not enough."""


class Refused(_Message, frozen=True, tag="refused"):
    """The client, or with `client` None the registration, is not taken."""

    client: _Client | None
    code: _Name
    text: _Line


class Told(_Message, frozen=True, tag="told"):
    """A line for a client, or with None for the owner's command line; `is_error` if nothing was done."""

    client: _Client | None
    text: _Text
    is_error: bool = False
    title: _Line = ""
    """Not "": the text is a page that the client closes itself."""
    items: Annotated[list[_Name], Meta(max_length=1024)] = []
    """Not []: the page's lines after the first are people whom commands call so."""


class AttendeeWire(_Message, frozen=True, tag="attendee"):
    """One of `AttendanceWire`."""

    label: _Line
    role: Literal["owner", "rw", "ro"]


class AttendanceWire(_Message, frozen=True, tag="attendance"):
    """Who is in the session, who typed last, and what gives it its size."""

    people: Annotated[list[AttendeeWire], Meta(max_length=MAX_ATTENDEES)]
    count: _Count
    """How many there are in all; `people` may be fewer."""
    typed_last: _Line
    size_by: _Line
    note: _Line = ""
    """What everybody is to know at a glance, such as who drives."""


class History(_Message, frozen=True, tag="history"):
    """The answer to `FetchHistory`: the lines from `start` on, and how many the host keeps."""

    client: _Client
    window: _Window
    start: _Count
    kept: _Count
    cols: _COLS
    rows: Annotated[list[RowWire], Meta(max_length=MAX_HISTORY_LINES)]
    pens: _Pens


class ScreenUpdate(_Message, frozen=True, tag="screen"):
    """What changed from the frame of generation `base` (0: nothing is known) to that of `generation`.

    The target's rows are first those of `copies` (target row, base row, how many),
    then `new_rows` in order at the places left. None means as in the base.
    """

    window: _Window
    base: _Count
    generation: _Count
    rows: _ROWS
    cols: _COLS
    copies: Annotated[list[tuple[int, int, int]], Meta(max_length=MAX_ROWS)]
    new_rows: Annotated[list[RowWire], Meta(max_length=MAX_ROWS)]
    pens: _Pens
    cursor: tuple[int, int, bool, int]
    """Row, column, visible, shape (DECSCUSR)."""
    scrolled: _Count
    bells: _Count
    is_alternate: bool
    title: Annotated[str, Meta(max_length=1024)] | None = None
    modes: tuple[bool, bool, bool, bool, int, int, int, int, bool] | None = None


class ClientInfo(_Message, frozen=True, tag="client"):
    """One attached client, as `Info` lists it."""

    label: _Line
    role: Literal["owner", "rw", "ro"]
    rows: _ROWS
    cols: _COLS
    joined_s: float
    number: _Count = 0
    name: _Name = ""
    transport: _Name = ""
    fingerprint: _Name = ""
    link: int | None = None
    term: _Name = ""
    idle_s: float = 0.0
    may_type: bool = False
    round_trip_ms: int | None = None
    until_s: float | None = None
    """When its role ends; None: not by time."""


class LinkAddress(_Message, frozen=True, tag="address"):
    """All that the links of a session are written from. It holds the tokens: for the owner only."""

    host: _Line
    port: Annotated[int, Meta(ge=1, le=65535)]
    public_key: _Line
    fingerprint: _Name
    is_loopback: bool
    read_write: _Line
    read_only: _Line
    fixed_name: _Name = ""
    """The user name under which those with a key on the session's list come; "" for none."""


class Info(_Message, frozen=True, tag="info"):
    """The answer to `Query`."""

    session: _Name
    pid: int
    created_s: float
    rows: _ROWS
    cols: _COLS
    command: _Line
    title: Annotated[str, Meta(max_length=1024)]
    clients: list[ClientInfo]
    address: LinkAddress | None
    """None while no gateway has the session."""
    gateway: _Line
    """The gateway's state in words."""
    messages: list[tuple[float, _Line]] = []
    """What happened to the session, the newest last: when, and what."""
    guests_ever: _Count = 0
    """How many guests have come by a gateway, those who left too."""


class Ended(_Message, frozen=True, tag="ended"):
    """The session is over: every client leaves with `text`. `status`: the command's, as a shell gives it."""

    reason: Literal["ended", "killed"]
    status: int
    text: _Line


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
    | Ended
)
"""What a host sends."""
