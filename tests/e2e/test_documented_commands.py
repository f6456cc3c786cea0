"""Every command line of every page, run: each in a world with a gateway, with a session and guests if it needs them.

A page names hosts, people and files that no test has; `PUT_IN` says what stands for them here. A command
that keeps the terminal runs in one, and is left by its own key. A command that a page only names, without
what it needs, is run with `--help`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

from pairterm.cli.app import pairterm
from pairterm.record.chain import signer
from pairterm.record.events import Header
from pairterm.record.writer import RecordingWriter
from pairterm.session.commands.window_syntax import SYNTAX
from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.test_people import people
from tests.e2e.world import Links, open_world

ROOT = Path(__file__).resolve().parents[2]

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

PUT_IN = (
    (r"ssh -p 2222 rw-…@\S+|(ssh |ssh://)?rw-…@\S+|\bLINK\b", "--accept-new $RW"),
    (r"(?<=pairterm join)$", " --accept-new $RW"),
    (r"(?<=pairterm )say -", "say - <team.pub"),
    (r"(?<=--gateway )\S+", "127.0.0.1:$PORT"),
    (r"(?<=-i )\S+", "~/.ssh/id_ed25519"),
    (r"(?<=--host-key )(\"[^\"]*\"|\S+)", "$FINGERPRINT"),
    (r"(?<=(-t|-n) )NAME\b", "base"),
    (r"(?<=-t )(?:work|hello)\b|(?<=detach-client -s )work\b", "base"),
    (r"(?<=--as )NAME\b", "ana"),
    (r"(?<=-n )base\b", "ana-base"),
    (r"(?<=record )-t 0", "-t base"),
    (r"respawn-pane -t :\.1", "respawn-pane -k -t base:2.1"),
    (r"(?<=respawn-pane -k )'make test'.*", "'sleep 1000'"),
    (r"(?<=pairterm play )FILE", "~/pair.cast"),
    (r"(?<=pairterm share-recording) ", " --accept-new "),
    (r"--layout FILE", "--layout work.toml"),
    (r"\bFILE --admit|(?<=-a )guests\b", "team.pub --admit"),
    (r"--admit(?= *$)", ""),
    (r" --github-user \S+", ""),
    (r"-- COMMAND", "-- sleep 1000"),
    (r"\bFORMAT\b", "'#{session_name}'"),
    (r"(?<=--config )\S+", "gateway.toml"),
    (r"(?<=cluster-key )/etc/credstore/", "~/"),
    (r"/tmp/work.sock …", "/tmp/base.sock links"),
    (r"-- tmux attach$", "-- tmux new"),
)
"""Regular expressions of what stands in the pages, and what is put in; the first that fits goes first."""

WORKSPACE = """
[[window]]
name = "edit"

[[window.pane]]
command = "cat"

[[window.pane]]
"""

WINDOWS = """
[[window]]
focus = true

[[window]]

[[window]]
name = "tests"

[[window.pane]]

