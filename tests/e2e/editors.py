"""The two ends of shared code: a language client by hand, and a viewer on a session's local socket."""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pairterm import __version__
from pairterm.document.document import Document, DocumentTab, Sharer, Span
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import PROTOCOL, Documents, DocumentUpdate, Hello, Join, ViewerMessage
from pairterm.link.shared_documents import SharedDocuments
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.world import World

__all__ = ["CURSOR_PLUGIN", "CodeViewer", "LanguageClient", "recipe"]

_PAGE = Path(__file__).parents[2] / "docs" / "editor.md"

CURSOR_PLUGIN = {"experimental": {"cursor": {"position": True}}}
"""The capabilities of a plugin of pair-ls."""


def recipe(language: str) -> str:
    """Return the lines of docs/editor.md in this language, as a person copies them."""
    found = re.search(rf"```{language}\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, language
    return found[1]


class LanguageClient:
    """A language client, one message at a time. All of its files are below `root`."""

    def __init__(self, world: World, root: Path, *arguments: str, capabilities: dict[str, Any] | None = None) -> None:
        self.root = root
        with (world.root / "lsp.log").open("ab") as log:
            self.process = world.start("pairterm", "lsp", *arguments, stdin=subprocess.PIPE, stderr=log)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._in, self._out = self.process.stdin, self.process.stdout
        self._buffer = b""
        self._last = 0
        self._versions: dict[str, int] = {}
        self.heard: list[dict[str, Any]] = []
        folder = {"uri": root.as_uri(), "name": root.name}
        initialize = {"processId": None, "rootUri": root.as_uri(), "workspaceFolders": [folder]}
        self.server = self.request("initialize", {**initialize, "capabilities": capabilities or {}})["capabilities"]
        self.notify("initialized", {})

    def notify(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: object) -> Any:
        """Send a request; return its result."""
        self._last += 1
        number = self._last
        self._send({"id": number, "method": method, "params": params})
        answer = self.hear_until(lambda message: message.get("id") == number and "method" not in message)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self._versions[uri] = 1
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, *changes: dict[str, Any]) -> None:
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def cursor(self, uri: str, line: int, character: int) -> None:
        position = {"line": line, "character": character}
        self.notify("experimental/cursor", {"textDocument": {"uri": uri}, "cursors": [{"position": position}]})

    def shown(self) -> list[str]:
        """Return the messages that the person has seen so far."""
        return [each["params"]["message"] for each in self.heard if each.get("method") == "window/showMessage"]

    def hear_message(self, method: str, text: str) -> str:
        """Wait for a message to the person, or to the log, with this text in it."""
        found = self.hear_until(lambda each: each.get("method") == method and text in each["params"]["message"])
        return str(found["params"]["message"])

    def hear_until(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first message that it is, also one that was heard before."""
        for message in self.heard:
            if is_it(message):
                return message
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            message = self._hear(deadline_s)
            self.heard.append(message)
            if is_it(message):
                return message

    def end(self) -> int:
        """End the server as an editor does; return its exit status."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.close()

    def kill(self) -> None:
        """End the server as a crash does."""
        self.process.kill()
        self.close()

    def close(self) -> int:
        """Wait for the server's end; return its exit status."""
        status = self.process.wait(DEADLINE_S)
        self._in.close()
        self._out.close()
        return status

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._in.flush()

    def _hear(self, deadline_s: float) -> dict[str, Any]:
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if found:
                length = int(head.lower().partition(b"content-length:")[2].split()[0])
                if len(rest) >= length:
                    self._buffer = rest[length:]
                    message: dict[str, Any] = json.loads(rest[:length])
                    return message
            ready, _, _ = select.select([self._out], [], [], max(0.0, deadline_s - time.monotonic()))
            assert ready, f"the server says nothing more; it said {self.heard}"
            data = self._out.read1(65_536)  # type: ignore[attr-defined]  # a BufferedReader
            assert data, f"the server has ended; it said {self.heard}"
            self._buffer += data


class CodeViewer:
    """A viewer of the owner's, who looks at all documents of a session."""

    def __init__(self, world: World, session: str) -> None:
        self.documents = SharedDocuments()
        self.update_bytes: list[int] = []
        """The size of each update that came."""
        self._reader = FrameReader()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(world.runtime / f"{session}.sock"))
        self._send(Hello(PROTOCOL, __version__, "client"), Join(1, 24, 80))

    def __enter__(self) -> CodeViewer:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def sharers(self) -> Sequence[Sharer]:
        return self.documents.sharers

    def tab(self, name: str) -> DocumentTab | None:
        return next((each for each in self.documents.tabs if each.name == name), None)

    def document(self, name: str) -> Document | None:
        tab = self.tab(name)
        return self.documents.document(tab.id) if tab is not None else None

    def lines(self, name: str) -> list[str] | None:
        document = self.document(name)
        return list(document.lines) if document is not None else None

    def cursors(self, name: str) -> list[tuple[int, int]]:
        """Return the cursors in a file: the line and the column of each, from 1, as editors count them."""
        document = self.document(name)
        places = [each.position for each in document.cursors] if document is not None else []
        return [(each.line + 1, each.column + 1) for each in places]

    def selections(self, name: str) -> list[Span]:
        """Return what is selected in a file."""
        document = self.document(name)
        return [span for each in document.cursors for span in each.selections] if document is not None else []

    def until_same(self, name: str, lines: list[str], cursor: tuple[int, int] | None = None, after: str = "") -> None:
        """Wait until a file has these lines, and this cursor only if one is given, as the editor has them."""

        def is_same() -> bool:
            return self.lines(name) == lines and (cursor is None or self.cursors(name) == [cursor])

        def difference() -> str:
            return f"after {after!r} the editor has {lines} {cursor}, and not {self.lines(name)} {self.cursors(name)}"

        self.until(is_same, difference)

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> None:
        """Take what has arrived, or wait for something."""
        data = self._socket.recv(65_536)
        assert data, "the host has closed the link"
        for payload in self._reader.feed(data):
            self._take(payload)

    def until(self, is_so: Callable[[], object], what: Callable[[], str] | str) -> None:
        """Take messages until something is so."""
        deadline_s = time.monotonic() + DEADLINE_S
        while not is_so():
            self._socket.settimeout(max(0.01, deadline_s - time.monotonic()))
            try:
                self.read()
            except TimeoutError:
                reason = what if isinstance(what, str) else what()
                raise AssertionError(f"{reason}; there are {self.documents.sharers} {self.documents.tabs}") from None

    def _take(self, payload: bytes) -> None:
        match decode_host_message(payload):
            case Documents() as listing:
                self.documents.take_list(listing)
                watch = self.documents.watch([each.id for each in self.documents.tabs])
                if watch is not None:
                    self._send(watch)
            case DocumentUpdate() as update:
                self.update_bytes.append(len(payload))
                ack = self.documents.update(update)
                if ack is not None:
                    self._send(ack)
            case _:
                pass

    def _send(self, *messages: ViewerMessage) -> None:
        self._socket.sendall(b"".join(framed(encode(each)) for each in messages))
