"""Unit tests of what two gateways prove to each other."""

from dataclasses import replace

from pairterm.access.tokens import new_tokens, sealed_half, token_halves
from pairterm.cluster.relay_proof import Handshake, draw_nonce

SAID = Handshake("a" * 16, "b" * 16, draw_nonce(), draw_nonce())


def test_the_home_makes_from_its_seal_the_half_that_the_guest_has() -> None:
    tokens = new_tokens()
    begin, sealed = token_halves(tokens.read_write)
    assert sealed_half(begin, tokens.seal) == sealed
    assert SAID.home_proof(sealed) == SAID.home_proof(sealed_half(begin, tokens.seal))
    assert SAID.home_proof(sealed) != SAID.home_proof(sealed_half(begin, new_tokens().seal))


def test_no_proof_is_good_for_the_other_side_for_another_time_or_for_other_gateways() -> None:
    """A gateway between the two can't pass on what one of them says: each proof names both of them."""
    _, sealed = token_halves(new_tokens().read_write)
    others = [
        replace(SAID, landing="c" * 16),
        replace(SAID, home="c" * 16),
        replace(SAID, landing_nonce=draw_nonce()),
        replace(SAID, home_nonce=draw_nonce()),
        replace(SAID, landing=SAID.home, home=SAID.landing),
    ]
    assert len({each.home_proof(sealed) for each in [SAID, *others]}) == len(others) + 1
    assert SAID.home_proof(sealed) != SAID.guest_proof(sealed)
