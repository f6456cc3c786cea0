"""The people of a session as a page lists them: those who are in, and those who knock. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.types import Attendance, Attendee, Question, Role

__all__ = ["list_of_people"]


def list_of_people(attendance: Attendance, questions: Sequence[Question], *, you: int) -> list[dict[str, object]]:
    """Return the people for a page whose guest has the number `you`.

    Only a guest who may answer `questions` reads who asks for something, and who knocks.
    """
    asks = {each.number: each.asks for each in reversed(questions)}
    here = [_person(each, asks.get(each.number, ""), you=you) for each in attendance.people]
    knocking = [each for each in questions if each.asks == "in"]
    return [*here, *(_knocking(each) for each in knocking)]


def _person(each: Attendee, asks: str, *, you: int) -> dict[str, object]:
    return {
        "number": each.number,
        "name": each.label,
        "role": each.role.value,
        "is_owner": each.role is Role.OWNER,
        "is_you": each.number == you,
        "may_type": each.may_type,
        "is_driver": each.is_driver,
        "window": each.window,
        "follows": each.follows,
        "ping_ms": each.round_trip_ms,
        "transport": each.transport,
        "is_waiting": False,
        "asks": asks,
    }


def _knocking(question: Question) -> dict[str, object]:
    stranger = Attendee(question.name, Role.READ_ONLY, number=question.number)
    return _person(stranger, question.asks, you=-1) | {"role": "", "is_waiting": True}
