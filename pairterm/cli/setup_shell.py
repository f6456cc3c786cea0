"""The completions and man pages of a user, or of all users: what `setup shell` installs and removes.

For root the directories are those below /usr/local/share, where bash, zsh, fish and man look for all
users. For others they are below the user's data directory, where bash, fish and man look. zsh looks
in no directory of a user, so it needs a line in the user's file.
"""

from __future__ import annotations

import os
from pathlib import Path

from pairterm.cli.setup_steps import Steps
from pairterm.cli.shipped_files import shipped

__all__ = ["ShellSetup", "completion_places", "data_directory", "man_places"]

_FOR_ALL = Path("/usr/local/share")

_PLACES = {
    "pairterm.bash": Path("bash-completion/completions/pairterm"),
    "_pairterm": Path("zsh/site-functions/_pairterm"),
    "pairterm.fish": Path("fish/vendor_completions.d/pairterm.fish"),
}


def data_directory() -> Path:
    """Return the directory below which this user's files go."""
    if os.getuid() == 0:
        return _FOR_ALL
    return Path(os.environ.get("XDG_DATA_HOME", "").strip() or Path.home() / ".local" / "share")


def completion_places(base: Path) -> dict[Path, Path]:
    """Return the shipped completion of each place below `base`.

    Raises:
        SystemFault: This installation lacks the completions.
    """
    return {base / place: shipped("completions") / name for name, place in _PLACES.items()}


def man_places(base: Path) -> dict[Path, Path]:
    """Return the shipped man page of each place below `base`.

    Raises:
        SystemFault: This installation lacks the man pages.
    """
    return {base / "man" / "man1" / each.name: each for each in sorted((shipped("man") / "man1").iterdir())}


class ShellSetup:
    """One run of `setup shell` or of its `--uninstall`."""

    def __init__(self, steps: Steps, base: Path) -> None:
        self._steps = steps
        self._base = base

    def install(self) -> None:
        """Write the files.

        Raises:
            SystemFault: One can't be written.
        """
        for path, source in (completion_places(self._base) | man_places(self._base)).items():
            self._steps.write(path, source.read_text(encoding="utf-8"), is_shown=False)
        if self._base != _FOR_ALL:
            directory = self._base / "zsh" / "site-functions"
            self._steps.say(f"for zsh, put this line into ~/.zshrc, before compinit: fpath=({directory} $fpath)")
        self._steps.say("new shells complete pairterm with the Tab key; 'man pairterm' shows the manual")

    def uninstall(self) -> None:
        """Remove the files, also those of other versions.

        Raises:
            SystemFault: One can't be removed.
        """
        for path in (*completion_places(self._base), *sorted((self._base / "man" / "man1").glob("pairterm*.1"))):
            self._steps.remove(path)
