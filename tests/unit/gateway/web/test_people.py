"""The people as a page lists them."""

from __future__ import annotations

from pairterm.gateway.web.people import list_of_people
from pairterm.types import Attendance, Attendee, Question, Role

HERE = Attendance(
    (Attendee("ana", Role.OWNER, number=1, transport="local"), Attendee("ben", Role.READ_WRITE, number=2)), 2
)
ASKED = (
    Question(7, "eve", "in", "eve knocks", ("accept",)),
    Question(2, "ben", "keyboard", "ben asks for the keyboard", ("accept",)),
    Question(2, "ben", "enter", "ben wants to enter the line", ("accept",)),
)


def test_a_guest_without_questions_reads_only_who_is_here() -> None:
    listed = list_of_people(HERE, (), you=2)
    assert [(each["name"], each["is_owner"], each["is_you"], each["asks"]) for each in listed] == [
        ("ana", True, False, ""),
        ("ben", False, True, ""),
    ]


def test_who_may_answer_reads_who_knocks_and_who_asks_for_what_first() -> None:
    listed = list_of_people(HERE, ASKED, you=1)
    assert [(each["number"], each["role"], each["is_waiting"], each["asks"]) for each in listed] == [
        (1, "owner", False, ""),
        (2, "rw", False, "keyboard"),
        (7, "", True, "in"),
    ]
