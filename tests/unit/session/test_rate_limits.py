"""Guests who flood a session with commands, knocks, joins and leaves: all are bounded, and the owner is not."""

from __future__ import annotations

from pairterm.session.effects import Refuse, Tell
from pairterm.session.rate_limits import SLOW_DOWN
from tests.unit.session.sessions import Session


def session() -> Session:
    found = Session()
    found.owner()
    return found


def test_who_talks_without_end_is_told_once_to_slow_down() -> None:
    ours = session()
    guest, other = ours.watcher(), ours.watcher()
    for number in range(100):
        ours.say(guest, f"say {number}")
    heard = [each for each in ours.told(other) if each.startswith("guest-2: ")]
    assert heard == [f"guest-2: {number}" for number in range(10)]
    assert ours.told(guest).count(SLOW_DOWN) == 1
    ours.say(other, "say quietly")
    assert "guest-3: quietly" in ours.told(guest), "one guest's flood is not another's"


def test_another_name_or_other_words_are_no_way_around() -> None:
    ours = session()
    guest = ours.watcher()
    for number in range(100):
        ours.say(guest, f"name n{number}x")
        ours.say(guest, "say hello")
        ours.say(guest, "who")
        ours.say(guest, "nonsense")
    assert len(ours.events()) - ours.events().count("join") <= 10
    assert len([each for each in ours.found(Tell, guest) if each.text == SLOW_DOWN]) == 1


def test_it_is_heard_again_after_a_pause_and_told_again_if_it_goes_on() -> None:
    ours = session()
    guest = ours.watcher()
    for _ in range(60):
        ours.say(guest, "ask")
        ours.now_s += 0.5
    assert 2 <= ours.told(guest).count(SLOW_DOWN) <= 4, "every ten seconds at the most"
    ours.wait(20)
    ours.say(guest, "name ana")
    assert "name" in ours.events()


def test_the_owner_may_talk_as_much_as_it_likes() -> None:
    ours = session()
    owner = next(iter(ours.core.people))
    guest = ours.watcher()
    for number in range(100):
        ours.say(owner, f"say {number}")
    assert len([each for each in ours.told(guest) if each.startswith("olga: ")]) == 100


def test_who_comes_and_goes_without_end_is_not_announced_each_time() -> None:
    ours = session()
    owner = next(iter(ours.core.people))
    for _ in range(500):
        ours.leave(ours.watcher())
    assert len(ours.told(owner)) <= 45
    ours.wait(60)
    ours.watcher()
    assert any(each.endswith("2 here") for each in ours.told(owner)[-1:]), "it is shown again when it is calm"


def test_knocks_of_one_source_wear_out_and_others_may_knock() -> None:
    ours = session()
    ours.order("set ask on")
    for _ in range(100):
        ours.leave(ours.watcher())
    refused = [each for each in ours.found(Refuse) if each.code == "too_often"]
    assert len(refused) == 40
    assert len([each for each in ours.events() if each == "knock"]) == 60
    assert ours.is_held(ours.watcher(address="198.51.100.7"))
    ours.wait(60)
    assert ours.is_held(ours.watcher())
