"""Unit tests of what brings a gateway back to a session."""

from __future__ import annotations

from pairterm.access.tokens import draw_seal
from pairterm.cluster.return_key import RETURN_KEY_BYTES, return_key, session_mark


def test_a_key_is_one_sessions_and_one_gateways_and_the_mark_tells_nothing_of_it() -> None:
    seal, other = draw_seal(), draw_seal()
    known = [
        *(return_key(each, name) for each in (seal, other) for name in ("a" * 16, "b" * 16)),
        *map(session_mark, (seal, other)),
    ]
    assert len(set(known)) == len(known)
    assert all(len(each) == RETURN_KEY_BYTES for each in known)
    assert return_key(seal, "a" * 16) == known[0]
