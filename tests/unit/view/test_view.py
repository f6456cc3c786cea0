"""A view as its owner sees it: what the client's terminal shows after keys, frames, sizes and time."""

from dataclasses import replace

import pytest

from pairterm.errors import UsageError
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Cursor, Frame, Modes, Mouse, MouseEncoding, Row, blank_frame
from pairterm.types import Attendance, Attendee, Role, Size
from pairterm.view import (
    Action,
    Command,
    ContentSize,
    Detach,
    FetchHistory,
    PaintCache,
    Redraw,
    TerminalKind,
    Type,
    View,
)
from pairterm.view.bars import text_cells
from pairterm.view.desk import MESSAGE_S, MORE_LINE_S

KIND = TerminalKind.of("xterm-256color", colorterm="truecolor")
SIZE = Size(rows=8, cols=40)


def text_row(text: str, cols: int = SIZE.cols) -> Row:
    return replace(blank_frame(Size(rows=1, cols=cols)).rows[0], cells=text_cells(text, cols))


def frame_of(*texts: str, size: Size = SIZE, scrolled: int = 0, modes: Modes | None = None) -> Frame:
    rows = [text_row(text, size.cols) for text in texts] + [text_row("", size.cols)] * (size.rows - len(texts))
    return Frame(size=size, rows=tuple(rows), cursor=Cursor(1, 2), scrolled=scrolled, modes=modes or Modes())


class Client:
    """A view and the terminal that its bytes go to."""

    def __init__(self, role: Role = Role.READ_WRITE, size: Size = SIZE, **options: object) -> None:
        self.view = View(session="demo", role=role, size=size, kind=KIND, **options)  # type: ignore[arg-type]  # a test's
        self.terminal = Terminal(size)
        self.terminal.feed(self.view.enter())
        self.now_s = 100.0

    def show(self, frame: Frame) -> bytes:
        self.view.show(frame)
        return self.paint()

    def paint(self) -> bytes:
        painted = self.view.paint(self.now_s)
        self.terminal.feed(painted)
        assert not self.view.is_dirty
        return painted

    def keys(self, data: bytes) -> list[Action]:
        actions = self.view.keys(data, self.now_s)
        self.paint()
        return actions

    def wait(self, seconds: float) -> list[Action]:
        self.now_s += seconds
        actions = self.view.tick(self.now_s)
        self.paint()
        return actions

    @property
    def lines(self) -> list[str]:
        return [row.text.rstrip() for row in self.terminal.snapshot().rows]


def test_a_new_view_has_nothing_to_paint_and_no_timer() -> None:
    view = Client().view
    assert not view.is_dirty
    assert view.paint(0.0) == b""
    assert view.wake_at_s is None


def test_typing_reaches_the_session_and_the_prefix_does_not() -> None:
    client = Client()
    client.show(frame_of("$ "))
    assert client.keys(b"ls\r") == [Type(b"ls\r")]
    assert client.keys(b"\x02d") == [Detach()]
    assert client.keys(b"\x02\x02") == [Type(b"\x02")]
    assert client.keys(b"\x02R") == [Redraw()]


def test_a_redraw_mends_a_terminal_that_something_else_wrote_on() -> None:
    client = Client()
    client.show(frame_of("one", "two"))
    client.terminal.feed(b"\x1b[3;1Hwall: the machine goes down\x1b[?7l\x1b[4h")
    client.keys(b"\x02R")
    assert client.lines[:3] == ["one", "two", ""]


@pytest.mark.parametrize("data", [b"q", b"\x03", b"\x04", b"\x02d"])
def test_one_who_looks_on_may_leave_in_four_ways(data: bytes) -> None:
    client = Client(Role.READ_ONLY)
    client.show(frame_of("$ "))
    assert client.keys(data) == [Detach()]


def test_the_help_is_for_the_role_and_any_key_closes_it() -> None:
    client = Client(Role.READ_ONLY, Size(rows=24, cols=100))
    client.show(frame_of("$ "))
    assert client.keys(b"?") == []
    assert "demo" in client.lines[0]
    assert any("reaches nobody" in line for line in client.lines)
    assert not any("send the prefix" in line for line in client.lines)
    assert client.keys(b"x") == []
    assert client.lines[0].startswith("$")
    typing = Client(Role.READ_WRITE, Size(rows=60, cols=100))
    typing.show(frame_of("$ "))
    typing.keys(b"\x02?")
    assert any("C-b C-b" in line and "send the prefix" in line for line in typing.lines)
    assert typing.keys(b"x") == []


