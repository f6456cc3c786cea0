"""The files of editors for one page: what is sent equals the text after any changes, as fast as the page takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pairterm.document.document import Document, DocumentId
from pairterm.gateway.web.page_code import PageCode
from pairterm.view.shown_documents import NO_DOCUMENTS, ShownDocuments
from tests.unit.view.editors import MAIN, cursor, document, shared, tab


class Page:
    """A page: it applies what it is sent, and acknowledges only when told to."""

    def __init__(self) -> None:
        self.code = PageCode()
        self.lines: list[str] = []
        self.colours: list[list[int]] = []
        self.heard: list[str] = []
        self.unacknowledged: list[tuple[int, int]] = []

    def show(self, shown: ShownDocuments) -> None:
        for kind, fields in self.code.messages(shown):
            self.heard.append(kind)
            if kind == "lines":
                self.take(fields)

    def take(self, fields: dict[str, Any]) -> None:
        if fields["is_new"]:
            self.lines, self.colours = [], []
        first, removed = fields["first"], fields["removed"]
        assert first + removed <= len(self.lines)
        self.lines[first : first + removed] = fields["lines"]
        self.colours[first : first + removed] = fields["colours"]
        self.unacknowledged.append((fields["document"], fields["serial"]))

    def acknowledge(self) -> None:
        for each in self.unacknowledged:
            self.code.acknowledge(*each)
        self.unacknowledged.clear()


def test_a_page_that_watches_nothing_gets_the_list_only() -> None:
    page = Page()
    page.show(shared(document("x")))
    page.show(shared(document("y")))
    assert page.heard == ["documents"]
    page.show(NO_DOCUMENTS)
    assert page.heard == ["documents", "documents"]


def test_typing_sends_the_line() -> None:
    page = Page()
    page.code.watch([MAIN])
    page.show(shared(document(*map(str, range(5000)))))
    while page.unacknowledged:
        page.acknowledge()
        page.show(shared(document(*map(str, range(5000)))))
    page.heard.clear()
    changed = document(*map(str, range(2500)), "new", *map(str, range(2501, 5000)), cursors=(cursor(2500, 3),))
    sent = list(page.code.messages(shared(changed)))
    assert [(kind, fields.get("first"), fields.get("lines")) for kind, fields in sent] == [
        ("lines", 2500, ("new",)),
        ("cursors", None, None),
    ]


def test_an_edit_is_compared_once_for_all_pages_with_the_same_text() -> None:
    """Each page compared 20,000 lines at each key: 50 pages cost 80 ms."""
    pages = [Page() for _ in range(2)]
    before, after = shared(document(*map(str, range(5000)))), shared(document("new", *map(str, range(5000)), version=2))
    for page in pages:
        page.code.watch([MAIN])
    for shown in (before, after):
        for _ in range(10):
            for page in pages:
                page.show(shown)
            for page in pages:
                page.acknowledge()
    for page in pages:
        assert page.lines[:2] == ["new", "0"]
        assert page.code._known[MAIN].lines is after.texts[MAIN].lines
    changed = shared(document("newer", *map(str, range(5000)), version=3))
    sent = [dict(page.code.messages(changed))["lines"]["lines"] for page in pages]
    assert sent[0] == ("newer",)
    assert sent[0] is sent[1]


def test_a_page_that_does_not_read_gets_a_bounded_part() -> None:
    page = Page()
    page.code.watch([MAIN])
    big = shared(document(*["x" * 1000] * 2000))
    for _ in range(10):
        page.show(big)
    assert sum(map(len, page.lines)) < 400_000
    while page.unacknowledged:
        page.acknowledge()
        page.show(big)
    assert len(page.lines) == 2000


def test_a_file_that_is_watched_again_is_sent_anew() -> None:
    page = Page()
    page.code.watch([MAIN])
    page.show(shared(document("x")))
    page.code.watch([])
    page.code.watch([MAIN])
    page.show(shared(document("x")))
    assert page.lines == ["x"]
    assert page.heard == ["documents", "lines", "lines"]


def test_a_file_that_is_gone_is_forgotten_and_an_unknown_one_says_nothing() -> None:
    page = Page()
    page.code.watch([MAIN, 99])
    page.show(shared(document("x")))
    page.show(ShownDocuments((), (tab("b", DocumentId(8)),)))
    page.code.acknowledge(MAIN, 1)
    page.code.acknowledge(5, 10**12)
    assert page.heard == ["documents", "lines", "documents"]


def test_an_empty_file_is_sent_as_new() -> None:
    page = Page()
    page.lines = ["rest of another"]
    page.code.watch([MAIN])
    page.show(shared(document()))
    assert page.lines == []
    assert page.heard == ["documents", "lines"]


texts = st.lists(st.sampled_from(["a", "b", "", "é😀"]), max_size=8)
rows = st.sampled_from([b"", b"\x01\x02"])


@given(st.lists(st.tuples(texts, rows, st.booleans()), min_size=1, max_size=8))
def test_a_page_converges_on_the_newest_text(steps: list[tuple[list[str], bytes, bool]]) -> None:
    page = Page()
    page.code.watch([MAIN])
    newest: Document = document()
    for lines, row, is_acknowledged in steps:
        newest = document(*lines)
        newest = replace(newest, colours=tuple([row] * len(lines)))
        page.show(shared(newest))
        if is_acknowledged:
            page.acknowledge()
    assert page.lines == list(newest.lines)
    assert page.colours == [list(each) for each in newest.colours]
