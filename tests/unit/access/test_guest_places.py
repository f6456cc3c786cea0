"""The places for guests: shares of a session and a source, and the last ones for those who may type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.guest_places import Full, GuestPlaces, Place


def filled(places: GuestPlaces, place: Place) -> int:
    """Return how many guests of one kind come in until something is full."""
    count = 0
    while places.lacks(place) is None:
        places.take(place)
        count += 1
    return count


def watcher(session: str = "s", source: str = "a") -> Place:
    return Place(session, source, may_type=False)


def typist(session: str = "s", source: str = "a") -> Place:
    return Place(session, source, may_type=True)


def test_one_link_that_watches_takes_a_sessions_share_and_leaves_places_to_type() -> None:
    """It took all 1,000 places of a gateway in 4 s."""
    places = GuestPlaces(1000, per_session=500, per_source=1000)
    assert filled(places, watcher()) == 450
    assert places.lacks(watcher()) is Full.SESSION
    assert filled(places, typist()) == 50
    assert filled(places, watcher("other")) == 400, "all but the last tenth of the gateway's"
    assert places.lacks(watcher("third")) is Full.GATEWAY
    assert filled(places, typist("third")) == 100


def test_one_address_takes_its_share_only() -> None:
    places = GuestPlaces(1000, per_session=500, per_source=300)
    assert filled(places, watcher()) == 300
    assert places.lacks(typist()) is Full.SOURCE
    assert places.lacks(typist("other")) is Full.SOURCE
    assert places.lacks(watcher(source="b")) is None


def test_a_guest_who_leaves_makes_room() -> None:
    places = GuestPlaces(1, per_session=1, per_source=1)
    places.take(typist())
    assert places.lacks(typist("t", "b")) is Full.GATEWAY
    places.leave(typist())
    assert places.lacks(typist("t", "b")) is None
    assert places.count == 0


@pytest.mark.parametrize("most", [1, 2, 9])
def test_a_small_gateway_keeps_nothing_back(most: int) -> None:
    assert filled(GuestPlaces(most, per_session=most, per_source=most), watcher()) == most


_PLACES = st.builds(Place, st.sampled_from("st"), st.sampled_from("ab"), st.booleans())


@given(st.lists(st.tuples(st.booleans(), _PLACES)))
def test_what_is_counted_is_what_is_there(steps: list[tuple[bool, Place]]) -> None:
    places = GuestPlaces(8, per_session=6, per_source=5)
    there: list[Place] = []
    for comes, place in steps:
        if comes and places.lacks(place) is None:
            places.take(place)
            there.append(place)
        elif not comes and place in there:
            places.leave(place)
            there.remove(place)
        assert places.count == len(there) <= 8
        assert all(sum(each.session == session for each in there) <= 6 for session in "st")
        assert all(sum(each.source == source for each in there) <= 5 for source in "ab")
