"""The last row: who is here, what is new, how to get help; and what happens where there is no room for it."""

import pytest

from pairterm.types import Attendance, Attendee, Role, Size
from pairterm.view.layers import MESSAGE_S
from tests.unit.view.watching import Client, frame_of


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
