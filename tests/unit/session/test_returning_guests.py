"""A guest whose link was lost comes back as it was by its ticket, and nobody else does."""

from __future__ import annotations

from pairterm.access.authorized_keys import KeyEntry, KeyTable
from pairterm.access.ticket_hashes import draw_ticket
from pairterm.session.effects import Refuse, Welcome
from pairterm.session.people import Origin, Person
from pairterm.session.returning_guests import ABSENCE_S, ReturningGuests
from pairterm.types import MAX_CLIENTS, Role, Size
from tests.unit.session.sessions import Session


def test_a_guest_who_was_let_in_does_not_knock_again_after_its_link_was_lost() -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "set ask on")
    guest = session.writer()
    session.wait(1)
    session.say(owner, "accept")
    session.say(guest, "name ana")
    ticket = session.ticket(guest)
    session.lose(guest)
    assert session.is_held(session.writer()), "without the ticket it is a new guest, from the same address too"
    again = session.writer(ticket=ticket, address="198.51.100.1")
    assert session.core.people[again].name == "ana"
    assert session.core.people[again].origin.address == "198.51.100.1"
    assert session.types(again) == b"x"


def test_a_number_means_the_same_guest_after_their_return() -> None:
    """`kick 1` said that nobody has this number: the guest had come back with another one."""
    session = Session()
    guest, other = session.watcher(), session.watcher()
    number, ticket = session.number(guest), session.ticket(guest)
    session.say(guest, "name ana")
    for _ in range(2):
        session.lose(guest)
        newcomer = session.watcher()
        guest = session.watcher(ticket=ticket)
        assert session.number(guest) == number == session.found(Welcome, guest)[-1].number
        assert len({session.number(each) for each in (guest, other, newcomer)}) == 3
        session.leave(newcomer)
    session.order(f"kick {number}")
    assert not session.is_in(guest)
    assert session.is_in(other)


def test_two_guests_behind_one_address_are_never_confused() -> None:
    """A watcher came back with the name and the role of another one, who had come by the same link."""
    session = Session()
    granted, other = session.watcher(), session.watcher()
    session.say(granted, "name ana")
    session.order("grant 1 rw")
    tickets = [session.ticket(each) for each in (granted, other)]
    assert tickets[0] != tickets[1]
    session.lose(granted)
    session.lose(other)
    back = session.watcher(ticket=tickets[1])
    assert session.types(back) == b""
    assert session.core.people[back].name == "guest-2"
    stranger = session.watcher()
    assert session.types(stranger) == b""
    first = session.watcher(ticket=tickets[0])
    assert session.types(first) == b"x"
    assert session.core.people[first].name == "ana"


def test_a_guest_who_was_still_knocking_knocks_again() -> None:
    """It got in by the place of another guest behind its address."""
    session = Session()
    owner = session.owner()
    inside = session.writer()
    session.say(owner, "set ask on")
    knocking = session.writer()
    for each in (inside, knocking):
        session.lose(each)
    assert session.is_held(session.writer())


def test_a_ticket_is_good_with_its_own_link_and_key_only() -> None:
    session = Session()
    guest = session.writer(key="SHA256:k")
    ticket = session.ticket(guest)
    session.order("revoke 1")
    session.order("grant 1 rw")
    session.lose(guest)
    assert session.types(session.watcher(ticket=ticket, key="SHA256:k")) == b""
    assert session.core.people[session.writer(ticket=ticket)].name != "guest-1"
    assert session.core.people[session.writer(ticket=ticket, key="SHA256:k")].name == "guest-1"


def test_a_ticket_is_told_once_and_stays_good_for_the_next_loss() -> None:
    """A new one could get lost on its way, and with it the guest's place."""
    session = Session()
    guest = session.watcher()
    session.order("grant 1 rw")
    ticket = session.ticket(guest)
    for _ in range(3):
        session.lose(guest)
        guest = session.watcher(ticket=ticket)
        assert session.found(Welcome, guest)[-1].ticket == b""
        assert session.types(guest) == b"x"


def test_a_guest_who_comes_back_before_its_loss_is_noticed_is_there_once() -> None:
    session = Session()
    guest = session.watcher()
    session.say(guest, "name ana")
    session.order("grant 1 rw")
    again = session.watcher(ticket=session.ticket(guest), address="198.51.100.1")
    assert [each.code for each in session.found(Refuse, guest)] == ["superseded"]
    assert [each.name for each in session.core.people.values()] == ["ana"]
    assert session.types(again) == b"x"
    assert session.types(guest) == b""


def test_a_guest_comes_back_into_no_more_places_than_there_may_be() -> None:
    session = Session()
    guest = session.writer()
    ticket = session.ticket(guest)
    session.lose(guest)
    session.order("set max-guests 1")
    other = session.writer()
    late = session.writer(ticket=ticket)
    assert [each.code for each in session.found(Refuse, late)] == ["full"]
    assert session.is_in(other)


def test_a_guest_who_comes_back_by_another_gateway_reads_that_the_session_is_full() -> None:
    """They read that there is no such session. Without their ticket, nobody reads anything else."""
    session = Session()
    token = session.tokens.read_write
    guest = session.guest(token)
    ticket = session.ticket(guest)
    session.lose(guest)
    session.order("set max-guests 1")
    session.guest(token)
    late = session.guest(token, ticket=ticket, returns_only=True)
    stranger = session.guest(token, ticket=draw_ticket(), returns_only=True)
    assert [each.code for each in session.found(Refuse, late)] == ["full"]
    assert [each.code for each in session.found(Refuse, stranger)] == ["no_session"]


