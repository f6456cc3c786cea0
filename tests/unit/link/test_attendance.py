"""Who is here, as gateways and hosts tell each other."""

from __future__ import annotations

from pairterm.link.attendance import attendance_from, attendance_message
from pairterm.link.messages import MAX_ATTENDEES
from pairterm.types import Attendance, Attendee, Role


def test_it_survives_and_names_a_bounded_number() -> None:
    people = tuple(Attendee(f"guest-{number}", Role.READ_ONLY) for number in range(MAX_ATTENDEES + 50))
    there = attendance_from(attendance_message(Attendance(people, len(people), "ana", "80x24", "paused")))
    assert there == Attendance(people[:MAX_ATTENDEES], len(people), "ana", "80x24", "paused")
