"""The mouse in windows of several panes. The real terminals send the bytes that a real mouse makes them send."""

from __future__ import annotations

from tests.e2e.terminal import Terminal, eventually
from tests.e2e.test_viewing import configure, has_status
from tests.e2e.world import World


def mouse(kind: str, row: int, col: int) -> str:
    """Return the report of a press, a drag or a release of the left button at this cell, from 1."""
    code, end = {"press": (0, "M"), "drag": (32, "M"), "release": (0, "m")}[kind]
    return f"\x1b[<{code};{col};{row}{end}"


def click(terminal: Terminal, row: int, col: int) -> None:
    terminal.type(mouse("press", row, col))
    terminal.type(mouse("release", row, col))


def border_of(terminal: Terminal) -> int:
    """Return the column of the border between two panes side by side, from 1."""
    return terminal.screen().split("\n")[0].index("│") + 1


def test_the_mouse_selects_panes_and_windows_drags_a_border_and_copies(world: World) -> None:
    configure(world, "mouse = true\n")
    links = world.new("ours")
    owner = world.attach("ours")
    guest = world.ssh(links.rw)
    watcher = world.ssh(links.ro)
    for each in (owner, guest, watcher):
        each.sees("here$")
    assert owner.facts("mouse_button_flag", "mouse_sgr_flag") == {"mouse_button_flag": "1", "mouse_sgr_flag": "1"}
    owner.keys("C-b", "%")
    for each in (owner, guest, watcher):
        each.sees("│here$")

    before = border_of(guest)
    guest.type(mouse("press", 5, before))
    guest.type(mouse("drag", 5, before - 4))
    guest.type(mouse("drag", 6, before - 10))
    guest.type(mouse("release", 6, before - 10))
    for each in (owner, guest, watcher):
        eventually(lambda each=each: border_of(each) == before - 10, each.screen)  # type: ignore[misc]  # a default
    watcher.type(mouse("press", 5, before - 10) + mouse("drag", 5, before) + mouse("release", 5, before))
    watcher.sees("only watch")
    assert border_of(owner) == before - 10

    click(owner, 3, 3)
    eventually(lambda: int(owner.facts("cursor_x")["cursor_x"]) < before - 10, owner.screen)
    owner.enter("echo left-$((1+1)) word")
    owner.sees("\nleft-2 word")
    row = 1 + next(at for at, line in enumerate(owner.screen().split("\n")) if line.startswith("left-2"))
    owner.type(mouse("press", row, 1) + mouse("drag", row, 3) + mouse("drag", row, 6) + mouse("release", row, 6))
    owner.sees("copied 6 characters")
    owner.keys("C-b", "]")
    owner.sees("here$ left-2")
    owner.keys("C-u")

    owner.keys("C-b", "c")
    status = has_status(owner, " 0:", " 1:", "* ")
    click(owner, 24, status.index("0:") + 1)
    owner.sees("\nleft-2 word")


def test_a_program_gets_the_mouse_in_the_cells_of_its_pane(world: World) -> None:
    configure(world, "mouse = true\n")
    world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    owner.keys("C-b", "%")
    owner.sees("│here$")
    column = border_of(owner)
    owner.enter(r"printf '\033[?1000;1006h'; cat -v")
    owner.sees("cat -v")
    click(owner, 7, column + 5)
    owner.sees("^[[<0;5;7M^[[<0;5;7m")
    click(owner, 7, column - 5)
    eventually(lambda: int(owner.facts("cursor_x")["cursor_x"]) < column, owner.screen)
    assert owner.screen().count("^[[<") == 2, "the click that selects a pane is no program's"