def test_a_guest_whose_right_ended_meanwhile_does_not_come_back() -> None:
    session = Session(keys=KeyTable([KeyEntry("ssh-ed25519 AAAA", "SHA256:k")]))
    plain, keyed = session.writer(), session.writer(key="SHA256:k")
    tickets = [session.ticket(plain), session.ticket(keyed)]
    for each in (plain, keyed):
        session.lose(each)
    session.order("set admit key")
    assert not session.is_in(session.writer(ticket=tickets[0]))
    assert session.is_in(session.writer(ticket=tickets[1], key="SHA256:k"))


def test_a_link_for_one_use_brings_its_guest_back_and_no_other() -> None:
    session = Session()
    _, token = session.parts.admission.invitations.new(Role.READ_WRITE, uses=1)
    guest = session.guest(token)
    ticket = session.ticket(guest)
    session.lose(guest)
    assert not session.is_in(session.guest(token))
    assert session.is_in(session.guest(token, ticket=ticket))
    assert not session.is_in(session.guest(token))


def test_a_gateway_that_proves_only_that_it_may_bring_guests_back_brings_no_new_one() -> None:
    """It knows the hash of each link. A right that was checked this time is not compared, because none was."""
    session = Session(keys=KeyTable([KeyEntry("ssh-ed25519 AAAA", "SHA256:k")]))
    session.order("set admit token+key")
    token = session.tokens.read_write
    guest = session.guest(token, key="SHA256:k")
    number, ticket = session.number(guest), session.ticket(guest)
    session.lose(guest)
    assert not session.is_in(session.guest(token, returns_only=True))
    assert not session.is_in(session.guest(token, ticket=draw_ticket(), returns_only=True))
    assert not session.is_in(session.guest(session.tokens.read_only, ticket=ticket, returns_only=True))
    back = session.guest(token, ticket=ticket, returns_only=True)
    assert session.number(back) == number
    assert session.core.people[back].origin.fingerprint == "SHA256:k"
    again = session.guest(token, ticket=ticket, returns_only=True)
    assert session.is_in(again)
    assert not session.is_in(back), "they are there once"


def test_a_guest_who_is_brought_back_without_their_key_is_out_if_it_was_taken_off_the_list_or_banned() -> None:
    session = Session(keys=KeyTable([KeyEntry("ssh-ed25519 AAAA", "SHA256:k")]))
    token = session.tokens.read_write
    banned, unlisted = session.guest(token, key="SHA256:b"), session.guest(token, key="SHA256:u")
    tickets = [session.ticket(each) for each in (banned, unlisted)]
    for each in (banned, unlisted):
        session.lose(each)
    session.parts.admission.ban(Origin(address="192.0.2.9", transport="ssh", fingerprint="SHA256:b"), "key")
    assert not session.is_in(session.guest(token, ticket=tickets[0], returns_only=True))
    session.order("set admit key")
    assert not session.is_in(session.guest(token, ticket=tickets[1], returns_only=True))


def test_a_place_is_kept_ten_minutes() -> None:
    session = Session()
    _, token = session.parts.admission.invitations.new(Role.READ_WRITE, uses=1)
    guest = session.guest(token)
    session.lose(guest)
    session.wait(601)
    assert not session.is_in(session.guest(token, ticket=session.ticket(guest)))


def test_roles_come_back_as_they_were_and_no_better() -> None:
    session = Session()
    granted, revoked, timed = session.watcher(), session.writer(address="198.51.100.1"), session.watcher(key="SHA256:k")
    tickets = [session.ticket(each) for each in (granted, revoked, timed)]
    session.order("grant 1 rw")
    session.order("revoke 2")
    session.order("grant 3 rw --for 2m")
    for each in (granted, revoked, timed):
        session.lose(each)
    session.wait(60)
    assert session.types(session.watcher(ticket=tickets[0])) == b"x"
    assert session.types(session.writer(address="198.51.100.1", ticket=tickets[1])) == b""
    back = session.watcher(key="SHA256:k", ticket=tickets[2])
    assert session.types(back) == b"x"
    session.wait(61)
    assert session.types(back) == b"", "its end was not put off"


def test_what_was_taken_back_meanwhile_is_gone() -> None:
    session = Session()
    first = session.writer()
    session.lose(first)
    session.order("panic")
    assert session.types(session.writer(ticket=session.ticket(first))) == b""
    session.order("panic off")
    second = session.writer(address="198.51.100.1", key="SHA256:m")
    session.lose(second)
    session.order("link rotate rw --kick")
    ticket = session.ticket(second)
    assert not session.is_in(session.writer(address="198.51.100.1", key="SHA256:m", ticket=ticket))


def test_a_panic_that_is_over_gives_nothing_back_to_a_guest_who_was_away_meanwhile() -> None:
    session = Session()
    granted = session.watcher()
    session.order("grant 1 rw")
    session.lose(granted)
    session.order("panic")
    session.order("panic off")
    assert session.types(session.watcher(ticket=session.ticket(granted))) == b""


def test_nobody_pushes_out_the_places_of_others() -> None:
    returning = ReturningGuests()
    honest = [_person(f"198.51.100.{number}") for number in range(1, 100)]
    for each in honest:
        returning.add(each, 0.0)
    for _ in range(MAX_CLIENTS):
        returning.add(_person("203.0.113.7"), 1.0)
    assert all(returning.take(each.origin, ABSENCE_S - 1) is each for each in honest)


def _person(address: str) -> Person:
    origin = Origin(address=address, transport="ssh", ticket_hash=draw_ticket())
    return Person(1, "ana", Role.READ_WRITE, Size(rows=24, cols=80), origin, 0.0, 0.0)