def test_a_help_longer_than_the_screen_can_be_turned() -> None:
    client = Client()
    client.show(frame_of("$ "))
    client.keys(b"\x02?")
    first = client.lines
    client.keys(b"\x1b[6~")
    assert client.lines[0] == first[0]
    assert client.lines[1] != first[1]
    client.keys(b"q")
    assert client.lines[0] == "$"


def test_a_message_lies_over_the_last_row_for_a_while_and_nothing_moves() -> None:
    client = Client()
    client.show(frame_of(*(f"row {number}" for number in range(8))))
    client.view.tell("ann joined", client.now_s)
    client.paint()
    assert client.lines[-1] == " ann joined"
    assert client.lines[:-1] == [f"row {number}" for number in range(7)]
    assert client.view.wake_at_s == client.now_s + MESSAGE_S
    client.wait(MESSAGE_S)
    assert client.lines[-1] == "row 7"
    assert client.view.wake_at_s is None


def test_a_long_message_takes_rows_from_below_and_stays_longer() -> None:
    client = Client()
    client.show(frame_of(*(f"row {number}" for number in range(8))))
    client.view.tell("ann (owner), bob (read-write), carol (read-only)\nthe second line", client.now_s)
    client.paint()
    assert client.lines[-4:] == ["row 4", " ann (owner), bob (read-write), carol", " (read-only)", " the second line"]
    client.wait(MESSAGE_S)
    assert client.lines[-1] == " the second line"
    client.wait(2 * MORE_LINE_S)
    assert client.lines[-1] == "row 7"
    client.view.tell("word " * 200, client.now_s)
    client.paint()
    assert client.lines[3] == "row 3"  # half of the screen at most
    assert client.lines[-1].endswith("…")


@pytest.mark.parametrize("cols", [1, 2, 3, 4, 5, 40])
def test_any_message_fits_any_terminal(cols: int) -> None:
    client = Client(size=Size(rows=3, cols=cols))
    client.show(frame_of("$", size=Size(rows=3, cols=cols)))
    for text in ("", "漢字 漢字漢字漢字漢字", "x" * 300, "e\u0301" * 50, "\n\n\n"):
        client.view.tell(text, client.now_s)
        client.paint()
        assert all(len(row.cells) == cols for row in client.terminal.snapshot().rows)


def test_a_resize_paints_whole_and_leaving_still_knows_the_modes() -> None:
    client = Client()
    client.show(frame_of("x", modes=Modes(bracketed_paste=True)))
    client.view.resize(Size(rows=5, cols=30))
    assert b"\x1b[?2004l" in client.view.leave("bye")
    assert client.view.is_dirty
    assert client.view.paint(client.now_s).count(b"\x1b[2J") == 1


def test_the_client_s_own_title_stays_until_the_program_sets_one() -> None:
    """Not every terminal has a title stack: an empty title on entering was there for good."""
    client = Client()
    client.terminal.feed(b"\x1b]2;mine\x07")
    client.show(frame_of("x"))
    client.keys(b"\x02r")
    assert client.terminal.snapshot().title == "mine"
    client.show(replace(frame_of("x"), title="vim"))
    assert client.terminal.snapshot().title == "vim"
    client.view.resize(SIZE)
    client.show(frame_of("x"))  # the program took its title back while the terminal changed its size
    assert client.terminal.snapshot().title == ""


def test_leaving_prints_the_line_without_control_characters() -> None:
    client = Client()
    client.show(frame_of("x"))
    assert client.view.leave("[detached from \x1b]0;evil\x07ünder]").endswith(
        "[detached from ]0;evilünder]\r\n".encode()
    )
    plain = View(session="s", role=Role.OWNER, size=SIZE, kind=TerminalKind.of("vt100"))
    assert plain.leave("ünder").endswith(b"?nder\r\n")


