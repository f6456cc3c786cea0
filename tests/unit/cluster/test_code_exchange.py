"""Unit tests of the exchange by which two gateways show each other that they have the same spoken code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spake2 import SPAKE2_A, SPAKE2_B
from spake2.parameters.ed25519 import ParamsEd25519

from pairterm.access.spoken_words import WORDS
from pairterm.access.tokens import token_hash
from pairterm.cluster.code_exchange import SHARE_BYTES, CodeExchange, CodeProofs, CodeRun
from pairterm.cluster.sodium_group import PARAMS
from pairterm.errors import PeerError

RUN = CodeRun("a" * 16, "b" * 16, b"s" * 16, "7")

CODES = st.builds("7-{}-{}".format, st.sampled_from(WORDS), st.sampled_from(WORDS)).map(token_hash)


def exchanged(
    guests: bytes, homes: bytes, *, run: CodeRun = RUN, home_run: CodeRun = RUN
) -> tuple[CodeProofs, CodeProofs]:
    """Return the proofs as the landing gateway and as the home have them."""
    landing, home = CodeExchange(run, guests, is_home=False), CodeExchange(home_run, homes, is_home=True)
    assert len(landing.share) == len(home.share) == SHARE_BYTES
    return landing.proofs(home.share), home.proofs(landing.share)


@given(CODES)
def test_both_sides_have_the_same_proofs_for_the_same_code_and_never_twice(code: bytes) -> None:
    landing, home = exchanged(code, code)
    assert landing == home
    assert landing.guest_proof != landing.home_proof
    again, _ = exchanged(code, code)
    assert {again.guest_proof, again.home_proof}.isdisjoint({landing.guest_proof, landing.home_proof})


@given(CODES, CODES)
def test_with_other_words_both_sides_notice(guests: bytes, homes: bytes) -> None:
    if guests != homes:
        landing, home = exchanged(guests, homes)
        assert {landing.guest_proof, landing.home_proof}.isdisjoint({home.guest_proof, home.home_proof})


@given(
    st.sampled_from(
        [
            replace(RUN, landing="c" * 16),
            replace(RUN, home="c" * 16),
            replace(RUN, session_id=b"t" * 16),
            replace(RUN, nameplate="8"),
            replace(RUN, landing=RUN.home, home=RUN.landing),
        ]
    ),
    CODES,
)
def test_a_run_is_good_for_its_gateways_its_session_and_its_number_only(other: CodeRun, code: bytes) -> None:
    """A gateway between the two passes on what one of them says to the other."""
    landing, home = exchanged(code, code, home_run=other)
    assert {landing.guest_proof, landing.home_proof}.isdisjoint({home.guest_proof, home.home_proof})


@given(CODES, st.integers(0, SHARE_BYTES * 8 - 1), st.booleans())
def test_a_share_that_was_changed_on_its_way_is_refused_or_gives_other_proofs(
    code: bytes, bit: int, is_to_home: bool
) -> None:
    landing, home = CodeExchange(RUN, code, is_home=False), CodeExchange(RUN, code, is_home=True)
    sender, taker = (landing, home) if is_to_home else (home, landing)
    changed = bytearray(sender.share)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        wrong = taker.proofs(bytes(changed))
    except PeerError:
        return
    right = sender.proofs(taker.share)
    assert {wrong.guest_proof, wrong.home_proof}.isdisjoint({right.guest_proof, right.home_proof})


@pytest.mark.parametrize("is_home", [True, False])
def test_what_is_no_share_of_the_other_side_is_refused(is_home: bool) -> None:
    code = token_hash("7-acorn-almond")
    others = b"A" if is_home else b"B"
    one = b"\1" + bytes(31)  # The group's zero.
    two = (2**255 - 20).to_bytes(32, "little")  # A point of order two.
    for share in (others + one, others + two, others + b"\xff" * 32, others + bytes(32), b"S" + one, b"?" + one):
        with pytest.raises(PeerError):
            CodeExchange(RUN, code, is_home=is_home).proofs(share)
    same = CodeExchange(RUN, code, is_home=is_home)
    with pytest.raises(PeerError):
        CodeExchange(RUN, code, is_home=is_home).proofs(same.share)
    with pytest.raises(PeerError):
        same.proofs(same.share)


def test_an_exchange_is_used_once() -> None:
    code = token_hash("7-acorn-almond")
    landing, home = CodeExchange(RUN, code, is_home=False), CodeExchange(RUN, code, is_home=True)
    landing.proofs(home.share)
    with pytest.raises(PeerError):
        landing.proofs(home.share)


@settings(max_examples=30)
@given(st.binary(min_size=32, max_size=32), st.booleans())
def test_libsodiums_group_is_the_packages_group(password: bytes, is_landing: bool) -> None:
    """One side computes with each: they agree."""
    landing_params, home_params = (PARAMS, ParamsEd25519) if is_landing else (ParamsEd25519, PARAMS)
    landing = SPAKE2_A(password, idA=b"a", idB=b"b", params=landing_params)
    home = SPAKE2_B(password, idA=b"a", idB=b"b", params=home_params)
    shares = landing.start(), home.start()
    assert landing.finish(shares[1]) == home.finish(shares[0])


@settings(max_examples=30)
@given(st.integers(-(2**260), 2**260).filter(lambda scalar: scalar % PARAMS.group.order()))
def test_products_with_libsodium_are_those_of_the_package(scalar: int) -> None:
    pure = ParamsEd25519
    for here, there in ((PARAMS.group.Base, pure.group.Base), (PARAMS.M, pure.M), (PARAMS.N, pure.N)):
        product, same = here.scalarmult(scalar), there.scalarmult(scalar)
        assert product.to_bytes() == same.to_bytes()
        assert product.add(PARAMS.M).to_bytes() == same.add(pure.M).to_bytes()
