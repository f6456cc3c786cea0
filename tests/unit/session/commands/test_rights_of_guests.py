"""Guests' rights in commands about windows and panes: who may change them, and that a hidden window stays hidden."""

from __future__ import annotations

import pytest

from pairterm.session.effects import EndProgram, PipePane, StartProgram, WritePty
from pairterm.types import ClientId, WindowId
from tests.unit.session.sessions import Session

SECRET = "password store"
"""The name of the hidden window, and what its program prints."""


class Room:
    """The owner with three windows: `edit` of two panes, `logs`, and one that is hidden. The guests look at `edit`."""

    def __init__(self) -> None:
        self.session = Session()
        self.owner = self.session.owner()
        for line in (
            "rename-window edit",
            "split-window -h",
            "new-window -d -n logs",
            f"new-window -d -n '{SECRET}'",
            "set-window hidden on -t :2",
            "select-window -t :1",
            "select-window -t :0",
        ):
            self.session.say(self.owner, line)
        self.edit, self.logs, self.secret = self.session.parts.windows
        (pane,) = self.secret.panes.values()
        pane.terminal.feed(SECRET.encode())
        assert self.secret.is_hidden

    def guest(self, who: str) -> ClientId:
        return self.session.watcher() if who == "watcher" else self.session.writer()

    def says(self, client: ClientId, line: str) -> str:
        """Give a command, and return what its sender reads."""
        before = len(self.session.told(client))
        self.session.say(client, line)
        return "\n".join(self.session.told(client)[before:])

    def state(self) -> list[object]:
        """Return all that a command about windows can change for everybody."""
        shared = self.session.core.shared_window
        return [
            shared.id,
            *(
                (each.id, each.index, each.name, each.layout, each.active, each.is_zoomed, each.is_hidden)
                for each in self.session.parts.windows
            ),
        ]

    def window_of(self, client: ClientId) -> WindowId | None:
        look = self.session.parts.looks.of(client)
        return look.window if look is not None else None


CHANGES = [
    "new-window",
    "new-window top",
    "split-window",
    "kill-window",
    "kill-window -a",
    "kill-pane",
    "kill-pane -a",
    "rename-window mine",
    "move-window -t :9",
    "move-window -r",
    "swap-window -s :0 -t :1",
    "resize-pane -L 5",
    "resize-border %0 R 5",
    "swap-pane -D",
    "rotate-window",
    "break-pane",
    "join-pane -s :1.0",
    "move-pane -s :1.0",
    "select-layout even-vertical",
    "next-layout",
    "previous-layout",
    "select-pane -T mine",
]

OWNERS = ["set-window hidden on", "set-window hidden off -t :2", "gather", "send-keys -t :1 x Enter", "send-keys x"]


@pytest.mark.parametrize("line", [*CHANGES, *OWNERS])
def test_a_watcher_changes_nothing(line: str) -> None:
    room = Room()
    watcher = room.guest("watcher")
    before = room.state()
    said = room.says(watcher, line)
    assert said in ("you may only watch", "only the owner may do this")
    assert room.state() == before
    assert not [each for each in room.session.found(StartProgram) if each.client == watcher]
    assert not room.session.found(EndProgram)
    assert not room.session.found(WritePty)


@pytest.mark.parametrize("line", CHANGES)
def test_a_person_without_the_keyboard_changes_nothing(line: str) -> None:
    room = Room()
    writer = room.guest("writer")
    room.session.say(room.owner, "set seat on")
    before = room.state()
    assert room.says(writer, line) == "someone else has the keyboard"
    assert room.state() == before
    assert not room.session.found(EndProgram)


def test_the_driver_changes_windows() -> None:
    room = Room()
    writer = room.guest("writer")
    room.session.say(room.owner, "set seat on")
    room.session.say(room.owner, f"give #{room.session.number(writer)}")
    assert room.session.core.may_type(writer)
    assert room.says(writer, "rename-window mine") == ""
    assert room.edit.name == "mine"


