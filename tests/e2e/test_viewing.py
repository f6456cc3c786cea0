"""What each viewer has for itself: scrollback, viewport, status line, help, prompt, keys. The others' screens stay.

Terminals of real clients; what they show is what tmux says of their panes.
"""

from __future__ import annotations

import re

import pytest

from pairterm.types import Size
from tests.e2e.terminal import Terminal, eventually
from tests.e2e.world import World

SMALL = Size(rows=10, cols=40)
COUNT = "for n in $(seq 200); do echo line-$n; done"
# In a shell of its own: bash, told C-c just between two sleeps, does not hear it or ends.
TICKING = "sh -c 'n=0; while :; do n=$((n+1)); echo tick-$n; sleep 0.05; done'"


def configure(world: World, text: str) -> None:
    """Write the configuration of the one who shares."""
    (world.root / "config" / "pairterm" / "config.toml").write_text(text)


def last_row(screen: str) -> str:
    """Return the last row of a screen."""
    return screen.rstrip("\n").rpartition("\n")[2]


def status(terminal: Terminal) -> str:
    """Return the last row that a terminal shows."""
    return last_row(terminal.screen())


def has_status(terminal: Terminal, *parts: str) -> str:
    """Wait until the last row has all of these."""
    screen = terminal.wait(
        lambda screen: all(part in last_row(screen) for part in parts), f"has {parts} in the status line"
    )
    return last_row(screen)


@pytest.fixture
def lined(world: World) -> World:
    """A world with the status line, as it is by default."""
    configure(world, "")
    return world


# Scrollback.


@pytest.mark.parametrize("role", ["rw", "ro"])
def test_one_looks_at_the_history_while_the_program_runs_on_for_the_others(world: World, role: str) -> None:
    links = world.new("our_session")
    typing, looking = world.ssh(links.rw), world.ssh(getattr(links, role))
    typing.sees("here$")
    typing.enter(COUNT)
    for each in (typing, looking):
        each.sees("line-200\nhere$")
    looking.keys("C-b", "[")
    looking.keys("g")
    looking.sees("\nline-1\n")
    looking.keys("PPage", "NPage")
    typing.enter(TICKING)
    typing.sees("tick-30")
    screen = looking.screen()
    assert "tick" not in screen, "the history moved with the program"
    assert "line-1" not in typing.screen()
    looking.keys("g")
    looking.sees("\nline-1\n")
    looking.keys("q")
    looking.sees("tick-")
    typing.keys("C-c")
    typing.enter("echo still-$((40+2))")
    for each in (typing, looking):
        each.sees("still-42")


def test_a_search_finds_up_and_on_and_says_where_nothing_is(world: World) -> None:
    links = world.new("our_session")
    typing, looking = world.ssh(links.rw), world.ssh(links.ro)
    typing.sees("here$")
    typing.enter(COUNT)
    looking.sees("line-200\nhere$")
    before = typing.picture()
    looking.keys("C-b", "[")
    looking.keys("?")
    looking.type("line-17")
    looking.keys("Enter")
    looking.sees("\nline-179\n")
    looking.keys("/")
    looking.type("no such line")
    looking.keys("Enter")
    looking.sees("not found: no such line")
    looking.keys("?")
    looking.type("line-42")
    looking.keys("Enter")
    looking.sees("\nline-42\n")
    looking.keys("q")
    looking.sees("line-200\nhere$")
    assert not before.differs_from(typing.picture()), "the search moved another one's screen"


def test_who_looks_at_the_history_types_nothing(world: World) -> None:
    links = world.new("our_session", "cat")
    typing = world.ssh(links.rw)
    eventually(lambda: bool(world.session("our_session")["clients"]), "never joined")
    typing.keys("C-b", "[")
    typing.sees("q: back")
    typing.type("nothing of this xzx")
    typing.keys("q")
    typing.enter("typed")
    assert "xzx" not in typing.sees("typed\ntyped")


def test_shift_page_up_and_the_wheel_look_at_the_history(world: World) -> None:
    configure(world, "status = false\nmouse = true\n")
    links = world.new("our_session")
    typing = world.ssh(links.rw)
    typing.sees("here$")
    typing.enter(COUNT)
    typing.sees("line-200\nhere$")
    assert typing.facts("mouse_any_flag", "mouse_sgr_flag") == {"mouse_any_flag": "1", "mouse_sgr_flag": "1"}
    typing.type("\x1b[<64;5;5M")
    typing.sees("line-176\n")
    typing.type("\x1b[<65;5;5M\x1b[<65;5;5M")
    typing.sees("line-200\nhere$")
    typing.keys("S-PPage")
    typing.wait(lambda screen: "line-200" not in screen, "a page up")
    typing.keys("q")
    typing.sees("line-200\nhere$")
    typing.enter("echo clean-$((1+1))")
    assert "64;5" not in typing.sees("clean-2")


def test_the_mouse_is_the_terminals_own_by_default(world: World) -> None:
    links = world.new("our_session")
    typing = world.ssh(links.rw)
    typing.sees("here$")
    assert typing.facts("mouse_any_flag") == {"mouse_any_flag": "0"}


