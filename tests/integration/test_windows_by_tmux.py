"""tmux is the judge: scripts of commands about windows and panes give the same output on it and on our core.

Each line is one command. Its output, its message and whether it fails are compared, and after the
script the windows and panes with their places.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.errors import UsageError
from pairterm.session.effects import PipePane
from pairterm.types import PaneId
from tests.unit.session.sessions import Session

TIMEOUT_S = 60.0

STATE = (
    "list-windows -F '#I #W #{window_raw_flags} #{window_panes} #{window_width}x#{window_height} #{window_layout}'",
    "list-panes -s -F '#I.#P #D #{pane_active} #{pane_width}x#{pane_height}+#{pane_left}+#{pane_top}'",
)

SCRIPTS = {
    "split": """
        split-window -h
        split-window -v -l 5
        split-window -b -l 30% -t 0
        split-window -f -l 4 -P
        split-window -fh -d -P -F '#D #P #{pane_width}'
        split-window -p 40
        split-window -l x
        split-window -p x
        split-window -t :.9
        split-window -t %77
        split-window -y
    """,
    "many windows": """
        new-window -n one
        new-window -d -n two
        new-window -t 7 -n seven
        new-window -t 7 -n again
        new-window -k -t 7 -n again -P
        new-window -a -n after -t 0 -P
        new-window -b -n before -t 2 -P -F '#I #W #{window_active}'
        new-window -S -n one
        new-window -t our_session:
        new-window -t other:
        display-message -p '#I #W'
    """,
    "choosing windows": """
        new-window -n one
        new-window -n two
        new-window -n three
        select-window -t 1
        select-window -t :=2
        last-window
        next-window
        next-window
        previous-window
        select-window -t '!'
        select-window -t '^'
        select-window -t '$'
        select-window -t ':$'
        select-window -t :+
        select-window -t :-2
        select-window -t tw
        select-window -t 't*'
        select-window -t t
        select-window -t '=tw'
        select-window -t @1
        select-window -t @77
        select-window -t 9
        select-window -t nowhere:1
        select-window -l
        select-window -n
        select-window -p
        select-window -T -t three
        select-window extra
        select-window -t our:one
        select-window -t '{end}'
        display-message -p -t ':{start}' '#I'
    """,
    "one window": """
        next-window
        previous-window
        last-window
        last-pane
        swap-pane -U
        rotate-window
        select-pane -L
        next-layout
        resize-pane -Z
        resize-pane -L 3
        break-pane -n moved
    """,
    "choosing panes": """
        split-window -h
        split-window -v
        split-window -v -t 0
        select-pane -t 0
        select-pane -R
        select-pane -D
        select-pane -L
        select-pane -U
        select-pane -U
        last-pane
        select-pane -l
        select-pane -t :.+
        select-pane -t :.-
        select-pane -t '{top-left}'
        select-pane -t '{bottom-right}'
        select-pane -t '{left-of}'
        select-pane -t '{up-of}'
        select-pane -t %1
        select-pane -t 9
        select-pane -t word
        select-pane -t :0.2
        display-message -p '#S:#I.#P #D #{pane_active} #{pane_at_top}#{pane_at_left}#{pane_at_right}#{pane_at_bottom}'
        display-message -p -t 0 '#P #{pane_active} #{?pane_active,yes,no} #{==:#P,0} #{!=:#P,0}'
        resize-pane -Z
        display-message -p '#F #{window_zoomed_flag} #{window_visible_layout}'
        select-pane -Z -t 0
        select-pane -t 1
        list-panes -f '#{pane_active}' -F '#P #{pane_right} #{pane_bottom}'
    """,
    "sizes of panes": """
        split-window -h
        split-window -v
        resize-pane -L 10
        resize-pane -U 3
        resize-pane -D
        resize-pane -x 20
        resize-pane -y 50%
        resize-pane -t 0 -x 30%
        resize-pane -x 200%
        resize-pane -y word
        resize-pane -x word
        resize-pane -R 0
        resize-pane word
        resize-pane -R 1 2
        resize-pane -t 9 -L
    """,
    "layouts": """
        split-window -h
        split-window -v
        split-window -h
        select-layout tiled
        select-layout even-h
        next-layout
        next-layout
        previous-layout
        select-layout -n
        select-layout -p
        select-layout foo
        select-layout even-vertical
        select-layout -o
        select-layout 7cfa,80x24,0,0
        select-layout
        rotate-window
        rotate-window -D
        rotate-window -U
        select-layout a b
    """,
    "even layouts": """
        split-window -h
        split-window -h
        split-window -v
        split-window -v -t 0
        resize-pane -t 0 -y 3
        select-layout -E
        select-layout -E
        select-layout -E -t 0
        select-layout -E -t 1
        resize-pane -x 45
        select-layout -E
        select-layout -E
    """,
    "main panes": """
        split-window -h
        split-window -v
        setw main-pane-width 30%
        select-layout main-vertical
        setw main-pane-width 60
        select-layout main-vertical
        setw main-pane-width 70
        setw other-pane-width 5
        select-layout main-vertical
        setw other-pane-width 40
        select-layout main-vertical
        setw -g main-pane-height 5
        select-layout main-horizontal
        setw other-pane-height 10
        next-layout
        select-layout main-horizontal
        set -w -u other-pane-height
        select-layout main-horizontal
    """,
    "options": """
        setw remain-on-exit
        setw remain-on-exit on
        show -w
        showw remain-on-exit
        show -wv remain-on-exit
        show -gw remain-on-exit
        show -w monitor-bell
        show -Aw monitor-bell
        show monitor-bell
        set monitor-activity on
        show -v monitor-activity
        setw remain-on-exit maybe
        setw remain-on-exit failed
        setw remain-on-exit
        showw
        setw -u remain-on-exit
        setw -o monitor-bell off
        setw -o monitor-bell on
        setw -oq monitor-bell on
        setw monitor-bell
        setw monitor-bell foo
        setw monitor-bell yes
        setw monitor-bell 0
        setw main-pane-width 50%
        setw -F main-pane-height '#{window_index}7'
        setw main-pane-width
        setw -q nothing on
        show -wq nothing
        setw a b c
        showw a b
        set -w -t 9 monitor-bell on
        setw -t :8 monitor-bell on
        show -w -t 9
        show -w
        new-window -d -n named
        showw -t named
        rename-window -t 0 other
        showw automatic-rename
        setw -x monitor-bell
    """,
    "respawn": """
        respawn-pane
        respawn-window
        split-window -h
        respawn-pane -t :.9
        respawn-pane -k -t 0 cat
        respawn-pane -t 0
        select-layout even-vertical
        respawn-window
        respawn-window -k -t 0 cat
        respawn-window -t nowhere
        respawn-pane -x
        clear-history
        clear-history -t 9
        new-window -d -e A=b -n env cat
        split-window -d -e A=b -e C cat
        display-message -p '#{pane_start_command}'
        respawn-pane -k cat -u '-' 'a b' '$x'
        display-message -p '#{pane_start_command}'
        respawn-pane -k
        display-message -p '#{pane_start_command}'
    """,
    "swaps": """
        new-window -n one
        split-window -h -t 0
        split-window -v -t 0
        select-window -t 0
        swap-pane -U
        swap-pane -D
        swap-pane -s 0 -t 2
        swap-pane -d -s 0 -t 1
        swap-pane -s 0 -t :1.0
        swap-pane -t 9
        swap-window -t 1
        swap-window -d -t 0
        swap-window -s 1 -t 0
        swap-window -t 9
    """,
    "break and join": """
        split-window -h
        split-window -v
        break-pane -n broken
        break-pane -d -s :0.0 -P
        join-pane -h -s broken -t 0
        join-pane -s 2 -t :0.0 -l 3
        join-pane -b -s :0.2 -t :0.0
        join-pane -s :0.0 -t :0.0
        join-pane -s 9
        move-pane -fh -s :0.1 -t :0.2
        break-pane -t 0
    """,
    "moves": """
        new-window -n one
        new-window -n two
        move-window -t 9
        move-window -s 0 -t 5
        move-window -t 1
        move-window -k -t 1
        move-window -a -s 0 -t 1
        move-window -t 2
        move-window -s 77
        new-window -t 30 -n thirty
        move-window -r
        rename-window
        rename-window new
        rename-window -t 0 'with space'
        rename-window -t 9 new
        select-window -t 'with'
    """,
    "kill": """
        new-window -n one
        new-window -n two
        split-window -h
        split-window -v
        kill-pane
        kill-pane -t 0
        kill-pane -t 9
        kill-pane -t %99
        split-window -h
        split-window -h
        kill-pane -a -t 1
        kill-window -t 0
        kill-window -t nothing
        kill-window
        new-window -n other
        kill-window -a
    """,
    "lists": """
        split-window -h
        new-window -n one
        list-windows
        list-windows -a
        list-windows -t 7
        list-windows -F '#I'
        list-panes -F '#D'
        list-panes -t 0 -F '#D'
        list-panes -a -F '#S:#I.#P'
        list-panes -t nothing
        list-panes extra
        list-windows -f '#{m:o*,#W}' -F '#W'
        display-message -p '#{=2:window_name}|#{b:session_name}|#{nothing}|##|#x|#{?0,a,#{?1,b,c}}'
        display-message -p '#{&&:1,0}#{||:1,0}#{&&:1,1}#{session_windows}#{window_start_flag}#{window_end_flag}'
        display-message -p -t 0 '#{window_last_flag} #{window_flags} #{pane_dead} #{pane_in_mode} #{cursor_x}'
        display-message -p a b
        display-message -p '#{n:pane_id}|#{l:a}|#{q:window_layout}|#{p5:pane_id}|#{p-5:pane_id}|#{<:1,2}|#{>=:10,9}'
        display-message -p '#{b;=2:session_name}|#{=-3:session_name}|#{<=:a,b}|#{>:a,b}|#{=3;p5:session_name}|'
        display-message -p '#{client_name}|#{client_width}|#{pane_pipe}|#{pane_last}|#{pane_dead_status}|'
        display-message -p '#{?#{==:#W,one},#{?pane_active,both,one},none} #{m:*e,#{window_name}} #{!=:#I,1}'
    """,
}


class Tmux:
    """A private tmux server with one session."""

    def __init__(self, folder: Path) -> None:
        self._argv = ["tmux", "-S", str(folder / "socket"), "-f", "/dev/null"]
        self._env = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE")}
        self.run("new-session", "-d", "-x", "80", "-y", "24", "-s", "our_session", "-n", "zero", "cat")
        self.run("set", "-g", "default-command", "cat")
        self.run("set", "-g", "automatic-rename", "off")

    def run(self, *words: str) -> tuple[str, str, bool]:
        done = subprocess.run(
            [*self._argv, *words], capture_output=True, text=True, env=self._env, timeout=TIMEOUT_S, check=False
        )
        return done.stdout.rstrip("\n"), done.stderr.rstrip("\n"), done.returncode != 0


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path)
    yield server
    server.run("kill-server")


def ours(session: Session, words: list[str]) -> tuple[str, str, bool]:
    try:
        answer = session.order(shlex.join(words))
    except UsageError as error:
        return "", error.message, True
    session.now_s += 1
    session.take(session.core.tick(session.now_s))
    for pane in session.parts.windows.panes():
        pane.command = "cat"
    return answer, "", False


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_gives_the_same_output_as_on_tmux(name: str, tmux: Tmux) -> None:
    session = Session()
    session.core.started_with(("cat",))
    session.order("rename-window zero")
    for line in filter(None, map(str.strip, SCRIPTS[name].splitlines())):
        words = shlex.split(line)
        wanted = tmux.run(*words)
        found = ours(session, words)
        if words[0] in ("list-windows", "list-panes") and "-F" not in words:
            wanted, found = _without_history(wanted), _without_history(found)
        assert found == wanted, line
        for state in STATE:
            words = shlex.split(state)
            assert ours(session, words)[0].splitlines() == tmux.run(*words)[0].splitlines(), f"after {line}"


def _without_history(result: tuple[str, str, bool]) -> tuple[str, str, bool]:
    """Return a result without trailing spaces."""
    text, error, is_failed = result
    return "\n".join(each.rstrip() for each in text.splitlines()), error, is_failed


@pytest.mark.parametrize("command", ["exit 3", "kill -TERM $$", "exit 0"])
@pytest.mark.parametrize("rule", ["on", "failed"])
def test_a_dead_pane_looks_as_on_tmux(command: str, rule: str, tmux: Tmux) -> None:
    """The rule stands for the window, and tmux's own words and numbers for the end."""
    session = Session()
    session.core.started_with(("cat",))
    tmux.run("set", "-g", "remain-on-exit", rule)
    tmux.run("new-window", "-d", "-n", "end", command)
    session.order(f"set -g remain-on-exit {rule}")
    session.order(f"new-window -d -n end {shlex.quote(command)}")
    status, signal = {"exit 3": (3, 0), "exit 0": (0, 0)}.get(command, (128 + 15, 15))
    when = "Fri Nov 27 06:45:04 2026"
    session.take(session.core.finish(PaneId(1), status, session.now_s, signal=signal, when=when))
    facts = ["list-panes", "-s", "-F", "#I #{pane_dead} #{pane_dead_status} #{pane_dead_signal} #{cursor_flag}"]
    stays = rule == "on" or status != 0
    wanted = _settled(
        tmux,
        facts,
        f"\n1 1 {'' if signal else status} {signal or ''} " if stays else "",
        again=("respawn-window", "-k", "-t", ":1", command),
    )
    assert ours(session, facts)[0] == wanted
    if stays:
        shown = _settled(tmux, ["capture-pane", "-p", "-t", ":1"], "Pane is dead").splitlines()[-1]
        text = session.core.frame(PaneId(1)).rows[-1].text.rstrip()
        assert text.replace(when, "") == shown[: -len(when) - 1] + ")"
    assert ours(session, ["respawn-pane", "-t", ":1"])[1:] == tmux.run("respawn-pane", "-t", ":1")[1:]


