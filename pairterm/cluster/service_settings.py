"""The settings and the list of hosts that an operator pushes to all gateways of a service. Pure.

They are a part of a gateway's own settings (`config.GatewayConfig`): those that can change while
it runs, and that mean the same at every gateway. A pushed setting replaces the gateway's own, and the
pushed list of hosts adds to the gateway's own list. The next push replaces all of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pairterm.errors import PeerError, UsageError
from pairterm.safe_text import safe_line

__all__ = ["MAX_HOSTS_BYTES", "ServiceSettings", "decode_settings", "encode_settings", "settings_from"]

MAX_HOSTS_BYTES = 512 << 10
"""The size of a list of hosts: about 5000 keys. NATS takes messages up to 1 MiB by default."""

_Count = Annotated[int, Meta(ge=1, le=100_000)]


class ServiceSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is pushed. None: each gateway has its own setting."""

    max_guests: _Count | None = None
    max_guests_per_session: _Count | None = None
    max_guests_per_source: _Count | None = None
    max_sessions: _Count | None = None
    max_sessions_per_user: _Count | None = None
    record: Literal["off", "ask", "always"] | None = None
    grace_s: Annotated[int, Meta(ge=0, le=7 * 86_400)] | None = None
    """`[hosts] grace_s`."""
    authorized_hosts: Annotated[str, Meta(max_length=MAX_HOSTS_BYTES)] = ""
    """Lines in the form of authorized_keys, for all gateways."""


_decoder = msgspec.msgpack.Decoder(ServiceSettings)

_OF_HOSTS = "grace_s"


def settings_from(values: dict[str, Any], authorized_hosts: str) -> ServiceSettings:
    """Return what is pushed: the values of a TOML file in the form of a gateway's own file, and a list of hosts.

    Raises:
        UsageError: A key can't be pushed, or a value is wrong.
    """
    values = dict(values)
    hosts = values.pop("hosts", {})
    if not isinstance(hosts, dict):
        raise UsageError("hosts is a table: [hosts]", code="config")
    allowed = [each for each in ServiceSettings.__struct_fields__ if each not in (_OF_HOSTS, "authorized_hosts")]
    unknown = [each for each in values if each not in allowed]
    unknown += [f"hosts.{each}" for each in hosts if each != _OF_HOSTS]
    if unknown:
        text = f"{safe_line(unknown[0])} can't be pushed: it stays in each gateway's own file; pushed are "
        raise UsageError(f"{text}{', '.join(allowed)} and hosts.{_OF_HOSTS}", code="config")
    try:
        return msgspec.convert({**values, **hosts, "authorized_hosts": authorized_hosts}, ServiceSettings)
    except msgspec.ValidationError as error:
        raise UsageError(safe_line(str(error)).replace("`", "'").replace("$.", ""), code="config") from error


def encode_settings(settings: ServiceSettings) -> bytes:
    """Return the settings as the bus carries them."""
    return msgspec.msgpack.encode(settings)


def decode_settings(payload: bytes) -> ServiceSettings:
    """Return the settings that came over the bus.

    Raises:
        PeerError: The payload is none, or breaks a bound.
    """
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(safe_line(f"bad settings: {error}"), code="bad_message") from error
