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
LEFT, RIGHT = PaneId(0), PaneId(1)

START, END = b"\x1b[200~", b"\x1b[201~"


class Typed:
    """Two guests and two panes, as the gate uses the confirmation; `written` is what the programs get."""

    def __init__(self) -> None:
        self.entering = EnterConfirmation()
        self.written = {LEFT: b"", RIGHT: b""}
        self.now_s = 0.0

    def types(self, client: ClientId, data: bytes, pane: PaneId = LEFT, *, is_held: bool = False) -> tuple[bytes, bool]:
        data, unended = self.entering.own(client, pane, data, self.now_s)
        if unended is not None:
            self.written[unended] += END
        if is_held:
            self.entering.lose(client)
            return b"", False
        kept, is_entered = self.entering.cut(pane, data)
        if is_entered:
            self.entering.lose(client)
        self.written[pane] += kept
        return kept, is_entered


def test_all_up_to_the_first_enter_goes_on() -> None:
    typed = Typed()
    assert typed.types(ANA, b"ls") == (b"ls", False)
    for enter in (b"\r", b"\n", b"\x0f"):
        assert typed.types(ANA, b"ls" + enter + b"rm") == (b"ls", True)


def test_a_paste_that_is_cut_gets_its_end_marker() -> None:
    """A shell that never saw the marker took the owner's Enter, and all that followed, for pasted text."""
    typed = Typed()
    assert typed.types(ANA, START + b"one\rtwo" + END) == (START + b"one" + END, True)
    assert typed.types(ANA, START + b"one" + END + b"\r") == (START + b"one" + END, True)


def test_a_paste_in_pieces_gets_it_too_and_its_rest_goes_nowhere() -> None:
    typed = Typed()
    assert typed.types(ANA, START[:3]) == (START[:3], False)
    assert typed.types(ANA, START[3:] + b"one") == (START[3:] + b"one", False)
    assert typed.types(ANA, b"two\rthree") == (b"two" + END, True)
    for piece in (b"four\r", b"five" + END[:2]):
        assert typed.types(ANA, piece) == (b"", False)
    assert typed.types(ANA, END[2:] + b"ls\r") == (b"ls", True)


def test_who_enters_a_line_in_anothers_paste_ends_the_paste() -> None:
    """The program reads one input, whoever types. The owner's Enter was pasted text in the other's paste."""
    typed = Typed()
    assert typed.types(ANA, START + b"one") == (START + b"one", False)
    assert typed.types(BOB, b"ls\r") == (b"ls" + END, True)
    assert typed.types(ANA, b"two\r") == (b"two", True), "it has its end marker"


def test_a_paste_stays_in_the_pane_where_it_began() -> None:
    """After a step to another pane, that one got the end marker, and the rest of the paste."""
    typed = Typed()
    typed.types(ANA, START + b"one")
    assert typed.types(ANA, b"two\r", RIGHT) == (b"", False)
    assert typed.types(ANA, b"three" + END + b"ls", RIGHT) == (b"ls", False)
    assert typed.types(ANA, b"\r", RIGHT) == (b"", True)
    assert typed.types(ANA, b"four\r", LEFT) == (b"four", True)
    assert typed.written == {LEFT: START + b"one" + END + b"four", RIGHT: b"ls"}


def test_a_paste_whose_line_waits_arrives_nowhere_else() -> None:
    typed = Typed()
    assert typed.types(ANA, START + b"one\r")[1]
    assert typed.types(ANA, b"two\r", is_held=True) == (b"", False)
    assert typed.types(ANA, b"three" + END, RIGHT) == (b"", False)
    assert typed.types(BOB, b"x", RIGHT) == (b"x", False)
    assert typed.types(ANA, START + b"four", RIGHT, is_held=True) == (b"", False)
    assert typed.types(ANA, b"five" + END + b"y", RIGHT) == (b"y", False)
    assert typed.written == {LEFT: START + b"one" + END, RIGHT: b"xy"}


def test_keys_after_a_silence_are_no_rest_of_a_paste() -> None:
    """A gate may close in the middle of a paste, and then its end never comes."""
    typed = Typed()
    assert typed.types(ANA, START + b"one\r")[1]
    typed.now_s += 1.0
    assert typed.types(ANA, b"two") == (b"", False)
    typed.now_s += 3.0
    assert typed.types(ANA, b"ls") == (b"ls", False)


PIECES = st.lists(
    st.sampled_from([START, END, b"x", b"\x1b", b"\r", START[:4], START[4:], END[:3], END[3:]]), max_size=12
)


@given(st.lists(st.tuples(st.sampled_from([ANA, BOB]), st.sampled_from([LEFT, RIGHT]), PIECES), max_size=6))
def test_no_paste_is_left_open_and_no_enter_gets_through(turns: list[tuple[ClientId, PaneId, list[bytes]]]) -> None:
    typed = Typed()
    for client, pane, pieces in turns:
        for piece in pieces:
            kept, is_entered = typed.types(client, piece, pane)
            assert b"\r" not in kept
            if is_entered:
                written = typed.written[pane]
                assert START not in written or written.rfind(START) < written.rfind(END)
                typed.written[pane] = b""


@given(PIECES, st.lists(st.integers(0, 40), max_size=5))
def test_the_pieces_of_a_paste_make_no_difference(pieces: list[bytes], cuts: list[int]) -> None:
    """A paste of one guest arrives up to its first Enter, in any pieces, and the rest of it does not."""
    inside = b"".join(pieces)
    while START in inside or END in inside:
        inside = inside.replace(START, b"").replace(END, b"")
    text = START + inside + END
    whole, parts = Typed(), Typed()
    whole.types(ANA, text)
    at = 0
    for stop in [*sorted(cuts), len(text)]:
        parts.types(ANA, text[at:stop])
        at = max(at, stop)
    assert parts.written[LEFT] == whole.written[LEFT]


def test_a_paste_of_a_guest_stays_in_its_pane_in_a_session() -> None:
    """The host finds the pane in the guest's look. The gate is asked there."""
    session = Session()
    owner, one = session.owner(), session.writer()
    session.say(owner, "new-window -d")
    session.say(owner, "set confirm-enter on")
    assert session.types(one, START + b"make") == START + b"make"
    session.say(one, "follow off")
    session.say(one, "select-window -t :1")
    session.effects.clear()
    session.types(one, b" all\r" + END)
    first, _ = (pane.id for pane in session.parts.windows.panes())
    assert [(each.pane, each.data) for each in session.found(WritePty)] == [(first, END)]
    assert session.core.requests == []
    assert session.types(one, b"ls") == b"ls"


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
