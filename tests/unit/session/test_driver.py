"""One driver at a time: people ask for the keyboard, get it, give it on, and the owner takes it back."""

from __future__ import annotations

from pairterm.session.pending_requests import LOOK_S
from tests.unit.session.sessions import Session


def test_only_the_driver_types() -> None:
    session = Session()
    owner, one, two, watcher = session.owner(), session.writer(), session.writer(), session.watcher()
    session.say(owner, "set seat on")
    assert [session.types(each) for each in (owner, one, two, watcher)] == [b"x", b"", b"", b""]
    session.say(owner, "give 2")
    assert [session.types(each) for each in (owner, one, two, watcher)] == [b"", b"x", b"", b""]
    assert "guest-2 has the keyboard: C-b G takes it" in session.told(owner)
    session.say(owner, "take")
    assert [session.types(each) for each in (owner, one)] == [b"x", b""]
    session.say(owner, "set seat off")
    assert [session.types(each) for each in (owner, one, two, watcher)] == [b"x", b"x", b"x", b""]


def test_a_navigator_asks_and_the_driver_or_the_owner_gives() -> None:
    session = Session()
    owner, one, two = session.owner(), session.writer(), session.writer()
    session.say(owner, "set seat on")
    session.say(owner, "give 2")
    session.say(two, "ask")
    question = "guest-3 asks for the keyboard: C-b y / C-b N"
    assert question in session.told(owner)
    assert question in session.told(one)
    assert question not in session.told(two)
    session.wait(1)
    session.say(two, "accept")
    assert session.types(two) == b"", "nobody answers for itself"
    session.say(one, "accept")
    assert session.types(two) == b"x"
    assert session.types(one) == b""


def test_an_answer_that_nobody_can_have_read_the_question_of_is_none() -> None:
    """A finger that goes down for one question must not answer the one that came up meanwhile."""
    session = Session()
    owner, one, two = session.owner(), session.writer(), session.writer()
    session.say(owner, "set seat on")
    session.say(one, "ask")
    session.say(two, "ask")
    session.wait(1)
    session.say(owner, "decline")
    session.say(owner, "accept")
    assert session.types(two) == b""
    assert session.told(owner)[-1].startswith("look again: guest-3 asks")
    session.wait(1)
    session.say(owner, "accept")
    assert session.types(two) == b"x"


def test_an_observer_can_ask_and_only_the_owner_can_let_it_type() -> None:
    session = Session()
    owner, driver, watcher = session.owner(), session.writer(), session.watcher()
    session.say(owner, "set seat on")
    session.say(owner, "give 2")
    session.say(watcher, "ask")
    session.wait(1)
    session.say(driver, "accept 3")
    assert session.types(watcher) == b""
    session.say(watcher, "ask")
    session.wait(1)
    session.say(owner, "accept 3")
    assert session.types(watcher) == b"x"


def test_the_rotation_goes_round_those_who_may_type_and_counts_down() -> None:
    session = Session()
    owner, one, _, two = session.owner(), session.writer(), session.watcher(), session.writer()
    session.say(owner, "set seat on --rotate 10m")
    assert session.core.attendance_for([]).note == "olga drives 10 min"
    session.wait(9 * 60 + 15)
    assert session.core.attendance_for([]).note == "olga drives 50 s"
    session.wait(36)
    assert session.core.attendance_for([]).note == "olga drives 9 s"
    session.wait(10)
    assert session.core.attendance_for([]).note == "guest-2 drives 10 min"
    assert [session.types(each) for each in (owner, one, two)] == [b"", b"x", b""]
    session.wait(600)
    assert session.types(two) == b"x"
    session.wait(600)
    assert session.types(owner) == b"x"


def test_when_the_driver_leaves_the_owner_has_it_or_the_next_who_asks() -> None:
    session = Session()
    owner, one, two = session.owner(), session.writer(), session.writer()
    session.say(owner, "set seat on")
    session.say(owner, "give 2")
    session.leave(one)
    assert session.types(owner) == b"x"
    session.leave(owner)
    assert session.types(two) == b""
    session.say(two, "ask")
    assert session.types(two) == b"x"
    back = session.owner()
    session.say(back, "take")
    assert session.types(back) == b"x"


def test_a_driver_who_is_lowered_drives_no_more() -> None:
    session = Session()
    owner, one = session.owner(), session.writer()
    session.say(owner, "set seat on")
    session.say(owner, "give 2")
    session.order("revoke 2")
    assert session.types(one) == b""
    assert session.types(owner) == b"x"


def test_a_new_driver_reads_that_they_drive_above_the_next_wish() -> None:
    """Two people asked. The first got the keyboard, and read only that the second asks for it."""
    session = Session()
    owner, first, second = session.owner(), session.writer(), session.writer()
    session.order("set seat on")
    for each in (first, second):
        session.say(each, "ask")
    session.wait(LOOK_S)
    session.say(owner, "accept")
    assert session.told(first)[-1].startswith("you have the keyboard\nguest-3 asks for the keyboard")
    assert session.told(owner)[-1].startswith("guest-2 has the keyboard\nguest-3 asks for the keyboard")
