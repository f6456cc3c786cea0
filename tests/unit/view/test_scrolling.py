"""One viewer's scrollback: paging, searching, fetching lines from the host, while the program runs on."""

import pytest

from pairterm.terminal import Terminal
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Mouse, Row
from pairterm.types import Role, Size
from pairterm.view import (
    Action,
    Detach,
    FetchHistory,
    Type,
)
from pairterm.view.lone_keys import ALONE_S
from tests.unit.view.watching import Client, frame_of, text_row


def lines_of_history(start: int, stop: int) -> list[Row]:
    return [text_row(f"line {number}") for number in range(start, stop)]


def lines_from(start: int, rows: list[Row], kept: int) -> HistoryLines:
    return HistoryLines(start, rows, list(range(start, start + len(rows))), kept)


class History:
    """A client on a session whose history has the lines 0 to `end`, of which the oldest may be gone."""

    def __init__(self, end: int = 500, oldest: int = 0, role: Role = Role.READ_WRITE) -> None:
        self.oldest = oldest
        self.client = Client(role)
        self.show(end)
        self.fetched = 0

    def show(self, end: int) -> None:
        self.end = end
        self.client.show(frame_of(*(f"line {end + number}" for number in range(8)), scrolled=end))

    def keys(self, data: bytes) -> list[str]:
        self.answer(self.client.keys(data))
        return self.client.lines

    def answer(self, actions: list[Action]) -> None:
        while actions:
            (action,) = actions
            assert isinstance(action, FetchHistory)
            assert 0 < action.stop - action.start <= 200
            assert 0 <= action.start < action.stop <= self.end
            self.fetched += 1
            start = max(action.start, self.oldest)
            rows = lines_of_history(start, max(start, action.stop))
            actions = self.client.view.history(lines_from(start, rows, self.end - self.oldest))
            self.client.paint()


def test_a_viewer_scrolls_through_the_history_while_the_program_runs_on() -> None:
    history = History()
    assert history.keys(b"\x02[")[0].startswith("line 500")
    lines = history.keys(b"\x1b[5~")
    assert lines[0].startswith("line 494")
    assert lines[0].endswith("6/500  q: back")
    assert lines[1:] == [f"line {number}" for number in range(495, 502)]
    history.show(510)  # the program prints on: what the viewer sees stands still
    assert history.client.lines[1:] == [f"line {number}" for number in range(495, 502)]
    assert history.client.lines[0].endswith("16/510  q: back")
    assert history.keys(b"x") == history.client.lines  # not typed, not moved
    assert history.keys(b"q")[0] == "line 510"
    assert history.client.keys(b"x") == [Type(b"x")]


def test_the_oldest_and_the_newest_line() -> None:
    history = History(oldest=120)
    history.keys(b"\x02[")
    assert history.keys(b"g")[0].startswith("line 120")
    assert history.keys(b"k")[0].startswith("line 120")
    assert history.keys(b"G")[0].startswith("line 500")


def test_paging_past_the_end_goes_back_to_live_when_paging_began_it() -> None:
    history = History(role=Role.READ_ONLY)
    assert history.keys(b"\x1b[5~")[0].startswith("line 494")
    assert history.keys(b"\x1b[6~")[0] == "line 500"
    assert [*history.client.keys(b"q"), *history.client.wait(ALONE_S)] == [Detach()]


def test_a_looker_s_wheel_that_comes_as_arrows_scrolls() -> None:
    history = History(role=Role.READ_ONLY)
    assert history.keys(b"\x1b[A\x1b[A\x1b[A")[0].startswith("line 497")
    assert history.keys(b"\x1b[B\x1b[B\x1b[B")[0] == "line 500"


def test_search_goes_up_and_on_and_round() -> None:
    history = History()
    history.keys(b"\x02[")
    lines = history.keys(b"?line 41\r")  # upwards from the bottom: 419 is the first
    assert any(line == "line 419" for line in lines)
    assert any(line == "line 418" for line in history.keys(b"n"))
    assert any(line == "line 419" for line in history.keys(b"N"))
    assert any(line == "line 3" for line in history.keys(b"g?line 3\rn")) or "line 3" in history.client.lines[0]
    assert "not found: no such" in history.keys(b"/no such\r")[0]


