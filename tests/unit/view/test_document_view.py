"""The code window as a client sees it: files, lines, cursors, following, searching, and every state without a text."""

from dataclasses import replace

import pytest

from pairterm.document.colours import TokenKind, colour_row
from pairterm.document.document import Cursor, Document, DocumentId, DocumentTab, Position, Sharer, Span
from pairterm.terminal.frame import INVERSE
from pairterm.types import Role, Size
from pairterm.view import Detach
from pairterm.view.document_cells import MAX_LINE_CHARS
from pairterm.view.document_pens import MATCH_PEN, VISIBLE_PEN, cursor_pen, pen_of_kind, selection_pen
from pairterm.view.lone_keys import ALONE_S
from pairterm.view.paint_cache import PaintCache
from pairterm.view.shown_documents import ShownDocuments
from tests.unit.view.editors import ANA, BOB, MAIN, cursor, document, shared, tab, window
from tests.unit.view.watching import Client, frame_of

SIZE = Size(rows=8, cols=60)
LIB = DocumentId(8)
NUMBERED = [f"line {number}" for number in range(1, 101)]


def reader(
    documents: ShownDocuments,
    role: Role = Role.READ_ONLY,
    size: Size = SIZE,
    *,
    status: bool = False,
    cache: PaintCache | None = None,
) -> Client:
    """Return a client who looks at the code window."""
    client = Client(role, size, status=status, cache=cache)
    client.view.show(*window(Size(rows=24, cols=80)))
    update(client, documents)
    return client


def update(client: Client, documents: ShownDocuments) -> bytes:
    client.view.show_documents(documents, client.now_s)
    return client.paint()


def test_a_file_shows_with_its_name_its_lines_and_its_sharer() -> None:
    client = reader(shared(document("import os", "", "print(os)", cursors=(cursor(2, 5),))))
    assert client.lines[0].split() == ["ana:", "src/main.py", "follows", "ana"]
    assert client.lines[1:5] == ["  1 import os", "  2", "  3 print(os)   ana", ""]
    assert client.view.watched_document == MAIN


def test_colours_cursors_and_selections_are_where_they_belong() -> None:
    selected = Span(Position(0, 4), Position(1, 2))
    made = document("if True:", "    go()", cursors=(Cursor(Position(1, 2), (selected,)),))
    made = replace(made, colours=(colour_row([(2, TokenKind.KEYWORD)]), b""))
    rows = reader(shared(made)).terminal.snapshot().rows
    assert rows[1].pens[4:6] == (pen_of_kind(TokenKind.KEYWORD),) * 2
    assert [column for column, pen in enumerate(rows[1].pens) if pen == selection_pen(ANA)] == [8, 9, 10, 11, 12]
    assert rows[2].pens[4:7] == (selection_pen(ANA), selection_pen(ANA), cursor_pen(ANA))


