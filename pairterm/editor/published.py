"""The process that shares what pair-ls publishes at a gateway: `python -m pairterm.editor`, started by a host.

Standard input has the settings in one line, and then what the publisher says, as it came. That is a stranger's: a
line that can't be used is skipped, and the worst that a line does is to end this process.

pair-ls 0.1.1 sends each message of its editor again, as a notification of JSON-RPC 2.0: one JSON object,
and the end of a line. Places are in UTF-16, because pair-ls offers its editor nothing else. After `shutdown` the
editor has ended; without it, it is away.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import resource
import sys
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pairterm.document.buffer import Change
from pairterm.document.document import MAX_TEXT_BYTES
from pairterm.editor.colourer import Colourer
from pairterm.editor.host_connection import HostConnection, Reports
from pairterm.editor.open_files import OpenFiles
from pairterm.editor.published_files import PublishedFiles
from pairterm.errors import PeerError
from pairterm.link.messages import ShareHello

__all__ = ["LineReader", "PublishedEditor", "main"]

logger = logging.getLogger(__name__)

_READ_BYTES = 65_536

_MAX_LINE_BYTES = 4 * MAX_TEXT_BYTES
"""A longer line ends the process: its text would be too large. JSON writes a character of a text in up to six bytes."""

_MAX_MEMORY_BYTES = 512 << 20
"""What the texts of one publisher may take. Files that are withheld count too."""

_MAX_OPEN = 256
"""Files that one publisher may have open."""

_Unit = Annotated[int, Meta(ge=0, le=2**31)]


class _Settings(Struct):
    session: str
    name: str
    """Of the publisher, for people."""
    link: int
    """The number of the invitation: a publisher who comes again by it is the same."""


class _Place(Struct):
    line: _Unit
    character: _Unit


class _Range(Struct):
    start: _Place
    end: _Place


class _Change(Struct):
    text: str
    range: _Range | None = None


class _File(Struct):
    uri: Annotated[str, Meta(max_length=4096)]
    languageId: Annotated[str, Meta(max_length=64)] = ""  # noqa: N815  # LSP's spelling
    text: str = ""


class _Cursor(Struct):
    position: _Place
    range: _Range | None = None


class _Params(Struct):
    """The members of all messages that are used."""

    rootUri: str | None = None  # noqa: N815
    textDocument: _File | None = None  # noqa: N815
    contentChanges: list[_Change] = []  # noqa: N815
    position: _Place | None = None
    range: _Range | None = None
    cursors: list[_Cursor] = []


class _Message(Struct):
    method: str = ""
    params: _Params | None = None


_ABOUT_TEXT = b"textDocument/did"

_decoder = msgspec.json.Decoder(_Message)


class LineReader:
    """Cuts a stream into lines."""

    def __init__(self, max_bytes: int = _MAX_LINE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that end in this piece.

        Raises:
            PeerError: A line is too long.
        """
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._add(end)
            yield bytes(self._rest)
            self._rest.clear()
        self._add(rest)

    def _add(self, part: bytes) -> None:
        if len(self._rest) + len(part) > self._max_bytes:
            raise PeerError("a message is too long", code="too_long")
        self._rest += part


class PublishedEditor:
    """The open files of one publisher, by what it says."""

    def __init__(self) -> None:
        self.files: OpenFiles | None = None
        """Its files; None: it has not begun."""
        self.rules = PublishedFiles("")
        self.is_over = False
        """Its editor has ended."""
        self._open: set[str] = set()

    def take(self, line: bytes) -> bool:
        """Take one message. Return whether something may have changed."""
        try:
            message = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            logger.info("a message that can't be used")
            return self._doubt() if _ABOUT_TEXT in line else False
        params = message.params or _Params()
        if message.method == "initialize" and self.files is None:
            self.rules = PublishedFiles(params.rootUri or "")
            self.files = OpenFiles(self.rules, tell=logger.info)
        elif message.method == "shutdown":
            self.is_over = True
        elif self.files is not None and params.textDocument is not None:
            return self._change(self.files, message.method, params, params.textDocument)
        return self.files is not None

    def _doubt(self) -> bool:
        """Forget the texts: one of them is not as in the editor any more. Each is shown when it is opened again."""
        if self.files is not None:
            for uri in self._open:
                self.files.close(uri)
        self._open.clear()
        return True

    def _change(self, files: OpenFiles, method: str, params: _Params, file: _File) -> bool:
        match method:
            case "textDocument/didOpen" if file.uri in self._open or len(self._open) < _MAX_OPEN:
                self._open.add(file.uri)
                files.open(file.uri, file.languageId, file.text)
            case "textDocument/didChange":
                files.change(file.uri, map(_change, params.contentChanges))
            case "textDocument/didClose":
                self._open.discard(file.uri)
                files.close(file.uri)
            case "experimental/cursor" | "textDocument/hover":
                alone = [_Cursor(params.position, params.range)] if params.position is not None else []
                files.move_cursors(file.uri, [_cursor(each) for each in params.cursors or alone])
            case _:
                return False
        return True


async def _share() -> None:
    """Share what comes on standard input, to its end."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_READ_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    settings = msgspec.json.decode(await reader.readline(), type=_Settings)
    editor, lines = PublishedEditor(), LineReader()
    connection: HostConnection | None = None
    colourer: Colourer | None = None
    tasks: list[asyncio.Task[None]] = []
    try:
        while not editor.is_over and (data := await reader.read(_READ_BYTES)):
            changes = [editor.take(line) for line in lines.feed(data)]
            if connection is None and editor.files is not None:
                connection = _connection(settings, editor.files, editor.rules)
                colourer = Colourer(editor.files, connection.publish)
                tasks = [loop.create_task(connection.stay()), loop.create_task(colourer.run())]
            if connection is not None and colourer is not None and any(changes):
                connection.publish()
                colourer.look()
    finally:
        if connection is not None and editor.is_over:
            connection.finish()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _connection(settings: _Settings, files: OpenFiles, rules: PublishedFiles) -> HostConnection:
    key = hashlib.sha256(f"published\0{settings.link}\0{rules.name}".encode("utf-8", "replace")).digest()
    return HostConnection(
        files,
        ShareHello(settings.name[:64], rules.name[:512], key),
        find_session=lambda: settings.session,
        reports=Reports(lambda _: None, logger.warning),
    )


def _change(change: _Change) -> Change:
    if change.range is None:
        return Change(change.text)
    return Change(change.text, _place(change.range.start), _place(change.range.end))


def _cursor(cursor: _Cursor) -> tuple[tuple[int, int], tuple[tuple[int, int], tuple[int, int]] | None]:
    selected = (_place(cursor.range.start), _place(cursor.range.end)) if cursor.range is not None else None
    return _place(cursor.position), selected


def _place(place: _Place) -> tuple[int, int]:
    return place.line, place.character


def main() -> int:
    """Run the process; return its exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    resource.setrlimit(resource.RLIMIT_DATA, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    try:
        asyncio.run(_share())
    except PeerError as error:
        logger.warning("the publisher is dropped: %s", error.message)
        return 1
    return 0
