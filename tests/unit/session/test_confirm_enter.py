"""Lines that the owner enters: what of a guest's input goes on, and a paste that is cut gets its end marker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pairterm.session.confirm_enter import EnterConfirmation
from pairterm.session.effects import WritePty
from pairterm.session.pending_requests import LOOK_S, MAX_REQUESTS, RequestKind
from pairterm.types import ClientId, PaneId
from tests.unit.session.sessions import Session

ANA, BOB = ClientId("1:1"), ClientId("1:2")

START, END = b"\x1b[200~", b"\x1b[201~"


def test_all_up_to_the_first_enter_goes_on() -> None:
    entering = EnterConfirmation()
    assert entering.cut(ANA, b"ls") == (b"ls", False)
    for enter in (b"\r", b"\n", b"\x0f"):
        assert entering.cut(ANA, b"ls" + enter + b"rm") == (b"ls", True)


def test_a_paste_that_is_cut_gets_its_end_marker() -> None:
    """A shell that never saw the marker took the owner's Enter, and all that followed, for pasted text."""
    entering = EnterConfirmation()
    assert entering.cut(ANA, START + b"one\rtwo" + END) == (START + b"one" + END, True)
    assert entering.cut(ANA, START + b"one" + END + b"\r") == (START + b"one" + END, True)


def test_a_paste_in_pieces_gets_it_too_and_is_nobody_elses() -> None:
    entering = EnterConfirmation()
    assert entering.cut(ANA, START[:3]) == (START[:3], False)
    assert entering.cut(ANA, START[3:] + b"one") == (START[3:] + b"one", False)
    assert entering.cut(BOB, b"ls\r") == (b"ls", True)
    assert entering.cut(ANA, b"two\r") == (b"two" + END, True)
    assert entering.cut(ANA, b"\r") == (b"", True), "it has its end marker"


@given(
    st.lists(st.sampled_from([START, END, b"x", b"\x1b", b"\r", START[:4], START[4:], END[:3], END[3:]]), max_size=12)
)
def test_no_paste_is_left_open_and_no_enter_gets_through(pieces: list[bytes]) -> None:
    entering, written = EnterConfirmation(), b""
    for piece in pieces:
        kept, is_entered = entering.cut(ANA, piece)
        written += kept
        assert is_entered == (b"\r" in piece)
        assert b"\r" not in kept
        if is_entered:
            assert START not in written or written.rfind(START) < written.rfind(END)
            written = b""


def test_knocks_of_strangers_take_no_place_from_a_line_that_waits() -> None:
    """Fifty knocks and one Enter raised out of the core, and dropped the gateway's whole link."""
    session = Session()
    writer = session.writer()
    session.order("set ask on")
    session.order("set confirm-enter on")
    for number in range(MAX_REQUESTS + 5):
        session.guest(session.tokens.read_write, address=f"203.0.113.{number + 100}")
    assert len(session.parts.requests.of(RequestKind.KNOCK)) == MAX_REQUESTS
    assert session.types(writer, b"ls\r") == b"ls"
    assert len(session.parts.requests.of(RequestKind.ENTER)) == 1


def test_the_owner_hears_that_a_line_is_entered() -> None:
    """The question stayed on the owner's screen after the answer, as if it still waited."""
    session = Session()
    owner, writer = session.owner(), session.writer()
    session.order("set confirm-enter on")
    for answer, told in (
        ("accept", "the line of guest-2 is entered"),
        ("decline", "the line of guest-2 is not entered"),
    ):
        session.types(writer, b"ls\r")
        session.wait(LOOK_S)
        session.say(owner, answer)
        assert session.told(owner)[-1] == told


def test_an_answer_does_not_cover_the_next_question() -> None:
    """Two guests knocked. After the owner's yes to the first, nothing showed the second for ten seconds."""
    session = Session()
    owner = session.owner()
    session.order("set ask on")
    first, second = session.writer(), session.writer()
    for knocking, line, told in ((first, "accept", "guest-2 is in"), (second, "decline", "guest-3 stays out")):
        session.wait(LOOK_S)
        session.say(owner, line)
        assert session.told(owner)[-1].startswith(told)
        assert ("guest-3 (203.0.113.7) knocks: C-b y" in session.told(owner)[-1]) == (knocking is first)


def test_a_line_in_a_pane_that_closes_waits_no_longer() -> None:
    """It blocked all guests, and the answer went to a pane that had gone."""
    session = Session()
    owner, writer = session.owner(), session.writer()
    session.order("set confirm-enter on")
    session.say(owner, "new-window")
    session.types(writer, b"ls\r")
    assert len(session.core.requests) == 1
    session.say(owner, "kill-window")
    assert session.core.requests == []
    assert session.told(writer)[-1] == "the pane of your line has closed"
    assert session.types(writer, b"x") == b"x"


def test_a_line_waits_in_its_window_and_the_other_windows_go_on() -> None:
    """Once one line waited, no guest could type in any window."""
    session = Session()
    owner, one, two = session.owner(), session.writer(), session.writer()
    session.say(owner, "new-window -d")
    session.say(owner, "set confirm-enter on")
    session.say(two, "follow off")
    session.say(two, "select-window -t :1")
    assert session.types(one, b"ls\r") == b"ls"
    assert session.types(one, b"x") == b"", "a line that waits stays as it is"
    assert session.types(two, b"make\r") == b"make"
    assert [each.text for each in session.core.requests] == [
        "guest-2 wants to enter the line in window 0",
        "guest-3 wants to enter the line in window 1",
    ]
    session.say(one, "select-window -t :1")
    assert session.types(one, b"x") == b"", "a line waits there too"
    session.say(one, "select-window -t :0")
    session.wait(LOOK_S)
    session.say(owner, "accept 3")
    assert session.types(two, b"x") == b"x"
    assert session.types(one, b"x") == b""


def test_one_guest_can_have_a_line_in_each_window() -> None:
    session = Session()
    owner, one = session.owner(), session.writer()
    session.say(owner, "new-window -d")
    session.say(owner, "set confirm-enter on")
    assert session.types(one, b"ls\r") == b"ls"
    session.say(one, "select-window -t :1")
    assert session.types(one, b"make\r") == b"make"
    written: list[PaneId] = []
    for _ in range(2):
        session.wait(LOOK_S)
        effects = session.say(owner, "accept")
        written += [each.pane for each in effects if isinstance(each, WritePty) and each.data == b"\r"]
    assert written == [pane.id for pane in session.parts.windows.panes()]


def test_more_lines_than_may_wait_hold_the_guests_keys_and_raise_nothing() -> None:
    session = Session()
    owner, one = session.owner(), session.writer()
    session.say(owner, "set confirm-enter on")
    for index in range(MAX_REQUESTS + 1):
        session.say(owner, f"new-window -d -t :{index}") if index else None
        session.wait(1)
        session.say(one, f"select-window -t :{index}")
        assert session.types(one, b"ls\r") == (b"ls" if index < MAX_REQUESTS else b"")
    assert len(session.core.requests) == MAX_REQUESTS
