"""The player of recordings on this terminal: its keys, its clock and its bar. It restores the terminal in any case."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from pairterm.cli.own_terminal import OwnTerminal, RawTty
from pairterm.cli.recording_reader import RecordingReader
from pairterm.record.clock_text import clock_text
from pairterm.record.keyframes import Keyframe
from pairterm.record.playback import Playback
from pairterm.record.player_clock import PlayerClock
from pairterm.runtime.recording_lines import RecordingLines
from pairterm.terminal.frame import PLAIN_MODES, Frame
from pairterm.types import Size
from pairterm.view.bars import bar
from pairterm.view.compose import RowCutter, compose_screen
from pairterm.view.painter import enter, leave, paint
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.viewport import ORIGIN

__all__ = ["play_recording"]

_STEP_S = 5.0
_BAR_STEP_S = 0.25
"""How often the time in the bar moves while no event is due."""

_FOLLOW_S = 0.2
"""How often a file that grows is read. Its recorder syncs once a second."""

_TURN_CHARS = 32 << 10
"""So much output is played before the keys are read again: about 30 ms."""

_SAME_MARKER_S = 0.5
"""The marker that was passed so shortly ago is not the one before."""

_KEYS = {
    b" ": "pause", b"q": "quit", b"\x03": "quit", b"\x1b[D": "back", b"\x1b[C": "forward", b"\x1bOD": "back",
    b"\x1bOC": "forward", b"\x1b[A": "faster", b"\x1b[B": "slower", b"\x1bOA": "faster", b"\x1bOB": "slower",
    b"[": "marker before", b"]": "marker after", b"/": "search", b"n": "search again", b"\x1b[H": "home",
    b"\x1b[F": "end", b"\x1bOH": "home", b"\x1bOF": "end", b"\x1b[1~": "home", b"\x1b[4~": "end", b"0": "home",
    b"+": "faster", b"-": "slower", b"h": "back", b"l": "forward",
    **{b"%d" % number: str(number) for number in range(1, 10)},
}  # fmt: skip


def play_recording(
    tty: RawTty,
    kind: TerminalKind,
    path: Path,
    *,
    speed: float,
    idle_limit_s: float | None,
    follows: bool,
    back_s: float | None = None,
) -> str:
    """Play until the person leaves; return what is wrong with the file, or "".

    `back_s`: begin so long before the end. None: at the beginning, or if it `follows`, at the end.

    Raises:
        UsageError: It is no recording.
        SystemFault: It can't be read.
    """
    with RecordingLines(path) as lines:
        recording = RecordingReader(path, lines)
        if back_s is None:
            start_s = recording.timeline.duration_s if follows else 0.0
        else:
            start_s = max(0.0, recording.timeline.duration_s - back_s)
        play = _play(tty, kind, recording, speed=speed, idle_limit_s=idle_limit_s, follows=follows, start_s=start_s)
        return asyncio.run(play)


async def _play(
    tty: RawTty,
    kind: TerminalKind,
    recording: RecordingReader,
    *,
    speed: float,
    idle_limit_s: float | None,
    follows: bool,
    start_s: float,
) -> str:
    terminal = OwnTerminal(tty)
    player = _Player(terminal, kind, recording, speed=speed, idle_limit_s=idle_limit_s, follows=follows)
    terminal.watch(on_keys=player.keys, on_resize=player.resized, on_hangup=player.quit)
    terminal.write(enter(kind))
    try:
        await player.run(start_s)
    finally:
        terminal.write(leave(kind))
        terminal.finish()
    if not follows:
        recording.keep(player.keyframes)
    return recording.problem


class _Player:
    """One recording on one terminal."""

    def __init__(
        self,
        terminal: OwnTerminal,
        kind: TerminalKind,
        recording: RecordingReader,
        *,
        speed: float,
        idle_limit_s: float | None,
        follows: bool,
    ) -> None:
        self._terminal = terminal
        self._kind = kind
        self._recording = recording
        self._follows = follows
        self._playback = Playback(recording.header, recording.events, recording.keyframes())
        limit_s = idle_limit_s if idle_limit_s is not None else recording.header.idle_limit_s
        self._clock = PlayerClock(recording.times, speed=speed, idle_limit_s=limit_s)
        self._loop = asyncio.get_running_loop()
        self._base: Frame | None = None
        self._is_over = False
        self._is_seeking = False
        self._changed = asyncio.Event()
        self._needle = ""
        self._hunt: Iterator[None] | None = None
        """The search that is under way. A key ends it."""
        self._prompt: str | None = None
        """What is typed at the search; None: no search is open."""
        self._message = ""

    async def run(self, start_s: float) -> None:
        """Play from a time on, until the person leaves."""
        self._clock.advance(self._loop.time())
        self._clock.seek(start_s)
        while not self._is_over:
            if self._follows:
                self._read_on()
            is_there = self._show() if not self._is_hunting() else False
            due_s = self._clock.next_due_s() if is_there else 0.0
            waits_s = [] if due_s is None else [min(due_s, _BAR_STEP_S)]
            waits_s += [_FOLLOW_S] if self._follows else []
            try:
                async with asyncio.timeout(min(waits_s, default=None)):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._changed.clear()
            self._clock.advance(self._loop.time())

    def _is_hunting(self) -> bool:
        """Search for one more turn, if a search is under way. Return whether it goes on."""
        if self._hunt is None:
            return False
        try:
            next(self._hunt)
        except StopIteration:
            self._hunt = None
            return False
        self._paint(self._playback.frame)
        return True

    def _read_on(self) -> None:
        """Read what the recorder has written. At the end, show it at once."""
        is_live = self._clock.position_s >= self._clock.end_s
        if self._recording.read() and is_live:
            self._clock.seek(self._clock.end_s)

    @property
    def keyframes(self) -> list[Keyframe]:
        """The keyframes that are known now."""
        return self._playback.keyframes

    def quit(self) -> None:
        """Leave."""
        self._is_over = True
        self._changed.set()

    def resized(self) -> None:
        """Paint for another size."""
        self._base = None
        self._changed.set()

    def _show(self) -> bool:
        """Paint the screen of this time and the bar, as soon as the terminal takes it.

        Return False if the screen of this time is not reached yet, because there is no keyframe near it.
        """
        is_there = self._playback.approach(self._clock.position_s, _TURN_CHARS)
        self._is_seeking = not is_there
        self._paint(self._playback.frame)
        return is_there

    def _paint(self, frame: Frame) -> None:
        if self._terminal.in_flight_bytes():
            self._loop.call_later(0.01, self._changed.set)
            return
        size = self._terminal.size
        area = Size(rows=max(1, size.rows - 1), cols=size.cols)
        picture = compose_screen(
            frame,
            size=size,
            area=area,
            offset=ORIGIN,
            modes=PLAIN_MODES,
            cutter=RowCutter(col=0, cols=size.cols, has_border=True),
            below=(bar(self._bar(size.cols), size.cols),) if size.rows > 1 else (),
            over=(),
            layout=None,
        )
        self._terminal.write(paint(self._base, picture, self._kind))
        self._base = picture

    # The bar.

    def _bar(self, cols: int) -> str:
        if self._prompt is not None:
            return f" /{self._prompt}"
        clock, timeline = self._clock, self._recording.timeline
        state = "||" if clock.is_paused else ">>" if clock.position_s >= clock.end_s and self._follows else "> "
        typist = timeline.typist_at(clock.position_s)
        left = f" {state} {clock_text(clock.position_s)}/{clock_text(clock.end_s)} {clock.speed:g}x "
        news = next(
            (text for at_s, text in reversed(timeline.markers + timeline.news) if 0 <= clock.position_s - at_s < 3), ""
        )
        if self._is_seeking:
            news = f"reading {clock_text(self._playback.time_s)}"
        if self._hunt is not None:
            news = f"searching {clock_text(self._playback.time_s)}"
        right = self._message or news or (f"{typist} types" if typist else "")
        width = cols - len(left) - len(right) - 2
        return f"{left}{self._line(width) if width > 8 else ''} {right}"

    def _line(self, width: int) -> str:
        """Return the time line: a digit for each person where they typed, | for markers, # for now."""
        end_s = max(self._clock.end_s, 0.001)
        cells = ["-"] * width

        def cell(at_s: float) -> int:
            return min(width - 1, int(at_s / end_s * width))

        timeline = self._recording.timeline
        for span in timeline.spans:
            number = timeline.people.index(span.name) + 1
            for at in range(cell(span.start_s), cell(span.stop_s) + 1):
                cells[at] = str(number) if number < 10 else "+"
        for at_s, _ in timeline.markers:
            cells[cell(at_s)] = "|"
        cells[cell(self._clock.position_s)] = "#"
        return "".join(cells)

    # Keys.

    def keys(self, data: bytes) -> None:
        """Take what the person typed; b"": the terminal is gone."""
        if not data:
            self.quit()
        while data:
            if self._prompt is not None:
                data = self._type(data)
                continue
            key = next((each for each in sorted(_KEYS, key=len, reverse=True) if data.startswith(each)), data[:1])
            data = data[len(key) :]
            self._message = ""
            self._hunt = None
            self._press(_KEYS.get(key, ""))
        self._changed.set()

    def _press(self, name: str) -> None:
        clock = self._clock
        clock.advance(self._loop.time())
        match name:
            case "pause":
                clock.is_paused = not clock.is_paused
            case "quit":
                self.quit()
            case "back":
                clock.seek(clock.position_s - _STEP_S)
            case "forward":
                clock.seek(clock.position_s + _STEP_S)
            case "faster" | "slower":
                clock.faster(1 if name == "faster" else -1)
            case "home" | "end":
                clock.seek(0.0 if name == "home" else clock.end_s)
            case "marker before" | "marker after":
                self._seek_marker(is_forward=name == "marker after")
            case "search":
                self._prompt = ""
            case "search again":
                self._search()
            case _ if name.isdigit():
                self._jump_to_person(int(name))

    def _seek_marker(self, *, is_forward: bool) -> None:
        clock, markers = self._clock, self._recording.timeline.markers
        if is_forward:
            clock.seek(min((at_s for at_s, _ in markers if at_s > clock.position_s), default=clock.end_s))
        else:
            before_s = clock.position_s - _SAME_MARKER_S
            clock.seek(max((at_s for at_s, _ in markers if at_s < before_s), default=0.0))

    def _jump_to_person(self, number: int) -> None:
        timeline = self._recording.timeline
        if number > len(timeline.people):
            self._message = f"there are {len(timeline.people)} people"
            return
        name = timeline.people[number - 1]
        starts = [span.start_s for span in timeline.typed_by(name)]
        later = [at_s for at_s in starts if at_s > self._clock.position_s]
        if later or starts:
            self._clock.seek(later[0] if later else starts[0])
            self._message = name
        else:
            self._message = f"{name} types nothing"

    def _type(self, data: bytes) -> bytes:
        """Take keys at the search; return those after its end."""
        assert self._prompt is not None
        for at, char in enumerate(data.decode("utf-8", "replace")):
            if char in "\r\n":
                self._needle, self._prompt = self._prompt, None
                self._search()
                return data.decode("utf-8", "replace")[at + 1 :].encode()
            if char in "\x1b\x03":
                self._prompt = None
                return b""
            self._prompt = (
                self._prompt[:-1] if char in "\x7f\b" else self._prompt + char if char.isprintable() else self._prompt
            )
        return b""

    def _search(self) -> None:
        """Begin to look for the next time at which the text comes on the screen."""
        if self._needle:
            self._hunt = self._hunted(self._clock.position_s)

    def _hunted(self, at_s: float) -> Iterator[None]:
        """Look for the text, from the beginning again if it does not come later. Each step is one turn."""
        for start_s in (at_s, 0.0) if at_s > 0 else (0.0,):
            for found_s in self._playback.search(self._needle, start_s, _TURN_CHARS):
                if found_s is not None:
                    self._clock.seek(found_s)
                    self._clock.is_paused = True
                    return
                yield
        self._message = f"not found: {self._needle}"
