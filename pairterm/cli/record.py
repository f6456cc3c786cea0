"""`record`: record a running session, or pause and end its recording."""

from __future__ import annotations

import click

from pairterm.cli.people import print_answer
from pairterm.cli.recording_files import free_file
from pairterm.cli.shared_options import json_option, target_option
from pairterm.errors import UsageError

__all__ = ["record"]


@click.command()
@target_option
@json_option
@click.option("--record-input", is_flag=True, help="Record what is typed as well, except while it is not echoed.")
@click.option("--off", "change", flag_value="off", help="End the recording.")
@click.option("--pause", "change", flag_value="pause", help="Hold it. Nothing of this time is in the file.")
@click.option("--resume", "change", flag_value="resume", help="Go on.")
@click.argument("file", required=False, type=click.Path())
def record(target: str | None, as_json: bool, record_input: bool, change: str | None, file: str | None) -> None:
    """Record a session into FILE, or among your recordings.

    Everybody in the session sees that it is recorded. 'pairterm play' shows the recording.
    """
    if change is not None:
        if file is not None or record_input:
            raise UsageError(f"--{change} needs no file, and no --record-input", code="usage")
        print_answer(target, ["record", change], as_json)
        return
    words = ["record", "on", *(["--input"] if record_input else []), *([free_file(file)] if file else [])]
    print_answer(target, words, as_json)
