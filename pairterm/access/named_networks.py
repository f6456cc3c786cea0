"""Addresses and networks that the operator names in a setting, such as load balancers and proxies. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from pairterm.errors import UsageError

__all__ = ["NamedNetworks", "bare_address"]


def bare_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text is; None if it is none. IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


class NamedNetworks:
    """The machines that one setting names."""

    def __init__(self, named: Sequence[str] = (), *, key: str = "") -> None:
        """Take addresses and networks, such as `192.0.2.1` and `2001:db8::/48`. `key` names the setting in errors.

        Raises:
            UsageError: One of them is neither.
        """
        self._networks = []
        for text in named:
            try:
                self._networks.append(ipaddress.ip_network(text))
            except ValueError as error:
                raise UsageError(f"bad {key} {text!r}: {error}", code="config") from error

    def __bool__(self) -> bool:
        return bool(self._networks)

    def has(self, address: str) -> bool:
        """Return whether the setting names this address, by itself or with its network."""
        if not self._networks:
            return False
        parsed = bare_address(address)
        return parsed is not None and any(parsed in each for each in self._networks)
