"""The two "Coming from" pages, row by row: each command of theirs is typed in a real terminal, against a real gateway.

A command in a table that no test here types is a failure, so that a page promises nothing that was not tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pairterm.types import Size
from tests.e2e.terminal import Terminal
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.test_people import answer
from tests.e2e.world import Links, open_world

DOCS = Path(__file__).resolve().parents[2] / "docs"

PAGES = ("coming-from-tmate.md", "coming-from-upterm.md", "coming-from-tmux.md")

TYPED_ELSEWHERE = {
    "pairterm new": "test_commands",
    "pairterm wait-for -S built": "test_tmux_commands",
    "pairterm new -s work": "test_tmux_commands",
    "pairterm new -A -s work": "test_tmux_commands",
    "pairterm attach -t work": "test_tmux_commands",
    "pairterm attach -d -t work": "test_tmux_commands",
    "pairterm attach -r -t work": "test_leaving",
    "pairterm detach-client -s work": "test_tmux_commands",
    "pairterm attach": "test_commands",
    "pairterm capture-pane -p -S - -t work": "test_copying",
    "pairterm serve": "every test with a gateway",
    "pairterm join": "test_join",
    "pairterm new -F": "test_ci",
    "pairterm continue": "test_ci",
}
"""Commands of the tables that other tests type, and which."""


@dataclass
class Laptop:
    """A person's shell, and the gateway that it shares through."""

    elsewhere: Elsewhere
    shell: Terminal
    typed: int = 0

    def types(self, line: str, *shown: str) -> str:
        """Type a command, wait for its end, and return what it printed; each of `shown` is in it, each status 0."""
        self.typed += 1
        end = re.compile(rf"^{self.typed}: status \d+\.", re.M)
        self.shell.enter(f"clear; {line}; echo '{self.typed}: status' $?.")
        screen = self.shell.wait(lambda text: end.search(text) is not None, f"done: {line}")
        for each in shown:
            assert each in screen, f"{line}\n{screen}"
        if "status" not in "".join(shown):
            assert "status 0." in screen, f"{line}\n{screen}"
        return screen

    def value(self, variable: str) -> str:
        return self.elsewhere.world.run("display", "-p", f"#{{{variable}}}").stdout.strip()


@pytest.fixture(scope="module")
def laptop() -> Iterator[Laptop]:
    with open_world() as world:
        for elsewhere in make(world):
            elsewhere.allow('name-prefix="me-"')
            config = world.root / "config" / "pairterm" / "config.toml"
            config.write_text(f'status = false\ngateway = "127.0.0.1:{elsewhere.wire.port}"\n')
            del world.environment["PAIRTERM_GATEWAY"]
            shell = world.terminal(
                ["env", "-u", "PAIRTERM_GATEWAY", "PS1=laptop$ ", "bash", "--norc", "--noprofile"],
                Size(rows=50, cols=200),
            )
            shell.sees("laptop$")
            yield Laptop(elsewhere, shell)


