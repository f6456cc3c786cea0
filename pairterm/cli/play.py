"""`play`: show a recording on this terminal."""

from __future__ import annotations

import click

from pairterm.cli.recording_files import found_file
from pairterm.errors import UsageError
from pairterm.record.player_clock import SPEEDS

__all__ = ["play"]


@click.command()
@click.argument("file")
@click.option("--speed", type=click.FloatRange(SPEEDS[0], SPEEDS[-1]), default=1.0, help="0.25 to 16. [default: 1]")
@click.option("--idle-limit", type=click.FloatRange(0.1), metavar="SECONDS", help="Play no pause longer than this.")
@click.option("--follow", is_flag=True, help="Go on with a recording that is still being written.")
@click.option("--back", type=click.FloatRange(0), metavar="SECONDS", help="Begin so long before the end.")
def play(file: str, speed: float, idle_limit: float | None, follow: bool, back: float | None) -> None:
    """Play a recording: FILE, or one that 'pairterm recordings' lists.

    \b
    Space pauses          Left, Right: 5 seconds        Up, Down: faster, slower
    [ ]   the marker before, after                      1 to 9: the person's next typing
    /     search, n the next place                      Home, End, q
    """
    from pairterm.cli.own_terminal import raw_terminal
    from pairterm.cli.player import play_recording
    from pairterm.cli.terminal_check import check_terminal

    path = found_file(file)
    kind = check_terminal()
    with raw_terminal() as tty:
        problem = play_recording(tty, kind, path, speed=speed, idle_limit_s=idle_limit, follows=follow, back_s=back)
    if problem:
        raise UsageError(problem, code="recording")
