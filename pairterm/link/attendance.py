"""The people of a session, and the requests that wait for an answer, as messages and back."""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.link.messages import (
    MAX_ATTENDEES,
    MAX_QUESTIONS,
    AttendanceWire,
    AttendeeWire,
    Questions,
    QuestionWire,
)
from pairterm.types import Attendance, Attendee, Question, Role

__all__ = ["attendance_from", "attendance_message", "questions_from", "questions_message"]


def attendance_message(attendance: Attendance) -> AttendanceWire:
    """Return the message that carries the attendance. It names `MAX_ATTENDEES` people at most."""
    people = [_wire(each) for each in attendance.people[:MAX_ATTENDEES]]
    return AttendanceWire(
        people,
        attendance.count,
        attendance.typed_last,
        attendance.size_by,
        attendance.note,
        attendance.call_url,
        attendance.is_paused,
        attendance.is_locked,
    )


def attendance_from(message: AttendanceWire) -> Attendance:
    """Return the attendance that the message carries."""
    people = tuple(_attendee(each) for each in message.people)
    return Attendance(
        people,
        message.count,
        message.typed_last,
        message.size_by,
        message.note,
        message.call_url,
        message.is_paused,
        message.is_locked,
    )


def questions_message(client: int, questions: Sequence[Question]) -> Questions:
    """Return the message that carries the questions that a client may answer. It names `MAX_QUESTIONS` at most."""
    return Questions(
        client,
        [
            QuestionWire(each.number, each.name, each.asks, each.text[:500], list(each.choices))
            for each in questions[:MAX_QUESTIONS]
        ],
    )


def questions_from(message: Questions) -> tuple[Question, ...]:
    """Return the questions that the message carries."""
    return tuple(
        Question(each.number, each.name, each.asks, each.text, tuple(each.choices)) for each in message.questions
    )


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
