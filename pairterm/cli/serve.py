"""`serve`: run the shared gateway in the foreground, as systemd expects it."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import click

from pairterm.access.max_startups import Startups
from pairterm.access.named_networks import NamedNetworks
from pairterm.config import GatewayConfig, load, parse_address
from pairterm.errors import UsageError
from pairterm.gateway.web.addresses import Origin

__all__ = ["serve"]

_MAX_WORKERS = 256


@click.command()
@click.option(
    "--listen",
    multiple=True,
    metavar="ADDR:PORT",
    help="Listen for guests on this address. It may be given several times.  [default: 0.0.0.0:2222 and [::]:2222]",
)
@click.option("--advertise", metavar="HOST[:PORT]", help="The address in links. [default: this machine's name]")
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), metavar="FILE", help="The configuration, a TOML file."
)
@click.option("--link-socket", metavar="PATH", help="The Unix socket on which users of this machine share sessions.")
@click.option("--state-directory", metavar="DIR", help="The directory of the host key.")
@click.option(
    "--workers",
    metavar="N|auto",
    help="Serve with N processes on the same ports, or with one for each processor.  [default: 1]",
)
@click.option("--check-config", is_flag=True, help="Check the configuration, print what is wrong, and exit.")
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
def serve(
    listen: tuple[str, ...],
    advertise: str | None,
    config_path: Path | None,
    link_socket: str | None,
    state_directory: str | None,
    workers: str | None,
    check_config: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Run a gateway: the SSH server to which guests connect.

    Every user of this machine can share through it with 'pairterm new'. A shell
    runs as the user who shares it. The gateway runs as the user who starts it, and
    needs no root. Stop it with SIGTERM: sessions keep running, and connect to the
    next gateway.
    """
    config = load(GatewayConfig, config_path) if config_path is not None else GatewayConfig()
    given: dict[str, Any] = {
        "listen": list(listen),
        "advertise": advertise,
        "link_socket": link_socket,
        "state_directory": state_directory,
        "workers": _workers(workers),
    }
    config = dataclasses.replace(config, **{key: value for key, value in given.items() if value})
    for each in [*config.listen, *config.web.listen]:
        parse_address(each)
    for each in filter(None, [config.web.advertise, *config.web.allowed_origins]):
        Origin.parse(each, scheme="https")
    NamedNetworks(config.web.trusted_proxies, key="trusted_proxies")
    Startups.parse(config.max_unauthenticated)
    NamedNetworks(config.proxy_protocol_from, key="proxy_protocol_from")
    NamedNetworks(config.web.trusted_proxies, key="trusted_proxies")
    for each in config.web.listen:
        parse_address(each)
    if config.web.recordings_dir and not config.web.is_on:
        raise UsageError("[web] recordings_dir needs a page: set listen in [web] too", code="no_web")
    if config.log_format not in ("text", "json"):
        raise UsageError(f"bad log_format {config.log_format!r}: use 'text' or 'json'", code="config")
    if config.cluster.is_on:
        _check_cluster(config)
    if check_config:
        click.echo("the configuration is right")
        return
    # Here, not at the top: this loads asyncssh, which no other command needs.
    import faulthandler

    from pairterm.gateway.gateway_settings import GatewaySettings, Serving
    from pairterm.gateway.run import run_gateway
    from pairterm.gateway.workers import run_workers, worker_count
    from pairterm.runtime.crash_report import report_crashes
    from pairterm.runtime.direct_loop import run
    from pairterm.runtime.logs import log_to_stderr

    log_to_stderr(logging.DEBUG if verbose else logging.INFO, as_json=config.log_format == "json")
    report_crashes("pairterm serve", Path(config.state_directory) if config.state_directory else None)

    faulthandler.enable()  # systemd's watchdog ends a gateway that is stuck by SIGABRT: the log then says where.

    def ready(serving: Serving) -> None:
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(serving)))
        else:
            click.echo(f"listening on {', '.join(serving.listen)}")
            click.echo(f"link socket: {serving.link_socket}")
            click.echo(f"host key: {serving.fingerprint}")
            if serving.web:
                click.echo(f"page for browsers: {serving.web}")

    settings = GatewaySettings(config=config)
    count = worker_count(config.workers)
    if count > 1:
        run_workers(settings, count, ready)
    else:
        run(run_gateway(settings, ready))


def _check_cluster(config: GatewayConfig) -> None:
    """Check the table `[cluster]`.

    Raises:
        SystemFault: The service's secret can't be read, or others may read it.
        UsageError: Something of the table can't be used.
    """
    from pairterm.gateway.bus.opened_bus import check_cluster

    check_cluster(config)


def _workers(text: str | None) -> int | str | None:
    """Return how many workers the option names; None: it is not given.

    Raises:
        UsageError: It is no number, and not `auto`.
    """
    if text is None or text == "auto":
        return text
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= _MAX_WORKERS:
        raise UsageError(f"bad --workers {text[:40]!r}: use a number from 1 to {_MAX_WORKERS}, or auto", code="config")
    return int(text)
