"""The machines that a setting names."""

from __future__ import annotations

import pytest

from pairterm.access.named_networks import NamedNetworks
from pairterm.errors import UsageError


def test_they_are_addresses_and_networks() -> None:
    named = NamedNetworks(["192.0.2.1", "2001:db8::/48"])
    assert named.has("192.0.2.1")
    assert named.has("::ffff:192.0.2.1")
    assert named.has("2001:db8::5")
    assert not named.has("192.0.2.2")
    assert not named.has("2001:db9::5")
    assert not named.has("unknown")
    assert not NamedNetworks().has("127.0.0.1")
    assert named
    assert not NamedNetworks()


@pytest.mark.parametrize("text", ["", "balancer.example.org", "192.0.2.1/33", "192.0.2.1/24", "any"])
def test_one_that_is_none_is_an_error_that_names_the_setting(text: str) -> None:
    with pytest.raises(UsageError, match="bad proxy_protocol_from"):
        NamedNetworks([text], key="proxy_protocol_from")
