"""Lists of keys that change while people are in."""

from __future__ import annotations

from dataclasses import replace

from pairterm.access.authorized_keys import KeyEntry, KeyTable
from pairterm.session.effects import Admit, Refuse
from pairterm.types import ClientId, Role
from tests.unit.session.sessions import Session


def entry(name: str, role: Role = Role.READ_WRITE) -> KeyEntry:
    return KeyEntry(f"ssh-ed25519 {name}", name, name, role)


ANA, BO = entry("SHA256:a"), entry("SHA256:b")


def by_key(session: Session, key: str) -> ClientId:
    return session.guest("no token at all", key=key)


def take(session: Session, *entries: KeyEntry, is_final: bool = True) -> None:
    session.take(session.core.take_keys(entries, session.now_s, is_final=is_final))


def test_who_is_off_the_list_is_out_only_when_the_list_stays_so() -> None:
    ours = Session(keys=KeyTable([ANA, BO]))
    ana, bo, by_link = by_key(ours, "SHA256:a"), by_key(ours, "SHA256:b"), ours.writer(key="SHA256:a")
    take(ours, BO, is_final=False)
    assert ours.is_in(ana), "an editor may be in the middle of writing the file"
    assert ours.found(Admit), "a gateway still lets them come to the door"
    again = by_key(ours, "SHA256:a")
    assert [each.code for each in ours.found(Refuse, again)] == ["no_session"]
    take(ours, BO)
    assert not ours.is_in(ana)
    assert [each.code for each in ours.found(Refuse, ana)] == ["key_gone"]
    assert ours.is_in(bo)
    assert ours.is_in(by_link), "it came by a link, which still holds"


def test_with_link_and_key_both_are_needed_all_the_time() -> None:
    ours = Session(keys=KeyTable([ANA]))
    ours.order("set admit token+key")
    ana = ours.writer(key="SHA256:a")
    assert ours.is_in(ana)
    take(ours)
    assert not ours.is_in(ana)


def test_who_is_away_meanwhile_does_not_come_back_by_a_key_that_is_gone() -> None:
    ours = Session(keys=KeyTable([ANA]))
    ana = by_key(ours, "SHA256:a")
    ours.lose(ana)
    take(ours, BO, is_final=False)
    assert not ours.is_in(by_key(ours, "SHA256:a"))


def test_a_line_lowers_and_never_raises_who_is_in() -> None:
    ours = Session(keys=KeyTable([ANA, BO]))
    ana, bo = by_key(ours, "SHA256:a"), by_key(ours, "SHA256:b")
    ours.order(f"revoke {ours.number(bo)}")
    take(ours, replace(ANA, role=Role.READ_ONLY), BO)
    assert ours.types(ana) == b""
    assert ours.last_role(ana) == (Role.READ_ONLY, False)
    take(ours, ANA, BO)
    assert ours.types(ana) == ours.types(bo) == b""
    assert ours.types(by_key(ours, "SHA256:a")) == b"x", "the list is asked when somebody comes"
    assert ours.types(by_key(ours, "SHA256:b")) == b"", "the owner took it back, not the list"
