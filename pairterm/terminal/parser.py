"""From characters to calls: the DEC/ECMA-48 state machine.

The states and transitions follow Paul Williams' diagram (vt100.net/emu/dec_ansi_parser).
Strings (OSC, DCS, APC, PM, SOS) are bounded, and those of OSC and DCS are kept. A fast
path comes first: one regular expression cuts the input into text and whole sequences,
and all other input goes to the machine. Law: any split of the input, and the machine
alone, make the same calls.

`pairterm.terminal.sequences` knows the meaning of a sequence. Input is decoded text; C1
controls are the characters U+0080 to U+009F.
"""

from __future__ import annotations

import enum
import re
from typing import Protocol

__all__ = ["MAX_PARAMETERS", "MAX_STRING", "Operation", "Parser", "Target"]

MAX_PARAMETERS = 256
"""Characters of a CSI's parameters; real ones stay under 60. A longer sequence is ignored."""

MAX_STRING = 100_000
"""Characters of an OSC or DCS string: a clipboard of 75 kB in base64. A longer string is ignored."""

_MAX_INTERMEDIATES = 2
_MAX_KNOWN = 1024
"""Sequences that are remembered with their calls, at about 300 bytes each."""

_MAX_PIECE = 8192
"""Characters cut at once. The rest behind the machine's part is cut again, so this limits the cost of a character."""


class Operation(Protocol):
    """The call for a sequence; its result is ignored."""

    def __call__(self) -> object: ...  # noqa: D102 -- a seam for callables


class Target(Protocol):
    """The receiver of the calls."""

    def draw(self, data: str) -> None:
        """Take printable characters."""

    def compile_sequence(self, sequence: str) -> Operation:
        """Return the call for a whole escape sequence, CSI sequence or control."""

    def take_string(self, kind: str, content: str) -> None:
        """Take the content of a whole OSC (kind "]") or DCS ("P") string."""


class _State(enum.Enum):
    GROUND = enum.auto()
    ESCAPE = enum.auto()
    CSI = enum.auto()
    CSI_IGNORE = enum.auto()
    STRING = enum.auto()
    """OSC or DCS, kept."""
    LOST_STRING = enum.auto()
    """SOS, PM, APC, screen's ESC k (a window's name), or a string that grew too long."""


_PEN = r"(?:\x1b\[[0-9:;]{0,64}+m|\x1b\(B)"
_WHOLE = (
    r"\x1b(?:"
    r"\[[0-9:;]{0,64}+(?:"
    rf"m{_PEN}{{0,7}}"
    r"|[ -/]{0,2}+[@-ln-~]"
    r"|[<-?][0-9:;<-?]{0,64}+[ -/]{0,2}+[@-~])"
    rf"|\(B{_PEN}{{0,7}}"
    r"|[ -/]{1,2}+[0-~]"
    r"|[0-OQ-WYZ\\`-jl-~]"
    r"|\][^\x00-\x1f\x7f-\x9f]{0,1024}+(?:\x07|\x1b\\))"
    r"|\r\n"
    r"|[\x00-\x17\x19\x1c-\x1f]"
)
"""A sequence in one piece; several SGR (and ESC ( B, which terminfo's sgr0 has) in a row count as one.

Only sets of characters are repeated possessively: Python before 3.11.5 loses its place in a group that is (CPython
issue 106052), and Debian 12 has 3.11.2."""

_is_whole = re.compile(_WHOLE).fullmatch
_cut = re.compile(rf"({_WHOLE}|[\x18\x1a\x1b\x7f-\x9f][\s\S]*)").split
"""Text is at even places of the result, and sequences are at odd ones. The last alternative takes all the rest: it
begins with input that only the machine knows, or with a sequence that is not whole."""

_control_in = re.compile(r"[\x00-\x1f\x7f-\x9f]").search
_text_at = re.compile(r"[^\x00-\x1f\x7f-\x9f]+").match

_REPEAT = "b"
"""REP's final. Its effect depends on the input before it, so its call is not remembered."""

_CANCEL = "\x18\x1a"
_C1_AS_ESCAPE = {chr(code): chr(code - 0x40) for code in range(0x80, 0xA0)}


