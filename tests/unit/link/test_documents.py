"""Documents over a link: what an update costs, what is refused, and which texts are sent."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from msgspec.structs import replace as replaced

from pairterm.document.document import Document, DocumentId, DocumentTab, Sharer, SharerId
from pairterm.errors import PeerError
from pairterm.link.codec import encode
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.document_replica import DocumentReplica
from pairterm.link.document_transfer import DocumentTransfers
from pairterm.link.link_documents import LinkDocuments
from pairterm.link.messages import DocumentAck, Documents, WatchDocuments
from pairterm.link.shared_documents import SharedDocuments, documents_to_wire

ID = DocumentId(3)
LINES = tuple(f"line {number} of a file, as long as lines mostly are" for number in range(20_000))


def typed(document: Document, line: int, text: str) -> Document:
    lines = (*document.lines[:line], text, *document.lines[line + 1 :])
    return Document.of(document.id, lines, version=document.version + 1)


def synchronised(document: Document) -> tuple[DocumentPublisher, DocumentReplica]:
    publisher, replica = DocumentPublisher(ID), DocumentReplica(ID)
    while (update := publisher.update(document)) is not None:
        publisher.acknowledge(replica.apply(update))
    assert replica.document == document
    return publisher, replica


def corrupt(replica: DocumentReplica, document: Document) -> None:
    replica.document = replace(document, version=0, lines=("a", "B"))


def test_a_typed_character_costs_less_than_100_bytes_in_a_line_of_any_length() -> None:
    document = Document.of(ID, ("short", "x" * 5000, "short"))
    publisher, replica = synchronised(document)
    update = publisher.update(newer := typed(document, 1, "x" * 2000 + "!" + "x" * 3000))
    assert update is not None
    assert len(encode(update)) < 100
    assert replica.apply(update).is_right
    assert replica.document is not None
    assert replica.document.lines == newer.lines


def test_a_large_text_travels_in_bounded_parts_and_two_are_unacknowledged_at_most() -> None:
    publisher, replica = DocumentPublisher(ID), DocumentReplica(ID)
    document = Document.of(ID, LINES)
    parts = 0
    while updates := [each for each in (publisher.update(document), publisher.update(document)) if each is not None]:
        assert publisher.update(document) is None
        for update in updates:
            parts += 1
            assert len(encode(update)) < 80 << 10
            publisher.acknowledge(replica.apply(update))
    assert parts > 10
    assert replica.document == document


def test_colours_are_right_after_a_change_in_parts() -> None:
    """The receiver keeps the colours of lines that one part replaces by as many. The sender took the whole change."""
    transfers = DocumentTransfers(part_bytes=10)
    publisher, replica = DocumentPublisher(ID, transfers), DocumentReplica(ID)
    coloured = replace(Document.of(ID, ("", "")), colours=(b"\x05\x01",) * 2)
    for document in (coloured, Document.of(ID, ("a", "", "a"), version=1)):
        while (update := publisher.update(document)) is not None:
            publisher.acknowledge(replica.apply(update))
        assert replica.document == document


def test_a_text_that_changes_while_it_is_opened_arrives_nevertheless() -> None:
    """Somebody types in the first line all the time: each part would begin anew if it were one of the newest text."""
    publisher, replica = DocumentPublisher(ID), DocumentReplica(ID)
    document = Document.of(ID, LINES)
    for number in range(40):
        document = typed(document, 0, f"{number}")
        if (update := publisher.update(document)) is not None:
            publisher.acknowledge(replica.apply(update))
    assert replica.document is not None
    assert replica.document.is_whole


def test_a_wrong_checksum_asks_for_the_text_again_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    document = Document.of(ID, ("a", "b"))
    publisher, replica = synchronised(document)
    document = typed(document, 0, "x")
    with caplog.at_level(logging.WARNING):
        corrupt(replica, document)
        update = publisher.update(document)
        assert update is not None
        answer = replica.apply(update)
    assert answer == DocumentAck(ID, update.serial, is_right=False)
    assert replica.document is None
    assert "version 1 does not fit" in caplog.text
    publisher.acknowledge(answer)
    assert (again := publisher.update(document)) is not None
    assert again.base == -1
    assert replica.apply(again).is_right
    assert replica.document == document


def test_a_version_that_never_fits_is_not_sent_for_ever() -> None:
    document = Document.of(ID, ("a", "b"))
    publisher, replica = synchronised(document)
    bad = replace(typed(document, 0, "x"), checksum=5)
    sent = 0
    while (update := publisher.update(bad)) is not None:
        sent += 1
        publisher.acknowledge(replica.apply(update))
    assert sent == 2
    newest = typed(bad, 0, "xy")
    update = publisher.update(newest)
    assert update is not None
    assert replica.apply(update).is_right
    assert replica.document == newest


def test_two_complaints_about_one_fault_send_the_text_once() -> None:
    document = Document.of(ID, ("a", "b"))
    publisher, replica = synchronised(document)
    replica.document = None
    first = publisher.update(typed(document, 0, "x"))
    second = publisher.update(newest := typed(typed(document, 0, "x"), 0, "xy"))
    assert first is not None
    assert second is not None
    publisher.acknowledge(replica.apply(first))
    assert (whole := publisher.update(newest)) is not None
    publisher.acknowledge(replica.apply(second))
    assert publisher.update(newest) is None
    assert replica.apply(whole).is_right
    assert replica.document == newest


def test_a_document_that_grows_without_end_ends_the_link() -> None:
    replica = DocumentReplica(ID)
    first = DocumentPublisher(ID).update(Document.of(ID, ("x" * (1 << 20),)))
    assert first is not None
    more = replaced(first, base=0, checksum=None)
    replica.apply(first)
    replica.apply(replaced(more, version=0))
    with pytest.raises(PeerError, match="larger than it may be"):
        replica.apply(more)


def test_what_a_replaced_line_shows_stays_coloured_and_new_lines_are_plain() -> None:
    document = replace(Document.of(ID, ("if a:", "b")), colours=(b"\x02\x02", b"\x01\x05"))
    publisher, replica = synchronised(document)
    update = publisher.update(replace(typed(document, 0, "if ab:"), colours=document.colours))
    assert update is not None
    assert not update.colours
    replica.apply(update)
    assert replica.document is not None
    assert replica.document.colours == document.colours


def test_only_documents_that_are_watched_are_sent() -> None:
    sharer = Sharer(SharerId(1), "ada", "project", active=ID)
    tabs = [DocumentTab(DocumentId(each), f"{each}.py", "python", sharer.id) for each in (3, 4)]
    texts = {each.id: Document.of(each.id, (each.name,)) for each in tabs}
    sender, receiver = LinkDocuments(DocumentTransfers()), SharedDocuments()
    listed = sender.changed_list(documents_to_wire([sharer], tabs))
    assert listed is not None
    receiver.take_list(listed)
    assert receiver.sharers == (sharer,)
    assert receiver.tabs == tuple(tabs)
    assert not list(sender.updates(texts, 0.0))
    watch = receiver.watch([ID])
    assert watch == WatchDocuments([ID])
    assert receiver.watch([ID]) is None
    sender.watch(watch)
    updates = list(sender.updates(texts, 0.0))
    assert [each.document for each in updates] == [ID]
    ack = receiver.update(updates[0])
    assert ack is not None
    sender.acknowledge(ack)
    assert receiver.document(ID) == texts[ID]
    assert receiver.document(DocumentId(4)) is None


def test_an_empty_list_takes_the_texts_away_and_they_come_back_whole() -> None:
    """So it is in a pause: nothing of a document stays at a link with a guest on it."""
    sharer = Sharer(SharerId(1), "ada", "project", active=ID)
    full = documents_to_wire([sharer], [DocumentTab(ID, "a.py", "python", sharer.id)])
    texts = {ID: Document.of(ID, ("secret",))}
    sender, receiver = LinkDocuments(DocumentTransfers()), SharedDocuments()

    def exchange(listing: Documents) -> None:
        if (changed := sender.changed_list(listing)) is not None:
            receiver.take_list(changed)
        for update in sender.updates(texts, 0.0):
            if (ack := receiver.update(update)) is not None:
                sender.acknowledge(ack)

    if (watch := receiver.watch([ID])) is not None:
        sender.watch(watch)
    exchange(full)
    assert receiver.document(ID) == texts[ID]
    exchange(Documents([], []))
    assert receiver.document(ID) is None
    exchange(full)
    assert receiver.document(ID) == texts[ID]


@pytest.mark.parametrize("trick", ["looks away", "complains"])
def test_whole_texts_have_an_allowance(trick: str) -> None:
    """Somebody who looks away and looks again, or says of each version that it is wrong, gets 2 MiB for 20 bytes."""
    sharer = Sharer(SharerId(1), "ada", "project", active=ID)
    text = Document.of(ID, ("x" * 1023,) * 2048)
    sender = LinkDocuments(DocumentTransfers())
    sender.changed_list(documents_to_wire([sharer], [DocumentTab(ID, "a.py", "python", sharer.id)]))
    sender.watch(WatchDocuments([ID]))

    def whole_texts(tries: int, now_s: float) -> int:
        nonlocal text
        count = 0
        for _ in range(tries):
            updates = list(sender.updates({ID: text}, now_s))
            count += sum(each.base == -1 for each in updates)
            if trick == "looks away":
                sender.watch(WatchDocuments([]))
                sender.watch(WatchDocuments([ID]))
            elif updates:
                text = typed(text, 0, f"{text.version}")
                sender.acknowledge(DocumentAck(ID, updates[-1].serial, is_right=False))
        return count

    assert whole_texts(100, 0.0) == 16
    assert sender.is_held
    assert whole_texts(100, 0.5) == 2
    assert whole_texts(1, 100.0) == 1
    assert not sender.is_held


@pytest.mark.parametrize("fault", ["tabs", "sharers", "nobody"])
def test_a_list_that_contradicts_itself_is_refused(fault: str) -> None:
    sharer = Sharer(SharerId(1), "ada", "project")
    tab = DocumentTab(ID, "a.py", "python", SharerId(2 if fault == "nobody" else 1))
    sharers = [sharer] * (2 if fault == "sharers" else 1)
    tabs = [tab] * (2 if fault == "tabs" else 1)
    with pytest.raises(PeerError):
        SharedDocuments().take_list(documents_to_wire(sharers, tabs))