def test_a_command_searches_too_and_its_text_is_the_rest_of_the_line() -> None:
    """The page for browsers has a field for the text. The search shows the history, and goes on from where it is."""
    history = History()
    lines = history.keys(b"\x02:search-backward  line 41 \r")
    assert any(line == "line 419" for line in lines)
    assert any(line == "line 418" for line in history.keys(b"\x02:search-again\r"))
    assert any(line == "line 419" for line in history.keys(b"\x02:search-forward line 419\r"))
    assert "not found: it's" in history.keys(b"\x02:search-backward it's\r")[0]
    assert history.keys(b"\x02:cancel\r")[0] == "line 500"
    assert history.client.keys(b"x") == [Type(b"x")]


def test_a_search_through_everything_ends_and_keeps_a_bounded_number_of_lines() -> None:
    history = History(end=9_000)
    history.keys(b"\x02[")
    assert "not found" in history.keys(b"?absent\r")[0]
    assert history.fetched <= 9_000 / 200 + 3
    scrollback = history.client.view._layers.scrollback
    assert scrollback is not None
    assert len(scrollback._known) <= 1_200


def test_small_letters_find_capitals_and_capitals_only_themselves() -> None:
    client = Client()
    client.show(frame_of("Hello", "hello", "x"))
    client.keys(b"\x02[")
    client.keys(b"/hello\r")
    marked = client.terminal.snapshot().rows
    assert marked[0].pens[0].flags != marked[1].pens[0].flags  # the first one is marked
    client.keys(b"/hellO\r")
    assert "not found" in client.lines[0]


def test_a_fetch_without_an_answer_is_made_again_but_not_at_once() -> None:
    client = Client()
    client.show(frame_of("x", scrolled=300))
    assert client.keys(b"\x02[") == [FetchHistory(100, 300)]
    assert client.keys(b"\x1b[5~k") == []
    assert client.view.wake_at_s is not None
    assert client.wait(client.view.wake_at_s - client.now_s) != []


def test_a_host_that_answers_nothing_is_not_asked_for_ever() -> None:
    client = Client()
    client.show(frame_of("x", scrolled=1000))
    actions = client.keys(b"\x02[")
    assert client.keys(b"?none\r") == []  # one fetch at a time: the search waits for the first
    asked = 0
    while actions:
        (action,) = actions
        assert isinstance(action, FetchHistory)
        actions = client.view.history(lines_from(action.start, [], 1000))
        asked += 1
        assert asked <= 6
    client.paint()
    assert "not found" in client.lines[0]


def test_paging_up_never_shows_a_line_that_is_still_to_come() -> None:
    """The next page is fetched while this one is looked at."""
    client = Client()
    client.show(frame_of(*(f"line {900 + number}" for number in range(8)), scrolled=900))
    fetches = client.keys(b"\x02[")
    for _ in range(100):
        for fetch in fetches:  # the answer comes after the page was painted
            assert isinstance(fetch, FetchHistory)
            rows = lines_of_history(fetch.start, fetch.stop)
            assert client.view.history(lines_from(fetch.start, rows, 900)) == []
        fetches = client.keys(b"\x1b[5~")
        assert all(client.lines), client.lines


def test_history_for_a_view_that_looks_no_more_is_dropped() -> None:
    client = Client()
    client.show(frame_of("x"))
    assert client.view.history(lines_from(0, lines_of_history(0, 10), 10)) == []


def test_history_of_another_width_is_cut_or_filled() -> None:
    client = Client()
    client.show(frame_of("x", scrolled=20))
    assert client.keys(b"\x02[") == [FetchHistory(0, 20)]
    client.keys(b"g")
    rows = [text_row("narrow", 10), text_row("w" * 100, 100), *lines_of_history(2, 20)]
    client.view.history(lines_from(0, rows, 20))
    client.paint()
    assert client.lines[0].startswith("narrow")
    assert client.lines[1] == "w" * 40