class Parser:
    """Cuts input into text and sequences for one target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._known: dict[str, Operation] = {}
        self._state = _State.GROUND
        self._kind = ""
        self._collected: list[str] = []
        self._length = 0
        self._is_after_text = False
        """The last input was a printable character: REP may repeat it."""

    @property
    def is_idle(self) -> bool:
        """The parser is not inside a sequence."""
        return self._state is _State.GROUND

    def feed(self, text: str) -> None:
        """Take the next piece of input."""
        for start in range(0, len(text), _MAX_PIECE):
            piece = text[start : start + _MAX_PIECE]
            while piece:
                if self._state is _State.GROUND:
                    piece = self._cut_up(piece)
                if piece:
                    piece = self._run_machine(piece)

    def _cut_up(self, text: str) -> str:
        """Take text and whole sequences; return the rest, which begins with a character for the machine."""
        pieces = _cut(text)
        draw, known = self._target.draw, self._known
        pairs = iter(pieces)
        for run, sequence in zip(pairs, pairs, strict=False):
            if run:
                draw(run)
            operation = known.get(sequence)
            if operation is not None:
                operation()
                continue
            self._is_after_text = bool(run) or (self._is_after_text and not pieces[0] and sequence is pieces[1])
            if not _is_whole(sequence):
                return sequence
            self._meet(sequence)
        if pieces[-1]:
            draw(pieces[-1])
        self._is_after_text = bool(pieces[-1])
        return ""

    def _meet(self, sequence: str) -> None:
        """Do the call for a sequence that is not remembered; remember it if its effect depends on nothing else."""
        if sequence[:2] == "\x1b]":
            self._target.take_string("]", sequence[2:-1] if sequence[-1] == "\x07" else sequence[2:-2])
            return
        operation = self._target.compile_sequence(sequence)
        if sequence[-1] == _REPEAT and sequence[:2] == "\x1b[":
            if self._is_after_text:
                operation()
            return
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[sequence] = operation
        operation()

    def feed_slowly(self, text: str) -> None:
        """Take the next piece of input through the machine alone: the plain path that `feed` has to agree with."""
        while text:
            run = _text_at(text) if self._state is _State.GROUND else None
            if run:
                self._target.draw(run.group())
                self._is_after_text = True
                text = text[run.end() :]
            else:
                text = self._run_machine(text)

    # The machine

    def _run_machine(self, text: str) -> str:
        """Take at least one character and go on until the ground state; return what is left."""
        at = 0
        while at < len(text):
            if self._state is _State.STRING or self._state is _State.LOST_STRING:
                at = self._collect_string(text, at)
                if at == len(text):
                    break
            self._step(text[at])
            at += 1
            if self._state is _State.GROUND:
                break
        return text[at:]

    def _collect_string(self, text: str, at: int) -> int:
        """Keep the string's characters up to the next control, and return the control's position."""
        control = _control_in(text, at)
        stop = control.start() if control else len(text)
        if self._state is _State.STRING:
            self._length += stop - at
            if self._length > MAX_STRING:
                self._enter(_State.LOST_STRING, self._kind)
            else:
                self._collected.append(text[at:stop])
        return stop

    def _enter(self, state: _State, kind: str = "") -> None:
        self._state = state
        self._kind = kind
        self._collected = []
        self._length = 0

    def _step(self, char: str) -> None:
        """Take one character: first the rules for every state, then those of the current state."""
        state = self._state
        if char in _CANCEL:
            self._enter(_State.GROUND)
            self._is_after_text = False
        elif char == "\x1b":
            self._end_string()
            self._enter(_State.ESCAPE)
        elif "\x80" <= char <= "\x9f":
            if char == "\x9c":
                self._end_string()
            self._enter(_State.ESCAPE)
            self._step_escape(_C1_AS_ESCAPE[char])
        elif state is _State.STRING or state is _State.LOST_STRING:
            if char == "\x07" and self._kind == "]":
                self._end_string()
                self._enter(_State.GROUND)
        elif char < " ":
            self._call(char)
        elif char == "\x7f":
            pass
        elif state is _State.ESCAPE:
            self._step_escape(char)
        else:
            self._step_csi(char)

    def _step_escape(self, char: str) -> None:
        if char < "0":
            self._collected.append(char)
            if len(self._collected) > _MAX_INTERMEDIATES:
                del self._collected[_MAX_INTERMEDIATES + 1 :]
        elif char > "~":
            self._enter(_State.GROUND)
        elif self._collected or char not in "[]PX^_k":
            sequence = "\x1b" + "".join(self._collected) + char
            self._enter(_State.GROUND)
            self._call(sequence)
        elif char == "[":
            self._enter(_State.CSI)
        elif char in "]P":
            self._enter(_State.STRING, char)
        else:
            self._enter(_State.LOST_STRING)

    def _step_csi(self, char: str) -> None:
        if char > "~":
            self._enter(_State.GROUND)
        elif char >= "@":
            sequence = "\x1b[" + "".join(self._collected) + char
            is_ignored = self._state is _State.CSI_IGNORE
            self._enter(_State.GROUND)
            if not is_ignored:
                self._call(sequence)
        elif self._state is _State.CSI:
            if char < "0":
                self._length += 1
            elif self._length:
                self._state = _State.CSI_IGNORE
            self._collected.append(char)
            if self._length > _MAX_INTERMEDIATES or len(self._collected) > MAX_PARAMETERS:
                self._enter(_State.CSI_IGNORE)

    def _call(self, sequence: str) -> None:
        if self._is_after_text or sequence[-1] != _REPEAT or sequence[:2] != "\x1b[":
            self._target.compile_sequence(sequence)()
        self._is_after_text = False

    def _end_string(self) -> None:
        if self._state is _State.STRING:
            self._is_after_text = False
            self._target.take_string(self._kind, "".join(self._collected))
