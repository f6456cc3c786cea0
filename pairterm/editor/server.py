"""The language server: what an editor says about its files and cursors, for `open_files` and the session's host.

Texts come by didOpen, didChange and didClose (LSP 3.17, Text Document Synchronization). The
cursor comes by a notification of pair-ls's plugins (`_CURSOR`). LSP itself has
no cursor, so for other clients the server offers hovers, highlights, code actions and
signatures: editors ask for these where the cursor is. The answers are empty.

A plugin of pair-ls takes each message that is no error for the URL of the session. So
there is one message "Sharing: URL", and everything else goes to the client's log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidRequest
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from pairterm import __version__
from pairterm.document.buffer import Change
from pairterm.document.position_encoding import PositionEncoding
from pairterm.editor.open_files import OpenFiles, Place

__all__ = ["EditorServer", "Sharing"]

logger = logging.getLogger(__name__)

_CURSOR = "experimental/cursor"

_NO_PEERS = "pairterm has no connections between editors: guests join the session by its link"


class Sharing(Protocol):
    """What the server tells of the editor."""

    def begin(self, folders: list[str]) -> OpenFiles:
        """Begin to share: the editor has these folders, as URIs. Return its open files."""

    def change_folders(self, added: list[str], removed: list[str]) -> None:
        """Share by other folders from now on, which are given as URIs."""

    def publish(self) -> None:
        """Share what has changed."""

    def end(self) -> None:
        """End the sharing."""


class _Protocol(LanguageServerProtocol):
    """The protocol without pygls's own copies of the texts: their lines end where Python ends lines."""

    _server: EditorServer

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        self._server.files.open(document.uri, document.language_id, document.text)
        self._server.sharing.publish()

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.files.change(params.text_document.uri, map(_change, params.content_changes))
        self._server.sharing.publish()

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.files.close(params.text_document.uri)
        self._server.sharing.publish()


class EditorServer(LanguageServer):
    """The server of one editor."""

    protocol: _Protocol

    def __init__(self, sharing: Sharing) -> None:
        super().__init__("pairterm", __version__, protocol_cls=_Protocol, converter_factory=default_converter)
        self.sharing = sharing
        self.has_cursors = False
        """The client is a plugin that sends cursors."""
        self._files: OpenFiles | None = None
        self._serve(types.INITIALIZE, self._initialize)
        self._serve(types.SHUTDOWN, self._shutdown)
        self._serve(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._change_folders)
        self._serve(_CURSOR, self._cursor)
        self._serve("experimental/connectToPeer", _refuse_peer)

    def _serve(self, method: str, answer: Callable[[Any], object]) -> None:
        """Answer a method. pygls marks the functions that it gets, and a method of an object takes no marks."""

        def call(params: Any) -> object:
            return answer(params)

        self.feature(method)(call)

    @property
    def files(self) -> OpenFiles:
        """The open files."""
        if self._files is None:
            raise JsonRpcInvalidRequest("the server is not initialized")
        return self._files

    def show_link(self, url: str) -> None:
        """Show the person the link for guests."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"Sharing: {url}"))

    def log(self, text: str) -> None:
        """Write a line to the client's log."""
        self.window_log_message(types.LogMessageParams(types.MessageType.Info, text))

    def warn(self, text: str) -> None:
        """Tell the person something: by the log, if each message would be taken for the link."""
        if self.has_cursors:
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, text))
        else:
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    def fail(self, text: str) -> None:
        """Show the person an error."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, text))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log an error in the server. A message would be taken for the link, and would come with each key."""
        logger.error("a message of the editor could not be used: %s", error)

    def _initialize(self, params: types.InitializeParams) -> None:
        experimental = params.capabilities.experimental
        self.has_cursors = _at(experimental, "cursor", "position") is True
        folders = [each.uri for each in params.workspace_folders or []]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        elif not folders and params.root_path:
            from pygls.uris import from_fs_path

            folders = [from_fs_path(params.root_path) or ""]
        self._files = self.sharing.begin(folders)
        self._files.encoding = PositionEncoding(self.protocol.workspace.position_encoding)
        if not self.has_cursors:
            self._offer_positions()

    def _change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        event = params.event
        self.sharing.change_folders([each.uri for each in event.added], [each.uri for each in event.removed])

    def _offer_positions(self) -> None:
        """Offer what editors ask for where the cursor is."""
        self._serve(types.TEXT_DOCUMENT_HOVER, self._take_position)
        self._serve(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, self._take_position)
        self._serve(types.TEXT_DOCUMENT_SIGNATURE_HELP, self._take_position)
        self._serve(types.TEXT_DOCUMENT_CODE_ACTION, self._take_range)

    def _take_position(
        self, params: types.HoverParams | types.DocumentHighlightParams | types.SignatureHelpParams
    ) -> None:
        self._move(params.text_document.uri, [(_place(params.position), None)])

    def _take_range(self, params: types.CodeActionParams) -> None:
        start, end = _place(params.range.start), _place(params.range.end)
        self._move(params.text_document.uri, [(end, (start, end) if start != end else None)])

    def _cursor(self, params: Any) -> None:
        """Take the notification `_CURSOR`. Its parameters have no type: a wrong one is ignored.

        Older plugins have one cursor, whose members are the parameters themselves.
        """
        uri = _at(params, "textDocument", "uri")
        found: list[tuple[Place, tuple[Place, Place] | None]] = []
        for each in _at(params, "cursors") or [params]:
            position = _loose_place(_at(each, "position"))
            start, end = _loose_place(_at(each, "range", "start")), _loose_place(_at(each, "range", "end"))
            if position is not None:
                found.append((position, (start, end) if start is not None and end is not None else None))
        if isinstance(uri, str):
            self._move(uri, found)

    def _move(self, uri: str, cursors: Iterable[tuple[Place, tuple[Place, Place] | None]]) -> None:
        self.files.move_cursors(uri, cursors)
        self.sharing.publish()

    def _shutdown(self, params: None) -> None:
        self.sharing.end()


def _refuse_peer(params: Any) -> None:
    raise JsonRpcInvalidRequest(_NO_PEERS)


def _change(change: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, types.TextDocumentContentChangePartial):
        return Change(change.text, _place(change.range.start), _place(change.range.end))
    return Change(change.text)


def _place(position: types.Position) -> Place:
    return position.line, position.character


def _loose_place(position: object) -> Place | None:
    line, character = _at(position, "line"), _at(position, "character")
    return (line, character) if isinstance(line, int) and isinstance(character, int) else None


def _at(value: Any, *names: str) -> Any:
    """Return a member of a value without a type, or None. pygls makes dictionaries to objects, but not everywhere."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return value
