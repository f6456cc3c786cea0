"""The commands: click at the edge, one file a group."""

from pairterm.cli.app import main

__all__ = ["main"]