def test_a_pane_is_piped_as_on_tmux(tmux: Tmux, tmp_path: Path) -> None:
    """The flag, the messages and the command that is started; the host's part is in test_pipe_pane."""
    session = Session()
    session.core.started_with(("cat",))
    log = tmp_path / "#{pane_index}"
    facts = ["list-panes", "-F", "#{pane_pipe}"]
    for words in (
        ["pipe-pane"],
        ["pipe-pane", "-o", f"cat >{log}"],
        ["pipe-pane", "-o", f"cat >{log}"],
        ["pipe-pane", f"cat >{log}"],
        ["pipe-pane", "-IO", f"cat >{log}"],
        ["pipe-pane", f"cat >{log}"],
        ["pipe-pane", "a", "b"],
        ["pipe-pane", "-x"],
        ["pipe-pane", "-t", ":.7", "cat"],
    ):
        assert ours(session, words) == tmux.run(*words), words
        assert ours(session, facts) == tmux.run(*facts), words
    tmux.run("send-keys", "piped", "Enter")
    deadline_s = time.monotonic() + TIMEOUT_S
    while "piped" not in ((tmp_path / "0").read_text() if (tmp_path / "0").exists() else ""):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    started = session.found(PipePane)
    assert started[-1].command == f"cat >{tmp_path}/0"
    assert not started[1].command


def _settled(tmux: Tmux, words: list[str], text: str, *, again: tuple[str, ...] = ()) -> str:
    """Return tmux's answer as soon as it has this text; with "" as soon as window 1 has gone.

    tmux 3.3a loses the status of a program if it sees the end of the pty before the end of the
    program. `again` starts the program anew then.
    """
    deadline_s = time.monotonic() + TIMEOUT_S
    tries = 0
    while time.monotonic() < deadline_s:
        answer = tmux.run(*words)[0]
        if text in answer if text else "\n1 " not in answer:
            return answer
        tries += 1
        if again and tries % 50 == 0 and "\n1 1   " in answer:
            tmux.run(*again)
    raise AssertionError(f"tmux does not say {text!r}: {answer}")
