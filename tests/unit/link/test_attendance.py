"""Who is here, as gateways and hosts tell each other."""

from __future__ import annotations

from dataclasses import replace

from pairterm.link.attendance import attendance_from, attendance_message, questions_from, questions_message
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.messages import MAX_ATTENDEES, MAX_QUESTIONS
from pairterm.types import Attendance, Attendee, Question, Role


def test_it_survives_and_names_a_bounded_number() -> None:
    people = tuple(Attendee(f"guest-{number}", Role.READ_ONLY) for number in range(MAX_ATTENDEES + 50))
    told = Attendance(people, len(people), "ana", "80x24", "paused", "https://call.example/1", True, True)
    assert attendance_from(attendance_message(told)) == replace(told, people=people[:MAX_ATTENDEES])


def test_the_questions_survive_and_are_a_bounded_number() -> None:
    question = Question(5, "bob", "in", "bob (192.0.2.7) knocks" + "!" * 1000, ("accept", "decline"))
    message = questions_message(3, [question] * (MAX_QUESTIONS + 50))
    assert message.client == 3
    there = questions_from(message)
    assert there == (replace(question, text=question.text[:500]),) * MAX_QUESTIONS
    assert decode_host_message(encode(message)) == message
