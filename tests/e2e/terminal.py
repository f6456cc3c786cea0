"""Terminals for tests: each one a pane of a tmux server that belongs to one test world.

tmux is the foreign judge here: it is what the person's terminal would be, so what
it shows is what a person sees. Panes are named by their ids, never by names. All
waiting is on what the screen shows, with a deadline that fails with the screen.
Sizes are columns × rows as people say them, in `Size`.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pairterm.types import Size
from tests.e2e.cells import Cell, cells_of

__all__ = ["DEADLINE_S", "Picture", "Terminal", "Tmux", "eventually"]

DEADLINE_S = 60.0
"""How long anything may take before a test says that it never will. Success takes no longer for it."""

_POLL_S = 0.03
_LONGEST_POLL_S = 0.15
"""A look at a screen starts a program. So a long wait looks less often: after a tenth of the time that it has taken."""

_CLIENT = """
before=$(stty -g)
echo "before the client"
"$@"
status=$?
if [ "$before" = "$(stty -g)" ]; then line=kept; else line=changed; fi
echo "exit $status, line $line"
exec cat -v
"""
"""What a pane runs around a client: one line before it, its status and the state of the tty after it."""


def eventually(
    condition: Callable[[], bool], describe: Callable[[], str] | str, *, deadline_s: float = DEADLINE_S
) -> None:
    """Wait until `condition` holds; fail with `describe` when it does not in time."""
    began_s = time.monotonic()
    while not condition():
        waited_s = time.monotonic() - began_s
        if waited_s > deadline_s:
            raise AssertionError(describe if isinstance(describe, str) else describe())
        time.sleep(min(max(_POLL_S, waited_s / 10), _LONGEST_POLL_S))


class Tmux:
    """A tmux server of its own, with nobody's configuration."""

    def __init__(self, socket: Path, environment: Mapping[str, str]) -> None:
        self._socket = socket
        self._environment = dict(environment)
        self._is_running = False

    def __call__(self, *arguments: str) -> str:
        """Run one tmux command and return what it prints."""
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )
        if done.returncode != 0:
            raise AssertionError(f"tmux {arguments}: {done.stderr}")
        return done.stdout

    def pane(self, argv: Sequence[str], size: Size, environment: Mapping[str, str]) -> str:
        """Run `argv` in a pane of `size` and return the pane's id."""
        if not self._is_running:
            self("new-session", "-d", "-x", "80", "-y", "24", "cat")
            self("set-option", "-g", "status", "off")
            self("set-option", "-g", "default-terminal", "tmux-256color")
            self("set-option", "-g", "focus-events", "on")
            self("set-option", "-g", "escape-time", "0")
            self("set-option", "-g", "remain-on-exit", "on")
            self("set-option", "-g", "remain-on-exit-format", "")
            self._is_running = True
        settings = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
        return self(
            "new-session", "-d", "-x", str(size.cols), "-y", str(size.rows), "-P", "-F", "#{pane_id}", *settings, *argv
        ).strip()

    def close(self) -> None:
        """End the server, and with it every pane."""
        if self._is_running:
            self("kill-server")
            self._is_running = False


@dataclass(frozen=True, slots=True)
class Picture:
    """What a terminal shows: rows of cells, and the cursor as tmux describes it."""

    rows: list[list[Cell]]
    cursor: dict[str, str]

    def differs_from(self, other: Picture) -> str:
        """Return the first difference in words; "" when there is none."""
        if self.cursor != other.cursor:
            return f"cursor {self.cursor} and {other.cursor}"
        for number, (mine, theirs) in enumerate(zip(self.rows, other.rows, strict=True)):
            if mine != theirs:
                at = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), None)
                where = f"row {number}" + (f", cell {at}: {mine[at]} and {theirs[at]}" if at is not None else "")
                return f"{where}\n{''.join(c for c, _ in mine)!r}\n{''.join(c for c, _ in theirs)!r}"
        return ""


class Terminal:
    """One terminal and the client that runs in it."""

    def __init__(
        self, tmux: Tmux, argv: Sequence[str], size: Size, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self._tmux = tmux
        self.pane = tmux.pane(["sh", "-c", _CLIENT, "sh", *argv], size, environment or {})

    def screen(self) -> str:
        """Return the text shown, without trailing blanks."""
        return self._tmux("capture-pane", "-p", "-t", self.pane)

    def picture(self) -> Picture:
        """Return the cells shown with their colours and attributes, and where the cursor stands."""
        cursor = self.facts("cursor_x", "cursor_y", "cursor_flag")
        return Picture(cells_of(self._tmux("capture-pane", "-p", "-e", "-N", "-t", self.pane)), cursor)

    def facts(self, *names: str) -> dict[str, str]:
        """Return what tmux knows of this terminal by its format variables."""
        line = self._tmux("display-message", "-p", "-t", self.pane, "\t".join(f"#{{{name}}}" for name in names))
        return dict(zip(names, line.rstrip("\n").split("\t"), strict=True))

    def clipboards(self) -> str:
        """Return the texts that programs in any of the world's terminals have put into the clipboard (OSC 52)."""
        return self._tmux("list-buffers", "-F", "#{buffer_sample}")

    def allow_clipboard(self) -> None:
        """Let programs in the world's terminals set the clipboard."""
        self._tmux("set-option", "-s", "set-clipboard", "on")

    def type(self, text: str) -> None:
        """Type these characters."""
        self._tmux("send-keys", "-t", self.pane, "-l", "--", text)

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names, such as `Enter` or `C-b`."""
        self._tmux("send-keys", "-t", self.pane, *names)

    def enter(self, line: str) -> None:
        """Type a line and press Enter."""
        self.type(line)
        self.keys("Enter")

    def paste(self, text: str) -> None:
        """Paste as a terminal does: bracketed if the program asked for it."""
        self._tmux("set-buffer", "-b", "paste", "--", text)
        self._tmux("paste-buffer", "-p", "-r", "-b", "paste", "-t", self.pane)

    def keep_bytes(self, path: Path) -> None:
        """Write all that the terminal gets from now on into a file, too."""
        self._tmux("pipe-pane", "-t", self.pane, f"exec cat >>{path}")

    def resize(self, size: Size) -> None:
        """Give the terminal another size."""
        self._tmux("resize-window", "-t", self.pane, "-x", str(size.cols), "-y", str(size.rows))

    def close(self) -> None:
        """Close the terminal, as a person closes a window: its programs are hung up."""
        self._tmux("kill-pane", "-t", self.pane)

    def wait(self, condition: Callable[[str], bool], what: str) -> str:
        """Wait until `condition` holds for the screen, and return the screen."""
        shown = [""]

        def holds() -> bool:
            shown[0] = self.screen()
            return condition(shown[0])

        eventually(holds, lambda: f"never {what}; the screen of {self.pane}:\n{shown[0].rstrip()}\n----")
        return shown[0]

    def sees(self, text: str) -> str:
        """Wait until `text` is shown, and return the screen."""
        return self.wait(lambda screen: text in screen, f"shown: {text!r}")

    def has_exited(self, status: int = 0) -> str:
        """Wait until the client has exited with `status` and left the tty as it was; return the screen."""
        screen = self.wait(lambda text: re.search(r"\nexit \d+, line (kept|changed)", text) is not None, "exited")
        assert f"\nexit {status}, line kept" in screen, screen
        return screen
