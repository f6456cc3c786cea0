"""A client's input, cut into pieces: keys and text to be typed. Answers of the client's terminal are dropped.

Everything but answers comes out unchanged and in order. A sequence that was split over
packets comes out whole. Bytes that may be a key by themselves, such as a single ESC,
wait for `ESCAPE_WAIT_S` at most. The buffer is bounded. No clock: `now_s` is an
argument, of any clock that only goes forward.
"""

from __future__ import annotations

import enum

import msgspec

from pairterm.view.client_sequences import MAX_STRING_BYTES, Found, measure

__all__ = ["ESCAPE_WAIT_S", "InputReader", "Piece", "PieceKind"]

ESCAPE_WAIT_S = 0.025
"""How long a single ESC (or Alt+[, Alt+O) waits for the rest of a sequence. tmux: 10 ms since 3.5, 500 ms before."""

_PART_WAIT_S = 0.5
"""How long the beginning of another sequence waits for its rest. TCP repeats a lost segment after 200 ms or more."""

_ANSWER_WAIT_S = 2.0
"""How long the beginning of an answer waits for its end. Then it is dropped."""

_PASTE_SILENCE_S = 5.0
"""If a paste is silent for so long, its end marker is lost. Keys then have their meaning again."""

_MAX_HEARD = 64
"""The most answers that are kept for the caller. Our question has fewer. A hostile client may send many."""

_ESC = b"\x1b"
_THREE_ESC = _ESC * 3
_PASTE_END = b"\x1b[201~"


class PieceKind(enum.Enum):
    """The kinds of pieces."""

    TEXT = "characters, control characters and other bytes"
    SEQUENCE = "one escape sequence, or a single ESC"
    PASTE = "a part of a bracketed paste, with its markers: it has no keys"


class Piece(msgspec.Struct, frozen=True):
    """A piece of input. It is typed, unless it is a key of ours."""

    kind: PieceKind
    data: bytes


