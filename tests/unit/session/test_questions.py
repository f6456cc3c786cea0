"""The requests that a browser shows with buttons: exactly those that its guest may answer."""

from __future__ import annotations

from pairterm.session.effects import Announce
from pairterm.types import ClientId
from tests.unit.session.sessions import Session


def asked(session: Session, client: ClientId) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(each.number, each.asks, each.choices) for each in session.core.visible.questions(client)]


def browser(session: Session) -> ClientId:
    return session.guest(session.tokens.read_write, transport="web")


def test_a_driver_in_a_browser_reads_the_wishes_for_their_keyboard_and_no_keys() -> None:
    session = Session()
    owner, driver, other, watcher = session.owner(), browser(session), session.writer(), session.watcher()
    session.say(owner, "set seat on")
    session.say(owner, f"give {session.number(driver)}")
    assert asked(session, driver) == []
    session.say(other, "ask")
    assert session.found(Announce), "the links are told"
    session.say(watcher, "ask")
    assert asked(session, driver) == [
        (session.number(other), "keyboard", ("accept", "decline")),
        (session.number(watcher), "keyboard", ("decline",)),  # Only the owner lets an observer type.
    ]
    assert not [each for each in session.told(driver) if "C-b" in each]
    session.say(driver, f"accept {session.number(other)}")
    assert session.types(other) == b"x"
    assert asked(session, driver) == [], "who drives no more answers no more"
    assert asked(session, owner) == asked(session, other) == [], "a terminal reads texts instead"
    assert f"guest-{session.number(watcher)} asks for the keyboard: C-b y / C-b N" in session.told(other)[-1]


def test_a_knock_is_no_question_of_a_guest() -> None:
    session = Session()
    session.owner()
    guest = browser(session)
    session.order("set ask on")
    assert session.is_held(session.watcher())
    assert asked(session, guest) == []


def test_an_answered_and_a_renamed_request_are_news() -> None:
    session = Session()
    owner = session.owner()
    session.order("set ask on")
    stranger = session.watcher()
    for line, sender in (("name eve", stranger), ("accept", owner)):
        session.wait(1)
        session.effects.clear()
        session.say(sender, line)
        assert session.found(Announce), line


def test_a_call_that_is_set_or_ended_is_news() -> None:
    session = Session()
    guest = browser(session)
    for line, url in (("set call https://call.example/1", "https://call.example/1"), ("set call off", "")):
        session.effects.clear()
        session.order(line)
        assert session.found(Announce)
        assert session.core.visible.attendance([guest]).call_url == url


def test_a_pause_and_a_lock_are_facts() -> None:
    session = Session()
    guest = browser(session)

    def facts() -> tuple[bool, bool]:
        told = session.core.visible.attendance([guest])
        return told.is_paused, told.is_locked

    assert facts() == (False, False)
    session.order("pause on")
    assert facts() == (True, False)
    session.order("pause off")
    session.order("panic on")
    assert facts() == (False, True)
