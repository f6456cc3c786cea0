"""An editor's end of a session's local socket, one message at a time, without a language client."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import replace

from pairterm import __version__
from pairterm.document.document import Cursor, Document, DocumentId, Position
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import PROTOCOL, DocumentAck, Hello, ShareDocuments, ShareHello, ViewerMessage
from pairterm.link.messages.documents import ShareTab
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.world import World

__all__ = ["RawEditor"]


class RawEditor:
    """One editor of the owner, which shares one file."""

    def __init__(self, world: World, session: str, name: str, *lines: str, person: str = "ana") -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(DEADLINE_S)
        self._socket.connect(str(world.runtime / f"{session}.sock"))
        self._reader = FrameReader()
        self._publisher = DocumentPublisher(DocumentId(1))
        self._version = 0
        self._send(Hello(PROTOCOL, __version__, "client"), ShareHello(person, "project", bytes(32)))
        self._send(ShareDocuments([ShareTab(1, name, "python")], 1))
        self.write(*lines)

    def write(self, *lines: str, cursor: tuple[int, int] = (0, 0), colours: Sequence[bytes] = ()) -> None:
        """Share the whole text, and return when the host has it. `colours`: a row for each line, or none at all."""
        self._version += 1
        text = Document.of(DocumentId(1), lines, version=self._version)
        text = replace(text, cursors=(Cursor(Position(*cursor)),), colours=tuple(colours) or text.colours)
        while (update := self._publisher.update(text)) is not None:
            self._send(update)
            self._take_answer()

    def close(self) -> None:
        """End the link without a word, as a crash does."""
        self._socket.close()

    def _take_answer(self) -> None:
        while True:
            data = self._socket.recv(65_536)
            assert data, "the host has closed the link"
            for payload in self._reader.feed(data):
                message = decode_host_message(payload)
                if isinstance(message, DocumentAck):
                    assert message.is_right
                    self._publisher.acknowledge(message)
                    return

    def _send(self, *messages: ViewerMessage) -> None:
        self._socket.sendall(b"".join(framed(encode(each)) for each in messages))
