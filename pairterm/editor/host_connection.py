"""The connection of an editor to the host of its session, over the session's local socket.

It sends what the other side does not have: the list of files and their texts. If the host or
the session goes away, it connects again, with pauses. So an editor that was started
before its session shares as soon as there is one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from pairterm import __version__
from pairterm.document.document import Document, DocumentId
from pairterm.editor.open_files import OpenFiles
from pairterm.errors import PairtermError, PeerError
from pairterm.link.codec import decode_host_message
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.messages import (
    PROTOCOL,
    DocumentAck,
    Ended,
    Hello,
    HostMessage,
    Ping,
    Query,
    SessionInfo,
    ShareDocuments,
    ShareHello,
    SharingChanged,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.paths import session_socket
from pairterm.runtime.link_stream import LinkStream, connect_unix

__all__ = ["HostConnection", "Reports"]

logger = logging.getLogger(__name__)

_PAUSES_S = (0.2, 0.5, 1.0, 2.0)
"""The pauses before the next tries to reach a session; the last one is repeated."""

_ASK_S = 1.0
"""How often the host is asked for the session's address while no gateway has it."""


@dataclass(frozen=True, slots=True)
class Reports:
    """The functions that learn how the sharing goes."""

    shared: Callable[[SessionInfo], None]
    """The documents are shown, and guests can reach the session."""
    failed: Callable[[str], None]
    """They are not, and this says why. The connection may go on trying."""


class HostConnection:
    """An editor's link to a session. One at a time."""

    def __init__(
        self, files: OpenFiles, hello: ShareHello, *, find_session: Callable[[], str], reports: Reports
    ) -> None:
        """`find_session` returns the session's name, and may block or start one. It raises `PairtermError`."""
        self._files = files
        self._hello = hello
        self._find_session = find_session
        self._reports = reports
        self._stream: LinkStream | None = None
        self._lost = asyncio.Event()
        self._is_closed = False
        self._has_hello = False
        self._is_shared = False
        self._listed: ShareDocuments | None = None
        self._publishers: dict[DocumentId, DocumentPublisher] = {}
        self._failure = ""

    async def stay(self) -> None:
        """Connect, and connect again when the link is lost, until the owner closes the window."""
        tries = 0
        while not self._is_closed:
            try:
                name = await asyncio.to_thread(self._find_session)
                await self._connect(name)
            except PairtermError as error:
                self._fail(error.message)
            else:
                tries = 0
                await self._lost.wait()
            if not self._is_closed:
                await asyncio.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
                tries += 1

    def publish(self) -> None:
        """Send what the host does not have."""
        stream = self._stream
        if stream is None or not self._is_shared:
            return
        listing = self._files.listing()
        if listing != self._listed:
            self._listed = listing
            stream.send(listing)
        documents: dict[DocumentId, Document] = {each.document.id: each.document for each in self._files.shared()}
        self._publishers = {each: self._publishers.get(each) or DocumentPublisher(each) for each in documents}
        for each, publisher in self._publishers.items():
            while (update := publisher.update(documents[each])) is not None:
                stream.send(update)

    def finish(self) -> None:
        """Tell the host that the editor ends, so that it is not away."""
        self._is_closed = True
        if self._stream is not None and self._is_shared:
            self._stream.send(ShareDocuments([], is_last=True))
            self._stream.close()
        self._lost.set()

    async def _connect(self, name: str) -> None:
        self._lost.clear()
        self._has_hello = self._is_shared = False
        self._listed = None
        self._publishers.clear()
        stream = LinkStream(self._receive, self._gone)
        await connect_unix(session_socket(name), stream)
        self._stream = stream
        stream.send(Hello(PROTOCOL, __version__, "client"), self._hello)

    def _gone(self, error: PeerError | None) -> None:
        self._stream = None
        if error is not None:
            self._fail(error.message)
        self._lost.set()

    def _receive(self, payload: bytes) -> None:
        message = decode_host_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
            return
        self._take(message)

    def _take(self, message: HostMessage) -> None:
        match message:
            case DocumentAck():
                if (publisher := self._publishers.get(DocumentId(message.document))) is not None:
                    publisher.acknowledge(message)
                self.publish()
            case SharingChanged(state="shared"):
                self._is_shared = True
                self.publish()
                self._ask()
            case SharingChanged(text=text):
                self._is_closed = True
                self._fail(text)
                self._close()
            case SessionInfo(address=None):
                asyncio.get_running_loop().call_later(_ASK_S, self._ask)
            case SessionInfo():
                self._failure = ""
                self._reports.shared(message)
            case Ended(text=text):
                self._fail(text)
            case Ping() if self._stream is not None:
                self._stream.answer_ping()
            case _:
                pass  # Settings, lists and notes are for viewers.

    def _ask(self) -> None:
        if self._stream is not None:
            self._stream.send(Query())

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _fail(self, text: str) -> None:
        """Report why nothing is shared, once for each reason."""
        if text != self._failure:
            self._failure = text
            self._reports.failed(text)
