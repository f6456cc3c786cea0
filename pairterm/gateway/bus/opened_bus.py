"""Chooses the bus of a gateway by its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pairterm.config import GatewayConfig
from pairterm.errors import UsageError
from pairterm.gateway.bus.direct_address import direct_address
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.gateway.bus.service_secret import ServiceSecret, read_secrets
from pairterm.gateway.gateway_settings import GatewaySettings
from pairterm.paths import state_dir
from pairterm.runtime.supervisor import Supervisor

if TYPE_CHECKING:
    from pairterm.gateway.bus.machine_bus import MachineBus
    from pairterm.gateway.bus.nats_bus import NatsBus

__all__ = ["check_cluster", "opened_bus"]

_SECRET_NAME = "cluster.secret"  # noqa: S105 -- a file's name


def opened_bus(settings: GatewaySettings, tasks: Supervisor) -> LocalBus | NatsBus | MachineBus:
    """Return the bus, which is not started yet.

    Raises:
        SystemFault: The service's secret can't be read, or others may read it.
        UsageError: There is none, or something of `[cluster]` can't be used.
    """
    config, worker = settings.config, settings.worker
    near = LocalBus(worker.directory, tasks, machine=worker.machine) if worker is not None else None
    if not config.cluster.is_on:
        assert near is not None
        return near
    secrets = check_cluster(config)
    from pairterm.gateway.bus.nats_bus import NatsBus  # Here: only `pairterm[cluster]` has its packages.

    if worker is None or near is None:
        return NatsBus(config.cluster, secrets, tasks)
    from pairterm.gateway.bus.machine_bus import MachineBus

    return MachineBus(near, config.cluster, secrets, tasks, worker.number)


def check_cluster(config: GatewayConfig) -> list[ServiceSecret]:
    """Check the table `[cluster]`, as far as that is possible without the servers; return the service's secrets.

    Raises:
        SystemFault: The secret can't be read, or others may read it.
        UsageError: There is none, a package is missing, or a file of the table can't be used.
    """
    try:
        import pairterm.cluster.code_exchange  # noqa: F401 -- guests with a spoken code need it
        from pairterm.gateway.bus.nats_connection import client_options
        from pairterm.gateway.bus.sealed_messages import Sealer
    except ModuleNotFoundError as error:
        text = "[cluster] needs the packages nats-py, PyNaCl and spake2: pip install 'pairterm[cluster]'"
        raise UsageError(text, code="no_cluster") from error
    client_options(config.cluster, "")
    direct_address(config.cluster, 0)
    directory = Path(config.state_directory) if config.state_directory else state_dir()
    given = config.cluster.secret_file
    secrets = read_secrets(Path(given) if given else directory / _SECRET_NAME, config.cluster.name)
    Sealer(secrets)
    return secrets
