"""A recorder that stalls, finds its disk full, or can't start; and recordings that follow each other at once."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
from pathlib import Path

import pytest

from pairterm import __version__
from pairterm.link.messages import PROTOCOL, Hello, RunCommand
from pairterm.runtime.link_stream import LinkStream, connect_unix
from pairterm.types import Size
from tests.e2e.frozen_disk import freezable_disk
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_windows import works
from tests.e2e.world import World

SIZE = Size(rows=24, cols=90)


def recorded(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def typed(path: Path) -> str:
    """Return what a recording has of what was typed."""
    events = [json.loads(line) for line in recorded(path).splitlines()[1:]]
    return "".join(data for _, code, data in events if code == "i")


def recorders(world: World) -> list[int]:
    return [each.pid for each in world.processes() if each.runs("pairterm.recorder")]


def told(world: World, session: str, text: str) -> None:
    """Wait until the owner got a message with this text."""

    def messages() -> str:
        return world.run("show-messages", "-t", session).stdout

    eventually(lambda: text in messages(), lambda: f"the owner was not told {text!r}: {messages()}")


@pytest.mark.slow
def test_a_full_disk_and_a_recorder_that_hangs_cost_the_session_nothing(town: World) -> None:
    """The file so far is valid, the owner is told, and the recording goes on in a next file. No empty file is left."""
    file, following = town.root / "full.cast", town.root / "full-2.cast"

    def later() -> list[Path]:
        return list(town.root.glob("full-*.cast"))

    town.new("full", options=("--record", str(file)))
    owner = town.attach("full", size=SIZE)
    owner.sees("here$")
    works(owner, "before")
    eventually(lambda: '"h"' in recorded(file).partition("before-42")[2], "nothing was sealed")
    (recorder,) = recorders(town)
    _, most = resource.prlimit(recorder, resource.RLIMIT_FSIZE)
    resource.prlimit(recorder, resource.RLIMIT_FSIZE, (0, most))
    works(owner, "unrecorded")
    told(town, "full", f"the recording has a gap: {file}: File too large")
    assert "whole and unaltered until" in town.run("recordings", "verify", str(file), status=1).stderr
    eventually(lambda: not following.exists(), "an empty file was left")
    resource.prlimit(recorder, resource.RLIMIT_FSIZE, (most, most))
    works(owner, "after")
    eventually(lambda: "after-42" in recorded(following), "no next file")
    told(town, "full", f"recording into {following}")

    os.kill(recorder, signal.SIGSTOP)
    try:
        works(owner, "meanwhile")
        told(town, "full", "the recorder does not answer")
    finally:
        os.kill(recorder, signal.SIGCONT)
    # If it was away for very long, another recorder has begun a next file.
    eventually(lambda: any("meanwhile-42" in recorded(each) for each in later()), "the recording did not go on")
    town.run("kill", "-t", "full")
    eventually(lambda: all('"last ' in recorded(each) for each in later()), "a next file has no end")
    for each in later():
        assert "whole and unaltered" in town.run("recordings", "verify", str(each)).stdout


@pytest.mark.slow
def test_a_disk_that_stalls_makes_nobody_wait(town: World, tmp_path: Path) -> None:
    """The owner is told. When the disk goes on, so does the file, and what was typed meanwhile is in it."""
    with freezable_disk(tmp_path) as disk:
        file = disk.place / "stalled.cast"
        links = town.new("stalled", options=("--record", str(file), "--record-input"))
        owner, guest = town.attach("stalled", "--as", "ada", size=SIZE), town.ssh(links.rw, size=SIZE)
        for each in (owner, guest):
            each.sees("here$")
        works(owner, "before")
        eventually(lambda: '"h"' in recorded(file).partition("before-42")[2], "nothing was sealed")
        with disk.frozen():
            works(guest, "meanwhile")
            owner.enter("cat")
            owner.enter("typed while nothing was written")
            guest.sees("typed while nothing was written\ntyped while nothing was written")
            told(town, "stalled", "the recording has a gap: the disk takes nothing")
            owner.keys("C-d")
            works(owner, "still")
            assert "meanwhile-42" not in recorded(file)
        eventually(lambda: "still-42" in recorded(file), "the recording did not go on")
        assert "typed while nothing was written" in typed(file)

        with disk.frozen():
            works(owner, "last")
            town.run("kill", "-t", "stalled")
            owner.has_exited()
            town.ends("stalled")
        eventually(lambda: '"last ' in recorded(file), "the recording has no end")
        assert "whole and unaltered" in town.run("recordings", "verify", str(file)).stdout
        assert "last-42" in town.run("export", str(file), "--format", "txt").stdout
        eventually(lambda: not recorders(town), "the recorder did not end")


@pytest.mark.slow
def test_a_disk_that_stalls_before_the_file_is_made_makes_nobody_wait(town: World, tmp_path: Path) -> None:
    """Nothing was said then: only a write that took long was reported."""
    with freezable_disk(tmp_path) as disk:
        file = disk.place / "new.cast"
        town.new("unmade")
        owner = town.attach("unmade", size=SIZE)
        owner.sees("here$")
        with disk.frozen():
            town.run("record", "-t", "unmade", str(file))
            works(owner, "meanwhile")
            told(town, "unmade", "the recording has a gap: the disk takes nothing")
        eventually(lambda: "meanwhile-42" in recorded(file), "the recording did not go on")
        town.run("kill", "-t", "unmade")
        eventually(lambda: '"last ' in recorded(file), "the recording has no end")
        eventually(lambda: not recorders(town), "the recorder did not end")


def test_a_recording_begins_right_after_another_one_ended(town: World) -> None:
    """An `off` that came before the recorder was connected left it recording, beside the next one, for ever."""
    first, second = town.root / "one.cast", town.root / "two.cast"
    town.new("again")
    lines = (f"record on {first}", "record off", f"record on {second}")
    asyncio.run(say(town.runtime / "again.sock", *lines))
    eventually(lambda: '"o"' in recorded(second), "nothing was recorded")
    eventually(lambda: len(recorders(town)) == 1, "the first recorder did not end")
    assert not first.exists() or '"last ' in recorded(first)
    # A file that exists is never written over: the next name is free.
    town.run("record", "-t", "again", "--off")
    asyncio.run(say(town.runtime / "again.sock", f"record on {second}"))
    eventually(lambda: '"o"' in recorded(town.root / "two-2.cast"), "no next name")
    town.run("kill", "-t", "again")
    eventually(lambda: '"last ' in recorded(town.root / "two-2.cast"), "the file has no end")


def test_everybody_learns_that_a_recorder_can_not_start(town: World) -> None:
    """It ends before it is connected. The session said for ever that it is recorded."""
    key = town.state / "recording_key"
    before = key.read_bytes() if key.exists() else None
    town.state.mkdir(parents=True, exist_ok=True)
    key.write_bytes(b"no key")
    try:
        links = town.new("keyless")
        guest = town.ssh(links.ro, size=SIZE)
        guest.sees("here$")
        town.run("record", "-t", "keyless")
        guest.sees("this session is not recorded any more")
        told(town, "keyless", "the recorder ends again and again")
    finally:
        key.unlink()
        if before is not None:
            key.write_bytes(before)
            key.chmod(0o600)
    town.run("kill", "-t", "keyless")


def test_what_a_program_does_not_echo_is_not_recorded(town: World) -> None:
    """With `--record-input`, nothing of a password is in the file; what is echoed is, with the person's name."""
    file = town.root / "input.cast"
    town.new("input", options=("--record", str(file), "--record-input"))
    owner = town.attach("input", "--as", "ada", size=SIZE)
    owner.sees("here$")
    owner.enter("clear; read -rsp 'Password: ' secret; echo; read -rp 'Name: ' name; echo ${#secret}-$name")
    owner.sees("Password:")
    owner.enter("canary-typed-7")
    owner.sees("Name:")
    owner.enter("grace")
    owner.sees("14-grace")
    eventually(lambda: "14-grace" in recorded(file), "the screen was not recorded")
    town.run("kill", "-t", "input")
    eventually(lambda: '"last ' in recorded(file), "the recording has no end")
    text = recorded(file)
    assert "canary" not in text
    events = [json.loads(line) for line in text.splitlines()[1:]]
    assert "".join(data for _, code, data in events if code == "i") == "grace\r"
    assert {json.loads(data)[1] for _, code, data in events if code == "p" and "typed-text" in data} == {"ada"}


async def say(socket: Path, *lines: str) -> None:
    """Give a session commands of its owner's shell, all at once, and wait for the answers."""
    answers = asyncio.Queue[bytes](len(lines) + 2)
    stream = LinkStream(answers.put_nowait, lambda error: None)
    await connect_unix(socket, stream)
    stream.send(Hello(PROTOCOL, __version__, "client"), *[RunCommand(None, line) for line in lines])
    async with asyncio.timeout(DEADLINE_S):
        for _ in range(len(lines) + 2):  # Its hello and its settings come first.
            await answers.get()
    stream.close()
