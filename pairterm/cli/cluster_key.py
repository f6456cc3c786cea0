"""`gateway cluster-key`: make the secret of a service of many gateways."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pairterm.errors import SystemFault, UsageError

__all__ = ["cluster_key"]


@click.command("cluster-key")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def cluster_key(file: Path) -> None:
    """Make the secret of a service of many gateways, in a new FILE.

    Give each gateway of the service a copy, and name it as secret_file in the table [cluster]. Keep the
    NATS servers from it: with it, gateways encrypt what they say to each other. It must have mode 0600. The FILE -
    is the standard output, for a secret store.

    To change the secret of a running service, add a new one as the second line of all copies, restart the
    gateways one after the other, do the same with the lines exchanged, and then without the old line.
    """
    from pairterm.gateway.bus.service_secret import new_secret

    secret = new_secret() + "\n"
    if str(file) == "-":
        click.echo(secret, nl=False)
        return
    try:
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{file} exists already: the other gateways may have a copy", code="cluster_secret") from error
    except OSError as error:
        raise SystemFault(f"can't make {file}: {error.strerror}", code="cluster_secret") from error
    with os.fdopen(fd, "w", encoding="ascii") as made:
        made.write(secret)
    click.echo(f"{file}: give each gateway of the service a copy, of mode 0600")