def test_a_lost_right_to_type_takes_the_modes_away_and_gives_the_looker_s_keys() -> None:
    client = Client()
    client.show(frame_of("x", modes=Modes(mouse=Mouse.ALL, mouse_encoding=MouseEncoding.SGR, bracketed_paste=True)))
    assert client.terminal.snapshot().modes.mouse is Mouse.ALL
    client.view.keys(b"\x02", client.now_s)
    client.view.set_role(Role.READ_ONLY)
    client.paint()
    assert client.terminal.snapshot().modes == Modes()
    assert client.keys(b"d") == []  # the prefix that was down is up again
    assert client.keys(b"q") == [Detach()]


def test_a_small_terminal_follows_the_cursor_pans_and_follows_again() -> None:
    client = Client(Role.READ_ONLY, Size(rows=3, cols=10))
    session = Size(rows=30, cols=40)
    frame = frame_of(*(f"{number:2} the quick brown fox jumps" for number in range(30)), size=session)
    client.show(replace(frame, cursor=Cursor(29, 0)))
    client.wait(MESSAGE_S + 1)
    assert client.lines == ["27 the qui", "28 the qui", "29 the qui"]
    client.keys(b"\x1b[A")
    assert "view 10" in client.lines[-1]
    client.wait(MESSAGE_S + 1)
    assert client.lines == ["23 the qui", "24 the qui", "25 the qui"]
    client.show(replace(frame, cursor=Cursor(0, 0), generation=2))
    assert client.lines[0].startswith("23")
    client.keys(b"\x1b[H")
    assert client.lines[0].startswith(" 0")


def test_the_mouse_is_told_in_the_session_s_cells() -> None:
    """A click on a viewport went to the wrong place, and one on the border into the program."""
    modes = Modes(mouse=Mouse.CLICKS, mouse_encoding=MouseEncoding.SGR)
    client = Client(size=Size(rows=5, cols=20))
    frame = frame_of("x", size=Size(rows=30, cols=40), modes=modes)
    client.show(replace(frame, cursor=Cursor(29, 39)))
    assert client.keys(b"\x1b[<0;1;1M") == [Type(b"\x1b[<0;21;26M")]
    large = Client(size=Size(rows=40, cols=80))
    large.show(frame)
    assert large.keys(b"\x1b[<0;40;30M") == [Type(b"\x1b[<0;40;30M")]
    assert large.keys(b"\x1b[<0;41;30M") == []


def test_the_old_mouse_encoding_keeps_its_bytes() -> None:
    client = Client()
    client.show(frame_of("x", modes=Modes(mouse=Mouse.CLICKS)))
    assert client.keys(b"\x1b[M \x22\x23\x02d") == [Type(b"\x1b[M \x22\x23"), Detach()]


def test_clients_in_step_share_pictures_and_bytes() -> None:
    cache = PaintCache()
    views = [
        View(session="s", role=Role.READ_ONLY, size=Size(rows=9, cols=50), kind=KIND, cache=cache) for _ in range(3)
    ]
    for frame in (frame_of("one"), frame_of("two")):
        for view in views:
            view.show(frame)
        painted = [view.paint(1.0) for view in views]
        assert painted[0]
        assert all(one is painted[0] for one in painted)


def test_the_status_line_takes_the_last_row_and_tells_who_is_here() -> None:
    client = Client(size=Size(rows=9, cols=100), status=True)
    assert client.view.content_size == Size(rows=8, cols=100)
    people = (Attendee("ann", Role.OWNER), Attendee("bob", Role.READ_WRITE))
    client.view.attend(Attendance(people, 2, "bob", "ann"))
    client.show(frame_of("$ ", size=Size(rows=8, cols=100)))
    line = client.lines[-1]
    assert line.startswith(" demo")
    for part in ("read-write", "2 here: ann, bob", "bob types"):
        assert part in line
    assert "size" not in line
    client.show(frame_of("$ ", size=Size(rows=7, cols=80)))
    assert client.lines[-1].endswith("size 80×7 (set by ann)")
    client.wait(MESSAGE_S)
    assert "size" not in client.lines[-1]
    assert client.view.wake_at_s is None


