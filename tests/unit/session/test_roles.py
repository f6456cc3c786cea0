"""Roles at run time: grants, revocations, kicks, the panic, the pause; and whose word counts."""

from __future__ import annotations

import json

import pytest

from pairterm.errors import UsageError
from pairterm.session.admission_settings import AdmissionSettings, AdmitMode
from pairterm.session.effects import Refuse, Tell, WritePty
from pairterm.session.pending_requests import LOOK_S
from pairterm.session.privacy import PAUSED_TEXT
from pairterm.session.windows.pane_sight import PaneSight
from pairterm.types import ClientId, PaneId, Role
from tests.unit.session.sessions import Session


def _sight(session: Session, clients: list[ClientId]) -> PaneSight:
    sight = session.core.visible.pane(PaneId(0), clients)
    assert sight is not None
    return sight


def test_a_revoked_writer_types_nothing_from_then_on_and_its_gateway_is_told() -> None:
    session = Session()
    writer = session.writer()
    assert session.types(writer, b"ls\r") == b"ls\r"
    session.order(f"revoke {session.number(writer)}")
    assert session.types(writer, b"rm\r") == b""
    assert session.last_role(writer) == (Role.READ_ONLY, False)


KEY = "SHA256:ana"


def test_a_revoked_writer_who_comes_again_by_the_same_key_watches_still() -> None:
    session = Session()
    writer = session.writer(key=KEY)
    session.order("revoke 1")
    session.leave(writer)
    again = session.writer(key=KEY, address="198.51.100.4")
    assert session.types(again) == b""
    session.order(f"grant {session.number(again)} rw")
    session.leave(again)
    assert session.types(session.writer(key=KEY)) == b"x", "a grant takes it back"


def test_a_revoked_writer_without_a_key_watches_still_when_they_come_back_by_their_ticket() -> None:
    session = Session()
    writer = session.writer()
    session.order("revoke 1")
    session.lose(writer)
    assert session.types(session.writer(ticket=session.ticket(writer))) == b""


@pytest.mark.parametrize("order", ["revoke 1", "panic"])
def test_what_is_taken_from_one_is_not_taken_from_others_behind_the_same_address(order: str) -> None:
    """After 'panic' and 'panic off', people who had never been there could only watch: they shared an address."""
    session = Session()
    session.writer()
    session.order(order)
    if order == "panic":
        assert session.types(session.writer()) == b""
        session.order("panic off")
    assert session.types(session.writer()) == b"x"
    assert session.types(session.writer(key=KEY)) == b"x"


def test_the_end_of_a_panic_forgets_what_it_marked_and_nothing_else() -> None:
    session = Session()
    one, other = session.writer(key=KEY), session.writer(key="SHA256:bob")
    session.order("revoke 1")
    session.order("panic")
    session.order("panic off")
    assert session.types(other) == b"", "they are in, and watch until they are granted more"
    session.leave(one)
    session.leave(other)
    assert session.types(session.writer(key="SHA256:bob")) == b"x"
    assert session.types(session.writer(key=KEY)) == b"", "this was the owner's word, not the panic's"


def test_a_grant_lets_an_observer_type_until_its_time_is_over_and_says_so_a_minute_before() -> None:
    session = Session()
    watcher = session.watcher()
    assert session.types(watcher) == b""
    session.order("grant 1 rw --for 10m")
    assert session.types(watcher) == b"x"
    session.wait(539)
    assert not any("more seconds" in text for text in session.told(watcher))
    session.wait(2)
    assert "you may type for 60 more seconds" in session.told(watcher)
    session.wait(58)
    assert session.types(watcher) == b"x"
    session.wait(2)
    assert session.types(watcher) == b""
    assert session.last_role(watcher) == (Role.READ_ONLY, False)


def test_nobody_but_the_owner_changes_roles() -> None:
    session = Session()
    owner, writer, watcher = session.owner(), session.writer(), session.watcher()
    before = {each: session.core.people[each].role for each in (owner, writer, watcher)}
    orders = (
        "grant 3 rw", "grant 2 rw", "revoke 1", "kick 1", "kick 3", "panic", "panic off", "pause", "set seat on",
        "set confirm-enter on", "set size-policy largest", "kill-session", "link new", "link ls", "link revoke 1",
        "link rotate", "give 3", "take", "pass", "accept", "decline", "decline-ban", "name boss 1",
    )  # fmt: skip
    for client in (writer, watcher):
        for order in orders:
            session.say(client, order)
    assert {each: session.core.people[each].role for each in before} == before
    assert session.types(owner) == b"x"
    assert session.types(writer) == b"x"
    assert session.types(watcher) == b""
    assert not session.found(Refuse)
    assert session.events() == ["join", "join", "join"]