def test_a_selection_that_was_made_backwards_shows_too() -> None:
    made = document("abcdef", cursors=(Cursor(Position(0, 1), (Span(Position(0, 4), Position(0, 1)),)),))
    row = reader(shared(made)).terminal.snapshot().rows[1]
    assert row.pens[5] == cursor_pen(ANA)
    assert [column for column, pen in enumerate(row.pens) if pen == selection_pen(ANA)] == [6, 7]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a\x1b[31mred", "a^[[31mred"),
        ("\x1b]52;c;eA==\x07", "^[]52;c;eA==^G"),
        ("a\rb\x08c\x7f", "a^Mb^Hc^?"),
        ("\x9b31m", "<009b>31m"),
        ("if x: \u202e } \u2066# admin", "if x: <202e> } <2066># admin"),
        ("one\u2028two", "one<2028>two"),
    ],
)
def test_hostile_text_becomes_visible_letters(line: str, shown: str) -> None:
    """A file can hold anything. No byte of it may do something to a reader's terminal."""
    client = reader(shared(document(line)), size=Size(rows=3, cols=60))
    assert client.lines[1] == f"  1 {shown}"
    assert client.terminal.snapshot().rows[1].pens.count(VISIBLE_PEN) >= 2
    assert not client.terminal.snapshot().title


def test_names_of_files_and_people_are_harmless() -> None:
    evil = "\x1b]0;owned\x07\u202e"
    people = (Sharer(ANA, f"ana{evil}", "project", MAIN),)
    client = reader(shared(document("x", cursors=(cursor(0, 0),)), sharers=people, tabs=(tab(f"a{evil}.py"),)))
    assert not client.terminal.snapshot().title
    assert client.lines[0].startswith(" ana?]0;owned??: a?]0;owned??.py")


def test_a_very_long_line_is_cut() -> None:
    client = reader(shared(document("x" * (MAX_LINE_CHARS + 1), cursors=(cursor(0, 1 << 20),))))
    assert "x … " in client.lines[1]
    assert "›" not in client.lines[1]


def test_the_view_follows_the_cursor_until_the_client_scrolls() -> None:
    client = reader(shared(document(*NUMBERED, cursors=(cursor(50, 0),))))
    assert "line 51" in "".join(client.lines)
    client.keys(b"k")
    top = client.lines[1]
    update(client, shared(document(*NUMBERED, cursors=(cursor(90, 0),), version=2)))
    assert client.lines[1] == top
    assert client.lines[0].endswith("f follows ana")
    client.keys(b"f")
    assert any("line 91" in line for line in client.lines)


def test_lines_that_come_above_do_not_move_what_a_client_reads() -> None:
    client = reader(shared(document(*NUMBERED)))
    client.keys(b"   ")
    lines = client.lines[1:]
    update(client, shared(document("new", "new", *NUMBERED, version=2)))
    assert [line.split("line")[1] for line in client.lines[1:]] == [line.split("line")[1] for line in lines]


def test_the_view_moves_sideways_with_the_cursor_and_back() -> None:
    long = "0123456789" * 10
    client = reader(shared(document(long, cursors=(cursor(0, 95),))))
    assert client.lines[1].startswith("  1 ‹")
    update(client, shared(document(long, cursors=(cursor(0, 3),), version=2)))
    assert client.lines[1].startswith("  1 0123")
    client.keys(b"l")
    assert client.lines[1].startswith("  1 ‹9")


def test_keys_move_through_the_text() -> None:
    client = reader(shared(document(*NUMBERED)))
    for keys, first in ((b"j", 2), (b"k", 1), (b" ", 6), (b"\x1b[6~", 11), (b"b", 6), (b"G", 94), (b"g", 1), (b"d", 3)):
        client.keys(keys)
        assert client.lines[1].split() == [str(first), "line", str(first)], keys


def test_search_goes_to_matches_and_around_the_end() -> None:
    client = reader(shared(document(*NUMBERED)))
    client.keys(b"/LINE 1")
    client.keys(b"\r")
    assert "not found" in client.lines[-1]
    for keys, first in ((b"/line 77\r", 74), (b"n", 74), (b"?line 3\r", 36), (b"n", 36), (b"N", 36)):
        client.keys(keys)
        assert client.lines[1].split()[0] == str(first), keys
    rows = client.terminal.snapshot().rows
    assert any(pen == MATCH_PEN for row in rows for pen in row.pens)
    client.keys(b"f")
    assert not any(pen == MATCH_PEN for row in client.terminal.snapshot().rows for pen in row.pens)


def two_files() -> ShownDocuments:
    return shared(
        document("main", cursors=(cursor(0, 0),)),
        document("library", number=LIB, cursors=(cursor(0, 2),)),
        sharers=(Sharer(ANA, "ana", "project", MAIN), Sharer(BOB, "bob", "project", LIB)),
        tabs=(tab(), tab("lib.py", LIB, BOB)),
    )


def test_tab_changes_the_file_and_s_the_person() -> None:
    client = reader(two_files())
    assert client.lines[0].split() == ["ana:", "src/main.py", "bob:", "lib.py", "follows", "ana"]
    client.keys(b"\t")
    assert "library" in client.lines[1]
    assert client.view.watched_document == LIB
    client.keys(b"\x1b[Z")
    assert "main" in client.lines[1]
    client.keys(b"s")
    assert "library" in client.lines[1]
    assert client.lines[0].endswith("follows bob")


def test_two_clients_have_places_of_their_own() -> None:
    one, two = (reader(shared(document(*NUMBERED))) for _ in range(2))
    one.keys(b"G")
    assert "line 100" in one.lines[-1]
    assert two.lines[1].endswith("line 1")


@pytest.mark.parametrize(
    ("documents", "text"),
    [
        (ShownDocuments(), "no editor shares a file now"),
        (ShownDocuments((Sharer(ANA, "ana", "project"),)), "ana has opened no file yet"),
        (ShownDocuments((Sharer(ANA, "ana", "project", MAIN),), (tab(),)), "the text is on its way …"),
        (
            ShownDocuments((Sharer(ANA, "ana", "project", None, is_active_withheld=True),), (tab(),)),
            "a file that is not shared",
        ),
    ],
)
def test_each_state_without_a_text_says_so(documents: ShownDocuments, text: str) -> None:
    client = reader(documents)
    assert client.lines[1] == f" {text}"
    client.keys(b"jkgG hl/a\rnNfs\t")  # no key fails


def test_a_withheld_file_has_a_tab_without_its_name() -> None:
    people = (Sharer(ANA, "ana", "project", None, is_active_withheld=True),)
    client = reader(ShownDocuments(people, (tab(),)))
    assert client.lines[0].split("follows")[0].rstrip() == " ana: src/main.py  a file that is not shared"
    assert client.view.watched_document is None


def test_an_editor_that_is_away_is_shown_with_its_time_and_the_last_text() -> None:
    away = replace(two_files(), sharers=(Sharer(ANA, "ana", "project", MAIN, away_s=12),))
    client = reader(away)
    assert client.lines[0].endswith("the editor is away 12 s")
    client.wait(1.0)
    assert client.lines[0].endswith("the editor is away 13 s")
    assert "main" in client.lines[1]
    update(client, two_files())
    assert "away" not in client.lines[0]
    assert client.view.wake_at_s is None


def test_a_narrow_terminal_shows_the_file_and_the_text() -> None:
    client = reader(shared(document("def main():", cursors=(cursor(0, 4),))), size=Size(rows=4, cols=20))
    assert client.lines[0].strip() == "ana: src/main.py"
    assert client.lines[1] == "  1 def main(): ana"
    long = shared(document("x"), tabs=(tab("packages/application/source/main.py"),))
    update(client, long)
    assert client.lines[0].strip() == "ana: …urce/main.py"


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (2, 2), (3, 5), (1, 80), (200, 500)])
def test_any_size_shows_something(rows: int, cols: int) -> None:
    client = reader(
        shared(document("漢字\t👩‍👩‍👧", cursors=(cursor(0, 3),))), size=Size(rows=rows, cols=cols), status=True
    )
    client.keys(b"lljkGg/x\r")