def test_a_message_does_not_eat_the_news_of_a_size() -> None:
    """One who left changed the size, and the word that he left lay over the word of the size for as long."""
    client = Client(size=Size(rows=9, cols=100), status=True)
    client.show(frame_of("$ ", size=Size(rows=8, cols=100)))
    for message_first in (True, False):
        if message_first:
            client.view.tell("bob left", client.now_s)
        client.show(frame_of("$ ", size=Size(rows=7, cols=80 + message_first)))
        if not message_first:
            client.view.tell("bob left", client.now_s)
            client.paint()
        assert client.lines[-1] == " bob left"
        client.wait(MESSAGE_S)
        assert f"size {80 + message_first}×7" in client.lines[-1]
        client.wait(MESSAGE_S)
        assert "size" not in client.lines[-1]
    assert client.view.wake_at_s is None


def test_the_status_line_counts_while_the_host_is_away() -> None:
    client = Client(status=True)
    client.show(frame_of("$ "))
    client.view.link_away(client.now_s - 12)
    client.paint()
    assert "host away 12 s" in client.lines[-1]
    assert client.view.wake_at_s == client.now_s + 1
    client.wait(1)
    assert "host away 13 s" in client.lines[-1]
    client.view.link_away(None)
    client.paint()
    assert "away" not in client.lines[-1]
    assert client.view.wake_at_s is None


@pytest.mark.parametrize(
    ("role", "hint"),
    [(Role.READ_ONLY, "? keys  q leaves"), (Role.READ_WRITE, "C-b ? keys"), (Role.OWNER, "C-b ? keys")],
)
def test_a_quiet_status_line_says_how_to_get_help(role: Role, hint: str) -> None:
    client = Client(role, status=True)
    client.show(frame_of("$ ", size=client.view.content_size))
    assert client.lines[-1].endswith(hint)


@pytest.mark.parametrize("cols", [1, 5, 12, 30, 200])
def test_a_narrow_status_line_is_cut_never_wrapped(cols: int) -> None:
    client = Client(size=Size(rows=5, cols=cols), status=True)
    client.view.attend(Attendance(tuple(Attendee(f"漢字{n}", Role.OWNER) for n in range(9)), 20, "漢字1", "漢字2"))
    client.show(frame_of("$ "))
    assert len(client.terminal.snapshot().rows[-1].cells) == cols


def test_two_rows_are_too_few_for_a_status_line() -> None:
    assert Client(size=Size(rows=2, cols=20), status=True).view.content_size == Size(rows=2, cols=20)
    assert Client(size=Size(rows=3, cols=20), status=True).view.content_size == Size(rows=2, cols=20)


def test_a_command_is_typed_at_the_prompt_and_what_is_the_view_s_own_stays_here() -> None:
    client = Client(Role.READ_ONLY)
    client.show(frame_of("$ "))
    assert client.keys(b"\x02:") == []
    assert client.keys(b"set size-policy largets\x7f\x7f\x7fest") == []
    assert client.lines[-1] == ":set size-policy largest"
    assert client.terminal.snapshot().cursor == Cursor(7, 24)
    assert client.keys(b"\r") == [Command("set size-policy largest")]
    assert client.keys(b"\x02:status on\r") == [ContentSize()]
    assert client.view.content_size.rows == SIZE.rows - 1
    assert client.keys(b"\x02:kill\x1b") == []
    assert client.wait(1.0) == []
    assert client.lines[-1].startswith(" demo")
    assert client.keys(b"\x02:\r") == []


def test_a_paste_at_the_prompt_is_one_line_of_text() -> None:
    client = Client()
    client.show(frame_of("$ "))
    client.keys(b"\x02:")
    client.keys(b"\x1b[200~set a\x07 b\rrm -rf /\x1b[201~")
    assert client.lines[-1] == ":set a b"
    assert client.keys(b"\r") == [Command("set a b")]


def test_a_key_may_give_a_command_or_begin_one() -> None:
    client = Client(bindings={"S": ":show-options", "L": ":set size-policy ", "root:F5": ":status on"})
    client.show(frame_of("$ "))
    assert client.keys(b"\x02S") == [Command("show-options")]
    assert client.keys(b"\x02L") == []
    assert client.lines[-1].rstrip() == ":set size-policy"
    assert client.keys(b"largest\r") == [Command("set size-policy largest")]
    assert client.keys(b"\x1b[15~") == [ContentSize()]
    client.view.resize(Size(rows=90, cols=80))
    client.terminal.resize(Size(rows=90, cols=80))
    client.keys(b"\x02?")
    assert any("C-b S" in line and "give the command: show-options" in line for line in client.lines)