def test_the_wheel_scrolls_where_the_viewer_wants_it_to() -> None:
    client = Client(mouse=True)
    client.show(frame_of("x", scrolled=20))
    assert client.terminal.snapshot().modes.mouse is Mouse.DRAGS
    assert client.keys(b"\x1b[<0;3;3M") == []  # a click is nobody's
    client.keys(b"\x1b[<64;3;3M")
    assert "3/20" in client.lines[0]
    client.keys(b"\x1b[<65;3;3M")
    assert "/20" not in client.lines[0]
    client.keys(b"\x02W")
    assert client.terminal.snapshot().modes.mouse is Mouse.OFF


class Session:
    """A client on a real screen: what it asks of the history is answered by the terminal core."""

    def __init__(self, lines: list[str], size: Size) -> None:
        self.screen = Terminal(size)
        self.screen.feed("\r\n".join(lines).encode())
        self.client = Client(size=Size(rows=9, cols=40))
        self.resize(size)

    def resize(self, size: Size) -> None:
        self.screen.resize(size)
        self.client.show(self.screen.snapshot())
        self.answer(self.client.wait(0))

    def keys(self, data: bytes) -> list[str]:
        self.answer(self.client.keys(data))
        return self.client.lines

    def answer(self, actions: list[Action]) -> None:
        while actions:
            (action,) = actions
            assert isinstance(action, FetchHistory)
            assert 0 < action.stop - action.start <= 200
            actions = self.client.view.history(self.screen.history_lines(action.start, action.stop, action.place))
            self.client.paint()


@pytest.mark.parametrize("cols", [13, 20, 39, 80, 160])
def test_whoever_has_scrolled_back_stays_at_the_line_while_the_width_changes(cols: int) -> None:
    """Lines got other numbers with another width, and the viewer ended somewhere else."""
    session = Session([f"{number:03} " + "word " * (number % 30) for number in range(400)], Size(rows=8, cols=40))
    session.keys(b"\x02[")
    session.keys(b"\x1b[5~" * 40)
    first = session.client.lines[1][:13]
    top = session.client.view._layers.scrollback
    assert top is not None
    place = session.screen.history_lines(top.top, top.top + 1).places[0]
    for width in (cols, 57, cols, 40):
        session.resize(Size(rows=8, cols=width))
        shown = session.screen.history_lines(top.top, top.top + 2).places
        assert shown[0] <= place <= shown[1], (width, shown)
    assert first in {line[:13] for line in session.client.lines[:4]}


def test_at_the_newest_line_a_viewer_stays_there_while_the_width_changes() -> None:
    session = Session([f"{number:03} " + "word " * 12 for number in range(100)], Size(rows=8, cols=40))
    session.keys(b"\x02[")
    for width in (20, 80, 40):
        session.resize(Size(rows=8, cols=width))
        assert " 0/" in session.client.lines[0]


def test_all_rows_of_a_narrower_history_can_be_reached() -> None:
    """There are more rows than lines ever left the screen: the oldest have numbers below 0."""
    session = Session([f"{number:03} " + "word " * 14 + "end" for number in range(60)], Size(rows=8, cols=80))
    session.resize(Size(rows=8, cols=20))
    session.keys(b"\x02[")
    assert session.keys(b"g")[0].startswith("000 word")
    assert session.keys(b"\x05" * 4)[0].startswith("001 word") or "001 word word word" in session.client.lines[1]


def test_a_search_under_way_ends_with_the_width_that_it_began_at() -> None:
    session = Session([f"{number:03} " + "word " * 12 for number in range(300)], Size(rows=8, cols=40))
    session.keys(b"\x02[?050 word\r")
    session.resize(Size(rows=8, cols=23))
    assert any("050 word" in line for line in session.client.lines)
    assert any("049 word" in line for line in session.keys(b"?049 word\r"))
