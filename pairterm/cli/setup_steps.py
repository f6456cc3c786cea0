"""The steps of `setup` and `setup --uninstall`: write a file, remove one, run a command. Each prints a line.

With `is_dry`, a step only prints what it would do, and the text of a file.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from pairterm.errors import SystemFault

__all__ = ["Steps"]

_COMMAND_TIMEOUT_S = 60.0
"""systemd itself gives the gateway 30 s to start."""


class Steps:
    """Carries out steps one after the other, or prints them."""

    def __init__(self, *, is_dry: bool) -> None:
        self.is_dry = is_dry

    def say(self, text: str) -> None:
        """Print a line for the user."""
        click.echo(text)

    def write(self, path: Path, text: str, *, is_shown: bool = True) -> bool:
        """Write a file with mode 0644, and the directories above it. Return whether it changed.

        The new file replaces the old one in one moment. `is_shown`: a dry run prints the text.

        Raises:
            SystemFault: It can't be written.
        """
        if _text_of(path) == text:
            self.say(f"is up to date: {path}")
            return False
        self.say(f"write {path}")
        if self.is_dry:
            if is_shown:
                self.say("".join(f"    {line}\n" if line else "\n" for line in text.splitlines()).rstrip("\n"))
            return True
        with _faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as new:
                try:
                    new.write(text)
                    new.flush()
                    os.fchmod(new.fileno(), 0o644)
                    os.replace(new.name, path)
                except BaseException:
                    os.unlink(new.name)
                    raise
        return True

    def link(self, path: Path, target: Path) -> None:
        """Make a symbolic link.

        Raises:
            SystemFault: It can't be made.
        """
        self.say(f"link {path} to {target}")
        if not self.is_dry:
            with _faults(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(target)

    def remove(self, path: Path) -> None:
        """Remove a file, a link, or a directory with its contents. Nothing happens if it does not exist.

        Raises:
            SystemFault: It can't be removed.
        """
        if not os.path.lexists(path):
            return
        self.say(f"remove {path}")
        if not self.is_dry:
            with _faults(path):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()

    def run(self, *argv: str, may_fail: bool = False) -> None:
        """Run a command.

        Raises:
            SystemFault: It failed, and `may_fail` is not set.
        """
        line = shlex.join(argv)
        self.say(f"run {line}")
        if self.is_dry:
            return
        try:
            done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_COMMAND_TIMEOUT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SystemFault(f"{line}: {error}", code="setup") from error
        if done.returncode and not may_fail:
            said = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
            raise SystemFault(f"{line}: {said}", code="setup")


def _text_of(path: Path) -> str | None:
    """Return the text of a file; None if it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


@contextlib.contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SystemFault(f"{path}: {error.strerror or error}", code="setup") from error
