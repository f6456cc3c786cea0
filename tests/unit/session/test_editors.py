"""The editors of a session: how long they are away, when they are forgotten, and what contradicts itself."""

from __future__ import annotations

import pytest

from pairterm.document.document import Document, DocumentId
from pairterm.errors import PeerError, UsageError
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.messages.documents import MAX_SHARERS, ShareDocuments, ShareHello, ShareTab
from pairterm.session.editors import AWAY_LIMIT_S, Editors


def hello(number: int = 0) -> ShareHello:
    return ShareHello("ada", "project", bytes([number] * 32))


def sharing(editors: Editors, number: int, *names: str) -> None:
    editors.begin(number, hello())
    editors.list_documents(number, ShareDocuments([ShareTab(each, name, "c") for each, name in enumerate(names)], 0))


def away_s(editors: Editors, now_s: float) -> int | None:
    return editors.listing(now_s).sharers[0].away_s


def test_an_editor_is_away_for_so_many_seconds_and_later_minutes() -> None:
    editors = Editors()
    sharing(editors, 1, "a.c")
    assert away_s(editors, 5.0) is None
    editors.lose(1, 100.0)
    assert [away_s(editors, now_s) for now_s in (100.0, 112.9, 159.9, 170.0, 225.0)] == [0, 12, 59, 60, 120]
    sharing(editors, 2, "a.c")
    assert away_s(editors, 300.0) is None


def test_an_editor_that_stays_away_is_forgotten() -> None:
    editors = Editors()
    sharing(editors, 1, "a.c")
    editors.lose(1, 100.0)
    editors.expire(100.0 + AWAY_LIMIT_S - 1)
    assert len(editors) == 1
    editors.expire(100.0 + AWAY_LIMIT_S)
    assert len(editors) == 0


def test_a_second_editor_in_one_workspace_is_another_one_while_the_first_is_there() -> None:
    editors = Editors()
    sharing(editors, 1, "a.c")
    sharing(editors, 2, "a.c")
    listing = editors.listing(0.0)
    assert len(listing.sharers) == 2
    assert len({each.document for each in listing.tabs}) == 2


def test_versions_go_on_when_an_editor_comes_back() -> None:
    editors = Editors()
    for number, text in ((1, "before"), (2, "after")):
        sharing(editors, number, "a.c")
        update = DocumentPublisher(DocumentId(0)).update(Document.of(DocumentId(0), (text,)))
        assert update is not None
        assert editors.update(number, update).is_right
        editors.lose(number, 0.0)
    (document,) = editors.documents.values()
    assert document.lines == ("after",)
    assert document.version == 1


def test_a_session_has_a_bounded_number_of_editors() -> None:
    editors = Editors()
    for number in range(MAX_SHARERS):
        editors.begin(number, hello(number))
    with pytest.raises(UsageError, match="too many editors"):
        editors.begin(MAX_SHARERS, hello(MAX_SHARERS))


@pytest.mark.parametrize(
    "message",
    [
        ShareDocuments([ShareTab(0, "a", ""), ShareTab(0, "b", "")]),
        ShareDocuments([ShareTab(0, "a", "")], active=1),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(message: ShareDocuments) -> None:
    editors = Editors()
    editors.begin(1, hello())
    with pytest.raises(PeerError):
        editors.list_documents(1, message)


def test_an_update_needs_a_document_of_the_list() -> None:
    editors = Editors()
    editors.begin(1, hello())
    update = DocumentPublisher(DocumentId(3)).update(Document.of(DocumentId(3), ("x",)))
    assert update is not None
    with pytest.raises(PeerError):
        editors.update(1, update)
