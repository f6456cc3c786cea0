"""Lines that the owner enters: what of a guest's input goes on, and a paste that is cut gets its end marker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pairterm.session.confirm_enter import EnterConfirmation
from pairterm.session.pending_requests import LOOK_S, MAX_REQUESTS, RequestKind
from pairterm.types import ClientId
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
