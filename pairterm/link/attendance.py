"""The attendance of a session (its people) as a message, and back."""

from __future__ import annotations

from pairterm.link.messages import MAX_ATTENDEES, AttendanceWire, AttendeeWire
from pairterm.types import Attendance, Attendee, Role

__all__ = ["attendance_from", "attendance_message"]


def attendance_message(attendance: Attendance) -> AttendanceWire:
    """Return the message that carries the attendance. It names `MAX_ATTENDEES` people at most."""
    people = [_wire(each) for each in attendance.people[:MAX_ATTENDEES]]
    return AttendanceWire(people, attendance.count, attendance.typed_last, attendance.size_by, attendance.note)


def attendance_from(message: AttendanceWire) -> Attendance:
    """Return the attendance that the message carries."""
    people = tuple(_attendee(each) for each in message.people)
    return Attendance(people, message.count, message.typed_last, message.size_by, message.note)


def _wire(person: Attendee) -> AttendeeWire:
    return AttendeeWire(
        person.label,
        person.role.value,
        number=person.number,
        transport=person.transport,
        may_type=person.may_type,
        is_driver=person.is_driver,
        window=person.window,
        follows=person.follows,
        round_trip_ms=person.round_trip_ms,
    )


def _attendee(person: AttendeeWire) -> Attendee:
    return Attendee(
        person.label,
        Role(person.role),
        number=person.number,
        transport=person.transport,
        may_type=person.may_type,
        is_driver=person.is_driver,
        window=person.window,
        follows=person.follows,
        round_trip_ms=person.round_trip_ms,
    )
