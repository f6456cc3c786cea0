"""Unit tests of the addresses for direct streams."""

from __future__ import annotations

import socket

import pytest

from pairterm.cluster_config import ClusterConfig
from pairterm.errors import UsageError
from pairterm.gateway.bus.direct_address import DirectAddress, direct_address


def test_without_listen_there_is_none() -> None:
    assert direct_address(ClusterConfig(), 0) is None


@pytest.mark.parametrize(
    ("listen", "advertise", "worker", "expected"),
    [
        ("10.0.0.1:4223", "", 0, "10.0.0.1:4223"),
        ("10.0.0.1:4223", "", 3, "10.0.0.1:4226"),
        ("[fd00::1]:4223", "", 0, "[fd00::1]:4223"),
        (":4223", "", 0, f"{socket.gethostname()}:4223"),
        (":4223", "gw1.example.org:5000", 2, "gw1.example.org:5002"),
        ("127.0.0.1:0", "", 5, "127.0.0.1:9"),
    ],
)
def test_the_others_are_told_an_address_that_they_can_reach(
    listen: str, advertise: str, worker: int, expected: str
) -> None:
    found = direct_address(ClusterConfig(listen=listen, advertise=advertise), worker)
    assert isinstance(found, DirectAddress)
    assert found.advertised(found.port or 9) == expected


@pytest.mark.parametrize(
    ("listen", "advertise", "worker", "said"),
    [
        ("10.0.0.1", "", 0, "needs a port"),
        ("fd00::1", "", 0, "bad address"),
        ("[fd00::1]", "", 0, "needs a port"),
        (":70000", "", 0, "bad address"),
        (":65535", "", 1, "no port is left"),
        (":4223", ":4223", 0, "needs a host"),
        (":4223", "0.0.0.0:4223", 0, "needs a host"),
        ("", "gw1.example.org:4223", 0, "without listen"),
    ],
)
def test_settings_that_name_no_address_are_refused(listen: str, advertise: str, worker: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        direct_address(ClusterConfig(listen=listen, advertise=advertise), worker)
