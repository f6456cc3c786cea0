"""Two who type and one who watches: everybody sees the same, and it is what a terminal of their own would show."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairterm.types import Size
from tests.e2e.terminal import DEADLINE_S, Terminal, eventually
from tests.e2e.world import SMALL, World

LARGE = Size(rows=40, cols=120)

TEXT = "".join(f"def f{n}(x):\n    return x * {n}  # wide: 漢字, combining: e\u0301\n" for n in range(40))


def agree(*terminals: Terminal) -> None:
    """Wait until all show the same picture, colours and cursor included."""
    differences: list[str] = []

    def same() -> bool:
        first, *others = [each.picture() for each in terminals]
        differences[:] = [found for each in others if (found := first.differs_from(each))]
        return not differences

    eventually(same, lambda: "they never agreed: " + "\n====\n".join(differences))


def edit_in_vim(vim: Terminal) -> None:
    """Make an edit that scrolls, inserts, deletes, splits the window and searches."""
    vim.type("10Gofirst inserted line")
    vim.keys("Escape")
    vim.type("ggdd5jp")
    vim.enter(":split")
    vim.type("Gkdd")
    vim.enter(":set number")
    vim.enter("/return x . 7")
    vim.type("zz")
    vim.type("Othe last insertion")


@pytest.fixture
def text(world: World) -> Path:
    path = world.home / "edited.py"
    path.write_text(TEXT)
    (world.home / ".vimrc").write_text("syntax on\nset noswapfile nocompatible hlsearch ruler showcmd scrolloff=2\n")
    return path


def test_two_type_one_watches_and_all_see(world: World) -> None:
    links = world.new("our_session")
    owner, guest, watcher = world.attach("our_session"), world.ssh(links.rw), world.ssh(links.ro)
    everyone = (owner, guest, watcher)
    for each in everyone:
        each.sees("here$")
    owner.enter("echo one-$((40+2))")
    for each in everyone:
        each.sees("one-42")
    guest.enter("echo two-$((50+5))")
    for each in everyone:
        each.sees("two-55")
    watcher.type("echo three")
    watcher.keys("Enter")
    owner.enter("echo last-$((60+6))")
    for each in everyone:
        assert "three" not in each.sees("last-66")
    agree(*everyone)


def test_two_guests_by_ssh_type_into_one_line(world: World) -> None:
    links = world.new("our_session")
    one, two = world.ssh(links.rw), world.ssh(links.rw)
    one.sees("here$")
    two.sees("here$")
    one.type("echo both")
    two.sees("echo both")
    two.type("-typed-")
    one.sees("echo both-typed-")
    one.enter("$((1+1))")
    two.sees("\nboth-typed-2")
    agree(one, two)


def test_after_a_vim_edit_all_show_what_a_terminal_of_its_own_shows(world: World, text: Path) -> None:
    copy = world.home / "copy" / "edited.py"
    copy.parent.mkdir()
    copy.write_text(TEXT)
    reference = world.terminal(["env", "COLORTERM=truecolor", "sh", "-c", f"cd {copy.parent} && exec vim edited.py"])
    links = world.new("our_session", "vim", "edited.py", options=["-c", str(text.parent)])
    owner, guest, watcher = world.attach("our_session"), world.ssh(links.rw), world.ssh(links.ro)
    for each in (reference, owner, guest, watcher):
        each.sees("def f0(x):")
    edit_in_vim(reference)
    edit_in_vim(guest)
    for each in (reference, owner, guest, watcher):
        each.sees("-- INSERT --")
        each.sees("the last insertion")
    agree(reference, owner, guest, watcher)
    assert any(pen for row in reference.picture().rows for _, pen in row), "no colours: it would prove little"


def test_late_joiner_equals_early_one_also_in_the_middle_of_vim(world: World, text: Path) -> None:
    links = world.new("our_session", "vim", "edited.py", options=["-c", str(text.parent)])
    early = world.ssh(links.rw)
    early.sees("def f0(x):")
    edit_in_vim(early)
    early.sees("the last insertion")
    late, late_watcher, late_owner = world.ssh(links.rw), world.ssh(links.ro), world.attach("our_session")
    for each in (late, late_watcher, late_owner):
        each.sees("the last insertion")
    agree(early, late, late_watcher, late_owner)
    late.keys("Escape")
    late.enter(":syntax off")
    agree(early, late, late_watcher, late_owner)


def test_late_joiner_of_a_shell_sees_the_screen_at_once(world: World) -> None:
    links = world.new("our_session")
    early = world.ssh(links.rw)
    early.sees("here$")
    early.enter("printf '\\033[31mred\\033[0m \\033[1;44mbold on blue\\033[0m\\n'")
    early.wait(lambda screen: screen.count("here$") == 2 and "\nred bold on blue" in screen, "printed")
    late = world.ssh(links.ro)
    late.sees("bold on blue")
    agree(early, late)


def test_sizes_negotiate_to_the_smallest_and_back(world: World) -> None:
    links = world.new("our_session", options=["-x", "100", "-y", "30"])
    large = world.ssh(links.rw, size=LARGE)
    large.sees("here$")
    large.enter("stty size")
    large.sees("40 120")
    small = world.attach("our_session", size=SMALL)
    small.sees("here$")
    eventually(lambda: world.session("our_session")["cols"] == 80, "never got 80 columns")
    large.enter("clear; stty size")
    small.sees("24 80")
    # The larger one shows the session top left, a border beside and below it.
    # (That somebody came is said over the last row for a while.)

    def has_border(screen: str) -> bool:
        lines = screen.splitlines()
        return all(line[80:81] == "│" for line in lines[:24]) and lines[24:25] == ["─" * 80 + "┘"]

    large.wait(lambda text: "24 80" in text and has_border(text) and not any(text.splitlines()[25:]), "bare below")
    small.keys("C-b", "d")
    small.has_exited()
    eventually(lambda: world.session("our_session")["cols"] == 120, "never got 120 columns back")
    large.enter("clear; stty size")
    large.wait(lambda screen: "40 120" in screen and "│" not in screen, "without a border")


def test_the_last_size_stays_when_all_have_left(world: World) -> None:
    links = world.new("our_session", options=["-x", "100", "-y", "30"])
    assert (world.session("our_session")["cols"], world.session("our_session")["rows"]) == (100, 30)
    guest = world.ssh(links.rw, size=LARGE)
    guest.sees("here$")
    guest.keys("C-b", "d")
    guest.has_exited()
    eventually(lambda: not world.session("our_session")["clients"], "the guest is still listed")
    assert (world.session("our_session")["cols"], world.session("our_session")["rows"]) == (120, 40)


def test_a_terminal_that_is_resized_resizes_the_session(world: World) -> None:
    links = world.new("our_session")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.resize(LARGE)
    eventually(lambda: world.session("our_session")["rows"] == 40, "the session never followed")
    guest.enter("stty size")
    guest.sees("40 120")


def test_a_read_only_client_never_resizes_and_sees_the_part_with_the_cursor(world: World) -> None:
    links = world.new("our_session")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    watcher = world.ssh(links.ro, size=Size(rows=10, cols=40))
    watcher.sees("here$")
    guest.enter("for n in $(seq 1 20); do echo line-$n; done; stty size; printf '%60sx' ''; read -r wait")
    guest.sees("24 80")
    guest.sees("line-20")
    watcher.wait(lambda screen: screen.rstrip("\n").endswith(" x"), "shown the part with the cursor")
    assert world.session("our_session")["cols"] == 80


def test_a_flood_ends_with_the_same_last_lines_for_all(world: World) -> None:
    links = world.new("our_session")
    owner, guest, watcher = world.attach("our_session"), world.ssh(links.rw), world.ssh(links.ro)
    for each in (owner, guest, watcher):
        each.sees("here$")
    guest.enter("seq 1 200000")
    expected = [*map(str, range(199978, 200001)), "here$"]
    for each in (owner, guest, watcher):
        each.wait(lambda screen: screen.splitlines() == expected, "through the flood")
    agree(owner, guest, watcher)


def test_what_is_typed_ahead_is_not_lost(world: World) -> None:
    """A watcher's `q`, typed before the host had let it in, was dropped, and so was a script's input."""
    links = world.new("our_session", "cat")
    with (world.root / "typed").open("w+b") as typed:
        typed.write(b"typed ahead\n\x04")
        typed.seek(0)
        process = world.start(*world.ssh_command(links.rw, "-tt"), stdin=typed, environment={"TERM": "xterm"})
    shown, _ = process.communicate(timeout=DEADLINE_S)
    assert b"[our_session ended]" in shown
    assert process.returncode == 0
