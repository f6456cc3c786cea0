"""One driver at a time in each window: people ask for the keyboard, get it, give it on, and the owner takes it back."""

from __future__ import annotations

from pairterm.session.pending_requests import LOOK_S
from pairterm.types import ClientId, Role
from tests.unit.session.sessions import Session


def note_of(session: Session, index: int) -> str:
    """Return the note about the driver of a window, as its people's status lines show it."""
    windows = session.core.visible.windows(list(session.core.people)).windows
    return next(each.driver for each in windows if each.index == index)


def two_pairs() -> tuple[Session, list[ClientId]]:
    """Return a session with the owner and guest-2 in window 0, guest-3 and guest-4 in window 1, one typing in each."""
    session = Session()
    people = [session.owner(), *(session.writer() for _ in range(3))]
    session.say(people[0], "new-window -d")
    for each in people[2:]:
        session.say(each, "follow off")
        session.say(each, "select-window -t :1")
    session.say(people[0], "set seat on")
    return session, people


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
    assert note_of(session, 0) == "olga drives 10 min"
    session.wait(9 * 60 + 15)
    assert note_of(session, 0) == "olga drives 50 s"
    session.wait(36)
    assert note_of(session, 0) == "olga drives 9 s"
    session.wait(10)
    assert note_of(session, 0) == "guest-2 drives 10 min"
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


def test_two_pairs_work_in_two_windows_and_each_has_its_driver() -> None:
    session, (owner, one, two, three) = two_pairs()
    session.say(owner, "give 3 --window 1")
    assert [session.types(each) for each in (owner, one, two, three)] == [b"x", b"", b"x", b""]
    assert (note_of(session, 0), note_of(session, 1)) == ("olga drives", "guest-3 drives")
    session.say(owner, "give 2")
    assert [session.types(each) for each in (owner, one, two, three)] == [b"", b"x", b"x", b""]
    session.say(three, "ask")
    question = "guest-4 asks for the keyboard in window 1: C-b y / C-b N"
    assert question in session.told(two)
    assert question not in session.told(one), "they drive in another window"
    session.wait(LOOK_S)
    session.say(one, "accept 4")
    assert session.types(three) == b""
    session.say(two, "accept")
    assert [session.types(each) for each in (owner, one, two, three)] == [b"", b"x", b"", b"x"]
    assert "guest-4 has the keyboard in window 1" in session.told(owner)
    assert "guest-4 has the keyboard in window 1" not in session.told(one), "it is no news for another window"


def test_a_driver_gives_away_no_keyboard_but_their_own() -> None:
    session, (owner, _, two, three) = two_pairs()
    session.say(owner, "give 3 --window 1")
    session.say(two, "give 4 --window 0")
    assert session.told(two)[-1] == "someone else has the keyboard in window 0"
    session.say(two, "select-window -t :0")
    session.say(two, "pass")
    assert session.told(two)[-1] == "someone else has the keyboard in window 0"
    assert session.types(two) == b"", "they look at a window where they do not drive"
    assert session.last_role(two) == (Role.READ_WRITE, False)
    session.say(two, "select-window -t :1")
    assert session.last_role(two) == (Role.READ_WRITE, True)
    session.say(two, "give 4")
    assert session.types(three) == b"x"


def test_turns_go_round_those_who_look_at_the_window() -> None:
    session, (owner, one, two, three) = two_pairs()
    session.say(owner, "set seat-rotate 60s")
    session.say(owner, "give 3 --window 1")
    session.wait(60)
    assert [session.types(each) for each in (owner, one, two, three)] == [b"", b"x", b"", b"x"]
    session.wait(60)
    assert [session.types(each) for each in (owner, one, two, three)] == [b"x", b"", b"x", b""]
    session.say(three, "follow on")
    before = len(session.told(two))
    session.wait(120)
    assert session.types(two) == b"x", "there is nobody else in the window"
    assert len(session.told(two)) == before, "and it is no news that they go on"


def test_the_maker_of_a_new_window_drives_there_and_its_end_is_the_end_of_its_keyboard() -> None:
    session, (owner, _, two, three) = two_pairs()
    session.say(owner, "give 3 --window 1")
    session.say(two, "new-window")
    assert session.core.window_of(two) == 2
    assert session.types(two) == b"x"
    session.say(three, "select-window -t :2")
    session.say(three, "ask")
    assert len(session.core.requests) == 1
    session.say(two, "kill-window")
    assert not session.core.requests
    assert session.parts.drivers.windows_of(two) == [each.id for each in session.parts.windows if each.index == 1]


def test_in_a_pause_guests_do_not_learn_who_drives() -> None:
    session, (owner, *_) = two_pairs()
    session.say(owner, "give 2")
    assert note_of(session, 0) == "guest-2 drives"
    session.say(owner, "pause")
    session.say(owner, "take")
    assert note_of(session, 0) == ""
    assert next(each.driver for each in session.core.visible.windows([owner]).windows) == "olga drives"


def test_who_drives_in_a_hidden_window_is_no_news_for_guests() -> None:
    session, (owner, one, two, _) = two_pairs()
    session.say(owner, "set-window hidden on -t :1")
    told = {each: len(session.told(each)) for each in (one, two)}
    session.say(owner, "give 4 --window 1")
    session.say(owner, "take --window 1")
    assert told == {each: len(session.told(each)) for each in (one, two)}
    assert note_of(session, 1) == ""
