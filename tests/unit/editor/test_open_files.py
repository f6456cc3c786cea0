"""The open files of an editor: which are shared, what the person is told, and colours of an older text."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairterm.document.buffer import Change
from pairterm.document.document import MAX_DOCUMENTS, DocumentId, Position, Span
from pairterm.document.position_encoding import PositionEncoding
from pairterm.editor.file_filter import FileFilter
from pairterm.editor.open_files import OpenFile, OpenFiles


class Desk:
    """Open files, and the lines that their person was told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.told: list[str] = []
        self.files = OpenFiles(FileFilter([root]), tell=self.told.append)

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str = "x") -> None:
        self.files.open(self.uri(name), "python", text)

    def names(self) -> list[str]:
        return [each.name for each in self.files.listing().tabs]

    def only(self) -> OpenFile:
        (file,) = self.files.shared()
        return file


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "project").mkdir()
    return Desk(tmp_path / "project")


def test_a_file_is_in_the_list_while_it_is_open(desk: Desk) -> None:
    desk.open("a.py")
    desk.open("b.py")
    assert desk.names() == ["a.py", "b.py"]
    assert desk.files.listing().active == 2
    desk.files.close(desk.uri("b.py"))
    assert desk.names() == ["a.py"]
    assert desk.files.listing().active is None


def test_a_file_that_is_held_back_is_told_once_and_leaves_no_name(desk: Desk) -> None:
    desk.open(".env", "PASSWORD=x")
    for _ in range(3):
        desk.files.change(desk.uri(".env"), [Change("y")])
    assert desk.told == ["not shared: .env (it may contain secrets)"]
    listing = desk.files.listing()
    assert not listing.tabs
    assert listing.active is None
    assert listing.is_active_withheld


def test_a_text_that_becomes_too_large_is_withdrawn_and_comes_back(desk: Desk) -> None:
    desk.open("a.py")
    desk.files.change(desk.uri("a.py"), [Change("x" * (2 << 20))])
    assert desk.names() == []
    desk.files.change(desk.uri("a.py"), [Change("x")])
    assert desk.names() == ["a.py"]
    assert len(desk.told) == 1


def test_a_buffer_without_a_file_is_not_shared_and_nobody_is_told(desk: Desk) -> None:
    desk.files.open("untitled:Untitled-1", "python", "secret")
    assert desk.names() == []
    assert desk.told == []
    assert not desk.files.listing().is_active_withheld


def test_a_change_in_one_file_discards_none_in_another(desk: Desk) -> None:
    """pair-ls 0.1.1 has one timer for the changes of all files of a client with full texts."""
    desk.open("a.py")
    desk.open("b.py")
    desk.files.change(desk.uri("a.py"), [Change("new a")])
    desk.files.change(desk.uri("b.py"), [Change("new b")])
    assert [each.document.lines for each in desk.files.shared()] == [("new a",), ("new b",)]


def test_cursors_count_code_points_whatever_the_encoding(desk: Desk) -> None:
    desk.files.encoding = PositionEncoding.UTF16
    desk.open("a.py", "é😀b\n汉c")
    desk.files.move_cursors(desk.uri("a.py"), [((0, 3), ((0, 1), (1, 1)))])
    (cursor,) = desk.only().document.cursors
    assert cursor.position == Position(0, 2)
    assert cursor.selections == (Span(Position(0, 1), Position(1, 1)),)


def test_colours_of_an_older_text_go_to_the_lines_that_stayed(desk: Desk) -> None:
    desk.open("a.py", "one\ntwo\nthree")
    lines = desk.only().document.lines
    desk.files.change(desk.uri("a.py"), [Change("new\n", (1, 0), (1, 0))])
    desk.files.colour(DocumentId(1), lines, 0, [b"\1\1", b"\2\2", b"\3\3"])
    assert desk.only().document.colours == (b"\1\1", b"", b"\2\2", b"\3\3")


def test_the_files_that_were_used_last_are_shared_if_there_are_too_many(desk: Desk) -> None:
    for number in range(MAX_DOCUMENTS + 1):
        desk.open(f"{number}.py")
    desk.files.move_cursors(desk.uri("0.py"), [])
    assert "0.py" in desk.names()
    assert "1.py" not in desk.names()
    assert len(desk.names()) == MAX_DOCUMENTS
