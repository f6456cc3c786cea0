"""Who is in a session, as it travels."""

from __future__ import annotations

import re

from pairterm.errors import PeerError
from pairterm.link.messages import MAX_ATTENDEES, AttendanceWire, AttendeeWire
from pairterm.types import Attendance, Attendee, Role

__all__ = ["attendance_from", "attendance_message", "clean_label"]

_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, line separators, and marks that reorder the text around them."""

MAX_LABEL_CHARS = 200


def clean_label(label: str) -> str:
    """Return what a person may be called on other people's terminals: printable, and not endless."""
    return _NOT_PRINTED.sub("?", label)[:MAX_LABEL_CHARS]


def attendance_message(attendance: Attendance) -> AttendanceWire:
    """Return the message that carries the attendance."""
    people = [AttendeeWire(each.label, each.role.value) for each in attendance.people[:MAX_ATTENDEES]]
    return AttendanceWire(people, attendance.count, attendance.typed_last, attendance.size_by, attendance.note)


def attendance_from(message: AttendanceWire) -> Attendance:
    """Return the attendance that the message carries.

    Raises:
        PeerError: It holds what must not reach a terminal.
    """
    texts = [message.typed_last, message.size_by, message.note, *(each.label for each in message.people)]
    if any(_NOT_PRINTED.search(text) for text in texts):
        raise PeerError("a name with control characters", code="bad_text")
    people = tuple(Attendee(each.label, Role(each.role)) for each in message.people)
    return Attendance(people, message.count, message.typed_last, message.size_by, message.note)