# Widths.

CLUSTERS = [
    "👩\u200d💻 engineer",
    "❤\ufe0f heart",
    "🇩🇪 flag",
    "👍🏽 thumb",
    "தமிழ் கா Tamil",
    "हिन्दी Hindi",
    "│ कि   │ x",
]
LAID_OUT = [*CLUSTERS[:-1], "│ कि  │ x"]
"""What tmux 3.3a shows: a vowel sign has a column of its own there, which a blank before the border gives up."""


def test_a_guest_in_tmux_sees_emoji_and_indic_text_whole(world: World) -> None:
    """`👩‍💻 x` showed only a woman, `கா` lost its vowel sign, `❤️` left a gap: tmux has other widths than the model."""
    page = world.root / "page"
    page.write_text("\n".join(CLUSTERS) + "\nend\n")
    guest = world.ssh(world.new("our_session", f"sh -c 'cat {page}; exec cat -v'").rw)
    guest.wait(lambda screen: screen.rstrip("\n").split("\n") == [*LAID_OUT, "end"], "shown whole")
    guest.enter("typed")
    assert guest.sees("typed\ntyped").rstrip("\n").split("\n") == [*LAID_OUT, "end", "typed", "typed"]


# Viewport.


def test_a_viewport_follows_is_panned_and_follows_again(lined: World) -> None:
    links = lined.new("our_session", options=["-x", "120", "-y", "40"])
    lined.run("set", "-t", "our_session", "size-policy", "fixed 120x40")
    typing, looking = lined.ssh(links.rw, size=Size(rows=41, cols=120)), lined.ssh(links.ro, size=SMALL)
    typing.sees("here$")
    typing.enter("clear; for n in $(seq 39); do printf '%3d%80s%d\\n' $n '' $n; done")
    typing.sees(" 39")
    looking.sees("here$")
    has_status(looking, "view 40×9 of 120×40 +0+31")
    looking.keys("C-b", "S-Up", "S-Up")
    looking.wait(lambda screen: screen.startswith(" 24"), "moved up")
    has_status(looking, "view 40×9 of 120×40 +0+23 pinned")
    looking.keys("Right", "Right", "Right", "Right")  # a watcher's arrows pan by themselves
    has_status(looking, "view 40×9 of 120×40 +64+23 pinned")
    assert looking.screen().splitlines()[0].strip() == "24"
    typing.enter("echo more-$((1+1))")
    typing.sees("more-2")
    has_status(looking, "+64+23 pinned")  # a panned viewport does not move by itself
    looking.keys("Home")
    looking.sees("more-2")
    has_status(looking, "view 40×9 of 120×40 +0+31")
    assert "pinned" not in status(looking)
    assert "view" not in status(typing)


def test_a_larger_terminal_shows_the_session_in_the_middle_if_that_is_set(world: World) -> None:
    configure(world, "status = false\ncentred = true\n")
    links = world.new("our_session", options=["-x", "60", "-y", "10"])
    world.run("set", "-t", "our_session", "size-policy", "fixed 60x10")
    guest = world.ssh(links.rw, size=Size(rows=20, cols=100))
    guest.sees("here$")
    guest.enter("clear; for n in $(seq 30); do echo line-$n; done")
    guest.sees("line-30 ")
    border = " " * 19 + "┌" + "─" * 60 + "┐", " " * 19 + "└" + "─" * 60 + "┘"
    shown = [f"line-{number}" for number in range(22, 31)] + ["here$"]
    expected = [*[""] * 4, border[0], *[f"{' ' * 19}│{text:60}│" for text in shown], border[1]]
    guest.wait(lambda screen: screen.rstrip("\n").splitlines() == expected, "in the middle")
    assert guest.facts("cursor_x", "cursor_y") == {"cursor_x": str(20 + len("here$ ")), "cursor_y": "14"}


# Status line and messages.


def test_the_status_line_says_session_role_people_and_who_types(lined: World) -> None:
    links = lined.new("our_session")
    guest = lined.ssh(links.rw)
    has_status(guest, "1 here: guest-1")
    owner, watcher = lined.attach("our_session"), lined.ssh(links.ro)
    has_status(owner, "our_session", "owner", "3 here", "guest-1", "tester")
    has_status(guest, "our_session", "read-write", "3 here")
    has_status(watcher, "our_session", "read-only", "3 here")
    guest.enter("stty size")
    assert "\n23 80\n" in guest.sees("23 80"), "the status line is not the program's"
    has_status(owner, "guest-1 types")
    guest.keys("C-b", "d")
    guest.has_exited()
    has_status(watcher, "2 here")


def test_a_new_size_is_said_with_who_set_it(lined: World) -> None:
    lined.new("our_session")
    owner = lined.attach("our_session", size=Size(rows=31, cols=100))
    owner.sees("here$")
    second = lined.attach("our_session", size=Size(rows=24, cols=90))
    found = has_status(owner, "size 90×23 (set by ")
    assert re.search(r"\(set by [^)\s]+\)", found)
    second.keys("C-b", "d")
    has_status(owner, "size 100×30 (set by ")


