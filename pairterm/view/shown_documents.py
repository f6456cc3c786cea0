"""The editors' files as one viewer's side knows them: an immutable value, new after each change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pairterm.document.document import Document, DocumentId, DocumentTab, Sharer, SharerId

__all__ = ["NO_DOCUMENTS", "ShownDocuments"]


@dataclass(frozen=True, slots=True, eq=False)
class ShownDocuments:
    """The people who share files, their files, and the texts that somebody here looks at."""

    sharers: tuple[Sharer, ...] = ()
    tabs: tuple[DocumentTab, ...] = ()
    texts: Mapping[DocumentId, Document] = field(default_factory=dict)

    def sharer(self, number: SharerId | None) -> Sharer | None:
        """Return a sharer by number. None: there is none."""
        return next((each for each in self.sharers if each.id == number), None)

    def tab(self, document: DocumentId | None) -> DocumentTab | None:
        """Return a file of the list. None: it is not there."""
        return next((each for each in self.tabs if each.id == document), None)


NO_DOCUMENTS = ShownDocuments()
"""No editor shares a file."""
