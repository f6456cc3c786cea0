"""What one link of a host stands between: the session that it asks, and the wire that it sends on."""

from __future__ import annotations

from typing import Protocol, TypeAlias, TypeVar

from pairterm.link.messages import (
    AdmissionRules,
    DocumentAck,
    DocumentUpdate,
    HostMessage,
    ProveHome,
    Publish,
    PublishedText,
    PublishEnd,
    RecorderNews,
    Refused,
    Registered,
    Restarting,
    SessionInfo,
    ShareDocuments,
    ShareHello,
    WatchDocuments,
)
from pairterm.session.session_admission import Visitor
from pairterm.terminal.excerpt import CapturedLines, HistoryLines
from pairterm.types import ClientId, PaneId, Size

__all__ = ["GatewayNews", "ReplayActions", "SessionActions", "Wire"]

GatewayNews: TypeAlias = Registered | Refused | Restarting | ProveHome
"""What a gateway says to the host, and not to its session."""

_Peer = TypeVar("_Peer", contravariant=True)
"""One link, from the host's end."""


class Wire(Protocol):
    """The sending end of a link."""

    @property
    def waiting_bytes(self) -> int:
        """What was sent and the other side has not taken yet."""

    def send(self, message: HostMessage) -> None:
        """Send a message. Nothing happens if the link has ended."""

    def close(self) -> None:
        """End the link when all messages are sent."""

    def answer_ping(self) -> None:
        """Answer a ping of the other side."""


class ReplayActions(Protocol[_Peer]):
    """What a peer may ask for clients that go back in time."""

    def begin(self, peer: _Peer, client: ClientId) -> None:
        """Show a client the recording, or tell them why not."""

    def keys(self, client: ClientId, data: bytes) -> None:
        """Take what a client typed while they see a replay."""

    def resize(self, client: ClientId, size: Size) -> None:
        """Follow the size of a client's terminal."""

    def publish(self, pane: PaneId) -> None:
        """Send the newest picture of a replay, if this is its pane."""


class SessionActions(Protocol[_Peer]):
    """What a peer may ask of its session. The actor implements it."""

    @property
    def replays(self) -> ReplayActions[_Peer]:
        """The clients that go back in time."""

    def join(self, peer: _Peer, client: ClientId, number: int, visitor: Visitor, size: Size) -> None:
        """Admit a client, let them wait, or refuse them. `number` is the other side's number of the client."""

    def leave(self, client: ClientId) -> None:
        """Remove a client who has left."""

    def lose(self, client: ClientId) -> None:
        """Remove a client whose link was lost. They may return and keep their role."""

    def resize(self, client: ClientId, size: Size) -> None:
        """Set the size of a client's terminal."""

    def input(self, client: ClientId, data: bytes) -> None:
        """Take the input that a client typed."""

    def mark_input(self, peer: _Peer, client: ClientId, serial: int) -> None:
        """Tell the peer when the program has had time to echo what the client has typed up to `serial`."""

    def command(self, client: ClientId, line: str) -> None:
        """Run a command of a client."""

    def owner_command(self, line: str, pane: PaneId | None) -> tuple[str, bool]:
        """Run a command of the owner's shell in a pane. Return the answer, and whether it is an error."""

    def wait_for(self, peer: _Peer, line: str) -> tuple[str, bool] | None:
        """Run `wait-for`. Return the answer as `owner_command` does; None: the peer waits, and gets it later."""

    def measured(self, client: ClientId, round_trip_ms: int) -> None:
        """Set the round-trip time of a client's connection."""

    def history(self, client: ClientId, pane: PaneId, start: int, stop: int, place: int | None) -> HistoryLines:
        """Return lines of a pane's history. With a place, `start` and `stop` count from the line at that place."""

    def capture(self, start: int, stop: int, pane: PaneId | None, *, is_primary: bool = False) -> CapturedLines | None:
        """Return lines of a pane's history and screen, numbered as those of the history are; None: no such pane.

        `is_primary`: those of the primary screen behind the alternate one, numbered from 0.
        """

    def admits(self) -> AdmissionRules:
        """Return the invitations and keys that a gateway shall accept."""

    def tried(self, nameplate: str, *, is_refused: bool) -> None:
        """End a spoken code: wrong words were tried too often, or the gateway does not accept it (`is_refused`)."""

    def kill(self, status: int | None = None) -> None:
        """End the session, with this exit status."""

    def record(self, peer: _Peer, number: int) -> None:
        """Let the recorder with this number watch."""

    def recorder_says(self, peer: _Peer, news: RecorderNews) -> None:
        """Take a recorder's news."""

    def take_document_message(
        self,
        peer: _Peer,
        message: WatchDocuments
        | DocumentAck
        | ShareHello
        | ShareDocuments
        | DocumentUpdate
        | Publish
        | PublishedText
        | PublishEnd,
    ) -> None:
        """Take what a link says about documents."""

    def info(self) -> SessionInfo:
        """Describe the session."""

    def publish(self, pane: PaneId | None = None) -> None:
        """Send the newest frame of a pane, or of all panes, to all peers that can take one."""
