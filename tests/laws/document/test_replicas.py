"""Law 14: a document replica equals the editor's buffer after any sequence of LSP changes, losses and resumes, in any
position encoding."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.document.buffer import Buffer, Change
from pairterm.document.checksum import changed_checksum, checksum_of
from pairterm.document.difference import difference
from pairterm.document.document import Cursor, Document, DocumentId, Position
from pairterm.document.position_encoding import PositionEncoding
from pairterm.link.codec import decode_host_message, decode_viewer_message, encode
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.document_replica import DocumentReplica
from pairterm.link.document_transfer import DocumentTransfers
from pairterm.link.messages import DocumentAck, DocumentUpdate
from tests.laws.document.edits import batches, encodings, lines_of, model_applied, texts
from tests.length import by_day

pytestmark = pytest.mark.long

_BATCHES = by_day(2000, at_night=100_000)
_ID = DocumentId(7)


_SHORT_LINES = st.lists(st.sampled_from(["", "a", "ab", "b", "ba", "abab"]), max_size=8)


@settings(max_examples=_BATCHES)
@given(texts(), batches(), encodings)
def test_a_buffer_equals_the_flat_text(text: str, changes: list[Change], encoding: PositionEncoding) -> None:
    buffer = Buffer(text, encoding)
    buffer.apply(changes)
    after = model_applied(text, changes, encoding)
    assert buffer.text == after
    assert buffer.lines == lines_of(after)


@settings(max_examples=by_day(500, at_night=20_000))
@given(texts(), encodings, st.integers(0, 6))
def test_a_column_in_units_returns(text: str, encoding: PositionEncoding, line: int) -> None:
    buffer = Buffer(text, encoding)
    content = buffer.lines[min(line, len(buffer.lines) - 1)]
    for column in range(len(content) + 1):
        assert encoding.column(content, encoding.units(content, column)) == column


@settings(max_examples=by_day(1000, at_night=20_000))
@given(
    st.lists(st.sampled_from(["", "a", "ab", "b", "ba"]), max_size=8), st.lists(st.sampled_from(["", "a", "ab", "b"]))
)
def test_a_difference_makes_one_text_out_of_the_other(before: list[str], after: list[str]) -> None:
    change = difference(before, after)
    if change is None:
        assert before == after
        return
    added = change.full_lines(before)
    stop = change.first + change.removed
    assert [*before[: change.first], *added, *before[stop:]] == after
    checksum = changed_checksum(checksum_of(before), before, change.first, change.removed, added)
    assert checksum == checksum_of(after)


class _Line:
    """A link with a publisher at one end and a replica at the other. Messages travel one by one or are lost."""

    def __init__(self, part_bytes: int) -> None:
        self._part_bytes = part_bytes
        self.publisher = DocumentPublisher(_ID, DocumentTransfers(part_bytes=part_bytes))
        self.replica = DocumentReplica(_ID)
        self.updates: deque[bytes] = deque()
        self.acks: deque[bytes] = deque()

    def publish(self, document: Document) -> None:
        while (update := self.publisher.update(document)) is not None:
            self.updates.append(encode(update))

    def deliver(self) -> None:
        if self.updates:
            update = decode_host_message(self.updates.popleft())
            assert isinstance(update, DocumentUpdate)
            self.acks.append(encode(self.replica.apply(update)))

    def answer(self) -> None:
        if self.acks:
            ack = decode_viewer_message(self.acks.popleft())
            assert isinstance(ack, DocumentAck)
            self.publisher.acknowledge(ack)

    def lose(self, *, keeps_replica: bool) -> None:
        """The link breaks: what was on its way is lost, and another one begins."""
        self.updates.clear()
        self.acks.clear()
        self.publisher = DocumentPublisher(_ID, DocumentTransfers(part_bytes=self._part_bytes))
        if not keeps_replica:
            self.replica = DocumentReplica(_ID)

    def settle(self, document: Document) -> None:
        for _ in range(1000):
            self.publish(document)
            if not self.updates and not self.acks:
                return
            self.deliver()
            self.answer()
        raise AssertionError("the link does not come to rest")


def _corrupted(copy: Document) -> Document:
    """Return a copy whose first line is wrong, and which is consistent in itself."""
    lines = ("wrong", *copy.lines[1:])
    return replace(
        Document.of(_ID, lines, version=copy.version),
        cursors=copy.cursors,
        colours=copy.colours,
        is_whole=copy.is_whole,
    )


_OTHER_STEPS = st.sampled_from(["deliver", "answer", "publish", "lose", "resume", "corrupt", "cursor", "colour"])
_STEPS = st.lists(
    st.tuples(st.just("edit"), batches()) | st.tuples(_OTHER_STEPS, st.just([])),
    max_size=12,
)


@settings(max_examples=by_day(500, at_night=20_000))
@given(texts(), encodings, _STEPS, st.sampled_from([10, 64 << 10]))
def test_a_replica_equals_the_buffer(
    text: str, encoding: PositionEncoding, steps: list[tuple[str, list[Change]]], part_bytes: int
) -> None:
    buffer = Buffer(text, encoding)
    document = Document.of(_ID, buffer.lines)
    line = _Line(part_bytes)
    for number, (step, changes) in enumerate(steps):
        match step:
            case "edit":
                buffer.apply(changes)
                lines = buffer.lines
                document = replace(Document.of(_ID, lines, version=document.version + 1), cursors=document.cursors)
            case "cursor":
                document = replace(document, cursors=(Cursor(Position(number, 0)),))
            case "colour":
                document = replace(document, colours=tuple(bytes((number, 1)) for _ in document.lines))
            case "corrupt" if line.replica.document is not None and line.replica.document.lines:
                line.replica.document = _corrupted(line.replica.document)
            case "publish":
                line.publish(document)
            case "deliver":
                line.deliver()
            case "answer":
                line.answer()
            case "lose" | "resume":
                line.lose(keeps_replica=step == "resume")
        if step in ("edit", "cursor"):
            line.publish(document)
    # A fault in a copy is found with the next change of the text.
    document = replace(document, version=document.version + 1)
    line.settle(document)
    assert line.replica.document == document
    assert document.lines == buffer.lines
