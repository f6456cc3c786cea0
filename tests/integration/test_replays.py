"""A guest goes back in time: what they type reaches the player alone, and the owner's rules hold for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import pytest

from pairterm.host.pty import PtyProgram
from pairterm.link.messages import GoBack, HostMessage, Input, Leave, Replay, ReplayKeys, Resize, ShowText
from pairterm.session.recording import RecordingPhase
from pairterm.types import PaneId, Size
from tests.e2e.terminal import eventually
from tests.integration.test_pause import Link, Watcher

DEADLINE_S = 30.0
LETTERS = "import os, sys, tty; tty.setraw(0); print('player', *os.get_terminal_size(), flush=True)\n"
LETTERS += "while (data := os.read(0, 99)) != b'q': print(data, flush=True)"


class Place(Link):
    """A session that is recorded, and what a program of it and a player get."""

    def __init__(self) -> None:
        super().__init__()
        self.replays: list[Replay] = []
        self.texts: list[str] = []
        self.commands: list[tuple[str, ...]] = []
        self.programs: list[PtyProgram] = []
        self.actor.programs.start_program = self.start
        self.session.core.recording.phase = RecordingPhase.ON
        self.session.core.recording.file = "/nowhere/pair.cast"

    def start(
        self,
        pane: PaneId,
        command: tuple[str, ...],
        directory: str,
        size: Size,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> PtyProgram:
        """Start a program in the player's place that shows what it gets."""
        self.commands.append(command)
        argv = [command[0], "-c", LETTERS]
        program = PtyProgram(argv, executable=argv[0], environment={"TERM": "xterm"}, directory="/", size=size)
        self.programs.append(program)
        return program

    def hear(self, message: HostMessage) -> None:
        super().hear(message)
        if isinstance(message, Replay):
            self.replays.append(message)
            self.hosted.take_windows(message)
        elif isinstance(message, ShowText):
            self.texts.append(message.text)

    def number(self, guest: Watcher) -> int:
        assert guest.guest.number is not None
        return guest.guest.number

    async def sees(self, guest: Watcher, text: str) -> None:
        """Wait until the guest's newest picture has a text."""
        async with asyncio.timeout(DEADLINE_S):
            while not any(text in row.text for row in guest.shown[-1].rows):  # noqa: ASYNC110 - shown by callbacks
                await asyncio.sleep(0.01)


@pytest.fixture
async def place() -> Place:
    return Place()


@pytest.fixture(autouse=True)
def ended(place: Place) -> Iterator[None]:
    yield
    for each in place.programs:
        each.close()  # The kernel hangs up.
        eventually(lambda each=each: each.poll() is not None, "a player goes on")  # type: ignore[misc]


async def test_keys_of_a_replay_reach_the_player_and_nothing_else(place: Place) -> None:
    """Law 6: a read-only client's bytes never reach the pty, whatever they are, and whoever asks."""
    guest, other = place.come(), place.come()
    place.actor.owner_command("set replay on")
    place.send(GoBack(place.number(guest)))
    await place.sees(guest, "player 80 24")
    assert place.commands[0][-2:] == ("--", "/nowhere/pair.cast")
    typed: list[bytes] = []
    place.actor.programs.write = _kept(place.actor.programs.write, typed)  # type: ignore[assignment, method-assign]
    place.send(ReplayKeys(place.number(guest), b"hello\x03"))
    await place.sees(guest, r"b'hello\x03'")
    place.send(Input(place.number(guest), b"canary"))
    place.send(ReplayKeys(place.number(other), b"canary"))
    place.send(Resize(place.number(guest), 30, 100))
    place.send(ReplayKeys(place.number(guest), b"still here"))
    await place.sees(guest, "b'still here'")
    assert typed == [b"hello\x03", b"still here"]
    assert not other.sees("player")
    assert (guest.shown[-1].size.rows, guest.shown[-1].size.cols) == (30, 100)
    assert place.session.core.frame().size == Size(rows=24, cols=80), "a replay votes on no size"
    place.print(b"the session goes on")
    assert other.sees("the session goes on")
    assert not guest.sees("the session goes on")
    place.send(ReplayKeys(place.number(guest), b"q"))
    await place.sees(guest, "the session goes on")
    place.send(ReplayKeys(place.number(guest), b"canary"))
    assert typed[-1] == b"q"


def _kept(write: Callable[[PaneId, bytes], None], typed: list[bytes]) -> Callable[[PaneId, bytes], None]:
    def kept(pane: PaneId, data: bytes) -> None:
        typed.append(data)
        write(pane, data)

    return kept


@pytest.mark.parametrize("end", ["pause on", "set replay off", "record off", "leaves", "loses the link"])
async def test_a_replay_ends_as_the_owner_says_and_with_its_guest(place: Place, end: str) -> None:
    guest = place.come()
    place.actor.owner_command("set replay on")
    place.send(GoBack(number := place.number(guest)))
    await place.sees(guest, "player")
    if end == "leaves":
        place.send(Leave(number, False))
    elif end == "loses the link":
        place.actor.remove_peer(place.peer)
    else:
        text, is_error = place.actor.owner_command(end)
        assert not is_error, text
        assert not any("player" in row.text for row in guest.shown[-1].rows)
    assert place.replays[-1] == Replay(number, None)
    async with asyncio.timeout(DEADLINE_S):
        while place.programs[0].poll() is None:  # noqa: ASYNC110 - the kernel's word
            await asyncio.sleep(0.01)
    if end != "loses the link":
        place.send(ReplayKeys(number, b"late"))


async def test_who_may_not_go_back_is_told_why(place: Place) -> None:
    guest = place.come()
    back = GoBack(place.number(guest))
    place.send(back)
    assert "'set replay on' allows it" in place.texts[-1]
    place.actor.owner_command("set replay on")
    place.session.core.recording.phase = RecordingPhase.OFF
    place.send(back)
    assert "only a session that is recorded" in place.texts[-1]
    place.session.core.recording.phase = RecordingPhase.ON
    place.actor.owner_command("pause on")
    place.send(back)
    assert place.texts[-1] == "paused by the owner"
    place.send(GoBack(99))
    place.actor.owner_command("pause off")
    place.send(back)
    assert place.replays == [Replay(back.client, PaneId(1 << 30))]
    await place.sees(guest, "player")
    place.send(ReplayKeys(back.client, b"q"))
    async with asyncio.timeout(DEADLINE_S):
        while len(place.replays) < 2:  # noqa: ASYNC110 - the player's end
            await asyncio.sleep(0.01)
    crowd = [place.come() for _ in range(9)]
    for each in crowd:
        place.send(GoBack(place.number(each)))
    assert "too many" in place.texts[-1]
    assert len(place.programs) == 1 + 8
