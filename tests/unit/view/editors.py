"""What editors share, for tests of the code window: texts, people and their files."""

from pairterm.document.document import Cursor, Document, DocumentId, DocumentTab, Position, Sharer, SharerId
from pairterm.terminal.frame import Frame, blank_frame
from pairterm.types import PaneId, Rect, Size, WindowId
from pairterm.view.shown_documents import ShownDocuments
from pairterm.view.shown_panes import ShownPanes

__all__ = ["ANA", "BOB", "MAIN", "cursor", "document", "shared", "tab", "window"]

ANA, BOB = SharerId(1), SharerId(2)
MAIN = DocumentId(7)


def cursor(line: int, column: int) -> Cursor:
    return Cursor(Position(line, column))


def document(*lines: str, number: DocumentId = MAIN, cursors: tuple[Cursor, ...] = (), version: int = 1) -> Document:
    made = Document.of(number, lines, version=version)
    return Document(number, version, lines, made.checksum, made.characters, cursors, made.colours)


def tab(name: str = "src/main.py", number: DocumentId = MAIN, sharer: SharerId = ANA) -> DocumentTab:
    return DocumentTab(number, name, "python", sharer)


def shared(*texts: Document, sharers: tuple[Sharer, ...] = (), tabs: tuple[DocumentTab, ...] = ()) -> ShownDocuments:
    """Return one person, ana, with one file, unless others are given."""
    active = texts[0].id if texts else None
    return ShownDocuments(
        sharers or (Sharer(ANA, "ana", "project", active),),
        tabs or tuple(tab(number=each.id) for each in texts),
        {each.id: each for each in texts},
    )


def window(size: Size) -> tuple[Frame, ShownPanes]:
    """Return the picture of a code window: its pane is blank."""
    frame = blank_frame(size)
    rects = ((PaneId(3), Rect(0, 0, size.rows, size.cols)),)
    return frame, ShownPanes(WindowId(2), rects, PaneId(3), frame, is_code=True)