def test_the_owners_own_terminals_can_not_be_lowered() -> None:
    session = Session()
    session.owner()
    with pytest.raises(UsageError, match="your own"):
        session.order("revoke 1")


def test_a_kicked_guest_is_out_and_a_banned_key_stays_out_while_others_come() -> None:
    session = Session()
    guest = session.writer(key="SHA256:mallory")
    session.order("kick 1 --ban")
    assert not session.is_in(guest)
    assert session.found(Refuse, guest)[0].code == "kicked"
    assert session.types(guest) == b""
    again = session.writer(key="SHA256:mallory", address="198.51.100.9")
    assert session.found(Refuse, again)[0].text == "no such session, or the link has ended"
    assert session.is_in(session.writer(key="SHA256:alice"))


def test_a_ban_without_a_key_is_of_the_address() -> None:
    session = Session()
    session.writer(address="2001:db8::1")
    session.order("kick 1 --ban")
    assert not session.is_in(session.writer(address="2001:db8::2")), "an IPv6 source is its /64"
    assert session.is_in(session.writer(address="2001:db8:1::1"))


def test_panic_leaves_the_owner_alone_typing_also_when_guests_come_again() -> None:
    session = Session()
    owner, writer, watcher = session.owner(), session.writer(), session.watcher()
    session.order("grant 3 rw --for 1h")
    session.say(owner, "panic")
    newcomer = session.writer(address="198.51.100.7")
    for client in (writer, watcher, newcomer):
        assert session.types(client) == b""
        assert session.last_role(client) == (Role.READ_ONLY, False)
    assert session.types(owner) == b"x"
    with pytest.raises(UsageError, match="panic off"):
        session.order("grant 2 rw")
    session.wait(7200)
    session.say(owner, "panic off")
    assert session.types(writer) == b"", "who was lowered is raised by a grant only"
    session.order("grant 2 rw")
    assert session.types(writer) == b"x"


def test_in_a_pause_guests_see_a_blank_that_does_not_move_and_type_nothing() -> None:
    session = Session()
    owner, writer = session.owner(), session.writer()
    session.take(session.core.feed(PaneId(0), b"secret\r\n" * 50, session.now_s))
    before = _sight(session, [writer]).frame()
    session.say(owner, "pause")
    blank = _sight(session, [writer]).frame()
    assert before.generation < blank.generation == _sight(session, [writer]).generation
    text = "\n".join(row.text for row in blank.rows)
    assert PAUSED_TEXT in text
    assert "secret" not in text
    session.take(session.core.feed(PaneId(0), b"\x1b]2;a title\x07more\r\n", session.now_s))
    assert _sight(session, [writer]).frame() is blank, "not even that the program prints is told"
    assert _sight(session, [owner, writer]).frame() is blank, "a link that brings both shows no more"
    assert session.core.visible.history(writer, PaneId(0), 0, 200).rows == []
    assert session.core.visible.history(owner, PaneId(0), 0, 200).rows
    assert session.types(writer) == b""
    assert session.types(owner) == b"x"
    assert "secret" in "\n".join(row.text for row in _sight(session, [owner]).frame().rows)
    session.say(owner, "pause off")
    after = _sight(session, [writer]).frame()
    assert after is session.core.frame(), "one object for all, or every link would paint anew"
    assert blank.generation < after.generation == _sight(session, [writer]).generation
    assert session.types(writer) == b"x"


def test_a_guest_is_called_by_a_name_that_is_cleaned_and_its_own() -> None:
    session = Session()
    session.owner()
    one, two = session.writer(), session.writer()
    assert [each.name for each in session.core.people.values()] == ["olga", "guest-2", "guest-3"]
    session.say(one, "name 'Ana\x1b[31m Sousa'")
    assert session.core.people[one].name == "Ana--31m-Sousa"
    session.say(two, "name ANA--31M-SOUSA")
    assert session.core.people[two].name == "guest-3"
    assert "somebody is called" in session.told(two)[-1]
    session.say(two, "name 1")
    assert session.core.people[two].name == "n1", "a number is never a name"


