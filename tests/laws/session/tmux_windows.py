"""A private tmux server whose windows judge ours. It is asked over tmux's control mode, one command at a time."""

from __future__ import annotations

import fcntl
import os
import pty
import selectors
import struct
import subprocess
import termios
from pathlib import Path
from typing import IO

from pairterm.types import PaneId, Size

__all__ = ["CrashedError", "RefusedError", "TmuxWindow", "TmuxWindows"]

TIMEOUT_S = 30.0
MOUSE_ON = b"\x1b[?1006h"
"""tmux asks its client's terminal for the mouse. The terminal is in raw mode by then."""


class RefusedError(Exception):
    """tmux gave an error instead of an answer."""


class CrashedError(Exception):
    """tmux has ended. The next window starts it again."""


class TmuxWindows:
    """The server, with one session. Its windows keep the sizes that `resize-window` gives them."""

    def __init__(self, folder: Path) -> None:
        config = folder / "config"
        config.write_text("set -g status off\nset -g mouse on\nset -g assume-paste-time 0\n")
        self._command = ["tmux", "-S", str(folder / "socket"), "-f", str(config)]
        self._start()

    def _start(self) -> None:
        env = dict(os.environ, LANG="C.UTF-8")
        env.pop("TMUX", None)
        self._client = subprocess.Popen(
            [*self._command, "-C", "new-session", "sleep 3600"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            bufsize=0,
        )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._rest = b""
        self._reply()  # to new-session

    def close(self) -> None:
        if self._client.returncode is None:
            self._in.write(b"kill-server\n")
            self._end()

    def _end(self) -> None:
        self._client.wait(timeout=TIMEOUT_S)
        self._in.close()
        self._out.close()
        self._selector.close()

    def ask(self, command: str) -> str:
        """Return what the command prints.

        Raises:
            RefusedError: It failed, with this message.
            CrashedError: tmux did not survive the command.
        """
        self._in.write(command.encode() + b"\n")
        return self._reply()

    def window(self, size: Size) -> TmuxWindow:
        """Open a window of this size with one pane."""
        if self._client.returncode is not None:
            self._start()
        answer = self.ask("new-window -d -P -F '#{window_id} #{pane_id}' 'sleep 3600'")
        window, pane = answer.split()
        opened = TmuxWindow(self, window, PaneId(int(pane[1:])))
        opened.ask(f"resize-window -x {size.cols} -y {size.rows}")
        return opened

    def attach(self, terminal: IO[bytes]) -> subprocess.Popen[bytes]:
        """Attach a client that has this terminal."""
        env = dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8")
        env.pop("TMUX", None)
        return subprocess.Popen(
            [*self._command, "attach"],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=env,
            start_new_session=True,
        )

    def wait_for(self, line: str) -> None:
        """Wait until tmux says this of itself."""
        while self._line() != line:
            pass

    @property
    def _in(self) -> IO[bytes]:
        assert self._client.stdin is not None
        return self._client.stdin

    @property
    def _out(self) -> IO[bytes]:
        assert self._client.stdout is not None
        return self._client.stdout

    def _reply(self) -> str:
        lines: list[str] | None = None
        while True:
            line = self._line()
            if line.startswith("%begin ") and lines is None:
                lines = []
            elif line.startswith("%end ") and lines is not None:
                return "\n".join(lines)
            elif line.startswith("%error ") and lines is not None:
                raise RefusedError("\n".join(lines))
            elif lines is not None:
                lines.append(line)

    def _line(self) -> str:
        while b"\n" not in self._rest:
            assert self._selector.select(TIMEOUT_S), "tmux gives no answer"
            data = os.read(self._out.fileno(), 65536)
            if not data:
                self._end()
                raise CrashedError
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


class TmuxWindow:
    """One window of the server."""

    def __init__(self, server: TmuxWindows, window: str, pane: PaneId) -> None:
        self._server = server
        self._window = window
        self._drags = 0
        self.first_pane = pane

    def ask(self, command: str) -> str:
        """Return what the command prints. A command without a target gets this window."""
        name, _, rest = command.partition(" ")
        target = "" if " -t " in command else f"-t {self._window} "
        return self._server.ask(f"{name} {target}{rest}")

    @property
    def notation(self) -> str:
        return self.ask("display -p '#{window_layout}'")

    @property
    def size(self) -> Size:
        rows, cols = self.ask("display -p '#{window_height} #{window_width}'").split()
        return Size(rows=int(rows), cols=int(cols))

    @property
    def least_cols(self) -> int:
        """The columns of the narrowest pane."""
        return min(map(int, self.ask("list-panes -F '#{pane_width}'").split()))

    @property
    def has_empty_pane(self) -> bool:
        """True if tmux gave a pane no rows or no columns."""
        return "0" in self.ask("list-panes -F '#{pane_width} #{pane_height}'").split()

    @property
    def active(self) -> PaneId:
        return PaneId(int(self.ask("display -p '#{pane_id}'")[1:]))

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag the mouse from one row and column to another, in a terminal that shows this window.

        Each drag has a terminal of its own. In one terminal, a second one could be a double click.
        """
        self.ask("select-window")
        self._drags += 1
        name = f"dragged-{self._drags}"
        self._server.ask(f"bind -n F12 rename-window {name}")
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.size.rows, self.size.cols, 0, 0))
        with open(master, "r+b", buffering=0) as terminal, open(slave, "r+b", buffering=0) as inner:
            client = self._server.attach(inner)
            shown = b""
            while MOUSE_ON not in shown:
                shown += terminal.read(65536)
            press, release = (f"{col + 1};{row + 1}" for row, col in (start, end))
            terminal.write(f"\x1b[<0;{press}M\x1b[<32;{release}M\x1b[<0;{release}m\x1b[24~".encode())
            self._server.wait_for(f"%window-renamed {self._window} {name}")
            client.kill()
            client.wait()

    def close(self) -> None:
        self.ask("kill-window")