def test_many_files_keep_the_current_one_in_sight() -> None:
    tabs = tuple(tab(f"file{number}.py", DocumentId(number)) for number in range(40))
    documents = ShownDocuments((Sharer(ANA, "ana", "project", DocumentId(20)),), tabs)
    line = reader(documents).lines[0]
    assert "file20.py" in line
    assert line.startswith("<")
    assert "> " in line


def test_a_click_on_a_tab_shows_its_file() -> None:
    client = reader(two_files(), role=Role.READ_WRITE)
    client.keys(b"\x02W")
    at = client.lines[0].index("lib.py")
    assert client.view.watched_document == MAIN
    assert client.keys(b"\x1b[<0;%d;1M\x1b[<0;%d;1m" % (at + 3, at + 3)) == []
    assert client.view.watched_document == LIB
    assert client.lines[0].rstrip().endswith("f follows ana")
    client.keys(b"\x1b[<0;%d;2M" % (client.lines[0].index("main.py") + 1))
    assert client.view.watched_document == LIB


def test_a_click_on_the_mark_of_more_files_shows_the_next_one() -> None:
    tabs = tuple(tab(f"file{number}.py", DocumentId(number)) for number in range(40))
    client = reader(ShownDocuments((Sharer(ANA, "ana", "project", DocumentId(20)),), tabs))
    client.keys(b"\x02W")
    before = client.lines[0]
    client.keys(b"\x1b[<0;1;1M")
    first = int(before.split("file")[1].split(".")[0])
    assert client.view.watched_document == DocumentId(first - 1)


def test_nobody_types_in_a_code_window() -> None:
    client = reader(shared(document(*NUMBERED)), Role.OWNER)
    assert client.keys(b"rm -rf /\r\x03\x1b[A\x1b[200~paste\x1b[201~\xc3\xa9") == []
    client.view._controls.copying.buffers.add("secret")
    assert client.keys(b"\x02]") == []
    assert "nobody types here" in client.lines[-1]


