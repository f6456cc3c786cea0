"""The transfer of a document over a link: the updates that bring its receiver from one text to a newer one.

A large change travels in parts: first the lines, then the colours. All links that have the
same text and get the same newer one share a transfer, so it costs the host once what it would
cost for each of them. A link has only the number of its next part. A transfer that no
link has under way is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from weakref import WeakValueDictionary

from msgspec.structs import replace

from pairterm.document.difference import Replacement, common_head, difference
from pairterm.document.document import Document
from pairterm.document.splice import spliced_colours
from pairterm.link.document_updates import cursors_to_wire
from pairterm.link.messages.documents import DocumentUpdate

__all__ = ["DocumentTransfer", "DocumentTransfers"]

_MAX_PART_BYTES = 64 << 10
"""About the size of one update. A larger change travels in parts. A line is never cut."""

_LINE_COST_BYTES = 5
"""What a line costs on the wire besides its text."""


class DocumentTransfer:
    """The updates from one text to a newer one."""

    def __init__(self, base: Document | None, target: Document, part_bytes: int) -> None:
        """`base` is a whole text; None: the receiver has none."""
        self.base = base
        self.target = target
        self._parts: list[DocumentUpdate] = []
        self._rest = _updates(base, target, part_bytes)

    def part(self, number: int) -> DocumentUpdate | None:
        """Return an update, without the serial of a link; None: there are no more.

        Cost: O(changed text). The first part takes O(lines) comparisons of pointers.
        """
        while len(self._parts) <= number:
            update = next(self._rest, None)
            if update is None:
                return None
            self._parts.append(update)
        return self._parts[number]


class DocumentTransfers:
    """The transfers that are under way on the links of one session."""

    def __init__(self, *, part_bytes: int = _MAX_PART_BYTES) -> None:
        self._part_bytes = part_bytes
        self._under_way: WeakValueDictionary[tuple[int, int], DocumentTransfer] = WeakValueDictionary()
        """By the identities of their two texts, which live as long as the transfer."""

    def between(self, base: Document | None, target: Document) -> DocumentTransfer:
        """Return the transfer from one text to another. The caller keeps it until the receiver has acknowledged it."""
        key = id(base), id(target)
        transfer = self._under_way.get(key)
        if transfer is None:
            transfer = self._under_way[key] = DocumentTransfer(base, target, self._part_bytes)
        return transfer


def _updates(base: Document | None, target: Document, part_bytes: int) -> Iterator[DocumentUpdate]:
    has_lines = base is not None and base.version == target.version
    change = None if has_lines else difference(base.lines if base is not None else (), target.lines)
    change = change or Replacement(0, 0, ())
    version = base.version if base is not None else -1
    colours = base.colours if base is not None else ()
    for part in _line_parts(change, target.lines, part_bytes):
        last = _lines_update(target, version, part)
        room = part_bytes - _cost(part.lines)
        colours = spliced_colours(colours, part.first, part.removed, len(part.lines))  # as the receiver does
        if part.first + len(part.lines) < change.first + len(change.lines):
            yield last
            version = target.version
    cursors = base.cursors if base is not None else ()
    runs, at = _colour_part(colours, target.colours, 0, room)
    yield replace(
        last,
        checksum=target.checksum,
        cursors=cursors_to_wire(target.cursors) if cursors != target.cursors else None,
        colours=runs,
    )
    while at < len(target.colours):
        runs, at = _colour_part(colours, target.colours, at, part_bytes)
        if runs:
            nothing = _lines_update(target, target.version, Replacement(0, 0, ()))
            yield replace(nothing, checksum=target.checksum, colours=runs)


def _lines_update(target: Document, base_version: int, part: Replacement) -> DocumentUpdate:
    return DocumentUpdate(
        document=target.id,
        serial=0,
        base=base_version,
        version=target.version,
        first=part.first,
        removed=part.removed,
        lines=list(part.lines),
        head=part.head,
        tail=part.tail,
        checksum=None,
    )


def _line_parts(change: Replacement, lines: tuple[str, ...], part_bytes: int) -> Iterator[Replacement]:
    """Yield a change as parts, one at least. `lines` are those of the text after it. The first part removes lines."""
    count = _fitting(change.lines, part_bytes)
    if count == len(change.lines):
        yield change
        return
    yield Replacement(change.first, change.removed, change.lines[:count], change.head, 0)
    at, stop = change.first + count, change.first + len(change.lines)
    while at < stop:
        count = _fitting(lines[at:stop], part_bytes)
        yield Replacement(at, 0, lines[at : at + count])
        at += count


def _cost(lines: tuple[str, ...]) -> int:
    return sum(map(len, lines)) + _LINE_COST_BYTES * len(lines)


def _fitting(lines: tuple[str, ...], most_bytes: int) -> int:
    """Return how many of these lines one update takes."""
    ends = accumulate(len(line) + _LINE_COST_BYTES for line in lines)
    return next((count for count, end in enumerate(ends, 1) if end >= most_bytes), len(lines))


def _colour_part(
    before: tuple[bytes, ...], after: tuple[bytes, ...], at: int, most_bytes: int
) -> tuple[list[tuple[int, list[bytes]]], int]:
    """Return the runs of rows from `at` on that differ, of about `most_bytes`, and where they end.

    There is one row at least, if one differs.
    """
    runs: list[tuple[int, list[bytes]]] = []
    count = len(after)
    while at < count:
        first = at = common_head(before, after, count, start=at)
        while at < count and before[at] != after[at] and (most_bytes > 0 or at == first):
            most_bytes -= len(after[at]) + _LINE_COST_BYTES
            at += 1
        if at > first:
            runs.append((first, list(after[first:at])))
        if most_bytes <= 0:
            break
    return runs, at
