"""`serve`: the shared gateway, in the foreground, as systemd wants it."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import click

from pairterm.access.max_startups import Startups
from pairterm.access.proxy_protocol import Balancers
from pairterm.config import GatewayConfig, load, parse_address
from pairterm.errors import UsageError

__all__ = ["serve"]


@click.command()
@click.option(
    "--listen",
    multiple=True,
    metavar="ADDR:PORT",
    help="Take guests on this address; may be given several times.  [default: 0.0.0.0:2222 and [::]:2222]",
)
@click.option("--advertise", metavar="HOST[:PORT]", help="What links name, where that is not this machine's name.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), metavar="FILE", help="A TOML file.")
@click.option("--link-socket", metavar="PATH", help="Where this machine's users bring their sessions.")
@click.option("--state-directory", metavar="DIR", help="Where the host key is kept.")
@click.option("--check-config", is_flag=True, help="Check the configuration, say what is wrong with it, and exit.")
@click.option("--json", "as_json", is_flag=True, help="Print where it listens as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
def serve(
    listen: tuple[str, ...],
    advertise: str | None,
    config_path: Path | None,
    link_socket: str | None,
    state_directory: str | None,
    check_config: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Be the gateway where guests arrive by ssh.

    Any user of this machine shares through it with 'pairterm new'; each shell
    runs as the user who shared it, the gateway as whoever started it. It needs no
    root. Stop it with SIGTERM: sessions live on and come back to the next one.
    """
    config = load(GatewayConfig, config_path) if config_path is not None else GatewayConfig()
    given: dict[str, Any] = {
        "listen": list(listen),
        "advertise": advertise,
        "link_socket": link_socket,
        "state_directory": state_directory,
    }
    config = dataclasses.replace(config, **{key: value for key, value in given.items() if value})
    for each in config.listen:
        parse_address(each)
    Startups.parse(config.max_unauthenticated)
    Balancers(config.proxy_protocol_from)
    if config.log_format not in ("text", "json"):
        raise UsageError(f"log_format is text or json, not {config.log_format!r}", code="config")
    if check_config:
        click.echo("the configuration is right")
        return
    # From here on it takes asyncssh, which no other command needs.
    import asyncio

    from pairterm.gateway.run import GatewaySettings, Serving, run_gateway
    from pairterm.runtime.logs import log_to_stderr

    log_to_stderr(logging.DEBUG if verbose else logging.INFO, as_json=config.log_format == "json")

    def ready(serving: Serving) -> None:
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(serving)))
        else:
            click.echo(f"listening on {', '.join(serving.listen)}")
            click.echo(f"sessions come by {serving.link_socket}")
            click.echo(f"host key: {serving.fingerprint}")

    asyncio.run(run_gateway(GatewaySettings(config=config), ready))