def test_a_name_may_have_several_words_unless_the_last_one_is_somebody() -> None:
    """`name Ana Maria` was read as a name for a person who is called Maria."""
    session = Session()
    owner, one, two = session.owner(), session.writer(), session.writer()
    session.say(one, "name Ana Maria")
    assert session.core.people[one].name == "Ana-Maria"
    session.say(one, "name Ana María Ana-Maria")
    assert session.core.people[one].name == "Ana-María-Ana-Maria", "one's own name is a word like others"
    session.say(two, "name bo olga")
    assert session.told(two)[-1] == "only the owner may name others; for your own name: name 'bo olga'"
    session.say(two, "name 'bo olga'")
    assert session.core.people[two].name == "bo-olga"
    session.say(owner, "name Big Bo 3")
    assert session.core.people[two].name == "Big-Bo"
    session.say(owner, "name anna 99")
    assert session.told(owner)[-1] == "nobody here is called '99': 'who' lists all"
    session.say(owner, "name Olga Petrovna")
    assert session.core.people[owner].name == "Olga-Petrovna"


def test_a_number_is_never_given_twice() -> None:
    session = Session()
    first = session.writer()
    session.leave(first)
    second = session.writer()
    assert session.number(second) == 2
    with pytest.raises(UsageError, match="nobody"):
        session.order("kick 1")


def test_confirmed_enters_hold_the_line_until_the_owner_has_looked() -> None:
    session = Session()
    owner, writer, other = session.owner(), session.writer(), session.writer()
    session.order("set confirm-enter on")
    assert session.types(writer, b"rm -rf x\rls\r") == b"rm -rf x"
    assert session.types(writer, b"y") == b"", "a line that the owner looks at stays as it is"
    assert session.types(other, b"\x15ls") == b""
    assert session.types(owner, b" ") == b" "
    session.wait(1)
    session.say(owner, "accept")
    assert WritePty(b"\r", PaneId(0)) in session.effects
    assert session.types(other, b"ls\x0f") == b"ls", "readline's C-o enters a line as well"
    session.wait(1)
    session.say(owner, "decline")
    assert session.types(writer, b"more") == b"more"


def test_who_waits_by_a_link_that_ends_is_told_so_and_asked_about_no_more() -> None:
    session = Session()
    owner = session.owner()
    session.order("set ask on")
    made = json.loads(session.order("link new --role rw --expire 60s --json"))
    waits, stays = session.guest(made["user"]), session.watcher()
    assert session.is_held(waits)
    assert session.parts.status.text == "2 at the door"
    session.wait(61)
    assert [each.code for each in session.found(Refuse, waits)] == ["no_session"]
    assert session.is_held(stays)
    assert session.parts.status.text == "1 at the door"
    session.wait(LOOK_S)
    session.say(owner, "accept")
    assert session.is_in(stays)
    assert session.parts.status.text == ""
    session.order("set ask on")
    late = session.writer()
    session.order("link rotate rw")
    assert [each.code for each in session.found(Refuse, late)] == ["no_session"]


def test_a_ban_is_listed_and_taken_back() -> None:
    session = Session()
    session.owner()
    by_key, by_address = session.writer(key="SHA256:a"), session.writer(address="198.51.100.7")
    assert session.order("bans") == "nobody is banned"
    session.order(f"kick {session.number(by_key)} --ban")
    session.order(f"kick {session.number(by_address)} --ban")
    assert session.order("bans").split() == ["SHA256:a", "198.51.100.7"]
    with pytest.raises(UsageError, match="is not banned"):
        session.order("unban SHA256:b")
    session.order("unban SHA256:a")
    assert session.is_in(session.writer(key="SHA256:a"))
    assert not session.is_in(session.writer(address="198.51.100.7"))
    session.order("unban all")
    assert session.is_in(session.writer(address="198.51.100.7"))


