"""Options that many commands have: which session or pane they mean, and JSON for scripts."""

from __future__ import annotations

import click

from pairterm.cli.completion import complete_session

__all__ = ["json_option", "named_by_socket", "pane_option", "target_option"]


target_option = click.option(
    "-t", "target", metavar="NAME", shell_complete=complete_session, help="The session, or the beginning of its name."
)

pane_option = click.option(
    "-t",
    "target",
    metavar="TARGET",
    shell_complete=complete_session,
    help="The pane: session:window.pane, and each part may be missing. [default: the active one]",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def named_by_socket() -> str | None:
    """Return the session that `pairterm -S PATH` means; None without -S."""
    context = click.get_current_context(silent=True)
    found = context.find_root().obj if context is not None else None
    return found if isinstance(found, str) else None
