"""Law 9 as far as one link goes, and hostile hosts: replica equals original, and nothing unchecked gets in."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pairterm.errors import PeerError
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.messages import Echo, PictureChange, ScreenUpdate
from pairterm.link.row_wire import MAX_HYPERLINKS_CHARS
from pairterm.link.screen_publisher import LARGE_UPDATE, MAX_UNACKNOWLEDGED, Publisher, is_small
from pairterm.link.screen_replica import Replica
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame, Pen
from pairterm.types import MAX_COLS, MAX_ROWS, PaneId, Size
from tests.laws.link.wire import messages_of
from tests.laws.terminal.programs import programs, sizes

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def over_the_wire(update: PictureChange) -> PictureChange:
    received = decode_host_message(encode(update))
    assert isinstance(received, ScreenUpdate | Echo)
    return received


def assert_equal(copy: Frame | None, original: Frame) -> None:
    """Assert that both are the same in all that travels, what `same_as` leaves out too."""
    assert copy is not None
    assert copy.same_as(original)
    assert [row.wrapped for row in copy.rows] == [row.wrapped for row in original.rows]
    for name in ("generation", "scrolled", "bells", "is_alternate", "title", "modes", "cursor", "size"):
        assert getattr(copy, name) == getattr(original, name)


_steps = st.lists(
    st.one_of(
        programs,
        sizes,
        st.sampled_from(["acknowledge", "skip", "lose the link", "others leave"]),
    ),
    max_size=12,
)


@given(sizes, _steps)
def test_the_replica_equals_the_original_whatever_is_skipped_or_lost(size: Size, steps: list[object]) -> None:
    terminal = Terminal(size)
    publisher, replica = Publisher(PaneId(0)), Replica()
    sent: list[tuple[int, bool]] = []
    for step in steps:
        match step:
            case Size():
                terminal.resize(step)
            case "lose the link":
                publisher, replica, sent = Publisher(PaneId(0)), Replica(), []
            case "others leave":
                publisher.forget()
                sent.clear()
            case "acknowledge" if sent:
                publisher.acknowledge(sent.pop(0)[0])
            case list():
                terminal.feed(b"".join(step))
            case _:
                continue
        large = sum(not small for _, small in sent)
        assert large <= 2
        assert publisher.may_send == (large * LARGE_UPDATE + len(sent) - large < MAX_UNACKNOWLEDGED)
        frame = terminal.snapshot()
        if publisher.may_send and (update := publisher.update(frame)) is not None:
            assert_equal(replica.apply(over_the_wire(update)), frame)
            sent.append((frame.generation, is_small(update)))
    # The newest frame gets through as soon as the other side has taken what is under way.
    publisher.acknowledge(terminal.snapshot().generation)
    update = publisher.update(terminal.snapshot())
    if update is not None:
        replica.apply(over_the_wire(update))
    assert_equal(replica.frame, terminal.snapshot())


@given(sizes, programs, programs)
def test_rows_that_did_not_change_stay_the_same_objects(size: Size, first: list[bytes], second: list[bytes]) -> None:
    terminal = Terminal(size)
    publisher, replica = Publisher(PaneId(0)), Replica()
    pairs: list[tuple[Frame, Frame]] = []
    for program in (first, second):
        terminal.feed(b"".join(program))
        frame = terminal.snapshot()
        update = publisher.update(frame)
        if update is not None:
            pairs.append((frame, replica.apply(over_the_wire(update))))
    if len(pairs) == 2 and pairs[0][0].generation > 0:
        (before, copy_before), (after, copy_after) = pairs
        kept = {id(row): copy for row, copy in zip(before.rows, copy_before.rows, strict=True)}
        for row, copy in zip(after.rows, copy_after.rows, strict=True):
            if id(row) in kept:
                assert copy in copy_before.rows, "a row that did not change is a new object"


def assert_fit_for_guests(frame: Frame) -> None:
    """Assert that a frame is one that a painter may be given."""
    assert 1 <= frame.size.rows <= MAX_ROWS
    assert 1 <= frame.size.cols <= MAX_COLS
    assert len(frame.rows) == frame.size.rows
    assert 0 <= frame.cursor.row < frame.size.rows
    assert 0 <= frame.cursor.col < frame.size.cols
    assert not _CONTROL.search(frame.title)
    for row in frame.rows:
        assert len(row.cells) == len(row.pens) == frame.size.cols
        assert row.cells[0] != ""
        assert not _CONTROL.search("".join(row.cells))
        for pen in set(row.pens):
            assert not pen.link or re.fullmatch("https?://[!-~]+", pen.link)
            for colour in (pen.fg, pen.bg, pen.underline_colour):
                assert -1 <= colour <= 255 or 1 << 24 <= colour < 1 << 25


def given_to(replica: Replica, update: PictureChange) -> None:
    """Give an update to a replica: it is refused and changes nothing, or makes a frame that is fit for guests."""
    before = replica.frame
    try:
        assert_fit_for_guests(replica.apply(update))
    except PeerError:
        assert replica.frame is before


@given(st.lists(messages_of(ScreenUpdate), max_size=4))
def test_a_forged_update_is_refused_or_fit_for_guests(updates: list[ScreenUpdate]) -> None:
    replica = Replica()
    for update in updates:
        given_to(replica, update)


_TEXTS = st.text(
    alphabet=st.sampled_from(["a", " ", "漢", "\x1b", "\x00", "\x07", "\x85", "\u2028", "\u0301"]), max_size=6
)

_cells = st.one_of(_TEXTS, st.lists(_TEXTS, max_size=6))

_small = st.integers(-2, 6)

_pens = st.lists(
    st.builds(
        Pen,
        fg=st.sampled_from([-2, -1, 0, 255, 256, 1 << 24, (1 << 25) - 1, 1 << 25]),
        flags=st.sampled_from([0, 1, 1 << 11, -1, 1 << 40]),
        link=st.sampled_from(["", "http://a", "file:///a", "http://a\x1b\\b", "http://" + "a" * 3000]),
    ),
    max_size=3,
)

_forgeries = st.fixed_dictionaries(
    {},
    optional={
        "base": st.integers(0, 3),
        "generation": st.integers(0, 5),
        "rows": st.integers(1, 5),
        "cols": st.integers(1, 5),
        "copies": st.lists(st.tuples(_small, _small, _small), max_size=3),
        "new_rows": st.lists(st.tuples(_cells, st.lists(_small, max_size=5), st.booleans()), max_size=5),
        "pens": _pens,
        "cursor": st.tuples(_small, _small, st.booleans(), st.integers(-1, 9)),
        "title": st.one_of(st.none(), _TEXTS),
        "modes": st.one_of(
            st.none(),
            st.tuples(
                *[st.booleans()] * 4,
                st.sampled_from([0, 1000, 1003, 7]),
                st.sampled_from([0, 1006, 7]),
                st.sampled_from([0, 31, 32, -1]),
                st.sampled_from([0, 3, 4]),
                st.booleans(),
            ),
        ),
    },
)


@given(sizes, programs, _forgeries)
def test_an_update_with_a_forged_part_is_refused_or_fit_for_guests(
    size: Size, program: list[bytes], forgery: dict[str, object]
) -> None:
    terminal = Terminal(replace(size, rows=min(size.rows, 5), cols=min(size.cols, 5)))
    publisher, replica = Publisher(PaneId(0)), Replica()
    for piece in (b"".join(program), b"\r\nmore"):
        terminal.feed(piece)
        update = publisher.update(terminal.snapshot())
        if not isinstance(update, ScreenUpdate):  # an echo, or nothing: see `test_echo`
            if update is not None:
                replica.apply(update)
            continue
        fields = {name: getattr(update, name) for name in ScreenUpdate.__struct_fields__}
        given_to(replica, ScreenUpdate(**(fields | forgery)))
        with contextlib.suppress(PeerError):
            replica.apply(update)


def fitting(texts: Sequence[str | list[str]], runs: list[int], pens: list[Pen], cols: int, title: str) -> ScreenUpdate:
    """Return a first update in which all but these is as it should be."""
    return ScreenUpdate(
        pane=0, base=0, generation=1, rows=len(texts), cols=cols, copies=[],
        new_rows=[(text, runs, False) for text in texts], pens=pens, cursor=(0, 0, True, 0), scrolled=0, bells=0,
        is_alternate=False, title=title, modes=(False,) * 4 + (0,) * 4 + (False,),
    )  # fmt: skip


@given(st.lists(_cells, min_size=1, max_size=3), st.integers(1, 6), st.one_of(st.just(""), _TEXTS))
def test_forged_text_in_an_update_that_fits_is_refused_or_fit_for_guests(
    texts: list[str | list[str]], cols: int, title: str
) -> None:
    rows = [text if isinstance(text, str) else (text * cols or ["a"] * cols)[:cols] for text in texts]
    given_to(Replica(), fitting(rows, [], [Pen()], cols, title))


@given(st.one_of(st.just([1, 1]), st.lists(_small, max_size=6)), _pens, st.integers(1, 6))
def test_forged_pens_in_an_update_that_fits_are_refused_or_fit_for_guests(
    runs: list[int], pens: list[Pen], cols: int
) -> None:
    given_to(Replica(), fitting(["a"], runs, [Pen(), *pens], cols, ""))


def all_parts(publisher: Publisher, replica: Replica, frame: Frame) -> list[int]:
    """Bring a replica to a frame, in as many parts as it takes; return how long the messages are."""
    sizes = []
    while not publisher.is_at(frame.generation):
        update = publisher.update(frame)
        assert update is not None
        sizes.append(len(encode(update)))
        replica.apply(over_the_wire(update))
    return sizes


def test_the_largest_screen_travels_in_parts_of_which_none_is_large() -> None:
    """200 × 500 cells, each with its own colours and eight combining marks."""
    terminal = Terminal(Size(rows=MAX_ROWS, cols=MAX_COLS))
    for row in range(MAX_ROWS):
        cells = "".join(f"\x1b[38;2;{row};{col % 256};{col // 256}me{chr(0x301) * 8}" for col in range(MAX_COLS))
        terminal.feed(f"\x1b[{row + 1};1H{cells}".encode())
    replica = Replica()
    updates = all_parts(Publisher(PaneId(0)), replica, terminal.snapshot())
    assert max(updates) < 1 << 20
    assert_equal(replica.frame, terminal.snapshot())


def test_links_that_would_fill_a_message_are_left_out_and_the_text_is_not() -> None:
    """A program that gave each cell its own hyperlink made a message too large to be sent: all viewers stood still.

    A screen keeps 2 MiB of targets, so only the first rows have hyperlinks. The last of these rows has some, and they
    fit into a message; the others have one in each cell, which is too much for any message.
    """
    size = Size(rows=20, cols=200)
    terminal = Terminal(size)
    for row in range(size.rows):
        cells = (f"\x1b]8;;http://a/{row}/{col}/{'x' * 2000}\x1b\\a" for col in range(size.cols))
        terminal.feed(f"\x1b[{row + 1};1H{''.join(cells)}".encode())
    frame = terminal.snapshot()
    assert frame.rows[0].pens[0].link, "the targets are longer than a screen keeps: the test proves nothing"
    replica = Replica()
    updates = all_parts(Publisher(PaneId(0)), replica, frame)
    assert max(updates) < 1 << 20
    copy = replica.frame
    assert copy is not None
    assert [row.cells for row in copy.rows] == [row.cells for row in frame.rows]
    lengths = [sum(len(pen.link) for pen in row.pens) for row in frame.rows]
    assert max(lengths) > MAX_HYPERLINKS_CHARS
    assert any(0 < length <= MAX_HYPERLINKS_CHARS for length in lengths)
    for shown, original, length in zip(copy.rows, frame.rows, lengths, strict=True):
        expected = [pen.link if length <= MAX_HYPERLINKS_CHARS else "" for pen in original.pens]
        assert [pen.link for pen in shown.pens] == expected
