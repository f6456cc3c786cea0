"""What pair-ls says at a gateway: hostile names and messages, and the texts that come of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.editor.published import LineReader, PublishedEditor
from pairterm.editor.published_files import PublishedFiles
from pairterm.errors import PeerError

ROOT = "file:///work/project"


def message(method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode()


def opened(uri: str, text: str = "x") -> bytes:
    return message("textDocument/didOpen", textDocument={"uri": uri, "languageId": "c", "version": 1, "text": text})


def changed(uri: str, *changes: dict[str, Any]) -> bytes:
    return message("textDocument/didChange", textDocument={"uri": uri, "version": 2}, contentChanges=changes)


def texts(editor: PublishedEditor) -> dict[str, list[str]]:
    assert editor.files is not None
    return {each.verdict.name: list(each.document.lines) for each in editor.files.shared()}


@pytest.fixture
def editor() -> PublishedEditor:
    made = PublishedEditor()
    made.take(message("initialize", rootUri=ROOT, capabilities={"general": {"positionEncodings": ["utf-8"]}}))
    return made


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (f"{ROOT}/src/main.c", "src/main.c"),
        (f"{ROOT}/a/../b.c", "b.c"),
        (f"{ROOT}/a%20b%C3%A9.c", "a bé.c"),
        ("file://localhost/work/project/a.c", "a.c"),
        (ROOT, ""),
        (f"{ROOT}/../other/a.c", ""),
        (f"{ROOT}/%2e%2e/other/a.c", ""),
        ("file:///work/project2/a.c", ""),
        ("file://host/work/project/a.c", ""),
        ("file:a.c", ""),
        ("untitled:a.c", ""),
        (f"{ROOT}/a%00.c", ""),
        (f"{ROOT}/.env.local", ""),
        (f"{ROOT}/keys/SERVER.PEM", ""),
        (f"{ROOT}/.git/config", ""),
        (f"{ROOT}/.ssh/known_hosts", ""),
        (f"{ROOT}/id_rsa", ""),
    ],
)
def test_only_names_below_the_root_that_look_like_no_secret(uri: str, name: str) -> None:
    verdict = PublishedFiles(ROOT).verdict(uri)
    assert verdict.name == name
    assert bool(verdict.reason) is not bool(name)


@pytest.mark.parametrize(
    "root", ["", "file:///", "file:///home", "file:///home/ben", "file:///Users/ben", "file:///root"]
)
def test_of_a_home_directory_nothing_is_shown(root: str) -> None:
    files = PublishedFiles(root)
    assert files.root_fault()
    assert files.verdict(f"{root or 'file:///x'}/a.c").reason


@given(st.lists(st.sampled_from(["..", ".", "a", "%2e%2e", "%2F", "", "~", "C:", "\\", "%5c", "é"]), max_size=8))
def test_no_name_is_absolute_or_leads_upwards(parts: list[str]) -> None:
    name = PublishedFiles(ROOT).verdict("/".join([ROOT, *parts])).name
    assert not name.startswith("/")
    assert ".." not in name.split("/")


def test_places_are_in_utf_16_whatever_the_editor_offers(editor: PublishedEditor) -> None:
    """pair-ls passes on what its editor offers, and answers it with UTF-16."""
    uri = f"{ROOT}/a.c"
    editor.take(opened(uri, "😀b"))
    place = {"line": 0, "character": 2}
    editor.take(changed(uri, {"range": {"start": place, "end": place}, "text": "x"}))
    assert texts(editor) == {"a.c": ["😀xb"]}


def test_a_message_about_a_text_that_can_not_be_read_takes_the_texts_away(editor: PublishedEditor) -> None:
    """A wrong text must not stay. It is right again when the file is opened again."""
    editor.take(opened(f"{ROOT}/a.c", "before"))
    editor.take(message("textDocument/hover", textDocument=3))
    assert texts(editor) == {"a.c": ["before"]}
    assert editor.take(changed(f"{ROOT}/a.c", {"text": 3}))
    assert texts(editor) == {}
    editor.take(changed(f"{ROOT}/a.c", {"text": "unknown"}))
    assert texts(editor) == {}
    editor.take(opened(f"{ROOT}/a.c", "after"))
    assert texts(editor) == {"a.c": ["after"]}


_JSON = st.lists(st.none() | st.integers() | st.text(max_size=9), max_size=4).map(
    lambda value: json.dumps(value).encode()
)


@given(st.binary(max_size=200) | _JSON)
def test_no_message_raises(data: bytes) -> None:
    editor = PublishedEditor()
    editor.take(message("initialize", rootUri=ROOT))
    editor.take(data)
    editor.take(b'{"method":"textDocument/didOpen","params":' + data + b"}")
    assert texts(editor) == {}


def test_nothing_is_taken_before_the_beginning_and_a_second_beginning_changes_nothing() -> None:
    editor = PublishedEditor()
    assert not editor.take(opened(f"{ROOT}/a.c"))
    assert editor.files is None
    editor.take(message("initialize", rootUri=ROOT))
    editor.take(opened(f"{ROOT}/a.c"))
    editor.take(message("initialize", rootUri="file:///etc/x"))
    editor.take(opened("file:///etc/x/passwd"))
    assert list(texts(editor)) == ["a.c"]
    editor.take(b'{"method":"shutdown","params":null}')
    assert editor.is_over


@given(st.lists(st.binary(max_size=20)), st.integers(1, 7))
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], size: int) -> None:
    lines = [each.replace(b"\n", b"") for each in lines]
    stream = b"".join(each + b"\n" for each in lines)
    reader = LineReader(20)
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [line for piece in pieces for line in reader.feed(piece)] == lines


def test_a_line_without_an_end_is_no_more_than_its_limit() -> None:
    reader = LineReader(10)
    assert list(reader.feed(b"0123456789")) == []
    with pytest.raises(PeerError):
        list(reader.feed(b"x"))
