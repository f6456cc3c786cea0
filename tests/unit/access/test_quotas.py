"""What fits into few descriptors: sessions first, guests in what is left, never nothing of either."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.quotas import LEAST_DESCRIPTORS, Quotas, quotas_within

WANTED = Quotas(sessions=200, guests=1000, logins=64)

_COUNTS = st.integers(1, 5000)


def test_all_that_is_wanted_where_there_is_room() -> None:
    assert quotas_within(WANTED, 1264) is WANTED


def test_guests_make_room_for_sessions() -> None:
    assert quotas_within(WANTED, 1000) == Quotas(sessions=200, guests=736, logins=64)
    assert quotas_within(WANTED, 300).sessions == 131


def test_browsers_that_load_the_page_are_counted_and_take_no_more_than_logins() -> None:
    wanted = replace(WANTED, browsers=512)
    assert quotas_within(wanted, 1776) is wanted
    assert quotas_within(wanted, 1000) == Quotas(sessions=200, guests=611, logins=64, browsers=125)


@given(
    st.builds(Quotas, sessions=_COUNTS, guests=_COUNTS, logins=_COUNTS, browsers=st.integers(0, 5000)),
    st.integers(LEAST_DESCRIPTORS, 20_000),
)
def test_it_fits_and_leaves_nobody_out(wanted: Quotas, free: int) -> None:
    found = quotas_within(wanted, free)
    assert found.descriptors <= free
    assert min(found.sessions, found.guests, found.logins) >= 1
    assert found.sessions <= wanted.sessions
    assert found.guests <= wanted.guests
    assert found.logins <= wanted.logins
    assert min(1, wanted.browsers) <= found.browsers <= wanted.browsers
    assert found.sessions == wanted.sessions or found.sessions + 1 >= found.guests, "guests win over sessions"
