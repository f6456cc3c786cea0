"""The bytes that a client signs, and which gateway may show them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.signed_login import (
    MAX_ALGORITHM_CHARS,
    MAX_KEY_BYTES,
    MAX_SHOWN,
    MAX_SIGNATURE_BYTES,
    ShownLogins,
    SignedLogin,
    login_of,
)
from pairterm.link.codec import decode_landing_message, encode
from pairterm.link.key_relay import OpenByLogin, SignedLoginWire


def text(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def request(user: bytes, service: bytes, method: bytes, flag: bytes, algorithm: bytes, key: bytes) -> bytes:
    """Return the signed part of a request, written down as RFC 4252 §7 has it."""
    return b"\x32" + text(user) + text(service) + text(method) + flag + text(algorithm) + text(key)


RIGHT = (b"team/ours", b"ssh-connection", b"publickey", b"\1", b"ssh-ed25519", b"key")


def test_what_is_signed_is_the_connection_and_the_request() -> None:
    login = login_of(b"i" * 32, "team/ours", request(*RIGHT), b"key", b"signature")
    assert login == SignedLogin(b"i" * 32, "ssh-ed25519", b"key", b"signature")
    assert login.signed("team/ours") == text(b"i" * 32) + request(*RIGHT)
    assert login.signed("team/theirs") != login.signed("team/ours")


@pytest.mark.parametrize("part", range(6))
def test_a_request_for_something_else_is_no_login(part: int) -> None:
    """Its name, service, method or key differs, or it claims to have no signature. The algorithm is the client's."""
    changed = request(*(each + b"x" if part == number else each for number, each in enumerate(RIGHT)))
    if part == 3:
        changed = request(*RIGHT[:3], b"\0", *RIGHT[4:])
    login = login_of(b"i" * 32, "team/ours", changed, b"key", b"signature")
    assert (login is not None) is (part == 4)
    assert login_of(b"i" * 32, "team/ours", request(*RIGHT) + b"x", b"key", b"signature") is None


def test_no_client_makes_a_message_that_another_gateway_does_not_take() -> None:
    """A message over a bound ends the link between the gateways, with all guests on it."""
    for key, algorithm, signature, is_login in [
        (b"k" * MAX_KEY_BYTES, b"a" * MAX_ALGORITHM_CHARS, b"s" * MAX_SIGNATURE_BYTES, True),
        (b"k" * (MAX_KEY_BYTES + 1), b"a", b"s", False),
        (b"k", b"a" * (MAX_ALGORITHM_CHARS + 1), b"s", False),
        (b"k", b"a", b"s" * (MAX_SIGNATURE_BYTES + 1), False),
        (b"k", "ä".encode(), b"s", False),
        (b"k", b"a", b"", False),
    ]:
        login = login_of(b"i" * 32, "u", request(b"u", *RIGHT[1:4], algorithm, key), key, signature)
        assert (login is not None) is is_login
        if login is not None:
            message = OpenByLogin(
                1, SignedLoginWire(login.session_id, login.algorithm, login.key, login.signature), "u"
            )
            assert decode_landing_message(encode(message)) == message


@given(st.binary(max_size=200))
def test_what_is_no_request_is_no_login(data: bytes) -> None:
    assert login_of(b"i" * 32, "u", data, b"key", b"signature") is None


def test_a_login_belongs_to_the_gateway_that_shows_it_first() -> None:
    shown = ShownLogins()
    assert shown.is_of(b"1", "first")
    assert not shown.is_of(b"1", "second")
    assert shown.is_of(b"1", "first")
    assert shown.is_of(b"2", "second")


def test_so_many_logins_are_remembered_and_the_oldest_is_forgotten() -> None:
    shown = ShownLogins()
    for number in range(MAX_SHOWN):
        assert shown.is_of(b"%d" % number, "first")
    assert not shown.is_of(b"0", "second"), "it is remembered, and is the newest now"
    assert shown.is_of(b"new", "first")
    assert not shown.is_of(b"0", "second")
    assert shown.is_of(b"1", "second")