ROWS = [
    ("pairterm new -d -s work --accept-new", ["ssh session read only: ssh -p", "ssh session:           ssh -p"]),
    ("pairterm has-session -t work", []),
    ("pairterm has-session -t nowhere", ["can't find session", "status 1."]),
    ("pairterm list-clients -t work", []),
    ("pairterm new-window -t work: -n logs 'tail -f /dev/null'", []),
    ("pairterm split-window -h -l 30%", []),
    ("pairterm select-window -t work:1", []),
    ("pairterm who -t work", []),
    ("pairterm send-keys -t work 'make test' Enter", []),
    ("pairterm list-keys | head -n 20", ["C-b d"]),
    ("pairterm list-commands | grep keys", ["send-keys"]),
    ("pairterm show -g", ["size-policy smallest"]),
    ("pairterm set -g size-policy largest", []),
    ("pairterm display -t work -p '#{session_name}'", ["work"]),
    ("pairterm bind-key F5 detach", ["no bind-key here", "status 2."]),
    ("pairterm wait ready", []),
    ("pairterm wait tmate-ready", []),
    ("pairterm display -p '#{pairterm_ssh}'", ["ssh -p", "rw-"]),
    ("pairterm display -p '#{tmate_ssh}'", ["ssh -p", "rw-"]),
    ("pairterm display -p '#{tmate_web}'", []),
    ("pairterm display -p '#{session_name}'", ["work"]),
    ("pairterm show-messages", ["ssh session read only: ssh -p"]),
    ("pairterm ls", ["work: "]),
    ("pairterm links", ["ssh session:"]),
    ("pairterm links -t work", ["ssh session:"]),
    ("pairterm -S /tmp/work.sock links", ["ssh session:"]),
    ("pairterm -V", ["pairterm "]),
    ("pairterm new -d -s other", ["ssh session:"]),
    ("pairterm kill-session -a -t work", []),
    ("pairterm kill-session -t work", []),
    ("pairterm kill-server", ["no sessions", "status 1."]),
    ("pairterm -S /tmp/scripted.sock new-session -d", ["ssh session:"]),
    ("pairterm -S /tmp/scripted.sock wait tmate-ready", []),
    ("pairterm -S /tmp/scripted.sock kill", []),
    ("pairterm new -d -n me-x -s named -a ~/.ssh/friend.pub", ["with a key:            ssh -p", " me-x@"]),
    ("pairterm kill -t named", []),
    ("pairterm new -d -n you-x -s named", ["your fixed names are me-", "status 2."]),
    ("pairterm new -d -s work -a ~/.ssh/friend.pub --admit token+key", ["ssh session:"]),
    ("pairterm kill", []),
    ("pairterm new -d -s work --authorized-keys ~/.ssh/friend.pub --admit token+key", ["ssh session:"]),
    ("pairterm kill", []),
    ("pairterm new -d -s work --gateway 127.0.0.1:$PORT", ["ssh session:"]),
    ("pairterm kill", []),
    ("pairterm new -d -s work -- sleep 1000", ["ssh session:"]),
    ("pairterm ls", ["[sleep 1000]"]),
    ("pairterm kill", []),
    ("pairterm new -d -s work --ro-only", ["ssh session read only"]),
    ("pairterm kill", []),
    ("pairterm new -d -s work -i ~/.ssh/id_ed25519", ["ssh session:"]),
    ("pairterm kill", []),
    ("rm $KNOWN; pairterm new -d -s work --host-key SHA256:" + "A" * 43, ["is SHA256:", "status 2."]),
    ("pairterm new -d -s work --host-key $FINGERPRINT", ["ssh session:"]),
    ("pairterm kill", []),
]
"""What is typed, one after the other, and what it shows."""


@pytest.mark.slow
def test_each_row_does_what_it_says(laptop: Laptop) -> None:
    world = laptop.elsewhere.world
    (world.home / ".ssh" / "friend.pub").write_text(laptop.elsewhere.key.export_public_key().decode())
    settings = {
        "PORT": str(laptop.elsewhere.wire.port),
        "FINGERPRINT": laptop.elsewhere.fingerprint,
        "KNOWN": str(world.state / "known_hosts"),
    }
    laptop.types("; ".join(f"{name}='{value}'" for name, value in settings.items()))
    for line, shown in ROWS:
        laptop.types(line, *shown)


def test_each_format_has_both_names(laptop: Laptop) -> None:
    laptop.types("pairterm new -d -s work --accept-new")
    page = (DOCS / PAGES[0]).read_text(encoding="utf-8")
    table = page.partition("## Formats")[2].partition("##")[0]
    names = [name for row in re.findall(r"^\| (`[^|]+) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)]
    assert len(names) >= 12
    for name in names:
        value = laptop.value(f"pairterm_{name}")
        assert value == laptop.value(f"tmate_{name}")
        assert value or name in ("web", "web_ro"), name  # This gateway serves no page for browsers
    laptop.types("pairterm kill")


def test_a_tmux_can_be_shared_and_a_guest_knocks(laptop: Laptop) -> None:
    world = laptop.elsewhere.world
    laptop.types("tmux -L inner -f /dev/null new -d -s main")
    laptop.types("pairterm new -d -s work --accept-new --ask -- tmux -L inner attach")
    guest = world.ssh(world.trust(Links.parse(world.run("links", "-t", "work", "--json").stdout)).rw)
    guest.sees("waiting for the owner")
    owner = world.attach("work")
    owner.sees("[main]")
    answer(owner, "y", lambda: "[main]" in guest.screen())
    laptop.types("pairterm kill -t work; tmux -L inner kill-server")


def spans(page: str) -> Iterator[str]:
    """Yield the commands of ours in the tables of a page."""
    for row in (DOCS / page).read_text(encoding="utf-8").splitlines():
        if row.startswith("| ") and not set(row) <= set("|- "):
            yield from re.findall(r"`(pairterm [^`]+)`", row)


def words_of(command: str) -> set[str]:
    """Return the command and its options; not what stands for a value, nor a command that it starts."""
    first, *rest = command.partition(" -- ")[0].split()[1:]
    return {first} | {word for word in rest if word.startswith("-")}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_table_is_typed_by_some_test(page: str) -> None:
    typed = [words_of(line) for line, _ in ROWS if line.startswith("pairterm")]
    for command in spans(page):
        is_typed = any(words_of(command) <= each for each in typed)
        assert is_typed or command in TYPED_ELSEWHERE, f"{page}: nobody types {command!r}"