@pytest.mark.parametrize(
    "line",
    [each for each in CHANGES if each not in ("resize-border %0 R 5", "select-pane -T mine", "previous-layout")],
)
def test_a_writer_changes_windows(line: str) -> None:
    room = Room()
    writer = room.guest("writer")
    before = room.state()
    if line == "move-window -r":
        room.session.say(room.owner, "move-window -s :1 -t :7")
    assert room.says(writer, line) == ""
    if line != "move-window -r":
        assert room.state() != before
    assert room.secret in list(room.session.parts.windows), "a guest's command does not end a hidden window"
    assert len(room.secret.panes) == 1


@pytest.mark.parametrize("line", OWNERS)
def test_a_writer_is_not_the_owner(line: str) -> None:
    room = Room()
    writer = room.guest("writer")
    before = room.state()
    assert room.says(writer, line) == "only the owner may do this"
    assert room.state() == before
    assert not room.session.found(WritePty)


@pytest.mark.parametrize(
    ("line", "window"),
    [
        ("select-window -t logs", 1),
        ("next-window", 1),
        ("previous-window", 1),
        ("last-window", 1),
        ("find-window logs", 1),
        ("select-pane -t :0.0", 0),
        ("last-pane", 0),
        ("resize-pane -Z", 0),
    ],
)
def test_a_watcher_looks_for_themselves(line: str, window: int) -> None:
    room = Room()
    watcher = room.guest("watcher")
    before = room.state()
    assert room.says(watcher, line) == ""
    assert room.window_of(watcher) == (room.edit, room.logs)[window].id
    assert not room.session.parts.looks.follows(watcher)
    assert room.state() == before, "the others look where they did"


HIDDEN_TARGETS = ["{session}:2", ":2", "@2", "%3", "'password store'", "'password*'", "passw", "=2", ":2.0"]


@pytest.mark.parametrize("who", ["watcher", "writer"])
@pytest.mark.parametrize("target", HIDDEN_TARGETS)
def test_no_target_of_a_guest_means_a_hidden_window(who: str, target: str) -> None:
    room = Room()
    guest = room.guest(who)
    assert list(room.secret.panes) == [3]
    assert room.secret.id == 2
    before = room.state()
    place = target.format(session="our_session")
    for line in ("select-window -t", "select-pane -t", "list-panes -t", "display-message -p -t"):
        said = room.says(guest, f"{line} {place}")
        assert "can't find" in said, line
        assert SECRET not in said.replace(place.strip("'"), ""), "only the sender's own word comes back"
    assert room.window_of(guest) == room.edit.id
    assert room.state() == before


@pytest.mark.parametrize(
    "line",
    [
        "join-pane -s %3",
        "join-pane -t %3",
        "move-pane -s :2.0",
        "swap-pane -s %3",
        "swap-pane -t %3",
        "swap-window -s :2",
        "swap-window -t :2",
        "move-window -s :2 -t :9",
        "break-pane -s %3",
        "rename-window -t :2 mine",
        "split-window -t :2",
        "kill-window -t :2",
        "kill-pane -t %3",
        "select-layout -t :2 tiled",
        "rotate-window -t :2",
        "resize-pane -t %3 -Z",
        "resize-border %3 R 5",
        "new-window -k -t :2",
        "move-window -k -s :1 -t :2",
        "break-pane -s :0.1 -t :2",
    ],
)
def test_no_command_of_a_writer_changes_a_hidden_window(line: str) -> None:
    room = Room()
    writer = room.guest("writer")
    before = room.state()
    said = room.says(writer, line)
    assert said
    assert SECRET not in said
    assert room.state() == before
    assert not room.session.found(EndProgram)


