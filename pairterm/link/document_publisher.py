"""The sender's side of a document over a link: a publisher makes the updates that bring a replica up to date.

State travels, and no edits: an update is the difference from what the receiver has to the
newest text. At most two updates are unacknowledged, and what happens meanwhile becomes
one update. So nothing queues, and a receiver catches up from any version. The
receiver's side is `link.document_replica`.
"""

from __future__ import annotations

import logging
from itertools import accumulate

from pairterm.document.difference import Replacement, common_head, difference
from pairterm.document.document import Document, DocumentId
from pairterm.link.document_updates import cursors_to_wire, updated
from pairterm.link.messages.documents import DocumentAck, DocumentUpdate

__all__ = ["MAX_UNACKNOWLEDGED", "DocumentPublisher"]

logger = logging.getLogger(__name__)

MAX_UNACKNOWLEDGED = 2
"""Updates of one document that may be unacknowledged: the receiver takes one while the other is on its way."""

_MAX_PART_BYTES = 64 << 10
"""About the size of one update. A larger change travels in parts. A line is never cut."""

_LINE_COST_BYTES = 5
"""What a line costs on the wire besides its text."""


class DocumentPublisher:
    """The state of one document on one link."""

    def __init__(self, document: DocumentId, *, part_bytes: int = _MAX_PART_BYTES) -> None:
        self._document = document
        self._part_bytes = part_bytes
        self._base: Document | None = None
        """What the receiver has when it has taken all updates."""
        self._target: Document | None = None
        """The text whose parts are being sent. A newer one waits until it is whole, so each text gets there."""
        self._settled: Document | None = None
        """The document of which the other side has all. So `update` need not look again while it is the newest."""
        self._serial = 0
        self._reset_serial = 0
        """Complaints about updates up to this one are settled: a whole text was sent after them."""
        self._refused_version = -1
        """The version that did not fit at the other side. If it does not fit a second time, it is not sent again."""
        self._has_given_up = False
        self._unacknowledged: list[int] = []

    @property
    def may_send(self) -> bool:
        """True while fewer than two updates are unacknowledged."""
        return len(self._unacknowledged) < MAX_UNACKNOWLEDGED

    def update(self, newest: Document) -> DocumentUpdate | None:
        """Return the next message that brings the other side nearer to `newest`.

        None: it has all of it, or two updates are unacknowledged. The caller sends the message, and calls this again
        until it returns None. Cost: O(lines) comparisons of pointers, and O(changed text).
        """
        if newest is self._settled or not self.may_send:
            return None
        if self._has_given_up and newest.version == self._refused_version:
            return None
        base = self._base
        target = self._target or newest
        if base is not None and base.is_whole and self._has_all_of(base, target):
            self._target = None
            if target is newest or self._has_all_of(base, newest):
                self._settled = newest
                return None
            target = newest
        message = self._next(base, target)
        after = updated(base, message)
        assert after is not None, "our own update fits to its base"
        self._target = None if after.is_whole and self._has_all_of(after, target) else target
        # All links that have the newest text share its tuples.
        self._base = target if after.is_whole and self._has_all_of(after, target) else after
        self._serial = message.serial
        self._unacknowledged.append(message.serial)
        return message

    def acknowledge(self, ack: DocumentAck) -> None:
        """Take an answer of the receiver. If an update did not fit there, the whole text goes out next."""
        self._unacknowledged = [each for each in self._unacknowledged if each > ack.serial]
        if not ack.is_right and self._reset_serial < ack.serial <= self._serial:
            logger.warning("document %d differs at the other side: the whole text is sent again", self._document)
            self._reset_serial = self._serial
            version = self._base.version if self._base is not None else -1
            self._has_given_up = version == self._refused_version
            self._refused_version = version
            self._base = self._target = self._settled = None

    @staticmethod
    def _has_all_of(base: Document, target: Document) -> bool:
        return (
            base.version == target.version
            and base.cursors == target.cursors
            and (base.colours is target.colours or base.colours == target.colours)
        )

    def _next(self, base: Document | None, target: Document) -> DocumentUpdate:
        """Return the next part of what brings `base` to `target`: first lines, and colours when the lines are whole."""
        is_new = base is None
        lines = base.lines if base is not None else ()
        change = difference(lines, target.lines) if is_new or not _has_lines_of(base, target) else None
        part = _part(change, self._part_bytes) if change is not None else Replacement(0, 0, ())
        is_last = change is None or len(part.lines) == len(change.lines)
        message = DocumentUpdate(
            document=self._document,
            serial=self._serial + 1,
            base=-1 if base is None else base.version,
            version=target.version,
            first=part.first,
            removed=part.removed,
            lines=list(part.lines),
            head=part.head,
            tail=part.tail,
            checksum=target.checksum if is_last else None,
        )
        if not is_last:
            return message
        after = updated(base, message)
        assert after is not None
        return DocumentUpdate(
            **{name: getattr(message, name) for name in message.__struct_fields__[:10]},
            cursors=cursors_to_wire(target.cursors) if after.cursors != target.cursors else None,
            colours=_colour_part(after.colours, target.colours, self._part_bytes - _cost(part.lines)),
        )


def _has_lines_of(base: Document | None, target: Document) -> bool:
    return base is not None and base.is_whole and base.version == target.version


def _cost(lines: tuple[str, ...]) -> int:
    return sum(map(len, lines)) + _LINE_COST_BYTES * len(lines)


def _part(change: Replacement, most_bytes: int) -> Replacement:
    """Return as much of a change as one update takes. The first part removes all that the change removes."""
    if _cost(change.lines) <= most_bytes:
        return change
    ends = accumulate(len(line) + _LINE_COST_BYTES for line in change.lines)
    count = next(count for count, end in enumerate(ends, 1) if end >= most_bytes)
    if count == len(change.lines):
        return change
    return Replacement(change.first, change.removed, change.lines[:count], change.head, 0)


def _colour_part(before: tuple[bytes, ...], after: tuple[bytes, ...], most_bytes: int) -> list[tuple[int, list[bytes]]]:
    """Return the runs of rows that differ, of about `most_bytes`, but one row at least."""
    runs: list[tuple[int, list[bytes]]] = []
    at, count = 0, min(len(before), len(after))
    while at < count:
        first = at = common_head(before, after, count, start=at)
        while at < count and before[at] != after[at] and (most_bytes > 0 or at == first):
            most_bytes -= len(after[at]) + _LINE_COST_BYTES
            at += 1
        if at > first:
            runs.append((first, list(after[first:at])))
        if most_bytes <= 0:
            break
    return runs
