"""The real client behind proxies, and what a client can't make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.forwarded import client_of
from pairterm.access.named_networks import NamedNetworks

PROXIES = NamedNetworks(["127.0.0.1", "10.0.0.0/8", "2001:db8:ff::/48"])


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("198.51.100.7", [], "198.51.100.7"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9", "10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["192.0.2.66, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["10.9.9.9, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", ["203.0.113.9:50123"], "203.0.113.9"),
        ("127.0.0.1", ["[2001:db8::9]:50123"], "2001:db8::9"),
        ("2001:db8:ff::1", ["2001:db8::9"], "2001:db8::9"),
        ("127.0.0.1", ["203.0.113.9, unknown"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
    ],
)
def test_the_right_most_address_that_is_no_trusted_proxy_is_the_client(
    peer: str, headers: list[str], client: str
) -> None:
    assert client_of(peer, headers, PROXIES) == client


@given(st.lists(st.text(max_size=40), max_size=4))
def test_nothing_that_a_client_puts_before_the_proxys_own_word_counts(sent: list[str]) -> None:
    assert client_of("127.0.0.1", [*sent, "203.0.113.9"], PROXIES) == "203.0.113.9"
    assert client_of("198.51.100.7", sent, PROXIES) == "198.51.100.7"
