"""Law: a copied selection is the text that was shown selected. And Law 6 for buffers: a watcher pastes nothing.

The inverse text is read back from a second terminal, row by row. Rows that wrapped into
each other are joined, trailing spaces are dropped.
"""

from hypothesis import given
from hypothesis import strategies as st

from pairterm.types import Role, Size
from pairterm.view import Type
from tests.unit.view.test_copying import SIZE
from tests.unit.view.test_copying import Session as Viewed


def texts(max_chars: int) -> st.SearchStrategy[str]:
    """Return texts of lines of so many characters at most."""
    cells = st.sampled_from(["a", "b", " ", "-", "漢", "e\u0301", "é"])
    line = st.lists(cells, max_size=max_chars).map("".join)
    return st.lists(line, min_size=1, max_size=12).map("\n".join)


_MOVES = st.lists(
    st.sampled_from([*b"hjklwbeWBE0^$gGHML{};,noK"]).map(lambda code: bytes((code,)))
    | st.sampled_from([b"fa", b"Tb", b"/a\r", b"?-\r", b"\x15", b"\x04", b"\x1b[6~"]),
    max_size=12,
).map(b"".join)


@given(texts(19), _MOVES, st.sampled_from([b"v", b"V", b"\x16"]), _MOVES)
def test_a_copied_selection_is_the_text_that_was_shown(text: str, before: bytes, begin: bytes, after: bytes) -> None:
    session = Viewed(text)
    session.keys(b"\x02[" + before + begin + after)
    copy_mode = session.client.view._layers.scrollback
    assert copy_mode is not None
    selection, top, shown = copy_mode.selection, copy_mode.top, session.selected
    assert selection is not None
    session.keys(b"y")
    buffer = session.client.view._controls.copying.buffers.find()
    copied = buffer.text.split("\n") if buffer is not None else [""]
    for number in range(max(selection.first_line, top + 1), min(selection.last_line + 1, top + SIZE.rows)):
        assert copied[number - selection.first_line].rstrip(" ") == shown[number - top - 1].rstrip(" ")


@given(texts(60), _MOVES, _MOVES, st.sampled_from([b"\x02]", b"\x02=\r", b"\x02=p", b"\x02:paste-buffer\r"]))
def test_somebody_who_watches_copies_and_never_pastes(text: str, before: bytes, after: bytes, paste: bytes) -> None:
    session = Viewed(text, Role.READ_ONLY)
    actions = session.keys(b"\x02[" + before + b"v" + after + b"y" + paste)
    actions += session.client.wait(2.0)
    assert not any(isinstance(each, Type) for each in actions)


@given(texts(60), st.integers(5, 80))
def test_the_whole_text_is_copied_as_it_was_printed(text: str, cols: int) -> None:
    """The size does not matter: what wrapped is joined. A space before a wide character may be a margin's gap."""
    text = text.replace(" 漢", "漢")
    session = Viewed(text, size=Size(rows=8, cols=cols))
    session.keys(b"\x02[gvG$y")
    buffer = session.client.view._controls.copying.buffers.find()
    copied = buffer.text if buffer is not None else ""
    wanted = [line.rstrip(" ") for line in text.split("\n")]
    while len(wanted) > 1 and not wanted[-1]:
        wanted.pop()
    got = copied.split("\n")
    while len(got) > 1 and not got[-1]:
        got.pop()
    assert [line.rstrip(" ") for line in got] == wanted
