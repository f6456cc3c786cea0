"""Law 10: from the blank of a pause on, a guest's terminal shows nothing of the session, its history neither,
until the pause ends.

Guests who had scrolled back were shown pages that they had never seen, with what
their views had fetched before, seconds after the owner had paused the session.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pairterm.session.privacy import PAUSED_TEXT, paused_frame
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Role
from pairterm.view import Action, FetchHistory
from tests.unit.view.watching import SIZE, Client, frame_of, text_row

_SECRET = "password"
_SCROLLED = 600

_KEYS = st.sampled_from(
    [b"\x02[", b"\x02\x1b[5~", b"\x1b[5~", b"\x1b[6~", b"\x1b[A", b"g", b"G", b"/pass\r", b"?pass\r", b"n", b"q", b"/"]
)
_STEPS = st.lists(st.one_of(_KEYS, st.sampled_from(["answer", "wait"])), max_size=12)


def session_frame(generation: int) -> Frame:
    texts = [f"{_SECRET} {_SCROLLED + number}" for number in range(SIZE.rows)]
    return replace(frame_of(*texts, scrolled=_SCROLLED), generation=generation)


def rows_of(fetch: FetchHistory) -> HistoryLines:
    numbers = range(fetch.start, fetch.stop)
    return HistoryLines(fetch.start, [text_row(f"{_SECRET} {number}") for number in numbers], [*numbers], _SCROLLED)


class Guest:
    """A guest's view, and the answers of its host that are on their way."""

    def __init__(self, role: Role) -> None:
        self.client = Client(role)
        self.client.show(session_frame(1))
        self.on_the_way: list[FetchHistory] = []

    def step(self, step: bytes | str) -> None:
        match step:
            case bytes():
                self.take(self.client.keys(step))
            case "wait":
                self.take(self.client.wait(3.5))
            case "answer" if self.on_the_way:
                self.answer(self.on_the_way.pop(0))

    def take(self, actions: list[Action]) -> None:
        self.on_the_way += [each for each in actions if isinstance(each, FetchHistory)]

    def answer(self, fetch: FetchHistory) -> None:
        self.take(self.client.view.history(rows_of(fetch)))
        self.client.paint()


@given(st.sampled_from([Role.READ_ONLY, Role.READ_WRITE]), _STEPS, _STEPS)
def test_nothing_of_the_session_shows_after_the_blank(
    role: Role, before: list[bytes | str], after: list[bytes | str]
) -> None:
    guest = Guest(role)
    for step in before:
        guest.step(step)
    guest.client.show(paused_frame(session_frame(2)))
    for step in after:
        assert not any(_SECRET in line for line in guest.client.lines)
        guest.step(step)
    assert not any(_SECRET in line for line in guest.client.lines)
    guest.client.show(session_frame(3))
    guest.client.keys(b"\x03")
    guest.step("wait")


def test_a_guest_who_has_scrolled_back_sees_the_blank_at_once_and_the_session_after_it() -> None:
    guest = Guest(Role.READ_ONLY)
    guest.step(b"\x02[")
    guest.step(b"g")
    while guest.on_the_way:
        guest.step("answer")
    assert any(f"{_SECRET} 0" in line for line in guest.client.lines)
    guest.client.show(paused_frame(session_frame(2)))
    assert any(PAUSED_TEXT in line for line in guest.client.lines)
    guest.step(b"\x1b[5~")
    assert not any(_SECRET in line for line in guest.client.lines)
    guest.client.show(session_frame(3))
    assert guest.client.lines[0] == f"{_SECRET} {_SCROLLED}"
