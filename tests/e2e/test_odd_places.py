"""Commands started where something is missing: directory, output, room on the disk. One line at the most of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.world import World


def in_shell(world: World, script: str, *, status: int) -> str:
    """Run a script that says `pairterm …`; return what it printed on standard error."""
    done = world.run_any("sh", "-c", script, status=status)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stderr.count("\n") <= 1, done.stderr
    return done.stderr


def test_new_in_a_directory_that_is_no_more(world: World) -> None:
    (world.root / "gone").mkdir()
    told = in_shell(world, f"cd {world.root}/gone; rmdir ../gone; pairterm new -d -s x", status=2)
    assert "the current directory does not exist any more" in told
    in_shell(
        world, f"mkdir {world.root}/gone; cd {world.root}/gone; rmdir ../gone; pairterm new -d -s x -c /", status=0
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_new_without_standard_streams(world: World, closed: str) -> None:
    """With standard output closed, a descriptor of the start would have had its number."""
    in_shell(world, f"pairterm new -d -s x -- sh -c 'echo mark-$((40+2)); exec cat' {closed}", status=0)
    owner = world.attach("x")
    owner.sees("mark-42")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_can_not_be_written(world: World) -> None:
    world.new("x", "cat")
    assert in_shell(world, "pairterm ls > /dev/full", status=1) == "pairterm: No space left on device\n"
    assert world.sessions(), "the session goes on"
