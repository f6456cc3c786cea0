"""The settings that are pushed to all gateways of a service: `cluster.service_settings`."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pairterm.cluster.service_settings import ServiceSettings, decode_settings, encode_settings, settings_from
from pairterm.errors import PeerError, UsageError


def test_a_part_of_a_gateways_own_file_can_be_pushed() -> None:
    found = settings_from({"max_guests": 50, "record": "always", "hosts": {"grace_s": 0}}, "ssh-ed25519 AAAA a\n")
    assert found == ServiceSettings(max_guests=50, record="always", grace_s=0, authorized_hosts="ssh-ed25519 AAAA a\n")
    assert decode_settings(encode_settings(found)) == found
    assert decode_settings(encode_settings(ServiceSettings())) == ServiceSettings()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"listen": ["0.0.0.0:2222"]}, "listen can't be pushed"),
        ({"hosts": {"allow": "anyone"}}, "hosts.allow can't be pushed"),
        ({"authorized_hosts": "x"}, "authorized_hosts can't be pushed"),
        ({"grace_s": 5}, "grace_s can't be pushed"),
        ({"hosts": 5}, "hosts is a table"),
        ({"max_guests": 0}, "max_guests"),
        ({"max_guests": "many"}, "max_guests"),
        ({"record": "never"}, "record"),
    ],
)
def test_what_cannot_be_pushed_is_named(values: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        settings_from(values, "")


@pytest.mark.parametrize("value", [{"listen": ["x"]}, {"max_guests": -1}, {"authorized_hosts": 5}, [], None, 7])
def test_bad_settings_of_the_bus_are_refused(value: object) -> None:
    with pytest.raises(PeerError):
        decode_settings(msgspec.msgpack.encode(value))