def test_the_status_line_goes_and_comes_by_the_viewers_word(lined: World) -> None:
    links = lined.new("our_session")
    owner, watcher = lined.attach("our_session"), lined.ssh(links.ro)
    for each in (owner, watcher):
        has_status(each, "our_session")
    owner.sees("here$")
    owner.keys("C-b", ":")
    owner.enter("status off")
    owner.wait(lambda screen: "2 here" not in screen, "without the status line")
    eventually(lambda: lined.session("our_session")["rows"] == 24, "the row never went to the session")
    has_status(watcher, "our_session", "2 here")
    owner.enter("stty size")
    owner.sees("24 80")
    owner.keys("C-b", ":")
    owner.enter("set status on")
    has_status(owner, "our_session", "2 here")
    eventually(lambda: lined.session("our_session")["rows"] == 23, "the row never came back")


def test_the_status_line_is_off_by_configuration(world: World) -> None:
    links = world.new("our_session")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.enter("stty size")
    assert "our_session" not in guest.sees("24 80")


# Help.


@pytest.mark.parametrize(("role", "words"), [("rw", "What you type goes"), ("ro", "You look on")])
def test_the_help_lists_the_keys_of_the_role_and_goes(world: World, role: str, words: str) -> None:
    links = world.new("our_session")
    guest, other = world.ssh(getattr(links, role), size=Size(rows=120, cols=100)), world.ssh(links.rw)
    other.sees("here$")
    guest.sees("here$")
    guest.keys("C-b", "?")
    screen = guest.sees(words)
    assert re.search(r"C-b d\s+leave", screen)
    assert ("C-b C-b" in screen) == (role == "rw"), "sending the prefix is for those who type"
    assert "here$" in other.screen()
    guest.keys("x")
    guest.sees("here$")
    assert words not in guest.screen()


# Options.


def test_the_owner_sets_the_policy_at_the_prompt_and_a_guest_may_not(world: World) -> None:
    links = world.new("our_session")
    owner, guest = world.attach("our_session"), world.ssh(links.rw, size=Size(rows=40, cols=120))
    owner.sees("here$")
    guest.sees("here$")
    eventually(lambda: world.session("our_session")["cols"] == 80, "never the smallest")
    guest.keys("C-b", ":")
    guest.enter("set size-policy largest")
    guest.sees("only the owner may do this")
    assert world.session("our_session")["cols"] == 80
    owner.keys("C-b", ":")
    owner.enter("set size-policy largest")
    eventually(lambda: world.session("our_session")["cols"] == 120, "never the largest")
    owner.keys("C-b", ":")
    owner.enter("set size-policy fixed 100x30")
    eventually(lambda: world.session("our_session")["cols"] == 100, "never the fixed")
    owner.keys("C-b", ":")
    owner.enter("set size-polcy largest")
    owner.sees("did you mean 'size-policy'?")


def test_every_policy_by_the_command_line(world: World) -> None:
    links = world.new("our_session")
    owner = world.attach("our_session", size=Size(rows=30, cols=90))
    guest = world.ssh(links.rw, size=Size(rows=20, cols=120))
    watcher = world.ssh(links.ro, size=Size(rows=12, cols=50))
    for each in (owner, guest, watcher):
        each.sees("here$")

    def has_size(policy: str, cols: int, rows: int) -> None:
        world.run("set", "-t", "our_session", *policy.split(" ", 1))

        def size() -> tuple[int, int]:
            found = world.session("our_session")
            return found["cols"], found["rows"]

        eventually(lambda: size() == (cols, rows), lambda: f"{policy}: {size()}")

    has_size("size-policy smallest", 90, 20)
    has_size("size-policy largest", 120, 30)
    has_size("size-policy owner", 90, 30)
    has_size("size-policy fixed 70x25", 70, 25)
    guest.type("x")
    guest.sees("here$ x")
    has_size("size-policy latest", 120, 20)
    owner.type("y")
    owner.sees("here$ xy")
    has_size("size-policy latest", 90, 30)
    has_size("read-only-votes on", 90, 30)
    has_size("size-policy smallest", 50, 12)
    has_size("size-floor 60x15", 60, 15)
    has_size("read-only-votes off", 90, 20)
    refused = world.run("set", "-t", "our_session", "size-policy", "widest", status=2)
    assert "bad size-policy 'widest'" in refused.stderr


def test_prefix_and_bindings_are_the_owners_for_everyone(world: World) -> None:
    configure(world, 'status = false\nprefix = "C-a"\n[bindings]\n"D" = "detach-client"\n"d" = "none"\n')
    links = world.new("our_session")
    owner, guest = world.attach("our_session"), world.ssh(links.rw)
    for each in (owner, guest):
        each.sees("here$")
        each.keys("C-a", "d")
        each.enter("echo on-$((1+1))")
        each.sees("on-2")
        each.keys("C-a", "D")
        each.has_exited()
        assert "[detached from our_session]" in each.screen()
