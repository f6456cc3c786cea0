"""`export`: a recording in another format."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pairterm.cli.recording_files import found_file, read_recording
from pairterm.errors import SystemFault, UsageError
from pairterm.session.durations import parse_duration

if TYPE_CHECKING:
    from pairterm.record.events import Event, Header
    from pairterm.record.offline_page import PlayerParts

__all__ = ["export"]

_PAGE = Path(__file__).parents[1] / "web_page"

_FORMATS = ["txt", "transcript", "svg", "html", "cast2", "cast3", "json", "gif"]


@click.command()
@click.argument("file")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    required=True,
    help="txt: the screen at a time. transcript: who typed which commands. svg: animated, of a range. html: a page "
    "that plays offline. json: the people, and who typed when. gif needs the program agg.",
)
@click.option("--at", metavar="TIME", help="The time of the screen, such as 90s or 1m30s. [default: the end]")
@click.option("--from", "start", metavar="TIME", help="Where the range begins. [default: the beginning]")
@click.option("--to", "stop", metavar="TIME", help="Where the range ends. [default: the end]")
@click.option("--with-input", is_flag=True, help="For html, json, cast2, cast3: with what was typed as well.")
@click.option("-o", "output", type=click.Path(dir_okay=False), help="The file to write. [default: standard output]")
def export(
    file: str, form: str, at: str | None, start: str | None, stop: str | None, with_input: bool, output: str | None
) -> None:
    """Write a recording in another format."""
    from pairterm.record import export as exports
    from pairterm.record.excerpt import excerpt, without_input
    from pairterm.record.offline_page import as_html
    from pairterm.record.transcript import as_transcript

    header, events = read_recording(found_file(file))
    end_s = events[-1].time_s if events else 0.0
    start_s, stop_s = _time(start, 0.0), _time(stop, end_s)
    if start_s > stop_s:
        raise UsageError("--from is after --to", code="usage")
    if form == "txt":
        text = exports.as_text(header, events, _time(at, end_s))
    elif form == "svg":
        text = _svg(header, events, start_s, stop_s, at)
    else:
        header, events = excerpt(header, events, start_s=start_s, stop_s=stop_s)
        events = events if with_input or form == "transcript" else without_input(events)
        match form:
            case "transcript":
                text = as_transcript(header, events)
            case "html":
                text = as_html(exports.as_cast(header, events, 3), header.title, _player())
            case "json":
                text = exports.as_json(header, events)
            case "gif":
                _write_gif(exports.as_cast(header, events, 2), output)
                return
            case _:
                text = exports.as_cast(header, events, 2 if form == "cast2" else 3)
    _write(text.encode("utf-8", "replace"), output)


def _svg(header: Header, events: list[Event], start_s: float, stop_s: float, at: str | None) -> str:
    from pairterm.record.svg import as_svg

    if at is not None:
        return as_svg(header, events, start_s=_time(at, 0.0))
    return as_svg(header, events, start_s=start_s, stop_s=stop_s)


def _player() -> PlayerParts:
    """Return the player of the built page.

    Raises:
        UsageError: It is not built here.
    """
    from pairterm.record.offline_page import PlayerParts

    try:
        html = (_PAGE / "play.html").read_text(encoding="utf-8")
        found = [re.search(rf'"(assets/player[a-z]*-[0-9a-f]+\.{end})"', html) for end in ("js", "css", "txt")]
        texts = [(_PAGE / each[1]).read_text(encoding="utf-8") for each in found if each is not None]
        return PlayerParts(*texts)
    except (OSError, TypeError) as error:
        raise UsageError(
            "the player is not built here: run scripts/build-web, or install pairterm from a wheel", code="no_page"
        ) from error


def _time(text: str | None, default_s: float) -> float:
    if text is None:
        return default_s
    return 0.0 if text in ("0", "0s") else parse_duration(text)


def _write(data: bytes, output: str | None) -> None:
    """Write an export. It shows the session, so a new file is for its owner only. One that exists keeps its mode."""
    if output is None:
        sys.stdout.buffer.write(data)
        return
    try:
        fd = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
    except OSError as error:
        raise SystemFault(f"can't write {output}: {error.strerror}", code="recording") from error


def _write_gif(cast: str, output: str | None) -> None:
    agg = shutil.which("agg")
    if agg is None:
        raise UsageError("--format gif needs the program agg (https://github.com/asciinema/agg)", code="no_agg")
    if output is None:
        raise UsageError("--format gif needs -o FILE", code="usage")
    with tempfile.TemporaryDirectory() as directory:
        recording, picture = Path(directory, "recording.cast"), Path(directory, "recording.gif")
        recording.write_text(cast, encoding="utf-8")
        done = subprocess.run([agg, recording, picture], check=False)
        if done.returncode or not picture.exists():
            raise SystemFault(f"agg failed with status {done.returncode}", code="agg")
        _write(picture.read_bytes(), output)
