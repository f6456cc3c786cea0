"""`recordings`: list, check and remove recordings."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pairterm.cli.recording_files import (
    found_file,
    read_recording,
    recording_bytes,
    recordings,
    remove_lone_keyframes,
    remove_recording,
)
from pairterm.cli.shared_options import json_option
from pairterm.errors import PairtermError, UsageError
from pairterm.record.clock_text import clock_text
from pairterm.record.timeline import timeline_of
from pairterm.runtime.recording_key import recording_key
from pairterm.runtime.recording_lines import RecordingLines
from pairterm.safe_text import safe_line
from pairterm.session.durations import parse_duration

if TYPE_CHECKING:
    from pairterm.record.chain import Verdict

__all__ = ["recordings_command"]

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@click.group("recordings", invoke_without_command=True)
@json_option
@click.option("--keep", metavar="TIME", help="Remove those that are older, such as 30d.")
@click.option("--keep-bytes", metavar="BYTES", help="Remove the oldest ones until the others have this size, e.g. 2G.")
@click.pass_context
def recordings_command(context: click.Context, as_json: bool, keep: str | None, keep_bytes: str | None) -> None:
    """List your recordings, with their people and lengths, or remove old ones."""
    if context.invoked_subcommand is not None:
        return
    if keep is not None or keep_bytes is not None:
        _prune(keep, keep_bytes)
        return
    rows = [_described(path) for path in recordings()]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        length = clock_text(row["duration_s"]) if not row["problem"] else row["problem"]
        people = safe_line(", ".join(row["people"]))
        click.echo(f"{row['file']}  {length}  {row['bytes'] >> 10} KiB  {people}".rstrip())


def _described(path: Path) -> dict[str, Any]:
    described: dict[str, Any] = {"file": path.name, "path": str(path), "bytes": path.stat().st_size, "problem": ""}
    try:
        header, events = read_recording(path)
    except PairtermError as error:
        return described | {"problem": error.message, "people": [], "duration_s": 0.0}
    timeline = timeline_of(events)
    return described | {
        "title": header.title,
        "timestamp": header.timestamp,
        "people": timeline.people,
        "duration_s": timeline.duration_s,
    }


@recordings_command.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def rm(files: tuple[str, ...]) -> None:
    """Remove recordings."""
    for path in [found_file(each) for each in files]:
        remove_recording(path)


@recordings_command.command("verify")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--key", metavar="KEY", help="The public key that must have signed. [default: your own]")
def verify_command(files: tuple[str, ...], key: str | None) -> None:
    """Check that recordings are whole and unaltered. The exit status is 1 if one is not."""
    from pairterm.record.chain import signer

    wanted = key if key is not None else signer(recording_key())[1]
    is_good = True
    for name in files:
        verdict = _verdict(found_file(name), wanted)
        if verdict.problem:
            is_good = False
            until = f"; whole and unaltered until {clock_text(verdict.sealed_s)}" if verdict.is_cut else ""
            click.echo(f"{name}: {verdict.problem}{until}", err=True)
        else:
            click.echo(f"{name}: whole and unaltered, signed by {verdict.key}")
    if not is_good:
        sys.exit(1)


def _verdict(path: Path, key: str) -> Verdict:
    from pairterm.record.chain import Verdict, verify

    try:
        with RecordingLines(path) as lines:
            return verify(lines.all(), key)
    except UsageError as error:
        return Verdict(error.message)


def _prune(keep: str | None, keep_bytes: str | None) -> None:
    """Remove old recordings from among the user's."""
    oldest_s = time.time() - parse_duration(keep) if keep is not None else 0.0
    room = _bytes(keep_bytes) if keep_bytes is not None else sys.maxsize
    is_full = False
    for path in reversed(recordings()):
        room -= recording_bytes(path)
        is_full = is_full or room < 0
        if is_full or path.stat().st_mtime < oldest_s:
            remove_recording(path)
            click.echo(f"removed {path.name}")
    remove_lone_keyframes()


def _bytes(text: str) -> int:
    unit = text[-1:].upper() if not text[-1:].isdigit() else ""
    number = text[: len(text) - len(unit)]
    if unit not in _UNITS or not (number.isascii() and number.isdigit()) or len(number) > 15:
        raise UsageError(f"bad size {text[:30]!r}: say 500M or 2G", code="usage")
    return int(number) * _UNITS[unit]
