"""`recordings`: list, check and remove recordings; `export`: other formats of one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
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
from pairterm.cli.sessions import json_option
from pairterm.errors import PairtermError, SystemFault, UsageError
from pairterm.record.timeline import timeline_of
from pairterm.runtime.recording_key import recording_key
from pairterm.runtime.recording_lines import RecordingLines
from pairterm.safe_text import safe_line
from pairterm.session.durations import parse_duration

if TYPE_CHECKING:
    from pairterm.record.chain import Verdict

__all__ = ["export", "recordings_command"]

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
        length = _clock(row["duration_s"]) if not row["problem"] else row["problem"]
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


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


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
            until = f"; whole and unaltered until {_clock(verdict.sealed_s)}" if verdict.is_cut else ""
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


@click.command()
@click.argument("file")
@click.option(
    "--format",
    "form",
    type=click.Choice(["txt", "svg", "html", "cast2", "cast3", "json", "gif"]),
    required=True,
    help="txt: the screen at a time. svg: animated, of a range. html: a page that plays offline. json: the people, "
    "and who typed when. gif needs the program agg.",
)
@click.option("--at", metavar="TIME", help="The time of the screen, such as 90s or 1m30s. [default: the end]")
@click.option("--from", "start", metavar="TIME", help="Where the range begins. [default: the beginning]")
@click.option("--to", "stop", metavar="TIME", help="Where the range ends. [default: the end]")
@click.option("-o", "output", type=click.Path(dir_okay=False), help="The file to write. [default: standard output]")
def export(file: str, form: str, at: str | None, start: str | None, stop: str | None, output: str | None) -> None:
    """Write a recording in another format."""
    from pairterm.record import export as exports

    header, events = read_recording(found_file(file))
    end_s = events[-1].time_s if events else 0.0
    start_s = _time(start, 0.0)
    stop_s = _time(stop, end_s)
    match form:
        case "txt":
            text = exports.as_text(header, events, _time(at, end_s))
        case "svg" if at is not None:
            text = exports.as_svg(header, events, start_s=_time(at, end_s))
        case "svg":
            text = exports.as_svg(header, events, start_s=start_s, stop_s=stop_s)
        case "html":
            text = exports.as_html(header, events, start_s=start_s, stop_s=stop_s)
        case "json":
            text = exports.as_json(header, events)
        case "gif":
            _write_gif(exports.as_cast(header, events, 2), output)
            return
        case _:
            text = exports.as_cast(header, events, 2 if form == "cast2" else 3)
    _write(text.encode("utf-8", "replace"), output)


def _time(text: str | None, default_s: float) -> float:
    if text is None:
        return default_s
    return 0.0 if text in ("0", "0s") else parse_duration(text)


def _write(data: bytes, output: str | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise SystemFault(f"can't write {output}: {error.strerror}", code="recording") from error


def _write_gif(cast: str, output: str | None) -> None:
    agg = shutil.which("agg")
    if agg is None:
        raise UsageError("--format gif needs the program agg (https://github.com/asciinema/agg)", code="no_agg")
    if output is None:
        raise UsageError("--format gif needs -o FILE", code="usage")
    with tempfile.NamedTemporaryFile("w", suffix=".cast", encoding="utf-8") as file:
        file.write(cast)
        file.flush()
        done = subprocess.run([agg, file.name, output], check=False)
    if done.returncode:
        raise SystemFault(f"agg failed with status {done.returncode}", code="agg")
