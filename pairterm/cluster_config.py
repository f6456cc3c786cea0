"""The table `[cluster]` of a gateway's configuration file (see `config`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from pairterm.config_key import config_key as _key

__all__ = ["ClusterConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """The other gateways of one service, in the table `[cluster]` of a gateway's file."""

    nats: Annotated[list[str], msgspec.Meta(max_length=32)] = _key(
        [],
        'The NATS servers that connect the gateways of a service, for example ["nats://nats1.example.org:4222"], or '
        "tls://. A user and a password may stand before the host. []: this gateway is alone. It needs the packages of "
        "`pairterm[cluster]`.",
    )
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")] = _key(
        "pairterm", "The name of the service at the NATS servers: letters, digits, - and _. Its gateways have the same."
    )
    secret_file: str = _key(
        "",
        "The file with the service's secret, from `pairterm gateway cluster-key`. All gateways of the service have the "
        'same, and the NATS servers never get it. "": cluster.secret in the state directory.',
    )
    credentials: str = _key("", 'A file of credentials (.creds) for the login at the NATS servers. "": none.')
    nkey_file: str = _key("", 'A file with the seed of an nkey for the login at the NATS servers. "": none.')
    tls_ca: str = _key(
        "", "The file of the authorities (PEM) that the NATS servers' certificates need. \"\": the system's."
    )
    tls_cert: str = _key("", 'The file with this gateway\'s certificate (PEM) for the NATS servers. "": none.')
    tls_key: str = _key("", 'The file with the certificate\'s private key (PEM). "": it is in `tls_cert`.')
    listen: str = _key(
        "",
        "The address, HOST:PORT or :PORT, at which the other gateways connect to this one: then sessions between them "
        "do not pass the NATS servers. It is for them alone. Each of `workers` has a port of its own, from PORT on. "
        '"": none.',
    )
    advertise: str = _key(
        "",
        'The same address, HOST:PORT, as the other gateways reach it. "": that of `listen`, with the machine\'s name '
        "for :PORT.",
    )
    replicas: Annotated[int, msgspec.Meta(ge=0, le=5)] = _key(
        0, "How many NATS servers keep the directory. 0: three if the servers are a cluster, or else one."
    )

    @property
    def is_on(self) -> bool:
        """This gateway is one of several."""
        return bool(self.nats)