[[window.pane]]
"""
"""The windows of `base`: the pages name windows 0 and 2, `tests`, and pane 1 in it."""

CHANGING = {
    "continue",
    "detach-client",
    "kick",
    "kill",
    "kill-server",
    "kill-session",
    "link",
    "new",
    "panic",
    "pause",
    "record",
    "revoke",
    *(name for each in SYNTAX for name in (each.name, each.alias)),
    "set-window",
    "send-keys",
    "gather",
} - {"display-message", "display"}
"""Commands after which the session or its guests are not as they were, or another session is there too."""

ALONE = {
    *("--version", "-V", "doctor", "export", "gateway", "list-commands", "list-keys", "new", "play", "recordings"),
    *("serve", "setup", "share-recording"),
}
"""Options and commands that need no session."""

WITH_GUESTS = {"accept", "decline", "detach-client", "grant", "kick", "list-clients", "revoke", "say", "who"}
"""Commands that need guests in the session, two of them: ana and eve."""

REFUSED = {
    "pairterm accept": "nobody asks",
    "pairterm decline": "nobody asks",
    "pairterm accept 2": "asks for nothing",
    "pairterm decline 2": "asks for nothing",
    "pairterm gateway status": "",
    "pairterm gateway status --all": "is on another machine",
    "pairterm gateway config push": "say which FILE",
    "pairterm gateway config push --authorized-hosts keys.txt limits.toml": "is on another machine",
    "pairterm gateway config push --authorized-hosts /dev/stdin < keys.txt": "is on another machine",
    "pairterm gateway config show": "is on another machine",
    "pairterm gateway drain": "is on another machine",
    "pairterm doctor": "",
    "pairterm setup gateway": "the gateway's user can't read",
    "pairterm new --listen 0.0.0.0:2222": "is another one",
    "pairterm setw OPTION VALUE": "unknown option",
    "pairterm capture-pane": "say -p",
    "pairterm capture-pane -p -t code": "can't find pane: code",
    "pairterm kill-window -t code": "can't find window: code",
    "pairterm set-window -t code hidden on": "can't find window: code",
    "pairterm lsp": "an editor starts 'pairterm lsp'",
    "pairterm link new --role publish": "browsers can't join here",
    "pairterm link new --role publish --label ben": "browsers can't join here",
    "pairterm record -t 0 --pause": "nothing is recorded now",
    "pairterm recordings verify pair.cast": "another key signed it",
    "pairterm export pair.cast --format gif -o pair.gif": "needs the program agg",
    "pairterm share-recording": "needs a FILE",
    "pairterm share-recording pair.cast": "keeps no recordings",
    "pairterm share-recording --expires 12h pair.cast": "keeps no recordings",
    "pairterm share-recording --list": "keeps no recordings",
    "pairterm share-recording --revoke 3f2a9c0d1b7e": "keeps no recordings",
}
"""Commands that may be refused in this world, and a part of what is said then; nothing else may be."""


def recorded() -> bytes:
    """Return a recording that somebody else has signed."""
    sign, key = signer(bytes(32))
    writer = RecordingWriter(Header(size=Size(rows=24, cols=80), key=key), sign)
    terminal = Terminal(Size(rows=24, cols=80))
    terminal.feed(b"recorded")
    writer.show(terminal.snapshot(), 0.0)
    writer.seal(is_last=True)
    return writer.take()


def documented(page: Path) -> list[str]:
    """Return the command lines of a page, from `pairterm` on, in code blocks and in running text."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```[^`\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```[^`\n]*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"`(pairterm [^`\n]+)`", prose)
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        typed = re.search(r"(?:^|\s|/bin/|- )(pairterm [\w-][^|]*)", line.partition("  # ")[0])
        if typed is not None and not re.search(r"\[[A-Z]", line):  # Not a line of syntax.
            found.append(re.split(r"   +", re.sub(r" +(?=-)", " ", typed[1]).strip())[0])
    return list(dict.fromkeys(found))


def cases() -> list[tuple[str, str]]:
    """Return each command line once, with the first page that has it: those of one command stand together."""
    first: dict[str, str] = {}
    for page in PAGES:
        if page.name != "architecture.md":  # It draws processes.
            for line in documented(page):
                first.setdefault(line, page.name)
    return [(page, line) for line, page in sorted(first.items())]


def is_only_named(words: list[str]) -> bool:
    """Return whether the words name a command and leave out an argument that it needs."""
    group: click.Command = pairterm
    context = click.Context(pairterm)
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        name, command, words = group.resolve_command(context, words)
        assert command is not None
        group, context = command, click.Context(command, info_name=name, parent=context)
    if isinstance(group, click.Group):
        return not words
    return not words and any(each.required for each in group.params if isinstance(each, click.Argument))


@dataclass
class Stage:
    """A world with a gateway on another machine and a session, `base`, made anew when a command changed it."""

    elsewhere: Elsewhere
    settings: dict[str, str]
    links: Links | None = None
    """The links of `base`."""
    guests: set[str] = field(default_factory=set)
    """The names of those who are in `base`."""

    def set_up(self, words: Sequence[str]) -> None:
        """Make what the command needs and what is not there yet."""
        file = self.elsewhere.world.home / "pair.cast"
        if words[0] == "new":
            file.unlink(missing_ok=True)  # a recording is written into a new file
        elif words[0] in ("export", "play", "recordings", "share-recording"):
            file.write_bytes(recorded())
        if words[0] in ALONE or "--help" in words:
            return
        world = self.elsewhere.world
        if not (world.runtime / "base.sock").exists():
            layout = ("--layout", str(world.home / "windows.toml"))
            self.links = self.elsewhere.new("base", options=layout)
            self.settings["RW"] = self.links.rw.command
        if "the class" in words or words[0] == "link":
            world.run("link", "new", "-t", "base", "--label", "the class")
        if words[0] == "wait-for" and "-S" not in words:
            world.run("wait-for", "-S", words[-1])
        if words[0] in WITH_GUESTS and not self.guests:
            self.guests = {"ana", "eve"}
            for name in self.guests:
                self._join(name)
            eventually(lambda: self.guests <= people(world, "base").keys(), "the guests have no names")

    def _join(self, name: str) -> None:
        assert self.links is not None
        guest = self.elsewhere.world.ssh(self.links.rw)
        guest.sees("$")
        guest.keys("C-b", ":")
        guest.enter(f"name {name}")

    def clean_up(self, verb: str) -> None:
        """End every session, if the command left them changed."""
        if verb not in CHANGING:
            return
        world = self.elsewhere.world
        for each in world.processes():
            if each.runs("pairterm.host"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGTERM)
        eventually(lambda: not list(world.runtime.glob("[!.]*.sock")), "a session never ended")
        self.guests = set()

    def shell_line(self, line: str) -> str:
        """Return the line as it is run here."""
        for pattern, text in PUT_IN:
            line = re.sub(pattern, lambda _, text=text: text, line)  # type: ignore[misc]  # a default binds it
        words = shlex.split(line)
        if is_only_named(words[1:]):
            return f"{line} --help"
        match words[1:]:
            case ["new", *rest] if "-F" in rest:
                return f"{line} -- true" if "--" not in rest else line
            case ["new", *rest] if "-d" not in rest:
                return line.replace("pairterm new", "pairterm new -d", 1)
            case ["setup", *rest] if "--dry-run" not in rest:
                return f"{line} --dry-run"  # It would change the machine. The packages' tests carry it out.
            case ["serve", *rest] if "--check-config" not in rest:
                return f"{line} --check-config"
        return line


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with open_world() as world:
        for elsewhere in make(world):
            elsewhere.allow('name-prefix="ana-"')
            (world.home / "team.pub").write_text(elsewhere.key.export_public_key().decode())
            shutil.copy(world.home / "team.pub", world.home / "keys.txt")
            (world.home / "limits.toml").write_text("max_guests = 50\n")
            (world.home / "work.toml").write_text(WORKSPACE)
            shutil.copy(elsewhere.config, world.home / "gateway.toml")
            (world.home / "windows.toml").write_text(WINDOWS)
            settings = {"PORT": str(elsewhere.wire.port), "FINGERPRINT": elsewhere.fingerprint}
            stage = Stage(elsewhere, settings)
            stage.set_up(["ls"])  # From here on, the gateway's host key is known, whichever command comes first.
            yield stage


@pytest.mark.parametrize(("page", "line"), cases(), ids=lambda each: str(each))
def test_a_command_line_of_a_page_does_something(stage: Stage, page: str, line: str) -> None:
    world = stage.elsewhere.world
    typed = stage.shell_line(line)
    words = shlex.split(typed)
    stage.set_up(words[1:])
    if words[1] in ("attach", "join") and "--help" not in words:
        terminal = world.terminal(["bash", "-c", typed], environment=stage.settings)
        terminal.sees("$")
        terminal.keys("C-b", "d")
        terminal.has_exited()
    elif words[1] == "play" and "--help" not in words:
        terminal = world.terminal(["bash", "-c", typed], environment=stage.settings)
        terminal.sees("recorded")
        terminal.keys("q")
        terminal.has_exited()
    elif "--follow" in words and words[1] != "new":
        process = world.start("bash", "-c", f"exec {typed}", environment=stage.settings)
        assert process.stdout is not None
        assert process.stdout.readline(), line
        process.send_signal(signal.SIGINT)
        process.wait(DEADLINE_S)
    else:
        done = world.run_any("bash", "-c", typed, environment=stage.settings, status=None)
        assert done.returncode == 0 or REFUSED.get(line, "?") in done.stderr, (page, typed, done)
        assert "Usage:" not in done.stderr
    stage.clean_up(words[1])


def test_the_pages_have_commands() -> None:
    assert len(cases()) > 80
    assert ("pairing.md", "pairterm set seat on --rotate 10m") in cases()
