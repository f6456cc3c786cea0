"""Who lost the link comes back as it was, and nobody else does."""

from __future__ import annotations

from pairterm.types import Role
from tests.unit.session.houses import Session


def test_who_was_let_in_need_not_knock_again_after_its_link_was_lost() -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "set ask on")
    guest = session.writer()
    session.wait(1)
    session.say(owner, "accept")
    session.say(guest, "name ana")
    session.lose(guest)
    other = session.writer(address="198.51.100.1")
    assert session.is_held(other), "another address is another guest"
    again = session.writer()
    assert session.core.people[again].name == "ana"
    assert session.types(again) == b"x"
    assert session.is_held(session.writer()), "once"


def test_a_link_for_one_use_brings_its_guest_back_and_no_other() -> None:
    session = Session()
    _, token = session.house.door.links.new(Role.READ_WRITE, uses=1)
    guest = session.guest(token)
    session.lose(guest)
    assert session.is_in(session.guest(token))
    assert not session.is_in(session.guest(token))


def test_a_place_is_kept_ten_minutes() -> None:
    session = Session()
    _, token = session.house.door.links.new(Role.READ_WRITE, uses=1)
    session.lose(session.guest(token))
    session.wait(601)
    assert not session.is_in(session.guest(token))


def test_roles_come_back_as_they_were_and_no_better() -> None:
    session = Session()
    granted, revoked, timed = session.watcher(), session.writer(address="198.51.100.1"), session.watcher(key="SHA256:k")
    session.order("grant 1 rw")
    session.order("revoke 2")
    session.order("grant 3 rw --for 2m")
    for each in (granted, revoked, timed):
        session.lose(each)
    session.wait(60)
    assert session.types(session.watcher()) == b"x"
    assert session.types(session.writer(address="198.51.100.1")) == b""
    back = session.watcher(key="SHA256:k")
    assert session.types(back) == b"x"
    session.wait(61)
    assert session.types(back) == b"", "its end was not put off"


def test_what_was_taken_back_meanwhile_is_gone() -> None:
    session = Session()
    session.lose(session.writer())
    session.order("panic")
    assert session.types(session.writer()) == b""
    session.order("panic off")
    session.lose(session.writer(address="198.51.100.1", key="SHA256:m"))
    session.order("link rotate rw --kick")
    assert not session.is_in(session.writer(address="198.51.100.1", key="SHA256:m"))


def test_a_panic_that_is_over_gives_nothing_back_to_who_was_away_meanwhile() -> None:
    session = Session()
    granted = session.watcher()
    session.order("grant 1 rw")
    session.lose(granted)
    session.order("panic")
    session.order("panic off")
    assert session.types(session.watcher()) == b""
