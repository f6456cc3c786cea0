"""`setup`: put what an installed package can't put in place itself: the gateway's service, completions, man pages."""

from __future__ import annotations

import os

import click

from pairterm.errors import UsageError

__all__ = ["setup"]

_dry_run_option = click.option("--dry-run", "is_dry", is_flag=True, help="Print what it would do, and do nothing.")


@click.group()
def setup() -> None:
    """Set up this machine's gateway, or the completions and man pages of your shell."""


@setup.command()
@click.option(
    "--listen",
    multiple=True,
    metavar="ADDR:PORT",
    help="Listen for guests on this address. It may be given several times.  [default: 0.0.0.0:2222 and [::]:2222]",
)
@click.option("--advertise", metavar="HOST[:PORT]", default="", help="The address in links. [default: its own name]")
@click.option("--uninstall", "is_removed", is_flag=True, help="Stop the gateway, and remove what this command wrote.")
@click.option(
    "--purge", is_flag=True, help="With --uninstall: also remove the configuration, the host key and the audit."
)
@_dry_run_option
def gateway(listen: tuple[str, ...], advertise: str, is_removed: bool, purge: bool, is_dry: bool) -> None:
    """Run the machine's shared gateway as a systemd service. It needs root.

    It writes the unit and /etc/pairterm.toml, starts the service, and prints how to
    open the firewall. The service needs no user: systemd makes one while it runs.
    Run the command again after an upgrade.
    """
    from pairterm.cli.setup_gateway import GatewaySetup
    from pairterm.cli.setup_steps import Steps

    if purge and not is_removed:
        raise UsageError("--purge is for --uninstall", code="usage")
    if is_removed and (listen or advertise):
        raise UsageError("--listen and --advertise are not for --uninstall", code="usage")
    if os.getuid() != 0 and not is_dry:
        raise UsageError("this needs root: try 'sudo pairterm setup gateway', or --dry-run", code="setup")
    run = GatewaySetup(Steps(is_dry=is_dry), listen, advertise)
    if is_removed:
        run.uninstall(purge=purge)
    else:
        run.install()


@setup.command()
@click.option("--uninstall", "is_removed", is_flag=True, help="Remove the files.")
@_dry_run_option
def shell(is_removed: bool, is_dry: bool) -> None:
    """Install the completions for bash, zsh and fish, and the man pages.

    It writes below ~/.local/share. As root it writes below /usr/local/share, for all
    users. Run the command again after an upgrade.
    """
    from pairterm.cli.setup_shell import ShellSetup, data_directory
    from pairterm.cli.setup_steps import Steps

    run = ShellSetup(Steps(is_dry=is_dry), data_directory())
    if is_removed:
        run.uninstall()
    else:
        run.install()