def test_a_capture_of_a_code_window_has_the_text() -> None:
    """It was blank, as the pane below the text is."""
    client = reader(shared(document("import os", "\x1b[2J")))
    client.keys(b"\x02:capture-pane\r")
    buffer = client.view._controls.copying.buffers.find()
    assert buffer is not None
    lines = buffer.text.splitlines()
    assert lines[0].startswith(" ana: src/main.py")
    assert lines[1:3] == ["  1 import os", "  2 ^[[2J"]


def test_a_watcher_leaves_a_code_window_as_any_other_one() -> None:
    client = reader(shared(document("x")), status=True)
    assert client.lines[-1].endswith("C-b ? keys  q leaves")
    for key in (b"\x03", b"q"):
        assert [*client.keys(key), *client.wait(ALONE_S)] == [Detach()]
    client.keys(b"requiem")
    assert client.wait(ALONE_S) == []


def test_a_client_who_leaves_the_window_comes_back_to_their_place() -> None:
    client = reader(shared(document(*NUMBERED)), Role.READ_WRITE)
    client.keys(b"G/")
    client.show(frame_of("$ "))
    assert client.view.watched_document is None
    assert client.keys(b"ls")[0].data == b"ls"  # type: ignore[union-attr]  # a Type
    client.view.show(*window(SIZE))
    client.paint()
    assert "line 100" in client.lines[-1]


def test_a_pause_leaves_nothing_of_a_file() -> None:
    client = reader(shared(document("secret")))
    hidden = replace(frame_of("hidden by the owner"), is_hidden=True)
    client.show(hidden)
    assert "secret" not in "".join(client.lines)
    client.keys(b"jG")
    assert "secret" not in "".join(client.lines)


def test_the_prefix_the_help_and_messages_work_over_code() -> None:
    client = reader(shared(document(*NUMBERED)), Role.READ_WRITE, Size(rows=200, cols=100))
    client.keys(b"\x02?")
    assert any("In the code window" in line for line in client.lines)
    client.keys(b"q")
    client.view.tell("hello", client.now_s)
    client.paint()
    assert client.lines[-1] == " hello"
    assert client.lines[1].endswith("line 1")


def test_typing_paints_the_changed_line_only() -> None:
    client = reader(shared(document(*NUMBERED, cursors=(cursor(2, 4),))))
    changed = [*NUMBERED]
    changed[2] = "lineX 3"
    painted = update(client, shared(document(*changed, cursors=(cursor(2, 5),), version=2)))
    assert "lineX 3" in client.lines[3]
    assert len(painted) < 100


def test_clients_with_the_same_look_share_their_rows() -> None:
    made = document("def f(): pass", "x = 1")
    pictures = [reader(shared(made)).view._base for _ in range(2)]
    assert pictures[0] is not None
    assert pictures[1] is not None
    assert [row is other for row, other in zip(pictures[0].rows[:3], pictures[1].rows[:3], strict=True)] == [True] * 3


def test_an_edit_is_painted_once_for_all_who_see_the_same() -> None:
    """50 guests of a gateway who follow one person cost it one painting, and not 50."""
    cache = PaintCache()
    first, second, searching = (reader(shared(document("x", "y")), cache=cache) for _ in range(3))
    searching.keys(b"/")
    edited = shared(document("edited", "x", "y", version=2))
    painted = [update(each, edited) for each in (first, second, searching)]
    assert painted[0]
    assert painted[0] is painted[1]
    assert searching.lines[-1] == "/"
    assert first.lines[-1] != "/"
    assert "edited" in first.lines[1]
    assert first.lines == second.lines


def test_a_terminal_without_colours_shows_the_cursor() -> None:
    client = reader(shared(document("x", cursors=(cursor(0, 0),))))
    assert client.terminal.snapshot().rows[1].pens[4].flags & INVERSE


def test_a_tab_of_an_unknown_person_shows() -> None:
    made = document("x")
    orphan = ShownDocuments((), (DocumentTab(MAIN, "a.py", "", BOB),), {MAIN: made})
    assert reader(orphan).lines[0].startswith(" somebody: a.py")


def test_a_cursor_behind_the_end_of_the_text_is_harmless() -> None:
    lost: Document = document("x", cursors=(cursor(99, 99),))
    assert reader(shared(lost)).lines[1].startswith("  1 x")
    empty = replace(lost, lines=(), colours=())
    reader(shared(empty)).keys(b"/x\r?x\rGgjk")
