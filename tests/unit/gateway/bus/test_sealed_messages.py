"""Unit tests of sealed messages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.errors import PeerError
from pairterm.gateway.bus.sealed_messages import LastNumbers, Sealer
from pairterm.gateway.bus.service_secret import ServiceSecret

_OLD, _NEW = ServiceSecret("one", b"1" * 32), ServiceSecret("one", b"2" * 32)


@given(st.binary(max_size=100), st.text(max_size=20))
def test_what_is_sealed_for_a_place_is_opened_there_and_nowhere_else(text: bytes, place: str) -> None:
    sealer = Sealer([_OLD])
    sealed = sealer.seal(place, text)
    assert sealer.opened(place, sealed) == text
    with pytest.raises(PeerError, match="changed"):
        sealer.opened(place + "x", sealed)
    if len(text) > 4:
        assert text not in sealed


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_noticed(at: int, change: int) -> None:
    sealer = Sealer([_OLD])
    sealed = bytearray(sealer.seal("here", b"text"))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(PeerError):
        sealer.opened("here", bytes(sealed))


@given(st.binary(max_size=80))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PeerError):
        Sealer([_OLD]).opened("here", data)
    with pytest.raises(PeerError):
        Sealer([_OLD]).opened("here", _OLD.fingerprint + data)


def test_a_secret_is_changed_in_three_steps_and_all_gateways_understand_each_other_on_the_way() -> None:
    steps = [[_OLD], [_OLD, _NEW], [_NEW, _OLD], [_NEW]]
    for before, after in pairwise(steps):
        for one, other in ((before, after), (after, before)):
            assert Sealer(other).opened("here", Sealer(one).seal("here", b"text")) == b"text"
    assert not Sealer([_OLD]).has_secret_of(Sealer([_NEW]).seal("here", b"text"))


def test_a_message_counts_once_and_only_from_a_gateway_that_is_known() -> None:
    numbers = LastNumbers()
    assert not numbers.is_new("a", 1), "a gateway without a lease"
    numbers.begin("a", 5)
    assert not numbers.is_new("a", 5), "sent before we came, or a copy"
    assert numbers.is_new("a", 7)
    assert not numbers.is_new("a", 7)
    assert not numbers.is_new("a", 6)
    numbers.begin("a", 2)
    assert not numbers.is_new("a", 7), "the count never goes back"
    numbers.forget("a")
    assert not numbers.is_new("a", 8)
