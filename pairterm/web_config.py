"""The table `[web]` of a gateway's configuration file (see `config`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from pairterm.config_key import config_key as _key

__all__ = ["WebConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """The door for browsers, in the table `[web]` of a gateway's file."""

    listen: list[str] = _key(
        [],
        'The addresses and ports for browsers, for example ["0.0.0.0:443"] with a certificate, or ["127.0.0.1:8022"] '
        "for a proxy on the same machine. []: browsers can't join. It needs the package aiohttp: `pairterm[web]`.",
    )
    ssh_and_web: bool = _key(
        False,
        "Take browsers on the ports of the gateway's own `listen` too, beside ssh clients. Other machines need TLS for "
        "that.",
    )
    advertise: str = _key(
        "",
        "The address of the page in links: https://HOST or https://HOST:PORT. Behind a proxy, this is the proxy's "
        'address. "": the machine\'s name and the first port of `listen`, '
        "or of the port for both.",
    )
    base_path: Annotated[str, msgspec.Meta(pattern=r"^/([A-Za-z0-9._~-]+/)*[A-Za-z0-9._~-]*$", max_length=200)] = _key(
        "/", 'The path of the page, for a proxy that serves other things too: "/pairterm/".'
    )
    allowed_origins: list[str] = _key(
        [],
        "Further addresses at which browsers may open the page, in the form of `advertise`. A request from a page with "
        "any other address is refused.",
    )
    trusted_proxies: list[str] = _key(
        [],
        "The addresses and networks of reverse proxies in front of the gateway. From these alone, the header "
        "X-Forwarded-For is believed.",
    )
    tls_cert: str = _key(
        "",
        "The file with the certificate chain (PEM). Without one, the gateway listens for browsers on loopback only, or "
        "takes only connections of `trusted_proxies`.",
    )
    tls_key: str = _key("", 'The file with the certificate\'s private key (PEM). "": it is in `tls_cert`.')
    recordings_dir: str = _key(
        "",
        "The directory of the recordings that those who may share put on the page with `pairterm share-recording`. "
        'It belongs to the gateway alone. "": the gateway keeps no recordings.',
    )
    recordings_bytes: Annotated[int, msgspec.Meta(ge=1 << 20, le=1 << 50)] = _key(
        4 << 30, "The size of all recordings together."
    )
    recordings_bytes_per_user: Annotated[int, msgspec.Meta(ge=1 << 20, le=1 << 50)] = _key(
        256 << 20, "The size of all recordings of one owner."
    )
    recordings_max_days: Annotated[int, msgspec.Meta(ge=1, le=366)] = _key(
        30, "For how many days a recording may be kept at most. Its owner says how long."
    )

    @property
    def is_on(self) -> bool:
        """Browsers can join."""
        return bool(self.listen) or self.ssh_and_web
