"""The checks of `doctor` for the installation: libraries, the command, completions, man pages, the unit, crash reports.

It compares the files that `setup` has put in place with those that this installation ships. A part
that is not set up is not wrong: the finding then only says how to get it.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pairterm import __version__
from pairterm.cli.doctor_finding import Finding
from pairterm.cli.setup_gateway import CONFIG, MARK, SERVICE, UNIT_DIRECTORIES, configured_addresses, program, units
from pairterm.cli.setup_shell import completion_places, man_places
from pairterm.cli.version_text import build_text, python_text, unmet_requirements
from pairterm.errors import PairtermError
from pairterm.paths import SYSTEM_STATE
from pairterm.runtime.crash_report import crash_reports

__all__ = ["look_at_installation", "look_at_unit"]

_SETUP_SHELL = "to install them: pairterm setup shell"


def look_at_installation() -> Iterator[Finding]:
    """Yield the findings about this installation."""
    yield Finding("pairterm", True, f"{__version__}, {build_text()}")
    yield Finding("Python", True, python_text())
    unmet = unmet_requirements()
    advice = "install pairterm again, with its libraries, into a venv of its own" if unmet else ""
    yield Finding("libraries", not unmet, ", ".join(unmet) or "as pairterm needs them", advice)
    yield _command()
    try:
        yield from _completions()
        yield _man_pages()
    except PairtermError as error:
        yield Finding("shipped files", False, error.message, "install pairterm again")
    yield _crashes()


def _command() -> Finding:
    """Check that the user's shell finds this installation's command."""
    ours, found = program(), shutil.which("pairterm")
    if found is None:
        advice = f"put {ours.parent} into PATH: 'pipx ensurepath' and 'uv tool update-shell' do it for theirs"
        return Finding("command", True, f"{ours}: your shell does not find it", advice)
    if ours.exists() and Path(found).resolve() != ours.resolve():
        advice = f"remove one of the two installations, or change the order in PATH; this one is {ours}"
        return Finding("command", False, f"your shell finds another installation: {found}", advice)
    return Finding("command", True, found)


def _data_directories() -> list[Path]:
    """Return the directories in which shells and man look, in their order."""
    user = Path(os.environ.get("XDG_DATA_HOME", "").strip() or Path.home() / ".local" / "share")
    others = os.environ.get("XDG_DATA_DIRS", "").strip() or "/usr/local/share:/usr/share"
    return [user, *(Path(each) for each in others.split(":") if each)]


def _completions() -> Iterator[Finding]:
    for place, source in completion_places(Path()).items():
        shell = place.parts[0].partition("-")[0]
        if shutil.which(shell) is None:
            continue
        what = f"completion, {shell}"
        found = next((each / place for each in _data_directories() if (each / place).exists()), None)
        if found is None:
            yield Finding(what, True, "not installed", _SETUP_SHELL)
        elif found.read_bytes() != source.read_bytes():
            yield Finding(what, False, f"{found} is of another version", "pairterm setup shell writes it again")
        else:
            yield Finding(what, True, str(found))


def _man_pages() -> Finding:
    """Check that man finds all pages. A distribution's package has them compressed."""
    pages = man_places(Path())
    for directory in _data_directories():
        texts = {place: _text(directory / place) for place in pages}
        if not any(texts.values()):
            continue
        stale = [place.name for place, source in pages.items() if texts[place] != source.read_bytes()]
        where = f"{directory / 'man'}"
        if stale:
            return Finding(
                "man pages", False, f"{len(stale)} in {where} are missing or of another version, such as {stale[0]}",
                "pairterm setup shell writes them again",
            )  # fmt: skip
        return Finding("man pages", True, f"{len(pages)} in {where}")
    return Finding("man pages", True, "not installed", _SETUP_SHELL)


def _text(path: Path) -> bytes:
    """Return the text of a man page, also if it is compressed; b"" if there is none."""
    try:
        if path.exists():
            return path.read_bytes()
        return gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes())
    except (OSError, EOFError):
        return b""


def _crashes() -> Finding:
    try:
        found = [*crash_reports(), *crash_reports(SYSTEM_STATE)]
    except PairtermError as error:
        return Finding("crash reports", False, error.message, "pairterm needs a directory for its state")
    if not found:
        return Finding("crash reports", True, "none")
    advice = "attach it to a bug report (it has no content of sessions), then remove it"
    return Finding("crash reports", False, f"{len(found)}, such as {found[0]}", advice)


def look_at_unit(*, is_used: bool) -> Iterator[Finding]:
    """Yield the findings about the systemd service of this machine's gateway. `is_used`: sessions go through it."""
    if shutil.which("systemctl") is None:
        return
    paths = (each / SERVICE for each in UNIT_DIRECTORIES)
    path = next((each for each in paths if each.exists()), None)
    if path is None:
        if is_used:
            advice = "to start it with the machine: pairterm setup gateway"
            yield Finding("systemd unit", True, "none: the gateway was started by hand", advice)
        return
    yield _unit_file(path)
    if is_used or _says("is-enabled") == "enabled":
        yield from _unit_state()


def _unit_file(path: Path) -> Finding:
    """Check that the units are those that `setup gateway` would write now, and that their program exists."""
    try:
        text = path.read_text(encoding="utf-8")
        started = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)
        if started is not None and not os.path.exists(started[1]):
            advice = "install pairterm there again, or run 'pairterm setup gateway' from the new installation"
            return Finding("systemd unit", False, f"{path} starts {started[1]}, which does not exist", advice)
        if text.startswith(MARK):
            changed = [
                str(each) for each, wanted in units(configured_addresses()).items() if _text(each) != wanted.encode()
            ]
            if changed:
                advice = (
                    "'pairterm setup gateway' writes it again; your own settings belong into 'systemctl edit pairterm'"
                )
                return Finding("systemd unit", False, f"{', '.join(changed)}: of another version, or changed", advice)
    except PairtermError as error:
        return Finding("systemd unit", False, error.message, f"correct {CONFIG}")
    except OSError as error:
        return Finding("systemd unit", False, f"{path}: {error.strerror}", "run this command as root")
    return Finding("systemd unit", True, str(path))


def _unit_state() -> Iterator[Finding]:
    for question, right, advice in (
        ("is-active", "active", "systemctl start pairterm; its log: journalctl -u pairterm"),
        ("is-enabled", "enabled", "systemctl enable pairterm, or the machine does not start it"),
    ):
        word = _says(question)
        yield Finding(f"systemd unit, {question}", word == right, word, "" if word == right else advice)


def _says(question: str) -> str:
    """Return systemd's answer to a question about the service."""
    done = subprocess.run(["systemctl", question, "pairterm"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
