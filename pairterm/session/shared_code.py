"""The code that editors share with a session: the window, and what a link may know of it. Pure; no clock.

A link with a guest on it knows nothing of documents in a pause, nor while the window is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from pairterm.document.document import Document, DocumentId
from pairterm.link.messages import DocumentAck, Documents, DocumentUpdate, ShareDocuments, ShareHello
from pairterm.session.editors import Editors
from pairterm.session.effects import Effect, Note
from pairterm.session.session_parts import SessionParts
from pairterm.session.visible_content import VisibleContent
from pairterm.terminal.excerpt import CapturedLines
from pairterm.types import ClientId, PaneId, Size

__all__ = ["SharedCode"]

_NOTHING = Documents([], [])


class SharedCode:
    """The shared code of one session."""

    def __init__(
        self,
        parts: SessionParts,
        visible: VisibleContent,
        settled: Callable[[list[Effect], float], list[Effect]],
    ) -> None:
        """`settled` adds to effects what follows from a change."""
        self._parts = parts
        self._window = parts.code_window
        self._visible = visible
        self._settled = settled
        self._editors = Editors()
        self._listed: tuple[tuple[int, int], Documents] = ((-1, 0), _NOTHING)
        """The version and the time of the newest list, and the list."""

    def __contains__(self, editor: int) -> bool:
        """Return whether this link is one of an editor that shares."""
        return editor in self._editors

    @property
    def is_used(self) -> bool:
        """Whether an editor shares something, or is away."""
        return len(self._editors) > 0

    @property
    def has_away(self) -> bool:
        """Whether an editor is away."""
        return self._editors.has_away

    @property
    def is_over(self) -> bool:
        """Whether a session that is there for code alone has no editor any more."""
        return not self.is_used and not self._parts.windows.has_programs

    def begin(self, editor: int, hello: ShareHello, now_s: float) -> tuple[PaneId, list[Effect]]:
        """Take an editor, by the number of its link. Return the pane in which its code is shown, and what follows.

        Raises:
            PeerError: This link has an editor already.
            UsageError: There are too many editors, windows or panes.
        """
        pane = self._window.open()
        self._editors.begin(editor, hello)
        note = Note("share-code", {"name": hello.name, "root": hello.root})
        return pane, self._settled([note], now_s)

    def list_documents(self, editor: int, message: ShareDocuments) -> None:
        """Take which documents an editor shares now. With the last list, the editor has ended.

        Raises:
            PeerError: It is no editor, or the list contradicts itself.
        """
        if message.is_last:
            self._editors.end(editor)
        else:
            self._editors.list_documents(editor, message)

    def update(self, editor: int, message: DocumentUpdate) -> DocumentAck:
        """Take the change of a document. Return the answer to the editor.

        Raises:
            PeerError: It is no editor, there is no such document, or it is too large.
        """
        return self._editors.update(editor, message)

    def lose(self, editor: int, now_s: float) -> None:
        """Take note that the link of an editor was lost."""
        self._editors.lose(editor, now_s)

    def expire(self, now_s: float) -> None:
        """Forget the editors that are away for too long."""
        self._editors.expire(now_s)

    def closed(self) -> Iterator[int]:
        """Return the editors whose window the owner has closed, and forget them all. Usually there are none."""
        if self.is_used and self._window.window is None:
            yield from list(self._editors.numbers())
            self._editors.clear()

    def listing(self, clients: Collection[ClientId], now_s: float) -> Documents:
        """Return the editors and documents of which these clients of one link may know."""
        if not self._may_know(clients):
            return _NOTHING
        version = (self._editors.version, int(now_s) if self.has_away else 0)
        if self._listed[0] != version:
            self._listed = (version, self._editors.listing(now_s))
        return self._listed[1]

    def captured(self, size: Size, start: int, stop: int, now_s: float) -> CapturedLines:
        """Return rows of the window as a viewer of this size sees it who follows the first editor."""
        from pairterm.view.document_view import DocumentView  # A host does without the view but for this.
        from pairterm.view.shown_documents import ShownDocuments

        view = DocumentView()
        view.show(ShownDocuments(self._editors.sharers(now_s), self._editors.tabs, self._editors.documents), now_s)
        first = max(0, start)
        return CapturedLines(first, list(view.rows(size, now_s)[first : max(0, stop)]), 0, 0, size)

    def documents(self, clients: Collection[ClientId]) -> Mapping[DocumentId, Document]:
        """Return the texts that these clients of one link may see."""
        return self._editors.documents if self._may_know(clients) else {}

    def _may_know(self, clients: Collection[ClientId]) -> bool:
        window = self._window.window
        return window is not None and not self._visible.hides(window, clients)