def test_noise_is_looked_at_no_further_than_a_person_could_press() -> None:
    """A packet of prefix and question mark opened the help 16,000 times, and all other guests waited."""
    client = Client()
    client.show(frame_of("$ "))
    assert client.keys(b"\x02:a\r" * 1000).count(Command("a")) <= 64
    assert client.keys(b"ls\r") == [Type(b"ls\r")]
    assert client.keys(b"\x02\x02" * 500) == [Type(b"\x02" * 500)]
    looker = Client(Role.READ_ONLY)
    looker.show(frame_of("$ "))
    assert looker.keys(b"\x1b[B" * 5000 + b"x" * 5000) == []
    assert looker.keys(b"q") == [Detach()]


def test_no_line_of_a_paste_goes_on_to_the_session_when_it_closed_what_lay_over_it() -> None:
    """A paste of two lines at the prompt: the first was the command, the second went to the shell."""
    client = Client()
    client.show(frame_of("$ "))
    assert not client.terminal.snapshot().modes.bracketed_paste
    for opening in (b"\x02:", b"\x02["):
        client.keys(opening)
        assert client.terminal.snapshot().modes.bracketed_paste
        assert client.keys(b"\x1b[200~one q\rtwo\r\x1b[201~") == []
        client.keys(b"\x03")
        assert not client.terminal.snapshot().modes.bracketed_paste


def test_bindings_and_prefix_are_the_person_s() -> None:
    client = Client(prefix="C-a", bindings={"x": "detach-client", "d": "none"})
    client.show(frame_of("$ "))
    assert client.keys(b"\x02d") == [Type(b"\x02d")]
    assert client.keys(b"\x01d") == []
    assert client.keys(b"\x01x") == [Detach()]
    with pytest.raises(UsageError):
        Client(prefix="Ctrl-a")


def lines_of_history(start: int, stop: int) -> list[Row]:
    return [text_row(f"line {number}") for number in range(start, stop)]


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
            actions = self.client.view.history(start, rows, self.end - self.oldest)
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
    assert history.client.keys(b"q") == [Detach()]


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


def test_a_search_through_everything_ends_and_keeps_a_bounded_number_of_lines() -> None:
    history = History(end=9_000)
    history.keys(b"\x02[")
    assert "not found" in history.keys(b"?absent\r")[0]
    assert history.fetched <= 9_000 / 200 + 3
    scrollback = history.client.view._desk.scrollback
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
        actions = client.view.history(action.start, [], 1000)
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
            assert client.view.history(fetch.start, rows, 900) == []
        fetches = client.keys(b"\x1b[5~")
        assert all(client.lines), client.lines


def test_history_for_a_view_that_looks_no_more_is_dropped() -> None:
    client = Client()
    client.show(frame_of("x"))
    assert client.view.history(0, lines_of_history(0, 10), 10) == []


def test_history_of_another_width_is_cut_or_filled() -> None:
    client = Client()
    client.show(frame_of("x", scrolled=20))
    assert client.keys(b"\x02[") == [FetchHistory(0, 20)]
    client.keys(b"g")
    rows = [text_row("narrow", 10), text_row("w" * 100, 100), *lines_of_history(2, 20)]
    client.view.history(0, rows, 20)
    client.paint()
    assert client.lines[0].startswith("narrow")
    assert client.lines[1] == "w" * 40


def test_the_wheel_scrolls_where_the_viewer_wants_it_to() -> None:
    client = Client(mouse=True)
    client.show(frame_of("x", scrolled=20))
    assert client.terminal.snapshot().modes.mouse is Mouse.CLICKS
    assert client.keys(b"\x1b[<0;3;3M") == []  # a click is nobody's
    client.keys(b"\x1b[<64;3;3M")
    assert "3/20" in client.lines[0]
    client.keys(b"\x1b[<65;3;3M")
    assert "/20" not in client.lines[0]
    client.keys(b"\x02W")
    assert client.terminal.snapshot().modes.mouse is Mouse.OFF