@pytest.mark.parametrize("who", ["watcher", "writer"])
@pytest.mark.parametrize(
    "line",
    [
        "list-windows",
        "list-windows -a",
        "list-windows -j",
        "list-windows -F '#{window_name} #{pane_title} #{window_id}'",
        "list-panes -s",
        "list-panes -a -F '#{window_name} #{pane_id}'",
        "find-window password",
        "find-window -C stor",
        "display-message -p '#{session_windows}'",
        "capture-pane -p -t %3",
        "choose-tree",
    ],
)
def test_nothing_that_a_guest_reads_tells_of_a_hidden_window(who: str, line: str) -> None:
    room = Room()
    guest = room.guest(who)
    said = room.says(guest, line)
    assert said
    assert "@2" not in said
    assert "store" not in said
    if "session_windows" in line:
        assert said == "2"


@pytest.mark.parametrize("who", ["watcher", "writer"])
def test_only_the_owner_pipes_a_pane(who: str) -> None:
    """The command runs outside the pty, and would outlive the guest's role."""
    room = Room()
    guest = room.guest(who)
    assert room.says(guest, "pipe-pane 'cat >file'") == "only the owner may do this"
    assert not room.session.found(PipePane)
    assert room.says(room.owner, "pipe-pane 'cat >file'") == ""
    assert room.session.found(PipePane)[-1].command == "cat >file"


@pytest.mark.parametrize("who", ["watcher", "writer"])
def test_a_guests_steps_pass_over_a_hidden_window(who: str) -> None:
    room = Room()
    guest = room.guest(who)
    for line in ("next-window", "previous-window", "last-window", "next-window", "select-window -t {end}"):
        assert room.says(guest, line) == "", line
        assert room.window_of(guest) in (room.edit.id, room.logs.id)


def test_the_owner_finds_a_hidden_window() -> None:
    room = Room()
    assert room.says(room.owner, "find-window -C stor") == ""
    assert room.window_of(room.owner) == room.secret.id


@pytest.mark.parametrize("who", ["watcher", "writer"])
def test_a_guest_gets_no_line_of_a_hidden_pane(who: str) -> None:
    room = Room()
    guest = room.guest(who)
    (pane,) = room.secret.panes
    room.session.core.feed(pane, b"secret line\r\n" * 100, room.session.now_s)
    assert not room.session.core.visible.history(guest, pane, 0, 50).rows
    assert room.session.core.visible.history(room.owner, pane, 0, 50).rows
    known = {each.window: each for each in room.session.core.visible.windows([guest]).windows}
    assert (known[room.secret.id].name, known[room.secret.id].panes) == ("", [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("new-window top", "the owner confirms each line: open it without a command"),
        ("split-window top", "the owner confirms each line: open it without a command"),
        ("new-window -e A=b", "the owner confirms each line: open it without a command"),
        ("respawn-pane -k", "the owner confirms each line: open another pane"),
        ("new-window", ""),
        ("split-window", ""),
    ],
)
def test_a_guest_whose_lines_are_confirmed_starts_only_a_shell(line: str, said: str) -> None:
    room = Room()
    writer = room.guest("writer")
    room.session.say(room.owner, "set confirm-enter on")
    assert room.says(writer, line) == said
    started = [each.command for each in room.session.found(StartProgram) if each.client == writer]
    assert started == ([] if said else [()])
    assert "confirms" not in room.says(room.owner, line)


@pytest.mark.parametrize("who", ["watcher", "writer"])
@pytest.mark.parametrize(
    "line", [*CHANGES, "select-window -t :1", "list-windows", "find-window logs", "display-message"]
)
def test_a_pause_stops_all_commands_of_guests(who: str, line: str) -> None:
    room = Room()
    guest = room.guest(who)
    room.session.say(room.owner, "pause")
    before = room.state()
    assert room.says(guest, line) == "paused by the owner"
    assert room.state() == before


@pytest.mark.parametrize(("who", "path"), [("watcher", ""), ("writer", "/srv/private")])
def test_only_those_who_may_type_read_the_directory(who: str, path: str) -> None:
    room = Room()
    guest = room.guest(who)
    for pane in room.edit.panes:
        room.session.core.take_command(pane, "vim", "/srv/private", room.session.now_s)
    assert room.says(guest, "display-message -p '#{window_name}|#{pane_current_path}'") == f"edit|{path}"
