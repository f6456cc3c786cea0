"""An owner who came by a gateway: they command as at home, see what guests see, and the host alone makes them so."""

from __future__ import annotations

import json

import pytest

from pairterm.access.ticket_hashes import ticket_hash
from pairterm.access.tokens import looks_like_token, owner_proof, token_hash
from pairterm.errors import UsageError
from pairterm.session.effects import Closed, Refuse, Tell
from pairterm.session.people import Origin
from pairterm.session.session_admission import Visitor
from pairterm.types import ClientId, Role
from tests.unit.session.sessions import SIZE, Session


def last_told(session: Session, client: ClientId) -> str:
    return session.told(client)[-1]


def test_an_owners_link_makes_an_owner_and_guests_links_do_not() -> None:
    session = Session()
    far, writer = session.far_owner(), session.writer()
    assert session.owner_token.startswith("ow-")
    assert looks_like_token(session.owner_token)
    assert session.last_role(far) == (Role.OWNER, True)
    assert session.core.people[writer].role is Role.READ_WRITE
    assert session.types(far) == b"x"


@pytest.mark.parametrize("proof", [b"", bytes(32), token_hash("ow-"), owner_proof("ow-" + "a" * 32)])
def test_the_claim_of_a_gateway_is_never_enough(proof: bytes) -> None:
    """A gateway knows the hash of each token, and could say that somebody has come with it."""
    session = Session()
    session.far_owner()
    presented = token_hash(session.owner_token)
    for claimed in (presented, token_hash(session.tokens.read_write)):
        client = ClientId(f"9:{len(session.effects)}")
        origin = Origin(address="192.0.2.9", transport="web", token_hash=claimed, owner_proof=proof)
        effects = session.core.join(client, Visitor(origin=origin, token_hash=claimed), SIZE, session.now_s)
        person = session.core.people.get(client)
        assert person is None or person.role is not Role.OWNER
        if claimed == presented:
            assert [each.code for each in effects if isinstance(each, Refuse)] == ["no_session"]


def test_a_ticket_without_the_proof_brings_no_owner_back() -> None:
    session = Session()
    far = session.far_owner()
    ticket, number = session.ticket(far), session.number(far)
    session.lose(far)
    presented = token_hash(session.owner_token)
    origin = Origin(transport="web", token_hash=presented, ticket_hash=ticket_hash(ticket))
    client = ClientId("9:1")
    session.take(session.core.join(client, Visitor(origin=origin, token_hash=presented), SIZE, session.now_s))
    assert not session.is_in(client)
    back = session.far_owner(ticket=ticket)
    assert (session.core.people[back].role, session.number(back)) == (Role.OWNER, number)


def test_an_owner_from_afar_gives_the_owners_commands() -> None:
    session = Session()
    far, guest = session.far_owner(), session.watcher()
    number = session.number(guest)
    session.say(far, f"grant {number} rw")
    assert session.types(guest) == b"x"
    session.say(far, "set seat on")
    session.say(far, f"give {number}")
    assert session.types(far) == b""
    session.say(far, "take")
    assert session.types(far) == b"x"
    session.say(far, "panic")
    assert session.types(guest) == b""
    session.say(far, f"kick {number}")
    assert not session.is_in(guest)
    session.say(far, "set ask on")
    knocking = session.watcher()
    assert [each.choices[0] for each in session.core.visible.questions(far)] == ["accept"]
    session.say(far, f"accept {session.core.visible.questions(far)[0].number}")
    assert session.is_in(knocking)
    session.say(far, "kill-session")
    assert session.found(Closed)


def test_a_panic_from_afar_happens_at_once() -> None:
    """The question whether it is meant is for the owner's own terminals: a gateway carries none."""
    session = Session()
    far, guest = session.far_owner(), session.writer()
    session.say(far, "panic --ask")
    assert session.types(guest) == b""


def test_in_a_pause_an_owner_from_afar_types_nothing_and_ends_it() -> None:
    session = Session()
    home, far = session.owner(), session.far_owner()
    session.say(far, "pause")
    assert "only your terminals at its own machine" in last_told(session, far)
    assert session.types(far) == b"", "they would type blindly"
    assert session.last_role(far) == (Role.OWNER, False)
    assert session.types(home) == b"x"
    pane = session.core.first_pane
    for client, is_hidden in ((far, True), (home, False)):
        seen = session.core.visible.pane(pane, [client])
        assert seen is not None
        assert seen.frame().is_hidden is is_hidden
    session.say(far, "pause off")
    assert session.types(far) == b"x"


def test_the_terminals_at_home_are_out_of_reach_from_afar() -> None:
    """The holder of a lost link can't keep the owner out of their own session."""
    session = Session()
    home, far = session.owner(), session.far_owner()
    for line in ("kick 1", "kick 1 --ban", "detach-client -a", "grant 1 ro", "link new --role owner"):
        session.say(far, line)
        assert session.is_in(home), line
        assert session.core.people[home].role is Role.OWNER, line
        assert not [each for each in session.found(Tell, far) if "ow-" in each.text], line
    session.say(home, f"grant {session.number(far)} ro")
    assert session.types(far) == b""
    session.say(far, "panic")
    assert "only the owner" in last_told(session, far)
    session.say(home, f"kick {session.number(far)}")
    assert not session.is_in(far)


def test_revoking_an_owners_link_disconnects_who_came_by_it_for_good() -> None:
    session = Session()
    far = session.far_owner()
    ticket = session.ticket(far)
    lost = session.far_owner()
    lost_ticket = session.ticket(lost)
    session.lose(lost)
    link = json.loads(session.order("link ls --json"))[-1]
    assert link["role"] == "owner"
    session.order(f"link revoke {link['link']}")
    assert not session.is_in(far)
    for each in (ticket, lost_ticket, b""):
        assert not session.is_in(session.far_owner(ticket=each))


def test_an_owner_does_not_knock_unless_the_link_says_so() -> None:
    """Perhaps nobody is at home to let them in."""
    session = Session()
    session.order("set ask on")
    assert session.is_in(session.far_owner())
    asks = json.loads(session.order("link new --role owner --ask --json"))["user"]
    assert session.is_held(session.guest(asks))


def test_no_code_to_say_aloud_makes_an_owner_and_no_grant_does() -> None:
    session = Session()
    session.owner()
    session.writer()
    for line in ("link new --role owner --spoken", "grant 2 owner", "link rotate owner"):
        with pytest.raises(UsageError):
            session.order(line)


def test_a_free_keyboard_of_a_hidden_window_goes_to_nobody_from_afar() -> None:
    session = Session()
    home = session.owner()
    session.say(home, "new-window")
    session.say(home, "set-window hidden on")
    session.say(home, "set seat on")
    session.leave(home)
    far = session.far_owner()
    hidden, shown = session.parts.windows.at(1), session.parts.windows.at(0)
    assert hidden is not None
    assert shown is not None
    assert session.parts.drivers.of(shown.id) == far
    assert session.parts.drivers.of(hidden.id) != far
