"""The files that are open in an editor, and what of them is shared.

Each change is applied to the file's buffer, shared or not: a file can become shareable.
`file_filter` decides anew with each change which files leave this process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pairterm.document.buffer import Buffer, Change
from pairterm.document.difference import difference
from pairterm.document.document import MAX_CURSORS, MAX_DOCUMENTS, Cursor, Document, DocumentId
from pairterm.document.position_encoding import PositionEncoding
from pairterm.document.splice import with_lines
from pairterm.editor.file_filter import Rules, Verdict, path_of, text_fault
from pairterm.link.messages.documents import ShareDocuments, ShareTab

__all__ = ["OpenFile", "OpenFiles", "Place"]

Place = tuple[int, int]
"""A line, and the units of the position encoding before the place in it."""


class OpenFile:
    """One open file."""

    def __init__(self, document: DocumentId, uri: str, language: str, buffer: Buffer) -> None:
        self.uri = uri
        self.language = language
        self.buffer = buffer
        self.verdict = Verdict()
        self.document = Document.of(document, buffer.lines)

    @property
    def is_shared(self) -> bool:
        """Whether viewers see it."""
        return not self.verdict.reason


class OpenFiles:
    """The open files of one editor."""

    def __init__(self, rules: Rules, *, tell: Callable[[str], None]) -> None:
        """`tell` gets a line for the person about each file that is held back, once a file and reason."""
        self.rules = rules
        self.encoding = PositionEncoding.UTF16
        self._tell = tell
        self._files: dict[str, OpenFile] = {}
        """The open files by their URIs, the one that was used last at the end."""
        self._active = ""
        self._told: set[tuple[str, str]] = set()
        self._last = 0

    def open(self, uri: str, language: str, text: str) -> None:
        """Take a file that was opened."""
        known = self._files.pop(uri, None)
        buffer = Buffer(text, self.encoding)
        if known is not None:  # It was opened again without being closed.
            known.buffer, known.language = buffer, language
            self._files[uri] = known
        else:
            self._last += 1
            self._files[uri] = OpenFile(DocumentId(self._last), uri, language, buffer)
        self._active = uri
        self._changed(self._files[uri])

    def change(self, uri: str, changes: Iterable[Change]) -> None:
        """Apply a batch of changes to a file. A file that is not open is ignored."""
        file = self._files.get(uri)
        if file is not None:
            file.buffer.apply(changes)
            self._changed(file)

    def close(self, uri: str) -> None:
        """Forget a file that was closed."""
        self._files.pop(uri, None)
        if self._active == uri:
            self._active = ""

    def move_cursors(self, uri: str, cursors: Iterable[tuple[Place, tuple[Place, Place] | None]]) -> None:
        """Take where the cursors are in a file, each with what is selected there. The person is in this file."""
        file = self._files.pop(uri, None)
        if file is None:
            return
        self._files[uri] = file
        self._active = uri
        buffer = file.buffer
        moved = [
            Cursor(buffer.position(place), (buffer.span(*selected),) if selected is not None else ())
            for place, selected in list(cursors)[:MAX_CURSORS]
        ]
        file.document = replace(file.document, cursors=tuple(moved))

    def judge_all(self) -> None:
        """Decide anew about all files: the rules are others now."""
        for file in list(self._files.values()):
            self._judge(file)

    def is_active(self, file: OpenFile) -> bool:
        """Return whether the person is in a file."""
        return file.uri == self._active

    def colour(self, document: DocumentId, lines: tuple[str, ...], first: int, rows: list[bytes]) -> None:
        """Take the colours of the lines from `first` on, as they are in `lines`, which may be an older text."""
        file = next((each for each in self._files.values() if each.document.id == document), None)
        if file is None:
            return
        now = file.document
        change = difference(lines, now.lines)
        colours = list(now.colours)
        if change is None:
            colours[first : first + len(rows)] = rows
        else:
            shift = len(now.lines) - len(lines)
            for line, row in enumerate(rows, first):
                if line < change.first:
                    colours[line] = row
                elif line >= change.first + change.removed:
                    colours[line + shift] = row
        file.document = replace(now, colours=tuple(colours))

    def shared(self) -> Iterator[OpenFile]:
        """Return the files that viewers see, in the order in which they were opened."""
        recent = [each for each in self._files.values() if each.is_shared][-MAX_DOCUMENTS:]
        return iter(sorted(recent, key=lambda each: each.document.id))

    def listing(self) -> ShareDocuments:
        """Return the message that names the files that viewers see."""
        shared = list(self.shared())
        active = self._files.get(self._active)
        is_withheld = active is not None and not active.is_shared and path_of(active.uri) is not None
        tabs = [ShareTab(each.document.id, each.verdict.name[-1024:], each.language[:64]) for each in shared]
        return ShareDocuments(tabs, active.document.id if active in shared and active else None, is_withheld)

    def _changed(self, file: OpenFile) -> None:
        file.document = with_lines(file.document, file.buffer.lines)
        self._judge(file)

    def _judge(self, file: OpenFile) -> None:
        verdict = self.rules.verdict(file.uri)
        if not verdict.reason and (fault := text_fault(file.document)):
            verdict = Verdict(reason=fault)
        file.verdict = verdict
        path = path_of(file.uri)
        if verdict.reason and path is not None and (file.uri, verdict.reason) not in self._told:
            self._told.add((file.uri, verdict.reason))
            self._tell(f"not shared: {path.name} ({verdict.reason})")
