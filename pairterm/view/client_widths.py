"""The widths of characters that terminals disagree about: the question to a client's terminal, and its answers.

The question writes one sample after the other into the second row of a cleared screen and asks for the cursor's
position after each (DSR 6). It is asked once, before the first painting. In row 2 no answer looks like a key: xterm
reports F3 with a modifier as a position in row 1. The answers concern this client only and never go to the session.

If a terminal does not answer within `ANSWER_TIME_S`, its widths stay unknown. Later answers are dropped like all other
answers. Widths are in columns. Sources: ECMA-48 §8.3.35 (DSR); UAX #11, #29 and UTS #51 for the doubtful characters.
"""

from __future__ import annotations

import re

import msgspec

from pairterm.types import Size

__all__ = ["ANSWER_TIME_S", "OWN_WIDTHS", "QUESTION", "ClientWidths", "WidthQuestion", "may_ask"]

ANSWER_TIME_S = 5.0
"""How long we wait for the answers. A round trip over a satellite link takes about 0.7 s."""

_SAMPLES = ("😀", "⌚", "👩\u200d💻", "👍🏽", "🇩", "🇩🇪", "❤\ufe0f", "க\u0bbe")
"""An emoji, a symbol that became wide with Unicode 9, a ZWJ sequence, a skin tone, a single regional indicator, a flag,
U+FE0F after a narrow character, a vowel sign that takes space (Mc)."""

_MIN_SIZE = Size(rows=2, cols=10)
"""The size that has room for the widest sample, drawn part by part."""

QUESTION = b"".join([b"\x1b[2H", *(b"\r" + sample.encode() + b"\x1b[6n" for sample in _SAMPLES), b"\r\x1b[K\x1b[H"])

_position_of = re.compile(rb"\x1b\[2;([0-9]{1,2})R").fullmatch


class ClientWidths(msgspec.Struct, frozen=True, kw_only=True):
    """The widths that a terminal gives to doubtful characters. The defaults are those of the screen model."""

    emoji: int = 2
    """The width of an emoji from U+1F000 on, without marks."""
    symbol: int = 2
    """The width of a symbol below U+2E80 that Unicode calls wide."""
    regional: int = 2
    """The width of a single regional indicator."""
    flag: int = 2
    """The width of two regional indicators."""
    mark: int = 0
    """The width of a vowel sign that takes space (general category Mc)."""
    joins: bool = True
    """True: a ZWJ sequence is one emoji."""
    joins_tones: bool = True
    """True: an emoji with a skin tone is one emoji."""
    widens: bool = True
    """True: U+FE0F makes a narrow emoji two columns wide."""


OWN_WIDTHS = ClientWidths()


def may_ask(size: Size) -> bool:
    """Return whether a terminal has room for the question."""
    return size.rows >= _MIN_SIZE.rows and size.cols >= _MIN_SIZE.cols


class WidthQuestion:
    """One question and its answers so far. `until_s`: when we stop waiting. None: the time has not started yet."""

    __slots__ = ("_columns", "until_s")

    def __init__(self) -> None:
        self.until_s: float | None = None
        self._columns: list[int] = []

    def is_over(self, now_s: float) -> bool:
        """Return whether all answers have come, or the time is over."""
        return len(self._columns) == len(_SAMPLES) or (self.until_s is not None and now_s > self.until_s)

    def take(self, answer: bytes, now_s: float) -> ClientWidths | None:
        """Take one answer. Return the terminal's widths if this is the last answer and the answers agree, else None."""
        position = _position_of(answer)
        if position is None or self.is_over(now_s):
            return None
        self._columns.append(int(position[1]) - 1)
        return _widths_of(self._columns) if len(self._columns) == len(_SAMPLES) else None


def _widths_of(columns: list[int]) -> ClientWidths | None:
    """Return the widths of the samples. None: they contradict each other."""
    emoji, symbol, sequence, toned, regional, flag, heart, syllable = columns
    is_sensible = (
        {emoji, symbol, regional, heart, syllable} <= {1, 2}
        and {sequence, toned} <= {emoji, 2 * emoji}
        and flag in (2, 2 * regional)
    )
    if not is_sensible:
        return None
    return ClientWidths(
        emoji=emoji,
        symbol=symbol,
        regional=regional,
        flag=flag,
        mark=syllable - 1,
        joins=sequence == emoji,
        joins_tones=toned == emoji,
        widens=heart == 2,
    )
