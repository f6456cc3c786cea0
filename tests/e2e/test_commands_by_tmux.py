"""tmux is the judge: one table of scripts of send-keys, capture-pane and list-panes, on it and on a real session.

The commands are run as their functions, in this process, against the session's host: hundreds of
processes would take minutes. Each line's output, and whether it fails, are compared. A line that
captures is tried until both sides show the same: a program takes its time. `test_windows_by_tmux.py`
has longer scripts for windows, panes and layouts, for the core alone. A pane has two columns at least, and one in tmux.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from pairterm.cli.app import pairterm
from pairterm.errors import PairtermError
from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.world import World

SCREEN = r"printf 'one\nt\033[44mwo  \033[mx\n\ta\\b \033[1;31mred\033[m\n'; seq -s ' ' 60; seq 30; exec cat"
"""Coloured spaces, a tab, a backslash, a wrapped line, and some history. Trailing spaces are not told from blanks."""

_CAT = "stty -echo; echo ready; exec cat -v"
"""CAT in a script. The terminal echoes nothing: an echo could come before or after the output of a line before."""

SHOWS = ("list-panes -s -F '#I.#P #D #{pane_active} #{pane_width}x#{pane_height}+#{pane_left}+#{pane_top}'",)

SCRIPTS = {
    "keys": """
        capture-pane -p
        send-keys 'one two' Enter
        capture-pane -p
        send-keys -l Enter
        send-keys C-m
        send-keys x Space y BSpace z Enter
        send-keys -H 61 62 d
        send-keys -N 3 w
        send-keys Enter
        send-keys -l -- '-x y'
        send-keys Escape O A Up S-Up C-Left Enter
        send-keys M-x F1 F12 IC PPage Enter
        capture-pane -p
        split-window -h "CAT"
        capture-pane -p -t 1
        send-keys -t 0 left C-m
        send-keys -t '{right}' right C-m
        send-keys -t %1 more C-m
        send-keys -t :0.1 again C-m
        send-keys -t '{last}' last C-m
        send-keys -t '!' marked C-m
        send-keys -t :.+ next C-m
        send-keys -t :.- before C-m
        send-keys -t 9 nowhere
        send-keys -t %77 nowhere
        send-keys -t @77 nowhere
        send-keys -t nothing:0 nowhere
        capture-pane -p -t 0
        capture-pane -p -t 1
    """,
    "captures": f"""
        respawn-pane -k {shlex.quote(SCREEN)}
        capture-pane -p
        capture-pane -p -S -
        capture-pane -p -S - -E -
        capture-pane -p -S -5 -E 2
        capture-pane -p -S 2 -E -2
        capture-pane -p -S 90 -E 99
        capture-pane -p -S -900 -E -800
        capture-pane -pJ -S -
        capture-pane -pC -S -
        capture-pane -pe -S - -E 0
        capture-pane -peJ -S -
        capture-pane -pa
        capture-pane -paq
        capture-pane -p -t 9
        capture-pane -p -t %9
        capture-pane -p -t nowhere:
        clear-history
        capture-pane -p -S -
        respawn-pane -k "printf 'below\\n\\033[?1049h\\033[Hfull'; exec cat"
        capture-pane -p
        capture-pane -pa
        capture-pane -pa -S 0 -E 1
    """,
    "panes that move": """
        capture-pane -p
        new-window -d -n two "CAT"
        capture-pane -p -t two
        split-window -d -t two "CAT"
        capture-pane -p -t two.1
        send-keys -t two.0 upper Enter
        send-keys -t two.1 lower Enter
        send-keys -t 0 first Enter
        join-pane -h -s two.1 -t 0
        capture-pane -p -t 1
        swap-pane -s :0.0 -t :0.1
        capture-pane -p -t 0
        break-pane -d -s :0.0 -n broken
        capture-pane -p -t broken
        move-window -s broken -t 7
        capture-pane -p -t :7
        swap-window -d -s 7 -t two
        capture-pane -p -t 1
        select-window -t '!'
        select-window -t :7
        select-window -t '{last}'
        select-window -t +
        select-window -t -
        select-window -t @1
        select-window -t '{next}'
        select-window -t '{previous}'
        select-window -t '{nothing}'
        kill-pane -t '{top-right}'
        move-window -s @1 -t +3
        move-window -t 7
        select-window -t :9
        kill-window -t two
        kill-window -t two
        respawn-pane -t :7
        respawn-pane -k -t :7 "CAT"
        capture-pane -p -t :7
    """,
    "layouts": """
        split-window cat
        split-window cat
        split-window -h cat
        split-window -h -t 0 cat
        select-layout even-horizontal
        select-layout even-vertical
        select-layout main-horizontal
        setw main-pane-width 40
        select-layout main-vertical
        select-layout tiled
        next-layout
        previous-layout
        select-pane -t '{last}'
        select-pane -t '!'
        select-pane -t '{bottom-left}'
        select-pane -t :.+
        select-pane -t :.-
        select-pane -t '{down-of}'
        select-pane -t %77
        list-panes -F '#P #{pane_at_top}#{pane_at_left} #{pane_last} #{?pane_active,here,}'
    """,
}


class Sides:
    """A session of tmux and one of ours, each with one pane that runs `CAT`."""

    def __init__(self, world: World) -> None:
        self._tmux = ["tmux", "-S", str(world.root / "judge"), "-f", "/dev/null"]
        self._world = world
        self._runner = CliRunner()
        environment = {**world.environment, "PS1": "$ "}
        start = ["new-session", "-d", "-x", "80", "-y", "24", "-s", "our_session", "-n", "zero", _CAT]
        subprocess.run([*self._tmux, *start], check=True, env=environment, timeout=DEADLINE_S)
        for option in (("default-command", "cat"), ("automatic-rename", "off"), ("history-limit", "10000")):
            self.theirs(["set", "-g", *option])
        world.new("our_session", "sh", "-c", _CAT)
        self.ours(["rename-window", "zero"])

    def theirs(self, words: list[str]) -> tuple[str, str, bool]:
        done = subprocess.run([*self._tmux, *words], capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        return done.stdout, done.stderr.strip(), done.returncode != 0

    def ours(self, words: list[str]) -> tuple[str, str, bool]:
        done = self._runner.invoke(pairterm, words, prog_name="pairterm")
        if isinstance(done.exception, PairtermError):
            return done.stdout, done.exception.message, True
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.stdout, done.stderr.strip().removeprefix("pairterm: "), done.exit_code != 0

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, timeout=DEADLINE_S)
        self._world.run("kill", "-t", "our_session")
        self._world.ends("our_session")


def shown(output: str) -> list[object]:
    """Return the cells that a terminal shows of an output with escape sequences: each side spells colours its way."""
    terminal = Terminal(Size(rows=200, cols=300))
    terminal.feed(output.replace("\n", "\r\n").encode())
    return [(row.cells, row.pens) for row in terminal.snapshot().rows]


@pytest.fixture
def sides(town: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    for name in ("PAIRTERM_TMPDIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, town.environment[name])
    for name in ("TMUX", "TMUX_PANE", "PAIRTERM_SESSION", "PAIRTERM_PANE"):
        monkeypatch.delenv(name, raising=False)
    made = Sides(town)
    yield made
    made.close()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_gives_the_same_output_as_on_tmux(sides: Sides, name: str) -> None:
    for line in filter(None, map(str.strip, SCRIPTS[name].splitlines())):
        words = [_CAT if word == "CAT" else word for word in shlex.split(line)]
        wanted, found = sides.theirs(words), sides.ours(words)
        if words[0] == "capture-pane" and not wanted[2]:
            last: list[object] = []

            def is_same(words: list[str] = words, last: list[object] = last) -> bool:
                wanted, found = sides.theirs(words), sides.ours(words)
                last[:] = [wanted, found]
                if words[1] == "-p" and "-S" not in words and not wanted[0].strip():  # No program has begun.
                    return False
                if words[1].startswith("-pe"):
                    return shown(wanted[0]) == shown(found[0]) and wanted[1:] == found[1:]
                return wanted == found

            eventually(is_same, lambda line=line, last=last: f"{line}:\n{last[0]}\n{last[1]}")  # type: ignore[misc]
        else:
            assert found == wanted, line
        for state in SHOWS:
            words = shlex.split(state)
            assert sides.ours(words) == sides.theirs(words), f"after {line}"