def test_accept_in_the_shell_needs_no_id_while_one_person_waits() -> None:
    """`C-b y` means the question that is shown; a shell shows none, so with several it has to be said which."""
    session = Session()
    with pytest.raises(UsageError, match="nobody asks"):
        session.order("accept")
    session.order("set ask on")
    first = session.guest(session.tokens.read_write, name="ada")
    session.order("accept")  # at once: nothing was shown that a finger was on its way for
    assert session.is_in(first)
    second, third = (
        session.guest(session.tokens.read_write, name="bob"),
        session.guest(session.tokens.read_write, name="cyd"),
    )
    with pytest.raises(UsageError, match=r"which\? 2: bob .* knocks; 3: cyd .* knocks"):
        session.order("accept")
    session.order("decline bob")
    assert session.found(Refuse, second)[0].code == "declined"
    session.order("accept-ro")
    assert session.last_role(third) == (Role.READ_ONLY, False)


def test_somebody_at_the_door_may_give_a_name_for_the_owner_to_see() -> None:
    session = Session()
    session.order("set ask on")
    owner = session.owner()
    guest = session.writer()
    session.say(guest, "name 'Ada L.'")
    assert session.told(owner)[-1].startswith("Ada-L (203.0.113.7) knocks: C-b y / C-b N")
    assert session.told(guest) == ["you knock as Ada-L"]
    session.say(owner, "accept")
    assert "look again" in session.told(owner)[-1], "the question has just become another one"
    session.wait(LOOK_S)
    session.say(owner, "accept")
    assert session.core.people[guest].name == "Ada-L"


def test_a_name_at_the_door_is_nobody_else_s_and_nothing_else_can_be_said_there() -> None:
    session = Session()
    session.order("set ask on")
    owner = session.owner()
    guest = session.writer()
    for line in ("say hello", "who", "accept", "panic", "name 'x"):
        assert session.say(guest, line) == [Tell(guest, "wait until you are in")]
    session.say(guest, "name OLGA")
    assert session.told(owner)[-1].startswith("OLGA-2 (")
    for name in ("b", "c", "d", "e"):
        session.say(guest, f"name {name}")
    assert session.told(guest)[-1] == "the owner knows you as c"
    assert session.types(guest) == b""


def test_panic_by_a_key_asks_unless_a_guest_has_just_typed_and_names_who_may_type_no_more() -> None:
    """`C-b !` is break-pane for people who know tmux: every guest watched only, at one key."""
    session = Session()
    owner = session.owner()
    writer = session.guest(session.tokens.read_write, name="ana")
    other = session.guest(session.tokens.read_write, name="bo")
    session.watcher()
    asked = [each for each in session.say(owner, "panic --ask") if isinstance(each, Tell)]
    assert asked == [Tell(owner, "panic: let ana and bo and all guests to come watch only?", confirms="panic")]
    assert session.types(writer) == b"x", "nothing is done before the answer"
    session.say(owner, "panic --ask")
    assert session.types(writer) == session.types(other) == b""
    assert session.told(owner)[-1].startswith("ana and bo may not type any more; ")
    session.say(owner, "panic")
    assert session.told(owner)[-1].startswith("no guest could type; ")


def test_the_page_of_links_is_for_the_owner_alone() -> None:
    session = Session()
    session.parts.links_page = lambda: ("1 ssh rw-token@host", ["ssh rw-token@host"])
    owner, writer, watcher = session.owner(), session.writer(), session.watcher()
    for guest in (writer, watcher):
        assert session.say(guest, "links") == [Tell(guest, "only the owner may do this")]
    shown = [each for each in session.say(owner, "links") if isinstance(each, Tell)]
    assert shown == [Tell(owner, "1 ssh rw-token@host", "How guests join our_session", copies=("ssh rw-token@host",))]


def test_a_link_that_would_open_nothing_is_not_made() -> None:
    session = Session()
    session.parts.admission.settings = AdmissionSettings(mode=AdmitMode.KEY)
    with pytest.raises(UsageError, match="no link opens the session"):
        session.order("link new")


@pytest.mark.parametrize(("shell", "prompt"), [("unban", "bans"), ("panic --off", "panic off")])
def test_a_line_that_works_in_the_shell_works_at_the_prompt(shell: str, prompt: str) -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, shell)
    session.say(owner, prompt)
    first, second = session.told(owner)
    assert first == second


def test_a_pause_ends_by_the_words_of_the_shell_too() -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "pause on")
    session.say(owner, "pause --off")
    assert session.told(owner)[-1] == "everybody sees the session again"


def test_nobody_is_banned_is_said_where_there_is_no_list_to_look_at() -> None:
    with pytest.raises(UsageError, match="nobody is banned"):
        Session().order("unban all")