class InputReader:
    """Splits one client's input into pieces. The caller sets `mouse_bytes`: see `client_sequences.measure`.

    While `is_listening`, we wait for answers to our question. The caller finds them in `heard` and clears it.
    """

    __slots__ = ("_deadline_s", "_held", "_is_dropping", "_is_pasting", "heard", "is_listening", "mouse_bytes")

    def __init__(self) -> None:
        self.mouse_bytes = 0
        self.is_listening = False
        self.heard: list[bytes] = []
        self._held = b""
        self._deadline_s: float | None = None
        self._is_pasting = False
        self._is_dropping = False

    @property
    def is_idle(self) -> bool:
        """True if no bytes are held and no paste or answer is incomplete."""
        return self._deadline_s is None and not self._is_pasting and not self._is_dropping

    @property
    def wake_at_s(self) -> float | None:
        """When `tick` has something to do. None: not before more input arrives."""
        return self._deadline_s

    def feed(self, data: bytes, now_s: float) -> list[Piece]:
        """Take input and return the pieces that are complete. Cost: O(bytes)."""
        pieces = self.tick(now_s) if self._deadline_s is not None and now_s >= self._deadline_s else []
        if not data:
            return pieces
        data = self._held + data
        self._held = b""
        self._deadline_s = None
        at = 0
        while at < len(data):
            if self._is_dropping:
                at = self._drop(data, at, now_s)
            elif self._is_pasting:
                at = self._read_paste(data, at, now_s, pieces)
            else:
                at = self._read(data, at, now_s, pieces)
        return pieces

    def tick(self, now_s: float) -> list[Piece]:
        """Return the bytes that have waited long enough, as a piece."""
        if self._deadline_s is None or now_s < self._deadline_s:
            return []
        held, self._held = self._held, b""
        self._deadline_s = None
        was_answer, self._is_dropping = self._is_dropping, False
        self._is_pasting = False
        if not held or was_answer or self._found_at_start(held) is Found.ANSWER_PART:
            return []
        kind = PieceKind.SEQUENCE if len(held) <= 2 else PieceKind.TEXT
        return [Piece(kind, held)]

    def _found_at_start(self, data: bytes) -> Found:
        return measure(data, 0, mouse_bytes=self.mouse_bytes).found

    def _read(self, data: bytes, at: int, now_s: float, pieces: list[Piece]) -> int:
        escape = data.find(_ESC, at)
        if escape != at:
            end = escape if escape >= 0 else len(data)
            pieces.append(Piece(PieceKind.TEXT, data[at:end]))
            return end
        if data.startswith(_THREE_ESC, at):
            return self._read_escapes(data, at, pieces)
        match = measure(data, at, mouse_bytes=self.mouse_bytes)
        match match.found:
            case Found.KEY:
                pieces.append(Piece(PieceKind.SEQUENCE, data[at : match.end]))
            case Found.PASTE:
                self._is_pasting = True
                pieces.append(Piece(PieceKind.PASTE, data[at : match.end]))
                self._deadline_s = now_s + _PASTE_SILENCE_S
            case Found.MAYBE_KEY:
                # While we wait for an answer, it may be cut after its ESC. So a key ESC waits longer, too.
                self._hold(data[at:], now_s + (_PART_WAIT_S if self.is_listening else ESCAPE_WAIT_S))
            case Found.PART:
                self._hold(data[at:], now_s + _PART_WAIT_S)
            case Found.ANSWER_PART if match.end - at > MAX_STRING_BYTES:
                self._is_dropping = True
                return at + 1  # its ESC is no terminator
            case Found.ANSWER_PART:
                self._hold(data[at:], now_s + _ANSWER_WAIT_S)
            case Found.ANSWER:
                if self.is_listening and len(self.heard) < _MAX_HEARD:
                    self.heard.append(data[at : match.end])
        return match.end

    def _read_escapes(self, data: bytes, at: int, pieces: list[Piece]) -> int:
        """Return a run of ESCs at once, except the last two: a sequence may begin with them."""
        end = at
        while data.startswith(_ESC, end):
            end += 1
        pieces.append(Piece(PieceKind.TEXT, data[at : end - 2]))
        return end - 2

    def _hold(self, data: bytes, deadline_s: float) -> None:
        self._held = data
        self._deadline_s = deadline_s

    def _read_paste(self, data: bytes, at: int, now_s: float, pieces: list[Piece]) -> int:
        """Return a paste up to its end marker. Hold back only the bytes that may be the beginning of the marker."""
        end = data.find(_PASTE_END, at)
        if end >= 0:
            self._is_pasting = False
            end += len(_PASTE_END)
            pieces.append(Piece(PieceKind.PASTE, data[at:end]))
            return end
        keep = _overlap(data, at)
        if at < len(data) - keep:
            pieces.append(Piece(PieceKind.PASTE, data[at : len(data) - keep]))
        self._hold(data[len(data) - keep :], now_s + _PASTE_SILENCE_S)
        return len(data)

    def _drop(self, data: bytes, at: int, now_s: float) -> int:
        """Drop the rest of a long answer, up to its terminator or another control character."""
        for end in range(at, len(data)):
            if data[end] < 0x20:
                break
        else:
            self._hold(b"", now_s + _ANSWER_WAIT_S)
            return len(data)
        if data[end] == 0x1B and end + 1 == len(data):
            self._hold(data[end:], now_s + _ANSWER_WAIT_S)
            return len(data)
        self._is_dropping = False
        if data[end] == 0x07:
            return end + 1
        return end + 2 if data.startswith(b"\x1b\\", end) else end


def _overlap(data: bytes, at: int) -> int:
    """Return how many bytes at the end of `data[at:]` may be the beginning of the paste's end marker."""
    for length in range(min(len(_PASTE_END) - 1, len(data) - at), 0, -1):
        if data.endswith(_PASTE_END[:length]):
            return length
    return 0
